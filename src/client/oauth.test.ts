import { expect, test } from 'vitest';
import { json, serve } from '../../test/support/http-server.ts';
import { InvalidRequest, MalformedAnswer } from './errors.ts';
import { authorizeUrl, createState, exchangeCode, isSameState, OauthRefused, readCallback } from './oauth.ts';

const redirectUri = 'https://example.com/callback?tenant=1';
const client = { clientId: 'client', clientSecret: 's3cret', redirectUri };

test('the admin is sent where Aircall asks for consent', () => {
  const url = new URL(authorizeUrl({ clientId: 'client', redirectUri, state: 'abc' }));
  expect(url.origin + url.pathname).toBe('https://dashboard.aircall.io/oauth/authorize');
  expect(Object.fromEntries(url.searchParams)).toEqual({
    client_id: 'client',
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'public_api',
    state: 'abc',
  });
});

test('states are long, random, and fit into an address', () => {
  const states = new Set(Array.from({ length: 100 }, createState));
  expect(states.size).toBe(100);
  for (const state of states) expect(state).toMatch(/^[\w-]{43}$/);
});

test('only the state that was sent is the same', () => {
  const state = createState();
  expect(isSameState(state, state)).toBe(true);
  for (const other of ['', createState(), state.slice(1), `${state}x`, state.toUpperCase()]) expect(isSameState(state, other)).toBe(false);
  expect(isSameState('', '')).toBe(false);
});

test('the code of a redirect counts only with the state that was sent', () => {
  const state = createState();
  expect(readCallback(`https://example.com/callback?code=abc&state=${state}`, { state })).toBe('abc');
  const refused = (query: string) => {
    try {
      return readCallback(`https://example.com/callback?${query}`, { state });
    } catch (error) {
      return error instanceof OauthRefused ? error.code : error;
    }
  };
  expect(refused('code=abc')).toBe('oauth_state_mismatch');
  expect(refused(`code=abc&state=${createState()}`)).toBe('oauth_state_mismatch');
  expect(refused(`error=access_denied&state=${state}`)).toBe('oauth_consent_refused');
  expect(refused(`state=${state}`)).toBe('oauth_code_missing');
});

test('a code becomes a token, and what else Aircall says is kept', async () => {
  const server = await serve((_received, response) =>
    json(response, 200, { access_token: 'tok', token_type: 'Bearer', created_at: 1789000000, brand_new: true }),
  );
  expect(await exchangeCode({ ...client, code: 'abc', baseUrl: server.url })).toEqual({
    accessToken: 'tok',
    extra: { token_type: 'Bearer', created_at: 1789000000, brand_new: true },
  });
  expect(server.received[0]).toMatchObject({ method: 'POST', path: '/v1/oauth/token' });
  expect(server.received[0]?.headers.authorization).toBeUndefined();
  expect(JSON.parse(server.received[0]?.body ?? '')).toEqual({
    grant_type: 'authorization_code',
    code: 'abc',
    redirect_uri: redirectUri,
    client_id: 'client',
    client_secret: 's3cret',
  });
});

test('a refused code is sent once and named in no message', async () => {
  const server = await serve((_received, response) =>
    json(response, 400, { error: 'invalid_grant', error_description: 'code abc is used' }),
  );
  const error: unknown = await exchangeCode({ ...client, code: 'abc-code', baseUrl: server.url }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(InvalidRequest);
  expect((error as Error).message).not.toMatch(/abc|s3cret/);
  expect(server.received).toHaveLength(1);
});

test('an answer without a token is no grant', async () => {
  const server = await serve((_received, response) => json(response, 200, { token: 'tok' }));
  await expect(exchangeCode({ ...client, code: 'abc', baseUrl: server.url })).rejects.toBeInstanceOf(MalformedAnswer);
  expect(server.received).toHaveLength(1);
});
