// The package as somebody gets it: packed, installed into an empty folder, used. Needs a built dist/, which `npm test` sees to.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { npm } from '../scripts/npm.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'trunkline-package-'));
const whole = join(folder, 'whole');
const bare = join(folder, 'bare');

beforeAll(() => {
  runNpm(root, 'pack', '--ignore-scripts', '--pack-destination', folder);
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  for (const [project, ...flags] of [[whole], [bare, '--omit=optional']] as const) {
    mkdirSync(project);
    writeFileSync(join(project, 'package.json'), '{ "private": true, "type": "module" }');
    runNpm(project, 'install', '--no-audit', '--no-fund', '--prefer-offline', ...flags, join(folder, tarball ?? ''));
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the package, installed into an empty folder, runs demo', async () => {
  const { code, stdout, stderr } = await trunkline(whole, 'demo');
  expect(stderr).not.toMatch(/\bat .+:\d+:\d+/);
  expect(code).toBe(0);
  expect(stdout).not.toBe('');
});

test('the package, installed without its optional parts, serves the client', async () => {
  const program = "import { createClient } from 'trunkline/client'; console.log(typeof createClient);";
  expect(await node(bare, ['--input-type=module', '--eval', program])).toEqual({ code: 0, stdout: 'function\n', stderr: '' });
});

test('the package, installed without its optional parts, says what to install', async () => {
  const { code, stderr } = await trunkline(bare, 'demo');
  expect(code).toBe(2);
  expect(stderr).toMatch(/npm install .*(?:@duckdb\/node-api|libsql)/);
});

test('a strict TypeScript program compiles against the package', async () => {
  writeFileSync(
    join(whole, 'program.ts'),
    "import { sync } from 'trunkline';\nimport { createClient } from 'trunkline/client';\nimport { startSimulator } from 'trunkline/simulator';\n" +
      'export const all = [sync, createClient, startSimulator];\n',
  );
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  const types = ['--typeRoots', join(root, 'node_modules/@types'), '--types', 'node'];
  const flags = [
    '--noEmit',
    '--strict',
    '--exactOptionalPropertyTypes',
    '--module',
    'nodenext',
    '--target',
    'es2023',
    '--skipLibCheck',
    'false',
  ];
  expect(await node(whole, [compiler, ...flags, ...types, 'program.ts'])).toEqual({ code: 0, stdout: '', stderr: '' });
});

test('the tarball is at most 1 MB', () => {
  const [tarball = ''] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  expect(statSync(join(folder, tarball)).size).toBeLessThanOrEqual(1_000_000);
});

// Elsewhere the binaries for the platform have other sizes.
test.runIf(process.platform === 'linux')('npm ci brings at most 300 MB', () => {
  let sizeBytes = 0;
  for (const entry of readdirSync(join(root, 'node_modules'), { recursive: true, withFileTypes: true })) {
    // What tools keep there comes after the install.
    const isCache = /[/\\]node_modules[/\\]\.(?:cache|vite|vitest)(?:[/\\]|$)/.test(entry.parentPath);
    if (entry.isFile() && !isCache) sizeBytes += statSync(join(entry.parentPath, entry.name)).size;
  }
  expect(sizeBytes).toBeGreaterThan(100_000_000);
  expect(sizeBytes).toBeLessThanOrEqual(300_000_000);
});

type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string };

function trunkline(project: string, ...line: readonly string[]): Promise<Ended> {
  const home = join(project, 'node_modules/trunkline');
  const { bin } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as { readonly bin: { readonly trunkline: string } };
  return node(project, [join(home, bin.trunkline), ...line]);
}

function node(cwd: string, args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd, encoding: 'utf8' }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), stdout, stderr });
    });
  });
}

function runNpm(cwd: string, ...args: readonly string[]): void {
  const { status, stderr } = npm(args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`npm ${args.join(' ')}: ${stderr}`);
}
