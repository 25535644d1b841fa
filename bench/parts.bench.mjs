// The parts of the way, each alone: the simulator, the client, the normaliser.
import { Pool } from 'undici';
import { createClient } from '../dist/client/index.js';
import { createNormaliser } from '../dist/rows/index.js';
import { defaultStreams } from '../dist/streams/index.js';
import { atLeast, bench, medianText } from './support/bench.mjs';
import { flattenCall } from './support/flatten.mjs';
import { callExtras, fetchPages } from './support/pages.mjs';
import { startChild, startSimulatorProcess } from './support/processes.mjs';

/** @typedef {import('./support/processes.mjs').Address} Address */

const connections = 6;

await bench({ name: 'parts', does: 'the simulator, the client and the normaliser, each alone' }, async ({ quick, figure }) => {
  const pages = quick ? 40 : 200;
  const turns = quick ? 2 : 5;
  const simulator = await startSimulatorProcess({ seed: 61, calls: pages * 50, requestsPerMinute: 'off' });
  const canned = await startChild(new URL('./support/canned-process.mjs', import.meta.url), { address: simulator.address, pages });
  const cannedAddress = /** @type {Address} */ (canned.ready);

  // Bare undici asks both servers and throws the bytes away: the server is what is measured.
  await drain(simulator.address, pages);
  await drain(cannedAddress, pages);
  /** @type {number[]} */
  const simulated = [];
  /** @type {number[]} */
  const served = [];
  for (let turn = 0; turn < turns; turn += 1) {
    served.push(await drain(cannedAddress, pages));
    simulated.push(await drain(simulator.address, pages));
  }
  figure({
    name: 'list pages of 50 calls from the simulator',
    runs: simulated,
    unit: 'pages/s',
    goal: atLeast(1000),
    pair: `the same bytes from node:http, ready-made, ${medianText(served, 'pages/s')}`,
    note: `${connections} connections of bare undici in another process; call extras asked for`,
    digits: 0,
  });

  await readWithClient(cannedAddress, pages);
  await readWithUndici(cannedAddress, pages);
  /** @type {number[]} */
  const client = [];
  /** @type {number[]} */
  const bare = [];
  for (let turn = 0; turn < turns; turn += 1) {
    bare.push(await readWithUndici(cannedAddress, pages));
    client.push(await readWithClient(cannedAddress, pages));
  }
  figure({
    name: 'list pages of 50 calls through the client, parsed',
    runs: client,
    unit: 'pages/s',
    pair: `bare undici with JSON.parse ${medianText(bare, 'pages/s')}`,
    note: `${connections} requests at a time against ready-made pages from another process, budget off`,
    digits: 0,
  });

  const bytes = await fetchPages(simulator.address, pages);
  await canned.close();
  await simulator.close();
  const calls = bytes.flatMap((page) => /** @type {{ calls: Record<string, unknown>[] }} */ (JSON.parse(String(page))).calls);
  normalise(calls);
  flatten(calls);
  /** @type {number[]} */
  const normalised = [];
  /** @type {number[]} */
  const flattened = [];
  for (let turn = 0; turn < turns * 2; turn += 1) {
    flattened.push(flatten(calls));
    normalised.push(normalise(calls));
  }
  figure({
    name: 'calls cleaned, typed and made into lines of NDJSON',
    runs: normalised,
    unit: 'calls/s',
    pair: `the plainest flatten into row objects, nothing checked, ${medianText(flattened, 'calls/s')}`,
    note: 'records parsed beforehand, both',
    digits: 0,
  });
});

/**
 * Pages a second that a server sends.
 * @param {Address} address
 * @param {number} pages
 */
async function drain({ baseUrl, apiId, apiToken }, pages) {
  const pool = new Pool(baseUrl, { connections });
  const headers = { authorization: `Basic ${Buffer.from(`${apiId}:${apiToken}`).toString('base64')}` };
  const seconds = await timed(() =>
    inParallel(pages, async (page) => {
      const { body } = await pool.request({ method: 'GET', path: pathOf(page), headers });
      await body.dump({ limit: Number.MAX_SAFE_INTEGER });
    }),
  );
  await pool.close();
  return pages / seconds;
}

/**
 * @param {Address} address
 * @param {number} pages
 */
async function readWithUndici({ baseUrl }, pages) {
  const pool = new Pool(baseUrl, { connections });
  let calls = 0;
  const seconds = await timed(() =>
    inParallel(pages, async (page) => {
      const { body } = await pool.request({ method: 'GET', path: pathOf(page) });
      const read = /** @type {{ calls: unknown[] }} */ (await body.json());
      calls += read.calls.length;
    }),
  );
  await pool.close();
  if (calls !== pages * 50) throw new Error(`${calls} calls on ${pages} pages.`);
  return pages / seconds;
}

/**
 * @param {Address} address
 * @param {number} pages
 */
async function readWithClient({ baseUrl, ...credential }, pages) {
  const aircall = createClient({ credential, baseUrl, budget: 'off' });
  const list = aircall.calls.list({ order: 'asc', fetchContact: true, fetchCallTimeline: true, fetchAivaConv: true });
  let calls = 0;
  const seconds = await timed(() =>
    inParallel(pages, async (page) => {
      const { rows } = await list.page(page);
      calls += rows.length;
    }),
  );
  await aircall.close();
  if (calls !== pages * 50) throw new Error(`${calls} calls on ${pages} pages.`);
  return pages / seconds;
}

/** @param {readonly Record<string, unknown>[]} calls */
function normalise(calls) {
  const shape = defaultStreams.find(({ name }) => name === 'calls')?.shape;
  if (shape === undefined) throw new Error('There is no stream of calls.');
  const normaliser = createNormaliser({ shape });
  const context = { observedAt: '2026-11-02T10:00:00.000000Z', observedAtMs: Date.UTC(2026, 10, 2, 10) };
  let characters = 0;
  const startedAt = performance.now();
  for (const call of calls) for (const { text } of normaliser.lines(call, context).tables) characters += text.length;
  const seconds = (performance.now() - startedAt) / 1000;
  if (characters === 0) throw new Error('There were no lines.');
  return calls.length / seconds;
}

/** @param {readonly Record<string, unknown>[]} calls */
function flatten(calls) {
  const startedAt = performance.now();
  for (let from = 0; from < calls.length; from += 50) {
    /** @type {Map<string, import('./support/flatten.mjs').Row[]>} */
    const tables = new Map();
    for (const call of calls.slice(from, from + 50)) flattenCall(call, tables);
  }
  return calls.length / ((performance.now() - startedAt) / 1000);
}

/** @param {number} page */
function pathOf(page) {
  return `/v1/calls?order=asc&per_page=50&page=${page}${callExtras}`;
}

/**
 * Asks for pages 1 to `pages`, a few at a time.
 * @param {number} pages
 * @param {(page: number) => Promise<void>} ask
 */
async function inParallel(pages, ask) {
  let next = 1;
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (next <= pages) {
        const page = next;
        next += 1;
        await ask(page);
      }
    }),
  );
}

/** @param {() => Promise<void>} work */
async function timed(work) {
  const startedAt = performance.now();
  await work();
  return (performance.now() - startedAt) / 1000;
}
