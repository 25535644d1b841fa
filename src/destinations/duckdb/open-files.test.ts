// The file and its lock: one process against another, and several users within one.
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../../base/index.ts';
import { Bench, temporaryFolder } from '../../load/conformance/bench.conformance.ts';
import { at, calls } from '../../load/conformance/tables.conformance.ts';
import type { LockWait } from '../../load/index.ts';
import { duckdb } from './destination.ts';
import { holdOpen } from './other-programs.conformance.ts';
import { makePlace, runByHand } from './place.conformance.ts';

const content = (n: number) => ({ tables: calls, rows: { calls: [{ id: n, _observed_at: at(n) }] } });

test('a file that another program has open is waited for, naming the program', async () => {
  const place = await makePlace();
  const waits: LockWait[] = [];
  const others: Awaited<ReturnType<typeof holdOpen>>[] = [];
  const bench = await Bench.open(place, {
    onWait: (wait) => {
      waits.push(wait);
      if (waits.length === 3) others[0]?.kill('SIGKILL');
    },
  });
  await bench.load(content(1));
  others.push(await holdOpen(place.elsewhere));
  await bench.load(content(2));
  expect(waits.length).toBeGreaterThanOrEqual(3);
  expect(waits[0]).toEqual({ holder: `node (PID ${others[0]?.pid ?? 0})`, waitedMs: expect.any(Number) as number });
  expect(waits[2]?.waitedMs).toBeGreaterThan(waits[0]?.waitedMs ?? 0);
});

test('a file that is not given back in time is reported with its holder, and nothing is lost', async () => {
  const place = await makePlace();
  const bench = await Bench.open(place, { lockWaitMs: 100 });
  const sealed = await bench.seal(content(1));
  const other = await holdOpen(place.elsewhere);
  await expect(bench.session.load(sealed, bench.lease)).rejects.toMatchObject({
    code: 'destination_locked',
    retryable: true,
    holder: `node (PID ${other.pid ?? 0})`,
  });
  await expect(bench.session.recall('main')).rejects.toMatchObject({ code: 'destination_locked' });
  other.kill('SIGKILL');
  await new Promise((resolve) => other.once('close', resolve));
  await bench.session.load(sealed, bench.lease);
});

test('waiting for a lock can be called off', async () => {
  const place = await makePlace();
  const calling = new AbortController();
  const bench = await Bench.open(place, { signal: calling.signal, onWait: () => calling.abort() });
  await bench.load(content(1));
  await holdOpen(place.elsewhere);
  await expect(bench.load(content(2))).rejects.toMatchObject({ code: 'interrupted' });
});

test('between two uses other programs can write to the file, and find everything in it', async () => {
  const place = await makePlace();
  const bench = await Bench.open(place);
  await bench.load(content(1));
  expect(existsSync(`${place.elsewhere}.wal`)).toBe(false);
  await runByHand(place.elsewhere, 'CREATE TABLE mine AS SELECT 1 AS a');
  await bench.load(content(2));
  // A failed load gives the file back too.
  await runByHand(place.elsewhere, 'ALTER TABLE aircall_data.calls ALTER COLUMN note TYPE DATE USING NULL');
  await expect(bench.load(content(3))).rejects.toMatchObject({ code: 'altered_table' });
  await expect(bench.rows('SELEC 1')).rejects.toMatchObject({ code: 'query_refused' });
  await runByHand(place.elsewhere, 'DROP TABLE mine');
});

test('readers with an older instance may come and go while others read, and writers wait for all of them', async () => {
  const place = await makePlace();
  const bench = await Bench.open(place);
  await bench.load(content(1));
  const other = await place.destination().open({});
  const first = (await bench.session.query('SELECT id FROM calls')).rows[Symbol.asyncIterator]();
  for (let n = 0; n < 4; n += 1) {
    const second = (await (n < 3 ? other : bench.session).query('SELECT id FROM calls')).rows[Symbol.asyncIterator]();
    expect(await second.next()).toEqual({ done: false, value: [1n] });
    await second.return?.();
  }
  const writing = bench.load(content(2));
  expect(await first.next()).toEqual({ done: false, value: [1n] });
  await first.return?.();
  await writing;
  expect(await bench.rows('SELECT count(*) FROM calls')).toEqual([[2n]]);
});

test('a query that is not read to its end holds a load back only for so long', async () => {
  const place = await makePlace();
  const bench = await Bench.open(place, { lockWaitMs: 60 });
  await bench.load(content(1));
  const result = await bench.session.query('SELECT id FROM calls');
  await expect(bench.load(content(2))).rejects.toMatchObject({ code: 'destination_locked', holder: 'a query of this process' });
  await result.rows[Symbol.asyncIterator]().return?.();
});

test('one file under two names is one file', async () => {
  const folder = await temporaryFolder();
  const path = join(folder, 'real.duckdb');
  const bench = await Bench.open({ ...(await makePlace()), destination: (options) => duckdb({ path, ...options }) });
  await bench.load(content(1));
  symlinkSync(path, join(folder, 'link.duckdb'));
  symlinkSync(folder, join(folder, 'folder'));
  const paths = [join(folder, 'link.duckdb'), join(folder, 'folder', 'real.duckdb'), join(folder, '.', 'real.duckdb')];
  const sessions = await Promise.all(paths.map((name) => duckdb({ path: name }).open({})));
  const loads = await Promise.all([2, 3, 4].map((n) => bench.seal(content(n))));
  for (const [n, sealed] of loads.entries()) {
    const [receipt] = await Promise.all([sessions[n]?.load(sealed, bench.lease), ...sessions.map((session) => session.recall('main'))]);
    expect(receipt?.sequence).toBe(n + 2);
  }
  expect(await bench.rows('SELECT count(*) FROM calls')).toEqual([[4n]]);
});

test.each([
  ['a folder', (folder: string) => folder, 'it is a folder'],
  ['in a folder that is not there', (folder: string) => join(folder, 'none', 'a.duckdb'), 'its folder does not exist'],
  ['below a file', (folder: string) => join(folder, 'text.duckdb', 'a.duckdb'), 'what should be its folder is a file'],
  ['one that DuckDB cannot take', (folder: string) => join(folder, 'what?.duckdb'), 'a question mark'],
  ['not a DuckDB file', (folder: string) => join(folder, 'text.duckdb'), 'not a DuckDB database'],
])('a path that is %s is refused when it is opened', async (_what, pathIn, reason) => {
  const folder = await temporaryFolder();
  writeFileSync(join(folder, 'text.duckdb'), 'just some text');
  const opening = duckdb({ path: pathIn(folder) }).open({});
  await expect(opening).rejects.toThrow(reason);
  await expect(opening).rejects.toMatchObject({ retryable: false });
});

test('a folder or file without permission is refused when it is opened', async () => {
  if (process.getuid?.() === 0 || process.platform === 'win32') return;
  const folder = await temporaryFolder();
  mkdirSync(join(folder, 'locked'));
  await chmod(join(folder, 'locked'), 0o500);
  await expect(duckdb({ path: join(folder, 'locked', 'a.duckdb') }).open({})).rejects.toThrow('its folder cannot be written');
  await runByHand(join(folder, 'b.duckdb'), 'SELECT 1');
  await chmod(join(folder, 'b.duckdb'), 0o400);
  await expect(duckdb({ path: join(folder, 'b.duckdb') }).open({})).rejects.toThrow('cannot be read and written');
});

test('a dataset with the name of the file is refused by name', () => {
  expect(() => duckdb({ path: '/data/aircall.duckdb', dataset: 'Aircall' })).toThrow('"Aircall"');
  expect(() => duckdb({ path: '/data/aircall_data.old.duckdb' })).toThrow('"aircall_data"');
});

test('opening does not create the file, nor does recalling', async () => {
  const place = await makePlace();
  const session = await place.destination({ clock: systemClock }).open({});
  expect((await session.recall('main')).known).toBe(false);
  expect(existsSync(place.elsewhere)).toBe(false);
});

test('paths with characters that mean something to DuckDB are only paths', async () => {
  const folder = join(await temporaryFolder(), "it's [a] *strange* folder=1 {x} é");
  mkdirSync(folder);
  const path = join(folder, 'data.duckdb');
  const bench = await Bench.open(
    { ...(await makePlace()), destination: (options) => duckdb({ path, ...options }) },
    { home: join(folder, 'home') },
  );
  await bench.load(content(1));
  expect(await bench.rows('SELECT count(*) FROM calls')).toEqual([[1n]]);
});
