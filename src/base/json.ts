/** A JSON value as `JSON.parse` gives it. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
export type JsonObject = { readonly [name: string]: Json };

/**
 * A JSON value as Aircall may send it: integers beyond 2^53 arrive as `bigint` so that no digit is lost. Everything
 * else is what `JSON.parse` gives.
 */
export type ExactJson = null | boolean | number | bigint | string | readonly ExactJson[] | { readonly [name: string]: ExactJson };

/** An object that came from outside and has not been looked at yet. */
export type UnknownRecord = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is UnknownRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The one text of a value that everybody writes alike, for hashing: RFC 8785 (rfc-editor.org/rfc/rfc8785), names sorted by
 * UTF-16 code units and no spaces. Members that are undefined are left out. A bigint, which the RFC has no word for, is
 * written as its digits. Throws a `TypeError` for what has no such text: numbers that are not finite, text with half a
 * surrogate pair, functions, undefined.
 */
export function canonicalJson(value: unknown): string {
  switch (typeof value) {
    case 'string':
      if (plain.test(value)) return `"${value}"`;
      if (loneSurrogate.test(value)) throw new TypeError('Text with half a surrogate pair has no canonical JSON.');
      return JSON.stringify(value);
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError(`${value} has no canonical JSON.`);
      return JSON.stringify(value);
    case 'bigint':
    case 'boolean':
      return String(value);
    case 'object':
      if (value === null) return 'null';
      if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
      return canonicalObject(value);
    default:
      throw new TypeError(`A ${typeof value} has no canonical JSON.`);
  }
}

/** Nothing in it needs an escape. */
const plain = /^[\w .:/-]*$/;
const loneSurrogate = /\p{Surrogate}/u;

function canonicalObject(value: object): string {
  let text = '';
  for (const name of Object.keys(value).sort()) {
    const member: unknown = Reflect.get(value, name);
    if (member !== undefined) text += `${text === '' ? '' : ','}${canonicalJson(name)}:${canonicalJson(member)}`;
  }
  return `{${text}}`;
}
