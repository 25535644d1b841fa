// How fast calls get from an API that does not throttle to the stdout of the Airbyte source, state included, against `sync`
// into DuckDB in the same run; how many requests both take; and how much memory the source needs.
//
// Three processes on the machine: a simulator that serves, the source or the sync, and this one, which takes what the
// source writes and counts it.
import { readOnce } from './support/airbyte-child.mjs';
import { atLeast, atMost, bench, format, median, medianText } from './support/bench.mjs';
import { runChild, startSimulatorProcess, withFolder } from './support/processes.mjs';

/** @typedef {import('./support/sync-process.mjs').SyncReport} SyncReport */

const syncScript = new URL('./support/sync-process.mjs', import.meta.url);
const names = ['calls'];

await bench(
  { name: 'airbyte', does: 'nested calls to the stdout of the Airbyte source, unthrottled, against sync into DuckDB' },
  async ({ quick, long, say, figure }) => {
    const calls = quick ? 5000 : 100_000;
    const runs = quick ? 1 : 5;
    // A few of the oldest calls leave the six months while this runs.
    const isShort = (/** @type {number} */ count) => count < calls * 0.999;
    const simulator = await startSimulatorProcess({ seed: 11, calls, requestsPerMinute: 'off' });
    /** @type {import('./support/airbyte-child.mjs').ReadReport[]} */
    const reads = [];
    /** @type {SyncReport[]} */
    const syncs = [];
    for (let run = 0; run < runs; run += 1) {
      const sync = await withFolder(async (folder) => {
        const report = /** @type {SyncReport} */ (await runChild(syncScript, { address: simulator.address, folder, streams: names }));
        if (report.outcome !== 'done' || isShort(report.liveRows)) throw new Error(`The sync ended as ${report.outcome}.`);
        return report;
      });
      const read = await withFolder((folder) => readOnce({ address: simulator.address, names, folder }));
      if (isShort(read.records)) throw new Error(`${read.records} records of ${calls} calls were read.`);
      syncs.push(sync);
      reads.push(read);
      say(
        `run ${run + 1}: read ${format(calls / read.seconds)} calls/s, ${format(read.peakMegabytes)} MB; ` +
          `sync ${format(calls / sync.seconds)} calls/s`,
      );
    }
    const speeds = reads.map(({ seconds }) => calls / seconds);
    const syncSpeeds = syncs.map(({ seconds }) => calls / seconds);
    const peaks = reads.map(({ peakMegabytes }) => peakMegabytes);
    figure({
      name: `${format(calls)} nested calls to stdout of the Airbyte source, state included`,
      runs: speeds,
      unit: 'calls/s',
      goal: atLeast(median(syncSpeeds)),
      pair: `sync into DuckDB ${medianText(syncSpeeds, 'calls/s')}`,
      note: `${format(median(reads.map(({ megabytes }) => megabytes)))} MB of messages`,
      digits: 0,
    });
    figure({
      name: 'the same against sync, run by run',
      runs: speeds.map((speed, run) => speed / (syncSpeeds[run] ?? Number.NaN)),
      unit: 'times',
      goal: atLeast(1),
    });
    figure({
      name: `peak memory of the read of ${format(calls)} calls`,
      runs: peaks,
      unit: 'MB',
      goal: atMost(512),
      pair: `sync ${medianText(
        syncs.map(({ peakMegabytes }) => peakMegabytes),
        'MB',
      )}`,
      digits: 0,
    });
    await simulator.close();
    await requests(quick, figure);
    if (!long) return;

    const many = 1_000_000;
    const large = await startSimulatorProcess({ seed: 12, calls: many, requestsPerMinute: 'off' });
    const report = await withFolder((folder) => readOnce({ address: large.address, names, folder }));
    await large.close();
    if (report.records < many * 0.999) throw new Error(`${report.records} records of ${many} calls were read.`);
    figure({
      name: `peak memory of the read at ${format(many)} calls against ${format(calls)}`,
      runs: [report.peakMegabytes / median(peaks)],
      unit: 'times',
      goal: atMost(1.1),
      pair: `${format(report.peakMegabytes)} MB against ${medianText(peaks, 'MB')}`,
      note: `${format(many / report.seconds)} calls/s`,
    });
  },
);

/**
 * Requests of a first and of a quiet second read, and of two syncs of the same company.
 * @param {boolean} quick
 * @param {import('./support/bench.mjs').Bench['figure']} figure
 */
async function requests(quick, figure) {
  // Rows of one second in a known order: else reading a torn second again is a matter of luck.
  const company = {
    seed: 21,
    calls: quick ? 2000 : 25_000,
    contacts: quick ? 500 : 12_000,
    requestsPerMinute: 'off',
    switches: { sameSecondOrder: 'byId' },
  };
  const all = ['company', 'users', 'user_availability', 'teams', 'numbers', 'tags', 'webhooks', 'contacts', 'calls'];
  const simulator = await startSimulatorProcess(/** @type {import('./support/processes.mjs').SimulatorOptions} */ (company));
  const taken = async () => (await simulator.takeRequests()).length;
  const counts = await withFolder(async (folder) => {
    const syncOnce = async () => {
      await taken();
      const report = /** @type {SyncReport} */ (await runChild(syncScript, { address: simulator.address, folder }));
      if (report.outcome !== 'done') throw new Error(`The sync ended as ${report.outcome}.`);
      return taken();
    };
    const sync = { first: await syncOnce(), quiet: await syncOnce() };
    const { states } = await readOnce({ address: simulator.address, names: all, folder });
    const first = await taken();
    await readOnce({ address: simulator.address, names: all, states, folder });
    return { sync, read: { first, quiet: await taken() } };
  });
  await simulator.close();
  for (const round of /** @type {const} */ (['first', 'quiet'])) {
    const theirs = counts.sync[round];
    figure({
      name: `requests of a ${round} read of ${format(company.calls)} calls and ${format(company.contacts)} contacts`,
      runs: [counts.read[round]],
      unit: 'requests',
      goal: { text: `= ${format(theirs)}`, isMet: (value) => value === theirs },
      pair: `sync ${format(theirs)}`,
    });
  }
}
