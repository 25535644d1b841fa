// The promises of a run, each broken in the way that would break it first. Whole runs: simulator, packages, destination.
import { expect, test } from 'vitest';
import { DestinationFailed } from '../src/load/index.ts';
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
