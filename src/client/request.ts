// From the arguments of a client method to the request that goes over the wire, as the endpoint's description says.
import type { Endpoint, Parameter, Parameters } from '../aircall/index.ts';
import { isObject, UsageError } from '../base/index.ts';
import type { UnknownRecord } from '../base/index.ts';
import { stringifyExactJson } from './exact-json.ts';

/** What a method was given, sorted: still with our names and types. */
export type Arguments = {
  readonly at: readonly unknown[];
  readonly input: UnknownRecord;
};

/** What goes over the wire. */
export type WireRequest = {
  /** Path and query. */
  readonly path: string;
  readonly body: string | null;
  /** It carries the key by which Aircall recognises a request it has already carried out. */
  readonly keyed: boolean;
};

/** The parameters that turn pages, as the listing wants them. */
export type PageParameters = Readonly<Record<string, string | number>>;

/** By which names parameters are given: ours in camelCase, pages turned by a listing, or Aircall's with the pages among them. */
export type Naming = 'ours' | 'theirs';

/** Whether the methods of this endpoint take an object of parameters. */
export function takesInput(endpoint: Endpoint): boolean {
  return placesOf(endpoint).size > 0;
}

/**
 * Builds the request. Throws a `UsageError` before anything is sent when a parameter is missing, unknown (Aircall would
 * ignore it and, for a filter, answer with everything), or of a kind that cannot be written.
 */
export function buildRequest(endpoint: Endpoint, given: Arguments, turning: PageParameters = {}, naming: Naming = 'ours'): WireRequest {
  const places = placesOf(endpoint, naming);
  const input = withoutUndefined(given.input);
  for (const name of Object.keys(input)) if (!places.has(name)) throw unknownParameter(endpoint, name, [...places.keys()]);
  checkTogether(endpoint, input, { described: places, naming });

  const query: string[] = [];
  const body: [name: string, value: unknown][] = [];
  for (const [name, { wire, parameter, place }] of places) {
    const value = input[name];
    if (value === undefined) {
      if (parameter.required) throw missingParameter(endpoint, name, parameter);
    } else if (place === 'query') query.push(...queryPairs(endpoint, { name, wire, parameter, value }));
    else body.push([wire, bodyValue(endpoint, { name, parameter, value, naming })]);
  }
  for (const [name, value] of Object.entries(turning)) query.push(`${encodeURIComponent(name)}=${encodeURIComponent(value)}`);

  return {
    path: pathOf(endpoint, given.at) + (query.length > 0 ? `?${query.join('&')}` : ''),
    body: body.length > 0 ? stringifyExactJson(Object.fromEntries(body)) : null,
    keyed: endpoint.idempotencyKey !== undefined && body.some(([wire]) => wire === endpoint.idempotencyKey),
  };
}

/** `fetch_contact` → `fetchContact`. */
export function camelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
}

type Place = { readonly wire: string; readonly parameter: Parameter; readonly place: 'query' | 'body' };
type Places = ReadonlyMap<string, Place>;

const knownPlaces: Readonly<Record<Naming, WeakMap<Endpoint, Places>>> = { ours: new WeakMap(), theirs: new WeakMap() };

/** Where each parameter of an endpoint goes, by the name it is given by. */
function placesOf(endpoint: Endpoint, naming: Naming = 'ours'): Places {
  let places = knownPlaces[naming].get(endpoint);
  if (places === undefined) {
    const turning = naming === 'ours' ? pageTurning(endpoint) : undefined;
    const at = (place: 'query' | 'body', parameters: Parameters = {}) =>
      Object.entries(parameters)
        .filter(([name]) => place === 'body' || name !== turning)
        .map(([name, parameter]): [string, Place] => [named(name, naming), { wire: parameter.wire ?? name, parameter, place }]);
    places = new Map([...at('query', endpoint.query), ...at('body', endpoint.body)]);
    knownPlaces[naming].set(endpoint, places);
  }
  return places;
}

function named(name: string, naming: Naming): string {
  return naming === 'ours' ? camelCase(name) : name;
}

function pageTurning({ pagination }: Endpoint): string | undefined {
  if (pagination === undefined) return undefined;
  return pagination.by === 'page' ? 'page' : pagination.token;
}

function pathOf(endpoint: Endpoint, values: readonly unknown[]): string {
  const rest = [...values];
  return endpoint.path.replace(/:(\w+)/g, (_match, name: string) => pathSegment(endpoint, name, rest.shift()));
}

function pathSegment(endpoint: Endpoint, name: string, value: unknown): string {
  const parameter = endpoint.at?.[name];
  const text = typeof value === 'number' || typeof value === 'bigint' ? wholeNumber(endpoint, name, value) : value;
  const usable = typeof text === 'string' && (parameter?.type === 'id' ? /^\d+$/.test(text) : text !== '' && text !== '.' && text !== '..');
  if (!usable) throw badParameter(endpoint, name, parameter?.type === 'id' ? 'an id made of digits' : 'a text that is not empty');
  // Aircall wants the @ of an e-mail address as it is.
  return encodeURIComponent(text).replaceAll('%40', '@');
}

type Named = { readonly name: string; readonly parameter: Parameter; readonly value: unknown };

function queryPairs(endpoint: Endpoint, { name, wire, parameter, value }: Named & { readonly wire: string }): string[] {
  // How Aircall reads `false` is not documented; leaving the flag out is.
  if (value === null || value === false) return [];
  if (parameter.values !== undefined && !parameter.values.some((known) => known === value)) {
    throw badParameter(endpoint, name, `one of ${parameter.values.join(', ')}`);
  }
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return values.map((each) => `${encodeURIComponent(wire)}=${encodeURIComponent(queryText(endpoint, { name, parameter, value: each }))}`);
}

function queryText(endpoint: Endpoint, { name, parameter, value }: Named): string {
  if (parameter.format === 'unix-seconds') return String(unixSeconds(endpoint, name, value));
  if (typeof value === 'number' || typeof value === 'bigint') return wholeNumber(endpoint, name, value);
  if (typeof value === 'string' || typeof value === 'boolean') return String(value);
  throw badParameter(endpoint, name, `of type ${parameter.type}`);
}

function bodyValue(endpoint: Endpoint, { name, parameter, value, naming }: Named & { readonly naming: Naming }): unknown {
  if (value === null) return null;
  if (parameter.format === 'unix-seconds') return unixSeconds(endpoint, name, value);
  if (Array.isArray(value)) return value.map((each: unknown) => bodyValue(endpoint, { name, parameter, value: each, naming }));
  if (parameter.type === 'id' || parameter.type === 'id[]') return idValue(endpoint, name, value);
  if (parameter.fields !== undefined) return objectValue(endpoint, { name, fields: parameter.fields, value, naming });
  return value;
}

/** Keys that are not described go as they are: such objects take more than the documentation lists. */
function objectValue(
  endpoint: Endpoint,
  { name, fields, value, naming }: { readonly name: string; readonly fields: Parameters; readonly value: unknown; readonly naming: Naming },
): UnknownRecord {
  if (!isObject(value)) throw badParameter(endpoint, name, 'an object');
  const known = new Map(
    Object.entries(fields).map(([field, parameter]) => [named(field, naming), { wire: parameter.wire ?? field, parameter }]),
  );
  const given = withoutUndefined(value);
  checkTogether(endpoint, given, { described: known, naming, prefix: `${name}.` });
  for (const [key, { parameter }] of known) {
    if (parameter.required && given[key] === undefined) throw missingParameter(endpoint, `${name}.${key}`, parameter);
  }
  return Object.fromEntries(
    Object.entries(given).map(([key, inner]) => {
      const field = known.get(key);
      if (field === undefined) return [key, inner];
      return [field.wire, bodyValue(endpoint, { name: `${name}.${key}`, parameter: field.parameter, value: inner, naming })];
    }),
  );
}

function idValue(endpoint: Endpoint, name: string, value: unknown): number | bigint {
  const text =
    typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'bigint' ? wholeNumber(endpoint, name, value) : '';
  if (!/^\d+$/.test(text)) throw badParameter(endpoint, name, 'an id made of digits');
  return BigInt(text);
}

function unixSeconds(endpoint: Endpoint, name: string, value: unknown): number {
  const seconds = value instanceof Date ? Math.floor(value.getTime() / 1000) : value;
  const expected = 'a Date or UNIX seconds (a whole number; milliseconds are too large)';
  if (typeof seconds !== 'number' || !Number.isSafeInteger(seconds) || Math.abs(seconds) >= 1e11)
    throw badParameter(endpoint, name, expected);
  return seconds;
}

function wholeNumber(endpoint: Endpoint, name: string, value: number | bigint): string {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw badParameter(endpoint, name, 'a whole number up to 2^53; larger ids come as bigint or text');
  }
  return String(value);
}

type Described = ReadonlyMap<string, { readonly parameter: Parameter }>;

/** Parameters of which exactly one must be given, and those that need another one. */
function checkTogether(
  endpoint: Endpoint,
  input: UnknownRecord,
  { described, naming, prefix = '' }: { readonly described: Described; readonly naming: Naming; readonly prefix?: string },
): void {
  const groups = new Map<string, string[]>();
  for (const [name, { parameter }] of described) {
    if (parameter.oneOf !== undefined) groups.set(parameter.oneOf, [...(groups.get(parameter.oneOf) ?? []), name]);
    const needed = parameter.onlyWith === undefined ? undefined : named(parameter.onlyWith, naming);
    if (needed !== undefined && input[name] !== undefined && input[needed] === undefined) {
      throw wrong(endpoint, `\`${prefix}${name}\` is only taken together with \`${prefix}${needed}\`.`);
    }
  }
  for (const names of groups.values()) {
    if (names.filter((name) => input[name] !== undefined).length !== 1) {
      throw wrong(endpoint, `exactly one of ${names.map((name) => `\`${prefix}${name}\``).join(', ')} must be given.`);
    }
  }
}

function withoutUndefined(values: UnknownRecord): UnknownRecord {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

function unknownParameter(endpoint: Endpoint, name: string, known: readonly string[]): UsageError {
  const taken = known.length > 0 ? `It takes ${known.join(', ')}.` : 'It takes none.';
  return wrong(endpoint, `there is no parameter \`${name}\`; Aircall would ignore it silently. ${taken}`);
}

function missingParameter(endpoint: Endpoint, name: string, { meaning }: Parameter): UsageError {
  return wrong(endpoint, `\`${name}\` is required. ${meaning}`);
}

function badParameter(endpoint: Endpoint, name: string, expected: string): UsageError {
  return wrong(endpoint, `\`${name}\` must be ${expected}.`);
}

function wrong(endpoint: Endpoint, what: string): UsageError {
  return new UsageError({ code: 'bad_parameter', message: `${endpoint.id}: ${what} Nothing was sent.` });
}
