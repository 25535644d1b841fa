// `trunkline airbyte read` as a platform starts it, with somebody who takes what it writes and only counts it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * @typedef {import('./processes.mjs').Address} Address
 * @typedef {{ readonly records: number, readonly states: readonly object[], readonly megabytes: number, readonly seconds: number, readonly peakMegabytes: number }} ReadReport
 */

const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const newline = 0x0a;

/**
 * One read of the named streams from the given states. Time counts from the first line, when the process has started, to
 * its end.
 * @param {{ readonly address: Address, readonly names: readonly string[], readonly states?: readonly object[], readonly folder: string }} job
 * @returns {Promise<ReadReport>}
 */
export async function readOnce({ address, names, states = [], folder }) {
  const { baseUrl, apiId, apiToken } = address;
  const write = (/** @type {string} */ name, /** @type {unknown} */ content) => {
    writeFileSync(join(folder, name), JSON.stringify(content));
    return join(folder, name);
  };
  const streams = names.map((name) => ({
    stream: { name, json_schema: {}, supported_sync_modes: ['full_refresh', 'incremental'] },
    sync_mode: 'incremental',
    destination_sync_mode: 'append_dedup',
  }));
  const line = [
    'airbyte',
    'read',
    '--config',
    write('config.json', { api_id: apiId, api_token: apiToken, base_url: baseUrl, quota: 0 }),
    '--catalog',
    write('catalog.json', { streams }),
    '--state',
    write('state.json', states),
  ];
  const child = spawn(process.execPath, [program, ...line], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, XDG_STATE_HOME: folder },
  });
  let peakMegabytes = 0;
  const watch = setInterval(() => {
    peakMegabytes = Math.max(peakMegabytes, peakOf(child.pid ?? 0));
  }, 100);
  const counter = new Counter();
  let startedAt = 0;
  child.stdout.on('data', (/** @type {Buffer} */ piece) => {
    if (startedAt === 0) startedAt = performance.now();
    counter.take(piece);
  });
  const [code] = await once(child, 'close');
  const seconds = (performance.now() - startedAt) / 1000;
  clearInterval(watch);
  if (code !== 0) throw new Error(`The read ended with ${String(code)}.`);
  return { records: counter.records, states: [...counter.last.values()], megabytes: counter.bytes / 2 ** 20, seconds, peakMegabytes };
}

/** Counts records by the beginning of their lines, and keeps the last state of each stream. */
class Counter {
  records = 0;
  bytes = 0;
  /** @type {Map<string, object>} */
  last = new Map();
  /** @type {Buffer[]} */
  #held = [];

  /** @param {Buffer} piece */
  take(piece) {
    this.bytes += piece.length;
    let from = 0;
    for (let end = piece.indexOf(newline); end !== -1; end = piece.indexOf(newline, from)) {
      this.#held.push(piece.subarray(from, end));
      this.#line();
      from = end + 1;
    }
    if (from < piece.length) this.#held.push(piece.subarray(from));
  }

  #line() {
    const line = this.#held.length === 1 ? /** @type {Buffer} */ (this.#held[0]) : Buffer.concat(this.#held);
    this.#held = [];
    const beginning = line.subarray(0, 15).toString('latin1');
    if (beginning === '{"type":"RECORD') this.records += 1;
    else if (beginning === '{"type":"STATE"') {
      const { state } = JSON.parse(line.toString('utf8'));
      this.last.set(state.stream.stream_descriptor.name, state);
    }
  }
}

/** The most memory a process has held, where the system tells. @param {number} pid */
function peakOf(pid) {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}
