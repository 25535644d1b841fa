// `trunkline serve` as a process of its own, the built program, on a free port.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished } from 'vitest';
import type { Shell } from './cli.ts';

/** Ready when it returns; ended with the test. `limit`: what a shell does first, such as `ulimit -f 1200; `. `said`: what it
 * has printed. */
export async function serveAsProcess(shell: Shell, limit = '', ...options: readonly string[]) {
  const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
  const serve = ['serve', '--listen', '127.0.0.1:0', ...options];
  const [command, ...words] =
    limit === '' ? [process.execPath, main, ...serve] : ['/bin/sh', '-c', `${limit}exec "$0" "$@"`, process.execPath, main, ...serve];
  const program = spawn(command, words, {
    cwd: shell.cwd,
    env: { PATH: process.env['PATH'], ...shell.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void program.kill('SIGKILL'));
  let said = '';
  for (const stream of [program.stdout, program.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));
  const ended = new Promise<number | null>((resolve) => program.once('exit', resolve));
  await expect.poll(() => said, { timeout: 20_000 }).toMatch(/until Ctrl-C/);
  const [, url = '', port = ''] = /at (http:\/\/127\.0\.0\.1:(\d+)) until/.exec(said) ?? [];
  return { url, port: Number(port), ended, said: () => said, kill: (signal: 'SIGTERM' | 'SIGKILL') => void program.kill(signal) };
}
