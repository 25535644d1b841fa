import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished, expect, test } from 'vitest';
import { systemClock } from '../../base/index.ts';
import type { Clock } from '../../base/index.ts';
import { thisMachine } from '../machine.ts';
import type { Liveness, Machine } from '../machine.ts';
import type { PackageFacts, RunStart, StreamFacts } from './run.ts';
import { openRuns } from './runs.ts';

const start: RunStart = { command: 'sync', streams: ['calls', 'users'], startedAt: '2026-03-01T08:00:00.000Z', version: '0.1.0' };
const calls: StreamFacts = {
  stream: 'calls',
  outcome: 'done',
  rows: 25_000,
  written: 24_990,
  deleted: 0,
  quarantined: 2,
  windows: 3,
  requests: 501,
  message: null,
};
const pending: StreamFacts = {
  stream: 'users',
  outcome: 'pending',
  rows: 0,
  written: 0,
  deleted: 0,
  quarantined: 0,
  windows: 0,
  requests: 0,
  message: null,
};
const first: PackageFacts = { packageId: 'p-1', sequence: 1, rows: 20_000, bytes: 5_000_000, committedAt: '2026-03-01T08:01:00.000Z' };
const second: PackageFacts = { ...first, packageId: 'p-2', sequence: 2 };

test('a run is told from its begin to its end, as plain JSON', async () => {
  const { runs } = await open();
  const id = await runs.begin(start);
  expect(runs.get(id)).toMatchObject({ status: 'running', exit: null, streams: [{ ...pending, stream: 'calls' }, pending], packages: [] });

  await runs.note(id, { streams: [{ ...calls, outcome: 'running', rows: 50 }], packages: [second], requests: 3 });
  await runs.note(id, { streams: [calls], packages: [first, second], requests: 502 });
  await runs.note(id, {});
  await runs.end(id, { exit: 1, summary: 'One stream failed.', error: 'Aircall answered 500 five times.' });
  const run = runs.get(id);
  expect(run).toEqual({
    id,
    command: 'sync',
    version: '0.1.0',
    host: run?.host,
    pid: process.pid,
    status: 'ended',
    startedAt: start.startedAt,
    endedAt: '2026-03-01T09:00:00.000Z',
    exit: 1,
    summary: 'One stream failed.',
    error: 'Aircall answered 500 five times.',
    requests: 502,
    streams: [calls, pending],
    packages: [first, second],
  });
  const printed = JSON.stringify(run);
  expect(JSON.parse(printed)).toEqual(run);
});

test('the newest runs come first, as many as asked for, also after opening again', async () => {
  const { runs, home } = await open();
  const ids = [await runs.begin(start), await runs.begin(start), await runs.begin(start)];
  runs.close();
  runs.close();
  const again = await openRuns({ home });
  expect(again.list({ limit: 2 }).map((run) => run.id)).toEqual(ids.toReversed().slice(0, 2));
  expect(again.list({ limit: 0 })).toEqual([]);
  expect(again.get(99)).toBeUndefined();
  expect(() => again.list({ limit: -1 })).toThrow('not a number of runs');
  again.close();
});

test('a run whose process is gone has died, and stays told as far as it came', async () => {
  const { runs, home } = await open();
  const id = await runs.begin(start);
  await runs.note(id, { streams: [calls] });
  runs.close();
  const later = await openRuns({ home, machine: machine('dead') });
  expect(later.get(id)).toMatchObject({ status: 'died', exit: null, streams: [calls, pending] });
  later.close();
});

test('a run before a restart of the machine has died', async () => {
  const { runs, home } = await open();
  const id = await runs.begin(start);
  runs.close();
  const later = await openRuns({ home, machine: machine('unknown', 'after-restart') });
  expect(later.get(id)?.status).toBe('died');
  later.close();
});

test('a run that cannot be looked at counts as running until it has been silent for a day', async () => {
  const { home, runs } = await open();
  const id = await runs.begin(start);
  runs.close();
  const look = async (hoursLater: number): Promise<string | undefined> => {
    const elsewhere = await openRuns({ home, machine: machine('unknown'), clock: clockAt(hoursLater) });
    const status = elsewhere.get(id)?.status;
    elsewhere.close();
    return status;
  };
  expect(await look(23)).toBe('running');
  expect(await look(25)).toBe('died');
});

test('only the newest thousand runs are kept, with what belongs to them', async () => {
  const { runs } = await open();
  const id = await runs.begin(start);
  await runs.note(id, { packages: [first] });
  for (let more = 0; more < 1_000; more += 1) await runs.begin({ ...start, streams: [] });
  expect(runs.get(id)).toBeUndefined();
  expect(runs.list({ limit: 5_000 })).toHaveLength(1_000);
});

async function open() {
  const home = mkdtempSync(path.join(tmpdir(), 'trunkline-runs-'));
  const runs = await openRuns({ home, clock: clockAt(0), machine: machine('alive') });
  onTestFinished(() => {
    runs.close();
    rmSync(home, { recursive: true, force: true });
  });
  return { home, runs };
}

function machine(liveness: Liveness, kernel = thisMachine.self.kernel): Machine {
  return { self: { ...thisMachine.self, kernel }, uptimeMs: () => 0, liveness: () => liveness };
}

function clockAt(hoursLater: number): Clock {
  const nowMs = Date.parse('2026-03-01T09:00:00.000Z') + hoursLater * 3_600_000;
  return { ...systemClock, now: () => nowMs };
}
