// The image of the capture, as far as that shows without building it: what its Dockerfile says, and that what it copies is
// enough to run.
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { decode } from './support/flow-protocol.ts';
import { jsonFile, textFile } from './structure/files.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const dockerfile = textFile('docker/estuary/Dockerfile');
const instructions = dockerfile.split('\n').filter((line) => /^[A-Z]+ /.test(line));
const final = instructions.slice(instructions.findLastIndex((line) => line.startsWith('FROM ')));

test('the image says that it is a capture that speaks JSON, runs as nobody in particular, and has no shell', () => {
  expect(final).toContain('LABEL FLOW_RUNTIME_PROTOCOL=capture');
  expect(final).toContain('LABEL FLOW_RUNTIME_CODEC=json');
  expect(final.filter((line) => line.startsWith('USER '))).toEqual(['USER nonroot']);
  expect(final[0]).toMatch(/^FROM gcr\.io\/distroless\/nodejs22-debian12:nonroot$/);
  expect(final.some((line) => line.startsWith('RUN ') || line.startsWith('CMD '))).toBe(false);
});

test('what the image copies is enough to run its entrypoint', () => {
  const folder = mkdtempSync(join(tmpdir(), 'trunkline-image-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const { dependencies } = jsonFile('package.json') as { readonly dependencies: Readonly<Record<string, string>> };
  mkdirSync(join(folder, 'node_modules'));
  for (const name of Object.keys(dependencies)) {
    mkdirSync(dirname(join(folder, 'node_modules', name)), { recursive: true });
    symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name));
  }
  cpSync(join(root, 'package.json'), join(folder, 'package.json'));
  cpSync(join(root, 'dist'), join(folder, 'dist'), { recursive: true });

  const entrypoint = JSON.parse(final.find((line) => line.startsWith('ENTRYPOINT '))!.slice('ENTRYPOINT '.length)) as readonly string[];
  const [node, program, ...rest] = entrypoint;
  expect(node).toBe('/nodejs/bin/node');
  const { stdout, stderr, status } = spawnSync(process.execPath, [program!.replace('/connector', folder), ...rest], {
    input: '{"spec":{}}\n',
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: '', XDG_STATE_HOME: '/nowhere', FLOW_RUNTIME_CODEC: 'json' },
  });
  expect([status, stderr]).toEqual([0, '']);
  expect(decode(stdout.trimEnd()).kind).toBe('spec');
});
