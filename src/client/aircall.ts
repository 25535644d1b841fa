// The client: every endpoint of the API as a method, made by walking the description of the API.
import type { Dispatcher } from 'undici';
import { api, limits } from '../aircall/index.ts';
import type { Api, Endpoint } from '../aircall/index.ts';
import { silentLog, systemClock } from '../base/index.ts';
import type { Budget, Clock, Log, Priority } from '../base/index.ts';
import { authorizationHeader } from './credential.ts';
import type { Credential } from './credential.ts';
import { createInProcessBudget } from './in-process-budget.ts';
import { run } from './run.ts';
import type { Method } from './method.ts';
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

/** Groups of methods as in Aircall's documentation: `aircall.calls.list({ from })`, `aircall.users.retrieve(id)`. */
export type Aircall = { readonly [G in keyof Api]: { readonly [M in keyof Api[G]]: Method<EndpointAt<Api[G], M>> } } & {
  readonly budget: Budget;
  /** Closes idle connections. Requests on their way end first. Safe to call twice. */
  close(): Promise<void>;
};

type EndpointAt<G, M extends keyof G> = G[M] extends infer E extends Endpoint ? E : never;

/** Opens nothing: connections are made with the first request. Throws a `UsageError` for options that cannot work. */
export function createClient(options: ClientOptions): Aircall {
  const { origin, prefix } = parseBaseUrl(options.baseUrl ?? limits.origin);
  const clock = options.clock ?? systemClock;
  const random = options.random ?? Math.random;
  const connection: Connection = {
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
  const refused = new Set<string>();
  const groups: Readonly<Record<string, Readonly<Record<string, Endpoint>>>> = { ...api };
  const methods = mapValues(groups, (group) =>
    mapValues(
      group,
      (endpoint) =>
        (...given: readonly unknown[]) =>
          run({ connection, refused, endpoint, given }),
    ),
  );
  let closing: Promise<void> | undefined;
  return {
    // Every method takes and gives what its endpoint's description says, which only the type can tell one by one.
    ...(methods as unknown as Pick<Aircall, keyof Api>),
    budget: connection.budget,
    close: () => (closing ??= options.dispatcher === undefined ? connection.dispatcher.close() : Promise.resolve()),
  };
}

function openBudget(budget: ClientOptions['budget'], time: { readonly clock: Clock; readonly random: () => number }): Budget {
  if (budget === 'off') return createInProcessBudget({ ...time, requestsPerMinute: Number.POSITIVE_INFINITY });
  return budget ?? createInProcessBudget(time);
}

function mapValues<V, R>(values: Readonly<Record<string, V>>, map: (value: V) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, map(value)]));
}
