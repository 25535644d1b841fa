import { expect, test } from 'vitest';
import { sourceFiles, textFile } from './files.ts';
import { hasTest } from './titles.ts';

/** `path`: “title” */
const named = /`(?<file>[\w./-]+\.test\.ts)`: “(?<title>.+?)”(?=;|$)/gm;

test('every test that docs/security.md names exists, and every line of its list names one', () => {
  const page = textFile('docs/security.md');
  const found = [...page.matchAll(named)].map(({ groups }) => ({ file: groups?.['file'] ?? '', title: groups?.['title'] ?? '' }));
  const files = sourceFiles('src', 'test');
  expect(found.length).toBeGreaterThan(40);
  expect(found.filter(({ file, title }) => !hasTest(files, file, title))).toEqual([]);
  const lines = page.slice(page.indexOf('## The list')).split('\n');
  expect(lines.filter((line) => line.startsWith('- ') && line.search(named) === -1)).toEqual([]);
});
