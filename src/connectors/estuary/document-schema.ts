// The two schemas of a collection. The write schema promises as little as is true, because one document that breaks it ends
// the task: the key, and what a deletion looks like. The sourced schema tells the platform's inference which fields there
// can be; documents widen it, so it is as narrow as can be said.
import { isObject, type JsonObject, type UnknownRecord } from '../../base/index.ts';
import { cleanRecordSchema, type Shape } from '../../rows/index.ts';

/** What the platform writes into every document's `_meta` by itself. */
const uuidLength = 36;
/** Moments of a clean record: ISO-8601 UTC with microseconds. */
const momentLength = '2026-01-31T00:00:00.000000Z'.length;

export function documentSchema(shape: Shape): JsonObject {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: shape.table,
    type: 'object',
    required: [shape.key],
    properties: {
      [shape.key]: { type: keyTypeOf(shape) },
      _meta: {
        type: 'object',
        properties: {
          op: { type: 'string', enum: ['c', 'u', 'd'], description: 'c: created, u: created or updated, d: deleted.' },
          set_aside: { type: 'array', description: 'Values that did not fit their field, as Aircall sent them.' },
        },
      },
    },
    'x-infer-schema': true,
    if: { required: ['_meta'], properties: { _meta: { required: ['op'], properties: { op: { const: 'd' } } } } },
    // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
    then: { reduce: { strategy: 'merge', delete: true } },
  };
}

/** JSON pointers to what identifies a document. */
export function keyOf(shape: Shape): readonly string[] {
  return [`/${shape.key}`];
}

/** Whether the key is text or a whole number. */
export function keyTypeOf(shape: Shape): 'string' | 'integer' {
  const { properties } = cleanRecordSchema(shape);
  const key = isObject(properties) ? properties[shape.key] : undefined;
  return isObject(key) && key['type'] === 'string' ? 'string' : 'integer';
}

export function sourcedSchema(shape: Shape): JsonObject {
  const { properties } = cleanRecordSchema(shape);
  const fields = narrowedMembers(properties);
  return closed({
    ...fields,
    [shape.key]: { ...fields[shape.key], type: keyTypeOf(shape) },
    _meta: closed({
      op: { type: 'string', enum: ['c', 'u', 'd'], minLength: 1, maxLength: 1 },
      uuid: { type: 'string', minLength: uuidLength, maxLength: uuidLength },
    }),
  });
}

function closed(properties: Readonly<Record<string, JsonObject>>): JsonObject {
  return { type: 'object', additionalProperties: false, required: Object.keys(properties), properties };
}

/** Fields of free form are left out: nothing narrow can be said of them. */
function narrowedMembers(properties: unknown): Readonly<Record<string, JsonObject>> {
  if (!isObject(properties)) return {};
  const narrowedOnes = Object.entries(properties).map(([name, schema]) => [name, isObject(schema) ? narrowed(schema) : null] as const);
  return Object.fromEntries(narrowedOnes.filter((pair): pair is [string, JsonObject] => pair[1] !== null));
}

function narrowed(schema: UnknownRecord): JsonObject | null {
  const { type, description, properties, items, format } = schema;
  const known = Array.isArray(type) ? type.filter((name) => name !== 'null') : [type];
  const meaning = typeof description === 'string' ? { description } : {};
  switch (known[0]) {
    case 'string': {
      const length = format === 'date-time' ? momentLength : 1;
      return { type: ['string', 'null'], ...(format === 'date-time' ? { format } : {}), minLength: length, maxLength: length, ...meaning };
    }
    case 'integer':
    case 'number':
      return { type: [known[0], 'null'], minimum: 1, maximum: 1, ...meaning };
    case 'boolean':
      return { type: ['boolean', 'null'], ...meaning };
    case 'object':
      return { ...closed(narrowedMembers(properties)), type: ['object', 'null'], ...meaning };
    case 'array': {
      const element = isObject(items) ? narrowed(items) : null;
      return element === null ? null : { type: ['array', 'null'], items: element, minItems: 1, maxItems: 1, ...meaning };
    }
    default:
      return null;
  }
}
