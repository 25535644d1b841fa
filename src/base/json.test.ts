import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson } from './json.ts';

test('names are sorted by UTF-16 code units and numbers written as in the example of RFC 8785', () => {
  // rfc-editor.org/rfc/rfc8785, sections 3.2.2 and 3.2.3.
  // Its numbers are 333333333.33333329, 1E30, 4.50, 2e-3 and 0.000000000000000000000000001.
  const example: unknown = JSON.parse(
    '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],'.concat(
      '"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false]}',
    ),
  );
  expect(canonicalJson(example)).toBe(
    `{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA'B\\"\\\\\\\\\\"/"}`,
  );
  const names = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6, '\u00f6': 7 };
  expect(Object.values(JSON.parse(canonicalJson(names)) as object)).toHaveLength(7);
  expect([...canonicalJson(names).matchAll(/:(\d)/g)].map(([, digit]) => digit).join('')).toBe('2467153');
});

test('the order in which members were given does not show, and the value comes back', () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'grapheme' }), (value) => {
      const text = canonicalJson(value);
      const plain = JSON.stringify(value);
      expect(JSON.parse(text)).toEqual(JSON.parse(plain));
      expect(canonicalJson(reversed(value))).toBe(text);
    }),
  );
});

test('digits of integers beyond 2^53 are kept', () => {
  expect(canonicalJson({ id: 12345678901234567890n })).toBe('{"id":12345678901234567890}');
});

test('members that are undefined are left out; what has no text is refused', () => {
  expect(canonicalJson({ a: undefined, b: 1 })).toBe('{"b":1}');
  for (const value of [undefined, Number.NaN, Infinity, 'a\ud800', { 'a\udc00': 1 }, () => 1, [undefined]]) {
    expect(() => canonicalJson(value)).toThrow(TypeError);
  }
});

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, member]) => [name, reversed(member)]),
  );
}
