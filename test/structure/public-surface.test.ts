import { expect, test } from 'vitest';
import { jsonFile, textFile } from './files.ts';
import { exportedNames } from './public-surface.ts';

test('the names programs can import are the ones written down', async () => {
  const { exports } = jsonFile('package.json') as { readonly exports: Readonly<Record<string, string | { readonly default: string }>> };
  const lines = Object.entries(exports).flatMap(([entry, target]) => {
    if (typeof target === 'string') return [];
    const source = target.default.replace(/^\.\/dist\//, 'src/').replace(/\.js$/, '.ts');
    return [`trunkline${entry.slice(1)}`, ...exportedNames(source, textFile(source)).map((name) => `  ${name}`), ''];
  });
  await expect(lines.join('\n')).toMatchFileSnapshot('./public-surface.txt');
});

test('values, types and renamed names are told apart', () => {
  const text =
    "export { a, b as c } from './a.ts'; export type { D } from './d.ts'; export const e = 1; export interface F {} export * as g from './g.ts';";
  expect(exportedNames('x.ts', text)).toEqual(['a', 'c', 'e', 'g', 'type D', 'type F']);
});
