// The contacts stream. There is no "changed since" filter: `from` and `to` act on `created_at` whatever the order. So the
// first read goes by windows of `created_at`; later ones walk `updated_at` downwards until they meet what they know.
//
// A deleted contact just disappears. A sweep walks all windows again and compares with what the destination holds.
import { createHash } from 'node:crypto';
import { api } from '../aircall/index.ts';
import type { JsonObject } from '../base/index.ts';
import { isObject } from '../base/index.ts';
import { askedOneByOne, mustHold, provenGone, provenGoneByListing } from './absence.ts';
import { contactShape } from './contact-shape.ts';
import type { ListedPage, Lister } from './lister.ts';
import { readRange } from './read-range.ts';
import { recordHash } from './record-hash.ts';
import { requestsFor } from './requests-for.ts';
import { serverNow } from './server-now.ts';
import type { Item, Known, ReadContext, Stream } from './stream.ts';
import { fieldOf, keyOf, secondsOf, timeLister } from './time-lister.ts';
import { formatUnproven, noteProven, noteUnproven, parseUnproven, postpone, type Unproven } from './unproven.ts';
import { addWindow, describe, formatWindows, missingFrom, parseWindows, type Window, type WindowSet } from './window.ts';

const day = 24 * 3600;

/** Changes are looked for this much below the watermark: a change may become visible a little after its time. */
const overlap = 120;
/** Walks down `updated_at` before giving up on one that is disturbed every time. */
const attempts = 3;
/** What walks down `updated_at` may cost in all before everything is read by creation instead. */
const requestsForChanges = 300;
const sweepEvery = 7 * day;
/** When counts show that contacts were deleted, sweep earlier, but not more often than this. */
const sweepOnLossEvery = day;
/** More absent contacts than this are not even collected: such a sweep is held whatever the share. */
const collectedAtMost = 20_000;

export const contacts: Stream = {
  name: 'contacts',
  summary: 'Shared contacts with their phone numbers and e-mail addresses.',
  shape: contactShape,
  endpoint: api.contacts.list,
  freshness: 'changed and new contacts every run; everything by a weekly sweep',
  cost: 'one request when nothing changed, else one per 50 changed contacts; a sweep takes one per 50 contacts',
  deletions: 'by a sweep over everything (weekly, or with --sweep), each confirmed',
  sweptBy: 'created_at',
  read: readContacts,
  async estimate(context) {
    const { total } = (await context.aircall.contacts.list({}, context.request).page(1)).meta;
    const state = parseState(context.full ? null : context.state);
    if (state.until === null) return { rows: total, requests: requestsFor(total), reason: 'all contacts, for the first time' };
    const same = total === state.total;
    return { rows: null, requests: same ? 1 : null, reason: same ? 'changed contacts, probably few' : 'changed, new and deleted contacts' };
  },
};

type State = {
  /** Windows of `created_at` that were read and proven. */
  readonly closed: WindowSet;
  /** The first read covers everything created up to here; later creations come with the changes. */
  readonly until: number | null;
  /** Changes up to here are known. */
  readonly watermark: number | null;
  readonly total: number | null;
  readonly firstPage: string | null;
  readonly sweptAt: number | null;
  readonly sweep: Sweep | null;
  /** Counts showed that contacts have been deleted. */
  readonly loss: boolean;
  /** Deletions that wait for an operator's word. */
  readonly held: { readonly rows: number; readonly of: number } | null;
  readonly unproven: readonly Unproven[];
};

type Sweep = {
  readonly until: number;
  /** Swept up to and including here. */
  readonly position: number;
  /** Contacts the destination held in what was swept. */
  readonly live: number;
  readonly gone: readonly string[];
};

async function* readContacts(context: ReadContext): AsyncGenerator<Item, void> {
  const now = await serverNow(context);
  const byCreation = contactLister(context, 'created_at');

  if (context.range !== null) {
    for await (const event of readRange(byCreation, context.range, { parallel: false })) {
      if (event.kind === 'records') yield event;
      else if (event.kind === 'proven') yield closed(event.window, event.total, event.seen.size);
      else yield { kind: 'incomplete', label: describe([event.window]), reason: event.reason };
    }
    return;
  }

  let state = parseState(context.full ? null : context.state);
  const isFirst = state.until === null;
  if (isFirst) state = { ...state, until: now, watermark: now, sweptAt: now };
  const first = postpone(missingFrom(state.closed, { from: 0, to: state.until! }), state.unproven, now);
  for (const { window, reason } of first.later) yield { kind: 'incomplete', label: describe([window]), reason };
  if (first.read.length > 0) {
    for (const gap of first.read) {
      for await (const event of readRange(byCreation, gap, { parallel: false })) {
        if (event.kind === 'records') yield event;
        else if (event.kind === 'proven') {
          yield closed(event.window, event.total, event.seen.size);
          const unproven = noteProven(state.unproven, event.window);
          state = { ...state, closed: addWindow(state.closed, event.window), total: (state.total ?? 0) + event.total, unproven };
          yield { kind: 'checkpoint', state: formatState(state) };
        } else {
          state = { ...state, unproven: noteUnproven(state.unproven, event.window, event.reason, now) };
          yield { kind: 'incomplete', label: describe([event.window]), reason: event.reason };
        }
      }
    }
    yield { kind: 'checkpoint', state: formatState(state) };
  }
  if (!isFirst) state = yield* readChanges(context, state, now);
  if (context.known !== null) yield* sweepWhenDue(context, context.known, byCreation, state, now);
}

/**
 * Walks `updated_at` downwards to the watermark. Returns the state after it.
 *
 * Rows of one second have no stable order: where a border between pages parts a second, some of its rows may come twice and
 * others not at all. The places they take in the list can be counted, though. So the walk is repeated until as many different
 * rows are known of each such second as it had places. No row ever joins a second of the past: what is settled stays so.
 */
async function* readChanges(context: ReadContext, before: State, now: number): AsyncGenerator<Item, State> {
  const lister = contactLister(context, 'updated_at');
  const changedAt = new Map<string, number>();
  let first: ChangesWalk | null = null;
  let unsettled: readonly number[] = [];
  let disturbed = 0;
  for (let requests = 0; ;) {
    const walked: ChangesWalk = yield* walkChanges(lister, before, changedAt);
    requests += walked.pages;
    if (walked.end === 'nothing') return before;
    if (walked.end === 'disturbed') {
      disturbed += 1;
      if (disturbed < attempts) continue;
      yield { kind: 'incomplete', label: 'changed contacts', reason: `contacts were deleted during each of ${attempts} walks` };
      return before;
    }
    const open = openSeconds(walked, changedAt);
    unsettled = first === null ? open : unsettled.filter((second) => open.includes(second));
    first ??= walked;
    if (walked.end === 'cap' || (unsettled.length > 0 && requests > requestsForChanges)) {
      const reason = walked.end === 'cap' ? 'can be reached by their change time' : 'can be told apart by it';
      yield { kind: 'notice', text: `More contacts changed than ${reason}; all contacts are read again.` };
      return yield* readEverythingAgain(context, before, now);
    }
    if (unsettled.length > 0) continue;
    // What changed after the first walk began is for the next run.
    const newest = lister.moment(first.firstPage.records[0]) ?? before.watermark!;
    const { total } = first.firstPage;
    const state: State = {
      ...before,
      watermark: Math.max(before.watermark!, Math.min(newest, now)),
      total,
      firstPage: first.print,
      loss: before.loss || (before.total !== null && total < before.total + first.created),
    };
    yield { kind: 'checkpoint', state: formatState(state) };
    return state;
  }
}

type ChangesWalk = {
  /** `nothing` has changed; a contact went, so that rows were `disturbed`; the `cap` came before the watermark. */
  readonly end: 'nothing' | 'disturbed' | 'cap' | 'watermark';
  readonly pages: number;
  readonly firstPage: ListedPage;
  readonly print: string;
  /** Contacts that are newer than the watermark. */
  readonly created: number;
  /** Rows listed, by their second of change. */
  readonly places: ReadonlyMap<number, number>;
  /** Seconds that stood on both sides of a border between two pages. */
  readonly parted: ReadonlySet<number>;
};

/** `changedAt` takes note of the newest second of change by key. */
async function* walkChanges(lister: Lister, before: State, changedAt: Map<string, number>): AsyncGenerator<Item, ChangesWalk> {
  const downTo = before.watermark! - overlap;
  const window = { from: 0, to: Number.MAX_SAFE_INTEGER };
  const firstPage = await lister.page({ window, page: 1, order: 'desc' });
  const print = recordsHash(firstPage.records);
  const places = new Map<number, number>();
  const parted = new Set<number>();
  const created = new Set<string>();
  const walked = (end: ChangesWalk['end'], pages: number): ChangesWalk => {
    return { end, pages, firstPage, print, created: created.size, places, parted };
  };
  if (firstPage.total === before.total && print === before.firstPage) {
    yield { kind: 'records', records: [], sentAtMs: firstPage.sentAtMs, listed: firstPage.records.length };
    return walked('nothing', 1);
  }
  const lastAllowed = Math.max(1, Math.floor(lister.positionalCap / Math.max(1, firstPage.perPage)));
  let page = firstPage;
  let total = page.total;
  let lowest: number | null = null;
  for (let number = 1; ; number += 1) {
    if (number > 1) page = await lister.page({ window, page: number, order: 'desc' });
    // A contact went, its successors moved up: rows may have slipped past the border.
    if (page.total < total) return walked('disturbed', number);
    total = page.total;
    const fresh = page.records.filter((record) => (lister.moment(record) ?? Infinity) >= downTo);
    for (const record of fresh) {
      const key = lister.key(record);
      const second = lister.moment(record);
      if (key === null || second === null) continue;
      places.set(second, (places.get(second) ?? 0) + 1);
      changedAt.set(key, Math.max(second, changedAt.get(key) ?? 0));
      if ((secondsOf(fieldOf(record, 'created_at')) ?? 0) > before.watermark!) created.add(key);
    }
    yield { kind: 'records', records: fresh, sentAtMs: page.sentAtMs, listed: page.records.length };
    const highest = lister.moment(page.records[0]);
    if (highest !== null && highest === lowest) parted.add(highest);
    lowest = lister.moment(page.records.at(-1)) ?? lowest;
    if (fresh.length < page.records.length || page.records.length < page.perPage) return walked('watermark', number);
    if (number >= lastAllowed) return walked('cap', number);
  }
}

/** The parted seconds of which fewer different contacts are known than they had places. */
function openSeconds({ places, parted }: ChangesWalk, changedAt: ReadonlyMap<string, number>): readonly number[] {
  if (parted.size === 0) return [];
  const known = new Map<number, number>();
  for (const second of changedAt.values()) if (parted.has(second)) known.set(second, (known.get(second) ?? 0) + 1);
  return [...parted].filter((second) => (known.get(second) ?? 0) < places.get(second)!);
}

async function* readEverythingAgain(context: ReadContext, before: State, now: number): AsyncGenerator<Item, State> {
  let state: State = { ...before, closed: [], until: now, watermark: now, total: null, firstPage: null };
  yield { kind: 'checkpoint', state: formatState(state) };
  for await (const event of readRange(contactLister(context, 'created_at'), { from: 0, to: now }, { parallel: false })) {
    if (event.kind === 'records') yield event;
    else if (event.kind === 'proven') {
      yield closed(event.window, event.total, event.seen.size);
      state = { ...state, closed: addWindow(state.closed, event.window) };
      yield { kind: 'checkpoint', state: formatState(state) };
    } else yield { kind: 'incomplete', label: describe([event.window]), reason: event.reason };
  }
  return state;
}

async function* sweepWhenDue(context: ReadContext, known: Known, lister: Lister, before: State, now: number): AsyncGenerator<Item, void> {
  const age = now - (before.sweptAt ?? 0);
  const due = before.sweep !== null || age >= sweepEvery || (before.loss && age >= sweepOnLossEvery);
  if (context.full || !(context.sweep || due)) {
    if (before.held !== null) yield { kind: 'held', ...before.held };
    return;
  }
  let state = before;
  let sweep: Sweep = state.sweep ?? { until: now, position: -1, live: 0, gone: [] };
  const confirmed = context.sweep && context.confirmed;
  yield { kind: 'progress', phase: 'looking for deletions' };
  let gap: Window | null = { from: sweep.position + 1, to: sweep.until };
  let pages = 0;
  let whole = true;
  for await (const event of readRange(lister, gap, { parallel: false })) {
    gap = null;
    if (event.kind === 'records') {
      pages += 1;
      yield event;
      continue;
    }
    if (event.kind === 'unproven') {
      yield { kind: 'incomplete', label: `deletions, ${describe([event.window])}`, reason: event.reason };
      sweep = { ...sweep, position: Math.max(sweep.position, event.window.to) };
      whole = false;
      continue;
    }
    yield closed(event.window, event.total, event.seen.size);
    await known.settle();
    const absent: string[] = [];
    let live = 0;
    for await (const key of known.keys({ column: 'created_at', ...event.window })) {
      live += 1;
      if (!event.seen.has(key)) absent.push(key);
    }
    const [listed] = event.seen.keys();
    const gone = await confirmGone(context, lister, { window: event.window, absent, listed });
    whole &&= gone.length === absent.length;
    sweep = { ...sweep, position: Math.max(sweep.position, event.window.to), live: sweep.live + live, gone: [...sweep.gone, ...gone] };
    if (sweep.gone.length > collectedAtMost && !confirmed) break;
    state = { ...state, sweep };
    yield { kind: 'checkpoint', state: formatState(state) };
    if (pages > 0 && context.outOfTime() && !context.sweep) {
      yield { kind: 'due', text: 'a sweep for deleted contacts' };
      return;
    }
  }
  const tooMany = (sweep.gone.length > collectedAtMost || mustHold(sweep.gone.length, sweep.live)) && !confirmed;
  const held = tooMany ? { rows: sweep.gone.length, of: sweep.live } : null;
  if (held !== null) yield { kind: 'held', ...held };
  else if (sweep.gone.length > 0) yield { kind: 'gone', keys: sweep.gone, sentAtMs: context.clock.now() };
  // A held sweep starts over with the next one that is due or asked for; what could not be proven is looked at again soon.
  yield { kind: 'checkpoint', state: formatState({ ...state, sweep: null, loss: !whole, held, sweptAt: now }) };
}

type Absence = { readonly window: Window; readonly absent: readonly string[]; readonly listed: string | undefined };

async function confirmGone(context: ReadContext, lister: Lister, { window, absent, listed }: Absence): Promise<readonly string[]> {
  const { aircall, request } = context;
  const ask = (key: string) => aircall.contacts.retrieve(BigInt(key), request);
  if (absent.length <= askedOneByOne) return provenGone(absent, listed, ask);
  const again = new Set<string>();
  for await (const event of readRange(lister, window, { parallel: false })) {
    if (event.kind === 'unproven') return [];
    if (event.kind === 'proven') for (const key of event.seen.keys()) again.add(key);
  }
  return provenGoneByListing(absent, again, listed, ask);
}

function contactLister(context: ReadContext, orderedBy: 'created_at' | 'updated_at'): Lister {
  const { aircall, request } = context;
  return timeLister({
    endpoint: api.contacts.list,
    list: (query) => {
      const { from, to, ...rest } = query;
      // Bounds act on `created_at` even here, so a walk by change time goes without any.
      return orderedBy === 'updated_at'
        ? aircall.contacts.list({ ...rest, orderBy: 'updated_at' }, request)
        : aircall.contacts.list({ ...rest, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }, request);
    },
    orderedBy,
    key: 'id',
  });
}

function closed(window: Window, total: number, distinct: number): Item {
  return { kind: 'closed', label: describe([window]), total, distinct };
}

function recordsHash(records: readonly unknown[]): string {
  const hash = createHash('sha256');
  for (const record of records) hash.update(recordHash(record));
  return hash.digest('base64url').slice(0, 22);
}

function parseState(json: JsonObject | null): State {
  const numberOr = (name: string) => (typeof json?.[name] === 'number' ? json[name] : null);
  const sweep = json?.['sweep'];
  return {
    closed: parseWindows(json?.['closed']),
    until: numberOr('until'),
    watermark: numberOr('watermark'),
    total: numberOr('total'),
    firstPage: typeof json?.['firstPage'] === 'string' ? json['firstPage'] : null,
    sweptAt: numberOr('sweptAt'),
    sweep: isObject(sweep)
      ? {
          until: Number(sweep['until']),
          position: Number(sweep['position']),
          live: Number(sweep['live']),
          gone: Array.isArray(sweep['gone']) ? sweep['gone'].map((key) => keyOf(key) ?? '').filter((key) => key !== '') : [],
        }
      : null,
    loss: json?.['loss'] === true,
    unproven: parseUnproven(json?.['unproven']),
    held: isObject(json?.['held']) ? { rows: Number(json['held']['rows']), of: Number(json['held']['of']) } : null,
  };
}

function formatState(state: State): JsonObject {
  return {
    version: 1,
    ...state,
    closed: formatWindows(state.closed),
    sweep: state.sweep === null ? null : { ...state.sweep },
    held: state.held,
    unproven: formatUnproven(state.unproven),
  };
}
