// The door for whoever passes requests on for others, as the gateway does: one endpoint with its arguments by Aircall's own
// names in, status and body with its envelope out. No pages are turned, no endpoint stands in for another, and a request
// waits for the budget no longer than it is told to.
import type { Endpoint, Parameters } from '../aircall/index.ts';
import { Interrupted, throwIfAborted, UsageError } from '../base/index.ts';
import type { Budget, Clock, ExactJson, Priority, UnknownRecord } from '../base/index.ts';
import { linkSignals } from './abort.ts';
import { AircallError, BudgetExhausted, RateLimited } from './errors.ts';
import { openConnection } from './open-connection.ts';
import type { ClientOptions } from './open-connection.ts';
import { parseExactJson } from './exact-json.ts';
import { buildRequest } from './request.ts';
import type { WireRequest } from './request.ts';
import { retryDelayMs } from './retry.ts';
import { send } from './send.ts';
import type { Connection } from './send.ts';

/** By Aircall's names, such as `per_page` and `tags[]`, or as the description calls them, such as `tags`. */
export type RawArguments = {
  /** Of the path. */
  readonly at: Readonly<Record<string, string>>;
  readonly query: UnknownRecord;
  readonly body: UnknownRecord | null;
};

export type RawOptions = {
  /** Calls the request off while it waits for the budget. Once it is on its way, it is finished. */
  readonly signal?: AbortSignal | undefined;
  readonly priority?: Priority | undefined;
  /** The longest it may wait for the budget, a 429 included, and for how long a failed read is tried again. In milliseconds. */
  readonly maximumWaitMs: number;
  /** Where turns are asked for: something that stands before the client's own budget. Default: that budget itself. */
  readonly budget?: Budget | undefined;
  /** Called for every attempt, right before it is sent. */
  readonly onSend?: (() => void) | undefined;
};

/** `body`: as Aircall sent it, digits of large ids kept; undefined where the endpoint answers without one. */
export type RawAnswer = { readonly status: number; readonly body: ExactJson | undefined };

export type RawClient = {
  /**
   * Sends what the endpoint's description makes of the arguments. Rejects with an `AircallError`; with `BudgetExhausted`
   * when its turn did not come in time; with `Interrupted`; with a `UsageError` for arguments that cannot be sent. In the
   * last three cases nothing was sent, or every attempt was refused.
   *
   * A read is tried again while there is time. A write is sent at most once, except after a 429, which is a refusal.
   */
  send(endpoint: Endpoint, given: RawArguments, options: RawOptions): Promise<RawAnswer>;
  readonly budget: Budget;
  /** Closes idle connections. Requests on their way end first. Safe to call twice. */
  close(): Promise<void>;
};

/** Opens nothing: connections are made with the first request. Throws a `UsageError` for options that cannot work. */
export function createRawClient(options: ClientOptions): RawClient {
  const connection = openConnection(options);
  let closing: Promise<void> | undefined;
  return {
    send: async (endpoint, given, rawOptions) => sendRaw(connection, endpoint, given, rawOptions),
    budget: connection.budget,
    close: () => (closing ??= options.dispatcher === undefined ? connection.dispatcher.close() : Promise.resolve()),
  };
}

/** What `send` would put on the wire: path and query, and the body. Throws a `UsageError` for arguments that cannot be sent. */
export function planRequest(endpoint: Endpoint, given: RawArguments): { readonly path: string; readonly body: ExactJson | null } {
  const { path, body } = planned(endpoint, given);
  return { path, body: body === null ? null : parseExactJson(body) };
}

function planned(endpoint: Endpoint, given: RawArguments): WireRequest {
  const at = Object.keys(endpoint.at ?? {}).map((name) => given.at[name]);
  const input = {
    ...described(endpoint, endpoint.query, { place: 'query', values: given.query }),
    ...described(endpoint, endpoint.body, { place: 'body', values: given.body ?? {} }),
  };
  return buildRequest(endpoint, { at, input }, {}, 'theirs');
}

async function sendRaw(connection: Connection, endpoint: Endpoint, given: RawArguments, options: RawOptions): Promise<RawAnswer> {
  const { clock, random, retry } = connection;
  const { signal, maximumWaitMs, priority, onSend, budget = connection.budget } = options;
  const request = planned(endpoint, given);
  const deadline = clock.monotonic() + maximumWaitMs;
  const once: Connection = {
    ...connection,
    budget: withDeadline(budget, { clock, deadline, signal, endpoint }),
    // Whether and when to try again is decided here, by the deadline.
    retry: { ...retry, attempts: 1, rateLimitedForMs: 0 },
  };
  for (let failures = 1; ; failures += 1) {
    try {
      return await send(once, endpoint, request, (body, { status }) => ({ status, body: body as ExactJson | undefined }), {
        priority,
        onSend,
      });
    } catch (error) {
      const leftMs = deadline - clock.monotonic();
      if (error instanceof RateLimited) {
        // The budget holds everyone back for as long as Aircall said; one that does not would send into the next refusal.
        const { blockedUntilMs } = budget.status();
        if (blockedUntilMs === null || blockedUntilMs - clock.now() > leftMs) throw error;
        continue;
      }
      const delayMs = retryDelayMs(retry, failures, random);
      const isWorthIt = endpoint.effect === 'read' && error instanceof AircallError && error.retryable && delayMs < leftMs;
      if (!isWorthIt || error instanceof BudgetExhausted || failures >= retry.attempts) throw error;
      await clock.sleep(delayMs, signal);
    }
  }
}

/** The values by the names of the description. Throws for any other name: it could land where it does not belong. */
function described(
  endpoint: Endpoint,
  parameters: Parameters = {},
  { place, values }: { readonly place: string; readonly values: UnknownRecord },
): UnknownRecord {
  const names = new Map(Object.entries(parameters).flatMap(([name, { wire = name }]) => [[name, name] as const, [wire, name] as const]));
  return Object.fromEntries(
    Object.entries(values).map(([given, value]) => {
      const name = names.get(given);
      if (name !== undefined) return [name, value];
      throw new UsageError({
        code: 'bad_parameter',
        message: `${endpoint.id}: there is no such parameter of the ${place}. Nothing was sent.`,
      });
    }),
  );
}

type Patience = {
  readonly clock: Clock;
  /** On the clock that never runs backwards. */
  readonly deadline: number;
  readonly signal: AbortSignal | undefined;
  readonly endpoint: Endpoint;
};

/** The same budget, in which nobody waits beyond the deadline. */
function withDeadline(budget: Budget, { clock, deadline, signal: given, endpoint }: Patience): Budget {
  const exhausted = (retryAfterMs: number, cause?: unknown) => new BudgetExhausted({ endpoint: endpoint.id, retryAfterMs }, { cause });
  return {
    status: () => budget.status(),
    acquire: async (request) => {
      throwIfAborted(given);
      const leftMs = deadline - clock.monotonic();
      const { blockedUntilMs } = budget.status();
      const blockedMs = blockedUntilMs === null ? 0 : blockedUntilMs - clock.now();
      if (blockedMs > leftMs) throw exhausted(blockedMs);

      const late = new AbortController();
      const answered = new AbortController();
      let expectedMs = 0;
      const alarm = clock.sleep(Math.max(0, leftMs), answered.signal).then(
        () => late.abort(),
        () => {}, // The turn came in time.
      );
      const { signal, release } = linkSignals([request.signal, given, late.signal]);
      try {
        return await budget.acquire({
          ...request,
          signal,
          onWait: (waitMs) => {
            expectedMs = waitMs;
            request.onWait?.(waitMs);
          },
        });
      } catch (error) {
        const isLate = error instanceof Interrupted && late.signal.aborted && given?.aborted !== true && request.signal?.aborted !== true;
        throw isLate ? exhausted(Math.max(expectedMs - leftMs, shortestRetryAfterMs), error) : error;
      } finally {
        release();
        // With a reason, as Node makes an error with its stack where there is none.
        answered.abort(null);
        await alarm;
      }
    },
  };
}

const shortestRetryAfterMs = 1000;
