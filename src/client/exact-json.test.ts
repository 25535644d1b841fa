import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseExactJson, stringifyExactJson } from './exact-json.ts';

test('but for the digits of long integers, everything is as JSON.parse gives it', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 4 }), (text) => {
      expect(rounded(parseExactJson(text))).toEqual(JSON.parse(text));
    }),
    { numRuns: 500 },
  );
});

function rounded(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(rounded);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, rounded(inner)]));
}

test('integers beyond 2^53 keep every digit, wherever they stand', () => {
  const huge = fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }).filter((value) => value > 2n ** 53n || value < -(2n ** 53n));
  fc.assert(
    fc.property(huge, fc.constantFrom('', ' ', '\n', '\t\r\n'), (value, space) => {
      expect(parseExactJson(`{"id":${space}${value},"ids":[${space}${value}${space},1,${value}]}`)).toEqual({
        id: value,
        ids: [value, 1, value],
      });
    }),
  );
});

test('the largest safe integers stay numbers', () => {
  expect(parseExactJson('[9007199254740991,-9007199254740991,9007199254740992]')).toEqual([
    9007199254740991,
    -9007199254740991,
    9007199254740992n,
  ]);
});

test('long digits inside texts and fractions are left alone beside a large id', () => {
  const text = '{"id":12345678901234567890,"sid":"12345678901234567890","ratio":0.12345678901234567,"big":1e30,"none":-0}';
  expect(parseExactJson(text)).toEqual({
    id: 12345678901234567890n,
    sid: '12345678901234567890',
    ratio: Number('0.12345678901234567'),
    big: 1e30,
    none: -0,
  });
});

test('NUL, lone surrogates and a key called __proto__ pass through, with and without a large id', () => {
  for (const id of ['1', '12345678901234567890']) {
    const parsed = parseExactJson(`{"id":${id},"name":"a\\u0000b","half":"\\ud800","__proto__":{"admin":true}}`);
    expect(parsed).toMatchObject({ name: 'a\u0000b', half: '\ud800' });
    expect(Object.hasOwn(parsed as object, '__proto__')).toBe(true);
    expect((parsed as { admin?: unknown }).admin).toBeUndefined();
  }
});

test('a large id is exact beside every spelling of __proto__', () => {
  for (const key of ['__proto__', '\\u005f_proto__', '__\\u0070roto__', '__proto\\u005F_']) {
    const parsed = parseExactJson(`[{"${key}":{"id":-12345678901234567890},"note":"\\"12345678901234567890","exact":1234567890123456}]`);
    const record = (parsed as readonly Record<string, unknown>[])[0]!;
    expect(Object.entries(record)).toEqual([
      ['__proto__', { id: -12345678901234567890n }],
      ['note', '"12345678901234567890'],
      ['exact', 1234567890123456],
    ]);
  }
});

test('a byte order mark before the text is not part of it', () => {
  expect(parseExactJson('\ufeff{"ping":"pong"}')).toEqual({ ping: 'pong' });
});

test('what is not JSON throws, with and without a large id', () => {
  for (const text of ['', '<html>', '{"id":1', '{"id":12345678901234567890', '{"id":12345678901234567890,}']) {
    expect(() => parseExactJson(text)).toThrow(SyntaxError);
  }
});

test('a bigint is written as a number', () => {
  expect(stringifyExactJson({ user_id: 12345678901234567890n, name: 'a', none: undefined, list: [1n, null] })).toBe(
    '{"user_id":12345678901234567890,"name":"a","list":[1,null]}',
  );
});
