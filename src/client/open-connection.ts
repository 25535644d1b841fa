// What a client is made with, and the connection that follows from it.
import type { Dispatcher } from 'undici';
import { limits } from '../aircall/index.ts';
import { silentLog, systemClock } from '../base/index.ts';
import type { Budget, Clock, Log, Priority } from '../base/index.ts';
import { authorizationHeader } from './credential.ts';
import type { Credential } from './credential.ts';
import { createInProcessBudget } from './in-process-budget.ts';
import { defaultRetry } from './retry.ts';
import type { RetryOptions } from './retry.ts';
import type { Connection } from './send.ts';
import { createDispatcher, parseBaseUrl } from './transport.ts';

export type ClientOptions = {
  readonly credential: Credential;
  /** Default: `https://api.aircall.io`. Plain http is accepted towards this machine only. */
  readonly baseUrl?: string;
  /**
   * Who shares the company's requests a minute. Default: a budget of this client's own, of 120 a minute less 10 that are
   * left to others. `off` counts nothing; a 429 is obeyed all the same.
   */
  readonly budget?: Budget | 'off';
  /** Who goes first when the budget is short. Default: `interactive`. */
  readonly priority?: Priority;
  /** The longest one attempt may take, from asking for a connection to the last byte. Default: 60,000. */
  readonly timeoutMs?: number;
  /** Larger answers are not read. Default: 64 MB. */
  readonly maximumResponseBytes?: number;
  readonly retry?: RetryOptions;
  readonly clock?: Clock;
  /** From 0 up to, not including, 1. Spreads retries. */
  readonly random?: () => number;
  readonly log?: Log;
  /** Calls off every request, present and future. */
  readonly signal?: AbortSignal;
  /** Replaces the connections made here, proxy settings included. It is not closed by `close`. */
  readonly dispatcher?: Dispatcher;
  readonly userAgent?: string;
};

/** Opens nothing: connections are made with the first request. Throws a `UsageError` for options that cannot work. */
export function openConnection(options: ClientOptions): Connection {
  const { origin, prefix } = parseBaseUrl(options.baseUrl ?? limits.origin);
  const clock = options.clock ?? systemClock;
  const random = options.random ?? Math.random;
  return {
    origin,
    prefix,
    authorization: authorizationHeader(options.credential),
    userAgent: options.userAgent ?? 'trunkline',
    dispatcher: options.dispatcher ?? createDispatcher(origin),
    budget: openBudget(options.budget, { clock, random }),
    clock,
    random,
    retry: { ...defaultRetry, ...options.retry },
    timeoutMs: options.timeoutMs ?? 60_000,
    maximumResponseBytes: options.maximumResponseBytes ?? 64 * 1024 * 1024,
    priority: options.priority ?? 'interactive',
    log: options.log ?? silentLog,
    standing: { accepted: false },
    signal: options.signal,
  };
}

function openBudget(budget: ClientOptions['budget'], time: { readonly clock: Clock; readonly random: () => number }): Budget {
  if (budget === 'off') return createInProcessBudget({ ...time, requestsPerMinute: Number.POSITIVE_INFINITY });
  return budget ?? createInProcessBudget(time);
}
