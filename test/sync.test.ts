// Whole runs: simulator over HTTP, real DuckDB file.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createClient } from '../src/client/index.ts';
import { duckdb } from '../src/destinations/index.ts';
import { startSimulator, type SimulatorOptions } from '../src/simulator/index.ts';
import { sync, type SyncOptions } from '../src/sync/index.ts';
import { differences, queryFile } from './support/compare.ts';

async function company(options: SimulatorOptions = {}) {
  const simulator = await startSimulator({ seed: 3, calls: 900, contacts: 300, requestsPerMinute: 'off', ...options });
  const { apiId, apiToken, baseUrl } = simulator;
  const aircall = createClient({ credential: { apiId, apiToken }, baseUrl, budget: 'off' });
  const folder = mkdtempSync(join(tmpdir(), 'trunkline-sync-'));
  const path = join(folder, 'aircall.duckdb');
  onTestFinished(async () => {
    await aircall.close();
    await simulator.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const run = (change: Partial<SyncOptions> = {}) =>
    sync({ aircall, destination: duckdb({ path }), home: join(folder, '.trunkline'), ...change });
  return { simulator, aircall, folder, path, run };
}

test('what lands equals what Aircall has, and the counts prove it', async () => {
  const { simulator, path, run } = await company();
  const result = await run();
  expect(result.streams.map(({ stream, outcome, messages }) => [stream, outcome, messages])).toEqual(
    result.streams.map(({ stream }) => [stream, 'done', []]),
  );
  const truth = simulator.truth();
  expect(await differences(path, truth)).toEqual([]);
  for (const stream of result.streams) {
    const expected = truth[stream.stream as keyof typeof truth].size;
    expect([stream.stream, stream.listed, stream.distinct, stream.liveRows]).toEqual([stream.stream, expected, expected, expected]);
  }
});

test('a second run reads only what changed and leaves the tables equal', async () => {
  const { simulator, path, run } = await company();
  await run();
  const second = await run();
  expect(second.outcome).toBe('done');
  expect(second.requests).toBeLessThanOrEqual(11);
  expect(await differences(path, simulator.truth())).toEqual([]);
  const [loads] = await queryFile(path, 'SELECT count(*) AS n FROM aircall_data._trunkline_loads');
  expect(Number(loads!['n'])).toBeGreaterThan(0);
});
