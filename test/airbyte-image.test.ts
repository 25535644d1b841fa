// What of the Airbyte image can be looked at without an engine that builds it: its description, its entrypoint, and whether
// what it holds is enough to run. Needs a built dist/, which `npm test` sees to.
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { parseMessage } from './support/airbyte-model.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const text = (path: string) => readFileSync(join(root, path), 'utf8');
const dockerfile = text('docker/airbyte/Dockerfile');
const manifest = JSON.parse(text('package.json')) as { readonly version: string; readonly dependencies: object };

test('the image says of itself what platforms ask for', () => {
  const last = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '));
  const entrypoint = JSON.parse(/^ENTRYPOINT (\[.*\])$/m.exec(last)![1]!) as readonly string[];
  expect(/^ENV AIRBYTE_ENTRYPOINT="(.*)"$/m.exec(last)![1]).toBe(entrypoint.join(' '));
  for (const part of entrypoint) expect(part).toMatch(/^\//);
  expect(last).toMatch(/^USER airbyte$/m);
  expect(last).toMatch(/chown -R airbyte:airbyte \/airbyte/);
  expect(last).not.toMatch(/distroless|npm /);
  const metadata = text('docker/airbyte/metadata.yaml');
  const valueOf = (key: string) => new RegExp(`^ +${key}: (.*)$`, 'm').exec(metadata)![1];
  expect(/^LABEL io\.airbyte\.name="(.*)"$/m.exec(last)![1]).toBe(valueOf('dockerRepository'));
  expect(/^LABEL io\.airbyte\.version="(.*)"$/m.exec(last)![1]).toBe(valueOf('dockerImageTag'));
  expect(valueOf('dockerImageTag')).toBe(manifest.version);
  expect(metadata).toMatch(/hosts:\n +- api\.aircall\.io/);
});

test('everything the image is made of is let through to its build', () => {
  const allowed = text('docker/airbyte/Dockerfile.dockerignore')
    .split('\n')
    .filter((line) => line.startsWith('!'))
    .map((line) => line.slice(1));
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(?:--\S+ )*(.+) \S+$/gm)].flatMap(([, sources]) => sources!.split(' '));
  expect(copied.length).toBeGreaterThan(3);
  for (const source of copied) {
    expect(allowed, source).toContain(source.replace(/\/$/, ''));
    expect(() => statSync(join(root, source)), source).not.toThrow();
  }
});

test('what the image holds runs through a shell from any folder, with a heap that fits the container', () => {
  const image = mkdtempSync(join(tmpdir(), 'trunkline-image-'));
  onTestFinished(() => rmSync(image, { recursive: true, force: true }));
  cpSync(join(root, 'dist'), join(image, 'dist'), { recursive: true });
  cpSync(join(root, 'package.json'), join(image, 'package.json'));
  for (const name of Object.keys(manifest.dependencies)) {
    mkdirSync(dirname(join(image, 'node_modules', name)), { recursive: true });
    symlinkSync(join(root, 'node_modules', name), join(image, 'node_modules', name));
  }
  // As good as absent, even where a folder above has it.
  mkdirSync(join(image, 'node_modules/libsql'));
  const entrypoint = join(image, 'entrypoint.sh');
  const memory = join(image, 'memory.max');
  writeFileSync(entrypoint, text('docker/airbyte/entrypoint.sh').replace('/sys/fs/cgroup/memory.max', memory));
  chmodSync(entrypoint, 0o755);
  const path = dirname(process.execPath);
  const run = (line: string, env: Readonly<Record<string, string>> = {}) =>
    spawnSync('/bin/sh', ['-c', `${entrypoint} ${line}`], {
      cwd: '/',
      encoding: 'utf8',
      env: { PATH: `${path}:/usr/bin:/bin`, HOME: image, ...env },
    });

  const program = join(image, 'heap.mjs');
  writeFileSync(program, "import v8 from 'node:v8'; console.error(Math.round(v8.getHeapStatistics().heap_size_limit / 2 ** 20));");
  const heapWith = (limit: string) => {
    writeFileSync(memory, limit);
    return Number(run('spec', { NODE_OPTIONS: `--import=file://${program}` }).stderr.trim());
  };
  const free = heapWith('max\n');
  expect(heapWith(`${400 * 2 ** 20}\n`)).toBeLessThan(450);
  expect(heapWith('9223372036854771712\n')).toBe(free);

  const specified = run('spec');
  expect([specified.status, specified.stderr]).toEqual([0, '']);
  expect(parseMessage(specified.stdout.trim())).toMatchObject({ type: 'SPEC' });
  writeFileSync(join(image, 'config.json'), JSON.stringify({ api_id: 'abc', api_token: 'def', base_url: 'http://127.0.0.1:9' }));
  writeFileSync(join(image, 'catalog.json'), JSON.stringify({ streams: [] }));
  const read = run(`read --config ${image}/config.json --catalog ${image}/catalog.json`);
  expect([read.status, read.stderr]).toEqual([0, '']);
  // Without the optional packages there is no budget to share; it says so and counts for itself.
  expect(parseMessage(read.stdout.split('\n')[0]!)).toMatchObject({
    type: 'LOG',
    log: { message: expect.stringContaining('counted in this process alone') as string },
  });
});
