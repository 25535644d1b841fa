// What goes wrong between Aircall and a run, and how the run ends. Real HTTP; time is the test's own, so that nobody waits.
import { expect, test } from 'vitest';
import type { Fault } from '../src/simulator/index.ts';
import { type Lab, openLab } from './support/lab.ts';
import { keysOf } from './support/sound.ts';

/** How each stream ended that did not simply succeed. */
function trouble(result: Awaited<ReturnType<Lab['run']>>): readonly (readonly unknown[])[] {
  return result.streams.filter(({ outcome }) => outcome !== 'done').map(({ stream, outcome, error }) => [stream, outcome, error?.code]);
}

test.for<[string, Fault, number]>([
  ['with headers', { kind: 'tooMany', headers: true, resetAfterSeconds: 30 }, 30],
  ['with Retry-After', { kind: 'tooMany', retryAfterSeconds: 20 }, 20],
  ['that says nothing more', { kind: 'tooMany' }, 60],
])('a 429 %s is waited out, and the wait is told', async ([, fault, atLeastSeconds]) => {
  const lab = await openLab({ inMemory: true });
  lab.simulator.faults.next({ endpoint: 'contacts.list' }, fault, 2);
  const startedMs = lab.clock.now();
  expect(trouble(await lab.run())).toEqual([]);
  expect(lab.clock.now() - startedMs).toBeGreaterThanOrEqual(atLeastSeconds * 1000);
  expect(lab.events).toContainEqual(expect.objectContaining({ kind: 'waiting', reason: 'refused' }));
  expect(await lab.differences()).toEqual([]);
});

test('several minutes of nothing but 429 are waited out', async () => {
  const lab = await openLab({ inMemory: true });
  const startedMs = lab.clock.now();
  lab.simulator.faults.during({}, { kind: 'tooMany' }, 5 * 60_000);
  expect(trouble(await lab.run())).toEqual([]);
  expect(lab.clock.now() - startedMs).toBeGreaterThanOrEqual(5 * 60_000);
  expect(await lab.differences()).toEqual([]);
});

const outages: readonly (readonly [string, Fault])[] = [
  ['500', { kind: 'status', status: 500 }],
  ['502 with a page for people', { kind: 'status', status: 502, body: 'html' }],
  ['503 with an empty body', { kind: 'status', status: 503, body: 'nothing' }],
  ['a broken connection', { kind: 'reset', after: 'nothing' }],
  ['a connection that breaks after the headers', { kind: 'reset', after: 'headers' }],
  ['a connection that breaks in the body', { kind: 'reset', after: 'half' }],
  ['truncated JSON', { kind: 'truncated' }],
  ['200 with a page for people', { kind: 'html', status: 200 }],
  ['silence', { kind: 'hang', after: 'nothing' }],
  ['silence after the headers', { kind: 'hang', after: 'headers' }],
  ['an answer that is JSON but no list', { kind: 'replace', with: (answer) => ({ ...answer, body: '{"calls":null}' }) }],
];

test.for(outages)('%s, again and again: that stream fails alone, and the next run repairs', async ([, fault]) => {
  const lab = await openLab({ inMemory: true, client: { timeoutMs: 200, retry: { attempts: 3 } } });
  lab.simulator.faults.always({ endpoint: 'calls.list' }, fault);
  const result = await lab.run();
  expect(result.outcome).toBe('incomplete');
  expect(trouble(result)).toEqual([
    ['calls', 'failed', expect.stringMatching(/^(?:server_failed|connection_failed|timed_out|malformed_answer)$/)],
  ]);
  const others = ['users', 'contacts', 'teams', 'numbers', 'tags', 'webhooks', 'company', 'user_availability'];
  expect(await lab.differences({ streams: others })).toEqual([]);

  lab.simulator.faults.clear();
  expect(trouble(await lab.run())).toEqual([]);
  expect(await lab.differences()).toEqual([]);
});

test.for(outages)('%s, once in a while: tried again within the run', async ([, fault]) => {
  const lab = await openLab({ inMemory: true, client: { timeoutMs: 200 } });
  for (const endpoint of ['calls.list', 'contacts.list', 'users.list']) lab.simulator.faults.next({ endpoint }, fault, 2);
  expect(trouble(await lab.run())).toEqual([]);
  expect(await lab.differences()).toEqual([]);
});

test('a stream that fails half-way keeps what it has read, and the next run adds the rest', async () => {
  const lab = await openLab({ inMemory: true, simulator: { contacts: 220 } });
  lab.simulator.faults.always({ endpoint: 'contacts.list', page: 4 }, { kind: 'status', status: 500 });
  expect(trouble(await lab.run())).toEqual([['contacts', 'failed', 'server_failed']]);
  expect(lab.memory.rows('contacts').size).toBe(150);
  lab.simulator.faults.clear();
  expect(trouble(await lab.run())).toEqual([]);
  expect(await lab.differences()).toEqual([]);
});

test('a refused credential ends the run at once and says so', async () => {
  const lab = await openLab({ inMemory: true, client: { credential: { apiId: 'unknown', apiToken: 'unknown' } } });
  await expect(lab.run()).rejects.toMatchObject({ code: 'credential_refused', retryable: false });
  expect(lab.simulator.requests.count).toBeLessThanOrEqual(2);
  expect(lab.memory.isLeased).toBe(false);
});

test('a total that is wrong on every page is reported, costs a bounded number of requests, and is repaired later', async () => {
  const lab = await openLab({ inMemory: true });
  for (const endpoint of ['calls.list', 'contacts.list', 'users.list', 'teams.list']) {
    lab.simulator.faults.always({ endpoint }, { kind: 'total', change: (total) => total + 1 });
  }
  const healthy = Math.ceil(300 / 50) + Math.ceil(120 / 50) + 10;
  const result = await lab.run();
  expect(trouble(result).map(([stream, outcome]) => [stream, outcome])).toEqual(
    ['users', 'teams', 'contacts', 'calls'].map((stream) => [stream, 'incomplete']),
  );
  expect(result.requests).toBeLessThan(20 * healthy);
  expect(await lab.differences()).toEqual([]);

  lab.simulator.faults.clear();
  await lab.pass(60);
  expect(trouble(await lab.run())).toEqual([]);
});

test.for([0, 1, 9999, 10_000, 1_000_000])('a total of %i on every page ends, and loses nothing', async (claimed) => {
  const lab = await openLab({ inMemory: true });
  lab.simulator.faults.always({ endpoint: ['calls.list', 'contacts.list', 'users.list'] }, { kind: 'total', change: () => claimed });
  const result = await lab.run();
  expect(result.outcome).toBe('incomplete');
  expect(result.requests).toBeLessThan(1500);
  lab.simulator.faults.clear();
  const before = keysOf(lab.simulator.truth());
  await lab.pass(25 * 3600);
  expect(trouble(await lab.run())).toEqual([]);
  expect(await lab.differences({ mayBeStored: (_stream, key) => before.calls.has(key) })).toEqual([]);
});

test('a page served twice in place of its successor is noticed and made good', async () => {
  const lab = await openLab({ inMemory: true, simulator: { users: 120 } });
  for (const endpoint of ['calls.list', 'contacts.list', 'users.list'])
    lab.simulator.faults.next({ endpoint, page: 2 }, { kind: 'samePage' }, 1);
  expect(trouble(await lab.run())).toEqual([]);
  expect(await lab.differences()).toEqual([]);
});

test('every page shows the rows of the one before it, for ever: made good or reported, never an endless loop', async () => {
  const lab = await openLab({
    inMemory: true,
    simulator: { users: 120, calls: 900, contacts: 700 },
    client: { retry: { attempts: 2 } },
  });
  lab.simulator.faults.always({ endpoint: ['calls.list', 'contacts.list', 'users.list'] }, { kind: 'samePage' });
  const result = await lab.run();
  expect(trouble(result)).toEqual([['users', 'failed', 'malformed_answer']]);
  expect(result.requests).toBeLessThan(200);
  expect(await lab.differences({ streams: ['calls', 'contacts'] })).toEqual([]);

  lab.simulator.faults.clear();
  expect(trouble(await lab.run())).toEqual([]);
  expect(await lab.differences()).toEqual([]);
});

test('a page size smaller than the one asked for changes nothing', async () => {
  const lab = await openLab({ inMemory: true, simulator: { calls: 150, contacts: 60 } });
  lab.simulator.faults.always({}, { kind: 'perPage', perPage: 7 });
  expect(trouble(await lab.run())).toEqual([]);
  expect(await lab.differences()).toEqual([]);
});

test('AI streams of a product that is not in the plan are off with one notice each, and the run is complete', async () => {
  const lab = await openLab({ simulator: { missingProducts: ['AI Assist', 'AI Assist Pro'] } });
  const first = await lab.run({ streams: ['calls', 'transcriptions', 'evaluations'], confirmed: true });
  expect(first.outcome).toBe('done');
  const off = first.streams.filter(({ outcome }) => outcome === 'off');
  expect(off.map(({ stream, messages }) => [stream, messages.length])).toEqual([
    ['transcriptions', 1],
    ['evaluations', 1],
  ]);
  expect(off.every(({ requests }) => requests === 1)).toBe(true);
  // It is asked again after a week, not before.
  await lab.pass(3600);
  const second = await lab.run({ streams: ['transcriptions'], confirmed: true });
  expect(second.streams.map(({ outcome, requests }) => [outcome, requests <= 1])).toEqual([['off', true]]);
  expect(lab.simulator.requests.entries.filter(({ endpoint }) => endpoint === 'conversation.transcription')).toHaveLength(1);
});
