// Holds a body against the parameters the endpoint describes.
import type { Parameter, Parameters, SwitchSettings } from '../../aircall/index.ts';
import { isObject } from '../../base/index.ts';
import type { UnknownRecord } from '../../base/index.ts';

/** The body as a handler may trust it, or what is wrong with it. Fields nobody described are dropped, as Aircall does. */
export type CheckedBody = { readonly body: UnknownRecord } | { readonly problem: string };

export function checkBody(parameters: Parameters | undefined, given: UnknownRecord, switches: SwitchSettings): CheckedBody {
  const body: Record<string, unknown> = {};
  for (const [name, parameter] of Object.entries(parameters ?? {})) {
    const key = parameter.wire ?? name;
    if (!Object.hasOwn(given, key)) continue;
    if (parameter.unconfirmed === true && switches.unconfirmedFields === 'ignored') continue;
    if (parameter.unconfirmed === true && switches.unconfirmedFields === 'refused') return { problem: `${key} is not permitted` };
    const value = given[key];
    if (value === null) {
      if (parameter.required === true) return { problem: `${key} is required` };
      if (parameter.nullable === true) body[name] = null;
      continue;
    }
    const problem = problemOf(key, parameter, value, switches);
    if (problem !== undefined) return { problem };
    body[name] = value;
  }
  for (const [name, parameter] of Object.entries(parameters ?? {})) {
    if (parameter.required === true && body[name] === undefined) return { problem: `${parameter.wire ?? name} is required` };
  }
  const problem = groupProblem(parameters ?? {}, body);
  return problem === undefined ? { body } : { problem };
}

/** Exactly one of a group, and nothing without what it depends on. */
function groupProblem(parameters: Parameters, body: UnknownRecord): string | undefined {
  const groups = new Map<string, string[]>();
  for (const [name, { oneOf, onlyWith }] of Object.entries(parameters)) {
    if (oneOf !== undefined) groups.set(oneOf, [...(groups.get(oneOf) ?? []), name]);
    if (onlyWith !== undefined && body[name] !== undefined && body[onlyWith] === undefined) return `${name} needs ${onlyWith}`;
  }
  for (const names of groups.values()) {
    if (names.filter((name) => body[name] !== undefined).length !== 1) return `Exactly one of ${names.join(', ')} is required`;
  }
  return undefined;
}

function problemOf(name: string, parameter: Parameter, value: unknown, switches: SwitchSettings): string | undefined {
  const { type, values, minimum, maximum, maximumLength, maximumItems, format, fields } = parameter;
  if (type.endsWith('[]')) {
    if (!Array.isArray(value)) return `${name} must be a list`;
    if (maximumItems !== undefined && value.length > maximumItems) return `${name} must have at most ${maximumItems} items`;
    const item: Parameter = { ...parameter, type: type.slice(0, -2) as Parameter['type'] };
    for (const element of value as unknown[]) {
      const problem = problemOf(name, item, element, switches);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }
  if (!isOfType(type, value)) return `${name} is invalid`;
  if (values !== undefined && !values.includes(value as string | number)) return `${name} is not included in the list`;
  if (typeof value === 'number' && ((minimum !== undefined && value < minimum) || (maximum !== undefined && value > maximum))) {
    return `${name} is out of range`;
  }
  if (typeof value === 'string') {
    if (parameter.required === true && value.trim() === '') return `${name} can't be blank`;
    if (maximumLength !== undefined && value.length > maximumLength) return `${name} is too long`;
    if (format !== undefined && formats[format]?.test(value) === false) return `${name} is invalid`;
  }
  if (fields === undefined || !isObject(value)) return undefined;
  const nested = checkBody(fields, value, switches);
  return 'problem' in nested ? nested.problem : undefined;
}

function isOfType(type: Parameter['type'], value: unknown): boolean {
  switch (type) {
    case 'id':
      return Number.isSafeInteger(value) || (typeof value === 'string' && /^\d+$/.test(value));
    case 'integer':
      return Number.isInteger(value);
    case 'boolean':
      return typeof value === 'boolean';
    case 'object':
      return isObject(value);
    default:
      return typeof value === 'string';
  }
}

const formats: Readonly<Partial<Record<NonNullable<Parameter['format']>, RegExp>>> = {
  e164: /^\+[1-9]\d{5,14}$/,
  email: /^[^\s@]+@[^\s@]+$/,
  'https-url': /^https:\/\/[^\s/]+/,
  'hex-color': /^#[0-9a-f]{6}$/i,
};
