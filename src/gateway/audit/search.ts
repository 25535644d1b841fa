// Finding records: piece by piece, so that neither memory nor the event loop feels how long the log is.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { throwIfAborted } from '../../base/index.ts';
import type { Clock } from '../../base/index.ts';
import type { AuditStore, RecordFilter, StoredRecord } from '../../store/index.ts';

export type SearchOptions = {
  readonly store: AuditStore;
  readonly filter: RecordFilter;
  /** ISO-8601 moments: not before the first, before the second. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** Only records after this number. */
  readonly after?: number | undefined;
  /** The newest so many of those that fit; absent: all. */
  readonly newest?: number | undefined;
  readonly signal?: AbortSignal | undefined;
};

const window = 5_000;

/** The records that fit, oldest first, of what the log holds at the start. */
export async function* searchRecords(options: SearchOptions): AsyncGenerator<StoredRecord> {
  const { store, filter, newest, signal } = options;
  const { after, until } = boundsOf(options);
  const direct = filter.callId !== undefined;
  const step = direct ? Math.max(1, until - after) : window;
  if (newest !== undefined) {
    const found: StoredRecord[] = [];
    for (let upper = until; upper > after && found.length < newest; upper -= step) {
      throwIfAborted(signal);
      const lower = Math.max(after, upper - step);
      found.push(...store.find({ filter, after: lower, until: upper, limit: newest - found.length, newestFirst: true }));
      await nextTurn();
    }
    yield* found.reverse();
    return;
  }
  for (let lower = after; lower < until; lower += step) {
    throwIfAborted(signal);
    yield* store.find({ filter, after: lower, until: Math.min(until, lower + step), limit: step, newestFirst: false });
    await nextTurn();
  }
}

/** What is added after a number, for ever: looks again every half second. Ends with `Interrupted`. */
export async function* followRecords(options: {
  readonly store: AuditStore;
  readonly filter: RecordFilter;
  readonly after: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}): AsyncGenerator<StoredRecord> {
  const { store, filter, clock, signal } = options;
  for (let { after } = options; ;) {
    const until = Math.min(store.ends().lastSeq, after + window);
    if (until > after) yield* store.find({ filter, after, until, limit: window, newestFirst: false });
    else await clock.sleep(500, signal);
    after = Math.max(after, until);
    throwIfAborted(signal);
  }
}

function boundsOf({ store, from, to, after = 0 }: SearchOptions): { readonly after: number; readonly until: number } {
  const until = to === undefined ? store.ends().lastSeq : store.lastBefore(to);
  // Before that there is nothing, or what is archived and about to go.
  const archived = store.segments.last()?.lastSeq ?? 0;
  return { after: Math.max(after, archived, from === undefined ? 0 : store.lastBefore(from)), until };
}
