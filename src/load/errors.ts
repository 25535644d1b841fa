// What can go wrong between a sealed package and a destination. `retryable` says whether the same package may be tried again.
import { TrunklineError } from '../base/index.ts';

/** The destination cannot be reached, opened or written. */
export class DestinationUnreachable extends TrunklineError {
  constructor(
    facts: { readonly label: string; readonly reason: string; readonly hint?: string; readonly retryable?: boolean },
    options?: ErrorOptions,
  ) {
    super(
      {
        code: 'destination_unreachable',
        message: `The destination ${facts.label} cannot be used: ${facts.reason}`,
        hint: facts.hint,
        retryable: facts.retryable ?? false,
      },
      options,
    );
  }
}

/** The destination did not do what it was asked to, for a reason we know nothing better about than its own words. */
export class DestinationFailed extends TrunklineError {
  constructor(facts: { readonly label: string; readonly reason: string }, options?: ErrorOptions) {
    super(
      {
        code: 'destination_failed',
        message: `${facts.label} failed: ${facts.reason}`,
        hint: 'Nothing of the package was written; it is kept. Run again, and report it when it stays.',
      },
      options,
    );
  }
}

/** Somebody else kept the destination locked for longer than we were willing to wait. */
export class DestinationLocked extends TrunklineError {
  readonly holder: string;

  constructor(facts: { readonly label: string; readonly holder: string; readonly waitedMs: number }, options?: ErrorOptions) {
    super(
      {
        code: 'destination_locked',
        message: `${facts.label} is open in ${facts.holder}; gave up after waiting ${Math.round(facts.waitedMs / 1000)} s.`,
        hint: 'Close that program, or wait for it, and run again. Nothing is lost.',
        retryable: true,
      },
      options,
    );
    this.holder = facts.holder;
  }
}

/** Another live writer has the lease of this pipeline. */
export class LeaseHeld extends TrunklineError {
  readonly holder: string;
  readonly until: string;

  constructor(facts: { readonly pipeline: string; readonly holder: string; readonly until: string }) {
    super({
      code: 'lease_held',
      message: `Pipeline "${facts.pipeline}" is being written by ${facts.holder}, whose lease runs until ${facts.until}.`,
      hint: 'Wait until that run has ended. The lease of a run that died on another machine ends at the time given.',
      retryable: true,
    });
    this.holder = facts.holder;
    this.until = facts.until;
  }
}

/** Somebody else took the lease; nothing of the package was written. */
export class LeaseLost extends TrunklineError {
  constructor(facts: { readonly pipeline: string; readonly holder: string | null }) {
    super({
      code: 'lease_lost',
      message: `This run no longer may write pipeline "${facts.pipeline}": the lease ${facts.holder === null ? 'is gone' : `was taken over by ${facts.holder}`}.`,
      hint: 'Run again when the other run has ended. What was sealed is kept.',
    });
  }
}

/** The destination or the package is not in a state in which the package may be loaded. */
export class LoadRefused extends TrunklineError {
  readonly table: string | null;
  readonly column: string | null;

  constructor(
    facts: {
      readonly code: 'altered_table' | 'type_conflict' | 'package_order' | 'package_damaged' | 'package_format' | 'memory_limit';
      readonly message: string;
      readonly hint: string;
      readonly table?: string;
      readonly column?: string;
      readonly retryable?: boolean;
    },
    options?: ErrorOptions,
  ) {
    super(facts, options);
    this.table = facts.table ?? null;
    this.column = facts.column ?? null;
  }
}

/** The folder of packages cannot be written, or its disk is full. */
export class PackageUnwritable extends TrunklineError {
  constructor(facts: { readonly reason: string; readonly full: boolean; readonly hint: string }, options?: ErrorOptions) {
    super(
      {
        code: facts.full ? 'disk_full' : 'package_unwritable',
        message: `A package could not be written: ${facts.reason}`,
        hint: facts.hint,
        retryable: facts.full,
      },
      options,
    );
  }
}
