import { expect, test } from 'vitest';
import { JustSent } from './just-sent.ts';

test('only the same text under the same key was just sent, and only the latest counts', () => {
  const sent = new JustSent(3);
  expect([sent.has('1', 'a'), sent.has('1', 'a'), sent.has('2', 'a'), sent.has('1', 'b'), sent.has('1', 'a'), sent.has('1', 'a')]).toEqual([
    false,
    true,
    false,
    false,
    false,
    true,
  ]);
  sent.forget('1');
  sent.forget('never');
  expect(sent.has('1', 'a')).toBe(false);
});

test('what was sent long ago is forgotten', () => {
  const sent = new JustSent(3);
  for (const key of ['1', '2', '3', '4']) sent.has(key, 'a');
  expect([sent.has('4', 'a'), sent.has('2', 'a'), sent.has('1', 'a')]).toEqual([true, true, false]);
});
