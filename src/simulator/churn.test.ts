// Whatever happens while it is read, the truth is what a patient reader ends up with.
// Answers are looked into as they come: what is not there is undefined and fails the expectation.
/* oxlint-disable typescript/no-unsafe-argument, typescript/no-unsafe-assignment, typescript/no-unsafe-call */
/* oxlint-disable typescript/no-unsafe-member-access, typescript/no-unsafe-return */
import { expect, test } from 'vitest';
import { simulated } from '../../test/support/simulated.ts';
import type { Simulated } from '../../test/support/simulated.ts';
import { busyChurn, churnEvents } from './churn.ts';
import { streamNames } from './company/drift.ts';
import { stormFaults } from './storm.ts';

const flags = 'fetch_contact=true&fetch_short_urls=true&fetch_call_timeline=true&fetch_aiva_conv=true';
const lists = {
  calls: { path: '/v1/calls', query: flags, key: 'calls' },
  contacts: { path: '/v1/contacts', query: '', key: 'contacts' },
  users: { path: '/v2/users', query: '', key: 'users' },
  user_availability: { path: '/v1/users/availabilities', query: '', key: 'users' },
  teams: { path: '/v1/teams', query: '', key: 'teams' },
  numbers: { path: '/v1/numbers', query: '', key: 'numbers' },
  tags: { path: '/v1/tags', query: '', key: 'tags' },
  webhooks: { path: '/v1/webhooks', query: '', key: 'webhooks' },
};

/** Reads a list over and over until a walk was whole, every page after as many tries as it takes. */
async function readPatiently({ get }: Simulated, { path, query, key }: (typeof lists)[keyof typeof lists]): Promise<Map<string, unknown>> {
  for (;;) {
    const rows = new Map<string, unknown>();
    let total = Number.POSITIVE_INFINITY;
    for (let page = 1; (page - 1) * 50 < total; page += 1) {
      const reply = await get(`${path}?${query}&per_page=50&page=${page}`).catch(() => undefined);
      if (reply?.status !== 200 || reply.body === undefined) {
        page -= 1;
        continue;
      }
      total = reply.body.meta.total;
      for (const row of reply.body[key]) rows.set(String(row.webhook_id ?? row.id), row);
    }
    if (rows.size === total) return rows;
  }
}

test.each([1, 2, 3, 4, 5])('under churn and a storm, then left alone, the company reads as the truth says (seed %i)', async (seed) => {
  const world = await simulated({ seed, calls: 260, contacts: 130, users: 20 });
  const { simulator } = world;
  const churn = simulator.churn({
    seed,
    perRequest: { ...busyChurn, callVanished: 0.05 },
    withinPage: { contactRemoved: 0.1, callStarted: 0.1 },
    secondsPerRequest: 20,
    recentSeconds: Number.POSITIVE_INFINITY,
  });
  const calm = simulator.storm({ seed, probability: 0.3, faults: stormFaults.filter(({ kind }) => kind !== 'slow') });
  for (let round = 0; round < 3; round += 1) {
    for (const list of Object.values(lists)) {
      for (let page = 1; page < 4; page += 1) await world.get(`${list.path}?page=${page}`).catch(() => undefined);
    }
  }
  churn.stop();
  expect(Object.values(churn.counts).filter((count) => count > 0).length).toBeGreaterThan(15);
  const truth = simulator.truth();
  for (const [stream, list] of Object.entries(lists)) {
    const read = await readPatiently(world, list);
    expect([stream, Object.fromEntries(read)]).toEqual([stream, Object.fromEntries(truth[stream as keyof typeof lists])]);
  }
  calm();
  for (const stream of streamNames) expect([stream, truth[stream].size > 0]).toEqual([stream, true]);
});

test('each thing that can happen does what it says', async () => {
  const { simulator } = await simulated({ calls: 200 });
  const churn = simulator.churn({ seed: 1, recentSeconds: Number.POSITIVE_INFINITY });
  const truthBefore = JSON.stringify(Object.values(simulator.truth()).map((records) => [...records]));
  for (const event of churnEvents) {
    const before = JSON.stringify(Object.values(simulator.truth()).map((records) => [...records]));
    for (let attempt = 0; attempt < 3; attempt += 1) churn.once(event);
    expect([event, churn.counts[event] > 0]).toEqual([event, true]);
    expect([event, JSON.stringify(Object.values(simulator.truth()).map((records) => [...records])) === before]).toEqual([event, false]);
  }
  expect(truthBefore).not.toBe('');
});

test('a row can vanish between the count of a list and its page', async () => {
  const { simulator, get } = await simulated({ contacts: 30 });
  simulator.churn({ seed: 1, withinPage: { contactRemoved: 1 } });
  const { body } = await get('/v1/contacts?per_page=50');
  expect(body.meta.total - body.contacts.length).toBe(1);
});

test('calls age out while they are read, the oldest first', async () => {
  const { simulator, get } = await simulated({ calls: 500 });
  simulator.churn({ seed: 1, secondsPerRequest: 86_400 });
  const totals: number[] = [];
  for (let request = 0; request < 20; request += 1) totals.push((await get('/v1/calls')).body.meta.total);
  expect(totals).toEqual(totals.toSorted((a, b) => b - a));
  expect(totals.at(-1)).toBeLessThan(totals[0]!);
  const { calls } = simulator.truth({ streams: ['calls'], calls: 'ever' });
  expect(calls.size).toBe(500);
});
