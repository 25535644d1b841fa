// How many requests a first sync and a quiet second one take, counted by the simulator that answers them.
//
// Nobody outside Aircall knows in which order it lists rows of the same second. Where the order changes from request to
// request, a border between two pages can tear a second apart; the second is then read again, which costs a request.
// Both are measured.
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
    const orders = /** @type {const} */ ([
      { sameSecondOrder: 'byId', text: 'rows of a second in one order' },
      { sameSecondOrder: 'unstable', text: 'rows of a second in changing order' },
    ]);
    for (const { size, sameSecondOrder, text } of sizes.flatMap((size) => orders.map((order) => ({ size, ...order })))) {
      const simulator = await startSimulatorProcess({ seed: 21, ...size, switches: { sameSecondOrder }, requestsPerMinute: 'off' });
      const counts = await simulator.counts();
      const of = `${format(size.calls)} calls and ${format(size.contacts)} contacts, ${text}`;
      const pages = Object.values(counts).reduce((sum, rows) => sum + pagesOf(rows), 0);
      await withFolder(async (folder) => {
        const { baseUrl, ...credential } = simulator.address;
        const aircall = createClient({ credential, baseUrl, budget: 'off' });
        const destination = duckdb({ path: join(folder, 'all.duckdb') });
        const syncOnce = async () => {
          const { outcome } = await sync({ aircall, destination, home: join(folder, 'home') });
          if (outcome !== 'done') throw new Error(`The sync ended as ${outcome}.`);
          return simulator.takeRequests();
        };

        const first = await syncOnce();
        const most = 1.01 * pages + 10;
        figure({
          name: `requests of a first sync of ${of}`,
          runs: [first.length],
          unit: 'requests',
          goal: { text: `≤ ${format(most)}`, isMet: (value) => value <= most },
          pair: `${format(pages)} pages of ${perPage} rows hold it all`,
          note: `${first.filter(asksForOneSecond).length} of them read a second again that a page border had torn apart`,
        });

        const lastHour = await simulator.callsOfLastHour();
        const quiet = await syncOnce();
        const lists = ['users', 'user_availability', 'teams', 'numbers', 'tags', 'webhooks', 'company'];
        // One request is needed to learn that there is nothing in the last hour.
        const quietly = lists.reduce((sum, name) => sum + pagesOf(counts[name] ?? 0), 0) + 1 + pagesOf(lastHour);
        figure({
          name: `requests of a quiet second sync of ${of}`,
          runs: [quiet.length],
          unit: 'requests',
          goal: { text: `≤ ${format(quietly)}`, isMet: (value) => value <= quietly },
          pair: `the first sync took ${format(first.length)}`,
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

/** @param {import('./support/processes.mjs').Request} request */
function asksForOneSecond({ query }) {
  const parameters = new URLSearchParams(query);
  const from = parameters.get('from');
  const to = parameters.get('to');
  return from !== null && to !== null && Number(to) - Number(from) <= 1;
}
