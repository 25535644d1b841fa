import { Interrupted } from './errors.ts';

/** Time as a parameter: real in programs, controlled in tests. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. May jump backwards: people set clocks. */
  now(): number;
  /** Milliseconds that never run backwards, for measuring how long something took. */
  monotonic(): number;
  /** Resolves after `delayMs`; rejects with {@link Interrupted} when the signal aborts first. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

const longestTimerMs = 2_147_483_647;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  async sleep(delayMs, signal) {
    let leftMs = Math.max(0, delayMs);
    do {
      const stepMs = Math.min(leftMs, longestTimerMs);
      await sleepOnce(stepMs, signal);
      leftMs -= stepMs;
    } while (leftMs > 0);
  },
};

/** Throws {@link Interrupted} when the signal has aborted. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new Interrupted({ cause: signal.reason });
}

function sleepOnce(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(new Interrupted({ cause: signal.reason }));
      return;
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, delayMs);
    const onAbort = () => {
      clearTimeout(timer);
      reject(new Interrupted({ cause: signal?.reason }));
    };
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
