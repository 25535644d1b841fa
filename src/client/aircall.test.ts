import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent, MockAgent } from 'undici';
import { expect, expectTypeOf, onTestFinished, test } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { json, serve } from '../../test/support/http-server.ts';
import type { Answer, Received } from '../../test/support/http-server.ts';
import { api, endpoints } from '../aircall/index.ts';
import type { Call, Id, User } from '../aircall/index.ts';
import { UsageError } from '../base/index.ts';
import { createClient } from './aircall.ts';
import type { Aircall } from './aircall.ts';
import type { ClientOptions } from './open-connection.ts';
import { NotFound, NotInPlan } from './errors.ts';
import type { Listing, Page } from './listing.ts';

const credential = { apiId: 'id', apiToken: 'token' };

async function open(answer: Answer, options: Partial<ClientOptions> = {}) {
  const server = await serve(answer);
  const aircall = createClient({ credential, baseUrl: server.url, clock: new FakeClock({ hurry: true }), ...options });
  onTestFinished(() => aircall.close());
  return { aircall, server };
}

// ---- methods

test('every endpoint has its method', () => {
  const aircall = createClient({ credential });
  const methods = Object.entries(aircall).flatMap(([group, made]) =>
    group in api ? Object.keys(made as object).map((method) => `${group}.${method}`) : [],
  );
  expect(methods.sort()).toEqual(endpoints.map(({ id }) => id).sort());
});

test('parameters and results are typed by the description of the API', () => {
  type Parameters_<M extends (...given: never[]) => unknown> = Parameters<M>;
  type List = NonNullable<Parameters_<Aircall['calls']['list']>[0]>;
  expectTypeOf<List['from']>().toEqualTypeOf<Date | number | undefined>();
  expectTypeOf<List['order']>().toEqualTypeOf<'asc' | 'desc' | undefined>();
  expectTypeOf<List['fetchContact']>().toEqualTypeOf<boolean | undefined>();
  expectTypeOf<keyof List>().not.toEqualTypeOf<'page'>();
  expectTypeOf<ReturnType<Aircall['calls']['list']>>().toEqualTypeOf<Listing<Call>>();
  expectTypeOf<ReturnType<Aircall['calls']['retrieve']>>().toEqualTypeOf<Promise<Call>>();
  expectTypeOf<ReturnType<Aircall['calls']['transfer']>>().toEqualTypeOf<Promise<undefined>>();
  expectTypeOf<ReturnType<ReturnType<Aircall['users']['list']>['page']>>().toEqualTypeOf<Promise<Page<User>>>();
  expectTypeOf<Parameters_<Aircall['calls']['retrieve']>[0]>().toEqualTypeOf<Id | string>();
  expectTypeOf<Parameters_<Aircall['users']['retrieve']>[0]>().toEqualTypeOf<Id | string>();
  expectTypeOf<Parameters_<Aircall['calls']['comment']>[1]>().toEqualTypeOf<{ readonly content: string }>();

  const wrong = (aircall: Aircall) => {
    // @ts-expect-error a comment needs its content
    void aircall.calls.comment(7);
    // @ts-expect-error there is no such parameter
    void aircall.calls.list({ fetchContacts: true });
    // @ts-expect-error a call needs its id
    void aircall.calls.retrieve();
    // @ts-expect-error pages are turned by the listing
    void aircall.calls.list({ page: 2 });
    void aircall.teams.removeUser(1, 2, { priority: 'live' });
  };
  expect(wrong).toBeTypeOf('function');
});

test('a write sends its body and gives what Aircall made of it', async () => {
  const { aircall, server } = await open((_received, response) => json(response, 201, { comment: { id: 1, content: 'Hello' } }));
  expect(await aircall.calls.comment(12345678901234567890n, { content: 'Hello' })).toEqual({ id: 1, content: 'Hello' });
  expect(server.received[0]).toMatchObject({
    method: 'POST',
    path: '/v1/calls/12345678901234567890/comments',
    body: '{"content":"Hello"}',
  });
});

test('an answer without a body is undefined', async () => {
  const { aircall } = await open((_received, response) => response.writeHead(204).end());
  expect(await aircall.calls.transfer(7, { userId: 1 })).toBeUndefined();
  expect(await aircall.contacts.delete(7)).toBeUndefined();
});

test('an answer whose shape nobody promised is given as it is', async () => {
  const { aircall } = await open((_received, response) => json(response, 201, { id: 1, content: 'Hello' }));
  expect(await aircall.calls.comment(7, { content: 'Hello' })).toEqual({ id: 1, content: 'Hello' });
});

test('wrong parameters reject and send nothing', async () => {
  const { aircall, server } = await open((_received, response) => json(response, 200, {}));
  await expect(aircall.calls.retrieve('7/comments')).rejects.toBeInstanceOf(UsageError);
  await expect(aircall.calls.list({ from: Date.now() }).page(1)).rejects.toBeInstanceOf(UsageError);
  expect(server.received).toEqual([]);
});

// ---- who asks, and whom

test('a key pair and a token are sent as Aircall wants them', async () => {
  const pong: Answer = (_received, response) => json(response, 200, { ping: 'pong' });
  const basic = await open(pong);
  await basic.aircall.ping.check();
  expect(basic.server.received[0]?.headers).toMatchObject({
    authorization: `Basic ${Buffer.from('id:token').toString('base64')}`,
    accept: 'application/json',
    'user-agent': 'trunkline',
  });
  const bearer = await open(pong, { credential: { accessToken: 'abc' }, userAgent: 'example/1.0' });
  await bearer.aircall.ping.check();
  expect(bearer.server.received[0]?.headers).toMatchObject({ authorization: 'Bearer abc', 'user-agent': 'example/1.0' });
});

test('every write declares JSON, with or without a body; a read declares nothing', async () => {
  const { aircall, server } = await open((received, response) =>
    json(response, 200, received.method === 'GET' ? { ping: 'pong' } : { call: {} }),
  );
  await aircall.calls.archive(7);
  await aircall.contacts.delete(7);
  await aircall.ping.check();
  expect(server.received.map(({ headers }) => headers['content-type'])).toEqual(['application/json', 'application/json', undefined]);
});

test('the code exchange carries no credential', async () => {
  const { aircall, server } = await open((_received, response) => json(response, 200, { access_token: 'a', token_type: 'Bearer' }));
  await aircall.oauth.exchangeCode({
    grantType: 'authorization_code',
    code: 'c',
    redirectUri: 'https://example.com/callback',
    clientId: 'a',
    clientSecret: 'b',
  });
  expect(server.received[0]?.headers.authorization).toBeUndefined();
});

test.each([
  [{ apiId: '', apiToken: 'token' }],
  [{ apiId: 'id', apiToken: 'tok en' }],
  [{ apiId: 'id', apiToken: 'token\r\nx-evil: 1' }],
  [{ apiId: 'i:d', apiToken: 'token' }],
  [{ accessToken: '' }],
  [{ accessToken: 'té' }],
])('a credential that cannot be one is refused before anything is sent, without repeating it (%#)', (wrong) => {
  const error: unknown = (() => {
    try {
      return createClient({ credential: wrong });
    } catch (thrown) {
      return thrown;
    }
  })();
  expect(error).toBeInstanceOf(UsageError);
  for (const secret of Object.values(wrong)) if (secret.length > 2) expect((error as Error).message).not.toContain(secret);
});

test.each([
  'http://api.aircall.io',
  'http://10.0.0.1:8080',
  'http://127.0.0.1.example.com',
  'http://localhost.example.com',
  'ftp://api.aircall.io',
  'https://id:token@api.aircall.io',
  'https://api.aircall.io?x=1',
  'api.aircall.io',
  '',
])('a base URL that would leak the credential or lead nowhere is refused: %j', (baseUrl) => {
  expect(() => createClient({ credential, baseUrl })).toThrow(UsageError);
});

test.each(['https://api.aircall.io', 'http://127.0.0.1:4242', 'http://localhost:4242/', 'http://[::1]:1', 'https://example.com/aircall/'])(
  'a base URL may be %s',
  (baseUrl) => {
    expect(() => createClient({ credential, baseUrl })).not.toThrow();
  },
);

test('a path in the base URL stands before every path', async () => {
  const server = await serve((_received, response) => json(response, 200, { ping: 'pong' }));
  const aircall = createClient({ credential, baseUrl: `${server.url}/aircall/` });
  onTestFinished(() => aircall.close());
  await aircall.ping.check();
  expect(server.received[0]?.path).toBe('/aircall/v1/ping');
});

test('a dispatcher of one’s own is used and left open', async () => {
  const dispatcher = new MockAgent();
  dispatcher.disableNetConnect();
  dispatcher.get('https://api.aircall.io').intercept({ path: '/v1/ping' }).reply(200, { ping: 'pong' }).times(2);
  const aircall = createClient({ credential, dispatcher });
  expect(await aircall.ping.check()).toEqual({ ping: 'pong' });
  await aircall.close();
  expect(await aircall.ping.check()).toEqual({ ping: 'pong' });
  await dispatcher.close();
});

test('a closed client says so, and closing twice is safe', async () => {
  const { aircall } = await open((_received, response) => json(response, 200, { ping: 'pong' }));
  await aircall.close();
  await aircall.close();
  await expect(aircall.ping.check()).rejects.toMatchObject({ code: 'connection_failed', retryable: false, outcome: 'not_sent' });
});

test('the proxy of the environment is used, except towards this machine', async () => {
  const connects: string[] = [];
  const proxy = createServer();
  proxy.on('connect', (request, socket) => {
    connects.push(request.url ?? '');
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  const before = { ...process.env };
  onTestFinished(() => {
    for (const name of ['https_proxy', 'http_proxy', 'no_proxy']) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  });
  process.env['https_proxy'] = process.env['http_proxy'] = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  process.env['no_proxy'] = '';

  const outside = createClient({ credential, baseUrl: 'https://aircall.example.com', retry: { attempts: 1 } });
  onTestFinished(() => outside.close());
  await expect(outside.ping.check()).rejects.toMatchObject({ code: 'connection_failed', outcome: 'not_sent' });
  expect(connects).toEqual(['aircall.example.com:443']);

  const { aircall } = await open((_received, response) => json(response, 200, { ping: 'pong' }));
  await aircall.ping.check();
  expect(connects).toHaveLength(1);
});

test('a certificate that is not trusted is not tried again', async () => {
  const dispatcher = new Agent({
    connect: (_options, callback) =>
      callback(Object.assign(new Error('self-signed certificate'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }), null),
  });
  onTestFinished(() => dispatcher.close());
  const clock = new FakeClock({ hurry: true });
  const aircall = createClient({ credential, dispatcher, clock });
  await expect(aircall.ping.check()).rejects.toMatchObject({
    retryable: false,
    hint: 'Behind a proxy that opens TLS, point NODE_EXTRA_CA_CERTS to its certificate.',
  });
  expect(clock.sleeps).toEqual([]);
});

// ---- endpoints that stand in for others

const versionOf = ({ path }: Received) => (path.startsWith('/v2/') ? 2 : 1);
const users = (response: Parameters<Answer>[1]) =>
  json(response, 200, { users: [{ id: 1 }], meta: { count: 1, total: 1, current_page: 1, per_page: 50 } });

test.each([
  ['403 of the application', 403, { error: 'Forbidden', troubleshoot: 'Not enabled' }],
  ['404 of the edge', 404, { message: 'Not Found' }],
  ['404 of the application', 404, { error: 'Not Found', success: false }],
  ['410', 410, { error: 'Gone' }],
])('where version 2 of the users is refused (%s), version 1 stands in and is remembered', async (_name, status, body) => {
  const { aircall, server } = await open((received, response) =>
    versionOf(received) === 2 ? json(response, status, body) : users(response),
  );
  const page = await aircall.users.list().page(1);
  expect(page).toMatchObject({ endpoint: 'users.listV1', rows: [{ id: 1 }] });
  await aircall.users.list({ order: 'desc' }).page(1);
  expect(server.received.map(versionOf)).toEqual([2, 1, 1]);
  expect(server.received[2]?.path).toBe('/v1/users?per_page=50&order=desc&page=1');
});

test('where version 1 has ended, version 2 stands in', async () => {
  const { aircall, server } = await open((received, response) => (versionOf(received) === 1 ? json(response, 410, {}) : users(response)));
  expect(await aircall.users.listV1().page(1)).toMatchObject({ endpoint: 'users.list' });
  expect(await aircall.users.list().page(1)).toMatchObject({ endpoint: 'users.list' });
  expect(server.received.map(versionOf)).toEqual([1, 2, 2]);
});

test('where both are refused, the first refusal is thrown, and asking again asks again', async () => {
  const { aircall, server } = await open((received, response) =>
    versionOf(received) === 2 ? json(response, 403, { error: 'Forbidden' }) : json(response, 410, {}),
  );
  await expect(aircall.users.list().page(1)).rejects.toBeInstanceOf(NotInPlan);
  await expect(aircall.users.list().page(1)).rejects.toBeInstanceOf(NotInPlan);
  expect(server.received.map(versionOf)).toEqual([2, 1, 2, 1]);
});

test('what stands in for the list stands in for the single user too, and knows best who is gone', async () => {
  const { aircall, server } = await open((received, response) => {
    if (versionOf(received) === 2) json(response, 403, { error: 'Forbidden', troubleshoot: 'Not enabled' });
    else if (received.path.startsWith('/v1/users/')) json(response, 404, { message: 'Not Found' });
    else users(response);
  });
  await aircall.users.list().page(1);
  await expect(aircall.users.retrieve(7)).rejects.toBeInstanceOf(NotFound);
  expect(server.received.map(versionOf)).toEqual([2, 1, 1, 2]);
});

test('an unknown user, a wrong key or a failing server is no reason for a stand-in', async () => {
  const answers: readonly (readonly [number, object])[] = [
    [404, { error: 'Not Found', success: false }],
    [403, { message: 'Forbidden' }],
    [500, {}],
  ];
  for (const [status, body] of answers) {
    const { aircall, server } = await open((_received, response) => json(response, status, body), { retry: { attempts: 1 } });
    await expect(aircall.users.retrieve(7)).rejects.toThrow();
    expect(server.received.map(versionOf)).toEqual([2]);
  }
  const { aircall } = await open((_received, response) => json(response, 404, { error: 'Not Found', success: false }));
  await expect(aircall.users.retrieve(7)).rejects.toBeInstanceOf(NotFound);
});
