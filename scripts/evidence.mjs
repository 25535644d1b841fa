// Writes docs/evidence.md from docs/evidence.data.mjs, the tests' results and the benchmarks' results. Fails, and writes
// nothing, when a named test did not run or did not pass. Run the tests first: `npm test`, and `npm run test:long` for
// the tests that need long.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sections } from '../docs/evidence.data.mjs';
import { pageOf, problemsOf } from './evidence-page.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** @typedef {{ testResults: { name: string, assertionResults: { ancestorTitles: string[], title: string, status: string }[] }[] }} VitestJson */

const outcomes = readJson('test-results').flatMap((run) =>
  /** @type {VitestJson} */ (run).testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.map(({ ancestorTitles, title, status }) => ({
      file: relative(root, name).split(sep).join('/'),
      test: [...ancestorTitles, title].join(' > '),
      status,
    })),
  ),
);
const benches = /** @type {readonly import('./evidence-page.mjs').BenchResult[]} */ (readJson('bench/results'));

const problems = problemsOf(sections, outcomes, benches);
if (problems.length === 0) {
  writeFileSync(join(root, 'docs/evidence.md'), pageOf(sections, benches));
  console.log('docs/evidence.md is written.');
} else {
  for (const problem of problems) console.error(problem);
  console.error(
    `${problems.length} problems; docs/evidence.md is not written. The tests’ results come from npm test and npm run test:long.`,
  );
  process.exitCode = 1;
}

/**
 * All JSON files of a folder, in the order of their names.
 * @param {string} folder
 * @returns {readonly unknown[]}
 */
function readJson(folder) {
  const path = join(root, folder);
  if (!existsSync(path)) return [];
  const names = readdirSync(path).filter((name) => name.endsWith('.json'));
  return names.sort().map((name) => /** @type {unknown} */ (JSON.parse(readFileSync(join(path, name), 'utf8'))));
}
