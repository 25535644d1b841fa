// That nothing a hash, a mark or a signature stands for can be changed without it.
import { createSecretKey, generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { headMac, isSignedBy, linkOf, signCheckpoint } from './chain.ts';

const key = createSecretKey(Buffer.alloc(32, 1));
const time = '2026-11-22T12:00:00.000Z';
const later = '2026-11-22T12:00:00.001Z';

test('the link of a record changes with what it links to and with every byte', () => {
  const [one, two] = ['a'.repeat(64), 'b'.repeat(64)];
  const links = [linkOf(key, one, '{}'), linkOf(key, two, '{}'), linkOf(key, one, '{ }')];
  expect(new Set(links).size).toBe(3);
});

test('the mark of the end covers all that is noted there, and whose it is', () => {
  const head = { seq: 7, hash: 'a', time, checkpoints: 2, deciding: 'd' };
  const changed = [{ seq: 8 }, { hash: 'b' }, { time: later }, { checkpoints: 1 }, { deciding: 'e' }];
  const marks = changed.map((change) => headMac(key, 'acme', { ...head, ...change }));
  expect(new Set([headMac(key, 'acme', head), headMac(key, 'other', head), ...marks]).size).toBe(7);
});

test('the signature of a checkpoint is good for all that it says, and for nothing else', () => {
  const keys = generateKeyPairSync('ed25519');
  const checkpoint = signCheckpoint(keys, { company: 'acme', seq: 7, head: 'a', time });
  expect(isSignedBy(keys.publicKey, checkpoint)).toBe(true);
  expect(isSignedBy(generateKeyPairSync('ed25519').publicKey, checkpoint)).toBe(false);
  for (const change of [{ company: 'other' }, { seq: 8 }, { head: 'b' }, { time: later }]) {
    expect(isSignedBy(keys.publicKey, { ...checkpoint, ...change })).toBe(false);
  }
});
