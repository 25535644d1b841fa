// How much each agent has going on: how many requests at once, and its part of the minute's requests, as the line of agents
// gives it to it while all that asked lately want more. More goes through while others are quiet.
import type { BudgetStatus } from '../../base/index.ts';

export type ShareTold = { readonly limit: number; readonly remaining: number; readonly resetAtMs: number };

type Activity = { weight: number; askedMs: number; readonly sentMs: number[] };

const windowMs = 60_000;

export class Shares {
  readonly #maximumAtOnce: number;
  readonly #running = new Map<string, number>();
  /** Agents that asked for a turn within the last minute. Moments are on the clock that never runs backwards. */
  readonly #active = new Map<string, Activity>();

  constructor({ maximumAtOnce }: { readonly maximumAtOnce: number }) {
    this.#maximumAtOnce = maximumAtOnce;
  }

  /** Null: the agent has as many requests running as it may. Else a function to be called once when this one ends. */
  enter(agentId: string): (() => void) | null {
    const running = this.#running.get(agentId) ?? 0;
    if (running >= this.#maximumAtOnce) return null;
    this.#running.set(agentId, running + 1);
    let left = false;
    return () => {
      if (left) return;
      left = true;
      const now = (this.#running.get(agentId) ?? 1) - 1;
      if (now === 0) this.#running.delete(agentId);
      else this.#running.set(agentId, now);
    };
  }

  /** It asks for a turn. */
  noteAsked({ agentId, weight }: { readonly agentId: string; readonly weight: number }, atMs: number): void {
    const known = this.#active.get(agentId);
    if (known === undefined) this.#active.set(agentId, { weight, askedMs: atMs, sentMs: [] });
    else Object.assign(known, { weight, askedMs: atMs });
  }

  /** Its turn came, and the request left. */
  noteSent(agentId: string, atMs: number): void {
    this.#active.get(agentId)?.sentMs.push(atMs);
  }

  /** Null where nothing is counted. `company` is the budget all agents share. */
  of(
    asker: { readonly agentId: string; readonly weight: number },
    now: { readonly monoMs: number; readonly wallMs: number },
    company: BudgetStatus,
  ): ShareTold | null {
    const { allowed, used, blockedUntilMs, free = allowed - used, nextInMs = 0 } = company;
    if (!Number.isFinite(allowed)) return null;
    this.#forget(now.monoMs - windowMs);
    const others = [...this.#active].reduce((sum, [agentId, { weight }]) => (agentId === asker.agentId ? sum : sum + weight), 0);
    const own = this.#active.get(asker.agentId)?.sentMs ?? [];
    const limit = Math.max(1, Math.floor((allowed * asker.weight) / (asker.weight + others)));
    if (blockedUntilMs !== null && blockedUntilMs > now.wallMs) return { limit, remaining: 0, resetAtMs: blockedUntilMs };
    const left = Math.max(0, limit - own.length);
    const remaining = Math.max(0, Math.min(left, Math.floor(free)));
    const ownFreesMs = own[0] === undefined ? windowMs : Math.max(0, own[0] + windowMs - now.monoMs);
    // With a share left and nothing free, its turn is what it waits for; else what it sent a minute ago.
    return { limit, remaining, resetAtMs: now.wallMs + (remaining === 0 && left > 0 ? nextInMs : ownFreesMs) };
  }

  #forget(beforeMs: number): void {
    for (const [agentId, { askedMs, sentMs }] of this.#active) {
      while (sentMs[0] !== undefined && sentMs[0] <= beforeMs) sentMs.shift();
      if (sentMs.length === 0 && askedMs <= beforeMs) this.#active.delete(agentId);
    }
  }
}
