import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { Agent } from 'undici';
import { expect, onTestFinished, test } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { json, serve, text } from '../../test/support/http-server.ts';
import type { Answer } from '../../test/support/http-server.ts';
import { Interrupted } from '../base/index.ts';
import { createClient } from './aircall.ts';
import type { ClientOptions } from './open-connection.ts';
import {
  AnswerTooLarge,
  ConnectionFailed,
  isAircallError,
  MalformedAnswer,
  NotFound,
  RateLimited,
  ServerFailed,
  TimedOut,
} from './errors.ts';
import type { AircallError } from './errors.ts';
import { createInProcessBudget } from './in-process-budget.ts';
import type { Wait } from './request-options.ts';

const credential = { apiId: 'id', apiToken: 'token' };
const call = { id: 7 };
const pong = { ping: 'pong' };

async function open(answer: Answer, options: Partial<ClientOptions> = {}) {
  const server = await serve(answer);
  const clock = new FakeClock({ hurry: true });
  const aircall = createClient({ credential, baseUrl: server.url, clock, random: () => 0.5, ...options });
  onTestFinished(() => aircall.close());
  return { aircall, server, clock };
}

/** What went wrong; fails when nothing did. */
async function failureOf(promise: Promise<unknown>): Promise<AircallError> {
  return promise.then(
    () => {
      throw new Error('It succeeded.');
    },
    (error: unknown) => {
      if (isAircallError(error)) return error;
      throw error;
    },
  );
}

const flaky: readonly (readonly [string, Answer])[] = [
  ['a server error', (_received, response) => json(response, 500, { error: 'Internal Server Error' })],
  [
    'a gateway that gives up, in HTML',
    (_received, response) => text(response, 502, '<html>Bad gateway</html>', { 'content-type': 'text/html' }),
  ],
  ['a reset before the answer', (_received, response) => response.socket?.resetAndDestroy()],
  ['a closed connection before the answer', (_received, response) => response.socket?.destroy()],
  [
    'a body shorter than announced',
    (_received, response) => {
      response.writeHead(200, { 'content-length': 1000 });
      response.write('{"call":{"id":');
      setImmediate(() => response.socket?.destroy());
    },
  ],
  [
    'a chunked body that stops in the middle',
    (_received, response) => {
      response.writeHead(200, { 'transfer-encoding': 'chunked' });
      response.write('{"call":{"id":');
      setImmediate(() => response.socket?.destroy());
    },
  ],
  [
    'a body cut by the end of the connection',
    (_received, response) => {
      response.socket?.end('HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{"call":{"id":');
    },
  ],
  ['what is not HTTP at all', (_received, response) => response.socket?.end('+OK ready\r\n')],
  ['a page of HTML with status 200', (_received, response) => text(response, 200, '<html>Welcome</html>', { 'content-type': 'text/html' })],
  ['an empty body with status 200', (_received, response) => text(response, 200, '')],
  ['JSON of another shape', (_received, response) => json(response, 200, { user: {} })],
];

test.each(flaky)('a read is sent again after %s', async (_name, fail) => {
  const { aircall, server, clock } = await open((received, response, index) =>
    index < 2 ? fail(received, response, index) : json(response, 200, { call }),
  );
  expect(await aircall.calls.retrieve(7)).toEqual(call);
  expect(server.received).toHaveLength(3);
  expect(clock.sleeps).toEqual([500, 1000]);
});

test.each(flaky)('a write is sent once, whatever comes of it: %s', async (_name, fail) => {
  const { aircall, server } = await open(fail);
  const error = await failureOf(aircall.contacts.update(7, { firstName: 'Test' }));
  expect(error).toMatchObject({ retryable: false, outcome: 'unknown', endpoint: 'contacts.update' });
  expect(server.received).toHaveLength(1);
});

test('a read that keeps failing throws its error after six attempts', async () => {
  const { aircall, server, clock } = await open((_received, response) => json(response, 503, {}));
  expect(await failureOf(aircall.calls.retrieve(7))).toBeInstanceOf(ServerFailed);
  expect(server.received).toHaveLength(6);
  expect(clock.sleeps).toEqual([500, 1000, 2000, 4000, 8000]);
});

test('waits between attempts are random up to a bound that doubles, and no longer than the longest', async () => {
  const { aircall, clock } = await open((_received, response) => json(response, 500, {}), {
    random: () => 0.999_999,
    retry: { attempts: 9, firstDelayMs: 1000, longestDelayMs: 30_000 },
  });
  await failureOf(aircall.calls.retrieve(7));
  expect(clock.sleeps).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
});

test('what Aircall refused for good is not sent again', async () => {
  const { aircall, server } = await open((_received, response) => json(response, 404, { error: 'Not Found', success: false }));
  expect(await failureOf(aircall.calls.retrieve(7))).toBeInstanceOf(NotFound);
  expect(server.received).toHaveLength(1);
});

test('writes that are known to change nothing more when repeated are repeated', async () => {
  const { aircall, server } = await open((_received, response, index) =>
    index === 0 ? response.socket?.destroy() : json(response, 200, index === 1 ? { call } : { id: 'a' }),
  );
  await aircall.calls.archive(7);
  expect(server.received).toHaveLength(2);
});

test('an AI call is repeated under its own key', async () => {
  const { aircall, server } = await open((_received, response, index) =>
    index === 0 ? response.socket?.destroy() : json(response, 202, { id: 'a', idempotency_key: 'once', status: 'PENDING' }),
  );
  await aircall.aiVoice.startCall('agent', { contactPhone: '+15550100123', idempotencyKey: 'once' });
  expect(server.received).toHaveLength(2);
  expect(server.received[0]?.body).toBe(server.received[1]?.body);
});

test('a write that never left this machine is tried again', async () => {
  const closed = createServer();
  await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
  const { port } = closed.address() as AddressInfo;
  await new Promise((resolve) => closed.close(resolve));
  const clock = new FakeClock({ hurry: true });
  const aircall = createClient({ credential, baseUrl: `http://127.0.0.1:${port}`, clock });
  const error = await failureOf(aircall.tags.create({ name: 'a', color: '#000000' }));
  expect(error).toBeInstanceOf(ConnectionFailed);
  expect(error).toMatchObject({ retryable: true, outcome: 'not_sent', status: null });
  expect(error.message).toContain('The request was not sent.');
  expect(clock.sleeps).toHaveLength(5);
});

// ---- 429

test('several minutes of 429 are survived, by writes too, and do not count as failures', async () => {
  const waits: Wait[] = [];
  const { aircall, server, clock } = await open((_received, response, index) =>
    index < 9 ? json(response, 429, { message: 'Too Many Requests' }) : json(response, 201, { tag: { id: 1 } }),
  );
  const startMs = clock.now();
  await aircall.tags.create({ name: 'a', color: '#000000' }, { onWait: (wait) => waits.push(wait) });
  expect(server.received).toHaveLength(10);
  expect(clock.now() - startMs).toBe(9 * 62_500);
  expect(waits).toHaveLength(9);
  expect(waits[0]).toEqual({ delayMs: 62_500, reason: 'rate_limited', endpoint: 'tags.create' });
});

test('a 429 that lasts longer than one is willing to wait is thrown', async () => {
  const { aircall, clock } = await open((_received, response) => json(response, 429, {}), { retry: { rateLimitedForMs: 5 * 60_000 } });
  const startMs = clock.now();
  expect(await failureOf(aircall.ping.check())).toBeInstanceOf(RateLimited);
  expect(clock.now() - startMs).toBe(5 * 62_500);
});

test.each([
  ['seconds', (nowMs: number) => ({ 'x-aircallapi-reset': String((nowMs + 20_000) / 1000) }), 20_000],
  ['milliseconds', (nowMs: number) => ({ 'x-aircallapi-reset': String(nowMs + 20_000) }), 20_000],
  ['Retry-After in seconds', () => ({ 'retry-after': '7' }), 7000],
  ['Retry-After as a date', (nowMs: number) => ({ 'retry-after': new Date(nowMs + 9000).toUTCString() }), 9000],
  ['a reset of this very second', (nowMs: number) => ({ 'x-aircallapi-reset': String(nowMs / 1000) }), 500],
  ['seconds left', () => ({ 'x-aircallapi-reset': '30' }), 30_000],
  ['a reset long past', (nowMs: number) => ({ 'x-aircallapi-reset': String(nowMs / 1000 - 3600) }), 62_500],
  ['a reset next year', (nowMs: number) => ({ 'x-aircallapi-reset': String(nowMs / 1000 + 31_536_000) }), 62_500],
  ['nonsense', () => ({ 'x-aircallapi-reset': 'soon', 'retry-after': '-1' }), 62_500],
])('after a 429 the reset decides how long everyone waits: %s', async (_name, headers, expectedMs) => {
  const serverNowMs = Date.UTC(2026, 0, 2, 3, 4, 5);
  // Our clock is an hour off; the answer's Date tells by how much.
  const clock = new FakeClock({ hurry: true, startMs: serverNowMs + 3_600_000 });
  const { aircall } = await open(
    (_received, response, index) =>
      json(
        response,
        index === 0 ? 429 : 200,
        pong,
        index === 0 ? { date: new Date(serverNowMs).toUTCString(), ...headers(serverNowMs) } : {},
      ),
    { clock },
  );
  const startMs = clock.now();
  await aircall.ping.check();
  expect(clock.now() - startMs).toBe(expectedMs);
});

test('a 429 holds back every other request of the same budget', async () => {
  const clock = new FakeClock();
  const { aircall, server } = await open(
    (_received, response, index) => json(response, index === 0 ? 429 : 200, pong, index === 0 ? { 'retry-after': '30' } : {}),
    { clock, budget: createInProcessBudget({ clock }) },
  );
  const first = aircall.ping.check();
  await expect.poll(() => aircall.budget.status().blockedUntilMs).not.toBeNull();
  const second = aircall.ping.check();
  await clock.advance(29_000);
  expect(server.received).toHaveLength(1);
  await clock.advance(1000);
  await first;
  await second;
  expect(server.received).toHaveLength(3);
});

test('where the given budget does not wait after a 429, the request does', async () => {
  const { aircall, clock } = await open((_received, response, index) => json(response, index < 2 ? 429 : 200, pong), {
    budget: {
      acquire: () => Promise.resolve({ end() {} }),
      status: () => ({ allowed: 1, used: 0, blockedUntilMs: null }),
    },
  });
  await aircall.ping.check();
  expect(clock.sleeps).toEqual([62_500, 62_500]);
});

test('every attempt takes a slot and gives it back, however it ends', async () => {
  const outcomes: (number | boolean | undefined)[][] = [];
  let open_ = 0;
  const { aircall } = await open(
    (_received, response, index) => {
      if (index === 0) response.socket?.destroy();
      else if (index === 1) json(response, 500, {}, { 'x-aircallapi-limit': '60', 'x-aircallapi-remaining': '5' });
      else json(response, 200, { call });
    },
    {
      budget: {
        acquire: ({ priority, timeoutMs }) => {
          open_ += 1;
          expect({ priority, timeoutMs }).toEqual({ priority: 'backfill', timeoutMs: 5000 });
          return Promise.resolve({
            end: (outcome = {}) => {
              open_ -= 1;
              outcomes.push([outcome.refused, outcome.limit, outcome.remaining]);
            },
          });
        },
        status: () => ({ allowed: 1, used: 0, blockedUntilMs: null }),
      },
      priority: 'pipeline',
    },
  );
  await aircall.calls.retrieve(7, {}, { priority: 'backfill', timeoutMs: 5000 });
  expect(open_).toBe(0);
  expect(outcomes).toEqual([
    [undefined, undefined, undefined],
    [undefined, 60, 5],
    [undefined, undefined, undefined],
  ]);
});

// ---- time-outs and sizes

test.each<readonly [string, Answer, string]>([
  ['an answer that never comes', () => {}, 'waited 0.2 s for an answer'],
  [
    'a body that trickles',
    (_received, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const trickle = setInterval(() => response.write(' '), 5);
      response.on('close', () => clearInterval(trickle));
    },
    'waited 0.2 s for the rest of the answer',
  ],
])('one attempt has a deadline: %s', async (_name, answer, message) => {
  const { aircall, server } = await open(
    (received, response, index) => (received.path === '/v1/ping' ? json(response, 200, pong) : answer(received, response, index)),
    { retry: { attempts: 2 } },
  );
  await aircall.ping.check();
  const error = await failureOf(aircall.calls.retrieve(7, {}, { timeoutMs: 200 }));
  expect(error).toBeInstanceOf(TimedOut);
  expect(error).toMatchObject({ retryable: true, code: 'timed_out' });
  expect(error.message).toContain(message);
  expect(server.received).toHaveLength(3);
  expect(await failureOf(aircall.contacts.delete(7, { timeoutMs: 200 }))).toMatchObject({ retryable: false, outcome: 'unknown' });
  expect(server.received).toHaveLength(4);
});

test('a connection that is never made has a deadline too, and nothing was sent', async () => {
  const dispatcher = new Agent({ connect: () => {} });
  onTestFinished(() => dispatcher.destroy());
  const { aircall, server } = await open(() => {}, { timeoutMs: 20, retry: { attempts: 1 }, dispatcher });
  const error = await failureOf(aircall.contacts.delete(7));
  expect(error).toMatchObject({ code: 'timed_out', retryable: true, outcome: 'not_sent' });
  expect(error.message).toContain('for a connection. The request was not sent.');
  expect(server.received).toEqual([]);
});

test.each<readonly [string, Answer]>([
  ['announced', (_received, response) => response.writeHead(200, { 'content-length': 1e9 }).write('{')],
  [
    'streamed',
    (_received, response) => {
      response.writeHead(200);
      const flood = () => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
      };
      response.on('drain', flood);
      flood();
    },
  ],
])('an answer that is too large (%s) is neither read to its end nor asked for again', async (_name, answer) => {
  const { aircall, server } = await open(answer, { maximumResponseBytes: 100_000 });
  expect(await failureOf(aircall.calls.retrieve(7))).toBeInstanceOf(AnswerTooLarge);
  expect(server.received).toHaveLength(1);
});

test('of a refusal the status is enough, however its body ends', async () => {
  const { aircall, server } = await open((_received, response, index) => {
    if (index > 0) return json(response, 200, { tag: { id: 1 } });
    response.writeHead(429, { 'content-length': 1000 });
    response.write('{"err');
    setImmediate(() => response.socket?.destroy());
  });
  await aircall.tags.create({ name: 'a', color: '#000000' });
  expect(server.received).toHaveLength(2);
});

// ---- calling off

test('a request can be called off while it waits for the budget', async () => {
  const { aircall, server } = await open((_received, response) => json(response, 200, pong), {
    clock: new FakeClock(),
    budget: createInProcessBudget({ requestsPerMinute: 1, reserve: 0, clock: new FakeClock() }),
  });
  await aircall.ping.check();
  const controller = new AbortController();
  const waiting = aircall.ping.check({ signal: controller.signal, onWait: () => controller.abort() });
  await expect(waiting).rejects.toBeInstanceOf(Interrupted);
  expect(server.received).toHaveLength(1);
});

test('a request can be called off before it starts, on its way, and while its body comes', async () => {
  const controllers = [new AbortController(), new AbortController()];
  const { aircall, server } = await open((_received, response, index) => {
    if (index === 1) response.writeHead(200, { 'content-type': 'application/json' }).write('{"ping":');
    setTimeout(() => controllers[index]?.abort(new Error('enough')), 10);
  });
  for (const { signal } of controllers) {
    await expect(aircall.ping.check({ signal })).rejects.toMatchObject({ code: 'interrupted', cause: { message: 'enough' } });
  }
  await expect(aircall.ping.check({ signal: controllers[0]?.signal })).rejects.toBeInstanceOf(Interrupted);
  expect(server.received).toHaveLength(2);
});

test('a request can be called off while a connection is made', async () => {
  const controller = new AbortController();
  const dispatcher = new Agent({ connect: () => controller.abort() });
  onTestFinished(() => dispatcher.destroy());
  const { aircall, server } = await open(() => {}, { dispatcher });
  await expect(aircall.ping.check({ signal: controller.signal })).rejects.toBeInstanceOf(Interrupted);
  expect(server.received).toEqual([]);
});

test('a request called off while all connections are busy never reaches Aircall', async () => {
  const answers: (() => void)[] = [];
  const { aircall, server } = await open((_received, response) => answers.push(() => json(response, 200, pong)), { budget: 'off' });
  const busy = Array.from({ length: 10 }, () => aircall.ping.check());
  await expect.poll(() => answers.length).toBe(10);
  const controller = new AbortController();
  const queued = aircall.contacts.delete(7, { signal: controller.signal });
  setImmediate(() => controller.abort());
  await expect(queued).rejects.toBeInstanceOf(Interrupted);
  for (const answer of answers.splice(0)) answer();
  await Promise.all(busy);
  void aircall.ping.check().catch(() => {});
  await expect.poll(() => answers.length).toBe(1);
  expect(server.received.filter(({ method }) => method === 'DELETE')).toEqual([]);
  answers[0]?.();
});

test('a request can be called off between two attempts', async () => {
  const controller = new AbortController();
  const { aircall, server } = await open((_received, response) => json(response, 500, {}), { clock: new FakeClock() });
  const waiting = aircall.ping.check({ signal: controller.signal, onWait: ({ reason }) => reason === 'retry' && controller.abort() });
  await expect(waiting).rejects.toBeInstanceOf(Interrupted);
  expect(server.received).toHaveLength(1);
});

test('the signal of the client calls off every request, present and future', async () => {
  const controller = new AbortController();
  const { aircall } = await open(() => {}, { signal: controller.signal });
  const onTheirWay = [aircall.ping.check(), aircall.calls.retrieve(7), aircall.users.list().page(1)];
  setImmediate(() => controller.abort());
  for (const one of onTheirWay) await expect(one).rejects.toBeInstanceOf(Interrupted);
  await expect(aircall.ping.check()).rejects.toBeInstanceOf(Interrupted);
});

test('many requests on one signal leave one listener on it, and no warning', async () => {
  const warnings: Error[] = [];
  const listen = (warning: Error) => warnings.push(warning);
  process.on('warning', listen);
  onTestFinished(() => void process.off('warning', listen));
  const { aircall } = await open((_received, response) => json(response, 200, pong), { budget: 'off' });
  const { signal } = new AbortController();
  await Promise.all(Array.from({ length: 30 }, () => aircall.ping.check({ signal })));
  await new Promise((resolve) => setImmediate(resolve));
  expect(warnings).toEqual([]);
});

// ---- what is told, and what is not

test('when an answer was sent for is told by our clock and by Aircall’s', async () => {
  const clock = new FakeClock({ hurry: true });
  const { aircall } = await open(
    (_received, response, index) =>
      index === 0 ? json(response, 500, {}) : json(response, 200, { call }, { date: 'Fri, 02 Jan 2026 03:00:00 GMT' }),
    { clock },
  );
  const answers: unknown[] = [];
  await aircall.calls.retrieve(7, {}, { onAnswer: (answer) => answers.push(answer) });
  expect(answers).toEqual([
    { endpoint: 'calls.retrieve', status: 200, sentAtMs: clock.now(), serverTimeMs: Date.UTC(2026, 0, 2, 3, 0, 0) },
  ]);
});

test('nothing that was sent or answered is in an error, however it is looked at', async () => {
  const secrets = ['s3cret-token', '555-010', 'Erika', 'example.com'];
  const answers: Answer[] = [
    (_received, response) => text(response, 200, 'Erika <erika@example.com> +1 555-010-0123'),
    (_received, response) => json(response, 422, { error: 'Unprocessable Entity', errors: { email: ['erika@example.com is taken'] } }),
    (_received, response) => json(response, 405, { error: 'Method Not Allowed', troubleshoot: 'Erika is in a call with +1 555-010-0123' }),
    (_received, response) => response.socket?.end('HTTP/1.1 200 OK\r\nErika 555-010\r\n\r\n'),
    (_received, response) => response.socket?.destroy(),
  ];
  for (const answer of answers) {
    const { aircall } = await open(answer, { credential: { apiId: 'id', apiToken: 's3cret-token' }, retry: { attempts: 1 } });
    const error = await failureOf(aircall.contacts.search({ phoneNumber: '+1 555-010-0123', email: 'erika@example.com' }).page(1));
    const shown = [error.message, error.stack, error.hint, inspect(error, { depth: 10, showHidden: true }), JSON.stringify(error)].join(
      '\n',
    );
    for (const secret of secrets) expect(shown).not.toContain(secret);
  }
});

test('an answer kept from being JSON is described by its type, not by its text', async () => {
  const { aircall } = await open((_received, response) => text(response, 200, 'hello Erika', { 'content-type': 'text/plain' }), {
    retry: { attempts: 1 },
  });
  const error = await failureOf(aircall.ping.check());
  expect(error).toBeInstanceOf(MalformedAnswer);
  expect(error.message).toContain('it is not JSON but text/plain');
});

test('a connection that the server closed while it was idle costs a read nothing', async () => {
  const { aircall } = await open((_received, response, index) => {
    json(response, 200, pong);
    if (index === 0) response.on('finish', () => response.socket?.end());
  });
  expect(await aircall.ping.check()).toEqual(pong);
  expect(await aircall.ping.check()).toEqual(pong);
});
