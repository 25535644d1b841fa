import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { RememberedKeys } from '../remembered-keys.ts';
import { formatKeys, parseKeys } from './compact-keys.ts';
import { patchBetween } from './merge-patch.ts';

function remember(entries: Iterable<readonly [number, number]>): RememberedKeys {
  const remembered = new RememberedKeys(null);
  for (const [key, second] of entries) remembered.add(String(key), second);
  return remembered;
}

test('keys and their seconds survive being written into the state and read from it', () => {
  const entry = fc.tuple(fc.oneof(fc.maxSafeNat(), fc.nat(5000)), fc.integer({ min: 0, max: 4_000_000_000 }));
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 300 }), (entries) => {
      const known = new Map(entries);
      const again = parseKeys(structuredClone(formatKeys(remember(known))));
      expect(new Map(again.entries())).toEqual(known);
    }),
  );
});

test('fifty thousand contacts take some 300 kilobytes, and one more changes little of it', () => {
  let key = 61_000_000;
  let second = 1_600_000_000;
  const entries = Array.from(
    { length: 49_999 },
    (_, index) => [(key += 1 + ((index * 7919) % 20_000)), (second += (index * 104_729) % 5_000)] as const,
  );
  const before = formatKeys(remember(entries));
  expect(JSON.stringify(before).length).toBeLessThan(350_000);
  const after = formatKeys(remember([...entries, [61_000_003, 1_600_000_100]]));
  expect(JSON.stringify(patchBetween(before, after)).length).toBeLessThan(20_000);
});

test('what cannot be read is forgotten, and too many keys are not kept', () => {
  for (const broken of [null, 1, 'x', [], {}, { a: 1 }, { 5: '%%' }]) expect([...parseKeys(broken).entries()]).toEqual([]);
  const full = parseKeys(
    formatKeys(
      remember([
        [1, 1],
        [2, 2],
        [3, 3],
      ]),
    ),
    2,
  );
  expect(full.isFull).toBe(true);
  expect(parseKeys(formatKeys(full)).isFull).toBe(true);
});
