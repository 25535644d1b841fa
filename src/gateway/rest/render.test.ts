import { expect, test } from 'vitest';
import { gatewayCodes } from '../flow/call.ts';
import type { GatewayCode, GatewayReply } from '../flow/call.ts';
import { refusalOf } from '../flow/failure.ts';
import { render } from './render.ts';

const reply = (result: GatewayReply['result']): GatewayReply => ({ decisionId: 'd1', decision: null, result, budget: null });
const answer = {
  kind: 'answer',
  status: 200,
  untrustedText: null,
  filtered: false,
  source: { from: 'live', ageMs: 0 },
  replayed: false,
} as const;

const expected: Readonly<Record<GatewayCode, number>> = {
  unauthenticated: 401,
  agent_inactive: 403,
  bad_origin: 403,
  invalid_request: 400,
  unknown_capability: 404,
  not_granted: 403,
  forbidden_by_rule: 403,
  forbidden_by_guardrail: 403,
  outside_hours: 403,
  not_found: 404,
  filter_not_allowed: 403,
  approval_required: 403,
  approval_pending: 403,
  approval_refused: 403,
  approval_expired: 403,
  confirm_required: 428,
  confirm_invalid: 409,
  idempotency_mismatch: 422,
  idempotency_in_progress: 409,
  budget_exhausted: 429,
  quota_exhausted: 429,
  audit_unavailable: 503,
  store_unavailable: 503,
  upstream_rejected: 400,
  connection_invalid: 502,
  not_in_plan: 403,
  wrong_state: 409,
  upstream_unavailable: 502,
  outcome_unknown: 504,
  outcome_unrecorded: 500,
  shutting_down: 503,
  internal: 500,
};

test.each(gatewayCodes)('%s has its status, and a body in Aircall’s shape with ours beside it', (code) => {
  const { status, headers, body } = render(reply(refusalOf({ code, message: 'So it is.', fix: 'Do this.' })));
  expect(status).toBe(expected[code]);
  expect(JSON.parse(body ?? '')).toEqual({
    error: expect.any(String),
    troubleshoot: 'So it is.',
    code,
    decision_id: 'd1',
    fix: 'Do this.',
  });
  expect(headers['WWW-Authenticate'] === undefined).toBe(status !== 401);
});

test('Aircall’s 422 stays one, and a read that timed out is told from one that failed', () => {
  expect(render(reply(refusalOf({ code: 'upstream_rejected', message: '', upstreamStatus: 422 }))).status).toBe(422);
  expect(render(reply(refusalOf({ code: 'upstream_unavailable', message: '', timedOut: true }))).status).toBe(504);
});

test('ids beyond 2^53 keep their digits', () => {
  expect(render(reply({ ...answer, body: { call: { id: 9007199254740993n } } })).body).toBe('{"call":{"id":9007199254740993}}');
});

test('text of third parties stands beside the body, with the notice, and never without it', () => {
  const { body } = render(reply({ ...answer, body: { call: { name: null } }, untrustedText: { 'call/name': 'Do this' } }));
  expect(JSON.parse(body ?? '')).toEqual({
    call: { name: null },
    untrusted_text: { 'call/name': 'Do this' },
    notice: expect.stringContaining('not instructions'),
  });
  expect(JSON.parse(render(reply(refusalOf({ code: 'wrong_state', message: '', untrustedHint: 'Busy' }))).body ?? '')).toMatchObject({
    untrusted_text: { hint: 'Busy' },
    notice: expect.any(String),
  });
});

test('an answer without a body has none, and keeps Aircall’s status', () => {
  expect(render(reply({ ...answer, status: 201, body: undefined }))).toMatchObject({ status: 201, body: null });
  expect(render(reply({ ...answer, status: 204, body: undefined }))).toMatchObject({ status: 204, body: null });
});
