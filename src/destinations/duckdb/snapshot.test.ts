// Readers in other processes: the file when it is free, its snapshot while somebody writes.
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { type Clock, systemClock } from '../../base/index.ts';
import { Bench } from '../../load/conformance/bench.conformance.ts';
import { at, calls } from '../../load/conformance/tables.conformance.ts';
import { holdOpen } from './other-programs.conformance.ts';
import { makePlace, runByHand } from './place.conformance.ts';
import { queryDuckdb, type DuckdbQuery } from './query-file.ts';
import { snapshotPath } from './snapshot.ts';

const content = (n: number) => ({ tables: calls, rows: { calls: [{ id: n, _observed_at: at(n) }] } });

test('a query reads the file itself while it is free', async () => {
  const { path, bench } = await started();
  await bench.load(content(1));
  await bench.session.publish();
  await bench.load(content(2));
  expect(await count({ path })).toEqual({ count: 2n, snapshotAgeMs: null });
});

test('while another process has the file its snapshot answers and says how old it is', async () => {
  const { path, bench, clock } = await started();
  await bench.load(content(1));
  await bench.session.publish();
  await bench.load(content(2));
  await holdOpen(path);
  clock.advance(90_000);
  expect(await count({ path, clock })).toEqual({ count: 1n, snapshotAgeMs: 90_000 });
});

test('without a snapshot a query waits for the file, and says for whom', async () => {
  const { path, bench } = await started();
  await bench.load(content(1));
  const other = await holdOpen(path);
  const holders: string[] = [];
  const answer = count({
    path,
    onWait: ({ holder }) => {
      holders.push(holder);
      other.kill('SIGKILL');
    },
  });
  expect(await answer).toEqual({ count: 1n, snapshotAgeMs: null });
  expect(holders[0]).toBe(`node (PID ${other.pid ?? 0})`);
});

test('before the first load a query says what to do', async () => {
  const { path } = await makePlaceWithPath();
  await expect(count({ path })).rejects.toMatchObject({ code: 'destination_unreachable', hint: expect.stringContaining('sync') as string });
});

test('a snapshot is made at most once a minute, and not when nothing was written', async () => {
  const { path, bench, clock } = await started();
  const made = () => statSync(snapshotPath(path)).mtimeMs;
  await bench.session.publish();
  expect(existsSync(snapshotPath(path))).toBe(true);
  const first = made();
  await bench.load(content(1));
  clock.advance(59_000);
  await bench.session.publish();
  expect(made()).toBe(first);
  clock.advance(2_000);
  await bench.session.publish();
  const second = made();
  expect(second).toBe(first + 61_000);
  clock.advance(120_000);
  await bench.session.publish();
  expect(made()).toBe(second);
  // A clock that was set back must not keep the snapshot old for ever.
  await bench.load(content(2));
  clock.advance(-3_600_000);
  await bench.session.publish();
  expect(made()).toBe(clock.now());
});

test('a snapshot has everything that was committed, also what is only in the log of a killed process', async () => {
  const { path, bench } = await started();
  await bench.load(content(1));
  const other = await holdOpen(path);
  other.kill('SIGKILL');
  await new Promise((resolve) => other.once('close', resolve));
  await bench.session.publish();
  expect(existsSync(`${snapshotPath(path)}.wal`)).toBe(false);
  const copy = join(dirname(path), 'copy.duckdb');
  await copyFile(snapshotPath(path), copy);
  expect(await count({ path: copy })).toEqual({ count: 1n, snapshotAgeMs: null });
});

test('readers of the snapshot see the old one or the new one, never a part', async () => {
  const { path, bench, clock } = await started();
  await bench.load(content(1));
  await bench.session.publish();
  let publishing = true;
  const counts = new Set<bigint>();
  const reading = (async () => {
    while (publishing) counts.add((await count({ path: snapshotPath(path) })).count);
  })();
  for (let n = 2; n <= 6; n += 1) {
    await bench.load(content(n));
    clock.advance(61_000);
    await bench.session.publish();
  }
  publishing = false;
  await reading;
  for (const seen of counts) expect([1n, 2n, 3n, 4n, 5n, 6n]).toContain(seen);
});

test('copies that a killed process left behind are removed, and no others stay', async () => {
  const { path, bench } = await started();
  writeFileSync(`${snapshotPath(path)}.4711.tmp`, 'half a copy');
  await bench.load(content(1));
  await bench.session.publish();
  expect(readdirSync(dirname(path)).sort()).toEqual(['test.duckdb', 'test.read.duckdb']);
});

test('there is nothing to publish before the first load', async () => {
  const { place, path } = await makePlaceWithPath();
  await (await place.destination().open({})).publish();
  expect(existsSync(snapshotPath(path))).toBe(false);
});

async function started() {
  const { place, path } = await makePlaceWithPath();
  const clock = movable();
  const bench = await Bench.open(place, { clock });
  await runByHand(path, 'SELECT 1');
  return { place, path, clock, bench };
}

async function makePlaceWithPath() {
  const place = await makePlace();
  return { place, path: place.elsewhere };
}

async function count(query: Omit<DuckdbQuery, 'sql'>): Promise<{ count: bigint; snapshotAgeMs: number | null }> {
  const { result, snapshotAgeMs } = await queryDuckdb({ ...query, sql: 'SELECT count(*) FROM calls' });
  for await (const [value] of result.rows) return { count: value as bigint, snapshotAgeMs };
  throw new Error('no row');
}

function movable(): Clock & { advance: (byMs: number) => void } {
  let nowMs = Date.UTC(2026, 9, 1);
  return {
    ...systemClock,
    now: () => nowMs,
    advance: (byMs) => {
      nowMs += byMs;
    },
  };
}
