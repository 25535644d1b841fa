// Packs what npm would publish and looks at it as somebody who installs it would: the entries resolve (publint), nothing is in it
// that has no business there, and it is small. Needs a built dist/. That its types fit a strict program is a test of its own.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { npm } from './npm.mjs';

const sizeLimitBytes = 1_000_000;
const expected = /^(?:dist\/.+\.(?:js|d\.ts|sql|json)|schema\/.+\.schema\.json|package\.json|README\.md|CHANGELOG\.md|LICENSE|llms\.txt)$/;
const never = /\.(?:test|conformance)\.(?:js|d\.ts)$/;

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'trunkline-pack-'));
/** @type {string[]} */
const wrong = [];

try {
  const packed = npm(['pack', '--ignore-scripts', '--json', '--pack-destination', folder], { cwd: root, encoding: 'utf8' });
  if (packed.status !== 0) throw new Error(`npm pack failed:\n${packed.stderr}`);
  const [pack] = /** @type {[{ filename: string, size: number, files: { path: string }[] }]} */ (JSON.parse(packed.stdout));
  const tarball = join(folder, pack.filename);

  for (const { path } of pack.files) if (!expected.test(path) || never.test(path)) wrong.push(`${path} is in the package.`);
  if (pack.size > sizeLimitBytes) wrong.push(`The tarball has ${pack.size} bytes; at most ${sizeLimitBytes} are meant.`);

  const { status, stdout, stderr } = spawnSync(process.execPath, ['node_modules/publint/src/cli.js', 'run', tarball, '--strict'], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0) wrong.push(`${stdout}${stderr}`);
  console.log(`${pack.files.length} files, ${pack.size} bytes packed`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

for (const line of wrong) console.error(line);
process.exitCode = wrong.length > 0 ? 1 : 0;
