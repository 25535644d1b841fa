// Aircall's clock as its answers tell it. Windows end at the server's time, not at ours, which may be wrong.
import type { Clock } from '../base/index.ts';

export class ServerTime {
  readonly #clock: Clock;
  #aheadMs: number | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes note of an answer's `Date` header. */
  observe(serverTimeMs: number | null): void {
    if (serverTimeMs !== null) this.#aheadMs = serverTimeMs - this.#clock.now();
  }

  /** Whether any answer has told the time yet. */
  get known(): boolean {
    return this.#aheadMs !== null;
  }

  /** UNIX seconds. Our own clock's until an answer told better. */
  now(): number {
    return Math.floor((this.#clock.now() + (this.#aheadMs ?? 0)) / 1000);
  }
}
