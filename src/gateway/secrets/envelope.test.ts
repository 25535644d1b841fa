import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isWeakKek, openEnvelope, rewrapEnvelope, sealEnvelope } from './envelope.ts';
import type { Envelope } from './envelope.ts';
import { makeGatewayKeys, readGatewayKeys, writeGatewayKeys } from './gateway-keys.ts';
import { Secret } from './secret.ts';

const secret = Buffer.from('nobody may see this');
const boundTo = 'company|connection|1';

test('an envelope opens with its key and its purpose, and with nothing else', () => {
  const kek = randomBytes(32);
  const envelope = sealEnvelope({ secret, kek, boundTo });
  expect(openEnvelope(envelope, { kek, boundTo })).toEqual(secret);
  expect(() => openEnvelope(envelope, { kek: randomBytes(32), boundTo })).toThrow();
  expect(() => openEnvelope(envelope, { kek, boundTo: 'other company|connection|1' })).toThrow();
  expect(JSON.stringify(envelope)).not.toContain(secret.toString('base64'));
  expect(JSON.stringify(envelope)).not.toContain(kek.toString('base64'));
});

test('any flipped bit of an envelope is noticed', () => {
  const kek = randomBytes(32);
  const envelope = sealEnvelope({ secret, kek, boundTo });
  fc.assert(
    fc.property(
      fc.constantFrom('dataKey', 'secret'),
      fc.constantFrom('nonce', 'text', 'tag'),
      fc.nat(),
      fc.nat(7),
      (part, piece, at, bit) => {
        const bytes = Buffer.from(envelope[part][piece], 'base64');
        bytes[at % bytes.length]! ^= 1 << bit;
        const altered = { ...envelope, [part]: { ...envelope[part], [piece]: bytes.toString('base64') } };
        expect(() => openEnvelope(altered, { kek, boundTo })).toThrow();
      },
    ),
  );
});

test('a shortened tag is refused, so that nobody has to guess only a part of it', () => {
  const kek = randomBytes(32);
  const envelope = sealEnvelope({ secret, kek, boundTo });
  const tag = Buffer.from(envelope.secret.tag, 'base64').subarray(0, 4).toString('base64');
  expect(() => openEnvelope({ ...envelope, secret: { ...envelope.secret, tag } }, { kek, boundTo })).toThrow();
});

test('two envelopes of one secret have nothing in common', () => {
  const kek = randomBytes(32);
  const texts = ({ dataKey, secret }: Envelope) => [dataKey.nonce, dataKey.text, dataKey.tag, secret.nonce, secret.text, secret.tag];
  const [a, b] = [sealEnvelope({ secret, kek, boundTo }), sealEnvelope({ secret, kek, boundTo })];
  expect(new Set([...texts(a), ...texts(b)]).size).toBe(12);
});

test('under another key an envelope opens with that key only, and the sealed secret is the same bytes', () => {
  const [from, to] = [randomBytes(32), randomBytes(32)];
  const envelope = sealEnvelope({ secret, kek: from, boundTo });
  const again = rewrapEnvelope(envelope, { from, to, boundTo });
  expect(openEnvelope(again, { kek: to, boundTo })).toEqual(secret);
  expect(() => openEnvelope(again, { kek: from, boundTo })).toThrow();
  expect(again.secret).toEqual(envelope.secret);
  expect(again.kekId).not.toBe(envelope.kekId);
});

test('an envelope damaged inside is not wrapped again as if it were whole', () => {
  const [from, to] = [randomBytes(32), randomBytes(32)];
  const envelope = sealEnvelope({ secret, kek: from, boundTo });
  const other = sealEnvelope({ secret, kek: from, boundTo });
  expect(() => rewrapEnvelope({ ...envelope, secret: other.secret }, { from, to, boundTo })).toThrow();
});

test.each([
  ['zeros', Buffer.alloc(32)],
  ['one byte repeated', Buffer.alloc(32, 0xab)],
  ['typed text', Buffer.from('correct horse battery staple 123')],
  ['counting up', Buffer.from(Array.from({ length: 32 }, (_, index) => index + 200))],
  ['a short piece repeated', Buffer.from('deadbeef'.repeat(8), 'hex')],
])('a key made of %s is weak', (_name, kek) => {
  expect(kek.length).toBe(32);
  expect(isWeakKek(kek)).toBe(true);
});

test('a key drawn at random is not weak', () => {
  for (let times = 0; times < 2000; times += 1) expect(isWeakKek(randomBytes(32))).toBe(false);
});

test('a secret prints as three stars wherever it stands', () => {
  const kept = new Secret('hunter2');
  // oxlint-disable-next-line typescript/restrict-template-expressions -- this is what must be harmless
  const prints = [`${kept}`, String(kept), JSON.stringify({ kept }), inspect({ kept }), inspect(kept, { showHidden: true, depth: 9 })];
  for (const print of prints) expect(print).not.toContain('hunter2');
  expect(prints[0]).toBe('***');
  expect(kept.reveal()).toBe('hunter2');
});

test('keys come back from bytes as they were, and print nothing of themselves', () => {
  const keys = makeGatewayKeys();
  const bytes = writeGatewayKeys(keys);
  expect(writeGatewayKeys(readGatewayKeys(bytes))).toEqual(bytes);
  const inside = keys.agentKey.export();
  for (const print of [inspect(keys, { depth: 9, showHidden: true }), JSON.stringify(keys)]) {
    expect(print).not.toContain(inside.toString('hex'));
    expect(print).not.toContain(inside.toString('base64'));
  }
  const all = [keys.auditChain, keys.confirm, keys.token, keys.agentKey, keys.link, keys.idempotency].map((key) =>
    key.export().toString('hex'),
  );
  expect(new Set(all).size).toBe(6);
});

test.each(['', '{}', '[]', 'null', '{"v":2}', JSON.stringify({ v: 1, auditChain: 'AA==' })])(
  'what is no set of keys is refused: %s',
  (text) => {
    expect(() => readGatewayKeys(Buffer.from(text))).toThrow();
  },
);
