import fc from 'fast-check';
import { expect, test } from 'vitest';
import { historyStartMs, limits, parseRateHeaders } from './limits.ts';

const nowMs = Date.UTC(2026, 8, 30, 12, 0, 0);
const dayMs = 86_400_000;

const headers = (pairs: Record<string, string>) => new Headers(pairs);

test('the reset is read in seconds, in milliseconds, or as seconds left', () => {
  const inTenSeconds = nowMs + 10_000;
  for (const reset of [String(inTenSeconds / 1000), String(inTenSeconds), '10']) {
    expect(parseRateHeaders(headers({ 'X-AircallApi-Reset': reset }), nowMs).resetAtMs).toBe(inTenSeconds);
  }
});

test('limit and remaining are read as they are', () => {
  const told = parseRateHeaders(headers({ 'x-aircallapi-limit': '120', 'x-aircallapi-remaining': '0' }), nowMs);
  expect(told).toEqual({ limit: 120, remaining: 0, resetAtMs: undefined });
});

test('Retry-After counts when there is no reset', () => {
  expect(parseRateHeaders(headers({ 'retry-after': '7' }), nowMs).resetAtMs).toBe(nowMs + 7000);
  expect(parseRateHeaders(headers({ 'retry-after': new Date(nowMs + 9000).toUTCString() }), nowMs).resetAtMs).toBe(nowMs + 9000);
  expect(parseRateHeaders(headers({ 'retry-after': '7', 'x-aircallapi-reset': '3' }), nowMs).resetAtMs).toBe(nowMs + 3000);
});

test('absent and unreadable headers say nothing', () => {
  const nothing = { limit: undefined, remaining: undefined, resetAtMs: undefined };
  expect(parseRateHeaders(headers({}), nowMs)).toEqual(nothing);
  expect(parseRateHeaders(headers({ 'x-aircallapi-limit': 'many', 'x-aircallapi-reset': '-1', 'retry-after': 'soon' }), nowMs)).toEqual(
    nothing,
  );
});

test('history starts six calendar months ago, on the last day where that month is shorter', () => {
  expect(new Date(historyStartMs(nowMs)).toISOString()).toBe('2026-03-30T12:00:00.000Z');
  expect(new Date(historyStartMs(Date.UTC(2026, 7, 31, 1, 2, 3))).toISOString()).toBe('2026-02-28T01:02:03.000Z');
  expect(new Date(historyStartMs(Date.UTC(2026, 1, 10))).toISOString()).toBe('2025-08-10T00:00:00.000Z');
});

test('history never starts later for an earlier moment', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 20_000 }), fc.integer({ min: 0, max: dayMs - 1 }), (day, ms) => {
      const at = day * dayMs + ms;
      const start = historyStartMs(at);
      expect(at - start).toBeGreaterThanOrEqual(181 * dayMs - dayMs);
      expect(at - start).toBeLessThanOrEqual(187 * dayMs);
      expect(historyStartMs(at + dayMs)).toBeGreaterThanOrEqual(start);
    }),
  );
});

test('the last page before the cap is page 200 of 50 rows', () => {
  expect(limits.lists.positionalCap / limits.lists.maximumPerPage).toBe(200);
});
