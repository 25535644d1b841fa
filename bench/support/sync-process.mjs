// A process that runs one sync into a new DuckDB file and tells what it took.
import { join } from 'node:path';
import { createClient } from '../../dist/client/index.js';
import { duckdb } from '../../dist/destinations/index.js';
import { sync } from '../../dist/sync/index.js';
import { usage } from './usage.mjs';

/**
 * @typedef {{ readonly address: import('./processes.mjs').Address, readonly folder: string, readonly streams?: readonly string[] }} SyncJob
 * @typedef {{
 *   readonly outcome: string, readonly rows: number, readonly requests: number, readonly seconds: number,
 *   readonly liveRows: number, readonly packages: number, readonly cpuSeconds: number, readonly peakMegabytes: number,
 * }} SyncReport
 */

process.once('message', (/** @type {SyncJob} */ job) => {
  void run(job).then((report) => process.send?.(report, undefined, {}, () => process.disconnect()));
});

/**
 * @param {SyncJob} job
 * @returns {Promise<SyncReport>}
 */
async function run({ address, folder, streams }) {
  const { baseUrl, ...credential } = address;
  const aircall = createClient({ credential, baseUrl, budget: 'off' });
  const destination = duckdb({ path: join(folder, 'calls.duckdb') });
  const startedAt = performance.now();
  const result = await sync({ aircall, destination, home: join(folder, 'home'), streams });
  const seconds = (performance.now() - startedAt) / 1000;
  await aircall.close();
  return {
    outcome: result.outcome,
    requests: result.requests,
    rows: result.streams.reduce((sum, stream) => sum + stream.rows, 0),
    liveRows: result.streams.reduce((sum, stream) => sum + (stream.liveRows ?? 0), 0),
    packages: result.packages.length,
    seconds,
    ...usage(),
  };
}
