/**
 * The one base class of every error Trunkline throws past a room's door.
 *
 * `code` is permanent: programs may compare it. `retryable` is the only thing a retry loop may read.
 * `message` says what happened and why, `hint` what to do about it. Neither ever holds a secret, a phone number or a
 * recording link.
 */
export class TrunklineError extends Error {
  readonly code: string;
  readonly retryable: boolean;
  readonly hint: string | undefined;

  constructor(facts: ErrorFacts, options?: { cause?: unknown }) {
    super(facts.message, options);
    this.name = new.target.name;
    this.code = facts.code;
    this.retryable = facts.retryable ?? false;
    this.hint = facts.hint;
  }
}

export type ErrorFacts = {
  readonly code: string;
  /** One or two sentences for a person: what happened and why. */
  readonly message: string;
  /** What to do about it, as one sentence. */
  readonly hint?: string | undefined;
  readonly retryable?: boolean;
};

/** Settings, flags or arguments that cannot be used. Nothing was sent or written. */
export class UsageError extends TrunklineError {}

/** The machine lacks something: an optional package, a binary for this platform, a writable folder. */
export class EnvironmentError extends TrunklineError {}

/** The work was called off by its `AbortSignal`. */
export class Interrupted extends TrunklineError {
  constructor(options?: { cause?: unknown }) {
    super({ code: 'interrupted', message: 'The work was interrupted.' }, options);
  }
}

export function isTrunklineError(error: unknown): error is TrunklineError {
  return error instanceof TrunklineError;
}

/** The message of anything that was thrown, without its stack. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
