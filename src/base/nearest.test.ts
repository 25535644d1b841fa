import { expect, test } from 'vitest';
import { nearest } from './nearest.ts';

test.each([
  ['snyc', 'sync'],
  ['cals', 'calls'],
  ['Contacts', 'contacts'],
  ['statsu', 'status'],
  ['user_availabilty', 'user_availability'],
  ['xyz', null],
  ['', null],
])('%s is near to %s', (typed, meant) => {
  expect(nearest(typed, ['sync', 'status', 'calls', 'contacts', 'user_availability'])).toBe(meant);
});
