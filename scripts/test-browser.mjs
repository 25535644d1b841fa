// The tests that need a browser, `*.browser.test.ts`: they drive the Chromium of this machine, so that none is downloaded. Where there
// is none, it is installed with apt if that can be done without asking; else this says what to do, and fails.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const places = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

const find = () => [process.env['TRUNKLINE_TEST_CHROMIUM'], ...places].find((path) => path !== undefined && existsSync(path));

let chromium = find();
if (chromium === undefined && process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
  console.log('There is no Chromium on this machine: apt installs it.');
  const options = { stdio: /** @type {const} */ ('inherit'), env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  spawnSync('apt-get', ['update', '-qq'], options);
  spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], options);
  chromium = find();
}

if (chromium === undefined) {
  console.error(
    'The tests that need a browser cannot run: there is no Chromium. Install it (Debian: apt-get install chromium), or say where it is with ' +
      'TRUNKLINE_TEST_CHROMIUM=/path/to/chromium.',
  );
  process.exitCode = 1;
} else if (spawnSync(process.execPath, [join(root, 'scripts/test-vendors.mjs')], { stdio: 'inherit' }).status !== 0) {
  process.exitCode = 1;
} else {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const { status } = spawnSync(process.execPath, [vitest, 'run', '--config', 'vitest.browser.config.ts', ...process.argv.slice(2)], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, TRUNKLINE_TEST_CHROMIUM: chromium },
  });
  process.exitCode = status ?? 1;
}
