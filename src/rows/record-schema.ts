// The JSON Schema of a stream's clean records: for people, editors and connectors.
import type { JsonObject } from '../base/index.ts';
import { compile } from './compile.ts';
import { defaultLimits } from './limits.ts';
import type { ObjectPlan, Slot } from './plan.ts';
import type { ColumnType } from './schema.ts';
import type { FieldSettings, Shape } from './shape.ts';

/**
 * Every field but the key may be null or missing: Aircall leaves out what does not apply, and values that do not fit are absent.
 * Fields nobody declared may come, except in groups of which only some fields are stored. Throws as `createNormaliser` does.
 */
export function cleanRecordSchema(shape: Shape, settings: FieldSettings = {}): JsonObject {
  const plan = compile({ shape, settings, known: {}, limits: defaultLimits });
  const { properties, additionalProperties } = membersOf(plan.root);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: shape.table,
    type: 'object',
    properties: { ...properties, [shape.key]: { ...properties[shape.key], type: keyType(plan.root.slots.get(shape.key)) } },
    required: [shape.key],
    additionalProperties,
  };
}

type Members = { readonly properties: Readonly<Record<string, JsonObject>>; readonly additionalProperties: boolean };

function membersOf(plan: ObjectPlan): Members {
  const stored = [...plan.slots].filter(([, slot]) => slot.step !== 'drop');
  return { properties: Object.fromEntries(stored.map(([key, slot]) => [key, schemaOf(slot)])), additionalProperties: !plan.closed };
}

function schemaOf(slot: Slot): JsonObject {
  if (slot.object !== null) return described(slot, { type: ['object', 'null'], ...membersOf(slot.object) });
  if (slot.list !== null) {
    const { element } = slot.list;
    return described(slot, { type: ['array', 'null'], ...(element === null ? {} : { items: schemaOf(element) }) });
  }
  return described(slot, columnSchemas[slot.column?.type ?? 'json']);
}

function described(slot: Slot, schema: JsonObject): JsonObject {
  return slot.meaning === '' ? schema : { ...schema, description: slot.meaning };
}

function keyType(slot: Slot | undefined): string {
  return slot?.column?.type === 'text' ? 'string' : 'integer';
}

const columnSchemas: Readonly<Record<ColumnType, JsonObject>> = {
  text: { type: ['string', 'null'] },
  bigint: { type: ['integer', 'null'] },
  integer: { type: ['integer', 'null'], minimum: -2_147_483_648, maximum: 2_147_483_647 },
  double: { type: ['number', 'null'] },
  boolean: { type: ['boolean', 'null'] },
  timestamp: { type: ['string', 'null'], format: 'date-time' },
  json: {},
};
