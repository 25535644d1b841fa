import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseMoment } from './moment.ts';

describe('what each wire form means', () => {
  test.each([
    ['seconds', 1789000000, '2026-09-10T00:26:40.000000Z'],
    ['seconds', 0, '1970-01-01T00:00:00.000000Z'],
    ['seconds', -1, '1969-12-31T23:59:59.000000Z'],
    ['seconds', '1789000000', '2026-09-10T00:26:40.000000Z'],
    ['seconds', 1789000000.25, '2026-09-10T00:26:40.250000Z'],
    ['seconds', 253402300799, '9999-12-31T23:59:59.000000Z'],
    ['seconds', -62135596800, '0001-01-01T00:00:00.000000Z'],
    ['milliseconds', 1789000000123, '2026-09-10T00:26:40.123000Z'],
    ['milliseconds', -1, '1969-12-31T23:59:59.999000Z'],
    ['any', 1789000000, '2026-09-10T00:26:40.000000Z'],
    ['any', 1789000000123, '2026-09-10T00:26:40.123000Z'],
    ['any', '2026-02-03T10:11:12Z', '2026-02-03T10:11:12.000000Z'],
    ['iso', '2026-02-03T10:11:12.000Z', '2026-02-03T10:11:12.000000Z'],
    ['iso', '2026-02-03T10:11:12.123456Z', '2026-02-03T10:11:12.123456Z'],
    ['iso', '2026-02-03T10:11:12.123456000Z', '2026-02-03T10:11:12.123456Z'],
    ['iso', '2026-02-03T10:11+02:00', '2026-02-03T08:11:00.000000Z'],
    ['iso', '2026-02-03 10:11:12 UTC', '2026-02-03T10:11:12.000000Z'],
    ['iso', '2024-02-29T23:30:00-0130', '2024-03-01T01:00:00.000000Z'],
    ['iso', '0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000000Z'],
    // ISO text says by itself what it means, so a server that changes to it loses nothing.
    ['seconds', '2026-02-03T10:11:12Z', '2026-02-03T10:11:12.000000Z'],
  ] as const)('%s %o', (wire, value, moment) => expect(parseMoment(value, wire)).toBe(moment));
});

describe('what is no moment', () => {
  test.each([
    ['seconds', 1789000000123],
    ['seconds', Number.POSITIVE_INFINITY],
    ['seconds', Number.NaN],
    ['seconds', 1789000000.1234567],
    ['seconds', true],
    ['seconds', 'yesterday'],
    ['seconds', '01789000000'],
    ['seconds', 1789000000n],
    ['iso', 1789000000],
    ['iso', '1789000000'],
    ['iso', '2026-02-03'],
    ['iso', '2026-02-03T10:11:12'],
    ['iso', '2026-02-30T10:11:12Z'],
    ['iso', '2026-13-01T10:11:12Z'],
    ['iso', '2026-02-03T24:00:00Z'],
    ['iso', '2026-02-03T10:11:60Z'],
    ['iso', '2026-02-03T10:11:12+25:00'],
    ['iso', '2026-02-03T10:11:12.1234567Z'],
    ['iso', '0000-01-01T00:00:00Z'],
    ['iso', '9999-12-31T23:59:59-01:00'],
    ['iso', ''],
    ['any', '99999999999999999999'],
  ] as const)('%s %o', (wire, value) => expect(parseMoment(value, wire)).toBeUndefined());
});

test('every second and millisecond of four digit years reads back as itself', () => {
  fc.assert(
    fc.property(fc.integer({ min: -62135596800000, max: 253402300799999 }), (ms) => {
      const moment = parseMoment(ms, 'milliseconds');
      expect(moment).toBe(`${new Date(ms).toISOString().slice(0, -1)}000Z`);
      expect(parseMoment(moment, 'iso')).toBe(moment);
    }),
  );
});

test('seconds and ISO text of one instant are one moment', () => {
  fc.assert(
    fc.property(fc.integer({ min: -62135596800, max: 253402300799 }), (seconds) => {
      expect(parseMoment(seconds, 'seconds')).toBe(parseMoment(new Date(seconds * 1000).toISOString(), 'iso'));
    }),
  );
});
