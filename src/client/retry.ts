// When to try again, and after how long.

export type RetryOptions = {
  /** How often one request is tried before its error is thrown. 429 does not count. Default: 6. */
  readonly attempts?: number;
  /** The first wait is a random part of this, every further one of twice as much. In milliseconds. Default: 1,000. */
  readonly firstDelayMs?: number;
  /** No wait between two attempts is longer, in milliseconds. Default: 30,000. */
  readonly longestDelayMs?: number;
  /** How long one request is held back by 429 before `RateLimited` is thrown, in milliseconds. Default: 15 minutes. */
  readonly rateLimitedForMs?: number;
};

export type RetryPolicy = Required<RetryOptions>;

export const defaultRetry: RetryPolicy = { attempts: 6, firstDelayMs: 1000, longestDelayMs: 30_000, rateLimitedForMs: 15 * 60_000 };

export const noRetry: RetryPolicy = { ...defaultRetry, attempts: 1, rateLimitedForMs: 0 };

/** Exponential with full jitter: many clients that failed together do not come back together. */
export function retryDelayMs({ firstDelayMs, longestDelayMs }: RetryPolicy, failures: number, random: () => number): number {
  return Math.round(random() * Math.min(longestDelayMs, firstDelayMs * 2 ** (failures - 1)));
}
