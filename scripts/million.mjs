// A million random requests under random policies, and a judge of everything that reaches Aircall and everything that agents get:
// src/gateway/million.conformance.ts. Two processes, each with a gateway of its own and half of the requests.
//
//   npm run test:million -- --requests 100000 --seed 7 --processes 1
//
// Policies and requests depend on the seed alone, the order in which things happen within a wave on the machine too. Prints the rate and
// the memory on the way, and at the end how requests ended. The exit code is 1 when anything was wrong; what it was, with the request and
// the agent as it was set, and the seed to try again with, stands at the end.
import { fork, spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

/**
 * @typedef {import('../src/gateway/million.conformance.ts').Tally} Tally
 * @typedef {Pick<Tally, 'requests' | 'upstream' | 'policies' | 'records' | 'wrong'> & {
 *   readonly ends: readonly (readonly [string, number])[], readonly megabytes: number, readonly heapMegabytes: number }} Report
 * @typedef {{ readonly seed: number, readonly requests: number }} Share
 */

const root = fileURLToPath(new URL('..', import.meta.url));
const { values } = parseArgs({
  options: { seed: { type: 'string' }, requests: { type: 'string' }, processes: { type: 'string' }, built: { type: 'string' } },
});
const seed = wholeNumber(values.seed, randomInt(1, 1_000_000));
const requests = wholeNumber(values.requests, 1_000_000);
const processes = wholeNumber(values.processes, 2);

await (values.built === undefined ? lead() : work(values.built));

/** Starts the processes and tells what they do. */
async function lead() {
  const built = join(root, `dist-million-${process.pid}`);
  process.once('exit', () => rmSync(built, { recursive: true, force: true }));
  process.once('SIGINT', () => process.exit(130));
  process.once('SIGTERM', () => process.exit(143));
  build(built);
  console.log(`seed ${seed}: ${requests.toLocaleString('en')} requests in ${processes} ${processes === 1 ? 'process' : 'processes'}`);
  const startedAt = performance.now();
  /** @type {Report[]} */
  const reports = [];
  const step = Math.min(100_000, Math.ceil(requests / 10));
  let told = 0;
  const shares = Array.from({ length: processes }, (_, index) => ({ seed: seed + index, requests: Math.ceil(requests / processes) }));
  const children = shares.map((share, index) =>
    start(built, share, (report) => {
      reports[index] = report;
      const made = sum(reports, (each) => each.requests);
      if (Math.floor(made / step) === told) return;
      told = Math.floor(made / step);
      tell(reports, startedAt);
    }),
  );
  await Promise.all(children);
  tell(reports, startedAt);
  /** @type {Map<string, number>} */
  const ends = new Map();
  for (const [end, count] of reports.flatMap((report) => report.ends)) ends.set(end, (ends.get(end) ?? 0) + count);
  for (const [end, count] of [...ends].sort(([, one], [, other]) => other - one))
    console.log(`${count.toLocaleString('en').padStart(9)}  ${end}`);
  for (const [index, { wrong, requests: made }] of reports.entries()) {
    if (wrong.length === 0) continue;
    process.exitCode = 1;
    for (const each of wrong.slice(0, 20)) console.error(`WRONG  ${each}`);
    console.error(`Again: npm run test:million -- --processes 1 --seed ${seed + index} --requests ${made}`);
  }
  if (process.exitCode !== 1) console.log('Nothing reached Aircall, or an agent, that was not granted and recorded.');
}

/**
 * @param {string} built
 * @param {Share} share
 * @param {(report: Report) => void} heard
 * @returns {Promise<void>}
 */
function start(built, share, heard) {
  const args = ['--built', built, '--seed', String(share.seed), '--requests', String(share.requests)];
  // Node takes what memory there is; with less room it only collects more often.
  const child = fork(fileURLToPath(import.meta.url), args, {
    execArgv: ['--expose-gc', '--max-old-space-size=128', '--max-semi-space-size=8'],
  });
  process.once('exit', () => child.kill());
  child.on('message', (message) => heard(/** @type {Report} */ (message)));
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`A process ended with ${code ?? 'a signal'}.`))));
  });
}

/** One process: runs its share and reports. @param {string} built */
async function work(built) {
  const { runMillion } = /** @type {typeof import('../src/gateway/million.conformance.ts')} */ (
    await import(pathToFileURL(join(built, 'src/gateway/million.conformance.js')).href)
  );
  let peakBytes = 0;
  const watch = setInterval(() => (peakBytes = Math.max(peakBytes, process.memoryUsage.rss())), 250);
  const report = (/** @type {Tally} */ { ends, ...tally }) => {
    peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
    globalThis.gc?.();
    const megabytes = Math.round(peakBytes / 1024 / 1024);
    const heapMegabytes = Math.round(process.memoryUsage().heapUsed / 1024 / 1024);
    process.send?.({ ...tally, ends: [...ends], megabytes, heapMegabytes });
    peakBytes = 0;
  };
  report(await runMillion({ seed, requests, onProgress: { every: Math.min(25_000, Math.ceil(requests / 10)), tell: report } }));
  clearInterval(watch);
  process.disconnect();
}

/**
 * @param {readonly Report[]} reports
 * @param {number} startedAt
 */
function tell(reports, startedAt) {
  const seconds = (performance.now() - startedAt) / 1000;
  const count = (/** @type {(report: Report) => number} */ of) => sum(reports, of).toLocaleString('en');
  const made = sum(reports, (each) => each.requests);
  console.log(
    `${made.toLocaleString('en')} requests in ${Math.round(seconds)} s (${Math.round(made / seconds)} a second), ` +
      `${count((each) => each.upstream)} reached Aircall, ${count((each) => each.policies)} policies, ${count((each) => each.records)} records; ` +
      `lately at most ${reports.map(({ megabytes }) => megabytes).join(' and ')} MB, heap in use ${reports.map(({ heapMegabytes }) => heapMegabytes).join(' and ')} MB`,
  );
}

/** It is written in TypeScript, which Node 20 does not run. @param {string} built */
function build(built) {
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  const { status } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.million.json', '--outDir', built], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(1);
  // What is compiled reads its version there.
  copyFileSync(join(root, 'package.json'), join(built, 'package.json'));
}

/**
 * @param {readonly Report[]} reports
 * @param {(report: Report) => number} of
 */
function sum(reports, of) {
  return reports.reduce((total, report) => total + of(report), 0);
}

/**
 * @param {string | undefined} text
 * @param {number} otherwise
 */
function wholeNumber(text, otherwise) {
  if (text === undefined) return otherwise;
  if (/^[1-9]\d{0,11}$/.test(text)) return Number(text);
  console.error('--seed, --requests and --processes are whole numbers from 1.');
  process.exit(2);
}
