import { expect, test } from 'vitest';
import { compareWithCedar } from './cedar.conformance.ts';

test('Cedar lets through exactly what we let through, ten thousand times', () => {
  const { compared, allowed } = compareWithCedar(10_000);
  expect(compared).toBeGreaterThan(8000);
  expect(allowed).toBeGreaterThan(1000);
});
