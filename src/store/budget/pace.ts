// While agents are about, slots are spread over the window instead of all going in its first seconds: an agent has a few seconds
// for its turn, not a minute. The first quarter of what is allowed goes as it is asked for; the rest at the pace at which slots
// free again, so that as many are given a minute as without. Without agents nothing is held back.

/** Agents are about for so many windows after one waited last. */
const memoryWindows = 2;
const freePart = 0.25;
/** Of fewer there is nothing to spread. */
const fewestAllowed = 20;
/** However few slots are left until the next ones free: no more than so many even spaces between two. */
const longestSpace = 4;

type PaceState = { readonly nowMs: number; readonly taken: number; readonly agentMs: number; readonly dueMs: number };
type Limits = { readonly allowed: number; readonly windowMs: number };

/**
 * How many slots may go now to classes that are paced, and how long until the next one may, in the file's milliseconds; 0: now.
 */
export function paceOf(
  { nowMs, taken, agentMs, dueMs }: PaceState,
  { allowed, windowMs }: Limits,
): { readonly now: number; readonly dueInMs: number } {
  const isNeeded = nowMs - agentMs <= memoryWindows * windowMs && allowed >= fewestAllowed;
  if (!isNeeded) return { now: Infinity, dueInMs: 0 };
  const atOnce = Math.floor(allowed * freePart) - taken;
  if (atOnce > 0) return { now: atOnce, dueInMs: 0 };
  // A due moment further away is from before the limits changed.
  const dueInMs = Math.min(Math.max(0, dueMs - nowMs), (longestSpace * windowMs) / allowed);
  return { now: dueInMs > 0 ? 0 : 1, dueInMs };
}

/**
 * When the next one is due after one was given: evenly over the window, or, where that would use up what is `free` before the next
 * slot frees, evenly until then. Who was a little late catches up.
 */
export function dueAfter(
  { nowMs, dueMs }: Pick<PaceState, 'nowMs' | 'dueMs'>,
  { allowed, windowMs, free, freesInMs }: Limits & { readonly free: number; readonly freesInMs: number },
): number {
  const evenMs = windowMs / allowed;
  const spaceMs = free < 1 ? evenMs : Math.min(Math.max(evenMs, freesInMs / free), longestSpace * evenMs);
  return Math.min(Math.max(dueMs, nowMs - evenMs), nowMs) + spaceMs;
}
