import fc from 'fast-check';
import { expect, test } from 'vitest';
import { depthExceeds, encodeText, exactJson, quarantineText } from './json-text.ts';

const nested = (depth: number): unknown => {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = [value];
  return value;
};

test('JSON values give the text that JSON gives', () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
      expect(JSON.parse(exactJson(value))).toEqual(value);
    }),
  );
});

test('integers keep every digit and overflown numbers stay recognisable', () => {
  expect(exactJson({ id: 12345678901234567890n, list: [Number.POSITIVE_INFINITY, -0, null, undefined] })).toBe(
    '{"id":12345678901234567890,"list":[1e999,-0,null,null]}',
  );
});

test('a value that nests a million levels deep does not overflow the stack', () => {
  expect(exactJson(nested(1_000_000))).toHaveLength(2_000_001);
  expect(depthExceeds(nested(1_000_000), 100)).toBe(true);
  expect(depthExceeds(nested(100), 100)).toBe(false);
});

test('texts are encoded as JSON encodes them, short and long', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      expect(JSON.parse(encodeText(text))).toBe(text);
    }),
  );
  for (const text of ['\ud800', '\u0000', '"', '\\', '\u001f', '😀', '\u2028']) expect(JSON.parse(encodeText(text))).toBe(text);
});

test('what databases refuse is set aside as text about text, and nothing else is', () => {
  expect(quarantineText('plain "text" \u202e')).toBe(JSON.stringify('plain "text" \u202e'));
  for (const value of ['a\u0000b', '\ud800', [Number.POSITIVE_INFINITY], nested(101)]) {
    const text = quarantineText(value);
    expect(text).not.toMatch(/[^\\]\\u(?:0000|d800)/);
    expect(JSON.parse(text)).toBe(exactJson(value));
  }
});
