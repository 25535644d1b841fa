// `trunkline estuary` as a runtime starts it, with somebody who takes what it writes and only counts it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * @typedef {import('./processes.mjs').Address} Address
 * @typedef {{ readonly documents: number, readonly checkpoints: number, readonly megabytes: number, readonly seconds: number, readonly peakMegabytes: number, readonly state: object }} CaptureReport
 */

const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const newline = 0x0a;

/**
 * Reads the resources once, from the state, until nothing is left to be read, and ends the process. Time counts from the moment at which
 * the process, already started, is told to open.
 * @param {{ readonly address: Address, readonly names: readonly string[], readonly state?: object, readonly folder: string }} job
 * @returns {Promise<CaptureReport>}
 */
export async function captureOnce({ address, names, state = {}, folder }) {
  const child = spawn(process.execPath, [program, 'estuary'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, XDG_STATE_HOME: folder, LOG_LEVEL: 'warn' },
  });
  const { baseUrl, apiId, apiToken } = address;
  const config = {
    credentials: { credentials_title: 'API Token', api_id: apiId, api_token: apiToken },
    quota: 0,
    advanced: { base_url: baseUrl, run_once: true },
  };
  const say = (/** @type {object} */ request) => child.stdin.write(`${JSON.stringify(request)}\n`);
  say({ spec: {} });
  say({ discover: { config } });
  const discovered = await answersOf(child.stdout, 2);
  const bindings = JSON.parse(discovered[1] ?? '')
    .discovered.bindings.filter((/** @type {{ recommendedName: string }} */ { recommendedName }) => names.includes(recommendedName))
    .map((/** @type {{ recommendedName: string, resourceConfig: object, documentSchema: object, key: string[] }} */ each) => ({
      resourceConfig: each.resourceConfig,
      resourcePath: [each.recommendedName],
      collection: { name: `bench/${each.recommendedName}`, key: each.key, writeSchema: each.documentSchema },
      stateKey: each.recommendedName,
    }));

  const counted = { documents: 0, checkpoints: 0, bytes: 0 };
  const startedAt = performance.now();
  let peakMegabytes = 0;
  const watch = setInterval(() => {
    peakMegabytes = Math.max(peakMegabytes, peakOf(child.pid ?? 0));
  }, 100);
  const reduced = new Reducer(state);
  child.stdout.on('data', (/** @type {Buffer} */ piece) => {
    counted.bytes += piece.length;
    reduced.take(piece);
  });
  say({ open: { capture: { config, bindings }, range: { keyEnd: 4_294_967_295 }, state } });
  const [code] = await once(child, 'close');
  const seconds = (performance.now() - startedAt) / 1000;
  clearInterval(watch);
  if (code !== 0) throw new Error(`The capture ended with ${String(code)}.`);
  return {
    documents: reduced.documents,
    checkpoints: reduced.checkpoints,
    megabytes: counted.bytes / 2 ** 20,
    seconds,
    peakMegabytes,
    state: reduced.state,
  };
}

/** Counts documents by the letter after `{"c`, and merges the states of checkpoints, which are few. */
class Reducer {
  documents = 0;
  checkpoints = 0;
  /** @type {object} */
  state;
  /** @type {Buffer[]} */
  #held = [];

  /** @param {object} state */
  constructor(state) {
    this.state = state;
  }

  /** @param {Buffer} piece */
  take(piece) {
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
    if (line.subarray(0, 11).toString('latin1') === '{"captured"') this.documents += 1;
    else if (line.subarray(0, 13).toString('latin1') === '{"checkpoint"') {
      this.checkpoints += 1;
      this.state = /** @type {object} */ (merged(this.state, JSON.parse(line.toString('utf8')).checkpoint.state.updated));
    }
  }
}

/**
 * RFC 7396.
 * @param {unknown} target
 * @param {unknown} patch
 * @returns {unknown}
 */
function merged(target, patch) {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  /** @type {Record<string, unknown>} */
  const result = typeof target === 'object' && target !== null && !Array.isArray(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name];
    else result[name] = merged(result[name], value);
  }
  return result;
}

/**
 * The first lines of an output, which says nothing more until it is asked again.
 * @param {import('node:stream').Readable} output
 * @param {number} count
 * @returns {Promise<string[]>}
 */
function answersOf(output, count) {
  return new Promise((resolve) => {
    let text = '';
    const onData = (/** @type {Buffer} */ piece) => {
      text += piece.toString('utf8');
      const lines = text.split('\n');
      if (lines.length <= count) return;
      output.off('data', onData);
      resolve(lines.slice(0, count));
    };
    output.on('data', onData);
  });
}

/** The most memory a process has held, where the system tells. @param {number} pid */
function peakOf(pid) {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}
