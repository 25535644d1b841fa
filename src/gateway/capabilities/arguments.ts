// From what an agent sent to arguments that a decision may look at: closed, typed, and written in one way only, so that the
// same request always has the same digest. Nothing that was sent is ever repeated in what is said about it.
import type { Parameter, Parameters } from '../../aircall/index.ts';
import { isObject } from '../../base/index.ts';
import type { CallArguments } from '../policy/decision.ts';
import type { Capability, Place } from './capability.ts';
import { canonicalId, formats } from './formats.ts';

export type ParsedArguments =
  | { readonly ok: true; readonly arguments: CallArguments }
  | { readonly ok: false; /** One sentence, ours alone. */ readonly text: string };

export type ParsingOptions = {
  /** They came as one object, as those of a tool do: nothing is said of path, query and body. Default: they did not. */
  readonly areOne?: boolean;
};

/** What is not described is held to these. */
export const defaultLimits = { textLength: 10_000, items: 1000, largestSeconds: 32_503_680_000, freeDepth: 4, freeKeys: 50 } as const;

/**
 * Checks arguments against what the endpoint describes. Ids come out as digits, integers as numbers, flags of a query as
 * `true` or not at all, lists of ids in ascending order, keys in the order of the description. In a query, values may be
 * text, or lists of text where a key was repeated; names may be Aircall's on the wire (`tags[]`) or those of the description
 * (`tags`). Never throws for anything that JSON can say.
 */
export function parseArguments({ endpoint }: Capability, raw: CallArguments, { areOne = false }: ParsingOptions = {}): ParsedArguments {
  const all = areOne ? { ...endpoint.at, ...endpoint.query, ...endpoint.body } : null;
  const at = parseGroup(endpoint.at, raw.at, { place: 'at', within: '', all });
  if (at instanceof Problem) return refused(at);
  const query = parseGroup(endpoint.query, raw.query, { place: 'query', within: '', all });
  if (query instanceof Problem) return refused(query);
  const body = parseBody(endpoint.body, raw.body, all);
  if (body instanceof Problem) return refused(body);

  const { pagination, maximumBodyBytes } = endpoint;
  if (pagination?.by === 'page') {
    const position = numberOr(query['page'], 1) * numberOr(query['per_page'], pagination.defaultPerPage);
    if (position > pagination.positionalCap) {
      return refused(new Problem(`\`page\` times \`per_page\` must be at most ${pagination.positionalCap}; read shorter periods.`));
    }
  }
  if (maximumBodyBytes !== undefined && body !== null && Buffer.byteLength(JSON.stringify(body)) >= maximumBodyBytes) {
    return refused(new Problem(`${areOne ? 'The arguments' : 'The body'} must stay under ${maximumBodyBytes} bytes.`));
  }
  // Path parameters are text by their types: `parseText` and `parseId` give nothing else.
  return { ok: true, arguments: { at: at as Readonly<Record<string, string>>, query, body } };
}

/** The value of one path parameter in its one way of writing; null where it does not fit its type. */
export function parseSegment(parameter: Parameter, text: string): string | null {
  const value = parseValue(parameter, text, { place: 'at', within: '', all: null }, 'it');
  return typeof value === 'string' ? value : null;
}

/** Why it does not fit. */
class Problem {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Where = {
  readonly place: Place;
  /** `messages.`, or empty. */
  readonly within: string;
  /** All that may be given, where the places mean nothing to whoever gave it. */
  readonly all: Parameters | null;
};
type Values = Readonly<Record<string, unknown>>;

function refused({ text }: Problem): ParsedArguments {
  return { ok: false, text };
}

function numberOr(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}

function parseBody(described: Parameters | undefined, raw: unknown, all: Parameters | null): Values | null | Problem {
  if (described === undefined) {
    const empty = raw === null || raw === undefined || (isObject(raw) && Object.keys(raw).length === 0);
    return empty ? null : new Problem('This request takes no body.');
  }
  return parseGroup(described, raw ?? {}, { place: 'body', within: '', all });
}

const placeNames = { at: 'The path', query: 'The query', body: 'The body' } as const;

function parseGroup(described: Parameters = {}, raw: unknown, where: Where): Values | Problem {
  const { place, within } = where;
  if (!isObject(raw) || Array.isArray(raw)) {
    return new Problem(within === '' ? `${placeNames[place]} must be an object.` : `\`${within.slice(0, -1)}\` must be an object.`);
  }
  const accepted = new Map(
    Object.entries(described).flatMap(([name, { wire }]) => [name, ...(wire === undefined ? [] : [wire])].map((key) => [key, name])),
  );
  const given = new Map<string, unknown>();
  for (const key of Object.keys(raw)) {
    if (raw[key] === undefined) continue;
    const name = accepted.get(key);
    if (name === undefined) return unknownName(described, where);
    if (given.has(name)) return new Problem(`\`${within}${name}\` must be given once.`);
    const agents = described[name]?.agents;
    if (agents !== undefined && 'never' in agents) return new Problem(`Agents may not send \`${within}${name}\`: ${agents.never}.`);
    given.set(name, raw[key]);
  }

  const parsed: [string, unknown][] = [];
  for (const [name, parameter] of Object.entries(described)) {
    const sent = given.get(name);
    if (sent === undefined) {
      if (parameter.required === true) return new Problem(`\`${within}${name}\` is required.`);
      if (parameter.agents !== undefined && 'always' in parameter.agents) {
        return new Problem(`Agents must send \`${within}${name}\`: ${parameter.agents.always}.`);
      }
      continue;
    }
    const value = parseValue(parameter, sent, where, `\`${within}${name}\``);
    if (value instanceof Problem) return value;
    // How Aircall reads `false` in a query is not documented; leaving the flag out is.
    if (place === 'query' && value === false) given.delete(name);
    else parsed.push([name, value]);
  }
  return problemOfGroups(described, given, within) ?? Object.fromEntries(parsed);
}

/** Whether agents may never send it. */
export function isKept(parameter: Parameter | undefined): boolean {
  return parameter?.agents !== undefined && 'never' in parameter.agents;
}

/** Whether agents must send it. */
export function isNeeded({ required, agents }: Parameter): boolean {
  return required === true || (agents !== undefined && 'always' in agents);
}

function unknownName(described: Parameters, { place, within, all }: Where): Problem {
  if (all !== null && within === '') {
    const names = Object.keys(all).filter((name) => !isKept(all[name]));
    const takes = names.length === 0 ? 'none of Aircall’s' : names.join(', ');
    return new Problem(`The arguments have a name that is not known here. The tool takes ${takes}.`);
  }
  const what = within === '' ? placeNames[place] : `\`${within.slice(0, -1)}\``;
  const names = Object.keys(described).filter((name) => !isKept(described[name]));
  return new Problem(
    `${what} has a name that is not known here. ${names.length === 0 ? 'It takes none.' : `It takes ${names.join(', ')}.`}`,
  );
}

function problemOfGroups(described: Parameters, given: ReadonlyMap<string, unknown>, within: string): Problem | undefined {
  const groups = new Map<string, string[]>();
  for (const [name, { oneOf, onlyWith }] of Object.entries(described)) {
    if (oneOf !== undefined) groups.set(oneOf, [...(groups.get(oneOf) ?? []), name]);
    if (onlyWith !== undefined && given.has(name) && !given.has(onlyWith)) {
      return new Problem(`\`${within}${name}\` is only taken together with \`${within}${onlyWith}\`.`);
    }
  }
  for (const names of groups.values()) {
    if (names.filter((name) => given.has(name)).length !== 1) {
      return new Problem(`Exactly one of ${names.map((name) => `\`${within}${name}\``).join(', ')} must be given.`);
    }
  }
  return undefined;
}

function parseValue(parameter: Parameter, value: unknown, where: Where, name: string): unknown {
  if (value === null) return parameter.nullable === true && where.place === 'body' ? null : new Problem(`${name} must not be null.`);
  switch (parameter.type) {
    case 'id':
      return parseId(value, name);
    case 'integer':
      return parseInteger(parameter, value, where, name);
    case 'boolean':
      return parseBoolean(value, where, name);
    case 'text':
      return parseText(parameter, value, where, name);
    case 'object':
      return parameter.fields === undefined ? parseFree(value, name) : parseGroup(parameter.fields, value, inside(where, name));
    case 'id[]':
    case 'text[]':
    case 'object[]':
      return parseList(parameter, value, where, name);
  }
}

function inside({ place, all }: Where, name: string): Where {
  return { place, all, within: `${name.slice(1, -1)}.` };
}

function parseId(value: unknown, name: string): string | Problem {
  const text =
    typeof value === 'bigint' || (typeof value === 'number' && Number.isSafeInteger(value))
      ? String(value)
      : typeof value === 'string'
        ? value
        : '';
  return canonicalId(text) ?? new Problem(`${name} must be an id: digits, without leading zeros.`);
}

function parseInteger({ values, minimum, maximum, format }: Parameter, value: unknown, { place }: Where, name: string): number | Problem {
  const seconds = format === 'unix-seconds';
  const lowest = minimum ?? (seconds ? 0 : -2_147_483_648);
  const highest = maximum ?? (seconds ? defaultLimits.largestSeconds : 2_147_483_647);
  const number = typeof value === 'string' && place !== 'body' && /^(?:0|-?[1-9]\d{0,14})$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isSafeInteger(number) || Object.is(number, -0) || number < lowest || number > highest) {
    return new Problem(`${name} must be ${seconds ? formats['unix-seconds'].what : `a whole number from ${lowest} to ${highest}`}.`);
  }
  if (values !== undefined && !values.includes(number)) return new Problem(`${name} must be one of ${values.join(', ')}.`);
  return number;
}

function parseBoolean(value: unknown, { place }: Where, name: string): boolean | Problem {
  if (typeof value === 'boolean') return value;
  if (place === 'query' && (value === 'true' || value === 'false')) return value === 'true';
  return new Problem(`${name} must be true or false.`);
}

function parseText({ values, format, maximumLength }: Parameter, value: unknown, where: Where, name: string): string | Problem {
  const { place, all } = where;
  if (typeof value !== 'string')
    return new Problem(`${name} must be ${Array.isArray(value) && place === 'query' && all === null ? 'given once' : 'text'}.`);
  if (values !== undefined) return values.includes(value) ? value : new Problem(`${name} must be one of ${values.join(', ')}.`);
  if (value === '') return new Problem(`${name} must not be empty.`);
  if (format !== undefined) return formats[format].canonical(value) ?? new Problem(`${name} must be ${formats[format].what}.`);
  const longest = maximumLength ?? defaultLimits.textLength;
  if (value.length > longest) return new Problem(`${name} must have at most ${longest} characters.`);
  return isPlain(value, place) ? value : new Problem(`${name} must be plain text, without control characters.`);
}

/** No half characters and no controls; in a body, lines may end and be indented. */
function isPlain(text: string, place: Place): boolean {
  const controls = place === 'body' ? /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/ : /[\u0000-\u001f\u007f-\u009f]/;
  return !controls.test(text) && !/\p{Surrogate}/u.test(text);
}

function parseList(parameter: Parameter, value: unknown, where: Where, name: string): readonly unknown[] | Problem {
  const given: unknown = where.place === 'query' && !Array.isArray(value) ? [value] : value;
  if (!Array.isArray(given)) return new Problem(`${name} must be a list.`);
  const most = parameter.maximumItems ?? defaultLimits.items;
  if (given.length > most) return new Problem(`${name} must have at most ${most} items.`);
  if (given.length === 0 && (isNeeded(parameter) || where.place === 'query')) return new Problem(`${name} must not be empty.`);

  const item = itemOf(parameter);
  const parsed: unknown[] = [];
  for (const element of given as readonly unknown[]) {
    const one = parseValue(item, element, where, name);
    if (one instanceof Problem) return one;
    parsed.push(one);
  }
  if (parameter.type === 'object[]') return parsed;
  if (new Set(parsed).size < parsed.length) return new Problem(`${name} must not hold the same value twice.`);
  // A list of ids is a set; the order of texts may mean something.
  return parameter.type === 'id[]' ? parsed.sort(byNumber) : parsed;
}

/** What each item of a list is described as. */
export function itemOf(parameter: Parameter): Parameter {
  const types = { 'id[]': 'id', 'text[]': 'text', 'object[]': 'object' } as const;
  const { required: _required, nullable: _nullable, oneOf: _oneOf, onlyWith: _onlyWith, ...rest } = parameter;
  const { type } = parameter;
  return type === 'id[]' || type === 'text[]' || type === 'object[]' ? { ...rest, type: types[type] } : parameter;
}

function byNumber(a: unknown, b: unknown): number {
  const [first, second] = [String(a), String(b)];
  return first.length - second.length || (first < second ? -1 : 1);
}

/** A free-form object: names to text, numbers, flags, null, and lists and objects of them. */
function parseFree(value: unknown, name: string): unknown {
  if (!isObject(value) || Array.isArray(value)) return new Problem(`${name} must be an object.`);
  return isFree(value, defaultLimits.freeDepth)
    ? structuredClone(value)
    : new Problem(`${name} must hold plain values under plain names, at most ${defaultLimits.freeDepth} levels deep.`);
}

function isFree(value: unknown, depth: number): boolean {
  if (value === null || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value === 'string') return value.length <= defaultLimits.textLength && isPlain(value, 'body');
  if (depth === 0) return false;
  if (Array.isArray(value)) return value.length <= defaultLimits.items && value.every((each) => isFree(each, depth - 1));
  if (!isObject(value)) return false;
  const entries = Object.entries(value);
  const named = entries.every(([key]) => /^[A-Za-z][\w -]{0,63}$/.test(key) && key !== 'constructor' && key !== 'prototype');
  return entries.length <= defaultLimits.freeKeys && named && entries.every(([, each]) => isFree(each, depth - 1));
}
