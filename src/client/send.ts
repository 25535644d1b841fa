// Sends one request until it is answered: waits for the budget, exchanges, tells refusals from answers, and tries again
// where the error says that this is of use.
import type { Dispatcher } from 'undici';
import { limits, parseRateHeaders } from '../aircall/index.ts';
import type { Endpoint } from '../aircall/index.ts';
import type { Budget, Clock, Log, Priority, SlotOutcome } from '../base/index.ts';
import { throwIfAborted } from '../base/index.ts';
import { linkSignals } from './abort.ts';
import type { Standing } from './credential.ts';
import { AircallError, RateLimited } from './errors.ts';
import { parseExactJsonBytes } from './exact-json.ts';
import { exchange } from './exchange.ts';
import type { Answered } from './exchange.ts';
import { malformed } from './malformed.ts';
import type { AnswerOrigin } from './malformed.ts';
import type { OutgoingRequest } from './outgoing-request.ts';
import { refusal } from './refusal.ts';
import type { RequestOptions, Wait } from './request-options.ts';
import type { WireRequest } from './request.ts';
import { retryDelayMs } from './retry.ts';
import type { RetryPolicy } from './retry.ts';

export type Connection = {
  readonly origin: string;
  /** Put before every path; empty for Aircall itself. */
  readonly prefix: string;
  /** The `Authorization` header, or null without a credential. */
  readonly authorization: string | null;
  readonly userAgent: string;
  readonly dispatcher: Dispatcher;
  readonly budget: Budget;
  readonly clock: Clock;
  readonly random: () => number;
  readonly retry: RetryPolicy;
  readonly timeoutMs: number;
  readonly maximumResponseBytes: number;
  readonly priority: Priority;
  readonly log: Log;
  /** What the answers so far say about the credential. */
  readonly standing: Standing;
  /** Calls off everything. */
  readonly signal: AbortSignal | undefined;
};

/**
 * Sends and returns what `understand` makes of the parsed answer; undefined stands for an answer without a body. What
 * `understand` throws is treated like any other failure of the attempt.
 */
export async function send<T>(
  connection: Connection,
  endpoint: Endpoint,
  wire: WireRequest,
  understand: (body: unknown, answer: AnswerOrigin) => T,
  options: RequestOptions = {},
): Promise<T> {
  const { budget, clock, random, retry, log } = connection;
  const { priority = connection.priority, timeoutMs = connection.timeoutMs, onWait, onAnswer } = options;
  const request = outgoing(connection, endpoint, wire);
  const { signal, release } = linkSignals([connection.signal, options.signal]);
  const waiting = (delayMs: number, reason: Wait['reason']) => onWait?.({ delayMs, reason, endpoint: endpoint.id });

  let failures = 0;
  let refusedSince: number | null = null;
  try {
    for (;;) {
      throwIfAborted(signal);
      const held = refusedSince !== null;
      const slot = await budget.acquire({
        priority,
        timeoutMs,
        signal,
        onWait: (waitMs) => waiting(waitMs, held || budget.status().blockedUntilMs !== null ? 'rate_limited' : 'budget'),
      });
      options.onSend?.();
      let outcome: SlotOutcome = {};
      try {
        let answered: Answered;
        try {
          answered = await exchange(request, { ...connection, signal, timeoutMs });
          outcome = budgetNews(answered, clock.now());
        } finally {
          slot.end(outcome);
        }
        const facts = { endpoint: endpoint.id, status: answered.status, sentAtMs: answered.sentAtMs, serverTimeMs: answered.serverTimeMs };
        if (answered.status < 200 || answered.status > 299) throw refusal(endpoint, request, answered, connection.standing);
        if (request.headers['authorization'] !== undefined) connection.standing.accepted = true;
        const origin = { ...facts, repeatable: request.repeatable };
        const understood = understand(parseBody(endpoint, answered, origin), origin);
        onAnswer?.(facts);
        return understood;
      } catch (error) {
        if (!(error instanceof AircallError) || !error.retryable) throw error;
        if (error instanceof RateLimited) {
          refusedSince ??= clock.monotonic();
          if (clock.monotonic() - refusedSince >= retry.rateLimitedForMs) throw error;
          log.info('Aircall asks everyone to wait', { endpoint: endpoint.id, status: 429 });
          // A budget holds everyone back after a 429. Should one not do so, this request at least waits by itself.
          const { blockedUntilMs } = budget.status();
          if (blockedUntilMs === null || blockedUntilMs <= clock.now()) {
            const delayMs = limits.rate.blockedMs + random() * jitterMs;
            waiting(delayMs, 'rate_limited');
            await clock.sleep(delayMs, signal);
          }
          continue;
        }
        failures += 1;
        if (failures >= retry.attempts) throw error;
        const delayMs = retryDelayMs(retry, failures, random);
        log.info('trying again', { endpoint: endpoint.id, code: error.code, status: error.status, delayMs, attempt: failures + 1 });
        waiting(delayMs, 'retry');
        await clock.sleep(delayMs, signal);
      }
    }
  } finally {
    release();
  }
}

function outgoing(connection: Connection, endpoint: Endpoint, wire: WireRequest): OutgoingRequest {
  const { origin, prefix, authorization, userAgent } = connection;
  return {
    endpoint: endpoint.id,
    method: endpoint.method,
    origin,
    path: prefix + wire.path,
    headers: {
      accept: 'application/json',
      'user-agent': userAgent,
      // Aircall's documentation asks for it on every write, with or without a body.
      ...(endpoint.method === 'GET' ? {} : { 'content-type': 'application/json' }),
      ...(authorization === null || endpoint.credentials === 'none' ? {} : { authorization }),
    },
    body: wire.body,
    repeatable: endpoint.effect === 'read' || endpoint.idempotent === true || wire.keyed,
  };
}

function parseBody(endpoint: Endpoint, { status, header, body }: Answered, origin: AnswerOrigin): unknown {
  if (status === 204 || endpoint.answer.envelope === 'none') return undefined;
  try {
    return parseExactJsonBytes(body);
  } catch {
    // What the parser says would quote the answer.
    const what = body.length === 0 ? 'it is empty' : `it is not JSON but ${header('content-type') ?? 'of no declared type'}`;
    throw malformed(origin, what);
  }
}

/** What the answer says about the budget, its moments on our clock. */
function budgetNews({ status, header, serverTimeMs }: Answered, nowMs: number): SlotOutcome {
  const serverNowMs = serverTimeMs ?? nowMs;
  const { limit, remaining, resetAtMs } = parseRateHeaders({ get: (name) => header(name) ?? null }, serverNowMs);
  const inMs = resetAtMs === undefined ? undefined : resetAtMs - serverNowMs;
  // `Date` and the reset count whole seconds. What is long past or far away is not a reset.
  const credible = inMs !== undefined && inMs > -5000 && inMs < longestResetMs;
  return {
    ...(status === 429 ? { refused: true } : {}),
    limit,
    remaining,
    resetAtMs: credible ? nowMs + Math.max(inMs, shortestResetMs) : undefined,
  };
}

const longestResetMs = 15 * limits.rate.perMs;
const shortestResetMs = 500;
const jitterMs = 5000;
