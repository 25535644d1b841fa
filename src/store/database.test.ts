import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { EnvironmentError, Interrupted } from '../base/index.ts';
import { openDatabase } from './database.ts';
import type { DatabaseKind } from './database.ts';
import { stateFolder } from './folders.ts';
import { isBusy, storeError } from './sqlite.ts';

const root = mkdtempSync(path.join(tmpdir(), 'trunkline-database-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const kind: DatabaseKind = {
  name: 'test',
  applicationId: 4_711,
  synchronous: 'full',
  migrations: ['CREATE TABLE notes (text TEXT) STRICT', "INSERT INTO notes VALUES ('first')"],
};

test('a new file gets every migration in order, and an opened one only those it has not seen', async () => {
  const file = path.join(root, 'new', 'deep', 'a.db');
  const first = await openDatabase({ path: file, kind });
  expect(first.prepare('SELECT text FROM notes').all().map(textOf)).toEqual(['first']);
  first.close();
  const grown = { ...kind, migrations: [...kind.migrations, "INSERT INTO notes VALUES ('second')"] };
  for (let times = 0; times < 3; times += 1) {
    const again = await openDatabase({ path: file, kind: grown });
    expect(again.prepare('SELECT text FROM notes').all().map(textOf)).toEqual(['first', 'second']);
    again.close();
  }
});

test('a migration that fails changes nothing', async () => {
  const file = path.join(root, 'failing.db');
  const broken = { ...kind, migrations: [...kind.migrations, 'CREATE TABLE more (a TEXT) STRICT; CREATE TABLE notes (a TEXT) STRICT'] };
  await expect(openDatabase({ path: file, kind: broken })).rejects.toMatchObject({ code: 'store_failed' });
  const whole = await openDatabase({ path: file, kind });
  expect(whole.prepare("SELECT count(*) AS text FROM sqlite_schema WHERE type = 'table'").all().map(textOf)).toEqual([1]);
  whole.close();
});

test('a file of a newer version, of another kind, of another program, or damaged is refused and left as it was', async () => {
  const newer = path.join(root, 'newer.db');
  (await openDatabase({ path: newer, kind: { ...kind, migrations: [...kind.migrations, 'SELECT 1', 'SELECT 1'] } })).close();
  await expect(openDatabase({ path: newer, kind })).rejects.toMatchObject({
    code: 'store_newer',
    message: expect.stringContaining('layout 4') as string,
  });
  await expect(openDatabase({ path: newer, kind: { ...kind, applicationId: 1 } })).rejects.toMatchObject({ code: 'store_foreign' });
  const damaged = path.join(root, 'damaged.db');
  const content = 'This is a letter and not a database. '.repeat(200);
  writeFileSync(damaged, content);
  await expect(openDatabase({ path: damaged, kind })).rejects.toMatchObject({ code: 'store_damaged', hint: expect.any(String) as string });
  expect(readFileSync(damaged, 'utf8')).toBe(content);
});

test('files are readable by this user only, and so are the folders made for them', async () => {
  const folder = path.join(root, 'private', 'inner');
  const file = path.join(folder, 'a.db');
  const database = await openDatabase({ path: file, kind });
  database.prepare('SELECT 1').all();
  // Windows has no such modes; there the user's own folder is closed to others.
  const [fileMode, folderMode] = process.platform === 'win32' ? [0o666, 0o666] : [0o600, 0o700];
  for (const name of ['a.db', 'a.db-wal', 'a.db-shm']) expect(modeOf(path.join(folder, name))).toBe(fileMode);
  for (const made of [folder, path.dirname(folder)]) expect(modeOf(made)).toBe(folderMode);
  database.close();
  chmodSync(file, 0o644);
  (await openDatabase({ path: file, kind })).close();
  expect(modeOf(file)).toBe(fileMode);
});

test('a place that cannot be written is named, with what to do', async () => {
  const file = path.join(root, 'a-file');
  writeFileSync(file, '');
  await expect(openDatabase({ path: path.join(file, 'a.db'), kind })).rejects.toMatchObject({
    code: 'folder_unwritable',
    message: expect.stringContaining(file) as string,
    hint: expect.stringContaining('XDG_STATE_HOME') as string,
  });
  const folder = path.join(root, 'folder.db');
  mkdirSync(folder);
  await expect(openDatabase({ path: folder, kind })).rejects.toBeInstanceOf(EnvironmentError);
});

test('a write that fails leaves nothing of itself, and a closed database says so', async () => {
  const database = await openDatabase({ path: path.join(root, 'closed.db'), kind });
  const insert = database.prepare('INSERT INTO notes VALUES (?)');
  const failing = database.write(() => {
    insert.run('half');
    throw new Error('no room');
  });
  await expect(failing).rejects.toMatchObject({ code: 'store_failed', message: expect.stringContaining('no room') as string });
  expect(database.prepare('SELECT text FROM notes').all().map(textOf)).toEqual(['first']);
  database.close();
  database.close();
  expect(() => insert.run('late')).toThrow('after it was closed');
  expect(() => database.tryWrite(() => ({}))).toThrow('after it was closed');
});

test('while another connection writes, a write is not done, and waiting for it can be called off', async () => {
  const file = path.join(root, 'contended.db');
  const [one, two] = [await openDatabase({ path: file, kind }), await openDatabase({ path: file, kind })];
  const seen = one.tryWrite(() => ({ other: two.tryWrite(() => ({})), texts: two.prepare('SELECT text FROM notes').all() }));
  expect(seen).toEqual({ other: undefined, texts: [expect.objectContaining({ text: 'first' })] });
  await expect(two.write(() => ({}), AbortSignal.abort())).rejects.toBeInstanceOf(Interrupted);
  await expect(openDatabase({ path: file, kind, signal: AbortSignal.abort() })).rejects.toBeInstanceOf(Interrupted);
  one.close();
  two.close();
});

test('only a lock held by another connection is a reason to try again', () => {
  expect([5, 261, 517, 15].map((rawCode) => isBusy(Object.assign(new Error('locked'), { rawCode })))).toEqual([true, true, true, true]);
  expect([1, 10, 11, 13].map((rawCode) => isBusy(Object.assign(new Error('locked'), { rawCode })))).toEqual([false, false, false, false]);
  expect(isBusy(undefined)).toBe(false);
  expect(storeError('x.db', Object.assign(new Error('full'), { rawCode: 13 })).code).toBe('disk_full');
});

test('state lies where each system keeps it, and a relative XDG_STATE_HOME is ignored', () => {
  const home = '/home/ada';
  expect(stateFolder({ env: {}, platform: 'linux', home })).toBe('/home/ada/.local/state/trunkline');
  expect(stateFolder({ env: { XDG_STATE_HOME: '/var/state' }, platform: 'linux', home })).toBe('/var/state/trunkline');
  expect(stateFolder({ env: { XDG_STATE_HOME: 'state' }, platform: 'linux', home })).toBe('/home/ada/.local/state/trunkline');
  expect(stateFolder({ env: {}, platform: 'darwin', home: '/Users/ada' })).toBe('/Users/ada/Library/Application Support/trunkline');
  const windows = { platform: 'win32', home: 'C:\\Users\\ada' } as const;
  expect(stateFolder({ ...windows, env: { LOCALAPPDATA: 'D:\\Local' } })).toBe('D:\\Local\\trunkline');
  expect(stateFolder({ ...windows, env: {} })).toBe('C:\\Users\\ada\\AppData\\Local\\trunkline');
  const asked = path.join(root, 'asked');
  expect(existsSync(stateFolder({ env: { XDG_STATE_HOME: asked } }))).toBe(false);
});

function textOf(row: unknown): unknown {
  return (row as { text: unknown }).text;
}

function modeOf(file: string): number {
  return statSync(file).mode & 0o777;
}
