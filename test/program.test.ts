// The program as a process: what only a process can show. Needs a built dist/, which `npm test` sees to.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { startSimulator } from '../src/simulator/index.ts';

const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));

test('the first interrupt ends a sync in good order with 130, and the next sync goes on', async () => {
  const { folder, env, requests } = await company({ calls: 4000, latencyMs: 20 });
  const program = start(['sync'], folder, env);
  await expect.poll(requests, { timeout: 30_000 }).toBeGreaterThan(12);
  program.interrupt();
  const { code, stderr } = await program.ended;
  expect({ code, stack: /\bat .+:\d+:\d+/.test(stderr) }).toEqual({ code: 130, stack: false });
  expect(await start(['sync'], folder, env).ended).toMatchObject({ code: 0 });
});

test('a second interrupt ends it at once', async () => {
  const { folder, env, requests } = await company({ calls: 4000, latencyMs: 2000 });
  const program = start(['sync'], folder, env);
  await expect.poll(requests, { timeout: 30_000 }).toBeGreaterThan(0);
  program.interrupt();
  program.interrupt();
  expect(await program.ended).toMatchObject({ code: 130 });
});

test('a reader that closes the pipe early is no error', async () => {
  const { folder, env } = await company({ calls: 2000 });
  await start(['sync', 'calls'], folder, env).ended;
  const program = start(['query', 'SELECT * FROM calls', '--format', 'json'], folder, env);
  program.closeOutput();
  expect(await program.ended).toMatchObject({ code: 0, stderr: '' });
});

test('a sync whose progress nobody reads any more goes on to its end', async () => {
  const { folder, env } = await company({ calls: 2000 });
  const program = start(['sync'], folder, env);
  program.closeErrors();
  expect(await program.ended).toMatchObject({ code: 0 });
  const counted = await start(['query', 'SELECT count(*) AS n FROM calls', '--format', 'csv'], folder, env).ended;
  expect(counted.stdout).toBe('n\r\n2000\r\n');
});

async function company(sizes: { readonly calls: number; readonly latencyMs?: number }) {
  const simulator = await startSimulator({ contacts: 20, requestsPerMinute: 'off', ...sizes });
  const folder = mkdtempSync(join(tmpdir(), 'trunkline-'));
  onTestFinished(async () => {
    await simulator.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const { apiId, apiToken, baseUrl } = simulator;
  const env = { AIRCALL_API_ID: apiId, AIRCALL_API_TOKEN: apiToken, AIRCALL_BASE_URL: baseUrl, TRUNKLINE_QUOTA: 'off' };
  return { folder, env, requests: () => simulator.requests.count };
}

function start(line: readonly string[], cwd: string, env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, [main, ...line], { cwd, env: { ...process.env, ...env } });
  const outputs = { stdout: '', stderr: '' };
  child.stdout.on('data', (piece: Buffer) => (outputs.stdout += piece.toString()));
  child.stderr.on('data', (piece: Buffer) => (outputs.stderr += piece.toString()));
  const ended = new Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>((resolve) => {
    child.once('close', (code) => resolve({ code, ...outputs }));
  });
  return {
    ended,
    interrupt: () => child.kill('SIGINT'),
    closeOutput: () => child.stdout.destroy(),
    closeErrors: () => child.stderr.destroy(),
  };
}
