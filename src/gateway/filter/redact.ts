// What the log keeps of a request's arguments: ids, known values, counts and dates as they are; phone numbers, addresses, names,
// links and all other text as keyed hashes. Whoever has the key can ask who looked up a number, by hashing the number; nobody
// can read one from the log.
import { createHmac } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { canonicalJson, isObject } from '../../base/index.ts';
import type { Json } from '../../base/index.ts';
import { textForms } from '../../aircall/index.ts';
import type { Parameter, Parameters } from '../../aircall/index.ts';
import { argumentClassOf } from '../capabilities/capability.ts';
import type { Capability } from '../capabilities/capability.ts';
import type { CallArguments } from '../policy/decision.ts';
import { derive, normalValue } from './tokens.ts';

/** What can be searched for in the log. `text` is everything that is neither a number, an address nor a name. */
export type HashedClass = 'phone' | 'email' | 'person' | 'text';

const labels: Readonly<Record<HashedClass, string>> = { phone: 'tel', email: 'eml', person: 'per', text: 'txt' };

/** Elements of a list, and levels of objects, that are looked at. */
const maximumItems = 100;
const maximumDepth = 6;

/**
 * `hmac:tel:…`, the same for every spelling of a number, an address or a name. Of a number or an address that cannot be read,
 * the hash of its text.
 */
export function hashForSearch(kind: HashedClass, value: string, key: KeyObject): string {
  const normal = kind === 'text' ? null : normalValue(kind, value);
  const hashed = normal === null ? value.normalize('NFC').trim() : kind === 'person' ? normal.toLowerCase() : normal;
  return `hmac:${labels[kind]}:${hmac(key, `${kind}\0${hashed}`).slice(0, 32)}`;
}

/** Total: arguments need not fit their description. What has no place in it is only counted, as `(unknown)`. */
export function redactArguments({ endpoint }: Capability, given: CallArguments, key: KeyObject): Json {
  return {
    at: redactGroup(given.at, endpoint.at, key, 0),
    query: redactGroup(given.query, endpoint.query, key, 0),
    ...(given.body === null ? {} : { body: redactGroup(given.body, endpoint.body, key, 0) }),
  };
}

/** 64 hex digits: the same for the same arguments, whatever the order of their names. */
export function argumentsDigest(given: CallArguments, key: KeyObject): string {
  return hmac(key, `arguments\0${jsonOf(given)}`);
}

function redactGroup(given: unknown, described: Parameters = {}, key: KeyObject, depth: number): Json {
  if (!isObject(given) || depth > maximumDepth) return null;
  const shown: Record<string, Json> = {};
  let unknown = 0;
  for (const name of Object.keys(given)) {
    const parameter = findParameter(described, name);
    if (parameter === undefined) unknown += 1;
    else shown[parameter.name] = redactValue(given[name], parameter.described, key, depth);
  }
  if (unknown > 0) shown['(unknown)'] = unknown;
  return shown;
}

/** By its name, or by the one it has on the wire. */
function findParameter(described: Parameters, name: string): { readonly name: string; readonly described: Parameter } | undefined {
  const own = Object.hasOwn(described, name) ? described[name] : undefined;
  if (own !== undefined) return { name, described: own };
  const found = Object.entries(described).find(([, { wire }]) => wire === name);
  return found === undefined ? undefined : { name: found[0], described: found[1] };
}

function redactValue(value: unknown, described: Parameter, key: KeyObject, depth: number): Json {
  if (value === null || value === undefined) return null;
  if (typeof value === 'boolean') return value;
  if (Array.isArray(value)) {
    const shown = value.slice(0, maximumItems).map((element) => redactValue(element, described, key, depth + 1));
    return depth > maximumDepth ? value.length : value.length > maximumItems ? [...shown, `(${value.length - maximumItems} more)`] : shown;
  }
  if (isObject(value)) {
    if (described.fields !== undefined) return redactGroup(value, described.fields, key, depth + 1);
    return hashOf('text', jsonOf(value), key);
  }
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'bigint') return '(unreadable)';
  return isClear(value, described) ? clear(value) : hashOf(classOf(described, value), String(value), key);
}

function isClear(value: string | number | bigint, described: Parameter): boolean {
  const { type, values, format } = described;
  const text = String(value);
  if (described.class !== undefined) return format === 'id-or-email' && isId(text);
  if (values !== undefined) return values.includes(typeof value === 'bigint' ? text : value);
  if (type === 'id' || type === 'id[]') return isId(text);
  if (type === 'integer') return /^-?\d{1,10}$/.test(text);
  switch (format) {
    case 'unix-seconds':
      return /^\d{1,10}$/.test(text);
    case 'id-or-email':
      return isId(text);
    case 'uuid-or-id':
      return isId(text) || /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
    case 'token':
      // An id; a single word may be a name.
      return /^(?=.*\d)[\w.:-]{1,64}$/.test(text);
    case 'hex-color':
      return textForms.color.test(text);
    case 'iana-time-zone':
      return textForms['time-zone'].test(text) && isTimeZone(text);
    case 'iso-date':
      return /^\d{4}-\d{2}-\d{2}(?:T[\d:.]{5,12}(?:Z|[+-]\d{2}:\d{2})?)?$/.test(text);
    case 'language':
      return textForms.language.test(text);
    default:
      // Phone numbers, addresses, links, tokens of pages, and whatever is new.
      return false;
  }
}

/** One that exists: any single word has the form of one. */
function isTimeZone(text: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

function isId(text: string): boolean {
  return /^\d{1,20}$/.test(text);
}

function clear(value: string | number | bigint): Json {
  return typeof value === 'bigint' ? value.toString() : value;
}

function classOf(described: Parameter, value: string | number | bigint): HashedClass {
  const declared = argumentClassOf(described);
  if (declared === 'phone' || declared === 'email' || declared === 'person') return declared;
  if (described.format === 'e164') return 'phone';
  if (described.format === 'email' || (described.format === 'id-or-email' && String(value).includes('@'))) return 'email';
  return 'text';
}

function hashOf(kind: HashedClass, value: string, key: KeyObject): string {
  return hashForSearch(kind, value, key);
}

function jsonOf(value: object): string {
  try {
    return canonicalJson(value);
  } catch {
    // Text with half a surrogate pair, in arguments that no schema has seen yet.
    return JSON.stringify(value, (_name, member: unknown) => (typeof member === 'bigint' ? member.toString() : member));
  }
}

const derived = new WeakMap<KeyObject, Buffer>();

function hmac(key: KeyObject, text: string): string {
  const known = derived.get(key) ?? derive(key, 'records');
  derived.set(key, known);
  return createHmac('sha256', known).update(text).digest('hex');
}
