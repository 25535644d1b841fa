import { createSecretKey } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { capabilities, capabilityOf } from '../capabilities/capabilities.ts';
import type { Capability } from '../capabilities/capability.ts';
import type { CallArguments } from '../policy/decision.ts';
import { argumentsDigest, hashForSearch, redactArguments } from './redact.ts';

const key = createSecretKey(Buffer.alloc(32, 5));

function get(id: string): Capability {
  const capability = capabilityOf(id);
  if (capability === undefined) throw new TypeError(`There is no ${id}.`);
  return capability;
}

function redact(id: string, given: Partial<CallArguments>): unknown {
  return redactArguments(get(id), { at: {}, query: {}, body: null, ...given }, key);
}

test('ids, known values, counts, flags and dates stand in the log as they are', () => {
  expect(
    redact('calls.search', {
      query: { page: 2, from: 1_715_000_000, direction: 'inbound', tags: ['4', '5'], user_id: '77', fetch_contact: true },
    }),
  ).toEqual({
    at: {},
    query: { page: 2, from: 1_715_000_000, direction: 'inbound', tags: ['4', '5'], user_id: '77', fetch_contact: true },
  });
  expect(redact('tags.create', { body: { name: 'VIP', color: '#AABBCC' } })).toMatchObject({ body: { color: '#AABBCC' } });
});

test('a phone number, an address, a name, words and links stand there as hashes that can be searched for', () => {
  expect(redact('calls.search', { query: { phone_number: '+33123456789' } })).toEqual({
    at: {},
    query: { phone_number: hashForSearch('phone', '+33 1 23 45 67 89', key) },
  });
  expect(
    redact('contacts.create', {
      body: { first_name: 'Jane', information: 'Likes tea', emails: [{ label: 'x', value: 'Jane@acme.example' }] },
    }),
  ).toEqual({
    at: {},
    query: {},
    body: {
      first_name: hashForSearch('person', 'jane', key),
      information: hashForSearch('text', 'Likes tea', key),
      emails: [{ label: hashForSearch('text', 'x', key), value: hashForSearch('email', 'jane@acme.example', key) }],
    },
  });
  expect(redact('webhooks.create', { body: { url: 'https://acme.example/hook?key=1' } })).toEqual({
    at: {},
    query: {},
    body: { url: hashForSearch('text', 'https://acme.example/hook?key=1', key) },
  });
  expect(redact('users.retrieve', { at: { id: 'jane@acme.example' } })).toEqual({
    at: { id: hashForSearch('email', 'jane@acme.example', key) },
    query: {},
  });
  expect(redact('users.retrieve', { at: { id: '812' } })).toEqual({ at: { id: '812' }, query: {} });
});

test('a time zone and an id stand in clear only where they are some', () => {
  expect(redact('users.create', { body: { time_zone: 'Europe/Paris' } })).toMatchObject({ body: { time_zone: 'Europe/Paris' } });
  expect(redact('users.create', { body: { time_zone: 'Jane' } })).toMatchObject({
    body: { time_zone: hashForSearch('text', 'Jane', key) },
  });
  expect(redact('aiVoice.startCall', { at: { agent_id: 'Jane' } })).toMatchObject({ at: { agent_id: hashForSearch('text', 'Jane', key) } });
  expect(redact('aiVoice.startCall', { at: { agent_id: 'va-12' } })).toMatchObject({ at: { agent_id: 'va-12' } });
});

test('a hash says what kind of value it is of, and is another under another key and for another kind', () => {
  expect(hashForSearch('phone', '+33123456789', key)).toMatch(/^hmac:tel:[0-9a-f]{32}$/);
  const others = [hashForSearch('text', '+33123456789', key), hashForSearch('phone', '+33123456789', createSecretKey(Buffer.alloc(32, 6)))];
  expect(new Set([hashForSearch('phone', '+33123456789', key), ...others]).size).toBe(3);
});

test('what nobody described is counted and not repeated, and text in the place of an id is hashed', () => {
  expect(redact('calls.retrieve', { at: { id: 'Jane Roe' }, query: { 'Jane Roe': 'Jane Roe', x: 1 } })).toEqual({
    at: { id: hashForSearch('text', 'Jane Roe', key) },
    query: { '(unknown)': 2 },
  });
});

test('no text of an agent’s stands in the log, whatever it sends and wherever', () => {
  const marked = fc.constantFrom('MARK me', 'MARK@acme.example', 'https://MARK.example/', '+33 MARK', 'MARK');
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { depthSize: 'small' },
      marked,
      fc.array(tie('any'), { maxLength: 3 }),
      fc.dictionary(marked, tie('any'), { maxKeys: 3 }),
    ),
  })).any;
  const arbitrary = fc.oneof(
    ...capabilities.map((capability) => {
      const { at = {}, query = {}, body = {} } = capability.endpoint;
      const group = (names: readonly string[]) => fc.dictionary(fc.constantFrom('MARK', ...names), value);
      return fc.tuple(fc.constant(capability), group(Object.keys(at)), group(Object.keys(query)), group(Object.keys(body)));
    }),
  );
  fc.assert(
    fc.property(arbitrary, ([capability, at, query, body]) => {
      expect(JSON.stringify(redactArguments(capability, { at, query, body } as CallArguments, key))).not.toContain('MARK');
    }),
    { numRuns: 1000 },
  );
});

test('the digest is the same for the same arguments in any order, and another for any others', () => {
  const one = { at: { id: '1' }, query: {}, body: { a: 1, b: [2n, 'x'] } };
  const same = { body: { b: [2n, 'x'], a: 1 }, query: {}, at: { id: '1' } };
  expect(argumentsDigest(one, key)).toMatch(/^[0-9a-f]{64}$/);
  expect(argumentsDigest(same, key)).toBe(argumentsDigest(one, key));
  expect(argumentsDigest({ ...one, body: { a: 1, b: ['x', 2n] } }, key)).not.toBe(argumentsDigest(one, key));
  expect(argumentsDigest(one, createSecretKey(Buffer.alloc(32, 6)))).not.toBe(argumentsDigest(one, key));
  expect(argumentsDigest({ ...one, body: { a: '\ud800' } }, key)).toMatch(/^[0-9a-f]{64}$/);
});
