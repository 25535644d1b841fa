import { describe, expect, test } from 'vitest';
import { jsonFile, sourceFiles } from './files.ts';
import { reachable, violations } from './shelves.ts';

const { optionalDependencies } = jsonFile('package.json') as { readonly optionalDependencies: object };
const optionalPackages = Object.keys(optionalDependencies);

test('every room opens doors on lower shelves only, and no imports form a circle', () => {
  const files = sourceFiles('src', 'test', 'bench', 'examples', 'scripts');
  expect(violations(files, { optionalPackages })).toEqual([]);
});

test('the client on its own reaches neither DuckDB nor libsql nor the store', () => {
  const { paths, packages } = reachable(sourceFiles('src'), 'src/client/index.ts');
  expect(paths).toContain('src/client/index.ts');
  expect([...paths].filter((path) => !/^src\/(?:client|aircall|base)\//.test(path))).toEqual([]);
  expect([...packages].filter((name) => /duckdb|libsql|sqlite/.test(name))).toEqual([]);
});

describe('what the test of the shelves catches', () => {
  /** A tree with nothing wrong in it. */
  const sound: Readonly<Record<string, string>> = {
    'src/index.ts': "export { sync } from './sync/index.ts';",
    'src/base/index.ts': "// base/: words for all.\nexport { one } from './one.ts';",
    'src/base/one.ts': 'export const one = 1;',
    'src/client/index.ts': "// client/: HTTP.\nexport { get } from './get.ts';",
    'src/client/get.ts':
      "import { one } from '../base/index.ts';\nimport type { Own } from './own.ts';\nexport const get = (own: Own) => [own, one];",
    'src/client/own.ts': 'export type Own = 1;',
    'src/client/get.test.ts': "import { simulate } from '../simulator/index.ts';\nimport { get } from './get.ts';\nget(simulate());",
    'src/simulator/index.ts': '// simulator/: an Aircall.\nexport const simulate = () => 1;',
    'src/rows/index.ts': '// rows/: pure.\nexport const rows = 1;',
    'src/load/index.ts': "// load/: packages.\nexport const load = () => import('../rows/index.ts');",
    'src/load/destination.conformance.ts': "import { test } from 'vitest';\nexport const suite = () => test('x', () => {});",
    'src/destinations/index.ts': "// destinations/: tables.\nexport { open } from './duckdb/open.ts';",
    'src/destinations/duckdb/open.ts':
      "export const open = async () => import('@duckdb/node-api');\nexport type Api = typeof import('@duckdb/node-api');",
    'src/destinations/duckdb/open.test.ts': "import { suite } from '../../load/destination.conformance.ts';\nsuite();",
    'src/sync/index.ts': "// sync/: engine.\nexport const sync = new URL('../../package.json', import.meta.url);",
    'src/cli/index.ts': "// cli/: wires.\nexport { simulate } from '../simulator/index.ts';",
    'test/story.test.ts': "import { simulate } from '../src/simulator/index.ts';\nimport { get } from '../src/client/index.ts';",
    'examples/list.ts': "import { aircall } from 'trunkline/client';",
  };
  const check = (changes: Readonly<Record<string, string>>) =>
    violations(new Map(Object.entries({ ...sound, ...changes })), { optionalPackages: ['@duckdb/node-api'] });

  test('nothing, where nothing is wrong', () => {
    expect(check({})).toEqual([]);
  });

  const forms = [
    ['import', (to: string) => `import { x } from '${to}';`],
    ['import type', (to: string) => `import type { X } from '${to}';`],
    ['import with an inline type', (to: string) => `import { type X } from '${to}';`],
    ['import of a namespace', (to: string) => `import * as all from '${to}';`],
    ['import for its side effect', (to: string) => `import '${to}';`],
    ['export from', (to: string) => `export { x } from '${to}';`],
    ['export type from', (to: string) => `export type { X } from '${to}';`],
    ['export * from', (to: string) => `export * from '${to}';`],
    ['export * as from', (to: string) => `export * as all from '${to}';`],
    ['import()', (to: string) => `export const x = () => import('${to}');`],
    ['import() of a template', (to: string) => `export const x = () => import(\`${to}\`);`],
    ['typeof import()', (to: string) => `export type X = typeof import('${to}');`],
    ['type of a member of import()', (to: string) => `export type X = import('${to}').X;`],
    ['require', (to: string) => `export const x = require('${to}');`],
    ['require.resolve', (to: string) => `export const x = require.resolve('${to}');`],
    ['import = require', (to: string) => `import x = require('${to}');`],
    ['createRequire', (to: string) => `const load = createRequire(import.meta.url); export const x = load('${to}');`],
    ['createRequire at once', (to: string) => `export const x = createRequire(import.meta.url)('${to}');`],
    ['import.meta.resolve', (to: string) => `export const x = import.meta.resolve('${to}');`],
    ['new URL', (to: string) => `export const x = new URL('${to}', import.meta.url);`],
    ['declare module', (to: string) => `declare module '${to}' { interface X { y: 1 } }`],
    ['a reference comment', (to: string) => `/// <reference path="${to}" />`],
  ] as const;

  test.each(forms)('a higher shelf, by %s', (_form, write) => {
    expect(check({ 'src/client/get.ts': write('../sync/index.ts') })).toEqual([
      expect.stringMatching(/^src\/client\/get\.ts:1: .* client\/ stands on shelf 3 and sync\/ on 6; doors open on lower shelves only$/),
    ]);
  });

  test.each(forms)('the own shelf, by %s', (_form, write) => {
    expect(check({ 'src/client/get.ts': write('../rows/index.ts') })).toEqual([
      expect.stringContaining('client/ stands on shelf 3 and rows/ on 3'),
    ]);
  });

  test.each(forms)('a way around the door, by %s', (_form, write) => {
    expect(check({ 'src/client/get.ts': write('../base/one.ts') })).toEqual([expect.stringContaining('does not come in through the door')]);
  });

  test.each(forms)('the own door from inside, by %s', (_form, write) => {
    expect(check({ 'src/client/own.ts': write('./index.ts') })).toContainEqual(expect.stringContaining('goes through the own door'));
  });

  test.each(forms)('the simulator from a room, by %s', (_form, write) => {
    expect(check({ 'src/sync/run.ts': write('../simulator/index.ts') })).toEqual([
      expect.stringContaining('the simulator, which is for cli/ and tests'),
    ]);
  });

  test.each([
    ['import()', 'export const x = (room: string) => import(`../${room}/index.ts`);'],
    ['import() of a name', 'export const x = (path: string) => import(path);'],
    ['require', 'export const x = (path: string) => require(path);'],
    ['new URL', 'export const x = (path: string) => new URL(path, import.meta.url);'],
    ['import.meta.dirname', 'export const x = `${import.meta.dirname}/../sync/index.ts`;'],
  ])('a path nobody can read, by %s', (_form, text) => {
    expect(check({ 'src/client/get.ts': text })).toEqual([expect.stringContaining('write the path as a plain string')]);
  });

  test.each([
    ['an import by the package’s own name', { 'src/client/get.ts': "import { x } from 'trunkline';" }, 'by its own name'],
    ['an absolute path', { 'src/client/get.ts': "import { x } from 'file:///src/sync/index.ts';" }, 'is an absolute path'],
    ['a path out of src/', { 'src/client/get.ts': "import { x } from '../../scripts/build.mjs';" }, 'leaves src/'],
    ['an import of compiled code', { 'src/client/get.ts': "import { one } from '../base/index.js';" }, 'relative imports end in .ts'],
    ['an import without an ending', { 'src/client/get.ts': "import { one } from '../base/index';" }, 'relative imports end in .ts'],
    ['a folder', { 'src/client/get.ts': "import { one } from '../base';" }, 'relative imports end in .ts'],
    ['a URL without a leading dot', { 'src/client/get.ts': "new URL('index.ts', import.meta.url);" }, 'goes through the own door'],
    ['a room on no shelf', { 'src/utils/index.ts': '// utils/: all sorts.' }, 'is on no shelf'],
    ['a room without a door', { 'src/metrics/a.ts': 'export const a = 1;' }, 'every room has a door'],
    ['a door without a comment', { 'src/rows/index.ts': 'export const rows = 1;' }, 'does not open with a comment'],
    ['a door that lets everything out', { 'src/base/index.ts': "// base/\nexport * from './one.ts';" }, 'a door names what it lets out'],
    ['an import of cli/', { 'src/index.ts': "export { x } from './cli/index.ts';" }, 'nobody imports cli/'],
    ['an import of the package’s entry', { 'src/sync/run.ts': "export { x } from '../index.ts';" }, 'is the package’s entry'],
    ['a test from code', { 'src/client/own.ts': "export { x } from './other.test.ts';" }, 'reaches into a test'],
    [
      'a conformance suite from code',
      { 'src/destinations/index.ts': "// d\nexport { suite } from '../load/destination.conformance.ts';" },
      'is for tests only',
    ],
    [
      'a higher shelf from a test',
      { 'src/client/get.test.ts': "import { sync } from '../sync/index.ts';" },
      'doors open on lower shelves only',
    ],
    [
      'a way around the door from a test',
      { 'test/story.test.ts': "import { get } from '../src/client/get.ts';" },
      'does not come in through the door',
    ],
    [
      'a way around the entries from an example',
      { 'examples/list.ts': "import { x } from '../src/client/index.ts';" },
      'import trunkline by its name',
    ],
    [
      'an optional package loaded at once',
      { 'src/destinations/duckdb/open.ts': "import { DuckDBInstance } from '@duckdb/node-api';\nexport const open = DuckDBInstance;" },
      'is optional',
    ],
    ['files in a room that only computes', { 'src/rows/a.ts': "import { readFileSync } from 'node:fs';" }, 'rows/ only computes'],
    ['a mock of our own module', { 'src/client/get.test.ts': "vi.mock('./get.ts');" }, 'are not mocked'],
  ])('%s', (_what, changes, message) => {
    expect(check(changes)).toEqual([expect.stringContaining(message)]);
  });

  test('circles of imports, type imports included', () => {
    expect(
      check({
        'src/client/own.ts': "import type { get } from './third.ts';\nexport type Own = typeof get;",
        'src/client/third.ts': "export { get } from './get.ts';",
      }),
    ).toEqual(['src/client/get.ts: is part of a circle: src/client/get.ts → src/client/own.ts → src/client/third.ts → src/client/get.ts']);
  });
});
