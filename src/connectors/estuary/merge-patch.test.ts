import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Json, JsonObject } from '../../base/index.ts';
import { patchBetween, withoutNulls } from './merge-patch.ts';

/** RFC 7396, section 2, word for word. */
function merge(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const merged: Record<string, unknown> = typeof target === 'object' && target !== null && !Array.isArray(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete merged[name];
    else merged[name] = merge(merged[name], value);
  }
  return merged;
}

const name = fc.constantFrom('a', 'b', 'c', 'constructor');
const { tree } = fc.letrec<{ tree: JsonObject; value: Json }>((tie) => ({
  tree: fc.dictionary(name, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constant(null),
    fc.integer(),
    fc.string(),
    fc.array(tie('value'), { maxLength: 3 }),
    tie('tree'),
  ),
}));

test('a patch turns the state before into the state after, by RFC 7396', () => {
  fc.assert(
    fc.property(tree, tree, (given, wanted) => {
      const [before, after] = [withoutNulls(given), withoutNulls(wanted)];
      expect(merge(before, patchBetween(before, after))).toEqual(after);
    }),
    { numRuns: 500 },
  );
});

test('what did not change is not in the patch', () => {
  const before = { version: 1, stream: { rows: { 1: 'a', 2: 'b' }, closed: [[0, 5]] } };
  expect(patchBetween(before, before)).toEqual({});
  expect(patchBetween(before, { version: 1, stream: { rows: { 2: 'c' }, closed: [[0, 5]] } })).toEqual({
    stream: { rows: { 1: null, 2: 'c' } },
  });
});
