// A runtime that reads slowly, or not at all, and one that closes its end.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Simulator } from '../src/simulator/index.ts';
import { openCapture } from './support/flow-capture.ts';
import { startProcess } from './support/flow-connector.ts';

const none: readonly string[] = [];

/** Resolves once requests have come in since it was called, and then none for two seconds: with how many there were. */
async function requestsAtRest({ requests }: Simulator): Promise<number> {
  const before = requests.count;
  let last = before;
  for (let quietSeconds = 0; quietSeconds < 2;) {
    await sleep(1000);
    quietSeconds = requests.count === last && last > before ? quietSeconds + 1 : 0;
    last = requests.count;
  }
  return last - before;
}

function residentBytes(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}

test('while the runtime reads nothing, Aircall is asked for nothing and memory does not grow; then it goes on', async () => {
  const { simulator, runtime, differences } = await openCapture({ simulator: { calls: 6000, contacts: 0 } });
  await runtime.publish({ names: ['calls'] });
  const connector = startProcess();
  connector.pause();
  connector.write(`${JSON.stringify(runtime.openRequest(runtime.bindings))}\n`);
  const asked = await requestsAtRest(simulator);
  expect(asked).toBeGreaterThan(3);
  expect(asked).toBeLessThan(60);
  if (process.platform === 'linux') {
    const held = residentBytes(connector.pid!);
    await sleep(1000);
    expect(residentBytes(connector.pid!)).toBeLessThan(held + 8_000_000);
  }
  connector.resume();
  let documents = 0;
  for await (const line of connector.lines()) if (line.startsWith('{"captured"')) documents += 1;
  expect((await connector.ended).code).toBe(0);
  expect(documents).toBe(simulator.company.calls.count);
  expect(differences({ streams: [] })).toEqual(none);
});

test('told to end while the runtime reads nothing, it ends all the same, and says that the last of it is cut off', async () => {
  const { simulator, runtime } = await openCapture({ simulator: { calls: 3000 } });
  await runtime.publish({ names: ['calls'] });
  const connector = startProcess();
  connector.pause();
  connector.write(`${JSON.stringify(runtime.openRequest(runtime.bindings))}\n`);
  await requestsAtRest(simulator);
  connector.kill('SIGTERM');
  await connector.exited;
  connector.resume();
  const { code, stderr } = await connector.ended;
  expect(code).toBe(1);
  expect(JSON.parse(stderr.trimEnd().split('\n').at(-1)!)).toMatchObject({
    level: 'error',
    message: expect.stringMatching(/takes nothing/),
  });
});

test('told to end while the runtime is slow, it finishes the unit it is writing', async () => {
  const { simulator, runtime } = await openCapture({ simulator: { calls: 3000 } });
  await runtime.publish({ names: ['calls'] });
  const live = runtime.begin({ isProcess: true });
  live.connector.pause();
  await requestsAtRest(simulator);
  live.connector.kill('SIGTERM');
  await sleep(500);
  live.connector.resume();
  const { code } = await live.ended;
  expect(code).toBe(0);
  expect(runtime.documents('calls').size).toBeGreaterThan(0);
  expect(runtime.violations).toEqual(none);
});

test('when the runtime closes its end, it ends at once', async () => {
  const { runtime } = await openCapture({ simulator: { calls: 3000 }, advanced: { run_once: false } });
  await runtime.publish();
  const connector = startProcess();
  connector.write(`${JSON.stringify(runtime.openRequest(runtime.bindings))}\n`);
  const lines = connector.lines();
  await lines.next();
  connector.closeOutput();
  const { code, stderr } = await connector.ended;
  expect(code).toBe(1);
  expect(stderr).not.toMatch(/EPIPE|at .+:\d+:\d+/);
});
