// The company in the hands of a test: everything Aircall's users, admins and phones would do to it.
import { addCall, changeCall, startCall } from './company/change-calls.ts';
import type { CallChange, NewCall, StartedCall } from './company/change-calls.ts';
import { addContact, changeContact, removeContact } from './company/change-contacts.ts';
import type { ContactChange, NewContact } from './company/change-contacts.ts';
import {
  addNumber,
  addTag,
  addTeam,
  addUser,
  addWebhook,
  changeNumber,
  changeTag,
  changeTeam,
  changeUser,
  changeWebhook,
  removeNumber,
  removeTag,
  removeTeam,
  removeUser,
} from './company/change-directory.ts';
import type { NewNumber, NewUser, NewWebhook } from './company/change-directory.ts';
import type { Company } from './company/company.ts';
import type { DriftRule } from './company/drift.ts';
import type { CompanyEvent } from './company/event-log.ts';
import type { CallState, ContactState, NumberState, TagState, TeamState, UserState, WebhookState } from './company/state.ts';

/** The records of one kind. */
export interface Collection<State, Id, New, Change> {
  readonly count: number;
  get(id: Id): State | undefined;
  /** All of them. Calls are drawn while they are walked: nothing is kept. */
  all(): Iterable<State>;
  add(given: New): State;
  /** The changed record; undefined when there is none. */
  update(id: Id, change: Change): State | undefined;
  /** Whether there was one. */
  remove(id: Id): boolean;
}

export interface SimulatedCompany {
  readonly calls: Collection<CallState, number, NewCall, CallChange>;
  readonly contacts: Collection<ContactState, number, NewContact, ContactChange>;
  readonly users: Collection<UserState, number, NewUser, Partial<Omit<UserState, 'id'>>>;
  readonly teams: Collection<TeamState, number, Partial<Omit<TeamState, 'id'>> & { readonly name: string }, Partial<Omit<TeamState, 'id'>>>;
  readonly numbers: Collection<NumberState, number, NewNumber, Partial<Omit<NumberState, 'id'>>>;
  readonly tags: Collection<TagState, number, { readonly name: string; readonly color: string }, Partial<Omit<TagState, 'id'>>>;
  readonly webhooks: Collection<WebhookState, string, NewWebhook, Partial<Omit<WebhookState, 'id' | 'webhookId'>>>;
  /** UNIX seconds, as the company sees the time. */
  now(): number;
  /** Moves the company's time, forwards or back, and lets everything due happen. */
  advance(seconds: number): void;
  /** The first second whose calls are still served. */
  horizon(): number;
  /** Lets a call begin. It rings, is answered or not, ends and is rewritten as the company's time passes. */
  startCall(given?: StartedCall): CallState;
  /** Lays a drift over the records of a stream; the returned function takes it off. */
  drift(rule: DriftRule): () => void;
  rename(name: string): void;
  /** What happened lately, as webhooks would be told. */
  readonly events: readonly CompanyEvent[];
}

export function createControls(company: Company): SimulatedCompany {
  const { calls, contacts, users, teams, numbers, tags, webhooks } = company;
  return {
    calls: {
      get count() {
        return calls.count;
      },
      get: (id) => calls.get(id),
      *all() {
        for (let position = 0; position < calls.count; position += 1) yield calls.atSlot(calls.index.slotAt(position));
      },
      add: (given) => addCall(company, given),
      update: (id, change) => changeCall(company, id, change),
      remove: (id) => calls.remove(id),
    },
    contacts: {
      get count() {
        return contacts.count;
      },
      get: (id) => contacts.get(id),
      all: () => contacts.all(),
      add: (given) => addContact(company, given),
      update: (id, change) => changeContact(company, id, change),
      remove: (id) => removeContact(company, id),
    },
    users: {
      get count() {
        return users.count;
      },
      get: (id) => users.get(id),
      all: () => users.list(),
      add: (given) => addUser(company, given),
      update: (id, change) => changeUser(company, id, change),
      remove: (id) => removeUser(company, id),
    },
    teams: {
      get count() {
        return teams.count;
      },
      get: (id) => teams.get(id),
      all: () => teams.list(),
      add: (given) => addTeam(company, given),
      update: (id, change) => changeTeam(company, id, change),
      remove: (id) => removeTeam(company, id),
    },
    numbers: {
      get count() {
        return numbers.count;
      },
      get: (id) => numbers.get(id),
      all: () => numbers.list(),
      add: (given) => addNumber(company, given),
      update: (id, change) => changeNumber(company, id, change),
      remove: (id) => removeNumber(company, id),
    },
    tags: {
      get count() {
        return tags.count;
      },
      get: (id) => tags.get(id),
      all: () => tags.list(),
      add: (given) => addTag(company, given),
      update: (id, change) => changeTag(company, id, change),
      remove: (id) => removeTag(company, id),
    },
    webhooks: {
      get count() {
        return webhooks.count;
      },
      get: (id) => webhooks.get(id),
      all: () => webhooks.list(),
      add: (given) => addWebhook(company, given),
      update: (id, change) => changeWebhook(company, id, change),
      remove: (id) => webhooks.remove(id),
    },
    now: () => company.now(),
    advance: (seconds) => company.advance(seconds),
    horizon: () => company.horizon(),
    startCall: (given) => startCall(company, given),
    drift: (rule) => company.drift.add(rule),
    rename: (name) => {
      company.name = name;
    },
    get events() {
      return company.events.entries;
    },
  };
}
