import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Observer } from './observer.ts';

test('stamps increase strictly, whatever the clock does, and go on from the last one kept', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 2_000_000_000_000 }), { minLength: 1, maxLength: 50 }), (times) => {
      const stamps: string[] = [];
      let observer = new Observer(null);
      for (const [index, time] of times.entries()) {
        if (index % 7 === 3) observer = new Observer(observer.last);
        stamps.push(observer.stamp(time));
      }
      expect(stamps).toEqual([...new Set(stamps)].toSorted());
    }),
  );
});

test('a stamp is the time its request was sent, in microseconds and UTC', () => {
  const sentAt = Date.UTC(2026, 8, 10, 12, 0, 0, 250);
  const observer = new Observer(null);
  expect(observer.stamp(sentAt)).toBe('2026-09-10T12:00:00.250000Z');
  expect(observer.stamp(sentAt)).toBe('2026-09-10T12:00:00.250001Z');
});
