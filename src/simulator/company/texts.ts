// Writes the company's records as Aircall would write them now: the one place where embedding, overrides and drift meet.
// What a request is answered and what the ground truth says both come from here.
import { limits } from '../../aircall/index.ts';
import type { SwitchSettings } from '../../aircall/index.ts';
import { callJson } from '../json/call-json.ts';
import type { CallFlags, CallSurroundings } from '../json/call-json.ts';
import { availabilityJson, companyJson, contactJson, tagJson, teamJson, webhookJson } from '../json/directory-json.ts';
import { numberJson, userNumberJson } from '../json/number-json.ts';
import { signerAt } from '../json/signed-link.ts';
import { userJson, userV1Json } from '../json/user-json.ts';
import { monthsBefore } from '../time.ts';
import type { Directory } from './directory.ts';
import type { Drift } from './drift.ts';
import type { Embedding } from './embedding.ts';
import type { CallState, ContactState, NumberState, TagState, TeamState, UserState, WebhookState } from './state.ts';

/** What the texts are made from. */
export interface Described {
  readonly switches: SwitchSettings;
  readonly drift: Drift;
  readonly embedded: Embedding;
  readonly users: Directory<number, UserState>;
  readonly numbers: Directory<number, NumberState>;
  readonly tags: Directory<number, TagState>;
  readonly name: string;
  /** UNIX seconds. */
  now(): number;
}

export class Texts {
  readonly switches: SwitchSettings;
  readonly #company: Described;
  #around: CallSurroundings;
  #aroundAt = -1;

  constructor(company: Described) {
    this.#company = company;
    this.switches = company.switches;
    this.#around = this.#surroundings(0);
  }

  /** What calls embed at this second. */
  around(): CallSurroundings {
    const now = this.#company.now();
    if (now !== this.#aroundAt) {
      this.#aroundAt = now;
      this.#around = this.#surroundings(now);
    }
    return this.#around;
  }

  call(call: CallState, flags: CallFlags): string {
    return this.#company.drift.apply('calls', call.id, callJson(call, this.around(), flags));
  }

  contact(contact: ContactState): string {
    return this.#company.drift.apply('contacts', contact.id, contactJson(contact, this.switches));
  }

  user(user: UserState, version: 'v1' | 'v2'): string {
    return this.#company.drift.apply(
      'users',
      user.id,
      version === 'v2' ? userJson(user, 'v2', this.switches) : userV1Json(user, this.#numbersOf(user), this.switches),
    );
  }

  availability(user: UserState): string {
    return this.#company.drift.apply('user_availability', user.id, availabilityJson(user));
  }

  team(team: TeamState): string {
    return this.#company.drift.apply('teams', team.id, teamJson(team, this.#usersOf(team), this.switches));
  }

  number(number: NumberState, { users }: { readonly users: boolean }): string {
    return this.#company.drift.apply('numbers', number.id, numberJson(number, this.switches, users ? this.#usersOf(number) : undefined));
  }

  userNumber(number: NumberState): string {
    return userNumberJson(number);
  }

  tag(tag: TagState): string {
    return this.#company.drift.apply('tags', tag.id, tagJson(tag, this.switches));
  }

  webhook(webhook: WebhookState, options: { readonly legacyId: boolean }): string {
    return this.#company.drift.apply('webhooks', webhook.id, webhookJson(webhook, options, this.switches));
  }

  company(): string {
    const { name, users, numbers } = this.#company;
    return this.#company.drift.apply('company', 1, companyJson({ name, usersCount: users.count, numbersCount: numbers.count }));
  }

  #numbersOf(user: UserState): string[] {
    if (this.switches.usersV1ExtraFields === 'absent') return [];
    return this.#company.numbers
      .list()
      .filter(({ userIds }) => userIds.includes(user.id))
      .map((number) => numberJson(number, this.switches));
  }

  #usersOf({ userIds }: { readonly userIds: readonly number[] }): UserState[] {
    return userIds.map((id) => this.#company.users.get(id)).filter((user) => user !== undefined);
  }

  #surroundings(now: number): CallSurroundings {
    const company = this.#company;
    const timelineStart = monthsBefore(now, limits.calls.timelineMonths);
    return {
      user: (id) => company.embedded.user(id),
      contact: (id) => company.embedded.contact(id),
      number: (id) => company.embedded.number(id),
      team: (id) => company.embedded.team(id),
      tag: (id) => company.tags.get(id),
      hasTimeline: (startedAt) => startedAt >= timelineStart,
      sign: signerAt(now),
      switches: this.switches,
    };
  }
}
