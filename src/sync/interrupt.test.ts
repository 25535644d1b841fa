import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createClient } from '../client/index.ts';
import { createDestination, parseDestinationUrl } from '../destinations/index.ts';
import { startSimulator } from '../simulator/index.ts';
import { sync } from './sync.ts';

test('an interrupted run resolves as interrupted, keeps what it read, and leaves no lease behind', async () => {
  const simulator = await startSimulator({ seed: 4, calls: 2000, contacts: 100, requestsPerMinute: 'off', latencyMs: 5 });
  const { apiId, apiToken, baseUrl } = simulator;
  const aircall = createClient({ credential: { apiId, apiToken }, baseUrl, budget: 'off' });
  const folder = mkdtempSync(join(tmpdir(), 'trunkline-interrupt-'));
  onTestFinished(async () => {
    await aircall.close();
    await simulator.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const destination = createDestination(parseDestinationUrl('duckdb:./a.duckdb'), { cwd: folder, dataset: 'aircall_data' });
  const options = { aircall, destination, home: join(folder, 'home') };
  const stop = new AbortController();
  const first = await sync({
    ...options,
    signal: stop.signal,
    onEvent: (event) => {
      if (event.kind === 'progress' && event.stream === 'calls' && event.rows > 500) stop.abort();
    },
  });
  expect(first.outcome).toBe('interrupted');
  expect(first.packages.length).toBe(1);
  const second = await sync(options);
  expect(second.outcome).toBe('done');
  expect(second.streams.find(({ stream }) => stream === 'calls')?.liveRows).toBe(2000);
});
