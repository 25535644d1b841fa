// What a person must approve first: the request is kept for them, and nothing is done.
import { AlreadyUsed, TooManyWaiting } from '../friction/errors.ts';
import type { FlowContext } from './context.ts';
import { refusalOf } from './failure.ts';
import type { Friction } from './parts.ts';
import { decisionRecord, recordOf } from './record.ts';
import { refuseQuota } from './refuse.ts';
import * as tell from './sentence.ts';
import { presentedIn, toldOf } from './turn.ts';
import type { Allowed, Reply } from './turn.ts';

export async function askApproval(flow: FlowContext, allowed: Allowed): Promise<Reply> {
  const { bound, capability, decision } = allowed;
  const { friction, recorder } = flow;
  const told = toldOf(allowed);
  for (let attempt = 1; ; attempt += 1) {
    let draft: ReturnType<Friction['draftApproval']>;
    try {
      draft = friction.draftApproval(bound, { sentence: tell.toldRequest(told), why: tell.sentence(decision.rule.text) });
    } catch (error) {
      if (!(error instanceof TooManyWaiting)) throw error;
      return refuseQuota(flow, allowed, error);
    }
    const { id, expiresAt, store } = draft;
    const approval = { id, expiresAt };
    const facts = recordOf(allowed, {
      capability,
      phase: 'intent',
      decision: { ...decisionRecord(decision, presentedIn(allowed)), approvalId: id },
      sentence: tell.toldApproval(told, approval, decision.rule.text),
    });
    const result = refusalOf({
      code: 'approval_required',
      message: `A person must approve this first: ${tell.sentence(decision.rule.text)}`,
      fix: `Ask a person to approve request ${id}, then send the very same request again with it.`,
      approval,
    });
    try {
      return await recorder.give(`${allowed.agentId}|approval|${id}`, facts, { result, decision }, store);
    } catch (error) {
      if (!(error instanceof AlreadyUsed) || attempt === 3) throw error;
    }
  }
}
