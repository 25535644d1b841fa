import { limits } from '../../aircall/index.ts';

/** How the budget stands after a request asked for its share. */
export type Verdict = { readonly isGranted: boolean; readonly limit: number; readonly remaining: number; readonly resetAtMs: number };

export type RateLimitRules = {
  /** Requests a minute, or `off`. */
  readonly requestsPerMinute: number | 'off';
  readonly window: 'fixed' | 'sliding';
  /** After a refusal everything is refused for 60 seconds, instead of until the window ends. */
  readonly blocks: boolean;
};

/** Counts a company's requests. */
export class RateLimit {
  readonly #rules: RateLimitRules;
  #windowStartMs = Number.NEGATIVE_INFINITY;
  #used = 0;
  #blockedUntilMs = Number.NEGATIVE_INFINITY;
  /** Sliding only: when each granted request came, oldest first. */
  #times: number[] = [];

  constructor(rules: RateLimitRules) {
    this.#rules = rules;
  }

  take(nowMs: number): Verdict {
    const { requestsPerMinute, window, blocks } = this.#rules;
    if (requestsPerMinute === 'off') return { isGranted: true, limit: 0, remaining: 0, resetAtMs: 0 };
    if (nowMs < this.#blockedUntilMs) return { isGranted: false, limit: requestsPerMinute, remaining: 0, resetAtMs: this.#blockedUntilMs };
    const verdict = window === 'fixed' ? this.#takeFixed(nowMs, requestsPerMinute) : this.#takeSliding(nowMs, requestsPerMinute);
    if (verdict.isGranted || !blocks) return verdict;
    this.#blockedUntilMs = nowMs + limits.rate.blockedMs;
    return { ...verdict, resetAtMs: this.#blockedUntilMs };
  }

  #takeFixed(nowMs: number, limit: number): Verdict {
    // A clock that was set back starts a window too.
    if (nowMs >= this.#windowStartMs + limits.rate.perMs || nowMs < this.#windowStartMs) {
      this.#windowStartMs = nowMs;
      this.#used = 0;
    }
    const resetAtMs = this.#windowStartMs + limits.rate.perMs;
    if (this.#used >= limit) return { isGranted: false, limit, remaining: 0, resetAtMs };
    this.#used += 1;
    return { isGranted: true, limit, remaining: limit - this.#used, resetAtMs };
  }

  #takeSliding(nowMs: number, limit: number): Verdict {
    this.#times = this.#times.filter((time) => time > nowMs - limits.rate.perMs && time <= nowMs);
    const resetAtMs = (this.#times[0] ?? nowMs) + limits.rate.perMs;
    if (this.#times.length >= limit) return { isGranted: false, limit, remaining: 0, resetAtMs };
    this.#times.push(nowMs);
    return { isGranted: true, limit, remaining: limit - this.#times.length, resetAtMs };
  }
}
