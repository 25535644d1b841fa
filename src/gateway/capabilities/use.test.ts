import { expect, test } from 'vitest';
import type { CallArguments } from '../policy/decision.ts';
import { parseArguments } from './arguments.ts';
import { capabilities, capabilityOf } from './capabilities.ts';
import type { Capability } from './capability.ts';
import { addressesIn, referencesIn, searchesIn, tellDeed, valuesAt } from './use.ts';

const none: CallArguments = { at: {}, query: {}, body: null };

function used(id: string, given: Partial<CallArguments>): [Capability, CallArguments] {
  const capability = capabilityOf(id);
  if (capability === undefined) throw new Error(`There is no ${id}.`);
  const parsed = parseArguments(capability, { ...none, ...given });
  if (!parsed.ok) throw new Error(parsed.text);
  return [capability, parsed.arguments];
}

test('a search is one only when it is made, and a user found by id is none', () => {
  expect(searchesIn(...used('calls.search', { query: { direction: 'inbound' } }))).toEqual([]);
  expect(searchesIn(...used('calls.search', { query: { phone_number: '+15550100123' } }))).toEqual([
    { parameter: 'phone_number', class: 'phone' },
  ]);
  expect(searchesIn(...used('users.retrieve', { at: { id: '7' } }))).toEqual([]);
  expect(searchesIn(...used('users.retrieve', { at: { id: 'a@b.example' } }))).toEqual([{ parameter: 'id', class: 'email' }]);
});

test('every object that a request names is found, in path, query and body, in lists and within objects', () => {
  expect(referencesIn(...used('calls.tag', { at: { id: '1' }, body: { tags: [3, 2] } }))).toEqual([
    { place: 'at', names: 'call', area: 'calls', id: '1', byEmail: false },
    { place: 'body', names: 'tag', area: 'tags', id: '2', byEmail: false },
    { place: 'body', names: 'tag', area: 'tags', id: '3', byEmail: false },
  ]);
  expect(referencesIn(...used('calls.search', { query: { user_id: '5' } }))).toMatchObject([{ names: 'user', id: '5' }]);
  expect(referencesIn(...used('users.retrieve', { at: { id: 'a@b.example' } }))).toMatchObject([{ names: 'user', byEmail: true }]);
});

test('every address in a body is found, however deep', () => {
  const contents = [
    { type: 'title', text: 'x' },
    { type: 'shortText', text: 'y', link: 'https://a.example/' },
  ];
  expect(addressesIn(...used('calls.pushInsightCard', { at: { id: '1' }, body: { contents } }))).toEqual(['https://a.example/']);
  const messages = { welcome: 'https://a.example/1.mp3', closed: 'https://b.example/2.mp3' };
  expect(addressesIn(...used('numbers.update', { at: { id: '1' }, body: { messages } }))).toEqual([
    'https://a.example/1.mp3',
    'https://b.example/2.mp3',
  ]);
  expect(addressesIn(...used('calls.archive', { at: { id: '1' } }))).toEqual([]);
});

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
