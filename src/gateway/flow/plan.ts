// A dry run: what would go to Aircall is told, and nothing goes.
import { planRequest } from '../../client/index.ts';
import type { FlowContext } from './context.ts';
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
  const result = { kind: 'plan', sentence: tell.toldRequest(toldOf(allowed)), request: { method, path, body } } as const;
  return flow.recorder.give(`${allowed.agentId}|plan|${capability.id}`, facts, { result, decision });
}
