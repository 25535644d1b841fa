// Numbers beyond what a list can show: ten thousand calls in one second, ten thousand changed contacts.
import { expect, test } from 'vitest';
import { type Lab, openLab } from './support/lab.ts';

const callsOnly = { streams: ['calls'] };
const contactsOnly = { streams: ['contacts'] };

/** So many calls in one second, three hours ago, and some around it. */
function addBurst(lab: Lab, count: number): number {
  const { calls, now } = lab.simulator.company;
  const second = now() - 3 * 3600;
  for (let index = 0; index < count; index += 1) calls.add({ startedAt: second, direction: index % 2 === 0 ? 'inbound' : 'outbound' });
  for (const startedAt of [second - 1, second + 1]) for (let index = 0; index < 60; index += 1) calls.add({ startedAt });
  return second;
}

test.for(['exact', 'clamped'] as const)(
  '10,200 calls in one second, with totals that are %s: all read or reported, and all around it read',
  async (totalAboveCap) => {
    const lab = await openLab({ inMemory: true, simulator: { calls: 500, switches: { totalAboveCap } } });
    const second = addBurst(lab, 10_200);
    const result = await lab.run(callsOnly);
    const truth = lab.simulator.truth({ streams: ['calls'] }).calls;
    const missing = [...truth].filter(([key]) => !lab.memory.rows('calls').has(key)).map(([, record]) => record['started_at']);
    if (missing.length === 0) expect(result.outcome).toBe('done');
    else {
      expect(result.outcome).toBe('incomplete');
      expect(result.streams[0]?.messages.join(' ')).toContain(new Date(second * 1000).toISOString().slice(0, 19).replace('T', ' '));
    }
    expect([...new Set(missing)]).toEqual(missing.length === 0 ? [] : [second]);
    expect(result.requests).toBeLessThan(3000);

    // What stays unproven is not tried by every run.
    await lab.pass(3600);
    await lab.run(callsOnly);
    const third = await lab.run(callsOnly);
    expect(third.requests).toBeLessThan(300);
  },
);

test('10,200 calls in one second whose order holds still are all read', async () => {
  const lab = await openLab({ inMemory: true, simulator: { calls: 500, switches: { sameSecondOrder: 'byId' } } });
  addBurst(lab, 10_200);
  expect((await lab.run(callsOnly)).outcome).toBe('done');
  expect(await lab.differences(callsOnly)).toEqual([]);
});

test('more changed contacts than can be reached by their change time are read by their creation', async () => {
  const lab = await openLab({ inMemory: true, simulator: { contacts: 10_400 } });
  await lab.run(contactsOnly);
  await lab.pass(600);
  const { contacts, now } = lab.simulator.company;
  const ids = [...contacts.all()].map(({ id }) => id);
  for (const [index, id] of ids.entries()) contacts.update(id, { information: 'changed', updatedAt: now() - 300 + (index % 300) });
  const result = await lab.run(contactsOnly);
  expect(result.outcome).toBe('done');
  expect(lab.events.some((event) => event.kind === 'notice' && event.text.includes('all contacts are read again'))).toBe(true);
  expect(result.requests).toBeLessThan(200 + 209 + 300 + 50);
  expect(await lab.differences(contactsOnly)).toEqual([]);

  // Once more, because changes of the last two minutes before a run are looked at twice; then there is peace.
  await lab.pass(600);
  await lab.run(contactsOnly);
  await lab.pass(600);
  expect((await lab.run(contactsOnly)).requests).toBeLessThanOrEqual(3);
});

test('five thousand contacts changed in the same second are all seen', async () => {
  const lab = await openLab({ inMemory: true, simulator: { contacts: 6000 } });
  await lab.run(contactsOnly);
  await lab.pass(600);
  const { contacts } = lab.simulator.company;
  for (const { id } of [...contacts.all()].slice(0, 5000)) contacts.update(id, { information: 'changed' });
  await lab.pass(60);
  expect((await lab.run(contactsOnly)).outcome).toBe('done');
  expect(await lab.differences(contactsOnly)).toEqual([]);
});
