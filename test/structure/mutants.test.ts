// The list of what is broken on purpose names lines of the sources: it must know them as they are now.
import { expect, test } from 'vitest';
import { mutants } from '../mutants.data.mjs';
import { sourceFiles } from './files.ts';

test('every line that is broken on purpose stands in its file once, and the tests that must notice are there', () => {
  const files = sourceFiles('src');
  const unknown = mutants.filter(({ file, find }) => files.get(file)?.split(find).length !== 2);
  expect(unknown.map(({ file, find }) => `${file}: ${find}`)).toEqual([]);
  const named = new Set(mutants.flatMap(({ tests }) => tests));
  expect([...named].filter((each) => !files.has(each))).toEqual([]);
});
