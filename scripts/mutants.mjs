// Breaks the gateway on purpose, one listed line at a time, and requires that a test notices: test/mutants.data.mjs has the
// list. Nothing in the working tree is touched; each worker has a copy of it in a temporary folder. `npm run test:mutants --
// policy verify` takes only those whose file, reason or text has one of these words.
//
// Stryker, the usual tool, breaks every line in every way it knows. Version 10 wants Node 22, where the oldest we support is
// 20, and takes hours for these rooms on two cores; most of what it makes, an attacker has no use for. A list is chosen by
// people, is quick enough to run before a release, and says what each line is there for.
//
// The exit code is 1 when a mutant survives, when its text is not found exactly once (the list is stale), when it does not
// load (it shows nothing), or when one that is called equivalent is noticed after all.
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createVitest } from 'vitest/node';
import { mutants } from '../test/mutants.data.mjs';

/**
 * @typedef {import('../test/mutants.data.mjs').Mutant} Mutant
 * @typedef {{ readonly kind: 'killed' | 'survived' | 'broken', readonly by: string }} End
 * @typedef {{ readonly folder: string, readonly vitest: import('vitest/node').Vitest }} Copy
 */

const root = fileURLToPath(new URL('..', import.meta.url));
/** What a test run does not need, or must not share. */
const leftOut = new Set(['node_modules', 'dist', '.git', 'test-results', 'coverage']);
/** Longer than any run of these tests takes on a slow machine. */
const longestMs = 5 * 60_000;

const words = process.argv.slice(2);
const wanted = mutants.filter(
  ({ file, why, find }) => words.length === 0 || words.some((word) => [file, why, find].some((text) => text.includes(word))),
);
if (wanted.length === 0) {
  console.error(`No mutant has ${words.join(' or ')} in its file, its reason or its text.`);
  process.exit(2);
}

const home = mkdtempSync(join(tmpdir(), 'trunkline-mutants-'));
process.once('exit', () => rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }));
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));

const startedAt = performance.now();
const copies = await Promise.all(
  Array.from({ length: Math.min(availableParallelism(), wanted.length) }, (_, number) => copyInto(join(home, String(number)))),
);
const stale = wanted.map((mutant) => staleness(mutant)).filter((problem) => problem !== null);
const problems = stale.length > 0 ? stale : await baseline();
if (problems.length > 0) {
  for (const problem of problems) console.error(problem);
  process.exit(1);
}

/** @type {{ readonly mutant: Mutant, readonly end: End }[]} */
const ends = [];
const queue = [...wanted];
await Promise.all(copies.map(work));
await Promise.all(copies.map(({ vitest }) => vitest.close()));

const failed = ends.filter(({ mutant, end }) => (mutant.equivalent === undefined ? end.kind !== 'killed' : end.kind !== 'survived'));
const equivalent = ends.filter(({ mutant, end }) => mutant.equivalent !== undefined && end.kind === 'survived').length;
printTable();
const minutes = ((performance.now() - startedAt) / 60_000).toFixed(1);
console.log(
  `${ends.length} mutants in ${minutes} minutes: ${ends.filter(({ end }) => end.kind === 'killed').length} killed, ${equivalent} equivalent, ${failed.length} wrong.`,
);
process.exitCode = failed.length > 0 ? 1 : 0;

/**
 * A copy of the working tree that shares its installed packages, and a Vitest that stays, so that for each mutant only what
 * changed is read anew.
 * @param {string} folder
 * @returns {Promise<Copy>}
 */
async function copyInto(folder) {
  mkdirSync(folder);
  cpSync(root, folder, { recursive: true, filter: (path) => join(dirname(path), '/') !== root || !leftOut.has(basename(path)) });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'dir');
  const vitest = await createVitest('test', { root: folder, watch: false, maxWorkers: 1, bail: 1, reporters: [{}] });
  await vitest.standalone();
  return { folder, vitest };
}

/**
 * What is wrong with an entry of the list; null when nothing is.
 * @param {Mutant} mutant
 */
function staleness({ file, find, replace, tests }) {
  const missing = [file, ...tests].find((path) => !existsSync(join(home, '0', path)));
  if (missing !== undefined) return `STALE  there is no ${missing}`;
  const count = readFileSync(join(home, '0', file), 'utf8').split(find).length - 1;
  if (count !== 1) return `STALE  ${file} has this ${count} times, not once: ${oneLine(find)}`;
  return find === replace ? `STALE  ${file}: this changes nothing: ${oneLine(find)}` : null;
}

/** Without a mutant the tests pass; else a failing test would show nothing. */
async function baseline() {
  const tests = [...new Set(wanted.flatMap(({ tests: named }) => named))];
  console.log(`${wanted.length} mutants, ${tests.length} test files, ${copies.length} at once.`);
  /** @type {string[]} */
  const wrong = [];
  const check = async (/** @type {Copy} */ copy) => {
    for (let test = tests.shift(); test !== undefined; test = tests.shift()) {
      const end = await run(copy, [test]);
      if (end.kind !== 'survived') wrong.push(`Without any mutant ${test} does not pass: ${end.by}`);
    }
  };
  await Promise.all(copies.map(check));
  return wrong;
}

/** @param {Copy} copy */
async function work(copy) {
  for (let mutant = queue.shift(); mutant !== undefined; mutant = queue.shift()) {
    const path = join(copy.folder, mutant.file);
    const sound = readFileSync(path, 'utf8');
    const at = sound.indexOf(mutant.find);
    write(copy, path, sound.slice(0, at) + mutant.replace + sound.slice(at + mutant.find.length));
    const end = await run(copy, mutant.tests);
    write(copy, path, sound);
    ends.push({ mutant, end });
    if (end.kind === 'killed') continue;
    console.log(`${ends.length}/${wanted.length} ${end.kind} ${mutant.file}: ${mutant.why} (${oneLine(mutant.find)}) ${oneLine(end.by)}`);
  }
}

/**
 * @param {Copy} copy
 * @param {string} path
 * @param {string} text
 */
function write({ vitest }, path, text) {
  writeFileSync(path, text);
  vitest.invalidateFile(path);
}

/**
 * Runs tests until the first fails.
 * @param {Copy} copy
 * @param {readonly string[]} tests
 * @returns {Promise<End>}
 */
async function run({ folder, vitest }, tests) {
  const paths = new Set(tests.map((test) => join(folder, test)));
  const alarm = setTimeout(() => {
    console.error(`These tests do not end within ${longestMs / 60_000} minutes: ${tests.join(', ')}`);
    process.exit(1);
  }, longestMs);
  const specifications = (await vitest.globTestSpecifications([...paths])).filter(({ moduleId }) => paths.has(moduleId));
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications(specifications);
  clearTimeout(alarm);
  // Earlier runs are told again.
  const modules = testModules.filter(({ moduleId }) => paths.has(moduleId));
  for (const module of modules) {
    const [failedTest] = module.children.allTests('failed');
    if (failedTest !== undefined) return { kind: 'killed', by: `${basename(module.moduleId, '.test.ts')}: ${failedTest.fullName}` };
  }
  const errors = [...modules.flatMap((module) => module.errors()), ...unhandledErrors];
  const [error] = errors;
  if (error !== undefined) return { kind: 'broken', by: error instanceof Object && 'message' in error ? String(error.message) : '' };
  // “Survived” must mean that all tests were run.
  const isWhole = modules.length === paths.size && modules.every((module) => [...module.children.allTests('skipped')].length === 0);
  return isWhole ? { kind: 'survived', by: '' } : { kind: 'broken', by: 'not all tests were run' };
}

function printTable() {
  /** @type {Map<string, number>} */
  const order = new Map(wanted.map((mutant, index) => [keyOf(mutant), index]));
  const placeOf = (/** @type {Mutant} */ mutant) => order.get(keyOf(mutant)) ?? 0;
  const rows = ends.toSorted((a, b) => placeOf(a.mutant) - placeOf(b.mutant));
  console.log('');
  for (const { mutant, end } of rows) {
    const { file, why, equivalent: reason } = mutant;
    const word = reason === undefined ? end.kind : end.kind === 'survived' ? 'equal' : `NOT EQUAL, ${end.kind}`;
    const shownBy = reason !== undefined && end.kind === 'survived' ? reason : oneLine(end.by);
    console.log(`${word.padEnd(9)} ${file.replace('src/gateway/', '').padEnd(28)} ${why}\n${' '.repeat(39)}${shownBy}`);
  }
  console.log('');
}

/** @param {Mutant} mutant */
function keyOf({ file, find, replace }) {
  return `${file}\n${find}\n${replace}`;
}

/** @param {string} text */
function oneLine(text) {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > 140 ? `${line.slice(0, 140)}…` : line;
}
