// The load of one package that changes 20,000 calls, with their children, in a file that holds a million of them.
import { join } from 'node:path';
import { duckdb } from '../dist/destinations/index.js';
import { openPackages, thisProcess } from '../dist/load/index.js';
import { createNormaliser } from '../dist/rows/index.js';
import { defaultStreams } from '../dist/streams/index.js';
import { atMost, bench, format, medianText } from './support/bench.mjs';
import { fetchPages } from './support/pages.mjs';
import { startSimulatorProcess, withFolder } from './support/processes.mjs';

/** @typedef {import('../dist/load/index.js').Session} Session */
/** @typedef {{ readonly id: number }} Call */

const pipeline = 'main';
/** Calls that a package of a first sync brings. */
const packageCalls = 20_000;

await bench({ name: 'merge', does: 'a package of changes into a large table' }, async ({ quick, say, figure }) => {
  const stored = quick ? 20_000 : 1_000_000;
  const changes = quick ? 2000 : 20_000;
  const runs = quick ? 1 : 5;
  const calls = await sampleCalls(quick ? 2000 : packageCalls);

  await withFolder(async (folder) => {
    const table = await openTable(join(folder, 'large'));
    const startedAt = performance.now();
    for (let from = 0; from < stored; from += packageCalls) await table.load(callsFrom(calls, from, Math.min(packageCalls, stored - from)));
    say(`${format(stored)} calls stored in ${format((performance.now() - startedAt) / 1000)} s, in packages of ${format(packageCalls)}`);

    /** @type {number[]} */
    const merged = [];
    /** @type {number[]} */
    const fresh = [];
    let written = 0;
    let childRows = 0;
    for (let run = 0; run < runs; run += 1) {
      // Spread over the whole table, other calls in each run.
      const step = Math.floor(stored / changes);
      const changed = Array.from({ length: changes }, (_, index) => callAt(calls, index * step + run));
      const report = await table.load(changed);
      if (report.written !== changes) throw new Error(`${report.written} rows were written instead of ${changes}.`);
      merged.push(report.seconds);
      ({ written, childRows } = report);
      const empty = await openTable(join(folder, `empty-${run}`));
      fresh.push((await empty.load(changed)).seconds);
    }
    figure({
      name: `${format(changes)} changes, with children, into ${format(stored)} calls in DuckDB`,
      runs: merged,
      unit: 's',
      goal: atMost(1, ' s'),
      pair: `the same package into an empty file ${medianText(fresh, 's')}`,
      note: `${format(written)} calls and ${format(childRows)} child rows replaced, spread over the whole table; the load of one sealed package, commit and checkpoint included`,
    });
  });
});

/** @param {number} count */
async function sampleCalls(count) {
  const simulator = await startSimulatorProcess({ seed: 51, calls: count, requestsPerMinute: 'off' });
  const pages = await fetchPages(simulator.address, Math.ceil(count / 50));
  await simulator.close();
  return pages.flatMap((page) => /** @type {{ calls: Call[] }} */ (JSON.parse(String(page))).calls);
}

/**
 * The call at a place of the large table: the samples come again and again under other ids.
 * @param {readonly Call[]} calls
 * @param {number} place
 */
function callAt(calls, place) {
  return { ...calls[place % calls.length], id: 1_000_000_000 + place };
}

/**
 * @param {readonly Call[]} calls
 * @param {number} from
 * @param {number} count
 */
function* callsFrom(calls, from, count) {
  for (let place = from; place < from + count; place += 1) yield callAt(calls, place);
}

/**
 * A DuckDB file with the tables of calls.
 * @param {string} folder
 */
async function openTable(folder) {
  const packages = await openPackages({ home: folder, pipeline });
  const session = await duckdb({ path: join(folder, 'calls.duckdb') }).open({});
  const lease = await session.claim(pipeline, thisProcess('bench'));
  const shape = defaultStreams.find(({ name }) => name === 'calls')?.shape;
  if (shape === undefined) throw new Error('There is no stream of calls.');
  const normaliser = createNormaliser({ shape });
  let sequence = 0;
  return {
    /**
     * Seals a package of these calls and loads it; `seconds` is the load alone.
     * @param {Iterable<Call>} calls
     */
    async load(calls) {
      sequence += 1;
      const draft = await packages.draft({ sequence, source: 'api' });
      const observedAtMs = Date.UTC(2026, 0, 1) + sequence * 1000;
      const context = { observedAtMs, observedAt: new Date(observedAtMs).toISOString().replace('Z', '000Z') };
      for (const call of calls)
        for (const { table, text, rows } of normaliser.lines(call, context).tables) await draft.appendLines(table, text, rows);
      const sealed = await draft.seal({ tables: normaliser.tables(), stateBefore: {}, stateAfter: {} });
      const startedAt = performance.now();
      const receipt = await session.load(sealed, lease);
      const seconds = (performance.now() - startedAt) / 1000;
      await packages.done(sealed, receipt);
      const { calls: parents, ...children } = receipt.tables;
      return {
        seconds,
        written: parents?.written ?? 0,
        childRows: Object.values(children).reduce((sum, counts) => sum + counts.written, 0),
      };
    },
  };
}
