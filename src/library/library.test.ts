import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, expectTypeOf, test } from 'vitest';
import { UsageError } from '../base/index.ts';
import { startSimulator } from '../simulator/index.ts';
import type { Simulator } from '../simulator/index.ts';
import type { SyncEvent, SyncResult } from '../sync/index.ts';
import { open } from './open.ts';
import { sync } from './sync.ts';

// One company for all tests, which only read it.
const folder = mkdtempSync(join(tmpdir(), 'trunkline-'));
const url = `duckdb:${join(folder, 'aircall.duckdb')}`;
const events: SyncEvent[] = [];
let simulator: Simulator;
let result: SyncResult;

beforeAll(async () => {
  simulator = await startSimulator({ calls: 120, contacts: 40, requestsPerMinute: 'off' });
  const { apiId, apiToken, baseUrl } = simulator;
  result = await sync({
    credential: { apiId, apiToken },
    baseUrl,
    quota: 'off',
    destination: url,
    home: join(folder, '.trunkline'),
    onEvent: (event) => events.push(event),
  });
});
afterAll(async () => {
  await simulator.close();
  rmSync(folder, { recursive: true, force: true });
});

test('a program syncs with a credential and a URL, hears of it, and reads typed rows', async () => {
  expect(result.outcome).toBe('done');
  expect(events.map((event) => event.kind)).toContain('progress');

  await using destination = open(url);
  const calls = await all(destination.table('live_calls'));
  expect(calls.map((call) => String(call.id)).sort()).toEqual([...simulator.truth().calls.keys()].sort());
  const [call] = calls;
  expectTypeOf(call!.started_at).toEqualTypeOf<Date | null>();
  expect(typeof call!.id).toBe('bigint');
  expect(call!.started_at).toBeInstanceOf(Date);
  expect(call!._observed_at).toBeInstanceOf(Date);
});

test('where takes values, null, lists, bounds and their opposite, all of which have to be met', async () => {
  const destination = open(url);
  const calls = await all(destination.table('calls'));
  const table = destination.table('calls');
  const found = async (where: Parameters<typeof table.where>[0]) => (await all(table.where(where))).map((call) => String(call.id)).sort();
  const expected = (test: (call: (typeof calls)[number]) => boolean) =>
    calls
      .filter(test)
      .map((call) => String(call.id))
      .sort();

  const middle = calls.map((call) => call.started_at!).sort((a, b) => a.getTime() - b.getTime())[Math.floor(calls.length / 2)]!;
  expect(await found({ direction: 'inbound' })).toEqual(expected((call) => call.direction === 'inbound'));
  expect(await found({ user__id: null })).toEqual(expected((call) => call.user__id === null));
  expect(await found({ id: [Number(calls[0]!.id), calls[1]!.id] })).toEqual([String(calls[0]!.id), String(calls[1]!.id)].sort());
  expect(await found({ id: [] })).toEqual([]);
  expect(await found({ started_at: { from: middle } })).toEqual(expected((call) => call.started_at! >= middle));
  expect(await found({ started_at: { before: middle }, direction: 'outbound' })).toEqual(
    expected((call) => call.started_at! < middle && call.direction === 'outbound'),
  );
  expect(await found({ user__id: { not: null } })).toEqual(expected((call) => call.user__id !== null));
  expect(await found({ missed_call_reason: { not: 'no_available_agent' } })).toEqual(
    expected((call) => call.missed_call_reason !== 'no_available_agent'),
  );
  expect(await all(table.where({ direction: 'inbound' }).where({ direction: 'outbound' }))).toEqual([]);
  expect(await all(table.limit(3))).toHaveLength(3);
});

test.each(["'; DROP TABLE calls; --", "it's", 'a\0b', '\\', '%'])('%j is a value like any other', async (value) => {
  const destination = open(url);
  expect(await all(destination.table('calls').where({ direction: value }))).toEqual([]);
  expect((await all(destination.table('calls').limit(1))).length).toBe(1);
});

test('a condition that is none is refused by name', async () => {
  const table = open(url).table('calls');
  expect(() => table.where({ duration: Number.NaN })).toThrow(UsageError);
  // @ts-expect-error -- a bound of a wrong kind
  expect(() => table.where({ duration: { at_least: 3 } })).toThrow(/at_least/);
  // @ts-expect-error -- a column that does not exist
  await expect(all(table.where({ nonsense: 1 }))).rejects.toThrow(/nonsense/);
});

test('SQL gives rows as objects, and a reader may stop early', async () => {
  const destination = open(url);
  for await (const row of destination.sql('SELECT count(*) AS calls FROM calls')) expect(row['calls']).toBe(120n);
  for await (const row of destination.table('calls')) {
    expect(row.id).toBeGreaterThan(0n);
    break;
  }
  await expect(all(destination.sql('DELETE FROM calls'))).rejects.toThrow(UsageError);
  await destination.close();
  await expect(all(destination.table('calls'))).rejects.toMatchObject({ code: 'interrupted' });
});

test('options that cannot be used are refused before anything is asked', async () => {
  const credential = { apiId: 'id', apiToken: 'token' };
  await expect(sync({ credential, destination: 'mysql://localhost' })).rejects.toMatchObject({ code: 'destination_url' });
  await expect(sync({ credential, destination: 'duckdb:x.duckdb', dataset: 'x' })).rejects.toMatchObject({ code: 'dataset_ambiguous' });
  expect(() => open('nonsense')).toThrow(UsageError);
});

async function all<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const row of rows) found.push(row);
  return found;
}
