import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseExactJson, parseExactJsonBytes } from './exact-json.ts';
import { plainJsonText } from './plain-json-text.ts';

/** The bytes at any place in memory, not only where words begin. */
function placed(bytes: Buffer, offset: number): Buffer {
  const memory = Buffer.alloc(bytes.length + offset, 0xff);
  bytes.copy(memory, offset);
  return memory.subarray(offset);
}

function outcome(parse: () => unknown): unknown {
  try {
    return { parsed: parse() };
  } catch (error) {
    return { refused: error instanceof SyntaxError };
  }
}

const offset = fc.integer({ min: 0, max: 8 });

test('bytes of JSON are read as their text is, letters beyond ASCII included', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 4, stringUnit: 'binary' }), fc.string({ unit: 'grapheme' }), offset, (json, name, at) => {
      const text = `{"plain":"${'a'.repeat(400)}","name":${JSON.stringify(name)},"rest":${json}}`;
      const bytes = placed(Buffer.from(text), at);
      expect(parseExactJsonBytes(bytes)).toEqual(parseExactJson(bytes.toString('utf8')));
    }),
    { numRuns: 1000 },
  );
});

test('whatever the bytes are, they end as their text does', () => {
  const piece = fc.constantFrom(
    '"',
    '\\',
    '\\\\',
    'é',
    '東',
    '😀',
    '\u00a0',
    '1',
    '1234567890123456',
    'a',
    ' ',
    ':',
    '{',
    '}',
    ',',
    '[',
    ']',
  );
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 60 }).map((array) => Buffer.from(array)),
    fc.array(piece, { maxLength: 30 }).map((pieces) => Buffer.from(`["${'a'.repeat(200)}${pieces.join('')}"]`)),
    fc.tuple(fc.array(piece, { maxLength: 30 }), fc.uint8Array({ maxLength: 4 })).map(([pieces, broken]) => {
      return Buffer.concat([Buffer.from(`["${'a'.repeat(200)}${pieces.join('')}`), broken, Buffer.from('"]')]);
    }),
  );
  fc.assert(
    fc.property(bytes, offset, (given, at) => {
      const read = placed(given, at);
      expect(outcome(() => parseExactJsonBytes(read))).toEqual(outcome(() => parseExactJson(read.toString('utf8'))));
    }),
    { numRuns: 3000 },
  );
});

test('a long integer is exact wherever it stands among the bytes', () => {
  for (let shift = 0; shift < 32; shift += 1) {
    for (const digits of [16, 17, 19, 40]) {
      const id = '9'.repeat(digits);
      expect(parseExactJsonBytes(Buffer.from(`${' '.repeat(shift)}{"name":"é","id":${id}}`))).toEqual({ name: 'é', id: BigInt(id) });
    }
  }
});

test('long digits inside words do not cost the fast way', () => {
  const text = `{"sid":"CA6117d2a901691234567890123456789012","day":"2026-11-22","ratio":0.125,"id":123456789012345}`;
  expect(plainJsonText(Buffer.from(text))).toBe(text);
});
