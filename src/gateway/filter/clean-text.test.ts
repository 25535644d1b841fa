import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { cleanText, maximumTextLength } from './clean-text.ts';

test('what a person sees stays: words of all scripts, accents, emojis, tabs and new lines', () => {
  for (const text of ['Grüße\taus\nKöln', 'こんにちは', 'مرحبا', 'हिन्दी', '👍 fine 🎉', 'x² + ½', '‘quoted’ — dash…', '']) {
    expect(cleanText(text)).toBe(text);
  }
});

test.each([
  ['escape sequences that colour', '\u001b[1;31mred\u001b[0m', 'red'],
  ['escape sequences in one byte', '\u009b31mred', 'red'],
  ['titles of windows', '\u001b]0;new title\u0007text', 'text'],
  ['titles that end otherwise', '\u001b]2;new title\u001b\\text', 'text'],
  ['links of terminals', '\u001b]8;;https://evil.example\u0007click\u001b]8;;\u0007', 'click'],
  ['other escapes', '\u001bcreset\u001b(0', 'reset'],
  ['an escape without an end', 'a\u001b', 'a'],
  ['bells, nulls and backspaces', 'a\u0007b\u0000c\u0008d\u007fe', 'abcde'],
  ['carriage returns', 'a\r\nb\rc', 'a\nb\nc'],
  ['separators of lines and paragraphs', 'a\u2028b\u2029c\u0085d', 'a\nb\nc\nd'],
  ['zero-width characters', 'a\u200bb\u200cc\u200dd\u2060e\ufefff', 'abcdef'],
  ['direction controls', '\u202eabc\u202c\u2066d\u2069\u200e\u200f\u061c', 'abcd'],
  ['tag characters', 'hi\u{e0001}\u{e0041}\u{e007f}', 'hi'],
  ['variation selectors', 'a\ufe0fb\u{e0100}c\u{e01ef}', 'abc'],
  ['soft hyphens and fillers', 'a\u00adb\u034fc\u3164d\uffa0e\u115ff', 'abcdef'],
  ['annotations', 'a\ufff9b\ufffac\ufffb', 'abc'],
  ['private characters', 'a\ue000b\u{f0000}c', 'abc'],
  ['code points that are none', 'a\uffffb\u{1fffe}c\ufdd0', 'abc'],
  ['halves of pairs', 'a\ud800b\udc00c', 'a\ufffdb\ufffdc'],
  ['halves that a removed character parts', '\ud83d\u200b\ude00', '\ufffd\ufffd'],
])('%s are taken out', (_what, text, expected) => {
  expect(cleanText(text)).toBe(expected);
});

test('nothing unseen is left, nothing grows, and cleaning twice changes nothing', () => {
  const nasty = fc.array(
    fc.oneof(
      fc.constantFrom(
        '\u001b',
        '\u009b',
        '[',
        ']',
        '0',
        ';',
        'm',
        '\u0007',
        '\\',
        '\u200b',
        '\u202e',
        '\u{e0041}',
        '\ufe0f',
        '\ud800',
        '\udc00',
        '\r',
      ),
      fc.string({ unit: 'binary', maxLength: 3 }),
    ),
    { maxLength: 40 },
  );
  fc.assert(
    fc.property(nasty, (parts) => {
      const text = parts.join('');
      const cleaned = cleanText(text);
      expect(cleaned.replaceAll(/[\n\t]/g, '')).not.toMatch(
        /[\p{Cc}\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\p{Co}]|\p{Surrogate}/u,
      );
      expect(cleaned.length).toBeLessThanOrEqual(text.length);
      expect(cleanText(cleaned)).toBe(cleaned);
    }),
    { numRuns: 500 },
  );
});

test('text is cut to its greatest length, between characters, and ends in an ellipsis', () => {
  expect(cleanText('a'.repeat(maximumTextLength))).toHaveLength(maximumTextLength);
  const cut = cleanText('a'.repeat(maximumTextLength + 1));
  expect([cut.length, cut.at(-1)]).toEqual([maximumTextLength, '…']);
  expect(cleanText('👍'.repeat(10), 6)).toBe('👍👍…');
  expect(cleanText(cut)).toBe(cut);
});

test('a long hostile text takes no time to speak of', () => {
  // Patterns that could go back and forth do so for seconds here.
  for (const unit of ['\u001b[', '\u001b]', '\u001b]0;', '\u001b[0;0', '\u202e', '\ud800']) {
    const startedAt = performance.now();
    cleanText(unit.repeat(200_000));
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  }
});
