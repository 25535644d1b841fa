// What an installation weighs.
import { cpSync, lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { npm } from '../scripts/npm.mjs';
import { atMost, bench, root } from './support/bench.mjs';
import { withFolder } from './support/processes.mjs';

await bench({ name: 'size', does: 'the tarball, and what `npm ci` brings' }, async ({ quick, figure }) => {
  const packed = npm(['pack', '--dry-run', '--ignore-scripts', '--json'], { cwd: root, encoding: 'utf8' });
  if (packed.status !== 0) throw new Error(packed.stderr);
  const [pack] = /** @type {[{ size: number, unpackedSize: number, entryCount: number }]} */ (JSON.parse(packed.stdout));
  figure({
    name: 'the tarball',
    runs: [pack.size / 1e6],
    unit: 'MB',
    goal: atMost(1, ' MB'),
    note: `${pack.entryCount} files, ${(pack.unpackedSize / 1e6).toFixed(1)} MB unpacked`,
  });

  await withFolder(async (folder) => {
    let installed = join(root, 'node_modules');
    if (!quick) {
      mkdirSync(join(folder, 'clone'));
      for (const file of ['package.json', 'package-lock.json', '.npmrc']) cpSync(join(root, file), join(folder, 'clone', file));
      const { status, stderr } = npm(['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'], {
        cwd: join(folder, 'clone'),
        encoding: 'utf8',
      });
      if (status !== 0) throw new Error(stderr);
      installed = join(folder, 'clone/node_modules');
    }
    const { bytes, files } = weigh(installed);
    figure({
      name: '`npm ci` in the repository',
      runs: [bytes / 1e6],
      unit: 'MB',
      goal: atMost(300, ' MB'),
      note: `${files} files, development tools included`,
      digits: 1,
    });
  });
});

/**
 * @param {string} folder
 * @returns {{ bytes: number, files: number }}
 */
function weigh(folder) {
  let bytes = 0;
  let files = 0;
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const found = lstatSync(path);
    if (found.isDirectory() && name !== '.cache') {
      const inner = weigh(path);
      bytes += inner.bytes;
      files += inner.files;
    } else if (found.isFile()) {
      bytes += found.size;
      files += 1;
    }
  }
  return { bytes, files };
}
