import { expect, onTestFinished, test } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { serve, text } from '../../test/support/http-server.ts';
import { createClient } from './aircall.ts';
import type { Aircall } from './aircall.ts';
import {
  AircallError,
  BeyondTheCap,
  Blocked,
  CredentialRefused,
  InvalidRequest,
  isAircallError,
  NotFound,
  NotInPlan,
  RateLimited,
  ServerFailed,
  StateRefused,
} from './errors.ts';
import { noRetry } from './retry.ts';

type Request = (aircall: Aircall) => Promise<unknown>;
const read: Request = (aircall) => aircall.calls.retrieve(7);
const list: Request = (aircall) => aircall.calls.list().page(201);
const transcribe: Request = (aircall) => aircall.conversation.transcription(7);
const dial: Request = (aircall) => aircall.users.dial(7, { to: '+15550100123' });
const campaign: Request = (aircall) => aircall.dialer.create(7, { phoneNumbers: ['+15550100123'] });
const change: Request = (aircall) => aircall.contacts.update(7, { firstName: 'Test' });
const me: Request = (aircall) => aircall.integrations.retrieve();

async function errorFrom(
  status: number,
  body: unknown,
  request: Request,
  headers: Readonly<Record<string, string>> = {},
): Promise<AircallError> {
  const server = await serve((_received, response) =>
    typeof body === 'string' ? text(response, status, body, headers) : text(response, status, JSON.stringify(body), headers),
  );
  const aircall = createClient({
    credential: { accessToken: 'token' },
    baseUrl: server.url,
    retry: noRetry,
    clock: new FakeClock({ hurry: true }),
  });
  onTestFinished(() => aircall.close());
  const error = await request(aircall).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!isAircallError(error)) throw new Error(`Not refused: ${String(error)}`);
  return error;
}

const application = { error: 'Forbidden', troubleshoot: 'Ask your admin' };
const coded = { error: 'Bad Request', data: null, message: 'BAD_REQUEST', errors: 'Nope.', troubleshoot: 'BAD_REQUEST', success: false };
const cap = {
  ...coded,
  errors: 'Your query is limited to 10k results and pagination is out of bound, please use timestamps or other filters.',
};
const stated = {
  error: 'Unprocessable Entity',
  success: false,
  errors: { dialer_campaign: ['+15550100123 already imported, but not called'] },
};

test.each<readonly [string, number, unknown, Request, typeof AircallError, Partial<AircallError> & object]>([
  ['no credential, from the edge', 401, { message: 'Unauthorized' }, read, CredentialRefused, { code: 'credential_refused' }],
  ['a wrong key, from the application', 401, { error: 'Unauthorized', troubleshoot: 'Check your API key' }, read, CredentialRefused, {}],
  ['a wrong key, from the edge', 403, { message: 'Forbidden' }, read, CredentialRefused, { retryable: false, outcome: 'refused' }],
  ['a wrong key on an endpoint that needs a product', 403, { message: 'Forbidden' }, transcribe, CredentialRefused, {}],
  ['a product that is not in the plan', 403, application, transcribe, NotInPlan, { code: 'not_in_plan' }],
  ['403 on what every plan has', 403, application, read, CredentialRefused, {}],
  [
    'a key where only OAuth works',
    403,
    application,
    me,
    CredentialRefused,
    { hint: 'This endpoint works only with the token of an OAuth integration, not with a key pair.' },
  ],
  ['a firewall', 403, '<html>Blocked</html>', read, Blocked, { code: 'blocked' }],
  [
    'an unknown id',
    404,
    { error: 'Not Found', troubleshoot: 'Resource not found', success: false },
    read,
    NotFound,
    { route: false } as object,
  ],
  ['an unknown route', 404, { message: 'Not Found' }, read, NotFound, { route: true } as object],
  ['an endpoint that has ended', 410, { error: 'Gone', troubleshoot: 'Use v2' }, read, NotFound, { route: true } as object],
  [
    'a user in a call',
    405,
    { error: 'Method Not Allowed', troubleshoot: 'Busy', success: false },
    dial,
    StateRefused,
    { outcome: 'refused' },
  ],
  ['a key used twice', 409, { error: 'Conflict', troubleshoot: 'Used' }, dial, StateRefused, {}],
  ['values, in codes', 400, coded, change, InvalidRequest, { code: 'invalid_request' }],
  ['values, by field', 422, stated, campaign, InvalidRequest, { fields: ['dialer_campaign'] } as object],
  ['a page beyond the cap', 400, cap, list, BeyondTheCap, { code: 'beyond_the_cap', status: 400 }],
  ['too many requests', 429, { message: 'Too Many Requests' }, change, RateLimited, { retryable: true, outcome: 'refused' }],
  ['a failing read', 500, 'oops', read, ServerFailed, { retryable: true }],
  ['a failing write', 504, { message: 'Endpoint request timed out' }, change, ServerFailed, { retryable: false, outcome: 'unknown' }],
  ['something undocumented', 418, {}, read, AircallError, { code: 'unexpected_status' }],
])('%s', async (_name, status, body, request, type, facts) => {
  const error = await errorFrom(status, body, request);
  expect(error).toBeInstanceOf(type);
  expect(error.constructor).toBe(type);
  expect(error).toMatchObject({ status: error instanceof BeyondTheCap ? 400 : status, ...facts });
});

test('a refusal says which endpoint, which status, what is known about why, and never what was sent', async () => {
  const error = await errorFrom(422, stated, campaign, { 'apigw-requestid': 'abc=' });
  expect(error.message).toBe('dialer.create: Aircall does not accept the values sent in `dialer_campaign` (status 422).');
  expect(error.hint).toContain('queued already');
  expect(error.requestId).toBe('abc=');
  expect(error.reason).toBe('+15550100123 already imported, but not called');
  expect(JSON.stringify([error, error.message, error.hint])).not.toContain('555');
});

test('field names that look like anything else are left out', async () => {
  const error = await errorFrom(422, { error: 'Unprocessable Entity', errors: { '+1 555-010-0123': ['no'], email: ['no'] } }, change);
  expect(error.message).toContain('in `email` ');
  expect(error).toMatchObject({ fields: ['email'] });
});

test('once the credential was accepted, a refusal by the application is about what was asked for', async () => {
  const server = await serve((received, response) =>
    received.path.startsWith('/v1/ping') ? text(response, 200, '{"ping":"pong"}') : text(response, 403, JSON.stringify(application)),
  );
  const aircall = createClient({ credential: { accessToken: 'token' }, baseUrl: server.url, retry: noRetry });
  onTestFinished(() => aircall.close());
  await expect(aircall.webhooks.list().page(1)).rejects.toThrow(CredentialRefused);
  await aircall.ping.check();
  await expect(aircall.webhooks.list().page(1)).rejects.toThrow(NotInPlan);
  await expect(aircall.integrations.retrieve()).rejects.toThrow(CredentialRefused);
});
