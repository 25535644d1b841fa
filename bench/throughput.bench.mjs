// How fast calls get from an API that does not throttle into DuckDB, and how much memory that takes.
//
// Three processes on the machine: a simulator that serves, a sync that reads, cleans, packs and loads, and, in turn with
// it, the pair: a process that parses and flattens the same pages from memory and has no sink.
import { atLeast, atMost, bench, format, medianText, median } from './support/bench.mjs';
import { runChild, startSimulatorProcess, withFolder } from './support/processes.mjs';

/** @typedef {import('./support/sync-process.mjs').SyncReport} SyncReport */
/** @typedef {import('./support/flatten-process.mjs').FlattenReport} FlattenReport */

const syncScript = new URL('./support/sync-process.mjs', import.meta.url);
const flattenScript = new URL('./support/flatten-process.mjs', import.meta.url);

await bench(
  { name: 'throughput', does: 'nested calls with their children into DuckDB, unthrottled' },
  async ({ quick, long, say, figure }) => {
    const calls = quick ? 5000 : 100_000;
    const runs = quick ? 1 : 5;
    const simulator = await startSimulatorProcess({ seed: 11, calls, requestsPerMinute: 'off' });
    /** @type {SyncReport[]} */
    const syncs = [];
    /** @type {FlattenReport[]} */
    const pairs = [];
    const served = await simulator.usage();
    for (let run = 0; run < runs; run += 1) {
      const pair = await flatten(simulator.address, Math.ceil(calls / 50));
      const report = await syncOnce(simulator.address, calls);
      pairs.push(pair);
      syncs.push(report);
      say(
        `run ${run + 1}: sync ${format(calls / report.seconds)} calls/s, ${format(report.peakMegabytes)} MB, ${format(report.cpuSeconds)} s of CPU; ` +
          `parse and flatten ${format(pair.calls / pair.seconds)} calls/s`,
      );
    }
    const simulatorCpu = (await simulator.usage()).cpuSeconds - served.cpuSeconds;
    await simulator.close();

    const speeds = syncs.map(({ seconds }) => calls / seconds);
    const bare = pairs.map((pair) => pair.calls / pair.seconds);
    const peaks = syncs.map(({ peakMegabytes }) => peakMegabytes);
    const size = format(calls);
    figure({
      name: `${size} nested calls with children into DuckDB`,
      runs: speeds,
      unit: 'calls/s',
      goal: atLeast(12_000),
      pair: `JSON.parse and flatten without a sink ${medianText(bare, 'calls/s')}`,
      note: `then 20,000; the simulator is another process on the same machine and takes ${format((simulatorCpu / runs) * 1000)} ms of CPU for both runs of a pair`,
      digits: 0,
    });
    figure({
      name: 'the same as a share of parsing and flattening alone',
      runs: speeds.map((speed, run) => speed / (bare[run] ?? Number.NaN)),
      unit: 'of the pair',
      goal: atLeast(0.35),
    });
    figure({
      name: `peak memory of the process that syncs ${size} calls`,
      runs: peaks,
      unit: 'MB',
      goal: atMost(512),
      pair: `parsing and flattening with all pages in memory ${medianText(
        pairs.map(({ peakMegabytes }) => peakMegabytes),
        'MB',
      )}`,
      note: 'then 400',
      digits: 0,
    });
    if (!long) return;

    const many = 1_000_000;
    const large = await startSimulatorProcess({ seed: 12, calls: many, requestsPerMinute: 'off' });
    const report = await syncOnce(large.address, many);
    await large.close();
    say(`${format(many)} calls: ${format(many / report.seconds)} calls/s, ${format(report.peakMegabytes)} MB`);
    figure({
      name: `peak memory at ${format(many)} calls against ${size}`,
      runs: [report.peakMegabytes / median(peaks)],
      unit: 'times',
      goal: atMost(1.1),
      pair: `${format(report.peakMegabytes)} MB against ${medianText(peaks, 'MB')}`,
      note: `${format(many / report.seconds)} calls/s`,
    });
  },
);

/**
 * @param {import('./support/processes.mjs').Address} address
 * @param {number} calls
 */
function syncOnce(address, calls) {
  return withFolder(async (folder) => {
    const report = /** @type {SyncReport} */ (await runChild(syncScript, { address, folder, streams: ['calls'] }));
    if (report.outcome !== 'done' || report.liveRows !== calls) {
      throw new Error(`The sync ended as ${report.outcome} with ${report.liveRows} of ${calls} calls.`);
    }
    return report;
  });
}

/**
 * @param {import('./support/processes.mjs').Address} address
 * @param {number} pages
 */
async function flatten(address, pages) {
  return /** @type {FlattenReport} */ (await runChild(flattenScript, { address, pages }));
}
