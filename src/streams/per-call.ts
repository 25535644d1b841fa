// Streams that cost one request for each call: what Aircall's AI made of it. They are read only when asked for, for calls
// that were answered and long enough, at the moments at which something may have become ready.
//
//   (no row) ─► asked ── 200 ─► ready
//                 │ 404
//                 ├─ tries left ─► pending, asked again at _next_try_at
//                 └─ else ─► none
import { type Endpoint, type Entity, field, type Fields } from '../aircall/index.ts';
import { isObject, type UnknownRecord } from '../base/index.ts';
import { type Aircall, NotFound, NotInPlan, type RequestOptions } from '../client/index.ts';
import { CallsToAsk, shortestTalkSeconds } from './calls-to-ask.ts';
import type { Item, Known, ReadContext, Stream } from './stream.ts';
import { serverNow } from './server-now.ts';
import { secondsOf } from './time-lister.ts';

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

/** After the end of the call, in seconds. */
const usualTries = [10 * minute, hour, day];
/** Evaluations are made by people, who take their time. */
export const evaluationTries = [10 * minute, hour, day, 7 * day, 14 * day, 21 * day, 28 * day, 30 * day];

/** More requests than this are not spent without asking. */
const freeRequests = 50;
const callsPerCheckpoint = 100;
/** An account that lacks the product is asked again after this long. */
const askPlanAgainAfter = 7 * day;

export type PerCallOptions = {
  readonly name: string;
  readonly summary: string;
  readonly entity: Entity;
  readonly endpoint: Endpoint;
  readonly retrieve: (aircall: Aircall, callId: bigint, request: RequestOptions) => Promise<unknown>;
  readonly tries?: readonly number[];
};

/** Columns that say how far the asking is. */
const progressFields: Fields = {
  _status: field.text('ready, pending (not made yet), none (never will be), not_in_plan.', {
    values: ['ready', 'pending', 'none', 'not_in_plan'],
  }),
  _tries: field.integer('How often Aircall was asked.'),
  _next_try_at: field.moment('seconds', 'When it is asked again; null when it is not.', { nullable: true }),
  _had_recording: field.boolean('Whether the call had a recording when asked; when it is deleted, this goes with it.', { nullable: true }),
};

export function perCall(options: PerCallOptions): Stream {
  const { name, summary, entity, endpoint, tries = usualTries } = options;
  return {
    name,
    summary,
    shape: { table: name, key: 'call_id', fields: { ...entity.fields, ...progressFields } },
    endpoint,
    optIn: true,
    freshness: `asked ${tries.map(span).join(', ')} after the end of a call, until there is an answer`,
    cost: 'one request for each answered call of 10 seconds or more, once more for each repeated try',
    deletions: 'when the recording of a call is deleted, Aircall is asked again; 404 marks the row',
    read: (context) => readPerCall(options, tries, context),
    async estimate(context) {
      if (context.known?.has('calls') !== true) return { rows: null, requests: null, reason: 'after the calls have been loaded' };
      const count = await countCandidates(options, context.known, context, await serverNow(context));
      return { rows: count, requests: count, reason: 'answered calls that are due, one request each' };
    },
  };
}

type Candidate = {
  readonly callId: bigint;
  readonly endedAt: number;
  readonly tries: number;
  readonly had: boolean;
  readonly hasRecording: boolean | null;
};

async function* readPerCall(options: PerCallOptions, tries: readonly number[], context: ReadContext): AsyncGenerator<Item, void> {
  const { known } = context;
  const now = await serverNow(context);
  const offSince = context.state?.['offSince'];
  if (typeof offSince === 'number' && now - offSince < askPlanAgainAfter && !context.full) {
    yield off(options);
    return;
  }
  if (known === null) yield* readListed(options, tries, context, now);
  else yield* readKnown(options, tries, { ...context, known }, now);
}

/** Asks for the calls that the destination holds and that are due by what it holds of this stream. */
async function* readKnown(
  options: PerCallOptions,
  tries: readonly number[],
  context: ReadContext & { readonly known: Known },
  now: number,
): AsyncGenerator<Item, void> {
  const { known } = context;
  await known.settle();
  if (!known.has('calls')) {
    yield { kind: 'notice', text: `${options.name} is read for calls that are already loaded; load the calls stream first.` };
    return;
  }

  const count = await countCandidates(options, known, context, now);
  if (count > freeRequests && !context.confirmed) {
    const question = `${options.name}: ${count.toLocaleString('en')} calls, one request each, ${duration(count / context.requestsPerMinute)}. Read them?`;
    if (!(await context.confirm(question))) {
      yield { kind: 'off', reason: `Not confirmed: it would take ${count.toLocaleString('en')} requests. Run with --yes to read it.` };
      return;
    }
  }
  yield { kind: 'progress', expectedRows: count };

  let asked = 0;
  for await (const candidate of candidates(options, known, context, now)) {
    const { item, notInPlan } = await ask(options, tries, context, candidate, now);
    yield item;
    if (notInPlan) {
      yield { kind: 'checkpoint', state: { version: 1, offSince: now } };
      yield off(options);
      return;
    }
    asked += 1;
    if (asked % callsPerCheckpoint === 0) yield { kind: 'checkpoint', state: { version: 1 } };
  }
  yield { kind: 'checkpoint', state: { version: 1 } };
}

/** Where no destination can be asked: lists calls for itself, and remembers in its state which of them wait. */
async function* readListed(
  options: PerCallOptions,
  tries: readonly number[],
  context: ReadContext,
  now: number,
): AsyncGenerator<Item, void> {
  const calls = new CallsToAsk(context.full ? null : context.state);

  async function* askDue(): AsyncGenerator<Item, boolean> {
    const due = calls.due(now);
    if (due.length > 0) yield { kind: 'progress', expectedRows: due.length };
    for (const [index, call] of due.entries()) {
      const candidate = { ...call, callId: BigInt(call.key), had: false };
      const { item, notInPlan, next } = await ask(options, tries, context, candidate, now);
      yield item;
      if (notInPlan) {
        yield { kind: 'checkpoint', state: { ...calls.state(), offSince: now } };
        yield off(options);
        return false;
      }
      calls.asked(call, next);
      if ((index + 1) % callsPerCheckpoint === 0 || index === due.length - 1) yield { kind: 'checkpoint', state: calls.state() };
    }
    return true;
  }

  if (!(yield* askDue())) return;
  for await (const item of calls.list(context, now, tries[0]!)) {
    yield item;
    if (item.kind === 'checkpoint' && !(yield* askDue())) return;
  }
}

type Asked = { readonly item: Item; readonly notInPlan: boolean; /** When to ask again, UNIX seconds. */ readonly next: number | null };

async function ask(
  options: PerCallOptions,
  tries: readonly number[],
  { aircall, request, clock }: ReadContext,
  candidate: Candidate,
  now: number,
): Promise<Asked> {
  const sentAtMs = clock.now();
  const progress = { call_id: candidate.callId, _tries: candidate.tries + 1, _had_recording: candidate.hasRecording };
  const answered = (record: UnknownRecord, next: number | null, notInPlan = false): Asked => ({
    item: { kind: 'records', records: [{ ...record, _next_try_at: next }], sentAtMs },
    notInPlan,
    next,
  });
  try {
    const answer = await options.retrieve(aircall, candidate.callId, request);
    return answered({ ...(isObject(answer) ? answer : {}), ...progress, _status: 'ready' }, null);
  } catch (error) {
    if (error instanceof NotInPlan) return answered({ ...progress, _status: 'not_in_plan' }, now + askPlanAgainAfter, true);
    if (!(error instanceof NotFound)) throw error;
    if (candidate.had) return { item: { kind: 'gone', keys: [String(candidate.callId)], sentAtMs }, notInPlan: false, next: null };
    const next = tries.map((wait) => candidate.endedAt + wait).find((moment) => moment > now) ?? null;
    return answered({ ...progress, _status: next === null ? 'none' : 'pending' }, next);
  }
}

function off(options: PerCallOptions): Item {
  return { kind: 'off', reason: `${options.endpoint.product ?? 'The product'} is not in this account's plan.` };
}

async function countCandidates(options: PerCallOptions, known: Known, context: ReadContext, now: number): Promise<number> {
  for await (const [count] of known.query(`SELECT count(*) FROM (${candidateSql(options, known, context, now)}) AS candidates`)) {
    return Number(count);
  }
  return 0;
}

/** Asked for in portions, so that the destination is not kept open while Aircall is being asked. */
async function* candidates(options: PerCallOptions, known: Known, context: ReadContext, now: number): AsyncGenerator<Candidate, void> {
  const portion = 1000;
  for (let after = 0n, full = true; full;) {
    const rows: Candidate[] = [];
    for await (const row of known.query(
      `SELECT * FROM (${candidateSql(options, known, context, now)}) AS candidates WHERE call_id > ${after} ORDER BY call_id LIMIT ${portion}`,
    )) {
      const [callId, endedAt, tries, status, hasRecording] = row;
      rows.push({
        callId: BigInt(String(callId)),
        endedAt: secondsOf(endedAt) ?? now,
        tries: Number(tries ?? 0),
        had: status === 'ready',
        hasRecording: typeof hasRecording === 'boolean' ? hasRecording : null,
      });
    }
    yield* rows;
    full = rows.length === portion;
    after = rows.at(-1)?.callId ?? after;
  }
}

/** Calls to ask for now: never asked and old enough, due for another try, or ready but for a recording that went. */
function candidateSql(options: PerCallOptions, known: Known, context: ReadContext, now: number): string {
  const moment = (seconds: number) => `CAST('${new Date(seconds * 1000).toISOString()}' AS TIMESTAMP WITH TIME ZONE)`;
  const asked = known.has(options.name);
  const due = asked
    ? `(t.call_id IS NULL OR (t._status IN ('pending', 'not_in_plan') AND t._next_try_at <= ${moment(now)}) OR (t._status = 'ready' AND t._deleted_at IS NULL AND t._had_recording AND c.has_recording = FALSE))`
    : 'TRUE';
  return [
    `SELECT c.id AS call_id, c.ended_at, ${asked ? 't._tries, t._status' : '0 AS _tries, NULL AS _status'}, c.has_recording`,
    `FROM calls AS c ${asked ? `LEFT JOIN ${options.name} AS t ON t.call_id = c.id` : ''}`,
    `WHERE c._deleted_at IS NULL AND c.status = 'done'`,
    `AND c.ended_at >= c.answered_at + INTERVAL '${shortestTalkSeconds} seconds'`,
    `AND c.ended_at <= ${moment(now - usualTries[0]!)}`,
    context.startAt === null ? '' : `AND c.started_at >= ${moment(context.startAt)}`,
    `AND ${due}`,
  ].join(' ');
}

function span(seconds: number): string {
  return seconds >= day ? `${seconds / day} d` : seconds >= hour ? `${seconds / hour} h` : `${seconds / minute} min`;
}

function duration(minutes: number): string {
  if (!Number.isFinite(minutes) || minutes < 1) return 'under a minute';
  return minutes < 90 ? `about ${Math.ceil(minutes)} minutes` : `about ${(minutes / 60).toFixed(1)} hours`;
}
