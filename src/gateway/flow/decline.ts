// A confirmation that was asked for and refused: it is used up, so that nobody can take it for given later.
import type { Decision } from '../policy/decision.ts';
import type { FlowContext } from './context.ts';
import { refusalOf } from './failure.ts';
import { decisionRecord, recordOf } from './record.ts';
import * as tell from './sentence.ts';
import { toldOf } from './turn.ts';
import type { Asked, Reply } from './turn.ts';

export async function decline(flow: FlowContext, asked: Asked, decision: Decision): Promise<Reply> {
  const { audit, friction, recorder, settings } = flow;
  const { agentId, bound, call, capability } = asked;
  // Whatever key it is sent under: under another one it would still be good.
  const { confirmed, discard } = friction.examine(bound, { confirmToken: call.confirmToken, approvalId: null, idempotencyKey: null });
  const text = 'It was not confirmed.';
  const code = 'confirm_required';
  const rule = { id: 'friction.declined', kind: 'friction', text } as const;
  const declined: Decision = { ...decision, effect: 'needs_confirm', code, rule };
  const sentence = tell.toldDeclined(toldOf(asked));
  const facts = recordOf(asked, { capability, phase: 'intent', decision: decisionRecord(declined), sentence });
  const reply: Reply = { result: refusalOf({ code, message: `${text} Nothing was done.` }), decision: declined };
  if (!confirmed) return recorder.give(`${agentId}|declined|${capability.id}`, facts, reply);
  try {
    await audit.append(facts, { durability: settings.readDurability, also: discard });
    return reply;
  } catch (error) {
    return recorder.failed(error);
  }
}
