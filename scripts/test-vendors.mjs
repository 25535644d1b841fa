// Installs what tests alone need and is large, into test/vendors, with a lock file of its own; does nothing when it is there. The
// first thing `npm test` does.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { npm } from './npm.mjs';

const folder = fileURLToPath(new URL('../test/vendors', import.meta.url));

if (textOf('package-lock.json') !== textOf('node_modules/.installed')) {
  console.log('Installing what tests alone need (test/vendors) …');
  const { status } = npm(['ci', '--no-audit', '--no-fund'], { cwd: folder, stdio: 'inherit', encoding: 'utf8' });
  if (status === 0) writeFileSync(join(folder, 'node_modules/.installed'), textOf('package-lock.json') ?? '');
  process.exitCode = status ?? 1;
}

/** @param {string} name */
function textOf(name) {
  try {
    return readFileSync(join(folder, name), 'utf8');
  } catch {
    return undefined;
  }
}
