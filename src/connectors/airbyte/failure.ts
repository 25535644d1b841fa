// What an error means to the platform: who has to act, and a message that says what to do.
import { isTrunklineError, messageOf, type TrunklineError, UsageError } from '../../base/index.ts';
import {
  AircallError,
  Blocked,
  ConnectionFailed,
  CredentialRefused,
  NotInPlan,
  RateLimited,
  ServerFailed,
  TimedOut,
} from '../../client/index.ts';
import { InputRefused, StateBroken, StreamRefused } from './input-errors.ts';
import type { Failure, FailureType } from './messages.ts';

export function failureOf(error: unknown): Failure {
  if (!isTrunklineError(error)) {
    return {
      message: 'Something inside the connector went wrong. What was written before it is safe; please report it with the lines below.',
      internal: messageOf(error),
      type: 'system_error',
      stack: error instanceof Error ? error.stack : undefined,
    };
  }
  return { message: sentenceOf(error), internal: internalOf(error), type: typeOf(error) };
}

/** What happened and what to do, as one text. */
export function sentenceOf({ message, hint }: TrunklineError): string {
  return hint === undefined ? message : `${message} ${hint}`;
}

function typeOf(error: TrunklineError): FailureType {
  if (config.some((kind) => error instanceof kind)) return 'config_error';
  // A certificate that is not trusted does not become so by waiting.
  if (error instanceof ConnectionFailed && !error.retryable) return 'config_error';
  return transient.some((kind) => error instanceof kind) ? 'transient_error' : 'system_error';
}

const config = [CredentialRefused, NotInPlan, Blocked, UsageError, InputRefused, StateBroken, StreamRefused];
const transient = [RateLimited, ServerFailed, ConnectionFailed, TimedOut];

function internalOf(error: TrunklineError): string {
  if (!(error instanceof AircallError)) return error.code;
  const id = error.requestId === undefined ? '' : `, request ${error.requestId}`;
  return `${error.endpoint}: ${error.code}, status ${error.status ?? 'none'}${id}`;
}
