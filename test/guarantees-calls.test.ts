// Calls that move, hide and age while they are read.
import { expect, test } from 'vitest';
import { openLab } from './support/lab.ts';

const callsOnly = { streams: ['calls'] };
const hour = 3600;
const day = 24 * hour;

/** Hides one call from every page without changing the count. */
function hide(body: string, id: number): string {
  const answer = JSON.parse(body) as { calls?: { id: number }[] };
  return JSON.stringify({ ...answer, calls: answer.calls?.filter((call) => call.id !== id) });
}

test('a call that moves by a second, out of a window that could not be proven, is found all the same', async () => {
  const lab = await openLab({ inMemory: true, simulator: { calls: 120 } });
  const { calls } = lab.simulator.company;
  const hidden = [...calls.all()][60]!;
  lab.simulator.faults.always(
    { endpoint: 'calls.list' },
    { kind: 'replace', with: (answer) => ({ ...answer, body: hide(Buffer.from(answer.body ?? '').toString(), hidden.id) }) },
  );
  const first = await lab.run(callsOnly);
  expect(first.outcome).toBe('incomplete');
  lab.simulator.faults.clear();

  const [window] = lab.memory.content.states['calls']!['unproven'] as { from: number; to: number }[];
  calls.update(hidden.id, { startedAt: window!.from - 1 });
  await lab.pass(2 * hour);
  expect((await lab.run(callsOnly)).outcome).toBe('done');
  expect(await lab.differences({ streams: ['calls'] })).toEqual([]);
});

test('a change that no timestamp tells of is right again within an hour, a day or a week, by its age', async () => {
  const lab = await openLab({ inMemory: true, simulator: { calls: 200 } });
  await lab.run(callsOnly);
  const { calls } = lab.simulator.company;
  const now = lab.simulator.company.now();
  const ofAge = (seconds: number) => [...calls.all()].findLast(({ startedAt }) => startedAt < now - seconds)!;
  const aged = { hours: ofAge(5 * hour), days: ofAge(3 * day), months: ofAge(60 * day) };
  for (const { id } of Object.values(aged)) calls.update(id, { cost: '77.7' });
  const right = () => Object.values(aged).map(({ id }) => lab.memory.rows('calls').get(String(id))?.['cost'] === '77.7');

  await lab.pass(hour);
  await lab.run(callsOnly);
  expect(right()).toEqual([true, false, false]);
  await lab.pass(day);
  await lab.run(callsOnly);
  expect(right().slice(0, 2)).toEqual([true, true]);
  for (let days = 0; days < 7; days += 1) {
    await lab.pass(day);
    const result = await lab.run(callsOnly);
    expect(result.stillDue).toEqual([]);
  }
  expect(right()).toEqual([true, true, true]);
});

test('a call under way is read again until it has ended', async () => {
  const lab = await openLab({ inMemory: true, simulator: { calls: 50 } });
  const { id } = lab.simulator.company.startCall({ plan: { ringSeconds: 5, talkSeconds: 3 * hour, settleAfterSeconds: 60 } });
  const status = () => lab.memory.rows('calls').get(String(id))?.['status'];
  await lab.pass(10);
  await lab.run(callsOnly);
  expect(status()).toBe('answered');
  await lab.pass(2 * hour);
  // Newer calls came and ended: the frontier is past it.
  lab.simulator.company.calls.add({});
  await lab.run(callsOnly);
  expect(status()).toBe('answered');
  await lab.pass(2 * hour);
  const before = lab.simulator.requests.count;
  expect((await lab.run({ ...callsOnly, reread: [] })).outcome).toBe('done');
  expect(status()).toBe('done');
  // Not one request for each call, just a window that begins early enough.
  expect(lab.simulator.requests.count - before).toBeLessThanOrEqual(3);
  expect(await lab.differences({ streams: ['calls'] })).toEqual([]);
});

test('a run that is interrupted does not forget which calls were under way', async () => {
  const lab = await openLab({ inMemory: true, simulator: { calls: 400 } });
  const { id, startedAt } = lab.simulator.company.startCall({ plan: { ringSeconds: 5, talkSeconds: 5 * hour, settleAfterSeconds: 60 } });
  await lab.pass(3 * hour);
  // A newer one has ended: where the calls go on is past the one under way.
  lab.simulator.company.calls.add({ startedAt: startedAt + hour });
  const calledOff = new AbortController();
  lab.simulator.faults.choose({ endpoint: 'calls.list' }, ({ request }) => {
    // So much time that what was read is sealed at the next checkpoint.
    void lab.clock.sleep(61_000);
    // The window that holds the call has been closed; the next one is not read any more.
    if (Number(new URLSearchParams(request.query).get('from')) > startedAt) calledOff.abort();
    return undefined;
  });
  expect((await lab.run({ ...callsOnly, signal: calledOff.signal })).outcome).toBe('interrupted');
  expect(lab.memory.rows('calls').get(String(id))?.['status']).toBe('answered');
  lab.simulator.faults.clear();
  await lab.pass(3 * hour);
  await lab.run({ ...callsOnly, reread: [] });
  expect(lab.memory.rows('calls').get(String(id))?.['status']).toBe('done');
});

test('calls that leave the six months while they are read cost no proof, and those that were read stay', async () => {
  const lab = await openLab({ inMemory: true, simulator: { calls: 2000 } });
  const before = lab.simulator.truth({ streams: ['calls'] }).calls.size;
  // Calls leave with every page.
  const churn = lab.simulator.churn({ seed: 1, secondsPerRequest: hour / 3 });
  const result = await lab.run(callsOnly);
  churn.stop();
  const left = lab.simulator.truth({ streams: ['calls'] }).calls;
  expect(left.size).toBeLessThan(before);
  expect(result.streams.map(({ outcome, messages }) => [outcome, messages])).toEqual([['done', []]]);
  expect([...left.keys()].filter((key) => !lab.memory.rows('calls').has(key))).toEqual([]);
  expect([...lab.memory.rows('calls').values()].every((row) => row['_deleted_at'] === null)).toBe(true);

  const stored = lab.memory.rows('calls').size;
  await lab.pass(30 * day);
  await lab.run(callsOnly);
  expect(lab.memory.rows('calls').size).toBe(stored);
});

test('more than 10,000 calls are read past the cap while others come, change and move, and nothing is lost', async () => {
  const lab = await openLab({ inMemory: true, simulator: { calls: 10_600, historyStartMs: Date.UTC(2025, 10, 15) } });
  const churn = lab.simulator.churn({
    seed: 3,
    perRequest: { callStarted: 0.5, callMoved: 0.5, callRewritten: 0.5, callTagged: 0.3 },
    secondsPerRequest: 2,
  });
  const first = await lab.run(callsOnly);
  churn.stop();
  expect(first.streams.map(({ outcome, messages }) => [outcome, messages])).toEqual([['done', []]]);
  expect(first.requests).toBeLessThan(10_600 / 50 + 40);
  await lab.pass(2 * hour);
  expect((await lab.run(callsOnly)).outcome).toBe('done');
  await lab.pass(2 * hour);
  expect((await lab.run({ ...callsOnly, reread: [{ name: 'last day', span: 'all', every: 1 }], maximumMinutes: 60 })).outcome).toBe('done');
  expect(await lab.differences({ streams: ['calls'] })).toEqual([]);
});
