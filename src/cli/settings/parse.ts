// How the text of a setting becomes its value. Each function throws `InvalidValue` with the reason as the end of a
// sentence: "TRUNKLINE_QUOTA is "abc", which is not …".
import { isIPv4, isIPv6 } from 'node:net';
import { logLevels } from '../../base/index.ts';
import type { LogLevel } from '../../base/index.ts';
import type { TokenAlgorithm } from '../../gateway/index.ts';
import type { KeysPlace } from '../../serve/index.ts';

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

/** `off`: no limit. */
export function parseCountOrOff(minimum: number): (text: string) => number | 'off' {
  const parse = parseCount(minimum);
  return (text) => (text.toLowerCase() === 'off' ? 'off' : parse(text));
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

/** A key-encryption key: 32 bytes as base64 or as 64 hexadecimal digits, and nothing that only looks like it. */
export function parseKey(text: string): Buffer {
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, 'hex');
  if (!/^[A-Za-z0-9+/_-]{43}=?$/.test(text)) throw new InvalidValue('is not a key of 32 bytes in base64');
  return Buffer.from(text, 'base64');
}

/** Where a server listens. Port 0: a free one. */
export type Listen = { readonly host: string; readonly port: number };

/** `127.0.0.1:4242`, `[::1]:4242`, `0.0.0.0:80`, `4242`. */
export function parseListen(text: string): Listen {
  const [, bracketed, plain, port = ''] = /^(?:(?:\[([0-9a-f:.]+)\]|([^\s:/]+)):)?(\d{1,5})$/i.exec(text.trim()) ?? [];
  const host = bracketed ?? plain ?? '127.0.0.1';
  const isHost = bracketed !== undefined ? isIPv6(host) : isIPv4(host) || /^(?=.*[a-z])[a-z0-9.-]+$/i.test(host);
  if (port === '' || Number(port) > 65_535 || !isHost) throw new InvalidValue('is not an address with a port');
  return { host, port: Number(port) };
}

/** The origin of a server as others see it. */
export function parsePublicUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) throw new InvalidValue('is not an https address');
  if (url.username !== '' || url.password !== '') throw new InvalidValue('has a credential in it, which does not belong into an address');
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    throw new InvalidValue('is a plain http address: agents would send their keys unprotected');
  }
  if (url.search !== '' || url.hash !== '' || url.pathname !== '/') throw new InvalidValue('has a path; only the origin is wanted');
  return url.origin;
}

/** The address of a collector; a path may stand in it. */
export function parseCollector(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) throw new InvalidValue('is not an http address');
  if (url.username !== '' || url.password !== '') throw new InvalidValue('has a credential in it, which does not belong into an address');
  return text;
}

/** An identity provider, to the letter: its tokens name it so. */
export function parseIssuer(text: string): string {
  const { search, hash } = parseSafeUrl(text);
  if (search !== '' || hash !== '') throw new InvalidValue('has a query or a fragment, which no issuer has');
  return text;
}

/** The address of a key set, or the path of a file. */
export function parseKeysPlace(text: string): KeysPlace {
  return text.includes('://') ? { kind: 'url', url: parseSafeUrl(text).href } : { kind: 'file', path: text };
}

const tokenAlgorithms: readonly TokenAlgorithm[] = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
];

/** A comma list of ways to sign. */
export function parseAlgorithms(text: string): readonly TokenAlgorithm[] {
  return parseNames(text).map((name) => {
    const found = tokenAlgorithms.find((each) => each === name);
    if (found === undefined) throw new InvalidValue(`is not a list of ${tokenAlgorithms.join(', ')}`);
    return found;
  });
}

/** The name of a claim, or an audience: one word. */
export function parseWord(text: string): string {
  if (!/^[\x21-\x7e]{1,255}$/.test(text)) throw new InvalidValue('is not one word of at most 255 characters');
  return text;
}

/** Whoever can stand in between could hand out keys of their own. */
function parseSafeUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) throw new InvalidValue('is not an https address');
  if (url.username !== '' || url.password !== '') throw new InvalidValue('has a credential in it, which does not belong into an address');
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) throw new InvalidValue('is a plain http address of another machine');
  return url;
}

/** A comma list of addresses and networks. */
export function parseProxies(text: string): readonly string[] {
  const entries = text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  for (const entry of entries) {
    const [address = '', bits = '0', ...more] = entry.split('/');
    const longest = isIPv6(address) ? 128 : 32;
    const isNetwork = /^\d{1,3}$/.test(bits) && Number(bits) <= longest && more.length === 0;
    if (!(isIPv4(address) || isIPv6(address)) || !isNetwork) throw new InvalidValue('is not a comma list of addresses and networks');
  }
  if (entries.length === 0) throw new InvalidValue('names no address');
  return entries;
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
