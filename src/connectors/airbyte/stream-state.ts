// The state of one stream as the platform keeps it: what the stream itself says of where it stands, the newest observation,
// and a counter that makes every state differ from all before it. People may see and edit it, so it is plain JSON with a
// version; every version ever written stays readable.
import { isObject, type JsonObject } from '../../base/index.ts';
import { StateBroken } from './input-errors.ts';

export type StreamState = {
  /** As the stream gave it; null before its first checkpoint. */
  readonly inner: JsonObject | null;
  /** The newest cursor value given to a record, ISO-8601 UTC; null before the first. */
  readonly observedAt: string | null;
  readonly sequence: number;
  /** Of a stream that is swept for deletions: the keys it has delivered, as they are kept. */
  readonly keys: JsonObject | null;
};

/** What came in for a stream: where to go on, and what is peculiar about it. */
export type Resumed = {
  readonly state: StreamState;
  /** It says that everything was read, or that it was written in a future we have not reached. */
  readonly nothingToRead: 'finished' | 'future' | null;
  /** It was written by another connector, and tells nothing about what this one needs to know. */
  readonly foreign: boolean;
};

export const noState: StreamState = { inner: null, observedAt: null, sequence: 0, keys: null };

/** A state that far ahead of the clock is no clock that went wrong. */
const futureAfterMs = 24 * 3600 * 1000;

/** Cursor fields of Airbyte's own connector, whose state is one of them with a moment. */
const foreignCursors = ['created_at', 'updated_at', 'started_at'];

export function formatState({ inner, observedAt, sequence, keys }: StreamState): JsonObject {
  return { version: 1, observed_at: observedAt, sequence, state: inner, ...(keys === null ? {} : { keys }) };
}

/** Throws `StateBroken` for a blob that nobody's connector has written. */
export function parseState(
  blob: unknown,
  { stream, nowMs, fullRefresh }: { stream: string; nowMs: number; fullRefresh: boolean },
): Resumed {
  const fresh = { state: noState, nothingToRead: null, foreign: false } as const;
  if (blob === null || blob === undefined) return fresh;
  if (!isObject(blob)) throw new StateBroken(stream, 'it is not an object');
  if (Object.keys(blob).length === 0 || blob['__ab_no_cursor_state_message'] === true) return fresh;
  if (blob['__ab_full_refresh_sync_complete'] === true) return fullRefresh ? { ...fresh, nothingToRead: 'finished' } : fresh;

  const isFuture = (moment: number | null) => moment !== null && moment > nowMs + futureAfterMs;
  const foreign = foreignCursors.filter((name) => name in blob);
  if (!('version' in blob) && foreign.length > 0) {
    const moments = foreign.map((name) => momentOf(blob[name]));
    if (moments.includes(null)) throw new StateBroken(stream, `"${foreign.join('", "')}" is no moment`);
    return { ...fresh, foreign: true, nothingToRead: moments.some(isFuture) ? 'future' : null };
  }

  const { version, state, keys = null, observed_at: observedAt = null, sequence = 0 } = blob;
  if (version !== 1) {
    throw new StateBroken(stream, version === undefined ? 'it has no "version"' : 'its "version" is none that this release knows');
  }
  if (state !== null && !isObject(state)) throw new StateBroken(stream, '"state" is neither an object nor null');
  if (!hasPlausibleNumbers(state)) throw new StateBroken(stream, 'it holds a number that can be neither a moment nor a count');
  const observed = observedAt === null ? null : momentOf(observedAt);
  if (observedAt !== null && (typeof observedAt !== 'string' || observed === null))
    throw new StateBroken(stream, '"observed_at" is no moment');
  if (typeof sequence !== 'number' || !Number.isSafeInteger(sequence) || sequence < 0) {
    throw new StateBroken(stream, '"sequence" is no whole number');
  }
  return {
    // The blob came out of JSON.
    state: { inner: state as JsonObject | null, observedAt, sequence, keys: isObject(keys) ? (keys as JsonObject) : null },
    nothingToRead: isFuture(observed) ? 'future' : null,
    foreign: false,
  };
}

/** Moments in seconds up to the year 9999 are the largest numbers that streams keep; -1 stands for "before the first". */
function hasPlausibleNumbers(value: unknown): boolean {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= -1 && value <= 253_402_300_799;
  return typeof value !== 'object' || value === null || Object.values(value).every(hasPlausibleNumbers);
}

/** Milliseconds since 1970 of a moment as connectors write it into their state: text, or UNIX seconds or milliseconds. */
function momentOf(value: unknown): number | null {
  if (typeof value === 'number' && Number.isFinite(value)) return value >= 1e11 ? value : value * 1000;
  if (typeof value !== 'string' || value === '') return null;
  const parsed = /^\d+(?:\.\d+)?$/.test(value) ? momentOf(Number(value)) : Date.parse(value);
  return parsed === null || Number.isNaN(parsed) ? null : parsed;
}
