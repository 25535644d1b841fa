import type { Priority } from '../base/index.ts';

/** What any request may be given besides its parameters. */
export type RequestOptions = {
  /** Calls the request off, wherever it is: waiting for its turn, on its way, or between two attempts. */
  readonly signal?: AbortSignal | undefined;
  /** Who goes first when the budget is short. Default: the client's. */
  readonly priority?: Priority | undefined;
  /** The longest one attempt may take, in milliseconds. Default: the client's. */
  readonly timeoutMs?: number | undefined;
  /** Called before every wait that is not the exchange itself. */
  readonly onWait?: ((wait: Wait) => void) | undefined;
  /** Called for every attempt, once the budget has granted it. */
  readonly onSend?: (() => void) | undefined;
  /** Called with the answer that succeeded, before it is returned. */
  readonly onAnswer?: ((answer: AnswerFacts) => void) | undefined;
};

export type Wait = {
  readonly delayMs: number;
  /** `budget`: the minute's requests are used up. `rate_limited`: Aircall answered 429. `retry`: the last attempt failed. */
  readonly reason: 'budget' | 'rate_limited' | 'retry';
  /** The endpoint's id, such as `calls.list`. */
  readonly endpoint: string;
};

export type AnswerFacts = {
  /** The endpoint that answered: the one asked for, or the one that stands in for it. */
  readonly endpoint: string;
  readonly status: number;
  /** When the answered attempt was sent, by our clock. */
  readonly sentAtMs: number;
  /** From the answer's `Date` header, which counts whole seconds; null without one. */
  readonly serverTimeMs: number | null;
};
