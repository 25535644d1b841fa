import { createSecretKey, randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { AgentStore, openGatewayDatabase } from '../../store/index.ts';
import type { StoredKey } from '../../store/index.ts';
import { isAmong, parseAddresses } from './addresses.ts';
import { issueKey, readKey } from './agent-key.ts';
import { openKeyBook } from './key-book.ts';

const nowMs = Date.UTC(2026, 10, 3, 12);
const from = { ip: '192.0.2.7', nowMs };
const pepper = createSecretKey(randomBytes(32));

test('a key has the shape that scanners look for, and no two are alike', () => {
  const seen = new Set<string>();
  for (let times = 0; times < 200; times += 1) {
    const { key, keyId } = issueKey({ environment: 'live', pepper, random: randomBytes });
    const text = key.reveal();
    expect(text).toMatch(/^acg_live_[0-9a-z]{16}_[\w-]{43}_[0-9a-f]{8}$/);
    expect(readKey(text)).toEqual({ keyId, secret: text.slice(26, 69) });
    expect(Buffer.from(text.slice(26, 69), 'base64url').length).toBe(32);
    seen.add(text);
  }
  expect(seen.size).toBe(200);
});

test('a key with any single character changed is not a key any more', () => {
  const text = issueKey({ environment: 'test', pepper, random: randomBytes }).key.reveal();
  fc.assert(
    fc.property(fc.nat(text.length - 1), fc.constantFrom('a', 'b', 'X', 'Z', '0', '1', '9', '_', '-', '.', ' ', '\n'), (at, letter) => {
      fc.pre(text[at] !== letter);
      expect(readKey(text.slice(0, at) + letter + text.slice(at + 1))).toBeNull();
    }),
  );
});

test('anything else is not a key either, and nothing throws', () => {
  const text = issueKey({ environment: 'test', pepper, random: randomBytes }).key.reveal();
  for (const other of [`${text} `, ` ${text}`, `${text}\n`, text.toUpperCase(), text.replace('acg_test', 'acg_prod'), text.slice(0, -1)]) {
    expect(readKey(other)).toBeNull();
  }
  fc.assert(fc.property(fc.string({ maxLength: 200 }), (other) => readKey(other) === null));
});

test('a right key is known, by its agent', async () => {
  const { book, add } = await open();
  const { key, keyId } = add('ag_one');
  expect(book.find({ key, agentId: null }, from)).toEqual({ kind: 'known', keyId, agentId: 'ag_one' });
  expect(book.find({ key, agentId: 'ag_one' }, from).kind).toBe('known');
});

test('each wrong key is refused with its reason, and its agent only where the id is one of ours', async () => {
  const { book, add } = await open();
  const { key, keyId } = add('ag_one');
  const foreign = issueKey({ environment: 'test', pepper, random: randomBytes }).key.reveal();
  const withOurId = forgeWithId(keyId);
  expect(book.find({ key: '', agentId: null }, from)).toMatchObject({ reason: 'missing', keyId: null });
  expect(book.find({ key: 'hunter2', agentId: null }, from)).toMatchObject({ reason: 'malformed', keyId: null });
  expect(book.find({ key: `${key}x`, agentId: null }, from)).toMatchObject({ reason: 'malformed' });
  expect(book.find({ key: foreign, agentId: null }, from)).toMatchObject({ reason: 'unknown', keyId: null, agentId: null });
  expect(book.find({ key: withOurId, agentId: null }, from)).toMatchObject({ reason: 'wrong_secret', keyId, agentId: 'ag_one' });
  expect(book.find({ key, agentId: 'ag_two' }, from)).toMatchObject({ reason: 'wrong_agent', agentId: 'ag_one' });
});

test('a key of one gateway is no key of another, though the rows were copied', async () => {
  const { add, agents } = await open();
  const { key } = add('ag_one');
  const elsewhere = openKeyBook({ store: agents, pepper: createSecretKey(randomBytes(32)) });
  expect(elsewhere.find({ key, agentId: null }, from)).toMatchObject({ kind: 'refused', reason: 'wrong_secret' });
});

test('a key of one company is unknown to another in the same file', async () => {
  const { add, database } = await open();
  const { key } = add('ag_one');
  const theirs = openKeyBook({ store: new AgentStore({ database, company: 'other-co' }), pepper });
  expect(theirs.find({ key, agentId: null }, from)).toMatchObject({ reason: 'unknown', keyId: null });
});

test('what is wrong with a key is told only to who has its secret', async () => {
  const { book, add, agents } = await open();
  const { keyId } = add('ag_one', { expiresAt: new Date(nowMs - 1).toISOString(), addresses: ['10.0.0.0/8'] });
  agents.revokeKey(keyId, { at: new Date(nowMs).toISOString(), by: 'Olga' });
  expect(book.find({ key: forgeWithId(keyId), agentId: null }, from)).toMatchObject({ reason: 'wrong_secret' });
});

test('a key ends at its moment: the millisecond before it works, at it no more, and an unreadable end has passed', async () => {
  const { book, add } = await open();
  const ends = add('ag_one', { expiresAt: new Date(nowMs + 1).toISOString() });
  expect(book.find({ key: ends.key, agentId: null }, from).kind).toBe('known');
  expect(book.find({ key: ends.key, agentId: null }, { ...from, nowMs: nowMs + 1 })).toMatchObject({ reason: 'expired' });
  const odd = add('ag_one', { expiresAt: 'soon' });
  expect(book.find({ key: odd.key, agentId: null }, from)).toMatchObject({ reason: 'expired' });
});

test('a key revoked by another process is refused at the next request', async () => {
  const { book, add, elsewhere } = await open();
  const { key, keyId } = add('ag_one');
  expect(book.find({ key, agentId: null }, from).kind).toBe('known');
  const other = await elsewhere();
  other.revokeKey(keyId, { at: '2026-11-03T09:00:00.000Z', by: 'Olga' });
  expect(book.find({ key, agentId: null }, from)).toMatchObject({ reason: 'revoked', text: 'The key was revoked on 2026-11-03 by Olga.' });
});

test('a list of addresses keeps everybody else out, and who has no address', async () => {
  const { book, add } = await open();
  const { key } = add('ag_one', { addresses: ['192.0.2.0/29', '2001:db8::/32'] });
  const at = (ip: string | null) => book.find({ key, agentId: null }, { ip, nowMs });
  for (const ip of ['192.0.2.7', '::ffff:192.0.2.7', '2001:db8:1::5']) expect(at(ip).kind, ip).toBe('known');
  for (const ip of ['192.0.2.8', '::ffff:192.0.2.8', '2001:db9::1', '127.0.0.1', null, '', 'localhost'])
    expect(at(ip), String(ip)).toMatchObject({ reason: 'address' });
});

test('an empty list of addresses lets nobody in', async () => {
  const { book, add } = await open();
  const { key } = add('ag_one', { addresses: [] });
  expect(book.find({ key, agentId: null }, from)).toMatchObject({ reason: 'address' });
});

test.each(['', 'localhost', '10.0.0.0/33', '10.0.0/8', '2001:db8::/129', '10.0.0.1/8/8', '10.0.0.1/-1', 'fe80::1%eth0', '10.0.0.1/'])(
  'what is no address and no network is refused: "%s"',
  (entry) => {
    expect(() => parseAddresses([entry])).toThrow(RangeError);
  },
);

test('a network holds the addresses that begin like it', () => {
  fc.assert(
    fc.property(fc.ipV4(), fc.integer({ min: 0, max: 32 }), fc.ipV4(), (network, bits, ip) => {
      const number = (text: string) => text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
      const same = Math.floor(number(network) / 2 ** (32 - bits)) === Math.floor(number(ip) / 2 ** (32 - bits));
      expect(isAmong(ip, [`${network}/${bits}`])).toBe(same);
    }),
  );
});

test('the last use is written down, at most once a minute', async () => {
  const { book, add, agents } = await open();
  const { key, keyId } = add('ag_one');
  const use = (atMs: number) => {
    book.find({ key, agentId: null }, { ip: null, nowMs: atMs });
    return agents.key(keyId)?.lastUsedAt;
  };
  expect(use(nowMs)).toBe('2026-11-03T12:00:00.000Z');
  expect(use(nowMs + 59_999)).toBe('2026-11-03T12:00:00.000Z');
  expect(use(nowMs + 60_000)).toBe('2026-11-03T12:01:00.000Z');
});

test('a store that cannot be read throws, so that nobody is let in', async () => {
  const { book, add, database } = await open();
  const { key } = add('ag_one');
  database.close();
  expect(() => book.find({ key, agentId: null }, from)).toThrow(/after it was closed/);
  expect(() => book.find({ key: 'hunter2', agentId: null }, from)).toThrow(/after it was closed/);
});

test('no file holds a key or its secret, and findings never repeat what was given', async () => {
  const { book, add, home } = await open();
  const { key } = add('ag_one');
  const wrong = `${key.slice(0, -1)}${key.endsWith('0') ? '1' : '0'}`;
  for (const given of [key, wrong, 'hunter2'])
    expect(inspect(book.find({ key: given, agentId: 'hunter2' }, from), { depth: 9 })).not.toMatch(/hunter2|acg_/);
  const secret = key.slice(26, 69);
  for (const name of readdirSync(home)) {
    const bytes = readFileSync(join(home, name));
    expect(bytes.includes(secret) || bytes.includes(Buffer.from(secret, 'base64url'))).toBe(false);
  }
});

/** A well-formed key with the id of another and a secret of its own. */
function forgeWithId(keyId: string): string {
  const letters = Array.from(keyId, (letter) => '0123456789abcdefghjkmnpqrstvwxyz'.indexOf(letter));
  return issueKey({
    environment: 'test',
    pepper,
    random: (size) => (size === 16 ? Buffer.from(letters) : randomBytes(size)),
  }).key.reveal();
}

async function open() {
  const home = mkdtempSync(join(tmpdir(), 'trunkline-'));
  const opened: { close: () => void }[] = [];
  onTestFinished(() => {
    for (const each of opened) each.close();
    rmSync(home, { recursive: true, force: true });
  });
  const openFile = async () => {
    const database = await openGatewayDatabase({ home });
    opened.push(database);
    return database;
  };
  const database = await openFile();
  const agents = new AgentStore({ database, company: 'example-co' });
  const add = (agentId: string, facts: Partial<StoredKey> = {}) => {
    const { key, keyId, hash } = issueKey({ environment: 'test', pepper, random: randomBytes });
    agents.insertKey({
      keyId,
      agentId,
      hash,
      madeAt: new Date(nowMs).toISOString(),
      madeBy: 'Olga',
      expiresAt: null,
      revokedAt: null,
      revokedBy: null,
      addresses: null,
      lastUsedAt: null,
      ...facts,
    });
    return { key: key.reveal(), keyId };
  };
  const elsewhere = async () => new AgentStore({ database: await openFile(), company: 'example-co' });
  return { home, database, agents, add, elsewhere, book: openKeyBook({ store: agents, pepper }) };
}
