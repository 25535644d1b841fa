import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readStrictJson } from './strict-json.ts';

/** Long whole numbers as `JSON.parse` gives them. */
function withNumbers(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(withNumbers);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withNumbers(inner)]));
}

test('what is read is what JSON.parse reads', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6, stringUnit: 'binary' }), fc.constantFrom('', ' ', '\n\t'), (value, space) => {
      const text = space + JSON.stringify(value, null, space) + space;
      const read = readStrictJson(text);
      if (/"__proto__"/.test(text) || /\p{Surrogate}/u.test(JSON.stringify(value)) || /\\ud[89a-f]/i.test(text)) return;
      expect(withNumbers(read)).toEqual({ value: JSON.parse(text) });
    }),
  );
});

test('whatever JSON.parse refuses is refused', () => {
  const text = fc.oneof(
    fc.string({ maxLength: 12 }),
    fc
      .array(
        fc.constantFrom('{', '}', '[', ']', ',', ':', '"', '"a"', '1', '-', '.', 'e', '0', 'true', 'null', ' ', '\\', '\u00a0', '\n'),
        { maxLength: 8 },
      )
      .map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(text, (each) => {
      let isJson = true;
      try {
        JSON.parse(each);
      } catch {
        isJson = false;
      }
      if (!isJson) expect(readStrictJson(each)).toHaveProperty('problem');
    }),
    { numRuns: 3000 },
  );
});

test.each([
  ['a name twice', '{"a":1,"a":2}'],
  ['a name twice, once in escapes', '{"a":1,"\\u0061":2}'],
  ['a name twice further in', '[{"b":{"a":1,"a":1}}]'],
  ['the prototype', '{"__proto__":{"admin":true}}'],
  ['half a character', '{"a":"\\ud800"}'],
  ['a number beyond all', '{"a":1e999}'],
  ['deep nesting', `${'['.repeat(14)}${']'.repeat(14)}`],
  ['very deep nesting', '['.repeat(200_000)],
  ['too many values', `[${'1,'.repeat(20_001)}1]`],
  ['two values', '{} {}'],
  ['a byte order mark', '\ufeff{}'],
  ['nothing', ''],
])('%s is refused', (_name, text) => {
  expect(readStrictJson(text)).toHaveProperty('problem');
});

test('ids beyond 2^53 keep their digits', () => {
  expect(readStrictJson('{"id":9007199254740993}')).toEqual({ value: { id: 9007199254740993n } });
});
