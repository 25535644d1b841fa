import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatDuration, parseDuration } from './duration.ts';

test('spans are read as ISO 8601 writes them', () => {
  const spans = { PT5M: 300, PT0S: 0, P1D: 86_400, P1DT12H: 129_600, P2W: 1_209_600, PT1H30M15S: 5415, PT90M: 5400 };
  for (const [text, seconds] of Object.entries(spans)) expect([text, parseDuration(text)]).toEqual([text, seconds]);
  for (const text of [
    '',
    'P',
    'PT',
    'P1DT',
    '5M',
    'PT5',
    'P1M',
    'P1Y',
    'pt5m',
    'PT-5M',
    'PT1.5H',
    ' PT5M',
    'PT5M ',
    'PT5M3H',
    'PT99999999999S',
  ]) {
    expect([text, parseDuration(text)]).toEqual([text, null]);
  }
});

test('what is written is read again', () => {
  fc.assert(
    fc.property(fc.nat(400 * 86_400), (seconds) => {
      expect(parseDuration(formatDuration(seconds))).toBe(seconds);
    }),
  );
});
