// The tests that need a browser: `*.browser.test.ts`. Trunkline has no page yet, so there are none, and this says so. Should
// one appear before this script knows how to run it, that is a failure and not silence.
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const tests = ['src', 'test'].flatMap((folder) =>
  readdirSync(`${root}${folder}`, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.browser.test.ts')),
);

if (tests.length === 0) {
  console.log('No browser tests: Trunkline has no page yet. Nothing was run.');
} else {
  console.error(`There are browser tests (${tests.join(', ')}), but nothing here runs them.`);
  process.exitCode = 1;
}
