// Windows of time, in whole seconds, both ends included, and sets of them.
//
// Aircall's filters differ from list to list in whether a bound is included. Here a window is always closed on both
// sides; the lister translates it to what its endpoint understands.

/** UNIX seconds, both included. `from` 0 stands for "as far back as Aircall serves". */
export type Window = { readonly from: number; readonly to: number };

export function isEmpty(window: Window): boolean {
  return window.to < window.from;
}

/** Sorted, disjoint, not touching. */
export type WindowSet = readonly Window[];

/** The set with a window added; neighbours that touch or overlap become one. */
export function addWindow(set: WindowSet, added: Window): WindowSet {
  if (isEmpty(added)) return set;
  const before = set.filter((window) => window.to < added.from - 1);
  const after = set.filter((window) => window.from > added.to + 1);
  const joined = set.filter((window) => window.to >= added.from - 1 && window.from <= added.to + 1);
  const merged = {
    from: Math.min(added.from, ...joined.map((window) => window.from)),
    to: Math.max(added.to, ...joined.map((window) => window.to)),
  };
  return [...before, merged, ...after];
}

/** What of `range` the set does not cover, oldest first. */
export function missingFrom(set: WindowSet, range: Window): WindowSet {
  const missing: Window[] = [];
  let from = range.from;
  for (const window of set) {
    if (window.to < from) continue;
    if (window.from > range.to) break;
    if (window.from > from) missing.push({ from, to: window.from - 1 });
    from = window.to + 1;
  }
  if (from <= range.to) missing.push({ from, to: range.to });
  return missing;
}

/** The set without what lies in `window`. */
export function withoutWindow(set: WindowSet, window: Window): WindowSet {
  return set.flatMap((of) => missingFrom([window], of));
}

/** The set without everything after `to`. */
export function cutAfter(set: WindowSet, to: number): WindowSet {
  return set.map((window) => ({ from: window.from, to: Math.min(window.to, to) })).filter((window) => !isEmpty(window));
}

/** What of the set lies in `range`. */
export function intersectWith(set: WindowSet, range: Window): WindowSet {
  return set
    .map((window) => ({ from: Math.max(window.from, range.from), to: Math.min(window.to, range.to) }))
    .filter((window) => !isEmpty(window));
}

/** For people: from the first second of the set to its last, in UTC. */
export function describe(set: WindowSet): string {
  const first = set[0]?.from ?? 0;
  const last = set.at(-1)?.to ?? 0;
  const text = (seconds: number) => new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ');
  return first === 0 ? `everything until ${text(last)}` : `${text(first)} to ${text(last)}`;
}

/** Windows as `[from, to]` pairs. */
export function formatWindows(set: WindowSet): readonly (readonly [number, number])[] {
  return set.map((window) => [window.from, window.to] as const);
}

export function parseWindows(value: unknown): WindowSet {
  if (!Array.isArray(value)) return [];
  return value.flatMap((pair: unknown) =>
    Array.isArray(pair) && typeof pair[0] === 'number' && typeof pair[1] === 'number' ? [{ from: pair[0], to: pair[1] }] : [],
  );
}
