// How many requests a first sync and a quiet second one take, counted by the simulator that answers them.
import { join } from 'node:path';
import { createClient } from '../dist/client/index.js';
import { duckdb } from '../dist/destinations/index.js';
import { sync } from '../dist/sync/index.js';
import { bench, format } from './support/bench.mjs';
import { startSimulatorProcess, withFolder } from './support/processes.mjs';

const perPage = 50;

await bench(
  { name: 'requests', does: 'requests of a first sync and of a quiet second one, all default streams' },
  async ({ quick, figure }) => {
    const sizes = quick
      ? [{ calls: 2000, contacts: 500 }]
      : [
          { calls: 25_000, contacts: 12_000 },
          { calls: 100_000, contacts: 12_000 },
        ];
    for (const size of sizes) {
      const simulator = await startSimulatorProcess({ seed: 21, ...size, requestsPerMinute: 'off' });
      const counts = await simulator.counts();
      const of = `${format(size.calls)} calls and ${format(size.contacts)} contacts`;
      const pages = Object.values(counts).reduce((sum, rows) => sum + pagesOf(rows), 0);
      await withFolder(async (folder) => {
        const { baseUrl, ...credential } = simulator.address;
        const aircall = createClient({ credential, baseUrl, budget: 'off' });
        const destination = duckdb({ path: join(folder, 'all.duckdb') });
        const syncOnce = async () => {
          const { outcome } = await sync({ aircall, destination, home: join(folder, 'home') });
          if (outcome !== 'done') throw new Error(`The sync ended as ${outcome}.`);
          return (await simulator.takeRequests()).length;
        };

        const first = await syncOnce();
        const most = 1.01 * pages + 10;
        figure({
          name: `requests of a first sync of ${of}`,
          runs: [first],
          unit: 'requests',
          goal: { text: `≤ ${format(most)}`, isMet: (value) => value <= most },
          pair: `${format(pages)} pages of ${perPage} rows hold it all`,
        });

        const lastHour = await simulator.callsOfLastHour();
        const quiet = await syncOnce();
        const lists = ['users', 'user_availability', 'teams', 'numbers', 'tags', 'webhooks', 'company'];
        // One request is needed to learn that there is nothing in the last hour.
        const quietly = lists.reduce((sum, name) => sum + pagesOf(counts[name] ?? 0), 0) + 1 + pagesOf(lastHour);
        figure({
          name: `requests of a quiet second sync of ${of}`,
          runs: [quiet],
          unit: 'requests',
          goal: { text: `≤ ${format(quietly)}`, isMet: (value) => value <= quietly },
          pair: `the first sync took ${format(first)}`,
          note: `${lastHour} calls began in the last hour`,
        });
        await aircall.close();
      });
      await simulator.close();
    }
  },
);

/** A list without rows takes a request too. @param {number} rows */
function pagesOf(rows) {
  return Math.max(1, Math.ceil(rows / perPage));
}
