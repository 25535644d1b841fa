import { expect, onTestFinished, test } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { json, serve } from '../../test/support/http-server.ts';
import type { Answer } from '../../test/support/http-server.ts';
import { api, endpoints } from '../aircall/index.ts';
import { Interrupted, UsageError } from '../base/index.ts';
import { BudgetExhausted, RateLimited, ServerFailed, TimedOut } from './errors.ts';
import { createInProcessBudget } from './in-process-budget.ts';
import type { ClientOptions } from './open-connection.ts';
import { createRawClient } from './raw.ts';

async function open(answer: Answer, options: Partial<ClientOptions> = {}) {
  const server = await serve(answer);
  const clock = new FakeClock();
  const raw = createRawClient({
    credential: { apiId: 'id', apiToken: 'token' },
    baseUrl: server.url,
    clock,
    random: () => 0.5,
    ...options,
  });
  onTestFinished(() => raw.close());
  return { raw, server, clock };
}

const none = { at: {}, query: {}, body: null };
const patient = { maximumWaitMs: 8000 };

test('a list goes out by Aircall’s names, pages among them, and comes back with its envelope and every digit', async () => {
  const { raw, server } = await open((_received, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end('{"calls":[{"id":9007199254740993}],"meta":{"count":1}}');
  });
  const answer = await raw.send(api.calls.search, { ...none, query: { page: 2, per_page: 5, tags: ['1', '2'], user_id: '7' } }, patient);
  expect(answer).toEqual({ status: 200, body: { calls: [{ id: 9007199254740993n }], meta: { count: 1 } } });
  expect(server.received.map(({ method, path }) => ({ method, path }))).toEqual([
    { method: 'GET', path: '/v1/calls/search?page=2&per_page=5&user_id=7&tags%5B%5D=1&tags%5B%5D=2' },
  ]);
});

test('a list parameter is also taken by its name on the wire', async () => {
  const { raw, server } = await open((_received, response) => json(response, 200, { calls: [] }));
  await raw.send(api.calls.search, { ...none, query: { 'tags[]': ['5'] } }, patient);
  expect(server.received[0]?.path).toBe('/v1/calls/search?tags%5B%5D=5');
});

test('nested objects of a body keep Aircall’s names', async () => {
  const { raw, server } = await open((_received, response) => json(response, 201, { contact: { id: 1 } }));
  const body = { first_name: 'Ada', phone_numbers: [{ label: 'Work', value: '+33100000000' }] };
  await raw.send(api.contacts.create, { ...none, body }, patient);
  expect(JSON.parse(server.received[0]!.body)).toEqual(body);
});

test('a parameter that belongs elsewhere, or nowhere, is refused before anything is sent', async () => {
  const { raw, server } = await open((_received, response) => json(response, 200, {}));
  for (const given of [
    { ...none, query: { content: 'x' }, at: { id: '1' } },
    { ...none, body: { content: 'x', from: 1 }, at: { id: '1' } },
    { ...none, body: { content: 'x' }, at: { id: '../2' } },
    { ...none, body: { content: 'x' } },
  ]) {
    await expect(raw.send(api.calls.comment, given, patient)).rejects.toThrow(UsageError);
  }
  expect(server.received).toEqual([]);
});

test('no endpoint has one name both in its query and in its body', () => {
  const twice = endpoints.filter(({ query = {}, body = {} }) => Object.keys(query).some((name) => Object.hasOwn(body, name)));
  expect(twice.map(({ id }) => id)).toEqual([]);
});

test('a read is tried again while there is time, a write is not', async () => {
  const { raw, server, clock } = await open((_received, response, index) =>
    index === 0 ? json(response, 500, {}) : json(response, 200, { ping: 'pong' }),
  );
  const read = raw.send(api.ping.check, none, patient);
  while (clock.sleeps.at(-1) !== 500) await clock.advance(1);
  await clock.advance(500);
  expect((await read).status).toBe(200);
  expect(server.received).toHaveLength(2);

  const failing = await open((_received, response) => json(response, 500, {}));
  await expect(failing.raw.send(api.calls.archive, { ...none, at: { id: '1' } }, patient)).rejects.toThrow(ServerFailed);
  await expect(failing.raw.send(api.ping.check, none, { maximumWaitMs: 400 })).rejects.toThrow(ServerFailed);
  expect(failing.server.received).toHaveLength(2);
});

test('a write that timed out is not sent again and its outcome is unknown', async () => {
  const { raw, server } = await open(() => {}, { timeoutMs: 20 });
  const error: unknown = await raw.send(api.calls.archive, { ...none, at: { id: '1' } }, patient).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(TimedOut);
  expect(error).toMatchObject({ outcome: 'unknown' });
  expect(server.received).toHaveLength(1);
});

test('whoever’s turn does not come in time is told so, and nothing is sent', async () => {
  const budget = createInProcessBudget({ clock: new FakeClock(), requestsPerMinute: 1, reserve: 0 });
  await budget.acquire({ priority: 'live', timeoutMs: 1 });
  const { raw, server, clock } = await open((_received, response) => json(response, 200, {}), { budget });
  const late = raw.send(api.ping.check, none, patient).catch((thrown: unknown) => thrown);
  await clock.advance(7999);
  expect(await Promise.race([late, Promise.resolve('waiting')])).toBe('waiting');
  await clock.advance(1);
  const error = await late;
  expect(error).toBeInstanceOf(BudgetExhausted);
  expect((error as BudgetExhausted).retryAfterMs).toBeGreaterThanOrEqual(1000);
  expect(server.received).toEqual([]);
});

test('a 429 that ends in time is waited out, one that does not is an error at once', async () => {
  const { raw, server, clock } = await open((_received, response, index) =>
    index === 0
      ? json(response, 429, {}, { 'retry-after': '3', date: new Date(clock.now()).toUTCString() })
      : json(response, 200, { ping: 'pong' }),
  );
  const waited = raw.send(api.ping.check, none, patient);
  while (clock.sleeps.length < 2) await clock.advance(1);
  await clock.advance(3500);
  expect((await waited).status).toBe(200);
  expect(server.received).toHaveLength(2);

  const blocked = await open((_received, response) => json(response, 429, {}));
  await expect(blocked.raw.send(api.ping.check, none, patient)).rejects.toThrow(RateLimited);
  await expect(blocked.raw.send(api.ping.check, none, patient)).rejects.toThrow(BudgetExhausted);
  expect(blocked.server.received).toHaveLength(1);
});

test('a request that is called off while it waits is not sent; one on its way is finished', async () => {
  const budget = createInProcessBudget({ clock: new FakeClock(), requestsPerMinute: 1, reserve: 0 });
  const caller = new AbortController();
  const { raw, server } = await open(
    (_received, response) => {
      caller.abort();
      json(response, 200, { ping: 'pong' });
    },
    { budget },
  );
  expect((await raw.send(api.ping.check, none, { ...patient, signal: caller.signal })).status).toBe(200);
  const second = new AbortController();
  const waiting = raw.send(api.ping.check, none, { ...patient, signal: second.signal });
  second.abort();
  await expect(waiting).rejects.toThrow(Interrupted);
  expect(server.received).toHaveLength(1);
});
