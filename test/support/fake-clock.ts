// Time as a test wants it.
import { Interrupted } from '../../src/base/index.ts';
import type { Clock } from '../../src/base/index.ts';

type Sleeper = { readonly atMs: number; readonly wake: () => void };

/**
 * Stands still until `advance` moves it. With `hurry` every sleep is over at once and moves the clock by itself, which is
 * right where one thing waits at a time.
 */
export class FakeClock implements Clock {
  /** Every sleep asked for, in milliseconds. */
  readonly sleeps: number[] = [];
  readonly #hurry: boolean;
  readonly #startMs: number;
  #elapsedMs = 0;
  #sleepers: Sleeper[] = [];

  constructor({ startMs = Date.UTC(2026, 0, 2, 3, 4, 5), hurry = false }: { readonly startMs?: number; readonly hurry?: boolean } = {}) {
    this.#startMs = startMs;
    this.#hurry = hurry;
  }

  now(): number {
    return this.#startMs + this.#elapsedMs;
  }

  monotonic(): number {
    return this.#elapsedMs;
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    this.sleeps.push(delayMs);
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(new Interrupted({ cause: signal.reason }));
        return;
      }
      if (this.#hurry) {
        this.#elapsedMs += Math.max(0, delayMs);
        resolve();
        return;
      }
      const wake = () => {
        signal?.removeEventListener('abort', abort);
        resolve();
      };
      const sleeper: Sleeper = { atMs: this.#elapsedMs + Math.max(0, delayMs), wake };
      const abort = () => {
        this.#sleepers = this.#sleepers.filter((each) => each !== sleeper);
        reject(new Interrupted({ cause: signal?.reason }));
      };
      this.#sleepers.push(sleeper);
      signal?.addEventListener('abort', abort);
    });
  }

  /** Moves on, waking sleepers in their order and letting what they do happen before the next one wakes. */
  async advance(byMs: number): Promise<void> {
    const untilMs = this.#elapsedMs + byMs;
    await settle();
    for (;;) {
      const next = this.#sleepers.toSorted((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined || next.atMs > untilMs) break;
      this.#sleepers = this.#sleepers.filter((each) => each !== next);
      this.#elapsedMs = Math.max(this.#elapsedMs, next.atMs);
      next.wake();
      await settle();
    }
    this.#elapsedMs = untilMs;
    await settle();
  }
}

/** Lets promises that can settle do so. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
