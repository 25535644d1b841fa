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
    if (share === null && today === null) return null;
    return { share: share === null ? null : within(share, today), waiting: upstream.waiting(agentId).own, today };
  } catch {
    return null;
  }
}

/** Of the minute no more is left than of the day. */
function within(share: NonNullable<AgentShare['share']>, today: AgentShare['today']): AgentShare['share'] {
  if (today === null || share.remaining <= today.remaining) return share;
  return { ...share, remaining: today.remaining, resetAtMs: today.remaining === 0 ? today.resetAtMs : share.resetAtMs };
}

/** How long until the day ends (UTC), and with it what was counted in it. */
export function secondsOfTodayLeft(nowMs: number): number {
  return Math.max(1, Math.ceil((endOfDayMs(nowMs) - nowMs) / 1000));
}

const dayMs = 86_400_000;

function endOfDayMs(nowMs: number): number {
  return (Math.floor(nowMs / dayMs) + 1) * dayMs;
}

function leftToday(most: number, sent: number, nowMs: number): { readonly remaining: number; readonly resetAtMs: number } {
  return { remaining: Math.max(0, most - sent), resetAtMs: endOfDayMs(nowMs) };
}
