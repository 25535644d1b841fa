import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { anyArguments } from '../../../test/support/any-arguments.ts';
import type { JsonObject } from '../../base/index.ts';
import { parseArguments } from './arguments.ts';
import { capabilities, capabilityOf } from './capabilities.ts';
import { answerSchema, argumentsSchema, placeArguments } from './schema.ts';

const each = capabilities.map((capability) => [capability.id, capability] as const);

/** A validator that is not ours. What it does not know is left out: one of several, and one only with another. */
function validator(schema: JsonObject) {
  const text = JSON.stringify(schema, (key, value: unknown) => (key === 'allOf' || key === 'dependentRequired' ? undefined : value));
  return z.fromJSONSchema(JSON.parse(text) as Parameters<typeof z.fromJSONSchema>[0]);
}

describe.each(each)('%s', (id, capability) => {
  test('has no two arguments of one name, so that all fit into one object', () => {
    const { at = {}, query = {}, body = {} } = capability.endpoint;
    const names = [at, query, body].flatMap((parameters) => Object.keys(parameters));
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => ['dry_run', 'confirm', 'approval_id'].includes(name))).toEqual([]);
  });

  test('takes by its schema what it takes in fact, from one object', () => {
    const schema = validator(argumentsSchema(capability));
    fc.assert(
      fc.property(anyArguments(capability), (given) => {
        const parsed = parseArguments(capability, given);
        if (!parsed.ok) throw new Error(parsed.text);
        const { at, query, body } = parsed.arguments;
        const flat = { ...at, ...query, ...body };
        expect(schema.safeParse(flat).success).toBe(true);
        expect(parseArguments(capability, placeArguments(capability, flat))).toEqual(parsed);
      }),
      { numRuns: 20 },
    );
  });

  test('refuses by its schema and in fact a name it does not know, and what is missing', () => {
    const schema = validator(argumentsSchema(capability));
    fc.assert(
      fc.property(anyArguments(capability), ({ at, query, body }) => {
        const flat: Readonly<Record<string, unknown>> = { ...at, ...query, ...body };
        const more = { ...flat, not_a_parameter: 1 };
        expect(schema.safeParse(more).success).toBe(false);
        expect(parseArguments(capability, placeArguments(capability, more)).ok).toBe(false);
        for (const name of requiredOf(argumentsSchema(capability))) {
          const { [name]: _left, ...less } = flat;
          expect(schema.safeParse(less).success).toBe(false);
          expect(parseArguments(capability, placeArguments(capability, less)).ok).toBe(false);
        }
      }),
      { numRuns: 10 },
    );
  });

  test('never names a secret, nor what agents may not send', () => {
    const { endpoint, rows } = capability;
    const written = JSON.stringify(argumentsSchema(capability));
    for (const [name, { agents }] of Object.entries({ ...endpoint.query, ...endpoint.body })) {
      if (agents !== undefined && 'never' in agents) expect(written).not.toContain(`"${name}":`);
    }
    const answer = answerSchema(capability);
    expect(answer === null).toBe(rows === null);
    for (const [name, field] of Object.entries(rows?.of.fields ?? {})) {
      if (field.class === 'secret' || field.agentClass === 'secret') expect(JSON.stringify(answer)).not.toContain(`"${name}"`);
    }
  });

  test('is closed throughout, as a request and as an answer', () => {
    for (const schema of [argumentsSchema(capability), answerSchema(capability)]) {
      for (const object of objectsIn(schema)) expect(object, id).toHaveProperty('additionalProperties', false);
    }
  });
});

test('a dispatching strategy is only taken with a team, by the schema too', () => {
  const transfer = capabilityOf('calls.transfer');
  expect(transfer && argumentsSchema(transfer)).toMatchObject({
    dependentRequired: { dispatching_strategy: ['team_id'] },
    allOf: [{ oneOf: [{ required: ['user_id'] }, { required: ['team_id'] }, { required: ['number'] }] }],
  });
});

test('a list may tell how many rows there are over all pages, and never must: where some are hidden it does not', () => {
  const list = capabilityOf('calls.list');
  const schema = list === undefined ? null : answerSchema(list);
  expect(schema).toMatchObject({
    properties: { meta: { properties: { total: { type: ['integer', 'null'] } }, additionalProperties: false } },
  });
  expect(schema?.['required']).toEqual(['calls']);
  expect(JSON.stringify(schema)).not.toContain('"required":["total"');
});

function requiredOf(schema: JsonObject): readonly string[] {
  return Array.isArray(schema['required']) ? schema['required'].map(String) : [];
}

/** All schemas of objects within one, but for free-form ones. */
function objectsIn(schema: unknown): readonly object[] {
  if (Array.isArray(schema)) return schema.flatMap(objectsIn);
  if (typeof schema !== 'object' || schema === null) return [];
  const own = 'properties' in schema && 'type' in schema ? [schema] : [];
  return [...own, ...Object.values(schema).flatMap(objectsIn)];
}
