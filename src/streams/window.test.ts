import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addWindow, cutAfter, formatWindows, intersectWith, missingFrom, parseWindows, type Window, type WindowSet } from './window.ts';

const windowArbitrary = fc
  .tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: -2, max: 12 }))
  .map(([from, length]) => ({ from, to: from + length }));
const setArbitrary = fc.array(windowArbitrary, { maxLength: 12 }).map((windows) => windows.reduce<WindowSet>(addWindow, []));

const members = (set: WindowSet | readonly Window[]) => {
  const result = new Set<number>();
  for (const { from, to } of set) for (let second = from; second <= to; second += 1) result.add(second);
  return result;
};

const without = (set: ReadonlySet<number>, other: ReadonlySet<number>) => new Set([...set].filter((second) => !other.has(second)));

test('a set holds exactly the seconds that were added, sorted and never touching', () => {
  fc.assert(
    fc.property(fc.array(windowArbitrary, { maxLength: 12 }), (windows) => {
      const set = windows.reduce<WindowSet>(addWindow, []);
      expect(members(set)).toEqual(members(windows));
      for (const [index, window] of set.entries()) {
        const next = set[index + 1];
        if (next !== undefined) expect(next.from).toBeGreaterThan(window.to + 1);
      }
    }),
  );
});

test('what is missing from a range is the range without the set', () => {
  fc.assert(
    fc.property(setArbitrary, windowArbitrary, (set, range) => {
      expect(members(missingFrom(set, range))).toEqual(without(members([range]), members(set)));
    }),
  );
});

test('cutting and intersecting keep what lies inside', () => {
  fc.assert(
    fc.property(setArbitrary, windowArbitrary, fc.integer({ min: 0, max: 70 }), (set, range, to) => {
      expect(members(intersectWith(set, range))).toEqual(without(members(set), without(members(set), members([range]))));
      expect(members(cutAfter(set, to))).toEqual(new Set([...members(set)].filter((second) => second <= to)));
    }),
  );
});

test('a set survives its way through state', () => {
  fc.assert(
    fc.property(setArbitrary, (set) => {
      expect(parseWindows(structuredClone(formatWindows(set)))).toEqual(set);
    }),
  );
});
