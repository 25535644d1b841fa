// Reads every record of a range of time past the cap on reachable rows, and proves it by counts.
//
//   range ─► walk ascending up to the last reachable page ─► nothing left behind it? ── yes ─► prove the whole window
//                 │                                                  no
//                 │    the last second S may be cut off: prove [from, S−1], go on at S; rows of S come twice
//                 ▼
//   prove: distinct ids seen = Aircall's total, steady over the walk ── yes ─► closed
//     no ─► read the seconds that page borders tore apart again ─► halves, walked afresh ─► halves of those ─► unproven
//
// Rows of one second have no stable order between two requests, and a row that goes pulls its successors one place
// forward: both make a walk that looks right and lacks rows. That is why nothing but the count closes a window.
import type { Lister } from './lister.ts';
import { type Batch, countIn, walk, type Walk } from './walk.ts';
import { isEmpty, type Window } from './window.ts';

export type RangeEvent =
  | Batch
  /** Aircall said `total` and that many distinct ids were seen. `seen` holds them with their seconds. */
  | { readonly kind: 'proven'; readonly window: Window; readonly total: number; readonly seen: ReadonlyMap<string, number> }
  | { readonly kind: 'unproven'; readonly window: Window; readonly reason: string; readonly seen: ReadonlyMap<string, number> };

/** Times a window is taken apart before it is given up as unproven. */
const rounds = 3;
/** Walks over a single second with more than one page, until their union is complete. */
const walksOfOneSecond = 8;
/** Requests that walks over one second may cost in all; a second with thousands of rows is not worth more. */
const requestsForOneSecond = 400;

export type RangeOptions = {
  /** Ask for pages ahead of time; only for windows in which nothing moves any more. */
  readonly parallel: boolean;
};

export async function* readRange(lister: Lister, range: Window, options: RangeOptions): AsyncGenerator<RangeEvent, void> {
  let from = range.from;
  while (from <= range.to) {
    const window = { from, to: range.to };
    const walked = yield* walk(lister, window, { order: 'asc', parallel: options.parallel });
    if (!walked.capped) {
      yield* prove(lister, window, walked, 1);
      return;
    }
    const cut = walked.lastSecond ?? from;
    const first = walked.firstSecond ?? from;
    if (cut > range.to || (cut <= from && first < from)) {
      const reason = 'Aircall lists rows of other times than those asked for';
      yield { kind: 'unproven', window, reason, seen: only(walked.seen, window) };
      return;
    }
    if (cut <= first) {
      // One second fills everything that can be reached.
      if (cut > from) yield* proveByAsking(lister, { from, to: cut - 1 }, walked);
      yield* readOverfullSecond(lister, cut, walked);
      from = cut + 1;
    } else {
      yield* proveByAsking(lister, { from, to: cut - 1 }, walked);
      from = cut;
    }
  }
}

/**
 * Reads the oldest window Aircall serves. Rows leave it at its old end while it is being read: read from the new end,
 * they can only leave behind us, and shift nothing. `window.to` must be recent enough to hold the oldest row and small
 * enough to lie under the cap.
 */
export async function* readOldest(lister: Lister, window: Window): AsyncGenerator<RangeEvent, void> {
  const seen = new Map<string, number>();
  for (let attempt = 0; attempt < walksOfOneSecond; attempt += 1) {
    const walked = yield* walk(lister, window, { order: 'desc' });
    if (walked.capped) break;
    for (const [key, second] of walked.seen) seen.set(key, second);
    if (attempt === 0 && isComplete(walked)) {
      yield { kind: 'proven', window, total: walked.total, seen };
      return;
    }
    // What has left meanwhile does not count any more.
    const now = await lister.page({ window, page: 1, order: 'asc' });
    const oldest = now.records.length > 0 ? (lister.moment(now.records[0]) ?? window.from) : window.to + 1;
    const left = only(seen, { from: oldest, to: window.to });
    if (left.size === now.total) {
      yield { kind: 'proven', window, total: now.total, seen: left };
      return;
    }
  }
  yield* readRange(lister, window, { parallel: false });
}

function isComplete(walked: Walk): boolean {
  return walked.steady && walked.seen.size === walked.total;
}

async function* prove(lister: Lister, window: Window, walked: Walk, round: number): AsyncGenerator<RangeEvent, void> {
  if (isComplete(walked)) {
    yield { kind: 'proven', window, total: walked.total, seen: walked.seen };
    return;
  }
  yield* repair(lister, window, walked, round);
}

/** A window that was read as part of a larger one: its total has to be asked for. */
async function* proveByAsking(lister: Lister, window: Window, walked: Walk): AsyncGenerator<RangeEvent, void> {
  const first = await lister.page({ window, page: 1, order: 'asc' });
  const seen = only(walked.seen, window);
  yield* unseen(lister, seen, { kind: 'records', records: first.records, sentAtMs: first.sentAtMs });
  if (walked.steady && seen.size === first.total) {
    yield { kind: 'proven', window, total: first.total, seen };
    return;
  }
  const torn = walked.torn.filter((second) => second <= window.to);
  yield* repair(lister, window, { ...walked, seen, torn, total: first.total }, 1);
}

async function* repair(lister: Lister, window: Window, walked: Walk, round: number): AsyncGenerator<RangeEvent, void> {
  if (window.from >= window.to) {
    yield* readSecond(lister, window.from, walked);
    return;
  }
  // A steady total means nothing came or went: what is missing slipped through where a border between pages tore a second apart.
  if (walked.steady && walked.torn.length > 0) {
    const seen = new Map(walked.seen);
    for (const second of walked.torn) {
      const again = yield* walkUntilComplete(lister, { from: second, to: second });
      for (const [key, at] of again.seen) seen.set(key, at);
    }
    if (countIn(seen, window) === walked.total) {
      yield { kind: 'proven', window, total: walked.total, seen };
      return;
    }
  }
  if (round > rounds) {
    yield {
      kind: 'unproven',
      window,
      reason: `Aircall counts ${walked.total} rows, ${walked.seen.size} different ones were seen, and reading again did not settle it`,
      seen: walked.seen,
    };
    return;
  }
  for (const half of halves(window, walked.seen)) {
    const again = yield* walk(lister, half, { order: 'asc' });
    if (again.capped) yield* readRange(lister, half, { parallel: false });
    else yield* prove(lister, half, again, round + 1);
  }
}

/** One second: rows come in any order, so several walks are joined until they hold as many ids as Aircall counts. */
async function* readSecond(lister: Lister, second: number, walked: Walk | null): AsyncGenerator<RangeEvent, void> {
  const window = { from: second, to: second };
  const joined = yield* walkUntilComplete(lister, window, walked);
  if (isComplete(joined)) yield { kind: 'proven', window, total: joined.total, seen: joined.seen };
  else {
    yield {
      kind: 'unproven',
      window,
      reason: `Aircall counts ${joined.total} rows within one second and shows them in changing order; ${joined.seen.size} different ones were seen`,
      seen: joined.seen,
    };
  }
}

/** Walks a small window again and again and joins what the walks saw, until the count is right or patience ends. */
async function* walkUntilComplete(lister: Lister, window: Window, before: Walk | null = null): AsyncGenerator<Batch, Walk> {
  let joined: Walk | null = before !== null && before.steady ? before : null;
  let requests = 0;
  for (let attempt = 0; attempt < walksOfOneSecond && requests < requestsForOneSecond; attempt += 1) {
    const again: Walk = yield* walk(lister, window, { order: attempt % 2 === 0 ? 'asc' : 'desc' });
    requests += Math.ceil((again.total + 1) / 50);
    const sameCount: boolean = joined !== null && again.steady && joined.total === again.total;
    joined = sameCount ? { ...again, seen: new Map([...joined!.seen, ...again.seen]) } : again;
    if (isComplete(joined)) break;
  }
  return joined!;
}

/** More rows in one second than can be reached: both directions, then part by part. */
async function* readOverfullSecond(lister: Lister, second: number, walked: Walk): AsyncGenerator<RangeEvent, void> {
  const window = { from: second, to: second };
  const back = yield* walk(lister, window, { order: 'desc' });
  const seen = new Map([...only(walked.seen, window), ...back.seen]);
  if (back.steady && back.total > lister.positionalCap && seen.size === back.total) {
    yield { kind: 'proven', window, total: back.total, seen };
    return;
  }
  let total = 0;
  let whole = lister.parts.length > 0;
  for (const part of lister.parts) {
    let joined: Walk | null = null;
    for (let attempt = 0; attempt < walksOfOneSecond && (joined === null || !isComplete(joined)); attempt += 1) {
      const again: Walk = yield* walk(lister, window, { order: attempt % 2 === 0 ? 'asc' : 'desc', part });
      const sameCount: boolean = joined !== null && joined.steady && again.steady && joined.total === again.total;
      joined = sameCount ? { ...again, seen: new Map([...joined!.seen, ...again.seen]) } : again;
      if (again.total * (attempt + 1) > requestsForOneSecond * 50) break;
    }
    for (const [key, at] of joined!.seen) seen.set(key, at);
    total += joined!.total;
    whole &&= isComplete(joined!) && !joined!.capped;
  }
  if (whole && seen.size === total) yield { kind: 'proven', window, total, seen };
  else {
    yield {
      kind: 'unproven',
      window,
      reason: `more than ${lister.positionalCap} rows lie within one second, of which ${seen.size} could be reached`,
      seen,
    };
  }
}

async function* unseen(lister: Lister, seen: Map<string, number>, batch: Batch): AsyncGenerator<Batch, void> {
  const news = batch.records.filter((record) => {
    const key = lister.key(record);
    return key !== null && !seen.has(key);
  });
  for (const record of news) seen.set(lister.key(record)!, lister.moment(record) ?? 0);
  if (news.length > 0) yield { ...batch, records: news };
}

function only(seen: ReadonlyMap<string, number>, window: Window): Map<string, number> {
  return new Map([...seen].filter(([, second]) => second >= window.from && second <= window.to));
}

/** Two parts with about as many seen rows each. */
function halves(window: Window, seen: ReadonlyMap<string, number>): readonly Window[] {
  const seconds = [...seen.values()].filter((second) => second >= window.from && second <= window.to).toSorted((a, b) => a - b);
  const median = seconds[Math.floor(seconds.length / 2)] ?? Math.floor((window.from + window.to) / 2);
  const middle = Math.min(Math.max(median - 1, window.from), window.to - 1);
  return [
    { from: window.from, to: middle },
    { from: middle + 1, to: window.to },
  ].filter((half) => !isEmpty(half));
}
