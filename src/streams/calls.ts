// The calls stream. Calls are listed by `started_at`, at most 10,000 to a window and six months back, and change after
// they ended without any timestamp moving: tags, comments, cost, recordings, even `started_at` by a second.
//
//   what is still missing of the history, oldest first ──► the present ──► what is due to be read again
//                                                             │
//          from the newest call seen, the oldest call still open, or an hour ago: whichever is earliest
import { api, limits } from '../aircall/index.ts';
import { isObject, type JsonObject } from '../base/index.ts';
import { callShape } from './call-shape.ts';
import type { Lister } from './lister.ts';
import { type RangeEvent, readOldest, readRange } from './read-range.ts';
import { requestsFor } from './requests-for.ts';
import { serverNow } from './server-now.ts';
import type { Item, ReadContext, Stream } from './stream.ts';
import { fieldOf, secondsOf, timeLister } from './time-lister.ts';
import { formatUnproven, noteProven, noteUnproven, parseUnproven, postpone, type Unproven } from './unproven.ts';
import {
  addWindow,
  cutAfter,
  describe,
  formatWindows,
  intersectWith,
  isEmpty,
  missingFrom,
  parseWindows,
  type Window,
  type WindowSet,
  withoutWindow,
} from './window.ts';

const hour = 3600;
const day = 24 * hour;

/** Nothing older than this is served, whatever exactly Aircall's six months are. */
export const surelyGone = (limits.calls.historyMonths * 31 + 7) * day;
/** A window that begins before this may lose rows to the horizon while it is being read. */
const nearHorizon = (limits.calls.historyMonths * 30 - 5) * day;
/** In windows that end earlier, calls neither appear nor change their time any more. */
const settledAfter = hour;
/** A call that is said to last longer than this is not waited for; the re-read schedule looks at it again. */
const longestCall = day;
/** Rows the oldest window should hold at most, well under the cap. */
const oldestWindowRows = 5000;

export const calls: Stream = {
  name: 'calls',
  summary: 'Phone calls of the last six months and all that were ever read before, with tags, comments, teams and participants.',
  shape: callShape,
  endpoint: api.calls.list,
  freshness: 'the last hour and open calls every run, the last day hourly, the last week daily, everything within a week',
  cost: 'one request per 50 calls that are new or due to be read again',
  deletions: 'never by absence: calls that leave the six months stay',
  read: readCalls,
  async estimate(context) {
    const now = await serverNow(context);
    const state = parseState(context.full ? null : context.state);
    const first = missingFrom(cutAfter(state.closed, presentFrom(state, context, now) - 1), { from: context.startAt ?? 0, to: now });
    const window = { from: first[0]?.from ?? now, to: now };
    const { total } = await callLister(context, now).page({ window, page: 1, order: 'asc' });
    return { rows: total, requests: requestsFor(total), reason: `calls of ${describe([window])}` };
  },
};

type State = {
  /** What was read and proven. */
  readonly closed: WindowSet;
  /** The newest `started_at` seen. */
  readonly frontier: number | null;
  /** The oldest `started_at` of a call that had not ended when last seen. */
  readonly open: number | null;
  /** When each entry of the re-read schedule was last taken up, and which part of a spread one is next. */
  readonly rereads: Readonly<Record<string, Taken>>;
  /** What is due to be read again. */
  readonly due: WindowSet;
  readonly unproven: readonly Unproven[];
};

/** `until`: where the last part of a spread one ended. */
type Taken = { readonly at: number; readonly part: number; readonly until?: number };

async function* readCalls(context: ReadContext): AsyncGenerator<Item, void> {
  const now = await serverNow(context);
  const lister = callLister(context, now);
  const reading = new Reading();

  if (context.range !== null) {
    const window = { from: context.range.from, to: Math.min(context.range.to, now) };
    if (isEmpty(window)) return;
    for await (const event of readStretch(lister, window, now)) yield* reading.pass(event);
    return;
  }

  let state = parseState(context.full ? null : context.state);
  reading.frontier = state.frontier;
  const openBefore = state.open;
  const present = presentFrom(state, context, now);
  state = { ...state, closed: cutAfter(state.closed, present - 1) };

  const wanted = { from: context.startAt ?? 0, to: now };
  if (context.startAt !== null && context.startAt < now - surelyGone) {
    yield {
      kind: 'notice',
      text: `Aircall serves calls of the last ${limits.calls.historyMonths} months only; the start date lies before that.`,
    };
  }
  const gaps = postpone(missingFrom(state.closed, wanted), state.unproven, now);
  for (const { window, reason } of gaps.later) yield { kind: 'incomplete', label: describe([window]), reason };
  for (const gap of gaps.read) {
    for await (const event of readStretch(lister, withNeighbours(gap, wanted, gaps.later), now)) {
      yield* reading.pass(event);
      if (event.kind === 'unproven') state = { ...state, unproven: noteUnproven(state.unproven, event.window, event.reason, now) };
      if (event.kind !== 'proven') continue;
      // What lies after the newest call seen may still fill up: it is not closed.
      const to = event.window.to < now ? event.window.to : Math.min(event.window.to, reading.frontier ?? event.window.from - 1);
      state = {
        ...state,
        closed: addWindow(state.closed, { from: event.window.from, to }),
        frontier: reading.frontier,
        // Those known from before may lie in what is still to be read.
        open: earlier(openBefore, reading.oldestOpen()),
        unproven: noteProven(state.unproven, event.window),
      };
      yield { kind: 'checkpoint', state: formatState(state) };
    }
  }
  state = takeUpDue({ ...state, frontier: reading.frontier, open: reading.oldestOpen() }, context, { now, present });
  yield { kind: 'checkpoint', state: formatState(state) };

  // What cannot be proven stays due without keeping older calls waiting, nor being tried by every run.
  let again = postpone(state.due, state.unproven, now).read;
  while (again.length > 0 && !context.outOfTime()) {
    const newest = again.at(-1)!;
    const slice = { from: Math.max(newest.from, newest.to - day + 1), to: newest.to };
    again = cutAfter(again, slice.from - 1);
    yield { kind: 'progress', phase: 'reading again' };
    for await (const event of readStretch(lister, slice, now)) {
      yield* reading.pass(event);
      if (event.kind === 'unproven') state = { ...state, unproven: noteUnproven(state.unproven, event.window, event.reason, now) };
      if (event.kind !== 'proven') continue;
      state = { ...state, due: withoutWindow(state.due, event.window), unproven: noteProven(state.unproven, event.window) };
    }
    yield { kind: 'checkpoint', state: formatState(state) };
  }
  if (state.due.length > 0) yield { kind: 'due', text: `calls of ${describe(state.due)} are due to be read again` };
}

function earlier(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b);
}

/** Where the part of time begins that every run reads. */
function presentFrom(state: State, context: ReadContext, now: number): number {
  const spans = context.reread.filter((reread) => reread.every === 0 && reread.span !== 'all').map((reread) => Number(reread.span));
  return Math.min(now - Math.max(0, ...spans), state.frontier ?? now, Math.max(state.open ?? now, now - longestCall));
}

/**
 * A gap and the seconds beside it: a call that hid in the gap may have moved by a second since. Not those that are left for
 * later.
 */
function withNeighbours(gap: Window, within: Window, later: readonly Unproven[]): Window {
  const isOpen = (second: number) => !later.some(({ window }) => window.from <= second && window.to >= second);
  return {
    from: gap.from > within.from && isOpen(gap.from - 1) ? gap.from - 1 : gap.from,
    to: gap.to < within.to && isOpen(gap.to + 1) ? gap.to + 1 : gap.to,
  };
}

/** Reads a stretch of time, with the care its age asks for. */
export async function* readStretch(lister: Lister, stretch: Window, now: number): AsyncGenerator<RangeEvent | Expected, void> {
  let from = stretch.from;
  if (from < now - nearHorizon) {
    const first = await lister.page({ window: stretch, page: 1, order: 'asc' });
    yield { kind: 'records', records: first.records, sentAtMs: first.sentAtMs };
    yield { kind: 'expected', rows: first.total };
    const oldest = first.records.length > 0 ? lister.moment(first.records[0]) : null;
    if (first.total <= first.records.length || oldest === null) {
      const seen = new Map(first.records.map((record, index) => [lister.key(record) ?? `#${index}`, lister.moment(record) ?? from]));
      if (seen.size === first.total) {
        yield { kind: 'proven', window: stretch, total: first.total, seen };
        return;
      }
    } else if (oldest < now - nearHorizon) {
      const dense = Math.floor(((stretch.to - oldest) * oldestWindowRows) / Math.max(1, first.total));
      const edge = { from, to: Math.min(stretch.to, oldest + Math.min(day, Math.max(hour, dense))) };
      yield* readOldest(lister, edge);
      from = edge.to + 1;
    }
  }
  const settled = now - settledAfter - 1;
  if (stretch.to > settled && from < settled - 2 * day) {
    yield* readRange(lister, { from, to: settled }, { parallel: true });
    from = settled + 1;
  }
  if (from <= stretch.to) yield* readRange(lister, { from, to: stretch.to }, { parallel: stretch.to <= settled });
}

type Expected = { readonly kind: 'expected'; readonly rows: number };

/** What the pages of this run tell about where the stream stands. */
class Reading {
  frontier: number | null = null;
  readonly #open = new Map<string, number>();

  *pass(event: RangeEvent | Expected): Generator<Item, void> {
    if (event.kind === 'records') {
      for (const record of event.records) this.#note(record);
      yield event;
    } else if (event.kind === 'expected') yield { kind: 'progress', expectedRows: event.rows };
    else if (event.kind === 'proven') {
      yield { kind: 'closed', label: describe([event.window]), total: event.total, distinct: event.seen.size };
    } else yield { kind: 'incomplete', label: describe([event.window]), reason: event.reason };
  }

  oldestOpen(): number | null {
    return this.#open.size === 0 ? null : Math.min(...this.#open.values());
  }

  #note(record: unknown): void {
    const startedAt = secondsOf(fieldOf(record, 'started_at'));
    if (startedAt === null) return;
    if (this.frontier === null || startedAt > this.frontier) this.frontier = startedAt;
    const key = String(fieldOf(record, 'id'));
    if (fieldOf(record, 'status') === 'done') this.#open.delete(key);
    else this.#open.set(key, startedAt);
  }
}

/** Lists calls by `started_at`. */
export function callLister(context: ReadContext, now: number): Lister {
  const { aircall, request, callExtras } = context;
  const extras = {
    ...(callExtras.contact ? { fetchContact: true } : {}),
    ...(callExtras.timeline ? { fetchCallTimeline: true } : {}),
    ...(callExtras.aiVoice ? { fetchAivaConv: true } : {}),
  };
  return timeLister({
    endpoint: api.calls.list,
    list: (query, part) =>
      part === undefined
        ? aircall.calls.list({ ...query, ...extras }, request)
        : aircall.calls.search({ ...query, ...extras, direction: part === 'inbound' ? 'inbound' : 'outbound' }, request),
    orderedBy: 'started_at',
    key: 'id',
    openBefore: now - surelyGone,
    parts: ['inbound', 'outbound'],
  });
}

/** Moves what has become due from the schedule to the state, so that it stays due until it has been done. */
function takeUpDue(state: State, context: ReadContext, { now, present }: { now: number; present: number }): State {
  const known = state.closed[0];
  const oldest = Math.max(context.startAt ?? 0, now - surelyGone, known?.from ?? 0);
  let due = state.due;
  const rereads: Record<string, Taken> = {};
  for (const reread of context.reread) {
    if (reread.every === 0) continue;
    const before = state.rereads[reread.name];
    if (before === undefined) {
      rereads[reread.name] = { at: now, part: 0 };
      continue;
    }
    if (now - before.at < reread.every) {
      rereads[reread.name] = before;
      continue;
    }
    const parts = reread.parts ?? 1;
    const begin = reread.span === 'all' ? oldest : Math.max(oldest, now - reread.span);
    const length = Math.max(1, Math.ceil((present - begin) / parts));
    const part = before.part % parts;
    // What is spread moves on between two parts: each begins where the one before ended.
    const from = Math.min(begin + part * length, part === 0 ? begin : (before.until ?? Infinity) + 1);
    const until = Math.min(begin + (part + 1) * length, present) - 1;
    due = addWindow(due, { from, to: until });
    rereads[reread.name] = { at: now, part: (part + 1) % parts, ...(parts > 1 ? { until } : {}) };
  }
  return { ...state, due: intersectWith(due, { from: oldest, to: now }), rereads };
}

function parseState(json: JsonObject | null): State {
  return {
    closed: parseWindows(json?.['closed']),
    frontier: typeof json?.['frontier'] === 'number' ? json['frontier'] : null,
    open: typeof json?.['open'] === 'number' ? json['open'] : null,
    rereads: parseRereads(json?.['rereads']),
    due: parseWindows(json?.['due']),
    unproven: parseUnproven(json?.['unproven']),
  };
}

/** Entries that are none are left out: people may edit a state. */
function parseRereads(value: unknown): State['rereads'] {
  if (!isObject(value)) return {};
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, entry]) =>
      isObject(entry) && typeof entry['at'] === 'number' && typeof entry['part'] === 'number'
        ? [
            [
              name,
              { at: entry['at'], part: entry['part'], ...(typeof entry['until'] === 'number' ? { until: entry['until'] } : {}) },
            ] as const,
          ]
        : [],
    ),
  );
}

function formatState(state: State): JsonObject {
  return {
    version: 1,
    ...state,
    closed: formatWindows(state.closed),
    due: formatWindows(state.due),
    unproven: formatUnproven(state.unproven),
  };
}
