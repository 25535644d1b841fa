// How fast calls get from an API that does not throttle to the stdout of the Estuary Flow capture, state included, against
// `sync` into DuckDB in the same run; how many requests both take; and how much memory the capture needs.
//
// Three processes on the machine: a simulator that serves, the capture or the sync, and this one, which takes what the
// capture writes and counts it.
import { atLeast, atMost, bench, format, median, medianText } from './support/bench.mjs';
import { captureOnce } from './support/estuary-child.mjs';
import { runChild, startSimulatorProcess, withFolder } from './support/processes.mjs';

/** @typedef {import('./support/sync-process.mjs').SyncReport} SyncReport */

const syncScript = new URL('./support/sync-process.mjs', import.meta.url);
const names = ['calls'];

await bench(
  { name: 'estuary', does: 'nested calls to the stdout of the Flow capture, unthrottled, against sync into DuckDB' },
  async ({ quick, long, say, figure }) => {
    const calls = quick ? 5000 : 100_000;
    const runs = quick ? 1 : 5;
    const simulator = await startSimulatorProcess({ seed: 11, calls, requestsPerMinute: 'off' });
    /** @type {import('./support/estuary-child.mjs').CaptureReport[]} */
    const captures = [];
    /** @type {SyncReport[]} */
    const syncs = [];
    for (let run = 0; run < runs; run += 1) {
      const sync = await withFolder(async (folder) => {
        const report = /** @type {SyncReport} */ (await runChild(syncScript, { address: simulator.address, folder, streams: names }));
        if (report.outcome !== 'done' || report.liveRows !== calls) throw new Error(`The sync ended as ${report.outcome}.`);
        return report;
      });
      const capture = await withFolder((folder) => captureOnce({ address: simulator.address, names, folder }));
      if (capture.documents !== calls) throw new Error(`${capture.documents} documents of ${calls} calls were captured.`);
      syncs.push(sync);
      captures.push(capture);
      say(
        `run ${run + 1}: capture ${format(calls / capture.seconds)} calls/s, ${format(capture.peakMegabytes)} MB, ${capture.checkpoints} checkpoints; ` +
          `sync ${format(calls / sync.seconds)} calls/s`,
      );
    }
    const speeds = captures.map(({ seconds }) => calls / seconds);
    const syncSpeeds = syncs.map(({ seconds }) => calls / seconds);
    const peaks = captures.map(({ peakMegabytes }) => peakMegabytes);
    figure({
      name: `${format(calls)} nested calls to stdout of the Flow capture, state included`,
      runs: speeds,
      unit: 'calls/s',
      goal: atLeast(median(syncSpeeds)),
      pair: `sync into DuckDB ${medianText(syncSpeeds, 'calls/s')}`,
      note: `${format(median(captures.map(({ megabytes }) => megabytes)))} MB of messages`,
      digits: 0,
    });
    figure({
      name: 'the same against sync, run by run',
      runs: speeds.map((speed, run) => speed / (syncSpeeds[run] ?? Number.NaN)),
      unit: 'times',
      goal: atLeast(1),
    });
    figure({
      name: `peak memory of the capture of ${format(calls)} calls`,
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
    const report = await withFolder((folder) => captureOnce({ address: large.address, names, folder }));
    await large.close();
    // While the history is being read, the newest calls are read with every interval, and once more in the end.
    if (report.documents < many || report.documents > many * 1.001) {
      throw new Error(`${report.documents} documents of ${many} calls were captured.`);
    }
    figure({
      name: `peak memory of the capture at ${format(many)} calls against ${format(calls)}`,
      runs: [report.peakMegabytes / median(peaks)],
      unit: 'times',
      goal: atMost(1.1),
      pair: `${format(report.peakMegabytes)} MB against ${medianText(peaks, 'MB')}`,
      note: `${format(many / report.seconds)} calls/s`,
    });
  },
);

/**
 * Requests of a first and of a quiet second session, and of two syncs of the same company.
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
  /** @type {{ first: number, quiet: number }[]} */
  const [synced, captured] = await withFolder(async (folder) => {
    const syncOnce = async () => {
      await taken();
      const report = /** @type {SyncReport} */ (await runChild(syncScript, { address: simulator.address, folder }));
      if (report.outcome !== 'done') throw new Error(`The sync ended as ${report.outcome}.`);
      return taken();
    };
    const sync = { first: await syncOnce(), quiet: await syncOnce() };
    const first = await captureOnce({ address: simulator.address, names: all, folder });
    // Discovering takes a request of its own.
    const firstRequests = (await taken()) - 1;
    await captureOnce({ address: simulator.address, names: all, folder, state: first.state });
    return [sync, { first: firstRequests, quiet: (await taken()) - 1 }];
  });
  await simulator.close();
  for (const round of /** @type {const} */ (['first', 'quiet'])) {
    const ours = captured?.[round] ?? Number.NaN;
    const theirs = synced?.[round] ?? Number.NaN;
    figure({
      name: `requests of a ${round} session of ${format(company.calls)} calls and ${format(company.contacts)} contacts`,
      runs: [ours],
      unit: 'requests',
      goal: { text: `= ${format(theirs)}`, isMet: (value) => value === theirs },
      pair: `sync ${format(theirs)}`,
    });
  }
}
