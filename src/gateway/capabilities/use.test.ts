import { expect, test } from 'vitest';
import type { CallArguments } from '../policy/decision.ts';
import { capabilities, capabilityOf } from './capabilities.ts';
import { tellDeed, valuesAt } from './use.ts';

test('a path leads to values that are there, never to what every object inherits', () => {
  expect(valuesAt({ a: [{ b: 1 }, {}, { b: null }] }, ['a', '*', 'b'])).toEqual([1, null]);
  expect(valuesAt({ a: 1 }, ['a', 'b'])).toEqual([]);
  expect(valuesAt({}, ['constructor'])).toEqual([]);
  expect(valuesAt(null, ['a'])).toEqual([]);
});

test('a deed is told in the words of its endpoint, with ids and numbers filled in', () => {
  const tell = (id: string, tense: 'present' | 'past', at: CallArguments['at'], rows: number | null = null) => {
    const capability = capabilityOf(id);
    return capability && tellDeed(capability, tense, { at, rows });
  };
  expect(tell('calls.list', 'past', {}, 20)).toBe('listed 20 calls');
  expect(tell('calls.list', 'past', {}, 1)).toBe('listed 1 call');
  expect(tell('calls.list', 'past', {}, null)).toBe('listed calls');
  expect(tell('dialer.listNumbers', 'past', { id: '7' }, 1)).toBe('listed 1 phone number in the dialer campaign of user 7');
  expect(tell('calls.comment', 'present', { id: '812345' })).toBe('comment on call 812345');
  expect(tell('teams.addUser', 'past', { team_id: '1', user_id: '2' })).toBe('added user 2 to team 1');
});

test('no address of a person and no text of others gets into a deed', () => {
  for (const capability of capabilities) {
    for (const name of Object.keys(capability.endpoint.at ?? {})) {
      for (const text of ['someone@secret.example', 'a b', '<b>', '\u001b[31m', '{rows}', 'x'.repeat(65)]) {
        for (const tense of ['present', 'past'] as const) {
          const told = tellDeed(capability, tense, { at: { [name]: text }, rows: 1 });
          expect(told).not.toContain(text);
          expect(told).not.toContain('{');
        }
      }
    }
  }
});
