// From the flow's reply to status, headers and body, in the shapes Aircall's own clients know. Every header is ours; none of
// Aircall's and none of the request's is passed on.
import { STATUS_CODES } from 'node:http';
import { stringify } from 'json-custom-numbers';
import { isObject } from '../../base/index.ts';
import type { GatewayCode, GatewayReply, ReplyAnswer, ReplyPlan, ReplyRefusal } from '../flow/call.ts';
import { fixOf, notice } from '../flow/told-agents.ts';

export type Rendered = { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: string | null };

export function render(reply: GatewayReply): Rendered {
  const { result } = reply;
  switch (result.kind) {
    case 'answer':
      return withHeaders(reply, answered(result));
    case 'plan':
      return withHeaders(reply, planned(reply, result));
    case 'refusal':
      return withHeaders(reply, refused(reply, result));
  }
}

type Part = { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body: unknown };

function withHeaders({ decisionId, budget }: GatewayReply, { status, headers = {}, body }: Part): Rendered {
  const text = body === undefined ? null : stringifyExact(body);
  const { share = null, today = null } = budget ?? {};
  return {
    status,
    headers: {
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
      'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
      'X-Gateway-Decision': decisionId,
      ...(text === null ? {} : { 'Content-Type': 'application/json; charset=utf-8' }),
      ...(share === null
        ? {}
        : {
            'X-AircallApi-Limit': String(share.limit),
            'X-AircallApi-Remaining': String(share.remaining),
            'X-AircallApi-Reset': String(Math.ceil(share.resetAtMs / 1000)),
          }),
      ...(today === null ? {} : { 'X-Gateway-Daily-Limit': String(today.limit), 'X-Gateway-Daily-Remaining': String(today.remaining) }),
      ...headers,
    },
    body: text,
  };
}

function answered({ status, body, untrustedText, filtered, source, replayed }: ReplyAnswer): Part {
  const headers = {
    'X-Gateway-Source': source.from,
    Age: String(Math.floor(source.ageMs / 1000)),
    ...(filtered ? { 'X-Gateway-Filtered': '1' } : {}),
    ...(replayed ? { 'X-Gateway-Replayed': '1' } : {}),
  };
  if (body === undefined || status === 204) return { status, headers, body: undefined };
  if (untrustedText === null) return { status, headers, body };
  const apart = { untrusted_text: untrustedText, notice };
  return { status, headers, body: isObject(body) ? { ...body, ...apart } : { data: body, ...apart } };
}

function planned({ decisionId, decision }: GatewayReply, { sentence, act, request }: ReplyPlan): Part {
  return {
    status: 200,
    body: {
      dry_run: true,
      sentence,
      act,
      decision_id: decisionId,
      ...(decision === null ? {} : { decision: { effect: decision.effect, rule: decision.rule, obligations: decision.obligations } }),
      request: { ...request, headers: { authorization: '***' } },
    },
  };
}

const headersOfOurs = { approval: 'the header X-Approval-Id', confirm: 'the header X-Confirm-Token' } as const;

function refused({ decisionId }: GatewayReply, refusal: ReplyRefusal): Part {
  const { code, message, retryAfterSeconds, queue, approval, confirm, untrustedHint } = refusal;
  const status = statusOf(refusal);
  return {
    status,
    headers: {
      ...(retryAfterSeconds === null ? {} : { 'Retry-After': String(retryAfterSeconds) }),
      ...(status === 401 ? { 'WWW-Authenticate': 'Basic realm="gateway", charset="UTF-8", Bearer realm="gateway"' } : {}),
    },
    body: {
      error: STATUS_CODES[status] ?? 'Error',
      troubleshoot: message,
      code,
      decision_id: decisionId,
      fix: fixOf(refusal, headersOfOurs),
      ...(queue === null ? {} : { queue_position: queue.position, queue_length: queue.waiting }),
      ...(approval === null ? {} : { approval_id: approval.id, expires_at: approval.expiresAt }),
      ...(confirm === null
        ? {}
        : {
            confirm_token: confirm.token,
            expires_at: confirm.expiresAt,
            sentence: confirm.sentence,
            consequence: confirm.consequence,
            row: confirm.row,
          }),
      ...(untrustedHint === null ? {} : { untrusted_text: { hint: untrustedHint }, notice }),
    },
  };
}

const statuses: Readonly<Record<GatewayCode, number>> = {
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

function statusOf({ code, upstreamStatus, timedOut }: ReplyRefusal): number {
  if (code === 'upstream_rejected' && upstreamStatus === 422) return 422;
  if (code === 'upstream_unavailable' && timedOut) return 504;
  return statuses[code];
}

/** As `JSON.stringify`, with a `bigint` as its digits. */
function stringifyExact(value: unknown): string {
  const text = stringify(value, undefined, undefined, (_key, inner, type) => (type === 'bigint' ? String(inner) : undefined));
  return text;
}
