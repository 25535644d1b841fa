import { createSecretKey, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openValue, sealValue, sizeOf } from './sealed.ts';

const seal = { key: createSecretKey(randomBytes(32)), random: randomBytes };
const json = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.string({ unit: 'binary' }),
    fc.constantFrom('\u0000', '\u0000int:5', '\u0000\u0000int:5', '__proto__'),
    fc.bigInt({ min: 2n ** 53n }),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value')),
    fc.dictionary(fc.string(), tie('value')),
  ),
})).value;

test('what was sealed comes out again, digit for digit', () => {
  fc.assert(
    fc.property(json, (value) => {
      expect(openValue(sealValue(value, ['here', '1'], seal), ['here', '1'], seal)).toEqual(value);
    }),
  );
});

test('with another key, for another place, or with one bit changed nothing comes out', () => {
  const sealed = sealValue({ secret: 'Marie' }, ['answer', 'acme', '1'], seal);
  expect(openValue(sealed, ['answer', 'acme', '1'], { key: createSecretKey(randomBytes(32)) })).toBeUndefined();
  for (const place of [['answer', 'acme', '2'], ['answer', 'acme1'], ['answer', 'acme', '1', ''], []]) {
    expect(openValue(sealed, place, seal)).toBeUndefined();
  }
  const bytes = Buffer.from(sealed, 'base64');
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const changed = Buffer.from(bytes);
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(openValue(changed.toString('base64'), ['answer', 'acme', '1'], seal)).toBeUndefined();
  }
  for (let length = 0; length < bytes.length; length += 1) {
    expect(openValue(bytes.subarray(0, length).toString('base64'), ['answer', 'acme', '1'], seal)).toBeUndefined();
  }
});

test('the same value is never sealed to the same text twice', () => {
  const texts = Array.from({ length: 100 }, () => sealValue('a', [], seal));
  expect(new Set(texts).size).toBe(100);
});

test('the size of a value counts bytes, not characters', () => {
  expect(sizeOf('é')).toBe(4);
});
