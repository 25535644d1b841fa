import fc from 'fast-check';
import { expect, test } from 'vitest';
import { showRequest, showValue } from './shown.ts';

test('ids are plain, everything else is quoted, with the names of Aircall’s API', () => {
  const given = {
    at: { id: '812345' },
    query: { order: 'asc', page: 2, from: undefined },
    body: { content: 'Hello', tags: [1, 2], big: 9_007_199_254_740_993n, isShared: true, nothing: null },
  };
  expect(showRequest({ sentence: 'Billing Bot asks.', why: 'A rule asks for it.' }, given)).toEqual({
    sentence: 'Billing Bot asks.',
    why: 'A rule asks for it.',
    arguments: [
      { name: 'path.id', value: '812345', cutCharacters: 0 },
      { name: 'query.order', value: '"asc"', cutCharacters: 0 },
      { name: 'query.page', value: '2', cutCharacters: 0 },
      { name: 'body.content', value: '"Hello"', cutCharacters: 0 },
      { name: 'body.tags', value: '[1,2]', cutCharacters: 0 },
      { name: 'body.big', value: '9007199254740993', cutCharacters: 0 },
      { name: 'body.isShared', value: 'true', cutCharacters: 0 },
      { name: 'body.nothing', value: 'null', cutCharacters: 0 },
    ],
  });
});

test('whatever an agent sends stays on one line, in quotation marks, and shows every character it has', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      fc.pre(!/^\d{1,20}$/.test(text));
      const { value } = showValue(text);
      expect(value).toMatch(/^"(?:[^"\\]|\\.)*"$/u);
      expect(value).not.toMatch(/[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/u);
    }),
  );
});

test.each([
  ['a line break', 'a\nApproved by Olga', '"a\\nApproved by Olga"'],
  ['a quotation mark', 'a" path.id = 7 "', '"a\\" path.id = 7 \\""'],
  ['text that runs backwards', 'pay \u202e001', '"pay \ufffd001"'],
  ['a tag that nobody sees', 'ok\u{e0064}\u{e0065}', '"ok\ufffd\ufffd"'],
  ['a zero-width space', 'de\u200blete', '"de\ufffdlete"'],
  ['a separator of lines', 'a\u2028b', '"a\ufffdb"'],
  ['data in variation selectors', 'x\u{e0100}\u{fe0f}', '"x\ufffd\ufffd"'],
  ['an escape sequence', '\u001b[2J', '"\\u001b[2J"'],
  ['half a character', 'a\ud83d', '"a\\ud83d"'],
])('%s can be seen', (_name, text, shown) => {
  expect(showValue(text).value).toBe(shown);
});

test('what is too long is cut between characters, and says by how much', () => {
  const { value, cutCharacters } = showValue('\u{1f600}'.repeat(3_000));
  expect(value.endsWith('…')).toBe(true);
  expect(value).not.toMatch(/\p{Cs}/u);
  expect(cutCharacters).toBe(6_002 - (value.length - 1));
});

test('a text as long as Aircall takes any is shown whole', () => {
  expect(showValue('x'.repeat(3_998)).cutCharacters).toBe(0);
});

test('names that an agent made up are quoted too, and too many are counted', () => {
  const body = Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`free\n${at}`, at]));
  const shown = showRequest({ sentence: 'It asks.', why: null }, { at: {}, query: {}, body }).arguments;
  expect(shown[0]?.name).toBe('body."free\\n0"');
  expect(shown).toHaveLength(201);
  expect(shown.at(-1)).toEqual({ name: 'more', value: '100 arguments are not shown', cutCharacters: 100 });
});
