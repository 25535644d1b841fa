import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import type { Liveness, Machine } from '../machine.ts';
import { openGatewayDatabase } from './database.ts';
import { findServing, takeServingPlace } from './serving.ts';

test('one process at a time serves a company, and the next one when it has left', async () => {
  const { take } = await open();
  const place = await take(1, 'alive');
  await expect(take(2, 'alive')).rejects.toMatchObject({ code: 'serving_already', message: expect.stringContaining('1') as string });
  await place.leave();
  await expect(take(2, 'alive')).resolves.toBeDefined();
  await expect(take(3, 'alive', 'other-co')).resolves.toBeDefined();
});

test('a process that died holds nothing', async () => {
  const { take } = await open();
  await take(1, 'alive');
  await expect(take(2, 'dead')).resolves.toBeDefined();
});

test('of a process elsewhere only its silence can be known', async () => {
  const { take, clock } = await open();
  const place = await take(1, 'alive');
  await clock.advance(40_000);
  await place.sign();
  await clock.advance(44_999);
  await expect(take(2, 'unknown')).rejects.toMatchObject({ code: 'serving_already' });
  await clock.advance(1);
  await expect(take(2, 'unknown')).resolves.toBeDefined();
  // The first one was only slow: it learns that its place is gone, and does not take away the other's by leaving.
  expect(await place.sign()).toBe(false);
  await place.leave();
  await expect(take(3, 'alive')).rejects.toMatchObject({ code: 'serving_already' });
});

test('others of the same machine learn where the process that serves is reached, and nothing of one that died', async () => {
  const { take, find } = await open();
  expect(find('alive')).toBeNull();
  const place = await take(1, 'alive');
  expect(find('alive')).toEqual({ pid: 1, url: null });
  await place.announce('http://127.0.0.1:4242');
  expect(find('alive')).toEqual({ pid: 1, url: 'http://127.0.0.1:4242' });
  // In another container the same address is somebody else’s.
  expect(find('unknown')).toEqual({ pid: 1, url: null });
  expect(find('dead')).toBeNull();
  await place.leave();
  expect(find('alive')).toBeNull();
});

async function open() {
  const home = mkdtempSync(join(tmpdir(), 'trunkline-'));
  const database = await openGatewayDatabase({ home });
  onTestFinished(() => {
    database.close();
    rmSync(home, { recursive: true, force: true });
  });
  const clock = new FakeClock();
  const machine = (pid: number, others: Liveness): Machine => ({
    self: { kernel: 'k', namespace: 'n', pid, started: String(pid) },
    uptimeMs: () => clock.monotonic(),
    liveness: () => others,
  });
  const take = (pid: number, others: Liveness, company = 'example-co') =>
    takeServingPlace({ database, company, clock, machine: machine(pid, others) });
  const find = (others: Liveness) => findServing({ database, company: 'example-co', clock, machine: machine(99, others) });
  return { clock, take, find };
}
