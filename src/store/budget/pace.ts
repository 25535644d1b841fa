// While agents are about, slots are spread over the window instead of all going in its first seconds: an agent has a few seconds
// for its turn, not a minute. The first quarter of what is allowed goes as it is asked for; the rest at the pace at which slots
// free again, so that as many are given a minute as without. Without agents nothing is held back.

/** Agents are about for so many windows after one waited last. */
const memoryWindows = 2;
const freePart = 0.25;

export type Pace = {
  /** How many slots may go now to classes that are paced. */
  readonly now: number;
  /** How long until the next one may, in the file's milliseconds; 0: now. */
  readonly dueInMs: number;
};

type PaceState = { readonly nowMs: number; readonly taken: number; readonly agentMs: number; readonly dueMs: number };
type Limits = { readonly allowed: number; readonly windowMs: number };

export function paceOf({ nowMs, taken, agentMs, dueMs }: PaceState, { allowed, windowMs }: Limits): Pace {
  if (nowMs - agentMs > memoryWindows * windowMs) return { now: Infinity, dueInMs: 0 };
  const atOnce = Math.floor(allowed * freePart) - taken;
  if (atOnce > 0) return { now: atOnce, dueInMs: 0 };
  // A due moment further away than one space is from before the limits changed.
  const dueInMs = Math.min(Math.max(0, dueMs - nowMs), windowMs / allowed);
  return { now: dueInMs > 0 ? 0 : 1, dueInMs };
}

/** When the next one is due after one was given. Who was a little late catches up. */
export function dueAfter({ nowMs, dueMs }: Pick<PaceState, 'nowMs' | 'dueMs'>, { allowed, windowMs }: Limits): number {
  const spaceMs = windowMs / allowed;
  return Math.max(dueMs, nowMs - spaceMs) + spaceMs;
}
