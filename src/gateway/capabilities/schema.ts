// JSON Schema 2020-12 of what a capability takes and gives, derived from its endpoint. Both are closed: what they do not name
// is not taken and not given.
import type { Endpoint, Field, Fields, Parameter, Parameters } from '../../aircall/index.ts';
import type { Json, JsonObject } from '../../base/index.ts';
import type { CallArguments } from '../policy/decision.ts';
import { defaultLimits, isKept, isNeeded, itemOf } from './arguments.ts';
import { agentClassOf } from './capability.ts';
import type { Capability, Place } from './capability.ts';
import { formats, idPattern } from './formats.ts';

const dialect = 'https://json-schema.org/draft/2020-12/schema';
const places = ['at', 'query', 'body'] as const satisfies readonly Place[];

/**
 * Of the arguments, all in one object whatever their place: no endpoint has two of one name. What `parseArguments` takes of
 * JSON is what this allows, but for what a schema cannot say: half characters, addresses that readers disagree about, the
 * size of a body.
 */
export function argumentsSchema({ endpoint }: Capability): JsonObject {
  return { $schema: dialect, ...objectSchema({ ...endpoint.at, ...endpoint.query, ...endpoint.body }) };
}

/**
 * Sorts arguments from one object to their places; a name that is none of the endpoint's goes where it will be refused.
 */
export function placeArguments({ endpoint }: Capability, given: Readonly<Record<string, unknown>>): CallArguments {
  const sorted: Record<Place, [string, unknown][]> = { at: [], query: [], body: [] };
  for (const [name, value] of Object.entries(given)) {
    const place = places.find((each) => endpoint[each] !== undefined && Object.hasOwn(endpoint[each], name)) ?? 'query';
    sorted[place].push([name, value]);
  }
  // What stands in the path is text, or `parseArguments` refuses it.
  const at = Object.fromEntries(sorted.at) as Readonly<Record<string, string>>;
  return { at, query: Object.fromEntries(sorted.query), body: endpoint.body === undefined ? null : Object.fromEntries(sorted.body) };
}

/**
 * Of the answer's body, after filtering: any field may have been taken out, and any text masked. Null where there is no body.
 */
export function answerSchema({ endpoint, rows }: Capability): JsonObject | null {
  if (rows === null) return null;
  const row = { title: rows.of.name, description: rows.of.meaning, ...fieldsSchema(rows.of.fields) };
  if (rows.key === null) return { $schema: dialect, ...row };
  const properties = rows.many ? { [rows.key]: { type: 'array', items: row }, ...besideRows(endpoint) } : { [rows.key]: row };
  return { $schema: dialect, type: 'object', properties, required: [rows.key], additionalProperties: false };
}

function objectSchema(described: Parameters): JsonObject {
  const entries = Object.entries(described).filter(([, parameter]) => !isKept(parameter));
  const groups = new Map<string, string[]>();
  const pairs = entries.flatMap(([name, { onlyWith }]) => (onlyWith === undefined ? [] : [[name, [onlyWith]] as const]));
  for (const [name, { oneOf }] of entries) if (oneOf !== undefined) groups.set(oneOf, [...(groups.get(oneOf) ?? []), name]);
  const choices = [...groups.values()].map((names) => ({ oneOf: names.map((name) => ({ required: [name] })) }));
  return {
    type: 'object',
    properties: Object.fromEntries(entries.map(([name, parameter]) => [name, parameterSchema(parameter)])),
    required: entries.flatMap(([name, parameter]) => (isNeeded(parameter) ? [name] : [])),
    ...(pairs.length === 0 ? {} : { dependentRequired: Object.fromEntries(pairs) }),
    ...(choices.length === 0 ? {} : { allOf: choices }),
    additionalProperties: false,
  };
}

function parameterSchema(parameter: Parameter): JsonObject {
  const { meaning, nullable, default: initial } = parameter;
  const schema = valueSchema(parameter);
  const type = schema['type'];
  return {
    ...schema,
    ...(nullable === true && typeof type === 'string' ? nullableSchema(schema, type) : {}),
    description: meaning,
    ...(initial === undefined ? {} : { default: initial }),
  };
}

function nullableSchema(schema: JsonObject, type: string): JsonObject {
  const values = schema['enum'];
  return { type: [type, 'null'], ...(Array.isArray(values) ? { enum: [...(values as readonly Json[]), null] } : {}) };
}

function valueSchema(parameter: Parameter): JsonObject {
  const { type, format, values, minimum, maximum, maximumLength, maximumItems, fields } = parameter;
  switch (type) {
    case 'id':
      return { type: 'string', pattern: idPattern };
    case 'integer': {
      const [lowest, highest] = format === 'unix-seconds' ? [0, defaultLimits.largestSeconds] : [-2_147_483_648, 2_147_483_647];
      return {
        type: 'integer',
        minimum: minimum ?? lowest,
        maximum: maximum ?? highest,
        ...(values === undefined ? {} : { enum: values }),
      };
    }
    case 'boolean':
      return { type: 'boolean' };
    case 'text':
      if (values !== undefined) return { type: 'string', enum: values };
      if (format !== undefined) return { type: 'string', ...formats[format].schema };
      return { type: 'string', minLength: 1, maxLength: maximumLength ?? defaultLimits.textLength };
    case 'object':
      return fields === undefined ? { type: 'object' } : objectSchema(fields);
    case 'id[]':
    case 'text[]':
    case 'object[]':
      return {
        type: 'array',
        items: valueSchema(itemOf(parameter)),
        ...(isNeeded(parameter) ? { minItems: 1 } : {}),
        maxItems: maximumItems ?? defaultLimits.items,
        ...(type === 'object[]' ? {} : { uniqueItems: true }),
      };
  }
}

function fieldsSchema(fields: Fields): JsonObject {
  const shown = Object.entries(fields).filter(([, field]) => agentClassOf(field) !== 'secret');
  return {
    type: 'object',
    properties: Object.fromEntries(shown.map(([name, field]) => [name, { ...fieldSchema(field), description: field.meaning }])),
    additionalProperties: false,
  };
}

/** Null is allowed everywhere: Aircall's documentation is not always right about where it stands. */
function fieldSchema(field: Field): JsonObject {
  switch (field.kind) {
    case 'id':
    case 'integer':
      return { type: ['integer', 'null'] };
    case 'double':
      return { type: ['number', 'null'] };
    case 'boolean':
      return { type: ['boolean', 'null'] };
    case 'text':
      return { type: field.orInteger === true ? ['string', 'integer', 'null'] : ['string', 'null'] };
    case 'moment':
      return { type: momentTypes[field.wire] };
    case 'json':
      return {};
    case 'object': {
      const { type: _type, ...rest } = fieldsSchema(field.fields);
      return { type: ['object', 'null'], ...rest };
    }
    case 'list':
      return { type: ['array', 'null'], items: fieldSchema(field.of) };
  }
}

const momentTypes = {
  seconds: ['integer', 'null'],
  milliseconds: ['integer', 'null'],
  iso: ['string', 'null'],
  any: ['integer', 'number', 'string', 'null'],
} as const;

/** How the list goes on. The number of rows over all pages is given only where none can be hidden. */
function besideRows({ pagination }: Endpoint): JsonObject {
  if (pagination === undefined) return {};
  const text = { type: ['string', 'null'] };
  const count = { type: ['integer', 'null'] };
  if (pagination.by === 'token') {
    const properties = { [pagination.next]: text, [pagination.total]: count };
    return { [pagination.at]: { type: 'object', properties, additionalProperties: false } };
  }
  const links = pagination.links ? { next_page_link: text, previous_page_link: text } : {};
  return {
    meta: {
      type: 'object',
      properties: { count, total: count, current_page: count, per_page: count, ...links },
      additionalProperties: false,
    },
  };
}
