// The Airbyte source as a process of its own: killed, interrupted, read slowly, or not read at all. Needs a built dist/,
// which `npm test` sees to.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { expect, onTestFinished, test } from 'vitest';
import { Attempt, configure, Platform } from './support/airbyte-platform.ts';
import { killAndResume, openSource, ordinary, program } from './support/airbyte-source.ts';

const none: readonly string[] = [];

test('killed with -9 at any line, the source goes on from the last committed states and nothing is missing', async () => {
  const source = await openSource({ realTime: true, simulator: { calls: 900, contacts: 300 } });
  await killAndResume(source, { kills: 4, seed: 1 });
});

test.each([
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const)('on %s it writes the last safe states, ends its streams, and says so by exit code %i', async (signal, expected) => {
  const source = await openSource({ realTime: true, simulator: { calls: 3000, latencyMs: 15 } });
  const { simulator, streams, secrets, spawn, read } = source;
  const catalog = configure(streams, 'incremental', ordinary);
  const platform = new Platform();
  const child = spawn({ catalog });
  await child.lines(900);
  child.kill(signal);
  const { code, stdout, stderr } = await child.ended;
  expect([code, stderr]).toEqual([expected, '']);
  const attempt = new Attempt({ catalog, secrets, platform }).read(stdout);
  expect(attempt.violations).toEqual(none);
  expect(attempt.statuses('calls')).toEqual(['STARTED', 'RUNNING', 'INCOMPLETE']);
  expect(attempt.states('calls').length).toBeGreaterThan(0);
  expect(attempt.logs.at(-1)!.message).toMatch(new RegExp(`Interrupted by ${signal}`));
  const rest = await read({ catalog, platform });
  expect([rest.attempt.violations, rest.code]).toEqual([[], 0]);
  expect(platform.differences(simulator.truth())).toEqual(none);
});

test('a reader that is slow holds the reading back and gets everything in the end', async () => {
  const { simulator, streams, secrets, spawn } = await openSource({ realTime: true, simulator: { calls: 4000 } });
  const catalog = configure(streams, 'full_refresh', ['calls']);
  const child = spawn({ catalog });
  await child.lines(5);
  child.stdout.pause();
  // Requests stop once pipe and buffers are full.
  let before = -1;
  for (let looks = 0; looks < 100 && before !== simulator.requests.count; looks += 1) {
    before = simulator.requests.count;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  expect(before).toBeLessThan(60);
  child.stdout.resume();
  const { code, stdout } = await child.ended;
  const attempt = new Attempt({ catalog, secrets }).read(stdout).end(code ?? -1);
  expect(attempt.violations).toEqual(none);
  expect(attempt.records('calls').length).toBeGreaterThanOrEqual(simulator.truth().calls.size);
});

test('without a reader it ends at once and quietly', async () => {
  const { simulator, streams, spawn } = await openSource({ realTime: true, simulator: { calls: 4000 } });
  const child = spawn({ catalog: configure(streams, 'full_refresh', ['calls']) });
  await child.lines(5);
  child.stdout.destroy();
  const { code, stderr, signal } = await child.ended;
  expect([code, stderr, signal]).toEqual([1, '', null]);
  expect(simulator.requests.count).toBeLessThan(60);
});

test('the program runs from any folder and through a shell, as platforms start it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'trunkline-airbyte-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ api_id: 'abc', api_token: 'def' }));
  const run = (line: string) =>
    spawnSync('/bin/sh', ['-c', `"${process.execPath}" "${program}" airbyte ${line}`], { cwd: folder, encoding: 'utf8', env: {} });
  expect(run('spec')).toMatchObject({ status: 0, stderr: '' });
  const discovered = run('discover --config=config.json');
  expect(discovered).toMatchObject({ status: 0, stderr: '' });
  expect(run(`discover --config ${join(folder, 'config.json')}`).stdout).toBe(discovered.stdout);
  expect(run('nonsense')).toMatchObject({ status: 2, stdout: '' });
});
