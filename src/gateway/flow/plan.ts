// A dry run: what would go to Aircall is told, and whether it would be let through, and nothing goes.
import { planRequest } from '../../client/index.ts';
import type { ReplyPlan } from './call.ts';
import type { FlowContext } from './context.ts';
import { decideOn } from './judge.ts';
import { decisionRecord, noOutcome, recordOf } from './record.ts';
import * as tell from './sentence.ts';
import { presentedIn, toldOf } from './turn.ts';
import type { Allowed, Reply } from './turn.ts';

export async function plan(flow: FlowContext, allowed: Allowed): Promise<Reply> {
  const { capability, asked, decision } = allowed;
  const { method } = capability.endpoint;
  const { path, body } = planRequest(capability.endpoint, asked);
  const facts = recordOf(allowed, {
    capability,
    phase: 'intent',
    decision: { ...decisionRecord(decision, presentedIn(allowed)), effect: 'dry_run' },
    outcome: { ...noOutcome, status: 'dry_run', source: null },
    sentence: tell.toldPlan(toldOf(allowed)),
  });
  const sentence = tell.toldRequest(toldOf(allowed));
  const result = { kind: 'plan', sentence, act: foresee(flow, allowed), request: { method, path, body } } as const;
  return flow.recorder.give(`${allowed.agentId}|plan|${capability.id}`, facts, { result, decision });
}

/** What the act itself would meet, with all that came with the request. */
function foresee(flow: FlowContext, allowed: Allowed): ReplyPlan['act'] {
  const { call, capability, given, bound, examined } = allowed;
  const act = { ...allowed, call: { ...call, dryRun: false } };
  const decision = decideOn(flow, act, capability, { given, bound, examined });
  const { effect, code, rule, fix } = decision;
  return { effect, verdict: tell.toldVerdict(decision), code, rule, fix };
}
