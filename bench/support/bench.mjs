// What every benchmark shares: arguments, the machine, medians, a table, and the file that the evidence page reads.
//
// A figure is never printed alone: beside it stand its goal, what it was compared to in the same run, and how far the
// single runs lay apart.
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** @typedef {import('../../scripts/evidence-page.mjs').Figure} Figure */

/**
 * `runs` are the values of the single runs, `pair` says what it is compared to, with its own value.
 * @typedef {{
 *   readonly name: string,
 *   readonly runs: readonly number[],
 *   readonly unit: string,
 *   readonly goal?: { readonly text: string, readonly isMet: (median: number) => boolean },
 *   readonly pair?: string,
 *   readonly note?: string,
 *   readonly digits?: number,
 * }} Measured
 */

/**
 * `quick`: small sizes, to see whether it works; nothing is written. `long`: also what takes many minutes.
 * @typedef {{
 *   readonly quick: boolean,
 *   readonly long: boolean,
 *   readonly say: (text: string) => void,
 *   readonly figure: (measured: Measured) => void,
 * }} Bench
 */

export const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Runs one benchmark, prints its table and writes `bench/results/<name>.json`.
 * @param {{ readonly name: string, readonly does: string }} about
 * @param {(bench: Bench) => Promise<void>} measure
 */
export async function bench({ name, does }, measure) {
  const quick = process.argv.includes('--quick');
  const long = process.argv.includes('--long');
  const machine = describeMachine();
  console.log(`\n${name}: ${does}\n${machine}${quick ? ', quick: sizes are too small for figures' : ''}`);

  /** @type {Figure[]} */
  const figures = [];
  await measure({ quick, long, say: (text) => console.log(`  ${text}`), figure: (measured) => figures.push(figureOf(measured)) });

  for (const { name: what, value, unit, goal, met, pair, note } of figures) {
    const verdict = goal === null ? '' : `  goal ${goal}: ${met === true ? 'met' : 'MISSED'}`;
    console.log(`\n  ${what}\n    ${format(value)} ${unit}${verdict}`);
    if (pair !== undefined) console.log(`    pair: ${pair}`);
    if (note !== undefined) console.log(`    ${note}`);
  }
  if (quick) {
    console.log('\n  Nothing is written.');
    return;
  }
  const folder = join(root, 'bench/results');
  mkdirSync(folder, { recursive: true });
  const result = { bench: name, machine, measuredAt: new Date().toISOString(), figures };
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(result, null, 2)}\n`);
  console.log(`\n  bench/results/${name}.json is written.`);
}

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** @param {number} value */
export function format(value) {
  return new Intl.NumberFormat('en-US', { maximumFractionDigits: value >= 100 ? 0 : value >= 10 ? 1 : 3 }).format(value);
}

/**
 * The median, and where the runs lie.
 * @param {readonly number[]} runs
 * @param {string} unit
 */
export function medianText(runs, unit) {
  return `${format(median(runs))} ${unit}${spread(runs)}`;
}

/** @param {readonly number[]} runs */
function spread(runs) {
  return runs.length < 2 ? '' : ` (${format(Math.min(...runs))} to ${format(Math.max(...runs))} in ${runs.length} runs)`;
}

/** @param {Measured} measured */
function figureOf({ name, runs, unit, goal, pair, note, digits = 3 }) {
  const value = Number(median(runs).toFixed(digits));
  const spreadNote = runs.length < 2 ? '' : `${format(Math.min(...runs))} to ${format(Math.max(...runs))} in ${runs.length} runs`;
  const notes = [spreadNote, note ?? ''].filter((part) => part !== '').join('; ');
  return {
    name,
    value,
    unit,
    goal: goal?.text ?? null,
    met: goal === undefined ? null : goal.isMet(value),
    ...(pair === undefined ? {} : { pair }),
    ...(notes === '' ? {} : { note: notes }),
  };
}

function describeMachine() {
  const processors = cpus();
  const load = loadavg()[0] ?? 0;
  return [
    processors[0]?.model.trim() ?? 'unknown processor',
    `${processors.length} cores`,
    `${Math.round(totalmem() / 2 ** 30)} GB`,
    `${process.platform} ${process.arch}`,
    `Node ${process.version}`,
    `load ${load.toFixed(1)} at the start`,
  ].join(', ');
}

/**
 * Goals in words and as a test.
 * @param {number} limit
 * @param {string} [unit]
 */
export function atLeast(limit, unit = '') {
  return { text: `≥ ${format(limit)}${unit}`, isMet: (/** @type {number} */ value) => value >= limit };
}

/**
 * @param {number} limit
 * @param {string} [unit]
 */
export function atMost(limit, unit = '') {
  return { text: `≤ ${format(limit)}${unit}`, isMet: (/** @type {number} */ value) => value <= limit };
}
