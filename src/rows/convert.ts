// One value, one declared type: what is accepted as it is, what is accepted in another spelling, and what is odd.
import type { MomentWire } from '../aircall/index.ts';
import { numberText } from './json-text.ts';
import { parseMoment } from './moment.ts';
import type { ColumnType } from './schema.ts';

/** A scalar of a clean record. Integers are numbers while these are exact, else `bigint`. */
export type Scalar = boolean | number | bigint | string;

/** The typed value, or `undefined` for one that does not fit. Never called with null. */
export type Convert = (value: unknown) => Scalar | undefined;

export type Conversion = {
  readonly convert: Convert;
  /** What was expected, for the reason of a quarantined value. */
  readonly expected: string;
};

/** How values of a declared field become typed, by the type of its column. `wire` says how a moment travels. */
export function conversionTo(type: Exclude<ColumnType, 'json'>, wire: MomentWire = 'any'): Conversion {
  if (type === 'timestamp') return { convert: (value) => parseMoment(value, wire), expected: 'a moment' };
  return conversions[type];
}

const conversions = {
  text: { convert: toText, expected: 'text' },
  bigint: { convert: toBigint, expected: 'a whole number of 64 bits' },
  integer: { convert: toInteger, expected: 'a whole number of 32 bits' },
  double: { convert: toDouble, expected: 'a number' },
  boolean: { convert: (value: unknown) => (typeof value === 'boolean' ? value : undefined), expected: 'true or false' },
} as const satisfies Record<string, Conversion>;

/** Text as it is; a number as its exact digits, because ids and codes travel both ways. */
function toText(value: unknown): Scalar | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? numberText(value) : undefined;
  return typeof value === 'bigint' ? value.toString() : undefined;
}

const smallest64 = -(2n ** 63n);
const largest64 = 2n ** 63n - 1n;

/** Whether a whole number fits 64 bits. */
export function fits64(value: bigint): boolean {
  return value >= smallest64 && value <= largest64;
}

const wholeDigits = /^(?:0|-?[1-9]\d{0,18})$/;

// A whole `number` beyond 2^53 was rounded by whoever parsed it, so nobody knows which integer it was.
function toBigint(value: unknown): Scalar | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : undefined;
  if (typeof value === 'bigint') return fits64(value) ? narrow(value) : undefined;
  if (typeof value !== 'string' || !wholeDigits.test(value)) return undefined;
  if (value.length < 16) return Number(value);
  const whole = BigInt(value);
  return fits64(whole) ? narrow(whole) : undefined;
}

/** A `number` where it is exact, so that equal integers are equal values. */
function narrow(value: bigint): number | bigint {
  const rounded = Number(value);
  return Number.isSafeInteger(rounded) ? rounded : value;
}

function toInteger(value: unknown): Scalar | undefined {
  const whole = toBigint(value);
  return typeof whole === 'number' && whole >= -2_147_483_648 && whole <= 2_147_483_647 ? whole : undefined;
}

function toDouble(value: unknown): Scalar | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value === 'bigint') return BigInt(Number(value)) === value ? Number(value) : undefined;
  if (typeof value !== 'string') return undefined;
  const parsed = Number(value);
  return Number.isFinite(parsed) && String(parsed) === value ? parsed : undefined;
}

/** What a value is, in words for a person. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  switch (typeof value) {
    case 'string':
      return 'text';
    case 'number':
      if (!Number.isFinite(value)) return 'a number beyond all limits';
      if (Number.isSafeInteger(value)) return 'a whole number';
      return Number.isInteger(value) ? 'a whole number too large to be exact' : 'a number';
    case 'bigint':
      return fits64(value) ? 'a whole number' : 'a whole number beyond 64 bits';
    case 'boolean':
      return 'true or false';
    default:
      return 'an object';
  }
}
