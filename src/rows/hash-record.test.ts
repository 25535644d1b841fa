import { expect, test } from 'vitest';
import { hashRecord } from './hash-record.ts';

test('the order of keys and empty fields change nothing', () => {
  const hash = hashRecord({ id: 1, user: { id: 2, name: 'Ada' }, tags: [{ a: 1, b: 2 }], gone: null });
  expect(hash).toMatch(/^[0-9a-f]{64}$/);
  expect(hashRecord({ tags: [{ b: 2, a: 1 }], user: { name: 'Ada', id: 2 }, id: 1 })).toBe(hash);
});

test('any other difference changes it', () => {
  const hashes = [
    { id: 1 },
    { id: '1' },
    { id: 1n + 2n ** 53n },
    { id: 1, tags: [] },
    { id: 1, tags: [1, 2] },
    { id: 1, tags: [2, 1] },
    { id: 1, free: { a: null } },
    { id: 1, free: {} },
    { id: 1, text: '' },
    { id: 1, text: '\u0000' },
  ].map(hashRecord);
  expect(new Set(hashes).size).toBe(hashes.length);
});
