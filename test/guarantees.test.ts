// The promises of a run, each broken in the way that would break it first. Whole runs: simulator, packages, destination.
import { spawn } from 'node:child_process';
import { mkdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { duckdb } from '../src/destinations/index.ts';
import { DestinationFailed, DestinationLocked } from '../src/load/index.ts';
import { FakeClock } from './support/fake-clock.ts';
import { openLab } from './support/lab.ts';
import { flaws } from './support/sound.ts';

test('a stream that is called off half-way does not claim to be done', async () => {
  const lab = await openLab({ inMemory: true, simulator: { contacts: 200 } });
  const calledOff = new AbortController();
  lab.simulator.faults.choose({ endpoint: 'contacts.list', page: 2 }, () => {
    calledOff.abort();
    return undefined;
  });
  const result = await lab.run({ signal: calledOff.signal });
  expect(result.outcome).toBe('interrupted');
  const [last] = result.streams.slice(-1);
  expect([last?.stream, last?.outcome]).toEqual(['contacts', 'incomplete']);
  expect(last?.messages).toEqual(['The run was interrupted before this stream was read to its end.']);
});

test('a run goes on from the package that it found waiting, not from before it', async () => {
  const lab = await openLab({ inMemory: true });
  const { company } = lab.simulator;
  const [user] = company.users.all();
  await lab.run();
  company.users.update(user!.id, { wrapUpTime: 77 });
  lab.memory.mishap = () => ({ when: 'before', error: new DestinationFailed({ label: 'memory', reason: 'a test said so.' }) });
  await expect(lab.run()).rejects.toThrow('a test said so');
  lab.memory.mishap = () => null;
  company.users.update(user!.id, { wrapUpTime: user!.wrapUpTime });

  const result = await lab.run();
  expect(result.outcome).toBe('done');
  expect(await lab.differences()).toEqual([]);
});

test('observations go on after those of a package that waited, even when the clock was set back', async () => {
  const lab = await openLab({ inMemory: true, clock: new FakeClock({ hurry: true }) });
  lab.memory.mishap = () => ({ when: 'before', error: new DestinationFailed({ label: 'memory', reason: 'a test said so.' }) });
  await expect(lab.run()).rejects.toThrow('a test said so');
  lab.memory.mishap = () => null;
  for (const call of lab.simulator.company.calls.all()) lab.simulator.company.calls.update(call.id, { cost: '9.9' });

  const earlier = new FakeClock({ hurry: true, startMs: lab.clock.now() - 3_600_000 });
  expect((await lab.run({ clock: earlier, full: true })).outcome).toBe('done');
  expect(await flaws(lab.tables)).toEqual([]);
  expect(await lab.differences()).toEqual([]);
});

test('a second run within the same second sees what has come since', async () => {
  const lab = await openLab({ inMemory: true });
  await lab.run();
  const { id } = lab.simulator.company.contacts.add({ firstName: 'New' });
  await lab.run({ streams: ['contacts'] });
  expect([...lab.memory.rows('contacts').keys()]).toContain(String(id));
});

test('a clock that was set back between two runs changes nothing: new values win, leases and budget go on', async () => {
  const clock = new FakeClock({ hurry: true });
  const lab = await openLab({ clock, duckdb: { clock }, simulator: { calls: 60, contacts: 30 } });
  const streams = ['users', 'contacts', 'calls'];
  await lab.run({ streams });
  for (const { id } of lab.simulator.company.users.all()) lab.simulator.company.users.update(id, { wrapUpTime: 99 });
  for (const { id } of lab.simulator.company.calls.all()) lab.simulator.company.calls.update(id, { cost: '9.9' });
  const [contact] = lab.simulator.company.contacts.all();
  lab.simulator.company.contacts.update(contact!.id, { information: 'changed' });

  const earlier = new FakeClock({ hurry: true, startMs: clock.now() - 3 * 24 * 3_600_000 });
  const destination = duckdb({ path: lab.path, clock: earlier });
  expect((await lab.run({ streams, destination, clock: earlier, full: true })).outcome).toBe('done');
  expect(await lab.differences({ streams })).toEqual([]);
  expect(await flaws(lab.tables)).toEqual([]);
  expect((await lab.run({ streams })).outcome).toBe('done');
  expect(await lab.differences({ streams })).toEqual([]);
});

test('a file that stays locked by another program ends the run, naming that program', async () => {
  const lab = await openLab({ duckdb: { lockWaitMs: 200 }, simulator: { calls: 10, contacts: 5 } });
  await lab.run({ streams: ['users'] });
  const script = `
    import { DuckDBInstance } from '@duckdb/node-api';
    await DuckDBInstance.create(${JSON.stringify(lab.path)});
    console.log('open');
    setInterval(() => {}, 1000);`;
  const other = spawn(process.execPath, ['--input-type=module', '-e', script], { cwd: fileURLToPath(new URL('..', import.meta.url)) });
  onTestFinished(() => void other.kill('SIGKILL'));
  await new Promise((resolve) => other.stdout.once('data', resolve));
  const requests = lab.simulator.requests.count;
  await expect(lab.run({ streams: ['users'] })).rejects.toMatchObject({
    code: 'destination_locked',
    message: expect.stringContaining(`PID ${other.pid}`) as unknown,
  });
  expect(lab.simulator.requests.count).toBe(requests);
});

test('two runs at once in one process: the second is told who holds the lease, and nothing is lost', async () => {
  const lab = await openLab({ inMemory: true });
  // Which of the two comes second is up to chance.
  const runs = await Promise.allSettled([lab.run(), lab.run()]);
  expect(runs.filter(({ status }) => status === 'fulfilled')).toMatchObject([{ value: { outcome: 'done' } }]);
  expect(runs.filter(({ status }) => status === 'rejected')).toMatchObject([{ reason: { code: 'lease_held' } }]);
  expect(await lab.differences()).toEqual([]);
  expect(lab.memory.isLeased).toBe(false);
});

test('a load whose confirmation got lost is not done twice', async () => {
  const lab = await openLab({ inMemory: true });
  let lost = 0;
  lab.memory.mishap = () => {
    lost += 1;
    return lost > 1 ? null : { when: 'after', error: new DestinationLocked({ label: 'memory', holder: 'a test', waitedMs: 0 }) };
  };
  expect((await lab.run()).outcome).toBe('done');
  expect(lost).toBeGreaterThan(1);
  expect(await flaws(lab.tables)).toEqual([]);
  expect(await lab.differences()).toEqual([]);
});

test('a snapshot for other readers that cannot be written is a notice, not a failed run', async () => {
  const lab = await openLab({ simulator: { calls: 10, contacts: 5 } });
  const snapshot = join(lab.folder, 'aircall.read.duckdb');
  mkdirSync(join(snapshot, 'in the way'), { recursive: true });
  utimesSync(snapshot, 0, 0);
  const result = await lab.run({ streams: ['users', 'calls'] });
  expect(result.outcome).toBe('done');
  expect(lab.events).toContainEqual(
    expect.objectContaining({ kind: 'notice', text: expect.stringContaining('copy for other readers') as unknown }),
  );
  expect(await lab.differences({ streams: ['users', 'calls'] })).toEqual([]);
});
