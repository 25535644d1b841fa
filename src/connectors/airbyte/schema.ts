// The JSON Schema of a stream's records, derived from its declared fields and written the way Airbyte's destinations
// read it (docs.airbyte.com/platform/understanding-airbyte/supported-data-types): draft-07, everything but the key may be null.
import { isObject, type JsonObject, type UnknownRecord } from '../../base/index.ts';
import { cleanRecordSchema, type Shape } from '../../rows/index.ts';

/** When the request that showed the record was sent: grows with every version of a record, so that the newest one wins. */
export const cursorField = '_observed_at';
/** The column by which Airbyte's destinations know that a row is gone. */
export const deletedField = '_ab_cdc_deleted_at';

/** Fields that Airbyte's own connector has and this one never fills: signed links, which die within the hour. */
const alwaysNull: Readonly<Record<string, readonly string[]>> = { calls: ['recording', 'voicemail'] };

/** The names of the fields that a shape's records have in common with Airbyte's own connector and that are always null. */
export function alwaysNullFields(shape: Shape): readonly string[] {
  return alwaysNull[shape.table] ?? [];
}

export function recordSchema(shape: Shape): JsonObject {
  const { properties } = cleanRecordSchema(shape);
  const declared = Object.entries(properties as Readonly<Record<string, UnknownRecord>>).map(
    ([name, schema]) => [name, name === shape.key ? keySchema(schema) : fieldSchema(schema)] as const,
  );
  const nulls = alwaysNullFields(shape).map((name) => {
    const description = `Always null: signed links are credentials and die within the hour. See has_${name}.`;
    return [name, { type: ['null', 'string'], description }] as const;
  });
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: shape.table,
    type: 'object',
    properties: {
      ...Object.fromEntries([...declared, ...nulls]),
      [cursorField]: {
        ...moment,
        type: 'string',
        description: 'When the request that showed this version was sent. Grows with every version of a record.',
      },
      [deletedField]: { ...moment, description: 'When the record was found to be gone at Aircall; null while it lives.' },
    },
    additionalProperties: true,
  };
}

const moment = { type: ['null', 'string'], format: 'date-time', airbyte_type: 'timestamp_with_timezone' } as const;

function keySchema(schema: UnknownRecord): JsonObject {
  return { type: schema['type'] === 'string' ? 'string' : 'integer', ...description(schema) };
}

function fieldSchema(schema: UnknownRecord): JsonObject {
  const type = typeOf(schema);
  const { properties, items } = schema;
  if (type === 'object') {
    const inner = isObject(properties) ? Object.entries(properties as Readonly<Record<string, UnknownRecord>>) : [];
    return {
      type: ['null', 'object'],
      properties: Object.fromEntries(inner.map(([name, each]) => [name, fieldSchema(each)])),
      additionalProperties: true,
      ...description(schema),
    };
  }
  if (type === 'array') {
    return { type: ['null', 'array'], items: fieldSchema(isObject(items) ? items : {}), ...description(schema) };
  }
  if (schema['format'] === 'date-time') return { ...moment, ...description(schema) };
  return { type: ['null', type], ...description(schema) };
}

/** A field of any form is an object here: columns have one type. What is none of itself is wrapped, see record-line.ts. */
function typeOf(schema: UnknownRecord): string {
  const types = Array.isArray(schema['type']) ? (schema['type'] as readonly string[]) : [];
  return types.find((type) => type !== 'null') ?? 'object';
}

/** Whether the clean record schema leaves the form of a field open. */
export function isFreeForm(schema: UnknownRecord): boolean {
  return schema['type'] === undefined;
}

function description(schema: UnknownRecord): { readonly description?: string } {
  return typeof schema['description'] === 'string' ? { description: schema['description'] } : {};
}
