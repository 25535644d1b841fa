// How often somebody may try. An attempt counts from the moment it begins, so that many at once get no further than one after the
// other; one that succeeds is taken back.
import type { Clock } from '../../base/index.ts';

export type AttemptLimit = { readonly most: number; readonly windowMs: number };

type Count = { sinceMs: number; used: number };

export class AttemptCounter {
  readonly #counts = new Map<string, Count>();
  readonly #limit: AttemptLimit;
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #maximumKeys: number;

  /** @param parts `maximumKeys`: how many are told apart; beyond that the oldest is forgotten. Default 5000. */
  constructor(parts: { readonly limit: AttemptLimit; readonly clock: Pick<Clock, 'monotonic'>; readonly maximumKeys?: number }) {
    this.#limit = parts.limit;
    this.#clock = parts.clock;
    this.#maximumKeys = parts.maximumKeys ?? 5000;
  }

  /** How long to wait before the next attempt, in milliseconds; 0: not at all. */
  waitMs(key: string): number {
    const count = this.#counts.get(key);
    if (count === undefined || count.used < this.#limit.most) return 0;
    return Math.max(0, count.sinceMs + this.#limit.windowMs - this.#clock.monotonic());
  }

  begin(key: string): void {
    const nowMs = this.#clock.monotonic();
    const count = this.#counts.get(key);
    if (count !== undefined && nowMs - count.sinceMs < this.#limit.windowMs) {
      count.used += 1;
      return;
    }
    // Set anew, so that the first key is the one begun longest ago.
    this.#counts.delete(key);
    if (this.#counts.size >= this.#maximumKeys) for (const oldest of [...this.#counts.keys()].slice(0, 1)) this.#counts.delete(oldest);
    this.#counts.set(key, { sinceMs: nowMs, used: 1 });
  }

  takeBack(key: string): void {
    const count = this.#counts.get(key);
    if (count === undefined) return;
    count.used -= 1;
    if (count.used <= 0) this.#counts.delete(key);
  }

  forget(key: string): void {
    this.#counts.delete(key);
  }
}
