// Time for runs in which several things wait at once: every wait takes its turn, only two hundred times as fast. In between,
// time stands still, so that what is written does not depend on the speed of the machine.
import { type Clock, systemClock } from '../../src/base/index.ts';

const times = 200;

export class SwiftClock implements Clock {
  readonly #startMs: number;
  #elapsedMs = 0;

  constructor(startMs: number = Date.UTC(2026, 4, 13, 12)) {
    this.#startMs = startMs;
  }

  now(): number {
    return this.#startMs + this.#elapsedMs;
  }

  monotonic(): number {
    return this.#elapsedMs;
  }

  async sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    const untilMs = this.#elapsedMs + Math.max(0, delayMs);
    await systemClock.sleep(delayMs / times, signal);
    this.#elapsedMs = Math.max(this.#elapsedMs, untilMs);
  }

  advance(byMs: number): void {
    this.#elapsedMs += byMs;
  }
}
