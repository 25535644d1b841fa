// How much each agent has going on: how many requests at once, and its part of the minute's requests. The company's requests
// are split evenly among the agents that sent one within the last minute; the split is told to them, not enforced.
import type { GatewayReply } from './call.ts';

export type CompanyBudget = { readonly allowed: number; readonly used: number; readonly blockedUntilMs: number | null };

const windowMs = 60_000;

export class Shares {
  readonly #maximumAtOnce: number;
  readonly #running = new Map<string, number>();
  /** When the agent's requests of the last minute left, oldest first, on the clock that never runs backwards. */
  readonly #sent = new Map<string, number[]>();

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

  noteSent(agentId: string, atMs: number): void {
    const sent = this.#sent.get(agentId);
    if (sent === undefined) this.#sent.set(agentId, [atMs]);
    else sent.push(atMs);
  }

  /** Null where nothing is counted. `company` is the budget all agents share. */
  of(agentId: string, now: { readonly monoMs: number; readonly wallMs: number }, company: CompanyBudget): GatewayReply['budget'] {
    if (!Number.isFinite(company.allowed)) return null;
    for (const [agent, sent] of this.#sent) {
      while (sent[0] !== undefined && sent[0] <= now.monoMs - windowMs) sent.shift();
      if (sent.length === 0) this.#sent.delete(agent);
    }
    const own = this.#sent.get(agentId) ?? [];
    const agents = this.#sent.size + (own.length === 0 ? 1 : 0);
    const limit = Math.max(1, Math.floor(company.allowed / agents));
    const blocked = company.blockedUntilMs !== null && company.blockedUntilMs > now.wallMs;
    const remaining = blocked ? 0 : Math.max(0, Math.min(limit - own.length, company.allowed - company.used));
    const firstFreesMs = own[0] === undefined ? windowMs : own[0] + windowMs - now.monoMs;
    return { limit, remaining, resetAtMs: blocked ? (company.blockedUntilMs ?? now.wallMs) : now.wallMs + Math.max(0, firstFreesMs) };
  }
}
