// Answers are looked into as they come: what is not there is undefined and fails the expectation.
/* oxlint-disable typescript/no-unsafe-argument, typescript/no-unsafe-assignment, typescript/no-unsafe-call */
/* oxlint-disable typescript/no-unsafe-member-access, typescript/no-unsafe-return */
import { expect, test } from 'vitest';
import { noonMs, simulated } from '../../test/support/simulated.ts';

test('bad credentials are refused at the edge: 401 without a header, 403 with a wrong one', async () => {
  const { ask, simulator } = await simulated();
  const wrong = `Basic ${Buffer.from('someone:else').toString('base64')}`;
  const cases: [header: string, status: number, text: string][] = [
    ['', 401, '{"message":"Unauthorized"}'],
    [wrong, 403, '{"message":"Forbidden"}'],
    ['Basic nonsense', 403, '{"message":"Forbidden"}'],
    ['Bearer nonsense', 403, '{"message":"Forbidden"}'],
  ];
  for (const [authorization, status, text] of cases) {
    const reply = await ask('GET', '/v1/ping', undefined, { authorization });
    expect([reply.status, reply.text]).toEqual([status, text]);
    expect(reply.headers.get('apigw-requestid')).not.toBeNull();
    expect(reply.headers.get('x-cache')).toBe('Error from cloudfront');
  }
  const bearer = await ask('GET', '/v1/ping', undefined, { authorization: `Bearer ${simulator.accessToken}` });
  expect([bearer.status, bearer.text]).toEqual([200, '{"ping":"pong"}']);
  simulator.oauth.revoke(simulator.accessToken);
  expect((await ask('GET', '/v1/ping', undefined, { authorization: `Bearer ${simulator.accessToken}` })).status).toBe(403);
});

test('an unknown route is a 404 of the edge, an unknown id one of the application', async () => {
  const { get } = await simulated();
  expect((await get('/v1/nothing')).text).toBe('{"message":"Not Found"}');
  expect((await get('/v1/calls/1')).body).toEqual({ error: 'Not Found', troubleshoot: 'Resource not found', success: false });
});

test('a partner gets a token by OAuth, with each code once and for ten minutes', async () => {
  const { ask, simulator } = await simulated();
  const { clientId, clientSecret } = simulator.oauth.client;
  const redirect = 'https://partner.example.com/callback';
  const consent = async () => {
    const query = new URLSearchParams({
      client_id: clientId,
      redirect_uri: redirect,
      response_type: 'code',
      scope: 'public_api',
      state: 's1',
    });
    const location = (await ask('GET', `${new URL(simulator.authorizeUrl).pathname}?${query.toString()}`)).headers.get('location');
    return new URL(location ?? '');
  };
  const exchange = (code: string | null, secret = clientSecret) =>
    ask(
      'POST',
      '/v1/oauth/token',
      { grant_type: 'authorization_code', code, redirect_uri: redirect, client_id: clientId, client_secret: secret },
      { authorization: '' },
    );
  const given = await consent();
  expect(given.searchParams.get('state')).toBe('s1');
  expect((await exchange(given.searchParams.get('code'), 'wrong')).body).toEqual({ error: 'invalid_client' });
  const token = await exchange((await consent()).searchParams.get('code'));
  expect(Object.keys(token.body)).toEqual(['access_token', 'token_type']);
  const authorization = `Bearer ${token.body.access_token}`;
  expect((await ask('GET', '/v1/integrations/me', undefined, { authorization })).status).toBe(200);
  expect((await ask('GET', '/v1/integrations/me')).status).toBe(403);
  const code = (await consent()).searchParams.get('code');
  await exchange(code);
  expect((await exchange(code)).body.error).toBe('invalid_grant');
  const late = (await consent()).searchParams.get('code');
  simulator.company.advance(601);
  expect((await exchange(late)).status).toBe(400);
  simulator.oauth.consents = false;
  expect((await consent()).searchParams.get('error')).toBe('access_denied');
});

test('request 121 of a minute is refused, and the minute opens with its first request', async () => {
  const { get, simulator, ask } = await simulated({ requestsPerMinute: 120 });
  for (let request = 0; request < 119; request += 1) {
    const { status, headers } = await get('/v1/ping');
    expect([status, headers.get('x-aircallapi-limit')]).toEqual([200, null]);
  }
  await ask('GET', '/v1/calls/1');
  const refused = await get('/v1/ping');
  expect(refused.status).toBe(429);
  expect(refused.text).toBe('{"error":"Too Many Requests","troubleshoot":"API rate limit of 120 requests per minute reached"}');
  expect(refused.headers.get('x-aircallapi-limit')).toBe('120');
  expect(refused.headers.get('x-aircallapi-remaining')).toBe('0');
  expect(refused.headers.get('x-aircallapi-reset')).toBe(String(noonMs / 1000 + 60));
  expect(refused.headers.get('retry-after')).toBeNull();
  simulator.company.advance(59);
  expect((await get('/v1/ping')).status).toBe(429);
  simulator.company.advance(1);
  expect((await get('/v1/ping')).status).toBe(200);
  expect(simulator.requests.countOf(429)).toBe(2);
});

test('requests without good credentials cost the company nothing', async () => {
  const { get, ask } = await simulated({ requestsPerMinute: 1 });
  for (let request = 0; request < 5; request += 1) await ask('GET', '/v1/ping', undefined, { authorization: '' });
  expect((await get('/v1/ping')).status).toBe(200);
  expect((await get('/v1/ping')).status).toBe(429);
});

test('the log tells how many requests the busiest minute had', async () => {
  const { get, simulator } = await simulated();
  for (const seconds of [0, 30, 29, 1, 60]) {
    simulator.company.advance(seconds);
    await get('/v1/ping?a=1');
  }
  // At 0, 30, 59, 60 and 120 seconds: the first and the fourth are a full minute apart.
  expect(simulator.requests.busiestMinute()).toBe(3);
  expect(simulator.requests.entries[0]).toMatchObject({
    atMs: noonMs,
    endMs: noonMs,
    method: 'GET',
    path: '/v1/ping',
    query: 'a=1',
    endpoint: 'ping.check',
    status: 200,
  });
});
