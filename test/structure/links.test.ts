import { existsSync } from 'node:fs';
import { posix } from 'node:path';
import { expect, test } from 'vitest';
import { pathsIn, textFile } from './files.ts';

test('links between the documents lead somewhere', () => {
  const documents = [
    'README.md',
    'AGENTS.md',
    'CONTRIBUTING.md',
    'SECURITY.md',
    'CHANGELOG.md',
    ...pathsIn('docs'),
    ...pathsIn('bench'),
    ...pathsIn('examples'),
  ];
  const dead = documents
    .filter((path) => path.endsWith('.md'))
    .flatMap((path) =>
      [...textFile(path).matchAll(/\]\(([^)\s]+)\)/g)]
        .map(([, target = '']) => target.replace(/#.*$/, ''))
        .filter((target) => target !== '' && !/^[a-z]+:/.test(target))
        .filter((target) => !existsSync(new URL(`../../${posix.join(posix.dirname(path), target)}`, import.meta.url)))
        .map((target) => `${path}: ${target}`),
    );
  expect(dead).toEqual([]);
});
