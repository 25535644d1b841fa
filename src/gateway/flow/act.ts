// Does what was decided: the INTENT first, then a look where one is demanded, then Aircall.
import type { AuditFacts } from '../audit/record.ts';
import { AlreadyUsed, QuotaReached } from '../friction/errors.ts';
import { fail, hide } from './conclude.ts';
import { durabilityOf } from './context.ts';
import type { FlowContext } from './context.ts';
import { isOutside } from './look-first.ts';
import { decisionRecord, recordOf } from './record.ts';
import { refuseProblem, refuseQuota } from './refuse.ts';
import { release } from './release.ts';
import { read, write } from './send.ts';
import type { Fetched } from './send.ts';
import * as tell from './sentence.ts';
import { presentedIn, toldOf } from './turn.ts';
import type { Allowed, Reply } from './turn.ts';

export async function act(flow: FlowContext, allowed: Allowed): Promise<Reply> {
  const refused = await intend(flow, allowed);
  if (refused !== null) return refused;
  let fetched: Fetched;
  try {
    if (await isOutside(flow, allowed)) return await hide(flow, allowed);
    fetched = allowed.capability.effect === 'read' ? await read(flow, allowed) : await write(flow, allowed);
  } catch (error) {
    return fail(flow, allowed, error);
  }
  return release(flow, allowed, { ...fetched, replayed: false });
}

/** Null once the intent is safe. */
async function intend(flow: FlowContext, allowed: Allowed): Promise<Reply | null> {
  const { capability, examined, bound, call } = allowed;
  try {
    const facts = intentOf(allowed, tell.toldIntent(toldOf(allowed), allowed.decision.rule.text));
    await flow.audit.append(facts, { durability: durabilityOf(flow, capability), also: examined.consume });
    return null;
  } catch (error) {
    if (error instanceof QuotaReached) return refuseQuota(flow, allowed, error);
    if (error instanceof AlreadyUsed) {
      const { confirmToken, approvalId, idempotencyKey } = call;
      const again = flow.friction.examine(bound, { confirmToken, approvalId, idempotencyKey });
      const code = { confirmation: 'confirm_invalid', approval: 'approval_expired', idempotency_key: 'idempotency_in_progress' } as const;
      return refuseProblem(flow, allowed, again.problem ?? { code: code[error.what], text: error.message });
    }
    return flow.recorder.failed(error);
  }
}

/** The record of what is about to be done. */
export function intentOf(allowed: Allowed, sentence: string): AuditFacts {
  const { capability, decision } = allowed;
  return recordOf(allowed, {
    capability,
    phase: 'intent',
    decision: decisionRecord(decision, presentedIn(allowed)),
    sentence,
  });
}
