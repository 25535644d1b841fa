import type { ExactJson } from '../../base/index.ts';
import { allFlags } from '../json/call-json.ts';
import type { CallFlags } from '../json/call-json.ts';
import { exactJson, jsonText } from '../raw-json.ts';
import type { Company } from './company.ts';
import { streamNames } from './drift.ts';
import type { StreamName } from './drift.ts';
import type { CallState } from './state.ts';
import type { Texts } from './texts.ts';

/** A record exactly as the API would serve it now; integers beyond 2^53 are `bigint`. */
export type TrueRecord = { readonly [name: string]: ExactJson };

/** Records by their id as text, in the order the API lists them. */
export type TrueRecords = ReadonlyMap<string, TrueRecord>;

export type Truth = { readonly [stream in StreamName]: TrueRecords };

export type TruthOptions = {
  /** `served`: what the API serves now. `ever`: also calls that aged out or vanished, as they were last. Default: served. */
  readonly calls?: 'served' | 'ever';
  /** What the reader asks to have filled in. Default: everything. */
  readonly flags?: Partial<CallFlags>;
  /** Default: all. The others stay empty. */
  readonly streams?: readonly StreamName[];
};

/** What a reader without faults, limits or haste would end up with. */
export function truthOf(company: Company, options: TruthOptions = {}): Truth {
  const { texts } = company;
  const flags = { ...allFlags, ...options.flags };
  const wanted = new Set(options.streams ?? streamNames);
  const read: Record<StreamName, () => Iterable<string>> = {
    calls: () => callTexts(company, texts, flags, options.calls ?? 'served'),
    contacts: () => map(company.contacts.all(), (contact) => texts.contact(contact)),
    users: () => map(company.users.list(), (user) => texts.user(user, company.switches.usersV2 === 'served' ? 'v2' : 'v1')),
    user_availability: () => map(company.users.list(), (user) => texts.availability(user)),
    teams: () => map(company.teams.list(), (team) => texts.team(team)),
    numbers: () => map(company.numbers.list(), (number) => texts.number(number, { users: false })),
    tags: () => map(company.tags.list(), (tag) => texts.tag(tag)),
    webhooks: () =>
      map(
        company.webhooks.list().filter((webhook) => !webhook.madeByIntegration),
        (webhook) => texts.webhook(webhook, { legacyId: true }),
      ),
    company: () => [texts.company()],
  };
  const records = streamNames.map((stream) => [stream, wanted.has(stream) ? byKey(stream, read[stream]()) : new Map()] as const);
  return Object.fromEntries(records) as Truth;
}

function byKey(stream: StreamName, rows: Iterable<string>): TrueRecords {
  const records = new Map<string, TrueRecord>();
  for (const text of rows) {
    const record = exactJson(text) as TrueRecord;
    const key = stream === 'company' ? 1 : stream === 'webhooks' ? record['webhook_id'] : record['id'];
    records.set(typeof key === 'string' ? key : jsonText(key), record);
  }
  return records;
}

function* callTexts(company: Company, texts: Texts, flags: CallFlags, which: 'served' | 'ever'): Iterable<string> {
  const { index } = company.calls;
  for (let position = which === 'ever' ? 0 : index.positionOf(company.horizon()); position < index.count; position += 1) {
    yield texts.call(company.calls.atSlot(index.slotAt(position)), flags);
  }
  if (which === 'ever') yield* map(company.calls.vanished(), (call: CallState) => texts.call(call, flags));
}

function* map<T>(rows: Iterable<T>, write: (row: T) => string): Iterable<string> {
  for (const row of rows) yield write(row);
}
