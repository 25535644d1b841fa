import { randomUUID } from 'node:crypto';
import { parse, stringify } from 'json-custom-numbers';
import type { ExactJson } from '../base/index.ts';
import { plainJsonText } from './plain-json-text.ts';

// 2^53 has 16 digits. A number in JSON follows one of these characters; digits inside longer words (signatures, uuids)
// do not count. What else it finds, such as a long number in a text, costs time and nothing more.
const mayHoldLongInteger = /[:[,\s-]\d{16}/;
const integer = /^-?\d+$/;

/**
 * `JSON.parse`, except that integers beyond 2^53 become `bigint`, so that no digit is lost. Throws a `SyntaxError` whose
 * message may quote the text: do not pass it on.
 */
export function parseExactJson(text: string): ExactJson {
  const body = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  // Parsers give nothing but JSON values; none of them says so in its type.
  if (!mayHoldLongInteger.test(body)) return JSON.parse(body) as ExactJson;
  if (maySpellProto.test(body)) return parseMarked(body);
  return parse(body, undefined, (_key, literal) => exactNumber(literal)) as ExactJson;
}

/** The same for UTF-8. What is not UTF-8 becomes U+FFFD. */
export function parseExactJsonBytes(bytes: Buffer): ExactJson {
  const plain = plainJsonText(bytes);
  return plain === null ? parseExactJson(bytes.toString('utf8')) : (JSON.parse(plain) as ExactJson);
}

/** `JSON.stringify` that writes a `bigint` as a number. */
export function stringifyExactJson(value: unknown): string {
  return stringify(value, undefined, undefined, (_key, inner, type) => (type === 'bigint' ? String(inner) : undefined));
}

function exactNumber(literal: string): number | bigint {
  const value = Number(literal);
  return Number.isSafeInteger(value) || !integer.test(literal) ? value : BigInt(literal);
}

// The parser with custom numbers takes a key `__proto__` for the prototype. Where the text may hold one, plainly or in
// escapes, long integers travel through JSON.parse as marked strings instead, which is four times slower.
const maySpellProto = /__proto__|\\u00(?:5f|7[024]|6f)/i;
const stringOrLongInteger = /"(?:[^"\\]|\\.)*"|-?\d{16,}(?![\d.eE])/g;
const mark = `${randomUUID()}:`;

function parseMarked(body: string): ExactJson {
  const marked = body.replace(stringOrLongInteger, (found) =>
    found.startsWith('"') || typeof exactNumber(found) === 'number' ? found : `"${mark}${found}"`,
  );
  const unmark = (_key: string, value: unknown) =>
    typeof value === 'string' && value.startsWith(mark) ? BigInt(value.slice(mark.length)) : value;
  return JSON.parse(marked, unmark) as ExactJson;
}
