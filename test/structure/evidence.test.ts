import { expect, test } from 'vitest';
import { sections } from '../../docs/evidence.data.mjs';
import { pageOf, problemsOf, type BenchResult, type Section } from '../../scripts/evidence-page.mjs';
import { jsonFile, pathsIn, sourceFiles, textFile } from './files.ts';
import { hasTest } from './titles.ts';

const benches = pathsIn('bench/results')
  .filter((path) => path.endsWith('.json'))
  .map((path) => jsonFile(path) as BenchResult);
const claims = sections.flatMap((section) => section.claims);

test('every test that is named as evidence exists', () => {
  const files = sourceFiles('src', 'test');
  const missing = claims
    .flatMap(({ shownBy }) => shownBy)
    .filter((proof) => 'file' in proof)
    .filter(({ file, test: title }) => !hasTest(files, file, title));
  expect(missing).toEqual([]);
});

test('docs/evidence.md is what docs/evidence.data.mjs makes', () => {
  expect(textFile('docs/evidence.md')).toBe(pageOf(sections, benches));
});

test('every claim is shown, or says why not', () => {
  expect(claims.filter(({ shownBy, open }) => shownBy.length === 0 && open === undefined)).toEqual([]);
});

const example: readonly Section[] = [
  {
    title: 'Promises',
    intro: 'Two of them.',
    claims: [
      { claim: 'It works', page: 'works.md', shownBy: [{ file: 'src/a.test.ts', test: 'a > works' }] },
      { claim: 'It is fast', shownBy: [{ bench: 'speed', figure: 'pages' }] },
    ],
  },
];
const speed: BenchResult = {
  bench: 'speed',
  machine: '2 cores',
  measuredAt: '2026-01-02T03:04:05.000Z',
  figures: [{ name: 'pages', value: 1234.5678, unit: 'pages/s', goal: '≥ 1,000', met: true, pair: 'nothing but HTTP 2,000' }],
};

test('the page is refused when a named test did not run, failed anywhere, or a figure is missing', () => {
  const passed = { run: 'default', file: 'src/a.test.ts', test: 'a > works', status: 'passed' };
  expect(problemsOf(example, [passed], [speed])).toEqual([]);
  expect(problemsOf(example, [], [speed])).toEqual(['“It works”: the test “a > works” of src/a.test.ts did not run.']);
  expect(problemsOf(example, [passed, { ...passed, status: 'failed' }], [speed])).toEqual([
    '“It works”: the test “a > works” of src/a.test.ts did not pass.',
  ]);
  expect(problemsOf(example, [{ ...passed, status: 'skipped' }], [speed])).toHaveLength(1);
  expect(problemsOf(example, [passed], [])).toEqual(['“It is fast”: speed has no figure “pages”.']);
  expect(problemsOf([{ title: '', intro: '', claims: [{ claim: 'It flies', shownBy: [] }] }], [], [])).toEqual([
    '“It flies”: nothing shows it, and nothing says why.',
  ]);
});

test('a whole run is evidence when every test of the default run passed in it', () => {
  const nodes: readonly Section[] = [
    { title: '', intro: '', claims: [{ claim: 'Node 22', shownBy: [{ run: 'node-22', command: 'npm run test:nodes' }] }] },
  ];
  const passed = { run: 'default', file: 'src/a.test.ts', test: 'works', status: 'passed' };
  expect(problemsOf(nodes, [passed, { ...passed, run: 'node-22' }], [])).toEqual([]);
  expect(problemsOf(nodes, [passed], [])).toHaveLength(1);
  expect(problemsOf(nodes, [passed, { ...passed, run: 'node-22', status: 'failed' }], [])).toHaveLength(1);
  expect(problemsOf(nodes, [], [])).toHaveLength(1);
  expect(pageOf(nodes, [])).toContain('| Node 22 | all tests, by `npm run test:nodes` |');
});

test('the page names the test, the figure, its goal, its pair and the machine', () => {
  const page = pageOf(example, [speed]);
  expect(page).toContain('| [It works](works.md) | [`src/a.test.ts`](../src/a.test.ts): a > works |');
  expect(page).toContain(
    '| It is fast | `speed`: pages **1,234.568 pages/s**, goal ≥ 1,000: met (in the same run: nothing but HTTP 2,000) |',
  );
  expect(page).toContain('| `speed` | 2 cores | 2026-01-02 |');
  expect(page).toContain('2 of 2 claims are shown.');
});

test('a test is found by its title, by a title from a table, and in the conformance suite a file runs', () => {
  const files = new Map([
    [
      'src/a/x.test.ts',
      "import { suite } from '../b/s.conformance.ts';\ntest('plain (really)', () => {});\ntest.each([1])('case %s of many', () => {});\ntest(`made of ${1}`, () => {});",
    ],
    ['src/b/s.conformance.ts', "describe('s', () => { test('kept', () => {}); });"],
  ]);
  for (const title of ['plain (really)', 'case 1 of many', 'made of 1', 's > kept']) {
    expect(hasTest(files, 'src/a/x.test.ts', title), title).toBe(true);
  }
  for (const title of ['plain', 'other', 'case']) expect(hasTest(files, 'src/a/x.test.ts', title), title).toBe(false);
});
