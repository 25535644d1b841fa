// JSON text with the freedom a hostile or merely unusual server has: integers of any length, lone surrogates, NUL.
import { parse as parseExact } from 'json-custom-numbers';
import type { ExactJson } from '../base/index.ts';

/** JSON text that is written as it stands, for what `JSON.stringify` cannot say: `rawJson('123456789012345678901234567890')`. */
export class RawJson {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export function rawJson(text: string): RawJson {
  return new RawJson(text);
}

/** `JSON.stringify` that also writes {@link RawJson} and bigint values digit by digit. */
export function jsonText(value: unknown): string {
  if (value instanceof RawJson) return value.text;
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return `[${value.map((item) => jsonText(item)).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const parts: string[] = [];
    for (const [name, item] of Object.entries(value)) {
      if (item !== undefined) parts.push(`${JSON.stringify(name)}:${jsonText(item)}`);
    }
    return `{${parts.join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
}

/** Parses without losing a digit: integers that a `number` cannot hold become `bigint`. */
export function exactJson(text: string): ExactJson {
  if (!longInteger.test(text)) return JSON.parse(text) as ExactJson;
  return parseExact(text, undefined, exactNumber) as ExactJson;
}

// Only a number stands behind one of these; the digits of an id or a signature inside a text cost nothing.
const longInteger = /[:[,-]\d{16}/;

function exactNumber(_name: string | number | undefined, digits: string): number | bigint {
  const value = Number(digits);
  return /^-?\d+$/.test(digits) && !Number.isSafeInteger(value) ? BigInt(digits) : value;
}
