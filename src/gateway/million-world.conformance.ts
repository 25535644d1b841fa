// A made-up Aircall without a wire: for every endpoint an answer of the described shape, out of a few calls, people, teams and numbers.
// Every text in it says whose it is: `zq.users.person.dcab.zq` is the name of the user 3201. So a judge can tell of any answer what
// it gives away, however it came there.
import { setImmediate } from 'node:timers/promises';
import type { Endpoint, Entity, Field, Fields } from '../aircall/index.ts';
import type { ExactJson } from '../base/index.ts';
import { BudgetExhausted, InvalidRequest, NotFound, planRequest, ServerFailed, TimedOut } from '../client/index.ts';
import { Dice } from '../../test/support/dice.ts';
import type { Upstream, UpstreamAnswer } from './flow/parts.ts';
import type { CallArguments } from './policy/decision.ts';
import { grantAreas } from './policy/words.ts';
import type { Judged } from './storm-judge.conformance.ts';

/** What there is of each, and whose area it is. The first digit of an id tells which it is. */
const kinds = {
  call: { digit: 1, count: 20, area: 'calls' },
  contact: { digit: 2, count: 10, area: 'contacts' },
  user: { digit: 3, count: 6, area: 'users' },
  team: { digit: 4, count: 4, area: 'teams' },
  number: { digit: 5, count: 5, area: 'numbers' },
  tag: { digit: 6, count: 5, area: 'tags' },
} as const;
type Kind = keyof typeof kinds;

const byDigit = new Map<string, Kind>(Object.entries(kinds).map(([kind, { digit }]) => [String(digit), kind as Kind])); // its keys
const others = 9_000_001;
/** Seconds: none lies at the edge of an age that policies ask for. */
const ages = [5, 5, 900, 40_000, 200_000, 5_000_000];

type Row = { readonly [name: string]: ExactJson };
type Facts = Omit<Judged, 'startedAt'> & { readonly ageSeconds: number };

export class World {
  readonly #dice: Dice;
  readonly #first: number;
  readonly #facts = new Map<string, Facts>();
  readonly #rows = new Map<string, Row>();
  #calls: ReadonlyMap<string, Judged> = new Map();
  #callsMs = Number.NaN;

  /** Of two worlds no call, person or team is in both. */
  constructor(seed: number, turn: number) {
    this.#dice = new Dice(seed * 7919 + turn);
    this.#first = 2_000 + (turn % 9_000) * 100;
    for (const kind of byDigit.values()) for (const id of this.idsOf(kind)) this.#facts.set(id, this.#drawFacts(kind, Number(id)));
  }

  idsOf(kind: string): readonly string[] {
    const known = isKind(kind) ? kinds[kind] : { digit: 0, count: 0 };
    return Array.from({ length: known.count }, (_, index) => String(known.digit * 1_000_000 + this.#first + index));
  }

  /** What constraints ask of it; undefined for what is not in this world. */
  judged(id: string, nowMs: number): Judged | undefined {
    const facts = this.#facts.get(id);
    return facts === undefined ? undefined : { ...facts, startedAt: Math.floor(nowMs / 1000) - facts.ageSeconds };
  }

  calls(nowMs: number): ReadonlyMap<string, Judged> {
    if (nowMs !== this.#callsMs)
      this.#calls = new Map(this.idsOf('call').flatMap((id) => [[id, this.judged(id, nowMs)] as const].filter(isWhole)));
    this.#callsMs = nowMs;
    return this.#calls;
  }

  /** Throws `NotFound` for an id that is not in this world. */
  answer(endpoint: Endpoint, given: CallArguments, nowMs: number): ExactJson | undefined {
    for (const [name, { names = '' }] of Object.entries(endpoint.at ?? {})) {
      const id = given.at[name] ?? '';
      if (isKind(names) && !id.includes('@') && !this.#facts.has(id)) throw refusedAs(NotFound, endpoint, 404, { route: false });
    }
    const { answer } = endpoint;
    if (answer.envelope === 'none') return undefined;
    const kind = answer.of.variantOf ?? answer.of.name;
    const area = isKind(kind) ? kinds[kind].area : endpoint.area;
    const row = (id: string) => this.#row(answer.of, id, area, nowMs);
    if (answer.envelope === 'list') {
      const ids = isKind(kind) ? this.idsOf(kind) : [others, others + 1, others + 2].map(String);
      const picked = this.#dice.some(ids).slice(0, 6);
      return { [answer.key]: picked.map(row), ...beside(endpoint, picked.length) };
    }
    const one = row(this.#idFor(endpoint, kind, given));
    return answer.envelope === 'one' ? { [answer.key]: one } : one;
  }

  #idFor({ at = {} }: Endpoint, kind: string, given: CallArguments): string {
    for (const [name, { names }] of Object.entries(at)) {
      const id = given.at[name] ?? '';
      if (((isKind(kind) && names === kind) || names === 'call') && this.#facts.has(id)) return id;
    }
    return isKind(kind) ? this.#dice.pick(this.idsOf(kind)) : String(others);
  }

  #row(of: Entity, id: string, area: string, nowMs: number): Row {
    const known = this.#rows.get(`${of.name} ${id}`) ?? this.#draw(of.fields, { area, id, key: of.key ?? 'id' });
    this.#rows.set(`${of.name} ${id}`, known);
    const started = this.judged(id, nowMs)?.startedAt;
    return 'started_at' in known && started !== undefined ? Object.freeze({ ...known, started_at: started }) : known;
  }

  #draw(fields: Fields, around: Around): Row {
    const row: [string, ExactJson][] = Object.entries(fields).flatMap(([name, described]): [string, ExactJson][] => {
      const isKey = name === around.key || name === 'started_at' || name === 'direction';
      if (!isKey && described.optional === true && this.#dice.chance(0.2)) return [];
      if (!isKey && described.nullable === true && this.#dice.chance(0.1)) return [[name, null]];
      return [[name, this.#value(name, described, around)]];
    });
    // Of a field that nobody has described nothing may pass.
    return Object.freeze({ ...Object.fromEntries(row), stranger: mark('none', 'unknown', around.id) });
  }

  #value(name: string, described: Field, around: Around): ExactJson {
    const { id } = around;
    const embedded = described.kind === 'object' || described.kind === 'list' ? (described.embeds ?? '') : '';
    const area = described.area ?? (isKind(embedded) ? kinds[embedded].area : around.area);
    const inside = { area, id, key: isKind(embedded) ? 'id' : null };
    switch (described.kind) {
      case 'object':
        return this.#draw(described.fields, isKind(embedded) ? { ...inside, id: this.#linked(embedded, id)[0] ?? id } : inside);
      case 'list': {
        const { of } = described;
        const ids = isKind(embedded) ? this.#linked(embedded, id) : [id];
        return ids.map((each) => (of.kind === 'object' ? this.#draw(of.fields, { ...inside, id: each }) : this.#value(name, of, inside)));
      }
      case 'json':
        return Object.fromEntries((described.keys ?? ['said']).map((key) => [key, this.#words(area, 'freetext', id)]));
      case 'id': {
        if (name === around.key) return Number(id);
        const linked = name.endsWith('_id') ? name.slice(0, -3) : '';
        return Number(isKind(linked) ? (this.#linked(linked, id)[0] ?? id) : others);
      }
      case 'integer':
        return this.#dice.between(0, 999);
      case 'double':
        return 0.5;
      case 'boolean':
        return this.#dice.chance(0.5);
      case 'moment':
        return { iso: '2024-05-06T07:08:09.000Z', milliseconds: 1_715_000_000_000, seconds: 1_715_000_000, any: 1_715_000_000 }[
          described.wire
        ];
      case 'text':
        return this.#text(name, described, { ...around, area });
    }
  }

  #text(name: string, described: Extract<Field, { kind: 'text' }>, { area, id, key }: Around): string {
    if (name === key) return id;
    const facts = this.#facts.get(id);
    if (name === 'direction' && facts !== undefined) return facts.direction;
    const { agentClass, class: own, values, form } = described;
    const ofClass = agentClass ?? own;
    if (ofClass !== undefined) return this.#words(area, ofClass, id);
    if (values === undefined && form === undefined) return this.#words(area, 'freetext', id);
    // Where a known value, or text of a fixed form, is expected, anyone's words may come.
    if (this.#dice.chance(0.05)) return `Hello ${this.#words(area, 'freetext', id)}`;
    return values === undefined ? (formed[form ?? 'token'] ?? '') : this.#dice.pick(values);
  }

  #words(area: string, ofClass: string, id: string): string {
    switch (ofClass) {
      case 'phone':
        return phone(area, id, this.#dice.pick(['', ' ', '-']));
      case 'email':
        return `${mark(area, 'email', id)}@acme.example`;
      case 'media':
        return `https://assets.aircall.io/${mark(area, 'media', id)}`;
      case 'freetext':
        return [
          mark(area, 'freetext', id),
          ...(this.#dice.chance(0.2) ? [`call ${phone(area, id, ' ')}`] : []),
          ...(this.#dice.chance(0.1) ? [`or ${mark(area, 'email', id)}@acme.example`] : []),
        ].join(' ');
      default:
        return mark(area, ofClass, id);
    }
  }

  /** What is said with it: the user of a call, the teams of a user. */
  #linked(kind: Kind, id: string): readonly string[] {
    const facts = this.#facts.get(id);
    if (byDigit.get(id[0] ?? '') === kind) return [id];
    switch (kind) {
      case 'user':
        return facts?.userId == null ? [] : [String(facts.userId)];
      case 'number':
        return facts?.numberId == null ? [] : [String(facts.numberId)];
      case 'team':
        return (facts?.teamIds ?? []).map(String);
      case 'tag':
        return (facts?.tags ?? []).map((tag) => String(tag.id));
      default:
        return [this.#dice.pick(this.idsOf(kind))];
    }
  }

  #drawFacts(kind: Kind, id: number): Facts {
    const dice = this.#dice;
    const some = (of: Kind) => (kind === of ? [id] : dice.some(this.idsOf(of)).slice(0, 2).map(Number));
    return {
      teamIds: some('team'),
      numberId: some('number')[0] ?? null,
      userId: some('user')[0] ?? null,
      tags: some('tag').map((each) => ({ id: each })),
      direction: dice.pick(['inbound', 'outbound']),
      ageSeconds: dice.pick(ages),
    };
  }
}

/** `key`: the field that holds the very id; null in a part of an object, which has ids of its own. */
type Around = { readonly area: string; readonly id: string; readonly key: string | null };

function isKind(name: string): name is Kind {
  return Object.hasOwn(kinds, name);
}

function isWhole(pair: readonly [string, Judged | undefined]): pair is readonly [string, Judged] {
  return pair[1] !== undefined;
}

/** Of which area an id is; undefined for all others. */
export function areaOfId(id: string): string | undefined {
  const kind = /^\d{7}$/.test(id) ? byDigit.get(id[0] ?? '') : undefined;
  return kind === undefined ? undefined : kinds[kind].area;
}

const formed: Readonly<Record<string, string>> = {
  token: 'abc-def',
  country: 'FR',
  'time-zone': 'Europe/Paris',
  language: 'fr-FR',
  color: '#ABCDEF',
  decimal: '1.5',
  'api-link': 'https://api.aircall.io/v1/calls/1',
};

function beside({ pagination }: Endpoint, count: number): Row {
  if (pagination?.by === 'token') return { [pagination.at]: { [pagination.next]: null, [pagination.total]: count } };
  return { meta: { count, total: 999, current_page: 1, per_page: 20, next_page_link: null, previous_page_link: null } };
}

// ---- what texts say of themselves ----------------------------------------------------------------------------------

function mark(area: string, ofClass: string, id: string): string {
  // Digits would be looked at as a phone number's.
  return `zq.${area}.${ofClass}.${id.replaceAll(/\d/g, (digit) => 'abcdefghij'[Number(digit)] ?? '')}.zq`;
}

function phone(area: string, id: string, separator: string): string {
  const place = String((grantAreas as readonly string[]).indexOf(area) + 10);
  return `+33${separator}1${place}${separator}${id}`;
}

export type Marked = { readonly area: string; readonly class: string; readonly id: string };

/** Everything of the made-up world that stands in a text. */
export function marksIn(text: string): readonly Marked[] {
  const marks: Marked[] = [];
  for (const [, area = '', ofClass = '', letters = ''] of text.matchAll(/zq\.(\w+)\.(\w+)\.([a-j]+)\.zq/g)) {
    marks.push({ area, class: ofClass, id: letters.replaceAll(/[a-j]/g, (letter) => String('abcdefghij'.indexOf(letter))) });
  }
  for (const [, place = '', id = ''] of text.matchAll(/33[ -]?1(\d\d)[ -]?([1-69]\d{6})(?!\d)/g)) {
    const area = grantAreas[Number(place) - 10];
    if (area !== undefined) marks.push({ area, class: 'phone', id });
  }
  return marks;
}

// ---- at the other end of the gateway -------------------------------------------------------------------------------

type Failure = new (facts: ConstructorParameters<typeof NotFound>[0] & ConstructorParameters<typeof InvalidRequest>[0]) => Error;

function refusedAs(failure: Failure | typeof NotFound, { id, area }: Endpoint, status: number, rest: { readonly route: boolean }): Error {
  const outcome = status === 500 || status === 0 ? 'unknown' : 'refused';
  // Aircall's own words, which may repeat anything.
  const reason = `No: ${mark(area, 'reason', String(others))}`;
  const facts = { code: 'failed', message: 'It failed.', endpoint: id, status: status === 0 ? null : status, outcome, reason } as const;
  return new failure({ ...facts, ...rest, fields: [] });
}

/** In place of Aircall: answers out of the world, late now and then, and at times with an error. Tells of every request first. */
export function recordingUpstream(parts: {
  readonly world: () => World;
  readonly nowMs: () => number;
  readonly dice: Dice;
  readonly sent: (endpoint: Endpoint, given: CallArguments, agentId: string) => void;
}): Upstream {
  const { world, nowMs, dice, sent } = parts;
  return {
    async send(endpoint, given, { asker, onSend }): Promise<UpstreamAnswer> {
      planRequest(endpoint, given);
      if (dice.chance(0.01)) throw new BudgetExhausted({ endpoint: endpoint.id, retryAfterMs: 1000 });
      sent(endpoint, given, asker.agentId);
      onSend?.();
      for (let turns = dice.between(0, 3); turns > 0; turns -= 1) await setImmediate();
      if (dice.chance(0.01)) throw refusedAs(TimedOut, endpoint, 0, { route: false });
      if (dice.chance(0.01)) throw refusedAs(ServerFailed, endpoint, 500, { route: false });
      if (dice.chance(0.01)) throw refusedAs(InvalidRequest, endpoint, 422, { route: false });
      return { status: endpoint.status, body: world().answer(endpoint, given, nowMs()) };
    },
    budget: () => ({ allowed: Infinity, used: 0, blockedUntilMs: null }),
    waiting: () => ({ own: 0, all: 0 }),
  };
}
