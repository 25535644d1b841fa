// Runs every benchmark after the other, each in a process of its own: `npm run bench`. Arguments go to all of them:
// `npm run bench -- --quick`. The exit code is 1 when one of them ended in an error; a missed goal is not an error.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('.', import.meta.url));
/** @type {string[]} */
const failed = [];
for (const file of readdirSync(folder).filter((name) => name.endsWith('.bench.mjs'))) {
  const { status } = spawnSync(process.execPath, [join(folder, file), ...process.argv.slice(2)], { stdio: 'inherit' });
  if (status !== 0) failed.push(file);
}
if (failed.length > 0) console.error(`\nThese ended in an error: ${failed.join(', ')}.`);
process.exitCode = failed.length > 0 ? 1 : 0;
