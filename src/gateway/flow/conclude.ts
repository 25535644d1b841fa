// How a request ends for which an intent was written: the OUTCOME, and only then the answer.
import type { AuditDecision, AuditOutcome } from '../audit/record.ts';
import type { Capability } from '../capabilities/capability.ts';
import { QuotaReached } from '../friction/errors.ts';
import { accessOf } from '../policy/access.ts';
import type { Policy } from '../policy/types.ts';
import { secondsOfTodayLeft } from './agent-share.ts';
import { durabilityOf } from './context.ts';
import type { FlowContext } from './context.ts';
import { absent, failureOf, refusalOf } from './failure.ts';
import type { Failure } from './failure.ts';
import type { Also, Examined } from './parts.ts';
import { decisionRecord, noOutcome, recordOf } from './record.ts';
import * as tell from './sentence.ts';
import { presentedIn, toldOf } from './turn.ts';
import type { Allowed, Reply } from './turn.ts';

type End = {
  /** What is known beside what was measured. */
  readonly outcome: Partial<AuditOutcome>;
  /** Where the log tells of another decision than the one that was made before the look. */
  readonly decision?: AuditDecision;
  readonly sentence: string;
  readonly also?: Also;
  /** Something was changed at Aircall, or may have been. */
  readonly happened?: boolean;
  readonly result: Reply['result'];
};

/** Writes the outcome. Without it nothing goes out, and nothing else is done until it is written. */
export async function conclude(flow: FlowContext, allowed: Allowed, end: End): Promise<Reply> {
  const { capability, decision } = allowed;
  const { sentence, also = () => {}, happened = false, result } = end;
  const outcome = { ...measured(flow, allowed), ...end.outcome };
  const facts = recordOf(allowed, {
    capability,
    phase: 'outcome',
    decision: end.decision ?? decisionRecord(decision, presentedIn(allowed)),
    outcome,
    sentence,
  });
  try {
    await flow.audit.append(facts, { durability: durabilityOf(flow, capability), also });
    return { result, decision };
  } catch (error) {
    if (error instanceof QuotaReached && !happened) return withhold(flow, allowed, outcome, error);
    const failed = flow.recorder.failed(error);
    flow.recorder.keep(happened ? facts : { ...facts, outcome: { ...outcome, status: 'withheld', textGiven: false } }, also);
    if (!happened) return failed;
    const message = 'Aircall was asked and the end of it could not be recorded. It has probably happened; do not send it again.';
    const fix = 'Look before sending it again, and tell an operator.';
    return { result: refusalOf({ code: 'outcome_unrecorded', message, fix }), decision };
  }
}

/** To the agent the row does not exist; the log says what really was. */
export async function hide(flow: FlowContext, allowed: Allowed): Promise<Reply> {
  const { decision, examined, capability } = allowed;
  const text = 'The row lies outside the limits of the agent.';
  return conclude(flow, allowed, {
    outcome: { status: 'hidden', upstreamStatus: 200, rowsReturned: 0, rowsHidden: 1 },
    decision: {
      ...decisionRecord(decision, presentedIn(allowed)),
      effect: 'deny',
      code: 'outside_constraint',
      rule: { id: `constraint.${capability.area}`, kind: 'constraint', text },
    },
    sentence: tell.toldHidden(toldOf(allowed)),
    ...(examined.stored === null ? { also: examined.release } : {}),
    result: absent(),
  });
}

/** The exchange with Aircall failed, or something of ours before or after it. */
export async function fail(flow: FlowContext, allowed: Allowed, error: unknown): Promise<Reply> {
  const { capability, examined, bound, meter } = allowed;
  const { log, friction } = flow;
  const failure = failureIn(flow, allowed, error);
  const { refusal, status, fate } = failure;
  if (refusal.code === 'connection_invalid') log.error('Aircall refuses the credential of the gateway', { call: allowed.id });
  const textGiven = refusal.untrustedHint !== null;
  return conclude(flow, allowed, {
    outcome: { status, upstreamStatus: refusal.upstreamStatus, textGiven },
    sentence: tell.toldFailure(toldOf(allowed), refusal.message),
    also: () => {
      settling(examined, failure, { actSent: meter.sent })();
      friction.count(bound, { rows: 0, wrote: false, textGiven })();
      // Who left the line, or waited in vain, has cost nothing.
      if (meter.requests === 0) friction.takeRequestBack(bound)();
    },
    happened: capability.effect !== 'read' && fate === 'unknown',
    result: refusal,
  });
}

/** What an error is to the agent of this turn. */
export function failureIn(flow: FlowContext, allowed: Allowed, error: unknown): Failure {
  const { capability, revealed, policy, agentId, meter } = allowed;
  return failureOf(error, {
    isWrite: capability.effect !== 'read',
    sent: meter.sent,
    blockedUntilMs: flow.upstream.budget().blockedUntilMs,
    nowMs: flow.clock.now(),
    // What Aircall says of a look is about a row of another area, or one that is not the agent's.
    hidesWords: revealed || !meter.sent || !mayReadWords(policy, agentId, capability),
  });
}

/** Other requests have brought a counter to its limit in the meantime: what came back is not given. */
function withhold(flow: FlowContext, allowed: Allowed, outcome: AuditOutcome, { message, hint, what }: QuotaReached): Promise<Reply> {
  return conclude(flow, allowed, {
    outcome: { ...outcome, status: 'withheld', rowsReturned: 0, textGiven: false },
    sentence: tell.toldFailure(toldOf(allowed), message),
    also: allowed.examined.release,
    result: refusalOf({
      code: 'quota_exhausted',
      message,
      fix: hint ?? null,
      retryAfterSeconds: what === 'object' ? null : secondsOfTodayLeft(allowed.nowMs),
    }),
  });
}

function measured({ clock }: FlowContext, { startedMs, meter }: Allowed): AuditOutcome {
  const { requests, queueMs, upstreamMs } = meter;
  const totalMs = clock.monotonic() - startedMs;
  return {
    ...noOutcome,
    requests,
    durationMs: { total: Math.round(totalMs), queue: Math.round(queueMs), upstream: Math.round(upstreamMs) },
  };
}

/** What becomes of the idempotency key, the confirmation and the approval. */
function settling({ settle, release }: Examined, { fate, refusal }: Failure, { actSent }: { readonly actSent: boolean }): Also {
  if (fate === 'unknown') return settle(null);
  if (fate === 'not_sent' || !actSent) return release;
  return settle({ status: refusal.upstreamStatus ?? 502, body: undefined });
}

/** Whether words that Aircall wrote, or repeated, may be shown: anybody's name may stand in them. */
function mayReadWords(policy: Policy, agentId: string, { area }: Capability): boolean {
  const access = accessOf(policy, agentId);
  return access?.treatment(area, 'freetext') === 'show' && access.treatment(area, 'person') === 'show';
}
