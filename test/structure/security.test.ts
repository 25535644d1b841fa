import { expect, test } from 'vitest';
import { sourceFiles, textFile } from './files.ts';
import { hasTest } from './titles.ts';

/** `path`: “title” */
const named = /`(?<file>[\w./-]+\.test\.ts)`: “(?<title>.+?)”(?=;|$)/gm;

test.each([
  ['docs/security.md', '## The list'],
  ['docs/owasp-mcp.md', ''],
])('every test that %s names exists, and every line of its list names one', (path, from) => {
  const page = textFile(path);
  const found = [...page.matchAll(named)].map(({ groups }) => ({ file: groups?.['file'] ?? '', title: groups?.['title'] ?? '' }));
  const files = sourceFiles('src', 'test');
  expect(found.length).toBeGreaterThan(10);
  expect(found.filter(({ file, title }) => !hasTest(files, file, title))).toEqual([]);
  const lines = page.slice(page.indexOf(from)).split('\n');
  expect(lines.filter((line) => line.startsWith('- ') && line.search(named) === -1)).toEqual([]);
});
