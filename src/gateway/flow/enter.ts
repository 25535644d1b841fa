// Who asks: the host or page it was sent to or from, then the key.
import type { FlowContext } from './context.ts';
import type { Who } from './record.ts';
import { refuseOrigin, refuseStranger } from './refuse.ts';
import { undecided } from './turn.ts';
import type { Known, Reply, Turn } from './turn.ts';

export async function enter(flow: FlowContext, turn: Turn): Promise<Known | Reply> {
  const { call, nowMs } = turn;
  const { keys, policies, log } = flow;
  if (call.badOrigin) return refuseOrigin(flow, turn);
  try {
    const found = await keys.find(call.key ?? { key: '', agentId: null }, { ip: call.ip, nowMs });
    if (found.kind === 'refused') return await refuseStranger(flow, turn, found);
    const policy = policies.current();
    const agent = Object.hasOwn(policy.agents, found.agentId) ? policy.agents[found.agentId] : undefined;
    const who: Who = {
      agent: { id: found.agentId, name: agent?.name ?? found.agentId },
      keyId: found.keyId,
      owner: agent?.owner ?? null,
    };
    return { ...turn, who, agentId: found.agentId, policy, agent };
  } catch (error) {
    log.error('keys or policy cannot be read', { call: turn.id, error: error instanceof Error ? error.name : typeof error });
    return undecided({
      code: 'store_unavailable',
      message: 'The gateway cannot read who may do what, so it does nothing.',
      fix: 'Ask an operator to look at the gateway.',
      retryAfterSeconds: 5,
    });
  }
}
