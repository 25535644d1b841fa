// What the gateway costs: an allowed request through it against the same one straight to the (simulated) Aircall, in alternating pairs;
// how many refusals and answers from its cache it gives a second; what it holds in memory after many requests.
//
// Aircall, gateway and measuring client are three processes of one machine. Each request is another one, so that none comes from a
// cache, but where the cache is what is measured.
import { Agent, request as send } from 'node:http';
import { atLeast, atMost, bench, format, median } from './support/bench.mjs';
import { startChild, startSimulatorProcess, withFolder } from './support/processes.mjs';

/** @typedef {{ readonly status: number, readonly headers: import('node:http').IncomingHttpHeaders, readonly text: string }} Answer */

const agents = 5;
/** So that each request is another one. */
let asked = 0;

await bench({ name: 'gateway', does: 'what an agent’s request costs in the gateway' }, async ({ quick, long, say, figure }) => {
  const simulator = await startSimulatorProcess({ seed: 5, calls: 3000, contacts: 500, requestsPerMinute: 'off' });
  const { baseUrl, apiId, apiToken } = simulator.address;
  const direct = { port: Number(new URL(baseUrl).port), authorization: basic(apiId, apiToken) };
  const callIds = await listCallIds(direct);
  const pairs = quick ? 30 : 400;
  const rounds = quick ? 2 : 5;

  for (const [readDurability, goals] of /** @type {const} */ ([
    ['process', { half: 1, tail: 5 }],
    ['power', { half: 3, tail: 15 }],
  ])) {
    await withFolder(async (home) => {
      const gateway = await startGateway({ home, readDurability, address: simulator.address });
      const doors = gateway.keys.map((key) => ({ port: gateway.port, authorization: `Bearer ${key}` }));
      const [agent] = doors;
      if (agent === undefined) throw new Error('There is no agent.');
      const safe = readDurability === 'process' ? 'safe from the death of the process' : 'safe from a loss of power';
      for (const { what, path } of [
        { what: 'a read of one call', path: (/** @type {number} */ nth) => `/v1/calls/${callIds[nth % callIds.length] ?? 1}` },
        { what: 'a read of 20 calls', path: (/** @type {number} */ nth) => `/v1/calls?per_page=20&from=${1_000_000_000 + nth}` },
      ]) {
        // The first requests pay for what is compiled then.
        await alternate({ direct, through: agent, path, pairs: Math.min(pairs, 100) });
        /** @type {{ direct: number, through: number, over: number, over90: number, tail: number }[]} */
        const measured = [];
        for (let round = 0; round < rounds; round += 1) measured.push(await alternate({ direct, through: agent, path, pairs }));
        const over = measured.map((each) => each.over);
        const straight = median(measured.map((each) => each.direct));
        figure({
          name: `${what} through the gateway, over one without, half of them; its records ${safe}`,
          runs: over,
          unit: 'ms',
          goal: atMost(goals.half, ' ms'),
          pair: `straight ${format(straight)} ms, through it ${format(median(measured.map((each) => each.through)))} ms`,
        });
        figure({
          name: `${what} through the gateway, over one without, 9 of 10; its records ${safe}`,
          runs: measured.map((each) => each.over90),
          unit: 'ms',
        });
        figure({
          name: `${what} through the gateway, over one without, 99 of 100; its records ${safe}`,
          runs: measured.map((each) => each.tail),
          unit: 'ms',
          goal: atMost(goals.tail, ' ms'),
          note: 'the difference of the two 99ths',
        });
      }

      if (readDurability === 'process') {
        const count = quick ? 500 : 10_000;
        const denied = await rates({ doors, path: () => '/v1/users', expect: 403, count, rounds });
        figure({
          name: 'refusals, 32 at once',
          runs: denied,
          unit: 'a second',
          digits: 0,
          goal: atLeast(5000, ' a second'),
          note: 'the same refusal again and again: after ten in a minute one record stands for many',
        });
        const others = await rates({ doors, path: (nth) => `/v1/users/${nth + 1}`, expect: 403, count: Math.min(count, 5000), rounds });
        figure({ name: 'refusals of different requests, 32 at once', runs: others, unit: 'a second', digits: 0 });
        const cached = await rates({ doors, path: () => '/v1/tags', expect: 200, count: quick ? 300 : 5000, rounds });
        figure({
          name: 'allowed reads from the cache, 16 at once',
          runs: cached,
          unit: 'a second',
          digits: 0,
          goal: atLeast(1500, ' a second'),
        });

        const before = await gateway.usage();
        const many = long ? 1_000_000 : quick ? 1000 : 50_000;
        say(`${format(many)} requests for the memory`);
        /** @type {number[]} */
        const held = [before.residentMegabytes];
        for (let part = 0; part < 5; part += 1) {
          await rates({
            doors,
            path: (nth) => (nth % 2 === 0 ? '/v1/tags' : `/v1/users/${nth}`),
            expect: null,
            count: many / 5,
            rounds: 1,
          });
          held.push((await gateway.usage()).residentMegabytes);
        }
        figure({
          name: `memory that the process holds after ${format(many)} requests more`,
          runs: [held.at(-1) ?? Number.NaN],
          unit: 'MB',
          digits: 0,
          goal: atMost(256, ' MB'),
          note: `on the way: ${held.map((each) => format(Math.round(each))).join(', ')} MB`,
        });
      }
      await gateway.close();
    });
  }
  await simulator.close();
});

/** @param {{ readonly home: string, readonly readDurability: 'process' | 'power', readonly address: import('./support/processes.mjs').Address }} job */
async function startGateway(job) {
  const { ready, ask, close } = await startChild(new URL('./support/gateway-process.mjs', import.meta.url), { ...job, agents });
  return {
    .../** @type {{ readonly port: number, readonly keys: readonly string[] }} */ (ready),
    usage: async () => /** @type {{ readonly residentMegabytes: number }} */ (await ask({ do: 'usage' })),
    close,
  };
}

/** @typedef {{ readonly port: number, readonly authorization: string }} Door */

/**
 * One straight, one through the gateway, and the other way round; milliseconds.
 * @param {{ readonly direct: Door, readonly through: Door, readonly path: (nth: number) => string, readonly pairs: number }} job
 */
async function alternate({ direct, through, path, pairs }) {
  const [one, other] = [client(direct, 1), client(through, 1)];
  /** @type {number[]} */
  const straights = [];
  /** @type {number[]} */
  const throughs = [];
  for (let pair = 0; pair < pairs; pair += 1) {
    asked += 1;
    const order = pair % 2 === 0 ? /** @type {const} */ ([straights, throughs]) : /** @type {const} */ ([throughs, straights]);
    for (const times of order) {
      const startedAt = performance.now();
      const { status, headers } = await (times === straights ? one : other).get(path(asked));
      times.push(performance.now() - startedAt);
      if (status !== 200) throw new Error(`A read ended with ${status}.`);
      if (headers['x-gateway-source'] === 'cache') throw new Error('It came from the cache, which is not what is measured.');
    }
  }
  one.close();
  other.close();
  const at = (/** @type {readonly number[]} */ times, /** @type {number} */ share) =>
    times.toSorted((a, b) => a - b)[Math.floor((times.length - 1) * share)] ?? Number.NaN;
  return {
    direct: at(straights, 0.5),
    through: at(throughs, 0.5),
    over: at(throughs, 0.5) - at(straights, 0.5),
    over90: at(throughs, 0.9) - at(straights, 0.9),
    tail: at(throughs, 0.99) - at(straights, 0.99),
  };
}

/**
 * Requests a second, of each round.
 * @param {{ readonly doors: readonly Door[], readonly path: (nth: number) => string, readonly expect: number | null, readonly count: number, readonly rounds: number }} job
 */
async function rates({ doors, path, expect, count, rounds }) {
  const together = expect === 200 ? 16 : 32;
  // More than a few at once of one agent are turned away.
  const clients = doors.map((door) => client(door, together));
  /** @type {number[]} */
  const found = [];
  for (let round = 0; round < rounds; round += 1) {
    let next = 0;
    const startedAt = performance.now();
    /** @param {ReturnType<typeof client> | undefined} asking */
    const worker = async (asking) => {
      while (next < count) {
        next += 1;
        asked += 1;
        const { status, text } = (await asking?.get(path(asked))) ?? { status: 0, text: '' };
        if (expect !== null && status !== expect) throw new Error(`A request ended with ${status}: ${text.slice(0, 200)}`);
      }
    };
    await Promise.all(Array.from({ length: together }, (_, index) => worker(clients[index % clients.length])));
    found.push(count / ((performance.now() - startedAt) / 1000));
  }
  for (const each of clients) each.close();
  return found;
}

/** @param {Door} direct */
async function listCallIds(direct) {
  const asking = client(direct, 1);
  /** @type {number[]} */
  const ids = [];
  for (let page = 1; page <= 40; page += 1) {
    const { text } = await asking.get(`/v1/calls?per_page=50&page=${page}`);
    /** @type {{ readonly calls: readonly { readonly id: number }[] }} */
    const { calls } = JSON.parse(text);
    ids.push(...calls.map(({ id }) => id));
  }
  asking.close();
  return ids;
}

/**
 * @param {Door} door
 * @param {number} connections
 */
function client({ port, authorization }, connections) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  return {
    /** @param {string} path @returns {Promise<Answer>} */
    get: (path) =>
      new Promise((resolve, reject) => {
        const asking = send({ agent, host: '127.0.0.1', port, path, headers: { authorization } }, (response) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (/** @type {string} */ part) => (text += part));
          response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
          response.on('error', reject);
        });
        asking.on('error', reject);
        asking.end();
      }),
    close: () => agent.destroy(),
  };
}

/** @param {string} user @param {string} password */
function basic(user, password) {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}
