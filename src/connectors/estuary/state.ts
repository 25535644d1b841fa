// What is remembered of each binding from one session to the next, under its state key.
//
//   { "bindingStateV1": { "contacts.v1": { "version": 1, "backfill": { "cutoff": … }, "stream": { … }, "keys": { … } } } }
//
// No entry: never begun. `backfill`: the first read is not over. `stream` is where the stream says it stands. `keys`: what it
// has delivered, of a stream that compares this with what is listed.
import { isObject, type JsonObject, type UnknownRecord } from '../../base/index.ts';
import { StateBroken } from './errors.ts';
import { withoutNulls } from './merge-patch.ts';

export type BindingState = {
  /** As the stream gave it with its last checkpoint; null before the first. */
  readonly stream: JsonObject | null;
  /** The first read is under way; it began at `cutoff`, UNIX seconds. Null once it is over. */
  readonly backfill: { readonly cutoff: number } | null;
  /** Delivered keys in their compact form; null where nothing has to be compared with them. */
  readonly keys: JsonObject | null;
};

const all = 'bindingStateV1';
const version = 1;

/** The entry of a binding, or null where there is none. Throws `StateBroken` for what we did not write. */
export function parseBindingState(state: UnknownRecord, stateKey: string, name: string): BindingState | null {
  const entries = state[all];
  if (entries === undefined || entries === null) return null;
  if (!isObject(entries)) throw new StateBroken('the task', `"${all}" is not an object`);
  const entry = Object.hasOwn(entries, stateKey) ? entries[stateKey] : undefined;
  if (entry === undefined || entry === null) return null;
  if (!isObject(entry)) throw new StateBroken(name, 'it is not an object');
  if (entry['version'] !== version) {
    const what = entry['version'] === undefined ? 'it has no "version"' : 'its "version" is none that this release knows';
    throw new StateBroken(name, what);
  }
  const { stream = null, backfill = null, keys = null } = entry;
  if (stream !== null && !isObject(stream)) throw new StateBroken(name, '"stream" is not an object');
  if (keys !== null && !isObject(keys)) throw new StateBroken(name, '"keys" is not an object');
  return {
    stream: stream as JsonObject | null, // it came out of JSON, and so did the keys
    backfill: backfill === null ? null : { cutoff: cutoffOf(backfill, name) },
    keys: keys as JsonObject | null,
  };
}

/** Without nulls, as the runtime keeps it. */
export function formatBindingState({ stream, backfill, keys }: BindingState): JsonObject {
  return withoutNulls({
    version,
    backfill: backfill === null ? null : { cutoff: new Date(backfill.cutoff * 1000).toISOString() },
    stream,
    keys,
  });
}

/** The patch of the whole state for the patches of single bindings. */
export function patchOfBindings(patches: readonly (readonly [stateKey: string, patch: JsonObject])[]): JsonObject {
  const real = patches.filter(([, patch]) => Object.keys(patch).length > 0);
  return real.length === 0 ? {} : { [all]: Object.fromEntries(real) };
}

function cutoffOf(backfill: unknown, name: string): number {
  const cutoff = isObject(backfill) && typeof backfill['cutoff'] === 'string' ? Date.parse(backfill['cutoff']) : Number.NaN;
  if (Number.isNaN(cutoff)) throw new StateBroken(name, '"backfill.cutoff" is no moment');
  return Math.floor(cutoff / 1000);
}
