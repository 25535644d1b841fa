import { createSecretKey } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { capabilityOf } from '../capabilities/capabilities.ts';
import type { Capability } from '../capabilities/capability.ts';
import { revealTokens } from './reveal.ts';
import { looksLikeToken, tokenFor, valueOf } from './tokens.ts';
import type { TokenOwner } from './tokens.ts';

const key = createSecretKey(Buffer.alloc(32, 1));
const owner: TokenOwner = { key, company: 'acme', agentId: 'ag_1' };

function token(value: string, whose: TokenOwner = owner): string {
  return tokenFor('phone', value, whose) ?? '';
}

function get(id: string): Capability {
  const capability = capabilityOf(id);
  if (capability === undefined) throw new TypeError(`There is no ${id}.`);
  return capability;
}

test('all spellings of a number have one token, which stands for the number', () => {
  const spellings = ['+33 1 23 45 67 89', '0033123456789', 'tel:+33-123-456-789', '33123456789', '＋３３１２３４５６７８９'];
  expect(new Set(spellings.map((each) => token(each))).size).toBe(1);
  expect(valueOf('phone', token('+33 1 23 45 67 89'), owner)).toBe('+33123456789');
  expect(tokenFor('email', 'Jane@Acme.example', owner)).toBe(tokenFor('email', 'mailto:jane@acme.example', owner));
  expect(tokenFor('person', ' Jane  Roe', owner)).toBe(tokenFor('person', 'Jane Roe', owner));
});

test('a token comes back as what it was made of, and two values never share one', () => {
  const value = fc.stringMatching(/^\+[1-9]\d{7,14}$/);
  fc.assert(
    fc.property(value, value, (one, other) => {
      expect(valueOf('phone', token(one), owner)).toBe(one);
      expect(token(one) === token(other)).toBe(one === other);
    }),
  );
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 100 }), (name) => {
      const made = tokenFor('person', name, owner);
      if (made !== null) expect(valueOf('person', made, owner)).toBe(name.normalize('NFC').trim().replaceAll(/\s+/gu, ' '));
    }),
  );
});

test('another agent, another company and another key have another token, and cannot read this one', () => {
  const others: readonly TokenOwner[] = [
    { ...owner, agentId: 'ag_2' },
    { ...owner, company: 'other' },
    { ...owner, key: createSecretKey(Buffer.alloc(32, 2)) },
  ];
  for (const other of others) {
    expect(token('+33123456789', other)).not.toBe(token('+33123456789'));
    expect(valueOf('phone', token('+33123456789'), other)).toBeNull();
  }
});

test('a token says nothing of its value, not even how long it is', () => {
  const tokens = ['112', '+15550109004', '+491512345678901'].map((each) => token(each));
  expect(new Set(tokens.map((each) => each.length)).size).toBe(1);
  for (const each of tokens) expect(each).toMatch(/^tel_[\w-]{60,}$/);
});

test('a token that was altered anywhere, cut, lengthened or made of another class is none', () => {
  const good = token('+33123456789');
  for (let place = 4; place < good.length; place += 1) {
    const altered = good.slice(0, place) + (good[place] === 'A' ? 'B' : 'A') + good.slice(place + 1);
    // The last character of base64 may hold bits that mean nothing.
    if (Buffer.from(altered.slice(4), 'base64url').equals(Buffer.from(good.slice(4), 'base64url'))) continue;
    expect(valueOf('phone', altered, owner), altered).toBeNull();
  }
  for (const bad of [good.slice(0, -4), `${good}AAAA`, `eml_${good.slice(4)}`, 'tel_', 'tel_AAAAAAAAAAAAAAAAAAAAAAAA', '']) {
    expect(valueOf('phone', bad, owner)).toBeNull();
  }
  expect(valueOf('email', `eml_${good.slice(4)}`, owner)).toBeNull();
  const address = tokenFor('email', 'jane@acme.example', owner) ?? '';
  expect(valueOf('email', address, owner)).toBe('jane@acme.example');
  expect(valueOf('person', `per_${address.slice(4)}`, owner)).toBeNull();
  fc.assert(fc.property(fc.base64String({ maxLength: 120 }), (text) => valueOf('phone', `tel_${text}`, owner) === null));
});

test('only what has the form of a token is taken for one', () => {
  expect(looksLikeToken(token('+33123456789'))).toBe(true);
  for (const text of ['tel_short', '+33123456789', `x${token('1234567')}`, `${token('1234567')} `])
    expect(looksLikeToken(text)).toBe(false);
});

test('a token in a request becomes its value where a value of its class belongs, in lists and in inner objects too', () => {
  const email = tokenFor('email', 'jane@acme.example', owner) ?? '';
  const given = {
    at: {},
    query: {},
    body: {
      first_name: 'Jane',
      phone_numbers: [{ label: 'Work', value: token('+33 1 23 45 67 89') }],
      emails: [{ label: 'x', value: email }],
    },
  };
  expect(revealTokens(get('contacts.create'), given, owner)).toEqual({
    revealed: true,
    arguments: {
      at: {},
      query: {},
      body: {
        first_name: 'Jane',
        phone_numbers: [{ label: 'Work', value: '+33123456789' }],
        emails: [{ label: 'x', value: 'jane@acme.example' }],
      },
    },
  });
  expect(revealTokens(get('calls.search'), { at: {}, query: { phone_number: token('0033123456789') }, body: null }, owner)).toEqual({
    revealed: true,
    arguments: { at: {}, query: { phone_number: '+33123456789' }, body: null },
  });
});

test('a token stays a token inside other text, in a field of another class, where nothing is described, and when it is another’s', () => {
  const mine = token('+33123456789');
  const theirs = token('+33123456789', { ...owner, agentId: 'ag_2' });
  const cases = [
    ['calls.comment', { content: mine }],
    ['calls.comment', { content: `call ${mine}` }],
    ['contacts.create', { information: mine, company_name: `${mine} Ltd`, unknown: mine }],
    ['contacts.create', { emails: [{ value: mine }] }],
    ['calls.transfer', { number: theirs }],
    ['webhooks.create', { url: `https://evil.example/?n=${mine}`, custom_name: mine }],
    ['tags.create', { name: mine, color: mine }],
  ] as const;
  for (const [id, body] of cases) {
    const given = { at: {}, query: {}, body };
    expect(revealTokens(get(id), given, owner), id).toEqual({ revealed: false, arguments: given });
  }
});

test('of several tokens in a request, only the agent’s own become values', () => {
  const theirs = token('+442079460018', { ...owner, agentId: 'ag_2' });
  const given = { at: { id: '7' }, query: {}, body: { participants: [token('+33123456789'), theirs, '+15550109004'], body: 'Hi' } };
  expect(revealTokens(get('messages.sendGroup'), given, owner)).toEqual({
    revealed: true,
    arguments: { at: { id: '7' }, query: {}, body: { participants: ['+33123456789', theirs, '+15550109004'], body: 'Hi' } },
  });
});

test('anything at all can be sent in place of arguments', () => {
  const anything = fc.anything({ withNullPrototype: true, withBigInt: true });
  fc.assert(
    fc.property(
      fc.constantFrom('contacts.create', 'calls.search', 'messages.sendGroup', 'users.retrieve'),
      anything,
      anything,
      anything,
      (id, at, query, body) => {
        const given = { at, query, body } as Parameters<typeof revealTokens>[1];
        expect(revealTokens(get(id), given, owner).revealed).toBe(false);
      },
    ),
  );
});
