// The double itself: what it lets pass, and what it fails a connector on.
import { expect, test } from 'vitest';
import { decode } from './support/flow-protocol.ts';
import { type Binding, FlowRuntime } from './support/flow-runtime.ts';
import { judge, openPlaces } from './support/flow-schema.ts';

const checkpoint = '{"checkpoint":{"state":{"updated":{},"mergePatch":true}}}';

// oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
const deletion = { then: { reduce: { strategy: 'merge', delete: true } } };

test('it takes what the protocol allows', () => {
  expect(decode(checkpoint).kind).toBe('checkpoint');
  expect(decode('{"captured":{"binding":0,"doc":{"id":9007199254740993,"a":{"a":null}}}}')).toMatchObject({
    doc: { id: 9_007_199_254_740_993n },
  });
});

test.each([
  ['no JSON', '{"captured":'],
  ['no object', '[]'],
  ['two messages in one line', '{"applied":{},"opened":{}}'],
  ['no message at all', '{}'],
  ['a message nobody knows', '{"rejected":{}}'],
  ['an unknown key', '{"opened":{"explicitAcknowledgments":false}}'],
  ['an unknown key further in', '{"checkpoint":{"state":{"updated":{},"mergePatch":true,"at":1}}}'],
  ['a key twice', '{"captured":{"binding":0,"binding":0,"doc":{}}}'],
  ['a key twice in a document', '{"captured":{"binding":0,"doc":{"a":{"b":1,"b":2}}}}'],
  ['null for a value', '{"captured":{"binding":null,"doc":{}}}'],
  ['a document that is text', '{"captured":{"binding":0,"doc":"{}"}}'],
  ['a checkpoint without state', '{"checkpoint":{}}'],
  ['a number beyond a double', '{"captured":{"binding":0,"doc":{"a":1e999}}}'],
  [
    'another protocol',
    '{"spec":{"protocol":1,"configSchema":{},"resourceConfigSchema":{},"documentationUrl":"https://example.com","resourcePathPointers":["/name"]}}',
  ],
])('it refuses %s', (_what, line) => {
  expect(() => decode(line)).toThrow();
});

test('it judges documents, deletions and sourced schemas', () => {
  const schema = {
    type: 'object',
    required: ['id'],
    properties: { id: { type: 'integer' } },
    if: { required: ['gone'] },
    ...deletion,
  };
  expect(judge({ id: 1 }, schema)).toEqual({ misfits: [], reductions: [] });
  expect(judge({ id: 1, gone: true }, schema).reductions).toHaveLength(1);
  expect(judge({ id: '1' }, schema).misfits).toHaveLength(1);
  expect(() => judge({}, { type: 'object', minProperties: 1 })).toThrow(/minProperties/);
  expect(openPlaces({ type: 'object', properties: { a: { type: ['string', 'null'] } } })).toHaveLength(3);
});

test('it reduces a deletion away, and keeps the last of all other documents', async () => {
  const runtime = new FlowRuntime({});
  const writeSchema = {
    type: 'object',
    if: { properties: { op: { const: 'd' } }, required: ['op'] },
    ...deletion,
  };
  const binding: Binding = { name: 'a', resourceConfig: {}, collection: { name: 'a', key: ['/id'], writeSchema }, backfill: 0 };
  for (const document of [{ id: 1, v: 1 }, { id: 2 }, { id: 1, v: 2 }, { id: 2, op: 'd' }]) runtime.reduce(binding, document);
  expect([...runtime.documents('a')]).toEqual([['1', { id: 1, v: 2 }]]);
});
