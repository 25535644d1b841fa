// From the flow's reply to the result of a tool. Refusals are results too: a model reads them and can act on them, and never
// sees errors of the protocol.
import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import type { CallToolResult } from '@modelcontextprotocol/server';
import type { ExactJson, Json } from '../../base/index.ts';
import type { GatewayReply, ReplyAnswer, ReplyPlan, ReplyRefusal } from '../flow/call.ts';
import { fixOf, notice } from '../flow/told-agents.ts';

/** Of `_meta`: the decision, and what is left of the budget. */
export const decisionKey = 'com.trunkline/decision';

/** Throws `ProtocolError` for a tool that does not exist and for our own failures, and nothing else. */
export function resultOf(reply: GatewayReply, asked: { readonly tool: string; readonly isOwn: boolean }): CallToolResult {
  const { result } = reply;
  switch (result.kind) {
    case 'answer':
      return complete(reply, asked.isOwn ? plain(result.body) : answered(result), { isError: false });
    case 'plan':
      return complete(reply, planned(reply, result), { isError: false });
    case 'refusal':
      if (result.code === 'unknown_capability') {
        const name = /^[\w.-]{1,128}$/.test(asked.tool) ? `: ${asked.tool}` : '';
        throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown tool${name}`, { decision_id: reply.decisionId });
      }
      if (result.code === 'internal' && reply.decision === null) throw internalError(reply.decisionId);
      return complete(reply, refused(reply, result), { isError: true });
  }
}

/** Says nothing of what happened but where to look. */
export function internalError(decisionId: string | null): ProtocolError {
  return new ProtocolError(
    ProtocolErrorCode.InternalError,
    'Internal error',
    ...(decisionId === null ? [] : [{ decision_id: decisionId }]),
  );
}

function complete(reply: GatewayReply, content: Json, { isError }: { readonly isError: boolean }): CallToolResult {
  const { decisionId, decision, budget } = reply;
  const share = budget?.share ?? null;
  return {
    content: [{ type: 'text', text: JSON.stringify(content) }],
    structuredContent: content,
    ...(isError ? { isError } : {}),
    _meta: {
      [decisionKey]: {
        id: decisionId,
        ...(decision === null ? {} : { effect: decision.effect, rule: decision.rule.id }),
        ...(share === null
          ? {}
          : { budget: { limit: share.limit, remaining: share.remaining, resets_at: new Date(share.resetAtMs).toISOString() } }),
      },
    },
  };
}

function answered({ status, body, untrustedText, filtered, source, replayed }: ReplyAnswer): Json {
  return {
    data: body === undefined || status === 204 ? null : plain(body),
    ...(untrustedText === null ? {} : { untrusted_text: untrustedText, notice }),
    filtered,
    source: { from: source.from, age_seconds: Math.floor(source.ageMs / 1000) },
    ...(replayed ? { replayed } : {}),
  };
}

function planned({ decision }: GatewayReply, { sentence, act, request }: ReplyPlan): Json {
  return plain({
    plan: {
      sentence,
      act,
      request: { ...request, headers: { authorization: '***' } },
      ...(decision === null
        ? {}
        : { decision: { effect: decision.effect, rule: decision.rule, obligations: decision.obligations as unknown as Json } }), // plain data
    },
  });
}

const argumentsOfOurs = { approval: 'the argument approval_id', confirm: 'the argument confirm_token' } as const;

function refused({ decisionId }: GatewayReply, refusal: ReplyRefusal): Json {
  const { code, message, retryAfterSeconds, queue, approval, confirm, untrustedHint } = refusal;
  return {
    code,
    message: code === 'not_found' ? 'Not found, or not visible to you.' : message,
    decision_id: decisionId,
    fix: fixOf(refusal, argumentsOfOurs),
    ...(retryAfterSeconds === null ? {} : { retry_after_s: retryAfterSeconds }),
    ...(queue === null ? {} : { queue_position: queue.position, queue_length: queue.waiting }),
    ...(approval === null ? {} : { approval_id: approval.id, expires_at: approval.expiresAt }),
    ...(confirm === null
      ? {}
      : {
          confirm_token: confirm.token,
          expires_at: confirm.expiresAt,
          plan: { sentence: confirm.sentence, consequence: confirm.consequence, row: plain(confirm.row) },
        }),
    ...(untrustedHint === null ? {} : { untrusted_text: { hint: untrustedHint }, notice }),
  };
}

/** Numbers that other readers would round stand as their digits. */
function plain(value: ExactJson | undefined): Json {
  if (typeof value === 'bigint') return String(value);
  if (value === undefined || value === null || typeof value !== 'object') return value ?? null;
  if (Array.isArray(value)) return value.map((each: ExactJson) => plain(each));
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]));
}
