// What a failed exchange with Aircall is to an agent: one code, our own sentence, and what became of the request. Nothing that
// Aircall wrote is in the sentences; its words go apart.
import {
  AircallError,
  BeyondTheCap,
  BudgetExhausted,
  CredentialRefused,
  InvalidRequest,
  NotFound,
  NotInPlan,
  RateLimited,
  StateRefused,
  TimedOut,
} from '../../client/index.ts';
import { Interrupted, UsageError } from '../../base/index.ts';
import type { OutcomeStatus } from '../audit/record.ts';
import type { GatewayCode, ReplyRefusal } from './call.ts';
import { LeftQueue } from './fair-queue.ts';
import type { Place } from './fair-queue.ts';
import { withoutPersonalData } from './hint.ts';
import type { KeyProblem, TokenProblem } from './parts.ts';

export type Failure = {
  readonly refusal: ReplyRefusal;
  readonly status: OutcomeStatus;
  /** `not_sent`: nothing left for Aircall. `refused`: Aircall said no. `unknown`: it may have been carried out. */
  readonly fate: 'not_sent' | 'refused' | 'unknown';
};

export type FailureContext = {
  readonly isWrite: boolean;
  /** At least one attempt has left for Aircall. */
  readonly sent: boolean;
  /** From the budget: until when everyone waits; null when nobody does. */
  readonly blockedUntilMs: number | null;
  readonly nowMs: number;
  /** Aircall's words may hold what the agent may not see: text of others, or what stood in the request behind a token. */
  readonly hidesWords: boolean;
};

/** Answers a missing row and a hidden one alike, to the last letter. */
export function absent(): ReplyRefusal {
  return refusalOf({ code: 'not_found', message: 'Aircall has no such thing, or this agent may not see it.', upstreamStatus: 404 });
}

/** One and the same answer, whatever is wrong with what was shown; only where nobody could look at it, that is said. */
export function strange(reason: KeyProblem | TokenProblem): ReplyRefusal {
  const why = unknowable[reason];
  if (why !== undefined) return refusalOf({ code: 'store_unavailable', retryAfterSeconds: 15, ...why });
  return refusalOf({
    code: 'unauthenticated',
    message: 'No valid key of this gateway was given.',
    fix: 'Send an agent key as a bearer token, or as the password of HTTP Basic with the agent’s id as user name.',
  });
}

/** Where nobody can say whether what was shown is good. */
const unknowable: { readonly [Reason in KeyProblem | TokenProblem]?: { readonly message: string; readonly fix: string } } = {
  token_unverifiable: {
    message: 'The gateway has no keys of the identity provider now, so it cannot check tokens. The token may be good.',
    fix: 'Send the same again in a moment. If that does not help, ask an operator to look at the gateway.',
  },
  clock: {
    message: 'The gateway cannot tell what time it is, so it cannot say which keys count. The key may be good.',
    fix: 'Ask an operator to look at the clock of the gateway.',
  },
};

export function refusalOf(facts: Partial<ReplyRefusal> & { readonly code: GatewayCode; readonly message: string }): ReplyRefusal {
  return {
    kind: 'refusal',
    fix: null,
    retryAfterSeconds: null,
    queue: null,
    upstreamStatus: null,
    timedOut: false,
    untrustedHint: null,
    approval: null,
    confirm: null,
    ...facts,
  };
}

export function failureOf(error: unknown, context: FailureContext): Failure {
  if (error instanceof BudgetExhausted) return exhausted(error.retryAfterMs, error.cause instanceof LeftQueue ? error.cause.place : null);
  if (error instanceof RateLimited) return exhausted(untilUnblocked(context), null);
  if (error instanceof Interrupted && !(context.isWrite && context.sent)) return calledOff(context);
  if (error instanceof UsageError) return unsendable();
  if (!(error instanceof AircallError)) return broken(context);
  if (error.outcome === 'unknown' && context.isWrite) return unknown(error);
  if (error instanceof NotFound) return { refusal: absent(), status: 'upstream_error', fate: 'refused' };
  if (error.outcome !== 'refused') return unavailable(error);
  return refused(error, context);
}

/** The refusal that was given before, when the same idempotency key comes again. */
export function repeated(status: number): ReplyRefusal {
  if (status === 404) return absent();
  const message = 'Aircall refused this very request before, under the same idempotency key. It was not sent again.';
  return refusalOf({ code: status === 405 || status === 409 ? 'wrong_state' : 'upstream_rejected', message, upstreamStatus: status });
}

function refused(error: AircallError, context: FailureContext): Failure {
  const upstreamStatus = error.status;
  const hint = context.hidesWords ? null : withoutPersonalData(error.reason);
  const fail = (facts: Partial<ReplyRefusal> & { readonly code: GatewayCode; readonly message: string }): Failure => ({
    refusal: refusalOf({ upstreamStatus, ...facts }),
    status: 'upstream_error',
    fate: 'refused',
  });
  if (error instanceof CredentialRefused) {
    return fail({
      code: 'connection_invalid',
      message: "Aircall refused the gateway's own credential. Nothing is wrong with the agent's key.",
      fix: 'Ask an operator to check the Aircall credential of the gateway.',
    });
  }
  if (error instanceof NotInPlan) {
    return fail({
      code: 'not_in_plan',
      message: "Aircall does not grant this to the company's plan.",
      fix: 'Go without, or ask the company to buy the product.',
    });
  }
  if (error instanceof StateRefused) {
    return fail({
      code: 'wrong_state',
      message: 'Aircall cannot do this as things stand.',
      fix: error.hint ?? 'Look at the row as it is now.',
      untrustedHint: hint,
    });
  }
  if (error instanceof BeyondTheCap) {
    return fail({
      code: 'upstream_rejected',
      message: 'The page lies beyond the 10,000 rows that Aircall lists for one query.',
      fix: 'Narrow the query, with from and to for example.',
    });
  }
  if (error instanceof InvalidRequest) {
    return fail({
      code: 'upstream_rejected',
      message: 'Aircall does not accept the values sent.',
      fix: error.hint ?? null,
      untrustedHint: hint,
    });
  }
  return fail({
    code: 'upstream_unavailable',
    message: 'The request was refused on its way to Aircall, or for a reason Aircall does not document.',
    fix: 'Ask an operator to look into the log.',
  });
}

function exhausted(retryAfterMs: number, queue: Place | null): Failure {
  const retryAfterSeconds = Math.max(1, Math.ceil(retryAfterMs / 1000));
  const where = queue === null ? '' : ` It was number ${queue.position} of ${queue.waiting} in line.`;
  return {
    refusal: refusalOf({
      code: 'budget_exhausted',
      message: `The requests that Aircall grants the company a minute are used up, and the turn did not come in time. Not sent.${where}`,
      fix: `Ask again in ${retryAfterSeconds} s.`,
      retryAfterSeconds,
      queue,
    }),
    status: 'budget_exhausted',
    fate: 'not_sent',
  };
}

function calledOff({ sent }: FailureContext): Failure {
  const message = sent ? 'The client left before the answer came.' : 'The client left while its request waited for its turn. Not sent.';
  return { refusal: refusalOf({ code: 'budget_exhausted', message }), status: sent ? 'withheld' : 'budget_exhausted', fate: 'not_sent' };
}

/** The closed schema has let through what the client does not send. */
function unsendable(): Failure {
  return {
    refusal: refusalOf({ code: 'invalid_request', message: 'The arguments do not fit this request. Not sent.' }),
    status: 'withheld',
    fate: 'not_sent',
  };
}

function unknown(error: AircallError): Failure {
  return {
    refusal: refusalOf({
      code: 'outcome_unknown',
      message: 'Aircall did not say whether it carried this out. It may have happened.',
      fix: 'Look before sending it again.',
      timedOut: error instanceof TimedOut,
    }),
    status: 'unknown',
    fate: 'unknown',
  };
}

function unavailable(error: AircallError): Failure {
  const timedOut = error instanceof TimedOut;
  const notSent = error.outcome === 'not_sent';
  return {
    refusal: refusalOf({
      code: 'upstream_unavailable',
      message: timedOut
        ? 'Aircall did not answer in time.'
        : notSent
          ? 'Aircall could not be reached. Nothing was sent.'
          : 'Aircall failed, or gave an answer that cannot be used.',
      fix: 'Ask again later.',
      upstreamStatus: error.status !== null && error.status >= 500 ? error.status : null,
      timedOut,
    }),
    status: timedOut ? 'timeout' : 'upstream_error',
    fate: notSent ? 'not_sent' : 'refused',
  };
}

function broken({ isWrite, sent }: FailureContext): Failure {
  return {
    refusal: refusalOf({ code: 'internal', message: 'The gateway failed at this request.', fix: 'Give the decision id to an operator.' }),
    status: isWrite && sent ? 'unknown' : 'withheld',
    fate: isWrite && sent ? 'unknown' : 'not_sent',
  };
}

function untilUnblocked({ blockedUntilMs, nowMs }: FailureContext): number {
  return blockedUntilMs === null ? 60_000 : blockedUntilMs - nowMs;
}
