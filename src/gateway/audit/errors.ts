import { TrunklineError } from '../../base/index.ts';

/** The log cannot be written, or not safely: what was to be recorded must not happen. */
export class AuditUnavailable extends TrunklineError {
  constructor(facts: { readonly why: string; readonly hint: string; readonly retryable?: boolean }, options?: { cause?: unknown }) {
    const { why, hint, retryable = false } = facts;
    super({ code: 'audit_unavailable', message: `The audit log cannot be written: ${why}`, hint, retryable }, options);
  }
}

export function isAuditUnavailable(error: unknown): error is AuditUnavailable {
  return error instanceof AuditUnavailable;
}
