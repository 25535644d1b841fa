import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RememberedKeys } from './remembered-keys.ts';

async function keysOf(remembered: RememberedKeys, between?: { readonly from: number; readonly to: number }): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const key of remembered.keys(between)) keys.push(key);
  return keys.toSorted();
}

const moment = fc.integer({ min: 0, max: 4_000_000_000 });

test('keys survive being written down and read, within any stretch of time', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.maxSafeNat(), moment)), fc.array(fc.maxSafeNat()), moment, moment, async (added, gone, a, b) => {
      const remembered = new RememberedKeys(null);
      const model = new Map<number, number>();
      for (const [key, second] of added) {
        remembered.add(String(key), second);
        model.set(key, second);
      }
      for (const key of [...gone, ...added.slice(0, 2).map(([known]) => known)]) {
        remembered.delete(String(key));
        model.delete(key);
      }
      const again = new RememberedKeys(structuredClone(remembered.format()));
      const between = { from: Math.min(a, b), to: Math.max(a, b) };
      const expected = [...model].filter(([, second]) => second >= between.from && second <= between.to).map(([key]) => String(key));
      expect(await keysOf(again, between)).toEqual(expected.toSorted());
      expect(await keysOf(again)).toEqual([...model.keys()].map(String).toSorted());
    }),
  );
});

test('what cannot be read is forgotten, and too many keys are not kept', async () => {
  for (const broken of [null, 1, 'x', [], {}, { keys: 'a', at: [] }, { keys: [1], at: [] }, { keys: [1, 'x', 2], at: [1, 2, 3] }]) {
    const [first] = await keysOf(new RememberedKeys(broken));
    expect(first === undefined || first === '1').toBe(true);
  }
  const full = new RememberedKeys({ tooMany: true });
  full.add('1', 1);
  expect(full.isFull).toBe(true);
  expect(await keysOf(full)).toEqual([]);
  expect(full.format()).toEqual({ tooMany: true });
});
