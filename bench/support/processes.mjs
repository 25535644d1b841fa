// Processes that benchmarks start: each measures itself and tells its parent.
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * @typedef {import('../../dist/simulator/index.js').SimulatorOptions} SimulatorOptions
 * @typedef {{ readonly baseUrl: string, readonly apiId: string, readonly apiToken: string }} Address
 * @typedef {{ readonly [name: string]: unknown }} Message
 * @typedef {{ readonly atMs: number, readonly status: number, readonly query: string }} Request
 * @typedef {{ readonly cpuSeconds: number, readonly peakMegabytes: number }} Usage
 * @typedef {{ readonly ask: (message: Message) => Promise<unknown>, readonly close: () => Promise<void> }} Child
 */

/**
 * Starts a script that answers each message of ours with one of its own, and waits until it says that it is ready.
 * @param {URL} script
 * @param {Message} start
 * @returns {Promise<{ readonly ready: unknown } & Child>}
 */
export async function startChild(script, start) {
  const child = fork(script, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  /** @type {Promise<number | null>} */
  const ended = new Promise((resolve) => {
    child.once('exit', (code) => resolve(code));
  });
  /** @type {Child['ask']} */
  const ask = (message) =>
    new Promise((resolve, reject) => {
      child.once('message', resolve);
      void ended.then((code) => reject(new Error(`${script.pathname} ended with ${String(code)}.`)));
      child.send(message);
    });
  const ready = await ask(start);
  return {
    ready,
    ask,
    close: async () => {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}

/**
 * Starts a script, gives it one job, and returns its answer once it has ended.
 * @param {URL} script
 * @param {Message} job
 */
export async function runChild(script, job) {
  const child = await startChild(script, job);
  await child.close();
  return child.ready;
}

/**
 * A simulated Aircall in a process of its own.
 * @param {SimulatorOptions & { readonly clockFactor?: number, readonly clockStartMs?: number }} options
 */
export async function startSimulatorProcess(options) {
  const { ready, ask, close } = await startChild(new URL('./simulator-process.mjs', import.meta.url), { ...options });
  return {
    address: /** @type {Address} */ (ready),
    /** How many records of each stream there are. */
    counts: async () => /** @type {Readonly<Record<string, number>>} */ (await ask({ do: 'counts' })),
    /** Takes the requests since the last time. */
    takeRequests: async () => /** @type {readonly Request[]} */ (await ask({ do: 'requests' })),
    /** How many calls began in the last hour. */
    callsOfLastHour: async () => /** @type {number} */ (await ask({ do: 'last-hour' })),
    /** Changes one call of the last hour; its id. */
    changeOneCall: async () => /** @type {number} */ (await ask({ do: 'change' })),
    usage: async () => /** @type {Usage} */ (await ask({ do: 'usage' })),
    close,
  };
}

/**
 * Runs `work` with a folder of its own, which is gone afterwards.
 * @template T
 * @param {(folder: string) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), 'trunkline-bench-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
