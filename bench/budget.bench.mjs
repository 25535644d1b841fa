// How much of the allowed requests a backfill uses, and what asking the budget costs.
//
// The backfill: quota 120, reserve 10, so 110 requests may be sent in any 60 seconds; 300 ms latency; nobody else on the
// key. The simulator counts what arrives in the first minutes and refuses what is over its own 120 in a fixed minute.
// By default the clocks of both processes run ten times as fast as the world: a minute takes 6 seconds, the latency
// 30 ms, and everything we do weighs ten times as much as it would. `--long` measures at the world's own pace, too.
import { join } from 'node:path';
import { createClient, createInProcessBudget } from '../dist/client/index.js';
import { duckdb } from '../dist/destinations/index.js';
import { openBudget } from '../dist/store/index.js';
import { sync } from '../dist/sync/index.js';
import { atLeast, atMost, bench, format, median, medianText } from './support/bench.mjs';
import { fastClock } from './support/fast-clock.mjs';
import { startSimulatorProcess, withFolder } from './support/processes.mjs';

const quota = 120;
const reserve = 10;
const allowed = quota - reserve;
const latencyMs = 300;

await bench(
  { name: 'budget', does: 'use of the allowed requests in a backfill, and the cost of asking' },
  async ({ quick, long, say, figure }) => {
    const minutes = quick ? 1 : 6;
    const paces = long ? [10, 1] : [10];
    for (const factor of paces) {
      const pace = factor === 1 ? 'at the world’s own pace' : `with clocks ${factor} times as fast`;
      const { used, refused, busiest } = await backfill(minutes, factor);
      say(`${pace}: ${used} of ${allowed * minutes} requests in ${minutes} minutes, ${refused} refused, ${busiest} in the busiest minute`);
      figure({
        name: `use of the allowed requests in a backfill, ${pace}`,
        runs: [(used / (allowed * minutes)) * 100],
        unit: '%',
        goal: atLeast(98, ' %'),
        pair: `${format(allowed * minutes)} requests were allowed in ${minutes} minutes, ${format(used)} were sent`,
        note: `quota ${quota}, reserve ${reserve}, ${latencyMs} ms latency; at most ${busiest} in any 60 s`,
        digits: 2,
      });
      figure({ name: `refusals (429) in that backfill, ${pace}`, runs: [refused], unit: 'refusals', goal: atMost(0) });
    }

    const slots = quick ? 100 : 1000;
    const inProcess = await costs(() => createInProcessBudget({ requestsPerMinute: 1e9 }), slots);
    const shared = await withFolder(async (folder) => {
      return costs(() => openBudget({ company: `bench-${Math.random()}`, quota: 1e9, reserve: 0, folder }), slots);
    });
    figure({
      name: 'a slot of the budget that all processes share, taken and given back',
      runs: shared,
      unit: 'µs',
      pair: `the budget inside one process ${medianText(inProcess, 'µs')}`,
      note: `medians of ${format(slots)} slots in a row, all within one window`,
    });
  },
);

/**
 * A first sync of more calls than can be read in the time, called off at its end.
 * @param {number} minutes
 * @param {number} factor how fast the clocks run
 */
async function backfill(minutes, factor) {
  const clockStartMs = Date.now();
  const clock = fastClock(factor, clockStartMs);
  const calls = allowed * (minutes + 2) * 50;
  const simulator = await startSimulatorProcess({
    seed: 31,
    calls,
    requestsPerMinute: quota,
    latencyMs,
    clockFactor: factor,
    clockStartMs,
  });
  return withFolder(async (folder) => {
    const { baseUrl, ...credential } = simulator.address;
    const budget = await openBudget({ company: 'bench', quota, reserve, folder, clock });
    const aircall = createClient({ credential, baseUrl, budget, clock });
    const stop = new AbortController();
    // A little longer than what is counted.
    void clock.sleep((minutes + 0.2) * 60_000).then(() => stop.abort());
    const { outcome } = await sync({
      aircall,
      destination: duckdb({ path: join(folder, 'calls.duckdb'), clock }),
      home: join(folder, 'home'),
      streams: ['calls'],
      signal: stop.signal,
      clock,
    });
    if (outcome !== 'interrupted') throw new Error(`The backfill ended as ${outcome} before the time was over.`);
    await aircall.close();
    budget.close();
    const requests = await simulator.takeRequests();
    await simulator.close();
    const times = requests.map(({ atMs }) => atMs).sort((a, b) => a - b);
    const first = times[0] ?? 0;
    return {
      used: times.filter((time) => time < first + minutes * 60_000).length,
      refused: requests.filter(({ status }) => status === 429).length,
      busiest: busiestMinute(times),
    };
  });
}

/** @param {readonly number[]} times in order */
function busiestMinute(times) {
  let busiest = 0;
  let first = 0;
  for (const [last, time] of times.entries()) {
    while (time - (times[first] ?? time) >= 60_000) first += 1;
    busiest = Math.max(busiest, last - first + 1);
  }
  return busiest;
}

/**
 * Microseconds for a slot, as the medians of five budgets.
 * @param {() => Promise<import('../dist/base/index.js').Budget> | import('../dist/base/index.js').Budget} open
 * @param {number} slots
 */
async function costs(open, slots) {
  /** @type {number[]} */
  const medians = [];
  for (let run = 0; run < 5; run += 1) {
    const budget = await open();
    /** @type {number[]} */
    const times = [];
    for (let index = 0; index < slots; index += 1) {
      const startedAt = performance.now();
      const slot = await budget.acquire({ priority: 'pipeline', timeoutMs: 1000 });
      slot.end();
      times.push((performance.now() - startedAt) * 1000);
    }
    if (isOpen(budget)) budget.close();
    medians.push(median(times));
  }
  return medians;
}

/**
 * @param {import('../dist/base/index.js').Budget} budget
 * @returns {budget is import('../dist/store/index.js').OpenBudget}
 */
function isOpen(budget) {
  return 'close' in budget;
}
