// What an agent may still send: its part of the minute, and of the day.
import { defaultBudget } from '../policy/types.ts';
import type { AgentShare } from './call.ts';
import type { FlowContext } from './context.ts';
import type { Known } from './turn.ts';

/** Null where nothing is counted, or nothing can be known. */
export function shareOf(flow: FlowContext, { agentId, agent, nowMs }: Known): AgentShare | null {
  const { clock, upstream, friction, shares } = flow;
  try {
    const budget = agent?.budget ?? defaultBudget;
    const asker = { agentId, weight: budget.weight };
    const share = shares.of(asker, { monoMs: clock.monotonic(), wallMs: clock.now() }, upstream.budget());
    const most = budget.maximumRequestsPerDay;
    const today = most === null ? null : { limit: most, ...leftToday(most, friction.requestsToday(agentId, nowMs), nowMs) };
    return share === null && today === null ? null : { share, waiting: upstream.waiting(agentId).own, today };
  } catch {
    return null;
  }
}

const dayMs = 86_400_000;

function leftToday(most: number, sent: number, nowMs: number): { readonly remaining: number; readonly resetAtMs: number } {
  return { remaining: Math.max(0, most - sent), resetAtMs: (Math.floor(nowMs / dayMs) + 1) * dayMs };
}
