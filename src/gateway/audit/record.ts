// One line of the log: who did what, where, what was decided and how it ended. No personal data and no secrets: ids, enums,
// counts and dates in clear; phone numbers, e-mail addresses, names and text only as keyed hashes.
import type { Area, Effect } from '../../aircall/index.ts';
import type { Json } from '../../base/index.ts';
import type { Decision, Surface } from '../policy/decision.ts';

/**
 * `intent` before a request goes to Aircall, `outcome` after it; a refusal is one `intent` record that no outcome follows.
 * `auth`: a request that named no known agent. `admin`: a change of policy, keys or approvals, or a look at the log.
 * `system`: the gateway about itself.
 */
export type Phase = 'intent' | 'outcome' | 'auth' | 'admin' | 'system';

export type OutcomeStatus =
  | 'ok'
  | 'upstream_error'
  | 'timeout'
  | 'budget_exhausted'
  | 'withheld'
  | 'hidden'
  | 'unknown'
  | 'dry_run'
  | 'replayed';

/** What a writer of records says. Sequence, id, time and chain are added by the log. */
export type AuditFacts = {
  /** Groups the records of one request. The decision id that answers carry. */
  readonly callId: string;
  readonly phase: Phase;
  readonly who: {
    readonly agent: { readonly id: string; readonly name: string } | null;
    readonly keyId: string | null;
    readonly owner: string | null;
    /** Of `admin`: the person at the command line or in the browser. */
    readonly operator: string | null;
    /** What the client says of itself; display only. Cleaned and cut to 60 characters. */
    readonly client: string | null;
    /** The first three parts of an IPv4, the first three groups of an IPv6 address. */
    readonly ip: string | null;
  };
  readonly what: {
    readonly capability: string | null;
    readonly area: Area | null;
    readonly effect: Effect | null;
    /** Redacted: see `redactArguments`. */
    readonly arguments: Json;
    /** HMAC over the canonical JSON of the real arguments; null where there are none. */
    readonly argumentsDigest: string | null;
  };
  readonly where: {
    readonly surface: Surface;
    readonly method: string | null;
    /** The catalogue's path, `/v1/calls/:id`; never the raw one. Null when no route fits. */
    readonly route: string | null;
    readonly protocol: string | null;
    readonly tool: string | null;
    readonly traceId: string | null;
  };
  readonly decision: AuditDecision | null;
  readonly outcome: AuditOutcome | null;
  /** The plain English line. */
  readonly sentence: string;
  /** Of `admin`: what it was before and after, without secrets. */
  readonly change: { readonly before: Json; readonly after: Json } | null;
};

export type AuditDecision = {
  readonly effect: Decision['effect'] | 'error';
  readonly code: string | null;
  readonly rule: { readonly id: string; readonly kind: string; readonly text: string };
  /** What limits the answer; nothing where values are shown as they are. */
  readonly obligations: Json;
  readonly policyVersion: string | null;
  readonly approvalId: string | null;
  readonly approver: string | null;
  readonly confirmed: boolean;
  readonly idempotency: 'new' | 'replay' | null;
  /** Identical refusals in a tight loop are folded into one record; how many it stands for. */
  readonly times: number;
};

export type AuditOutcome = {
  readonly status: OutcomeStatus;
  readonly upstreamStatus: number | null;
  readonly rowsReturned: number | null;
  readonly rowsHidden: number | null;
  readonly fieldsMasked: number | null;
  /** It gave third-party text to the agent. */
  readonly textGiven: boolean;
  readonly source: 'live' | 'cache' | null;
  /** How old the answer was, in milliseconds; 0 for a live one. */
  readonly ageMs: number | null;
  /** Requests to Aircall, look-ups included. */
  readonly requests: number;
  readonly durationMs: { readonly total: number; readonly queue: number; readonly upstream: number };
};

/** A record as it is stored: the facts, and its place in the chain. */
export type AuditRecord = AuditFacts & {
  readonly v: 1;
  readonly company: string;
  /** From 1, without gaps. */
  readonly seq: number;
  /** ULID. */
  readonly id: string;
  /** ISO-8601, UTC, milliseconds. */
  readonly time: string;
  /** Milliseconds of a clock that never runs backwards, within one process. */
  readonly monoMs: number;
};

/** The stored bytes of a record, and its links. `hash` = HMAC-SHA256(key, prev ‖ bytes), hex. */
export type SealedRecord = { readonly seq: number; readonly bytes: string; readonly prev: string; readonly hash: string };
