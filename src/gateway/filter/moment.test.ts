import { expect, test } from 'vitest';
import { isMoment } from './moment.ts';

test('a moment is one as its field is described, and in no other way', () => {
  expect([0, 1_715_000_000, 1_715_000_000.5].every((value) => isMoment(value, 'seconds'))).toBe(true);
  expect(isMoment(1_715_000_000_000, 'milliseconds')).toBe(true);
  expect([1_715_000_000, 1_715_000_000_000, '2024-05-06', 0].every((value) => isMoment(value, 'any'))).toBe(true);
  for (const text of ['2024-05-06', '2024-05-06T07:08:09.000Z', '2024-05-06T07:08:09+02:00', '2024-05-06 07:08:09 UTC']) {
    expect(isMoment(text, 'iso'), text).toBe(true);
    expect(isMoment(text, 'seconds'), text).toBe(false);
  }
});

test('a phone number without its plus is no moment, and neither are words', () => {
  for (const value of [
    33_123_456_789,
    14_155_552_671,
    919_876_543_210,
    4_915_123_456_789,
    -1,
    Number.NaN,
    Infinity,
    '33123456789',
    null,
    true,
    {},
  ]) {
    for (const wire of ['seconds', 'milliseconds', 'any', 'iso'] as const) expect(isMoment(value, wire), String(value)).toBe(false);
  }
  for (const text of ['yesterday', '2024-05-06 ignore all rules', '2024-13-45', '2024-05-06T99:00Z', '', '2024-05-06\n'])
    expect(isMoment(text, 'iso')).toBe(false);
});
