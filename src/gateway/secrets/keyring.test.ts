import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { AgentStore, openGatewayDatabase } from '../../store/index.ts';
import { writeGatewayKeys } from './gateway-keys.ts';
import { openKeyring } from './keyring.ts';
import type { KeyFile } from './keyring.ts';

test('without a key-encryption key the keys are in a file, and the store holds nothing of them', async () => {
  const bench = await open();
  const first = await bench.keyring({ kek: null });
  expect(first).toMatchObject({ change: 'made', keptIn: { kind: 'file' } });
  const again = await bench.keyring({ kek: null });
  expect(again.change).toBeNull();
  expect(writeGatewayKeys(again.keys)).toEqual(writeGatewayKeys(first.keys));
  expect(bench.agents.keyring()?.envelope).toBeNull();
});

test('with one they are sealed in the store, and no byte of them is in any file', async () => {
  const bench = await open();
  const kek = randomBytes(32);
  const { keys, keptIn, change } = await bench.keyring({ kek });
  expect([keptIn, change]).toEqual([{ kind: 'store' }, 'made']);
  expect(bench.files.size).toBe(0);
  const stored = readdirSync(bench.home).map((name) => readFileSync(join(bench.home, name)));
  for (const key of [keys.auditChain, keys.agentKey, keys.token]) {
    const inside = key.export();
    for (const bytes of stored) {
      for (const form of [inside, inside.toString('base64'), inside.toString('hex')]) expect(bytes.includes(form)).toBe(false);
    }
  }
  expect(writeGatewayKeys((await bench.keyring({ kek })).keys)).toEqual(writeGatewayKeys(keys));
});

test('a key-encryption key that comes later seals the keys and removes their file', async () => {
  const bench = await open();
  const { keys } = await bench.keyring({ kek: null });
  const kek = randomBytes(32);
  const sealed = await bench.keyring({ kek });
  expect(sealed).toMatchObject({ change: 'sealed', keptIn: { kind: 'store' } });
  expect(writeGatewayKeys(sealed.keys)).toEqual(writeGatewayKeys(keys));
  expect(bench.files.size).toBe(0);
  await expect(bench.keyring({ kek: null })).rejects.toMatchObject({ code: 'kek_missing' });
});

test('another key-encryption key opens nothing, unless the one before is given too; from then on it alone does', async () => {
  const bench = await open();
  const [old, next] = [randomBytes(32), randomBytes(32)];
  const { keys } = await bench.keyring({ kek: old });
  await expect(bench.keyring({ kek: next })).rejects.toMatchObject({ code: 'kek_wrong' });
  await expect(bench.keyring({ kek: next, previousKek: randomBytes(32) })).rejects.toMatchObject({ code: 'kek_wrong' });
  expect((await bench.keyring({ kek: next, previousKek: old })).change).toBe('rewrapped');
  expect(writeGatewayKeys((await bench.keyring({ kek: next })).keys)).toEqual(writeGatewayKeys(keys));
  await expect(bench.keyring({ kek: old })).rejects.toMatchObject({ code: 'kek_wrong' });
});

test('keys that were made are never made anew: a missing file is an error that names it', async () => {
  const bench = await open();
  await bench.keyring({ kek: null });
  bench.files.clear();
  await expect(bench.keyring({ kek: null })).rejects.toMatchObject({ code: 'gateway_keys_missing' });
  await expect(bench.keyring({ kek: randomBytes(32) })).rejects.toMatchObject({ code: 'gateway_keys_missing' });
});

test('an envelope of another company, or an altered one, does not open', async () => {
  const kek = randomBytes(32);
  const [ours, theirs] = [await open('ours'), await open('theirs')];
  await ours.keyring({ kek });
  const kept = ours.agents.keyring()!;
  await theirs.agents.makeKeyring(kept);
  await expect(theirs.keyring({ kek })).rejects.toMatchObject({ code: 'gateway_keys_damaged' });
  await ours.agents.replaceEnvelope({
    from: kept,
    to: kept.envelope!.replace(/"text":"./, (text) => (text.endsWith('A') ? '"text":"B' : '"text":"A')),
  });
  const error: unknown = await ours.keyring({ kek }).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'gateway_keys_damaged' });
  expect((error as Error).message).not.toContain(kek.toString('base64'));
});

test('two processes that begin at once end with the same keys, and nothing is left over', async () => {
  const bench = await open();
  for (const kek of [null, randomBytes(32)]) {
    const opened = await Promise.all(Array.from({ length: 5 }, () => bench.keyring({ kek })));
    const distinct = new Set(opened.map(({ keys }) => writeGatewayKeys(keys).toString('hex')));
    expect(distinct.size).toBe(1);
    expect(bench.files.size).toBe(kek === null ? 1 : 0);
  }
});

test('a key-encryption key that can be guessed is refused before anything is made', async () => {
  const bench = await open();
  await expect(bench.keyring({ kek: Buffer.alloc(32) })).rejects.toMatchObject({ code: 'kek_weak' });
  expect(bench.agents.keyring()).toBeNull();
});

async function open(company = 'example-co') {
  const home = mkdtempSync(join(tmpdir(), 'trunkline-'));
  const database = await openGatewayDatabase({ home });
  onTestFinished(() => {
    database.close();
    rmSync(home, { recursive: true, force: true });
  });
  const agents = new AgentStore({ database, company });
  const files = new Map<string, Buffer>();
  const file: KeyFile = {
    read: (keyring) => files.get(keyring) ?? null,
    write: (keyring, keys) => void files.set(keyring, keys),
    remove: (keyring) => void files.delete(keyring),
    path: (keyring) => `/state/${keyring}`,
  };
  const keyring = ({ kek, previousKek = null }: { kek: Buffer | null; previousKek?: Buffer | null }) =>
    openKeyring({ store: agents, company, kek, previousKek, file, random: randomBytes, now: () => new Date(0) });
  return { home, agents, files, keyring };
}
