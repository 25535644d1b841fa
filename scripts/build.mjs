// Builds dist/ from src/ with the TypeScript compiler; no bundler. Run by `npm ci` through "prepare".
// The new dist/ takes the old one's place in one step: what runs meanwhile never sees half a build, and a build that
// fails leaves the old one standing.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const next = join(root, `dist-${process.pid}`);
const old = join(root, `dist-${process.pid}-old`);
const dist = join(root, 'dist');
const compiler = join(root, 'node_modules/typescript/bin/tsc');

try {
  const { status } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json', '--outDir', next], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status === 0) {
    const bin = join(next, 'cli/main.js');
    if (existsSync(bin)) chmodSync(bin, 0o755);
    if (existsSync(dist)) renameSync(dist, old);
    renameSync(next, dist);
  }
  process.exitCode = status ?? 1;
} finally {
  rmSync(next, { recursive: true, force: true });
  rmSync(old, { recursive: true, force: true });
}
