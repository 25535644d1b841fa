// Whether a value of a package line can be held by a column. Says why not, in words for the quarantine.
import { toUSVString } from 'node:util';
import type { ColumnType } from '../rows/index.ts';
import type { Capabilities } from './destination.ts';

const bigints = { least: -(2n ** 63n), most: 2n ** 63n - 1n } as const;
const moment = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/;

/** Null when the value fits (null always does), else why it does not. */
export function misfit(value: unknown, type: ColumnType, limits: Capabilities): string | null {
  if (value === null || value === undefined) return null;
  switch (type) {
    case 'text':
      return typeof value === 'string' ? textMisfit(value, limits) : 'not a text';
    case 'bigint':
      return wholeMisfit(value, bigints.least, bigints.most);
    case 'integer':
      return wholeMisfit(value, -(2n ** 31n), 2n ** 31n - 1n);
    case 'double':
      return typeof value === 'number' && Number.isFinite(value) ? null : 'not a number';
    case 'boolean':
      return typeof value === 'boolean' ? null : 'neither true nor false';
    case 'timestamp':
      return isMoment(value) ? null : 'not a moment in ISO-8601';
    case 'json':
      return nestedMisfit(value, limits);
  }
}

function textMisfit(text: string, limits: Capabilities): string | null {
  if (toUSVString(text) !== text) return 'half of a surrogate pair, which is not a character';
  if (text.length * 3 > limits.textLength && Buffer.byteLength(text) > limits.textLength) return 'longer than the destination can hold';
  return limits.refusedCharacters.some((character) => text.includes(character)) ? 'a character that the destination refuses' : null;
}

function wholeMisfit(value: unknown, least: bigint, most: bigint): string | null {
  const digits = typeof value === 'string' && /^-?\d{1,40}$/.test(value);
  if (!digits && typeof value !== 'bigint' && !Number.isSafeInteger(value)) return 'not a whole number';
  const whole = BigInt(value as string | number | bigint);
  return whole < least || whole > most ? 'out of range' : null;
}

function isMoment(value: unknown): boolean {
  const parts = typeof value === 'string' ? moment.exec(value) : null;
  if (parts === null) return false;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number) as [number, number, number, number, number, number];
  const date = new Date(Date.UTC(2000, month - 1, day, hour, minute, second));
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day && hour < 24 && minute < 60 && second < 60;
}

function nestedMisfit(value: unknown, limits: Capabilities): string | null {
  if (typeof value === 'string') return textMisfit(value, limits);
  if (typeof value !== 'object' || value === null) return null;
  for (const [name, inner] of Object.entries(value)) {
    const found = textMisfit(name, limits) ?? nestedMisfit(inner, limits);
    if (found !== null) return found;
  }
  return null;
}
