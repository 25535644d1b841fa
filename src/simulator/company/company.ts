// The simulated company: everything it has, and the hand that changes it. Requests change it through the routes, tests
// through the controls, time through the agenda.
import { historyStartMs } from '../../aircall/index.ts';
import type { SwitchSettings } from '../../aircall/index.ts';
import type { Clock } from '../../base/index.ts';
import { Random, seedOf } from '../random.ts';
import { daySeconds, monthsBefore } from '../time.ts';
import { Agenda } from './agenda.ts';
import { CallBook } from './call-book.ts';
import { ContactBook } from './contact-book.ts';
import { Directory } from './directory.ts';
import { Drift } from './drift.ts';
import type { Embedding, EmbeddingChoice } from './embedding.ts';
import { drawMoments } from './history.ts';
import {
  drawNumbers,
  drawTags,
  drawTeams,
  drawUsers,
  drawWebhooks,
  firstNumberId,
  firstTagId,
  firstTeamId,
  firstUserId,
  firstWebhookId,
} from './people.ts';
import { EventLog } from './event-log.ts';
import { SideRecords } from './side-records.ts';
import { Texts } from './texts.ts';
import type { NumberState, TagState, TeamState, UserState, WebhookState } from './state.ts';

/** How large the company is and when its past lies. Moments are milliseconds since 1970. */
export type CompanySize = {
  readonly seed: number;
  readonly calls: number;
  readonly contacts: number;
  readonly users: number;
  readonly numbers: number;
  readonly teams: number;
  /** The company's own, beside the system tags. */
  readonly tags: number;
  readonly webhooks: number;
  /** When the oldest call was made. Default: six calendar months before `historyEndMs`. */
  readonly historyStartMs?: number | undefined;
  /** When the newest call was made. Default: the clock's time. */
  readonly historyEndMs?: number | undefined;
  /** How long a contact written through the API stays hidden from the search. Default: not at all. */
  readonly searchLagMs?: number | undefined;
  readonly embedding?: EmbeddingChoice | undefined;
};

export class Company {
  readonly seed: number;
  readonly switches: SwitchSettings;
  readonly calls: CallBook;
  readonly contacts: ContactBook;
  readonly users: Directory<number, UserState>;
  readonly teams: Directory<number, TeamState>;
  readonly numbers: Directory<number, NumberState>;
  readonly tags: Directory<number, TagState>;
  readonly webhooks: Directory<string, WebhookState>;
  readonly agenda = new Agenda();
  readonly drift = new Drift();
  readonly side = new SideRecords();
  readonly events: EventLog;
  readonly texts: Texts;
  /** Finds what calls embed. */
  readonly embedded: Embedding;
  name = 'Sample Company';
  readonly #clock: Clock;
  #shiftMs = 0;
  readonly #contactWrites = new Map<number, number>();
  readonly #searchLagMs: number;
  #lastCommentId = 30_000_000;

  constructor(size: CompanySize, clock: Clock, switches: SwitchSettings) {
    this.seed = size.seed;
    this.#clock = clock;
    this.switches = switches;
    this.#searchLagMs = size.searchLagMs ?? 0;
    const until = Math.floor((size.historyEndMs ?? clock.now()) / 1000);
    const from = size.historyStartMs === undefined ? monthsBefore(until, 6) : Math.floor(size.historyStartMs / 1000);
    // The company is older than its calls, so that everyone in them exists already.
    const draw = { seed: size.seed, foundedAt: from - 400 * daySeconds };
    const users = drawUsers(size.users, draw);
    const teams = drawTeams(size.teams, users, draw);
    const numbers = drawNumbers(size.numbers, users, teams, draw);
    const tags = drawTags(size.tags, draw);
    const webhooks = drawWebhooks(size.webhooks, draw);
    this.users = new Directory(users, { keyOf: (user) => user.id, nextId: firstUserId + users.length });
    this.teams = new Directory(teams, { keyOf: (team) => team.id, nextId: firstTeamId + teams.length });
    this.numbers = new Directory(numbers, { keyOf: (number) => number.id, nextId: firstNumberId + numbers.length });
    this.tags = new Directory(tags, { keyOf: (tag) => tag.id, nextId: firstTagId + tags.length });
    this.webhooks = new Directory(webhooks, { keyOf: (webhook) => webhook.webhookId, nextId: firstWebhookId + webhooks.length });
    this.contacts = new ContactBook({ seed: size.seed, count: size.contacts, from: draw.foundedAt, to: until });
    this.calls = new CallBook(
      {
        seed: size.seed,
        idsFollowTime: switches.callIdsFollowTime === 'yes',
        users,
        numbers,
        tags: tags.filter((tag) => tag.description === null),
        contacts: this.contacts.founding,
        until,
      },
      drawMoments({ seed: size.seed, count: size.calls, from, to: until }),
    );
    this.events = new EventLog(() => this.now());
    this.texts = new Texts(this);
    this.embedded = this.#embedding(size.embedding ?? 'live');
  }

  /** Milliseconds since 1970, as the company sees the time. */
  nowMs(): number {
    return this.#clock.now() + this.#shiftMs;
  }

  /** UNIX seconds. */
  now(): number {
    return Math.floor(this.nowMs() / 1000);
  }

  /** Moves the company's time, forwards or back, and lets everything due happen. */
  advance(seconds: number): void {
    this.#shiftMs += seconds * 1000;
    this.tick();
  }

  /** Lets everything happen that is due. Asked before every answer. */
  tick(): void {
    this.agenda.runUntil(this.now());
  }

  /** The first second whose calls are still served. */
  horizon(): number {
    const edge = this.switches.horizonEdge;
    const startMs =
      edge === 'calendarMonths' ? historyStartMs(this.nowMs()) : this.nowMs() - (edge === 'days180' ? 180 : 186) * daySeconds * 1000;
    return Math.ceil(startMs / 1000);
  }

  /** Notes that a request changed a contact: the search finds it only `searchLagMs` later. */
  contactWritten(id: number): void {
    this.#contactWrites.set(id, this.nowMs());
  }

  isSearchable(contactId: number): boolean {
    const writtenAtMs = this.#contactWrites.get(contactId);
    return writtenAtMs === undefined || this.nowMs() >= writtenAtMs + this.#searchLagMs;
  }

  nextCommentId(): number {
    return this.#lastCommentId++;
  }

  /** A generator of its own for one purpose, told apart by `parts`. */
  random(...parts: readonly number[]): Random {
    return new Random(seedOf(this.seed, ...parts));
  }

  #embedding(choice: EmbeddingChoice): Embedding {
    const { users, contacts, numbers, teams } = this;
    return choice === 'live'
      ? { user: (id) => users.get(id), contact: (id) => contacts.get(id), number: (id) => numbers.get(id), team: (id) => teams.get(id) }
      : {
          user: (id) => users.first(id),
          contact: (id) => contacts.first(id),
          number: (id) => numbers.first(id),
          team: (id) => teams.first(id),
        };
  }
}
