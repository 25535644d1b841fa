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
