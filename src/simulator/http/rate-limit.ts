import { limits } from '../../aircall/index.ts';
import type { SwitchSettings } from '../../aircall/index.ts';
import type { ApiResponse } from './message.ts';
import { withHeaders } from './message.ts';
import { refused, refusedAtEdge } from './refusals.ts';

/** How the budget stands after a request asked for its share. */
export type Verdict = { readonly isGranted: boolean; readonly limit: number; readonly remaining: number; readonly resetAtMs: number };

type Switches = Pick<
  SwitchSettings,
  'rateQuota' | 'rateWindow' | 'rateBlock' | 'rateCounting' | 'rateHeaders' | 'rateResetUnit' | 'retryAfterHeader' | 'tooManyRequestsBody'
>;

/** Counts a company's requests and says so in headers. */
export class RateLimit {
  readonly #switches: Switches;
  /** Infinity when the limit is off. */
  readonly #limit: number;
  /** When each counted request came, oldest first. A fixed window holds only its own. */
  #times: number[] = [];
  #windowStartMs = Number.NEGATIVE_INFINITY;
  #blockedUntilMs = Number.NEGATIVE_INFINITY;

  constructor(requestsPerMinute: number | 'off' | undefined, switches: Switches) {
    this.#switches = switches;
    const quota = switches.rateQuota === 'sixty' ? 60 : limits.rate.requests;
    this.#limit = requestsPerMinute === 'off' ? Number.POSITIVE_INFINITY : (requestsPerMinute ?? quota);
  }

  take(nowMs: number): Verdict {
    const limit = this.#limit;
    if (limit === Number.POSITIVE_INFINITY) return { isGranted: true, limit, remaining: limit, resetAtMs: nowMs };
    if (nowMs < this.#blockedUntilMs) return { isGranted: false, limit, remaining: 0, resetAtMs: this.#blockedUntilMs };
    this.#forget(nowMs);
    const windowStartMs = this.#switches.rateWindow === 'fixed' ? this.#windowStartMs : (this.#times[0] ?? nowMs);
    const resetAtMs = windowStartMs + limits.rate.perMs;
    if (this.#times.length < limit) {
      this.#times.push(nowMs);
      return { isGranted: true, limit, remaining: limit - this.#times.length, resetAtMs };
    }
    if (this.#switches.rateBlock === 'untilReset') return { isGranted: false, limit, remaining: 0, resetAtMs };
    this.#blockedUntilMs = nowMs + limits.rate.blockedMs;
    return { isGranted: false, limit, remaining: 0, resetAtMs: this.#blockedUntilMs };
  }

  /** Takes back the last share when requests that fail do not count. */
  answered(status: number): void {
    if (this.#switches.rateCounting === 'successful' && (status < 200 || status > 299)) this.#times.pop();
  }

  /** Adds the rate headers where the switches say that they are sent. */
  label(answer: ApiResponse, { limit, remaining, resetAtMs }: Verdict, nowMs: number): ApiResponse {
    const { rateHeaders, rateResetUnit } = this.#switches;
    if (rateHeaders === 'never' || limit === Number.POSITIVE_INFINITY || (rateHeaders === 'atTheLimit' && remaining > 0)) return answer;
    const reset = { unixSeconds: resetAtMs / 1000, unixMilliseconds: resetAtMs, secondsLeft: (resetAtMs - nowMs) / 1000 }[rateResetUnit];
    const names = limits.rate.headers;
    return withHeaders(answer, {
      [names.limit]: String(limit),
      [names.remaining]: String(remaining),
      [names.reset]: String(Math.ceil(reset)),
    });
  }

  /** The 429 itself, without the rate headers. */
  refusal({ limit, resetAtMs }: Verdict, nowMs: number, seed: number): ApiResponse {
    const { tooManyRequestsBody, retryAfterHeader } = this.#switches;
    const answer =
      tooManyRequestsBody === 'edge' ? refusedAtEdge(429, seed) : refused(429, `API rate limit of ${limit} requests per minute reached`);
    if (retryAfterHeader === 'absent') return answer;
    const after =
      retryAfterHeader === 'seconds'
        ? String(Math.ceil((resetAtMs - nowMs) / 1000))
        : new Date(Math.ceil(resetAtMs / 1000) * 1000).toUTCString();
    return withHeaders(answer, { [limits.rate.retryAfterHeader]: after });
  }

  #forget(nowMs: number): void {
    if (this.#switches.rateWindow === 'sliding') {
      this.#times = this.#times.filter((time) => time > nowMs - limits.rate.perMs && time <= nowMs);
    } else if (nowMs >= this.#windowStartMs + limits.rate.perMs || nowMs < this.#windowStartMs) {
      // A clock that was set back opens a window too.
      this.#windowStartMs = nowMs;
      this.#times = [];
    }
  }
}
