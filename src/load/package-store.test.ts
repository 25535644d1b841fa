import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { EnvironmentError, Interrupted } from '../base/index.ts';
import type { TableSet } from '../rows/index.ts';
import { type Compiled, compile } from './conformance/other-process.conformance.ts';
import { calls, users } from './conformance/tables.conformance.ts';
import { LoadRefused } from './errors.ts';
import { verifyPackage } from './manifest.ts';
import { openPackages, type PackageStoreOptions } from './package-store.ts';
import type { Receipt, SealedPackage } from './package.ts';
import { thisProcess } from './process-identity.ts';

const row = (id: number) => ({ id, _observed_at: '2026-10-01T08:00:00.000001Z' });
const sealing = { tables: calls, stateBefore: {}, stateAfter: { calls: { n: 1 } } };

test('a sealed package waits until it is done, and then keeps manifest and receipt but no rows', async () => {
  const packages = await openStore();
  const sealed = await sealOne(packages, 1);
  expect(await packages.pending()).toEqual([sealed]);
  const receipt = receiptOf(sealed);
  await packages.done(sealed, receipt);
  expect(await packages.pending()).toEqual([]);
  expect(readdirSync(sealed.folder).sort()).toEqual(['manifest.json', 'receipt.json']);
  expect(await packages.receipts()).toEqual([receipt]);
});

test('packages wait in the order of their sequence', async () => {
  const packages = await openStore();
  for (const sequence of [10, 9, 11]) await sealOne(packages, sequence);
  expect((await packages.pending()).map(({ manifest }) => manifest.sequence)).toEqual([9, 10, 11]);
});

test('a manifest names every file with its lines, bytes and hash', async () => {
  const packages = await openStore();
  const draft = await packages.draft({ sequence: 1, source: 'inbox' });
  await draft.append('calls', { ...row(1), note: 'é😀' });
  await draft.appendLines('calls', '{"id":2}\n{"id":3}\n', 2);
  await draft.append('calls__tags', { _parent_id: 1, _index: 0, _observed_at: row(1)._observed_at });
  await draft.patch('calls', { row: { id: 4 }, children: {}, eventAt: row(1)._observed_at });
  await draft.delete({ table: 'calls', key: '5', deletedAt: row(1)._observed_at, observedAt: row(1)._observed_at, mode: 'mark' });
  await draft.quarantine({ table: 'calls', key: null, column: 'id', reason: 'odd', value: '"x"' });
  expect([draft.rows, draft.rowsByTable.get('calls')]).toEqual([7, 3]);
  const { folder, manifest } = await draft.seal(sealing);
  expect(manifest).toMatchObject({ format: 1, sequence: 1, pipeline: 'main', source: 'inbox', tables: calls });
  expect(manifest.files.map(({ kind, table, path, rows }) => [kind, table, path, rows])).toEqual([
    ['rows', 'calls', 'rows/calls.0001.ndjson', 3],
    ['rows', 'calls__tags', 'rows/calls__tags.0001.ndjson', 1],
    ['patches', 'calls', 'patches/calls.0001.ndjson', 1],
    ['deletions', null, 'deletions.0001.ndjson', 1],
    ['quarantine', null, 'quarantine.0001.ndjson', 1],
  ]);
  for (const file of manifest.files) {
    const bytes = readFileSync(join(folder, file.path));
    expect([file.bytes, file.sha256]).toEqual([bytes.length, createHash('sha256').update(bytes).digest('hex')]);
    for (const line of bytes.toString().split('\n')) expect(Buffer.byteLength(line)).toBeLessThan(file.longestLine);
  }
});

test('whatever is appended, in whatever portions, is read back line by line', async () => {
  const home = await temporaryFolder();
  const portion = fc.array(fc.string({ unit: 'binary', maxLength: 3_000 }), { minLength: 1, maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(fc.array(portion, { maxLength: 20 }), fc.integer({ min: 1, max: 60 }), async (portions, rowsPerFile) => {
      const packages = await openPackages({ home, pipeline: 'property', rotation: { rows: rowsPerFile, bytes: 50_000 } });
      const draft = await packages.draft({ sequence: 1, source: 'api' });
      for (const notes of portions)
        await draft.appendLines('calls', notes.map((note) => `${JSON.stringify({ note })}\n`).join(''), notes.length);
      const sealed = await draft.seal(sealing);
      await verifyPackage(sealed);
      const lines = sealed.manifest.files.flatMap((file) => readFileSync(join(sealed.folder, file.path), 'utf8').split('\n').slice(0, -1));
      expect(lines.map((line) => (JSON.parse(line) as { note: string }).note)).toEqual(portions.flat());
      await packages.discard(sealed);
    }),
    { numRuns: 25 },
  );
});

test('large tables rotate over several files', async () => {
  const packages = await openStore({ rotation: { rows: 100, bytes: 20_000 } });
  const draft = await packages.draft({ sequence: 1, source: 'api' });
  for (let id = 0; id < 250; id += 1) await draft.append('calls', row(id));
  await draft.append('users', { ...row(1), name: 'x'.repeat(25_000) });
  await draft.append('users', row(2));
  const { manifest } = await draft.seal({ ...sealing, tables: { ...calls, ...users } });
  expect(manifest.files.map(({ path, rows }) => `${path} ${rows}`)).toEqual([
    'rows/calls.0001.ndjson 100',
    'rows/calls.0002.ndjson 100',
    'rows/calls.0003.ndjson 50',
    'rows/users.0001.ndjson 1',
    'rows/users.0002.ndjson 1',
  ]);
});

test('only this user can read packages', async () => {
  if (process.platform === 'win32') return;
  const packages = await openStore();
  const sealed = await sealOne(packages, 1);
  const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);
  expect([packages.folder, sealed.folder, join(sealed.folder, 'rows')].map(mode)).toEqual(['700', '700', '700']);
  expect(['manifest.json', 'rows/calls.0001.ndjson'].map((file) => mode(join(sealed.folder, file)))).toEqual(['600', '600']);
});

test('an abandoned draft leaves nothing, also in the middle of writing', async () => {
  const packages = await openStore();
  const draft = await packages.draft({ sequence: 1, source: 'api' });
  const writing = Array.from({ length: 50 }, (_unused, id) => draft.append('calls', { ...row(id), note: 'x'.repeat(20_000) }));
  await draft.abandon();
  await Promise.all(writing);
  await draft.abandon();
  expect(readdirSync(packages.folder)).toEqual([]);
  await expect(draft.append('calls', row(1))).rejects.toBeInstanceOf(LoadRefused);
});

test('a package that lacks the shape of a table, of its parent, or its key is not sealed', async () => {
  const packages = await openStore();
  const draft = await packages.draft({ sequence: 1, source: 'api' });
  await draft.append('calls__tags', { _parent_id: 1, _index: 0 });
  const orphaned: TableSet = { calls__tags: calls['calls__tags'] as TableSet[string] };
  const keyless: TableSet = { calls: { ...(calls['calls'] as TableSet[string]), key: ['id', 'status'] } };
  await expect(draft.seal({ ...sealing, tables: keyless })).rejects.toMatchObject({ code: 'package_format', table: 'calls' });
  await expect(draft.seal({ ...sealing, tables: orphaned })).rejects.toMatchObject({ code: 'package_format', table: 'calls__tags' });
  await draft.abandon();
});

test('drafts of processes that have ended are removed, those of others are left alone', async () => {
  const home = await temporaryFolder();
  const packages = await openPackages({ home, pipeline: 'main' });
  const mine = await packages.draft({ sequence: 1, source: 'api' });
  const dead = join(packages.folder, '0000000002-DEAD');
  mkdirSync(dead);
  writeFileSync(join(dead, 'draft.lock'), JSON.stringify({ ...thisProcess(''), startedAt: 'before' }));
  writeFileSync(join(dead, 'manifest.json.tmp'), '{"format":1');
  const elsewhere = join(packages.folder, '0000000003-ELSEWHERE');
  mkdirSync(elsewhere);
  writeFileSync(join(elsewhere, 'draft.lock'), JSON.stringify({ ...thisProcess(''), host: 'elsewhere.example.com' }));
  await openPackages({ home, pipeline: 'main' });
  expect([dead, elsewhere].map((folder) => existsSync(folder))).toEqual([false, true]);
  await mine.append('calls', row(1));
  await mine.seal(sealing);
});

test('rows left behind by a process that ended after its receipt are removed', async () => {
  const home = await temporaryFolder();
  const packages = await openPackages({ home, pipeline: 'main' });
  const sealed = await sealOne(packages, 1);
  writeFileSync(join(sealed.folder, 'receipt.json'), JSON.stringify(receiptOf(sealed)));
  const again = await openPackages({ home, pipeline: 'main' });
  expect(await again.pending()).toEqual([]);
  expect(existsSync(join(sealed.folder, 'rows'))).toBe(false);
});

test('failures are counted with their reason and forgotten by success', async () => {
  const packages = await openStore();
  const sealed = await sealOne(packages, 1);
  expect(await packages.failure(sealed)).toBeNull();
  await packages.failed(sealed, new EnvironmentError({ code: 'disk_full', message: 'No space.', retryable: true }));
  const failure = await packages.failed(sealed, new Interrupted());
  expect(failure).toMatchObject({ attempts: 2, code: 'interrupted', retryable: false });
  expect(await packages.failure(sealed)).toEqual(failure);
  expect(await packages.pending()).toEqual([sealed]);
  await packages.done(sealed, receiptOf(sealed));
  expect(await packages.failure(sealed)).toBeNull();
});

test('the newest receipts are kept', async () => {
  const packages = await openStore({ keep: 2 });
  for (const sequence of [1, 2, 3, 4]) {
    const sealed = await sealOne(packages, sequence);
    await packages.done(sealed, receiptOf(sealed));
  }
  expect((await packages.receipts()).map(({ sequence }) => sequence)).toEqual([3, 4]);
  expect(readdirSync(packages.folder)).toHaveLength(2);
});

test('a damaged manifest and one of a newer version are refused by name', async () => {
  const packages = await openStore();
  const sealed = await sealOne(packages, 1);
  const manifest = join(sealed.folder, 'manifest.json');
  writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('"format": 1', '"format": 2'));
  await expect(packages.pending()).rejects.toMatchObject({ code: 'package_format' });
  writeFileSync(manifest, '{"format": 1, "packageId"');
  await expect(packages.pending()).rejects.toMatchObject({
    code: 'package_damaged',
    message: expect.stringContaining('0000000001-') as string,
  });
});

test('a folder that cannot be written is named', async () => {
  const home = await temporaryFolder();
  writeFileSync(join(home, 'packages'), 'a file');
  await expect(openPackages({ home, pipeline: 'main' })).rejects.toMatchObject({
    code: 'package_unwritable',
    message: expect.stringContaining(home) as string,
  });
  if (process.getuid?.() === 0 || process.platform === 'win32') return;
  const locked = await temporaryFolder();
  chmodSync(locked, 0o500);
  await expect(openPackages({ home: locked, pipeline: 'main' })).rejects.toMatchObject({ code: 'package_unwritable' });
});

test.each(['', '.', '../up', 'a/b', 'x'.repeat(200)])('a pipeline cannot be called "%s"', async (pipeline) => {
  await expect(openPackages({ home: tmpdir(), pipeline })).rejects.toMatchObject({ code: 'pipeline_name' });
});

const storeSource = fileURLToPath(new URL('package-store.ts', import.meta.url));
let compiled: Compiled | undefined;
afterAll(() => compiled?.remove());

test('when the disk is full no package is sealed, and the reason is told', async () => {
  if (process.platform === 'win32') return;
  const home = await temporaryFolder();
  compiled = compile([storeSource]);
  const program = join(home, 'fill.mjs');
  writeFileSync(
    program,
    `import { openPackages } from ${JSON.stringify(compiled.urlOf(storeSource))};
     const packages = await openPackages({ home: ${JSON.stringify(home)}, pipeline: 'main' });
     const draft = await packages.draft({ sequence: 1, source: 'api' });
     try {
       for (let id = 0; id < 10_000; id += 1) await draft.append('calls', { id, note: 'x'.repeat(1000) });
       await draft.seal(${JSON.stringify(sealing)});
     } catch (error) {
       console.log(error.code, error.retryable);
       await draft.abandon();
     }
     console.log((await packages.pending()).length);`,
  );
  // Files larger than this many half kilobytes are refused, as they are by a full disk.
  const { stdout } = spawnSync('sh', ['-c', `ulimit -f 2000 && exec "$0" "$1"`, process.execPath, program], { encoding: 'utf8' });
  expect(stdout.split('\n')).toEqual(['disk_full true', '0', '']);
  expect(readdirSync(join(home, 'packages/main'))).toEqual([]);
});

async function openStore(options: Partial<PackageStoreOptions> = {}) {
  return openPackages({ home: await temporaryFolder(), pipeline: 'main', ...options });
}

async function sealOne(packages: Awaited<ReturnType<typeof openPackages>>, sequence: number): Promise<SealedPackage> {
  const draft = await packages.draft({ sequence, source: 'api' });
  await draft.append('calls', row(sequence));
  return draft.seal(sealing);
}

function receiptOf({ manifest }: SealedPackage): Receipt {
  const { packageId, sequence, pipeline } = manifest;
  return { packageId, sequence, pipeline, committedAt: manifest.createdAt, tables: {}, quarantined: 0, deleted: 0 };
}

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'trunkline-packages-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
