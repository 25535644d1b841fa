// What can go wrong between us and Aircall, one small class each. `refusal.ts` says which answer becomes which.
import { TrunklineError } from '../base/index.ts';

/**
 * What is known about the request's effect at Aircall when it failed:
 * `refused` it was answered with a no, `not_sent` it never left this machine, `unknown` it may have been carried out.
 */
export type Outcome = 'refused' | 'not_sent' | 'unknown';

export type AircallErrorFacts = {
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
  readonly retryable?: boolean;
  /** The endpoint's id, such as `calls.list`. */
  readonly endpoint: string;
  readonly status?: number | null;
  readonly outcome: Outcome;
  /** Aircall's own words. */
  readonly reason?: string | undefined;
  /** Names the exchange to Aircall's support. */
  readonly requestId?: string | undefined;
};

/** An exchange with Aircall that did not give what was asked for. */
export class AircallError extends TrunklineError {
  /** The endpoint's id, such as `calls.list`. */
  readonly endpoint: string;
  /** The HTTP status, or null when there was no answer. */
  readonly status: number | null;
  readonly outcome: Outcome;
  /** Aircall's id of the exchange, where the answer carried one. Its support asks for it. */
  readonly requestId: string | undefined;
  readonly #reason: string | undefined;

  constructor(facts: AircallErrorFacts, options?: { cause?: unknown }) {
    super(facts, options);
    this.endpoint = facts.endpoint;
    this.status = facts.status ?? null;
    this.outcome = facts.outcome;
    this.requestId = facts.requestId;
    this.#reason = facts.reason;
  }

  /**
   * Aircall's own words about the refusal, for showing to the person who made the request. It may repeat what was sent, a
   * phone number for example, so it is in no message and must not be logged.
   */
  get reason(): string | undefined {
    return this.#reason;
  }
}

/** 401, or 403 from Aircall's edge: the key pair or the token is wrong, revoked, or missing. */
export class CredentialRefused extends AircallError {}

/** 403 from the application: the credential is good, the account's plan or product is not. */
export class NotInPlan extends AircallError {}

/** 403 or another refusal from something between us and Aircall: a proxy, a firewall. */
export class Blocked extends AircallError {}

/** 404 or 410: no such thing, or no such endpoint any more. */
export class NotFound extends AircallError {
  /** The path itself is unknown, rather than the id in it. */
  readonly route: boolean;

  constructor(facts: AircallErrorFacts & { readonly route: boolean }) {
    super(facts);
    this.route = facts.route;
  }
}

/** 405 or 409: the request is fine, but not as things stand at Aircall; the user is on a call, recording is off, the key was used. */
export class StateRefused extends AircallError {}

/** 400 or 422: Aircall does not accept the values that were sent. */
export class InvalidRequest extends AircallError {
  /** The fields Aircall complains about, where it names them. */
  readonly fields: readonly string[];

  constructor(facts: AircallErrorFacts & { readonly fields: readonly string[] }) {
    super(facts);
    this.fields = facts.fields;
  }
}

/** The page lies beyond the 10,000 rows that Aircall lists for one query. */
export class BeyondTheCap extends AircallError {}

/** 429, for longer than the client was told to wait. */
export class RateLimited extends AircallError {}

/** The request's turn on the budget did not come in the time it could wait. Nothing was sent. */
export class BudgetExhausted extends AircallError {
  /** When it may be worth asking again, in milliseconds from now. */
  readonly retryAfterMs: number;

  constructor(
    { endpoint, retryAfterMs }: { readonly endpoint: string; readonly retryAfterMs: number },
    options?: { readonly cause?: unknown },
  ) {
    super(
      {
        code: 'budget_exhausted',
        message: `${endpoint}: the company's requests of this minute are used up, and the turn did not come in time. Nothing was sent.`,
        hint: 'Ask again later, or wait longer.',
        retryable: true,
        endpoint,
        outcome: 'not_sent',
      },
      options,
    );
    this.retryAfterMs = retryAfterMs;
  }
}

/** 5xx or 408. */
export class ServerFailed extends AircallError {}

/** No connection, or it broke before the answer was complete. */
export class ConnectionFailed extends AircallError {}

/** The exchange took longer than allowed. */
export class TimedOut extends AircallError {}

/** The answer is not what this endpoint answers: no JSON, a page of HTML, another page of the list than the one asked for. */
export class MalformedAnswer extends AircallError {}

/** The answer is larger than the client was told to accept. */
export class AnswerTooLarge extends AircallError {}

export function isAircallError(error: unknown): error is AircallError {
  return error instanceof AircallError;
}
