// Gives the answer of the first time to the same request under the same idempotency key; nothing is done again.
import { intentOf } from './act.ts';
import { conclude, fail, hide } from './conclude.ts';
import type { FlowContext } from './context.ts';
import { repeated } from './failure.ts';
import { isOutside } from './look-first.ts';
import type { Examined } from './parts.ts';
import { release } from './release.ts';
import * as tell from './sentence.ts';
import { toldOf } from './turn.ts';
import type { Allowed, Reply } from './turn.ts';

export async function replay(flow: FlowContext, allowed: Allowed, stored: NonNullable<Examined['stored']>): Promise<Reply> {
  try {
    const sentence = tell.toldReplay(toldOf(allowed), allowed.decision.rule.text);
    await flow.audit.append(intentOf(allowed, sentence), { durability: 'process' });
  } catch (error) {
    return flow.recorder.failed(error);
  }
  try {
    // A row that has moved out of the agent's limits since is not shown once more.
    if (stored.body !== undefined && (await isOutside(flow, allowed))) return await hide(flow, allowed);
  } catch (error) {
    return fail(flow, allowed, error);
  }
  if (stored.status < 400) return release(flow, allowed, { answer: stored, from: 'live', ageMs: 0, replayed: true });
  const result = repeated(stored.status);
  return conclude(flow, allowed, {
    outcome: { status: 'replayed', upstreamStatus: stored.status },
    sentence: tell.toldFailure(toldOf(allowed), result.message),
    result,
  });
}
