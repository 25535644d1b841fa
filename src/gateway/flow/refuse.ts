// Every way of saying no before anything goes to Aircall: what the log says of it, and what the agent is told.
import { capabilityOf } from '../capabilities/capabilities.ts';
import type { Capability } from '../capabilities/capability.ts';
import { QuotaReached } from '../friction/errors.ts';
import type { TooManyWaiting } from '../friction/errors.ts';
import type { Decision, DecisionCode } from '../policy/decision.ts';
import { counted } from '../policy/limit-words.ts';
import { secondsOfTodayLeft } from './agent-share.ts';
import type { GatewayCode, ReplyRefusal } from './call.ts';
import type { FlowContext } from './context.ts';
import { absent, refusalOf, strange } from './failure.ts';
import { isInactive, judgeAgent } from './judge.ts';
import { networkOf } from './network.ts';
import type { Examined, KeyFinding } from './parts.ts';
import { decisionRecord, nobody, ownRefusal, recordOf } from './record.ts';
import * as tell from './sentence.ts';
import { nameOf, presentedIn, toldOf, undecided } from './turn.ts';
import type { Allowed, Judged, Known, Reply, Turn } from './turn.ts';

/** It was sent to a host, or from a web page, that is not one of the gateway's. */
export async function refuseOrigin(flow: FlowContext, turn: Turn): Promise<Reply> {
  const text = 'The request was sent to a host, or from a web page, that is not one of the gateway’s.';
  const decision = ownRefusal({ code: 'bad_origin', kind: 'agent', text });
  const sentence = tell.toldStranger('to use the gateway', text, 'whose key was not looked at');
  const facts = recordOf({ ...turn, who: nobody }, { phase: 'auth', decision, sentence });
  const fix = 'Use the address that the operator gave out; agents do not run in web pages.';
  const refusal = undecided({ code: 'bad_origin', message: text, fix });
  return flow.recorder.give(`origin|${networkOf(turn.call.ip) ?? ''}`, facts, refusal);
}

/** It came without a good key. */
export async function refuseStranger(
  flow: FlowContext,
  turn: Turn,
  { keyId, reason, text }: Extract<KeyFinding, { readonly kind: 'refused' }>,
): Promise<Reply> {
  const { call } = turn;
  const capability = askedFor(turn);
  const where = capability === null ? 'to use the gateway' : `${call.method ?? 'to use'} ${capability.endpoint.path}`;
  const refusal = strange(reason);
  const decision = ownRefusal({ code: refusal.code, kind: 'agent', text });
  const sentence = tell.toldStranger(where, text, reason === 'clock' ? 'whose key was not looked at' : 'without a valid key');
  const facts = recordOf({ ...turn, who: { ...nobody, keyId } }, { capability, phase: 'auth', decision, sentence });
  // Whoever has no key chooses everything else: what they are told apart by is only where they come from.
  return flow.recorder.give(`stranger|${reason}|${keyId ?? ''}|${networkOf(call.ip) ?? ''}`, facts, { result: refusal, decision: null });
}

/** The agent has as many requests running as it may. */
export async function refuseCrowd(flow: FlowContext, known: Known): Promise<Reply> {
  const most = counted(flow.settings.maximumAtOnce, 'request');
  const text = `At most ${most} of one agent ${flow.settings.maximumAtOnce === 1 ? 'runs' : 'run'} at once.`;
  const decision = ownRefusal({ code: 'quota_exhausted', kind: 'quota', text, policyVersion: known.policy.version });
  const facts = recordOf(known, { phase: 'intent', decision, sentence: tell.toldMalformed(nameOf(known), null, text) });
  const refusal = undecided({
    code: 'quota_exhausted',
    message: text,
    fix: 'Send the next one when one of them has ended.',
    retryAfterSeconds: 1,
  });
  return flow.recorder.give(`${known.agentId}|crowd`, facts, refusal);
}

/** It could not even be read, for the reason in `text`. */
export async function refuseMalformed(flow: FlowContext, known: Known, text: string): Promise<Reply> {
  // An agent that may do nothing is told that, and nothing about its requests.
  const first = judgeAgent(flow, known);
  if (isInactive(first)) return refuse(flow, known, first);
  const decision = ownRefusal({ code: 'invalid_request', kind: 'schema', text, policyVersion: known.policy.version });
  const capability = askedFor(known);
  const facts = recordOf(known, { phase: 'intent', decision, sentence: tell.toldMalformed(nameOf(known), capability, text) });
  return flow.recorder.give(
    `${known.agentId}|malformed|${capability?.id ?? ''}`,
    facts,
    undecided({ code: 'invalid_request', message: text }),
  );
}

/** The decision says no, or there is nothing to say yes to. */
export async function refuse(flow: FlowContext, known: Known, { capability, asked, decision }: Judged): Promise<Reply> {
  const { rule, code } = decision;
  const sentence =
    capability === null
      ? tell.toldUnknown(nameOf(known), rule.text)
      : asked !== null
        ? tell.toldDenial(toldOf(asked), rule.text)
        : tell.toldMalformed(nameOf(known), capability, decision.fix ?? rule.text);
  const facts = recordOf(asked ?? known, { capability, phase: 'intent', decision: decisionRecord(decision), sentence });
  const kind = `${known.agentId}|${known.who.keyId ?? ''}|${code ?? ''}|${capability?.id ?? ''}`;
  return flow.recorder.give(kind, facts, { result: refusalFor(decision, { capability, nowMs: known.nowMs }), decision });
}

/** A token, approval or key that came with it is worth nothing. */
export async function refuseProblem(flow: FlowContext, allowed: Allowed, problem: NonNullable<Examined['problem']>): Promise<Reply> {
  const { capability, decision } = allowed;
  const { code, text } = problem;
  const approval = code === 'approval_pending' ? problem.approval : null;
  const facts = recordOf(allowed, {
    capability,
    phase: 'intent',
    decision: {
      ...decisionRecord(decision, presentedIn(allowed)),
      ...(approval === null ? {} : { approvalId: approval.id }),
      effect: code.startsWith('approval') ? 'needs_approval' : code === 'confirm_invalid' ? 'needs_confirm' : 'deny',
      code,
      rule: { id: `friction.${code}`, kind: 'friction', text },
    },
    sentence: tell.toldProblem(toldOf(allowed), text),
  });
  const retryAfterSeconds = code === 'approval_pending' ? 30 : code === 'idempotency_in_progress' ? 1 : null;
  const result = refusalOf({ code, message: tell.sentence(text), fix: fixes[code] ?? null, approval, retryAfterSeconds });
  return flow.recorder.give(`${allowed.agentId}|${code}|${capability.id}`, facts, { result, decision });
}

/** Of an approval that was used, has expired, or was asked for under other rules. */
export const askAnew = 'Send the same request again without an approval, to ask a person anew.';

const fixes: Readonly<Partial<Record<GatewayCode, string>>> = {
  approval_pending: 'Wait until a person has decided, then send the very same request again with it.',
  approval_expired: askAnew,
  confirm_invalid: 'Send the same request again without a confirm token, to be given a new one.',
};

/** A counter has reached its limit since the decision. */
export async function refuseQuota(flow: FlowContext, allowed: Allowed, error: QuotaReached | TooManyWaiting): Promise<Reply> {
  const { message, hint } = error;
  const { capability, decision } = allowed;
  const facts = recordOf(allowed, {
    capability,
    phase: 'intent',
    decision: {
      ...decisionRecord(decision, presentedIn(allowed)),
      effect: 'deny',
      code: 'quota_exhausted',
      rule: { id: 'quota', kind: 'quota', text: message },
    },
    sentence: tell.toldDenial(toldOf(allowed), message),
  });
  const retryAfterSeconds = error instanceof QuotaReached && error.what !== 'object' ? secondsOfTodayLeft(allowed.nowMs) : null;
  const result = refusalOf({ code: 'quota_exhausted', message, fix: hint ?? null, retryAfterSeconds });
  return flow.recorder.give(`${allowed.agentId}|quota|${capability.id}`, facts, { result, decision });
}

function askedFor({ call }: Turn): Capability | null {
  return call.endpoint === null ? null : (capabilityOf(call.endpoint.id) ?? null);
}

function refusalFor(
  { code, rule, fix }: Decision,
  { capability, nowMs }: { readonly capability: Capability | null; readonly nowMs: number },
): ReplyRefusal {
  if (code === 'outside_constraint') return absent();
  // All that is counted is counted by the day, but for what was done to one object.
  const endsToday = code === 'quota_exhausted' && rule.id !== `quota.${capability?.id ?? ''}`;
  return refusalOf({
    code: code === null ? 'internal' : codes[code],
    message: tell.sentence(rule.text),
    fix,
    retryAfterSeconds: endsToday ? secondsOfTodayLeft(nowMs) : null,
  });
}

const codes: Readonly<Record<DecisionCode, GatewayCode>> = {
  agent_inactive: 'agent_inactive',
  unknown_capability: 'unknown_capability',
  invalid_request: 'invalid_request',
  forbidden_by_guardrail: 'forbidden_by_guardrail',
  forbidden_by_rule: 'forbidden_by_rule',
  not_granted: 'not_granted',
  outside_constraint: 'not_found',
  outside_hours: 'outside_hours',
  filter_not_allowed: 'filter_not_allowed',
  quota_exhausted: 'quota_exhausted',
  approval_required: 'approval_required',
  confirm_required: 'confirm_required',
};
