import { expect, test } from 'vitest';
import { readLimits, rowConstraint } from './limits.ts';

test('of the limits of two areas both must hold: what stands in both lists, and the shorter time', () => {
  const both = [readLimits({ teams: ['1', '2'], newerThanSeconds: 60 }), readLimits({ teams: ['2', '3'], newerThanSeconds: 3600 })];
  expect(rowConstraint(both)).toEqual({ teams: ['2'], newerThanSeconds: 60 });
  expect(rowConstraint(both.toReversed())).toEqual({ teams: ['2'], newerThanSeconds: 60 });
});
