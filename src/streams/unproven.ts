// Windows that could not be proven complete. They are read again by the next run; those that stay unproven, such as a
// second with more rows than can be reached, only once a day: they would eat the budget of every run.
import { isObject } from '../base/index.ts';
import { addWindow, intersectWith, isEmpty, missingFrom, type Window, type WindowSet } from './window.ts';

export type Unproven = {
  readonly window: Window;
  readonly reason: string;
  readonly tries: number;
  /** UNIX seconds. */
  readonly triedAt: number;
};

const triesAtOnce = 2;
const afterThatEvery = 24 * 3600;

/** Notes one more failed try. */
export function noteUnproven(list: readonly Unproven[], window: Window, reason: string, now: number): readonly Unproven[] {
  const before = list.find((known) => known.window.from === window.from && known.window.to === window.to);
  return [...list.filter((known) => known !== before), { window, reason, tries: (before?.tries ?? 0) + 1, triedAt: now }];
}

/** Forgets what has been proven since. */
export function noteProven(list: readonly Unproven[], window: Window): readonly Unproven[] {
  return list.filter((known) => known.window.from < window.from || known.window.to > window.to);
}

/** Of the gaps, those to read now, and the unproven windows in them that are left for a later day. */
export function postpone(
  gaps: WindowSet,
  list: readonly Unproven[],
  now: number,
): { readonly read: WindowSet; readonly later: readonly Unproven[] } {
  const later = list.filter(
    (known) =>
      known.tries >= triesAtOnce &&
      now - known.triedAt < afterThatEvery &&
      now >= known.triedAt &&
      gaps.some((gap) => gap.from <= known.window.from && gap.to >= known.window.to),
  );
  const put: WindowSet = later.reduce<WindowSet>((set, { window }) => addWindow(set, window), []);
  const read = gaps.flatMap((gap) => missingFrom(intersectWith(put, gap), gap)).filter((gap) => !isEmpty(gap));
  return { read, later };
}

export function formatUnproven(list: readonly Unproven[]) {
  return list.map(({ window, reason, tries, triedAt }) => ({ from: window.from, to: window.to, reason, tries, triedAt }));
}

/** Entries that are no windows are left out: people may edit a state. */
export function parseUnproven(value: unknown): readonly Unproven[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((item: unknown) => {
    if (!isObject(item)) return [];
    const { from, to, reason, tries, triedAt } = item;
    if (typeof from !== 'number' || typeof to !== 'number' || typeof tries !== 'number' || typeof triedAt !== 'number') return [];
    return [{ window: { from, to }, reason: String(reason), tries, triedAt }];
  });
}
