// How the text of a setting becomes its value. Each function throws `InvalidValue` with the reason as the end of a
// sentence: "TRUNKLINE_QUOTA is "abc", which is not …".
import { logLevels } from '../../base/index.ts';
import type { LogLevel } from '../../base/index.ts';

export class InvalidValue extends Error {}

export function parseText(text: string): string {
  return text;
}

export function parseChoice<const V extends string>(...values: readonly V[]): (text: string) => V {
  return (text) => {
    const found = values.find((value) => value === text.toLowerCase());
    if (found === undefined) throw new InvalidValue(`is none of ${values.join(', ')}`);
    return found;
  };
}

export const parseLogLevel: (text: string) => LogLevel = parseChoice(...logLevels);

export function parseCount(minimum: number): (text: string) => number {
  return (text) => {
    if (!/^\d{1,9}$/.test(text) || Number(text) < minimum) throw new InvalidValue(`is not a whole number of at least ${minimum}`);
    return Number(text);
  };
}

export function parseQuota(text: string): number | 'off' {
  if (text.toLowerCase() === 'off') return 'off';
  if (!/^\d{1,9}$/.test(text) || Number(text) < 1) throw new InvalidValue('is neither a whole number of requests a minute nor off');
  return Number(text);
}

/** `128MB`, `1GB`, `512MiB`, in the writing DuckDB takes. */
export function parseSize(text: string): string {
  if (!/^\d+(\.\d+)?\s?([KMGT]i?B)$/i.test(text)) throw new InvalidValue('is not a size with a unit');
  return text.replace(/\s/, '');
}

/** A key-encryption key: 32 bytes as base64 or as 64 hexadecimal digits. */
export function parseKey(text: string): Buffer {
  const key = /^[0-9a-f]{64}$/i.test(text) ? Buffer.from(text, 'hex') : Buffer.from(text, 'base64');
  if (key.length !== 32) throw new InvalidValue('is not a key of 32 bytes in base64');
  return key;
}

/** A comma list of names, without empty and repeated ones. */
export function parseNames(text: string): readonly string[] {
  const names = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  if (names.length === 0) throw new InvalidValue('names no stream');
  return [...new Set(names)];
}

/** An http address without path. Plain http is accepted for this very machine only: the credential travels in each request. */
export function parseBaseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) throw new InvalidValue('is not an https address');
  if (url.username !== '' || url.password !== '') throw new InvalidValue('has a credential in it, which does not belong into an address');
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    throw new InvalidValue('is a plain http address of another machine, to which the credential would travel unprotected');
  }
  if (url.search !== '' || url.hash !== '' || url.pathname !== '/') throw new InvalidValue('has a path; only the origin is wanted');
  return url.origin;
}

export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

/** A moment as written by a person, and whether it was only a day. */
export type WrittenMoment = { readonly at: Date; readonly isDay: boolean };

const written = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,6})?)?(Z|[+-]\d{2}:?\d{2})?)?$/i;

/** An ISO-8601 date or time; UTC where it names no zone. A day that does not exist is refused, not moved. */
export function parseMoment(text: string): WrittenMoment {
  const parts = written.exec(text.trim());
  if (parts === null) throw new InvalidValue('is not a date');
  const [, year = '', month = '', day = '', hour, minute = '', seconds = '00', zone = 'Z'] = parts;
  const midnight = new Date(`${year}-${month}-${day}T00:00:00Z`);
  if (Number.isNaN(midnight.getTime()) || midnight.toISOString().slice(0, 10) !== `${year}-${month}-${day}`) {
    throw new InvalidValue('is not a day of the calendar');
  }
  if (hour === undefined) return { at: midnight, isDay: true };
  const at = new Date(`${year}-${month}-${day}T${hour}:${minute}:${seconds}${zone.toUpperCase()}`);
  if (Number.isNaN(at.getTime())) throw new InvalidValue('is not a time of day');
  return { at, isDay: false };
}

const spanUnits = { s: 1, m: 60, min: 60, h: 3600, d: 86_400, w: 604_800 } as const;

/** `90s`, `15m`, `2h`, `3d`: a span of time in milliseconds. */
export function parseSpan(text: string): number {
  const parts = /^(\d{1,6})\s?(s|m|min|h|d|w)$/i.exec(text.trim());
  const unit = parts?.[2]?.toLowerCase();
  if (parts === null || unit === undefined || !(unit in spanUnits)) throw new InvalidValue('is not a span of time');
  return Number(parts[1]) * spanUnits[unit as keyof typeof spanUnits] * 1000; // `in` above has just shown it is a key.
}
