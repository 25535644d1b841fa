import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { keepCredential, readKeptCredential } from './credential-file.ts';

const accessToken = 'a-token-that-nobody-may-see';
const baseUrl = 'https://api.aircall.io';

test('a kept credential comes back with its key, and only with it', async () => {
  const { home, path, kek } = await kept();
  expect(await read(home, kek)).toMatchObject({ accessToken, baseUrl });
  await expect(read(home, null)).rejects.toThrow(/TRUNKLINE_KEK is not set/);
  await expect(read(home, randomBytes(32))).rejects.toThrow(/another key/);
  expect(readFileSync(path, 'utf8')).not.toContain(accessToken);
  if (process.platform === 'win32') return; // Windows has no such modes.
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(home).mode & 0o777).toBe(0o700);
});

test('every single changed character of it is noticed', async () => {
  const { home, path, kek } = await kept();
  const file = JSON.parse(readFileSync(path, 'utf8')) as Record<string, Record<string, string>>;
  for (const part of ['dataKey', 'credential']) {
    for (const [name, value] of Object.entries(file[part]!)) {
      const changed = Buffer.from(value, 'base64');
      changed[0]! ^= 1;
      writeFileSync(path, JSON.stringify({ ...file, [part]: { ...file[part], [name]: changed.toString('base64') } }));
      await expect(read(home, kek)).rejects.toThrow(/damaged/);
    }
  }
  writeFileSync(path, JSON.stringify({ ...file, baseUrl: 'https://elsewhere.example.com' }));
  await expect(read(home, kek)).rejects.toThrow(/damaged/);
  writeFileSync(path, 'not json');
  await expect(read(home, kek)).rejects.toThrow(/damaged/);
});

test('keeping the same credential twice never writes the same bytes', async () => {
  const { home, path, kek } = await kept();
  const first = readFileSync(path, 'utf8');
  await keepCredential({ home, kek, accessToken, baseUrl, now: new Date(0) });
  expect(readFileSync(path, 'utf8')).not.toBe(first);
});

test('no file is no credential', async () => {
  expect(await read(join(tmpdir(), 'does-not-exist'), null)).toBeNull();
});

test('what was encrypted with the previous key is encrypted with the present one, and then only with it', async () => {
  const { home, kek } = await kept();
  const next = randomBytes(32);
  expect(await readKeptCredential(home, { kek: next, previousKek: kek })).toMatchObject({ accessToken });
  expect(await read(home, next)).toMatchObject({ accessToken, baseUrl });
  await expect(read(home, kek)).rejects.toThrow(/another key/);
});

function read(home: string, kek: Buffer | null) {
  return readKeptCredential(home, { kek, previousKek: null });
}

async function kept() {
  const folder = mkdtempSync(join(tmpdir(), 'trunkline-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const home = join(folder, '.trunkline');
  const kek = randomBytes(32);
  const path = await keepCredential({ home, kek, accessToken, baseUrl, now: new Date(0) });
  return { home, path, kek };
}
