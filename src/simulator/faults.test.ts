// Answers are looked into as they come: what is not there is undefined and fails the expectation.
/* oxlint-disable typescript/no-unsafe-argument, typescript/no-unsafe-assignment, typescript/no-unsafe-call */
/* oxlint-disable typescript/no-unsafe-member-access, typescript/no-unsafe-return */
import { expect, test } from 'vitest';
import { simulated } from '../../test/support/simulated.ts';
import type { Loose } from '../../test/support/simulated.ts';
import { stormFaults } from './storm.ts';

test('a status fault meets the next matching request only, with the body asked for', async () => {
  const { simulator, get } = await simulated();
  simulator.faults.next({ endpoint: 'calls.list', page: 2 }, { kind: 'status', status: 503, body: 'edge' });
  expect((await get('/v1/calls')).status).toBe(200);
  expect((await get('/v2/users?page=2')).status).toBe(200);
  const hit = await get('/v1/calls?page=2');
  expect([hit.status, hit.text]).toEqual([503, '{"message":"Service Unavailable"}']);
  expect((await get('/v1/calls?page=2')).status).toBe(200);
});

test('every family of bodies can come with any status', async () => {
  const { simulator, get } = await simulated();
  const texts: string[] = [];
  for (const body of ['application', 'coded', 'stated', 'edge', 'html', 'empty', 'nothing'] as const) {
    simulator.faults.next({ path: '/v1/ping' }, { kind: 'status', status: 500, body });
    const reply = await get('/v1/ping');
    expect(reply.status).toBe(500);
    texts.push(reply.text);
  }
  expect(new Set(texts).size).toBe(7);
  expect(texts[4]).toMatch(/^<!DOCTYPE html>/);
});

test('connections break before a byte, after the headers, and in the middle of the body', async () => {
  const { simulator, get } = await simulated();
  for (const after of ['nothing', 'headers', 'half'] as const) {
    simulator.faults.next({ endpoint: 'calls.list' }, { kind: 'reset', after });
    await expect(get('/v1/calls')).rejects.toThrow();
  }
  expect(simulator.requests.countOf(0)).toBe(3);
  expect((await get('/v1/calls')).status).toBe(200);
});

test('a write whose answer is lost was carried out, unless the fault says otherwise', async () => {
  const { simulator, ask } = await simulated();
  const { tags } = simulator.company;
  const before = tags.count;
  const create = (name: string) => ask('POST', '/v1/tags', { name, color: '#00FF00' });
  simulator.faults.next({ method: 'POST' }, { kind: 'reset', after: 'nothing' });
  await expect(create('One')).rejects.toThrow();
  expect(tags.count).toBe(before + 1);
  simulator.faults.next({ method: 'POST' }, { kind: 'reset', after: 'nothing', isCarriedOut: false });
  await expect(create('Two')).rejects.toThrow();
  expect(tags.count).toBe(before + 1);
});

test('a body can be cut short without a word, be a page for people, or come slowly', async () => {
  const { simulator, get, clock } = await simulated();
  simulator.faults.next({}, { kind: 'truncated' });
  const cut = await get('/v1/calls');
  expect([cut.status, cut.body]).toEqual([200, undefined]);
  simulator.faults.next({}, { kind: 'html', status: 200 });
  const html = await get('/v1/calls');
  expect([html.status, html.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  simulator.faults.next({}, { kind: 'slow', overMs: 1_000 });
  const slow = get('/v1/calls');
  while (clock.sleeps.length < 10) await clock.advance(100);
  await clock.advance(100);
  expect((await slow).body.calls).toHaveLength(20);
});

test('a silent server keeps the connection open until the client gives up', async () => {
  const { simulator } = await simulated();
  simulator.faults.next({}, { kind: 'hang', after: 'headers' });
  const response = await fetch(`${simulator.baseUrl}/v1/ping`, { headers: { authorization: `Bearer ${simulator.accessToken}` } });
  expect(response.status).toBe(200);
  const giveUp = new AbortController();
  const body = response.body!.getReader().read();
  giveUp.abort();
  await simulator.close();
  await expect(body).rejects.toThrow();
});

test('429 comes for a number of requests or for a while, with the headers or without', async () => {
  const { simulator, get } = await simulated();
  simulator.faults.next({}, { kind: 'tooMany' }, 2);
  expect([(await get('/v1/ping')).status, (await get('/v1/ping')).status, (await get('/v1/ping')).status]).toEqual([429, 429, 200]);
  simulator.faults.during({}, { kind: 'tooMany', headers: true, retryAfterSeconds: 7 }, 30_000);
  const refused = await get('/v1/ping');
  expect([refused.status, refused.headers.get('x-aircallapi-remaining'), refused.headers.get('retry-after')]).toEqual([429, '0', '7']);
  simulator.company.advance(30);
  expect((await get('/v1/ping')).status).toBe(200);
});

test('lists can lie: about their total, by serving a page twice, by another number of rows', async () => {
  const { simulator, get } = await simulated({ switches: { sameSecondOrder: 'byId' } });
  const ids = async (query: string) => (await get(`/v1/calls?${query}`)).body.calls.map(({ id }: Loose) => id);
  simulator.faults.next({}, { kind: 'total', change: (total) => total + 7 });
  expect((await get('/v1/calls')).body.meta.total).toBe(307);
  const first = await ids('page=1');
  simulator.faults.next({ page: 2 }, { kind: 'samePage' });
  const twice = await get('/v1/calls?page=2');
  expect(twice.body.calls.map(({ id }: Loose) => id)).toEqual(first);
  expect(twice.body.meta.current_page).toBe(2);
  simulator.faults.next({}, { kind: 'perPage', perPage: 7 });
  expect(await ids('per_page=50')).toHaveLength(7);
  simulator.faults.next({}, { kind: 'fields', fields: { surprise: [1] } });
  expect((await get('/v1/calls')).body.calls.every(({ surprise }: Loose) => surprise[0] === 1)).toBe(true);
});

test('faults stand behind the credentials and the budget, and are taken off one by one or all at once', async () => {
  const { simulator, get, ask } = await simulated({ requestsPerMinute: 3 });
  const lift = simulator.faults.always({}, { kind: 'status', status: 500 });
  expect((await ask('GET', '/v1/ping', undefined, { authorization: '' })).status).toBe(401);
  expect((await get('/v1/ping')).status).toBe(500);
  lift();
  expect((await get('/v1/ping')).status).toBe(200);
  simulator.faults.always({}, { kind: 'status', status: 500 });
  simulator.faults.clear();
  expect((await get('/v1/ping')).status).toBe(200);
  expect((await get('/v1/ping')).status).toBe(429);
});

test('a storm hits the same requests with the same faults from the same seed, and none too often', async () => {
  const stories: string[][] = [];
  for (const seed of [1, 1, 2]) {
    const { simulator, get } = await simulated();
    const quick = stormFaults.filter(({ kind }) => kind === 'status');
    const calm = simulator.storm({ seed, probability: 0.6, faults: quick, inARow: 2 });
    const statuses: string[] = [];
    for (let request = 0; request < 60; request += 1) {
      const { status, text } = await get('/v1/ping');
      statuses.push(`${status} ${text}`);
    }
    calm();
    expect((await get('/v1/ping')).status).toBe(200);
    expect(statuses.join('\n')).not.toMatch(/(?:^5.*\n){3}/m);
    stories.push(statuses);
  }
  expect(stories[0]).toEqual(stories[1]);
  expect(stories[0]).not.toEqual(stories[2]);
});
