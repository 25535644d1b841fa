import fc from 'fast-check';
import { expect, test } from 'vitest';
import { beyondCapMessage, errorFamilies, meaningOf, parseErrorBody, refusalMeanings } from './errors.ts';

const bodies = {
  documented: { error: 'Bad Request', troubleshoot: 'The call has ended' },
  coded: {
    error: 'Bad Request',
    data: null,
    message: 'BAD_REQUEST',
    errors: beyondCapMessage,
    troubleshoot: 'BAD_REQUEST',
    success: false,
  },
  state: { error: 'Method Not Allowed', troubleshoot: 'The user is currently unavailable', success: false },
  queued: { error: 'Unprocessable Entity', success: false, errors: { dialer_campaign: ['+15550100123 already imported, but not called'] } },
  edge: { message: 'Forbidden' },
  oauth: { error: 'invalid_grant', error_description: 'The code has expired' },
};

test('each family is recognised and gives Aircall’s own words', () => {
  expect(parseErrorBody(bodies.documented)).toMatchObject({ family: 'documented', tier: 'application', message: 'The call has ended' });
  expect(parseErrorBody(bodies.coded)).toMatchObject({ family: 'coded', tier: 'application', message: beyondCapMessage });
  expect(parseErrorBody(bodies.state)).toMatchObject({ family: 'stated', message: 'The user is currently unavailable' });
  expect(parseErrorBody(bodies.edge)).toMatchObject({ family: 'edge', tier: 'edge', message: 'Forbidden' });
  expect(parseErrorBody(bodies.oauth)).toMatchObject({ family: 'oauth', message: 'The code has expired' });
});

test('errors by name tell which field and which sentences', () => {
  expect(parseErrorBody(bodies.queued)).toEqual({
    family: 'stated',
    tier: 'application',
    message: '+15550100123 already imported, but not called',
    details: ['+15550100123 already imported, but not called'],
    fields: ['dialer_campaign'],
  });
});

test('a code in the place of a sentence is no message unless there is nothing else', () => {
  expect(parseErrorBody({ error: 'Forbidden', troubleshoot: 'FORBIDDEN' }).message).toBe('Forbidden');
  expect(parseErrorBody({ message: 'FORBIDDEN' }).message).toBe('FORBIDDEN');
  expect(parseErrorBody({ error: 'Bad Request', verbose: 'Said long ago' }).message).toBe('Bad Request');
});

test('what is no object has no words', () => {
  for (const body of [null, undefined, 'gateway timeout', '<html></html>', 3, [], [bodies.edge]]) {
    expect(parseErrorBody(body)).toEqual({ family: 'unknown', tier: 'unknown', message: null, details: [], fields: [] });
  }
});

test('403 from the edge is a bad credential, from the application a missing product, from elsewhere a barrier', () => {
  expect(meaningOf(403, parseErrorBody(bodies.edge))).toBe('credential');
  expect(meaningOf(403, parseErrorBody({ error: 'Forbidden', troubleshoot: 'AI Assist is not in your plan' }))).toBe('not_in_plan');
  expect(meaningOf(403, parseErrorBody('<html>Access denied</html>'))).toBe('blocked');
});

test('401 is the credential whoever says it', () => {
  expect(meaningOf(401, parseErrorBody({ message: 'Unauthorized' }))).toBe('credential');
  expect(meaningOf(401, parseErrorBody({ error: 'Unauthorized', troubleshoot: 'Check your API key' }))).toBe('credential');
});

test('a page past the cap is told from other bad requests', () => {
  expect(meaningOf(400, parseErrorBody(bodies.coded))).toBe('beyond_cap');
  expect(meaningOf(400, parseErrorBody(bodies.documented))).toBe('invalid');
});

test('statuses without a body have a meaning all the same', () => {
  const empty = parseErrorBody(undefined);
  const meanings = [400, 404, 405, 409, 410, 422, 429, 500, 503, 418].map((status) => meaningOf(status, empty));
  expect(meanings).toEqual(['invalid', 'not_found', 'state', 'state', 'gone', 'invalid', 'rate_limited', 'server', 'server', 'other']);
});

test('any JSON at all is parsed without throwing, into bounded words', () => {
  const sentence = fc.oneof(fc.string(), fc.constantFrom('BAD_REQUEST', beyondCapMessage, 'x'.repeat(5000)));
  const errorLike = fc.record(
    {
      error: fc.oneof(sentence, fc.jsonValue()),
      message: fc.oneof(sentence, fc.jsonValue()),
      troubleshoot: fc.oneof(sentence, fc.jsonValue()),
      errors: fc.oneof(sentence, fc.jsonValue(), fc.dictionary(fc.string(), fc.array(sentence, { maxLength: 150 }))),
      success: fc.boolean(),
      data: fc.jsonValue(),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), errorLike), fc.integer({ min: 400, max: 599 }), (body, status) => {
      const parsed = parseErrorBody(body);
      expect(errorFamilies).toContain(parsed.family);
      expect(parsed.message === null || (parsed.message.length > 0 && parsed.message.length <= 2000)).toBe(true);
      expect(parsed.details.length).toBeLessThanOrEqual(100);
      expect(parsed.fields.length).toBeLessThanOrEqual(100);
      expect(refusalMeanings).toContain(meaningOf(status, parsed));
    }),
  );
});
