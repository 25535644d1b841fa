// JSON text that loses nothing: integers beyond 2^53 keep every digit, and depth is no danger to the stack.
import { createHash } from 'node:crypto';

/** Levels of nesting a stored JSON value may have. Databases refuse, or crash on, much deeper ones. */
export const deepestJson = 100;

/**
 * The JSON text of any value. `bigint` becomes a number token with all its digits; a number too large for a double (which
 * arrives as `Infinity`) becomes `1e999`, which reads back as what arrived. What JSON cannot hold becomes `null`.
 */
export function exactJson(value: unknown): string {
  // An explicit stack, because a hostile answer may nest deeper than the call stack.
  let text = '';
  const open: OpenValue[] = [];
  let current: unknown = value;
  for (;;) {
    if (typeof current === 'object' && current !== null) {
      const isList = Array.isArray(current);
      text += isList ? '[' : '{';
      open.push({ isList, names: isList ? null : Object.keys(current), values: current as OpenValue['values'], next: 0 });
    } else {
      text += scalarJson(current);
    }
    for (;;) {
      const innermost = open.at(-1);
      if (innermost === undefined) return text;
      const { isList, names, values, next } = innermost;
      const size = names === null ? (values['length'] as number) : names.length;
      if (next === size) {
        text += isList ? ']' : '}';
        open.pop();
        continue;
      }
      if (next > 0) text += ',';
      const name = names === null ? next : (names[next] as string);
      if (names !== null) text += `${JSON.stringify(name)}:`;
      current = values[name];
      innermost.next = next + 1;
      break;
    }
  }
}

type OpenValue = {
  readonly isList: boolean;
  readonly names: readonly string[] | null;
  readonly values: Readonly<Record<string | number, unknown>>;
  next: number;
};

function scalarJson(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return encodeText(value);
    case 'number':
      return numberText(value);
    case 'bigint':
    case 'boolean':
      return String(value);
    default:
      return 'null';
  }
}

/** The text of a number, as JSON would write it: `-0` keeps its sign, an overflown one stays recognisable. */
export function numberText(value: number): string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? '-0' : String(value);
  return value > 0 ? '1e999' : value < 0 ? '-1e999' : 'null';
}

const quotable = /["\\\u0000-\u001f\ud800-\udfff]/;

/** A JSON string. Short plain texts, nearly all of them, skip the general encoder. */
export function encodeText(text: string): string {
  const { length } = text;
  if (length > 64) return quotable.test(text) ? JSON.stringify(text) : `"${text}"`;
  for (let index = 0; index < length; index++) {
    const code = text.charCodeAt(index);
    if (code < 32 || code === 34 || code === 92 || (code >= 0xd800 && code <= 0xdfff)) return JSON.stringify(text);
  }
  return `"${text}"`;
}

const refusedEscape = /\\u(?:0000|d[89a-f][0-9a-f]{2})/;

/**
 * The JSON text under which a value is set aside. It is always JSON that every database accepts: where the exact text holds
 * what some refuse (U+0000, lone surrogates, numbers beyond a double, deep nesting), it is wrapped once more, as a JSON string
 * whose content is the exact text.
 */
export function quarantineText(value: unknown): string {
  const text = exactJson(value);
  return refusedEscape.test(text) || text.includes('1e999') || depthExceeds(value, deepestJson) ? JSON.stringify(text) : text;
}

/** Whether a value nests deeper than `limit` levels: `1` has depth 0, `[1]` depth 1. */
export function depthExceeds(value: unknown, limit: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (limit === 0) return true;
  return (Array.isArray(value) ? value : Object.values(value)).some((inner) => depthExceeds(inner, limit - 1));
}

/** Six letters and digits that stand for a text, the same on every machine and in every run. */
export function shortHash(text: string): string {
  const digest = createHash('sha256').update(text).digest();
  return digest.readUIntBE(0, 6).toString(36).padStart(6, '0').slice(-6);
}
