// Loading into DuckDB beyond what every destination must do: bookkeeping of earlier releases, indexes, room on disk and in memory.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { Bench, rowsOf, temporaryFolder } from '../../load/conformance/bench.conformance.ts';
import { type Compiled, compile } from '../../load/conformance/other-process.conformance.ts';
import { at, calls, table } from '../../load/conformance/tables.conformance.ts';
import { openPackages, thisProcess } from '../../load/index.ts';
import { makePlace, runByHand } from './place.conformance.ts';

const fixtures = fileURLToPath(new URL('../../../test/fixtures/v1', import.meta.url));

test('a package of format 1 loads', async () => {
  const place = await makePlace();
  const home = await temporaryFolder();
  cpSync(fixtures, home, { recursive: true });
  const packages = await openPackages({ home, pipeline: 'main' });
  const session = await place.destination().open({});
  const lease = await session.claim('main', thisProcess('1.0.0'));
  for (const sealed of await packages.pending()) await packages.done(sealed, await session.load(sealed, lease));
  expect(
    await rowsOf(session, 'SELECT id, status, duration, cost, archived, started_at, user__id, extra, _event_at FROM calls ORDER BY id'),
  ).toEqual([
    [2n, 'done', 7, null, null, null, null, null, '2026-10-01T08:00:01.000000Z'],
    [9007199254740993n, 'done', 95, 0.25, false, '2026-09-30T23:59:59.999999Z', 17n, { mood: ['good', null] }, null],
  ]);
  expect(await rowsOf(session, 'SELECT _parent_id, _index, id, name FROM calls__tags ORDER BY 1')).toEqual([
    [2n, 0, 4n, 'by event'],
    [9007199254740993n, 0, 3n, 'très important 😀'],
  ]);
  expect(await rowsOf(session, 'SELECT id, _deleted_at FROM contacts')).toEqual([[5n, '2026-10-01T08:00:02.000000Z']]);
  expect(await rowsOf(session, 'SELECT table_name, row_key, column_name, reason, value FROM _trunkline_quarantine')).toEqual([
    ['calls', '2', 'cost', 'not a number', '"free"'],
  ]);
  expect((await session.recall('main')).states).toEqual({ calls: { frontier: 2 } });
});

test('a file written by the first release is recalled and loaded into', async () => {
  const place = await makePlace();
  await runByHand(place.elsewhere, readFileSync(join(fixtures, 'duckdb.sql'), 'utf8'));
  const bench = await Bench.open(place, { after: 1 });
  expect(await bench.session.recall('main')).toMatchObject({
    known: true,
    states: { calls: { frontier: 2 } },
    lastPackage: { packageId: '01M3T9ZZZZGOLDEN0FORMAT0ONE', sequence: 1, committedAt: '2026-10-01T08:30:01.000000Z' },
    damage: [],
  });
  await bench.load({ tables: { things: table('things', { id: 'bigint' }) }, rows: { things: [{ id: 1, _observed_at: at(1) }] } });
  expect(Object.keys((await bench.session.recall('main')).tables)).toEqual(['calls', 'calls__tags', 'contacts', 'things']);
});

test('an index that somebody made survives loads, and the column it blocks is named', async () => {
  const place = await makePlace();
  const bench = await Bench.open(place);
  const rows = (n: number) => [1, 2].map((id) => ({ id, score: n / 2, _observed_at: at(n) }));
  await bench.load({ tables: calls, rows: { calls: rows(1) } });
  await runByHand(place.elsewhere, 'CREATE UNIQUE INDEX mine ON aircall_data.calls (id)');
  await bench.load({ tables: calls, rows: { calls: rows(2) } });
  expect(await bench.rows('SELECT id, score FROM calls WHERE id = 2')).toEqual([[2n, 1]]);
  const wider = { ...calls, calls: table('calls', { id: 'bigint', score: 'text' }) };
  await expect(bench.load({ tables: wider })).rejects.toMatchObject({
    code: 'altered_table',
    column: 'score',
    message: expect.stringContaining('index') as string,
  });
});

test('a live view that somebody replaced is left alone', async () => {
  const place = await makePlace();
  const bench = await Bench.open(place);
  await bench.load({ tables: calls, rows: { calls: [{ id: 1, _observed_at: at(1) }] } });
  await runByHand(place.elsewhere, "CREATE OR REPLACE VIEW aircall_data.live_calls AS SELECT 'mine' AS a");
  await bench.load({ tables: calls, rows: { calls: [{ id: 2, _observed_at: at(1) }] } });
  expect(await bench.rows('FROM live_calls')).toEqual([['mine']]);
});

test('too little memory is said as such, and the package loads with more', async () => {
  const place = await makePlace();
  const bench = await Bench.open(place);
  const sealed = await bench.seal({ tables: calls, rows: { calls: [{ id: 1, _observed_at: at(1) }] } });
  const small = await place.destination({ memory: '5MB' }).open({});
  await expect(small.load(sealed, bench.lease)).rejects.toMatchObject({
    code: 'memory_limit',
    hint: expect.stringContaining('TRUNKLINE_MEMORY') as string,
  });
  expect((await bench.session.recall('main')).lastPackage).toBeNull();
  // What is not much too little is made up for.
  const modest = await place.destination({ memory: '20MB' }).open({});
  await modest.load(sealed, bench.lease);
  expect(await bench.rows('SELECT count(*) FROM calls')).toEqual([[1n]]);
});

test('rows put aside by a killed load do not stay on the disk', async () => {
  const place = await makePlace();
  const bench = await Bench.open(place);
  mkdirSync(`${place.elsewhere}.tmp`);
  writeFileSync(join(`${place.elsewhere}.tmp`, 'duckdb_temp_storage-0.tmp'), 'rows');
  await bench.load({ tables: calls });
  expect(existsSync(`${place.elsewhere}.tmp`)).toBe(false);
});

let compiled: Compiled | undefined;
afterAll(() => compiled?.remove());

test('a disk that becomes full in the middle of a load is named, and the package loads when there is room', async () => {
  if (process.platform === 'win32') return;
  const place = await makePlace();
  const bench = await Bench.open(place);
  await bench.load({ tables: calls, rows: { calls: [{ id: 0, _observed_at: at(1) }] } });
  const rows = Array.from({ length: 20_000 }, (_unused, id) => ({
    id,
    note: `${id} ${Math.random()} ${Math.random()} ${Math.random()} ${Math.random()}`,
    _observed_at: at(2),
  }));
  const sealed = await bench.seal({ tables: calls, rows: { calls: rows } });
  const elsewhere = fileURLToPath(new URL('elsewhere.conformance.ts', import.meta.url));
  compiled = compile([elsewhere]);
  const program = join(await temporaryFolder(), 'load.mjs');
  writeFileSync(
    program,
    `import { open } from ${JSON.stringify(compiled.urlOf(elsewhere))};
     const session = await open(${JSON.stringify(place.elsewhere)}, {}).open({});
     await session.load(${JSON.stringify(sealed)}, ${JSON.stringify(bench.lease)}).then(
       () => console.log('loaded'),
       (error) => console.log(error.code, error.retryable),
     );`,
  );
  // Files larger than this many half kilobytes are refused, as they are by a full disk.
  const { stdout } = spawnSync('sh', ['-c', 'ulimit -f 3000 && exec "$0" "$1"', process.execPath, program], { encoding: 'utf8' });
  expect(stdout).toBe('disk_full true\n');
  expect(await bench.rows('SELECT count(*) FROM calls')).toEqual([[1n]]);
  await bench.session.load(sealed, bench.lease);
  expect(await bench.rows('SELECT count(*) FROM calls')).toEqual([[20_000n]]);
});
