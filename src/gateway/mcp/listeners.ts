// Clients that wait to be told when their tools change. The policy may change in another process, so that it is looked at again
// and again while somebody waits; and whoever may not be here any more is let go.
import type { Clock, Log } from '../../base/index.ts';
import type { Gateway, GatewayCall } from '../flow/call.ts';
import type { PolicySource } from '../flow/parts.ts';

export type ListenersParts = {
  readonly gateway: Gateway;
  readonly policies: PolicySource;
  readonly clock: Clock;
  readonly log: Log;
  readonly notify: () => void;
};

const lookEveryMs = 2_000;
/** Of one agent, so that none takes the place of the others. */
export const mostListening = 8;
/** How often a waiting client shows its key again, though it sends nothing. */
const admitEveryMs = 60_000;

/** `end` cuts the stream. */
type Listener = { readonly agentId: string; readonly call: GatewayCall; readonly end: () => void };

export class Listeners {
  readonly #parts: ListenersParts;
  readonly #waiting = new Set<Listener>();
  #looking: AbortController | null = null;

  constructor(parts: ListenersParts) {
    this.#parts = parts;
  }

  isFull(agentId: string): boolean {
    return [...this.#waiting].filter((each) => each.agentId === agentId).length >= mostListening;
  }

  /** Returns what to call when the stream has ended. */
  enter(listener: Listener): () => void {
    this.#waiting.add(listener);
    if (this.#looking === null) {
      this.#looking = new AbortController();
      void this.#look(this.#looking.signal);
    }
    return () => {
      this.#waiting.delete(listener);
      if (this.#waiting.size === 0) this.close();
    };
  }

  close(): void {
    this.#looking?.abort();
    this.#looking = null;
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { policies, clock, log, notify } = this.#parts;
    const versionNow = (): string | null => {
      try {
        return policies.current().version;
      } catch (error) {
        log.error('the policy cannot be read', { error: error instanceof Error ? error.name : typeof error });
        return null;
      }
    };
    let seen = versionNow();
    let admittedMs = clock.monotonic();
    for (;;) {
      try {
        await clock.sleep(lookEveryMs, signal);
      } catch {
        return; // nobody waits any more
      }
      if (signal.aborted) return;
      const version = versionNow();
      const isChanged = version !== null && version !== seen;
      if (isChanged || clock.monotonic() - admittedMs >= admitEveryMs) {
        admittedMs = clock.monotonic();
        await this.#admitAgain();
      }
      if (!isChanged) continue;
      seen = version;
      notify();
    }
  }

  async #admitAgain(): Promise<void> {
    for (const { call, end } of this.#waiting) {
      const { kind } = await this.#parts.gateway.admit(call);
      if (kind === 'refused') end();
    }
  }
}
