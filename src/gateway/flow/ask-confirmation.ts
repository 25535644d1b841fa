// What the agent must confirm first: it is asked back, and shown the row as it is now where it may read it; nothing is done.
import { isObject } from '../../base/index.ts';
import type { ExactJson } from '../../base/index.ts';
import { capabilityOf } from '../capabilities/capabilities.ts';
import { consequences } from '../capabilities/consequences.ts';
import { parseArguments } from '../capabilities/arguments.ts';
import { QuotaReached } from '../friction/errors.ts';
import type { Decision } from '../policy/decision.ts';
import type { ReplyRefusal } from './call.ts';
import { conclude, failureIn, hide } from './conclude.ts';
import type { FlowContext } from './context.ts';
import { refusalOf } from './failure.ts';
import { decideOn } from './judge.ts';
import { isOutside } from './look-first.ts';
import type { BoundRequest } from './parts.ts';
import { decisionRecord, recordOf } from './record.ts';
import { refuseQuota } from './refuse.ts';
import { send } from './send.ts';
import * as tell from './sentence.ts';
import { presentedIn, toldOf } from './turn.ts';
import type { Allowed, Reply } from './turn.ts';

export async function askConfirmation(flow: FlowContext, allowed: Allowed): Promise<Reply> {
  const { agentId, capability, decision } = allowed;
  const { audit, friction, recorder, settings } = flow;
  const facts = recordOf(allowed, {
    capability,
    phase: 'intent',
    decision: decisionRecord(decision, presentedIn(allowed)),
    sentence: tell.toldConfirmation(toldOf(allowed)),
  });
  const look = lookUpOf(flow, allowed);
  if (look === null) return recorder.give(`${agentId}|confirm|${capability.id}`, facts, { result: askBack(flow, allowed, null), decision });
  try {
    await audit.append(facts, { durability: settings.readDurability, also: friction.countRequest(look.bound) });
  } catch (error) {
    return error instanceof QuotaReached ? refuseQuota(flow, allowed, error) : recorder.failed(error);
  }
  return showRow(flow, allowed, look);
}

function askBack({ friction }: FlowContext, allowed: Allowed, row: ExactJson | null): ReplyRefusal {
  const { token, expiresAt } = friction.mintConfirmation(allowed.bound);
  return refusalOf({
    code: 'confirm_required',
    message: `This needs a confirmation first: ${tell.sentence(allowed.decision.rule.text)}`,
    fix: 'Send the very same request again with the confirm token.',
    confirm: { token, expiresAt, sentence: tell.toldRequest(toldOf(allowed)), consequence: consequences[allowed.capability.effect], row },
  });
}

/** The read that shows the row which a write is about, as this agent may use it. */
type LookUp = { readonly bound: BoundRequest; readonly decision: Decision };

/** Null where there is none, or the agent may not use it. */
function lookUpOf(flow: FlowContext, allowed: Allowed): LookUp | null {
  const { capability, given } = allowed;
  const lookUp = capability.subject?.lookUp == null ? undefined : capabilityOf(capability.subject.lookUp);
  const id = capability.subject === null ? undefined : given.at[capability.subject.parameter];
  const [parameter, ...more] = Object.keys(lookUp?.endpoint.at ?? {});
  if (lookUp === undefined || lookUp.effect !== 'read' || id === undefined || parameter === undefined || more.length > 0) return null;
  const parsed = parseArguments(lookUp, { at: { [parameter]: id }, query: {}, body: null });
  if (!parsed.ok) return null;
  const mostRowsToday = allowed.agent?.constraints[lookUp.area]?.maximumRowsPerDay ?? null;
  const bound: BoundRequest = { ...allowed.bound, capability: lookUp, arguments: parsed.arguments, mostRowsToday };
  const decision = decideOn(flow, allowed, lookUp, { given: parsed.arguments, bound });
  return decision.effect === 'allow' ? { bound, decision } : null;
}

async function showRow(flow: FlowContext, allowed: Allowed, { bound, decision }: LookUp): Promise<Reply> {
  const { filter, friction, clock } = flow;
  const { capability, arguments: given } = bound;
  const told = toldOf(allowed);
  try {
    if (await isOutside(flow, allowed)) return await hide(flow, allowed);
    const answer = await send(flow, allowed, { capability, given, isAct: false });
    // Third-party text is no part of a plan: reading it would taint the very agent that is asked to confirm.
    const obligations = [...decision.obligations.filter(({ kind }) => kind !== 'text_apart'), { kind: 'text_apart' } as const];
    const shown = filter.answer({ capability, agentId: allowed.agentId, obligations, answer, nowMs: clock.now() });
    if (shown.hidden) return await hide(flow, allowed);
    const key = capability.rows?.key ?? null;
    const row = key === null ? shown.body : isObject(shown.body) ? shown.body[key] : undefined;
    return await conclude(flow, allowed, {
      outcome: { upstreamStatus: answer.status, rowsReturned: 1, fieldsMasked: shown.fieldsMasked, source: 'live' },
      sentence: tell.toldShown(told),
      also: friction.count(bound, { rows: 1, wrote: false, textGiven: false }),
      result: askBack(flow, allowed, shown.unreadable || row === undefined ? null : row),
    });
  } catch (error) {
    const { refusal, status } = failureIn(flow, allowed, error);
    return conclude(flow, allowed, {
      outcome: { status, upstreamStatus: refusal.upstreamStatus },
      sentence: tell.toldFailure(told, refusal.message),
      result: refusal,
    });
  }
}
