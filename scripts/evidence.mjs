// Writes docs/evidence.md from docs/evidence.data.mjs, the tests' results and the benchmarks' results. Fails, and writes
// nothing, when a named test did not run or did not pass. Run the tests first: `npm test`, `npm run test:nodes` and
// `npm run test:long`.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sections } from '../docs/evidence.data.mjs';
import { pageOf, problemsOf } from './evidence-page.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** @typedef {{ testResults: { name: string, assertionResults: { ancestorTitles: string[], title: string, status: string }[] }[] }} VitestJson */

const outcomes = readJson('test-results').flatMap(({ name: run, content }) =>
  /** @type {VitestJson} */ (content).testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.map(({ ancestorTitles, title, status }) => ({
      run,
      file: relative(root, name).split(sep).join('/'),
      test: [...ancestorTitles, title].join(' > '),
      status,
    })),
  ),
);
const benches = readJson('bench/results').map(({ content }) => /** @type {import('./evidence-page.mjs').BenchResult} */ (content));

const problems = problemsOf(sections, outcomes, benches);
if (problems.length === 0) {
  writeFileSync(join(root, 'docs/evidence.md'), pageOf(sections, benches));
  console.log('docs/evidence.md is written.');
} else {
  for (const problem of problems) console.error(problem);
  console.error(
    `${problems.length} problems; docs/evidence.md is not written. The tests’ results come from npm test, npm run test:nodes and npm run test:long.`,
  );
  process.exitCode = 1;
}

/**
 * All JSON files of a folder by their names, in order.
 * @param {string} folder
 * @returns {readonly { readonly name: string, readonly content: unknown }[]}
 */
function readJson(folder) {
  const path = join(root, folder);
  if (!existsSync(path)) return [];
  const files = readdirSync(path).filter((file) => file.endsWith('.json'));
  return files.sort().map((file) => ({
    name: file.slice(0, -'.json'.length),
    content: /** @type {unknown} */ (JSON.parse(readFileSync(join(path, file), 'utf8'))),
  }));
}
