import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { json, serve } from './support/http-server.ts';
import type { Answer, TestServer } from './support/http-server.ts';

const lines: string[] = [];

beforeEach(() => {
  // Examples do their work while they are loaded, so each test loads them anew.
  vi.resetModules();
  lines.length = 0;
  for (const method of ['log', 'error'] as const) {
    const spy = vi.spyOn(console, method).mockImplementation((...said: readonly unknown[]) => void lines.push(said.join(' ')));
    onTestFinished(() => spy.mockRestore());
  }
});

async function open(answer: Answer): Promise<TestServer> {
  const server = await serve(answer);
  vi.stubEnv('AIRCALL_BASE_URL', server.url);
  vi.stubEnv('AIRCALL_API_ID', 'id');
  vi.stubEnv('AIRCALL_API_TOKEN', 'token');
  onTestFinished(() => void vi.unstubAllEnvs());
  return server;
}

function run(name: string, ...given: readonly string[]): Promise<unknown> {
  const { argv, exitCode } = process;
  process.argv = [...argv.slice(0, 2), ...given];
  onTestFinished(() => {
    process.argv = argv;
    process.exitCode = exitCode;
  });
  return import(`../examples/${name}.ts`);
}

test('the example of missed calls lists them', async () => {
  const call = {
    id: 1,
    direction: 'inbound',
    answered_at: null,
    started_at: 1767323045,
    missed_call_reason: 'short_abandoned',
    number: null,
  };
  const server = await open((_received, response) =>
    json(response, 200, {
      calls: [call, { ...call, id: 2, answered_at: 1767323050 }, { ...call, id: 3, direction: 'outbound' }],
      meta: { count: 3, total: 3, current_page: 1, per_page: 50 },
    }),
  );
  await run('missed-calls');
  expect(lines).toEqual([
    '2026-01-02T03:04:05.000Z  call 1  a number  short_abandoned',
    expect.stringMatching(/^1 missed calls on \d{4}-\d\d-\d\d\.$/),
  ]);
  const { query } = server.received[0]!;
  expect(Number(query.get('to')) - Number(query.get('from'))).toBe(86_400);
  expect((Number(query.get('from')) + 1) % 86_400).toBe(0);
});

test('the example of contacts goes on where Aircall stops listing', async () => {
  const total = 330;
  const capBody = { error: 'Bad Request', errors: 'Your query is limited to 10k results and pagination is out of bound' };
  const server = await open(({ query }, response) => {
    const from = Number(query.get('from') ?? 0);
    const page = Number(query.get('page'));
    // As at 10,000, only sooner.
    if (page * 50 > 200) return json(response, 400, capBody);
    const ids = Array.from({ length: total }, (_none, index) => index + 1).filter((id) => id >= from);
    const contacts = ids
      .slice((page - 1) * 50, page * 50)
      .map((id) => ({ id, created_at: id, emails: id % 2 ? [{ id, label: 'Work', value: 'one@example.com' }] : [] }));
    json(response, 200, { contacts, meta: { count: contacts.length, total: ids.length, current_page: page, per_page: 50 } });
  });
  await run('contacts');
  expect(lines).toEqual(['330 contacts, 165 of them with an e-mail address.']);
  expect(server.received.map(({ query }) => [query.get('from'), query.get('page')].join(' '))).toEqual([
    '0 1',
    '0 2',
    '0 3',
    '0 4',
    '0 5',
    '200 1',
    '200 2',
    '200 3',
  ]);
});

test('the example of a comment makes it', async () => {
  const server = await open((_received, response) => json(response, 201, { comment: { id: 1 } }));
  await run('comment-on-call', '4200000001', 'Settled.');
  expect(lines).toEqual(['Commented on call 4200000001.']);
  expect(server.received.map(({ method, path, body }) => [method, path, body])).toEqual([
    ['POST', '/v1/calls/4200000001/comments', '{"content":"Settled."}'],
  ]);
});

test('the example of a comment says what went wrong', async () => {
  await open((_received, response) => json(response, 400, { error: 'Bad Request', troubleshoot: 'Too many' }));
  await run('comment-on-call', '4200000001', 'Settled.');
  expect(lines).toEqual(['Aircall did not take the comment. Known reasons: The call has five comments already.']);
});

test('the example of OAuth goes from consent to the company', async () => {
  const server = await open((received, response) =>
    received.path === '/v1/oauth/token'
      ? json(response, 200, { access_token: 'tok', token_type: 'Bearer' })
      : json(response, 200, { company: { name: 'Example', users_count: 3, numbers_count: 2 } }),
  );
  const redirectUri = `http://127.0.0.1:${await freePort()}/callback`;
  vi.stubEnv('AIRCALL_CLIENT_ID', 'client');
  vi.stubEnv('AIRCALL_CLIENT_SECRET', 'secret');
  vi.stubEnv('AIRCALL_REDIRECT_URI', redirectUri);
  const running = run('oauth');
  await expect.poll(() => lines[0]).toContain('https://dashboard.aircall.io/oauth/authorize?');
  const state = new URL(lines[0]!.split('\n')[1]!).searchParams.get('state') ?? '';
  await fetch(`${redirectUri}?code=abc&state=${state}`);
  await running;
  expect(lines[1]).toBe('Example has 3 users and 2 numbers.');
  expect(server.received[1]?.headers.authorization).toBe('Bearer tok');
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
