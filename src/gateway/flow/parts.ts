// What the flow is put together from. Each is made by the room beside it and handed in, so that a test can stand in its place
// and no part opens a file or a connection by itself.
import type { Endpoint } from '../../aircall/index.ts';
import type { BudgetStatus, Clock, ExactJson, Json, Log } from '../../base/index.ts';
import type { AuditFacts } from '../audit/record.ts';
import type { Capability } from '../capabilities/capability.ts';
import type { CallArguments, Obligation, Usage } from '../policy/decision.ts';
import type { Policy } from '../policy/types.ts';
import type { PresentedKey, ReplyAnswer } from './call.ts';
import type { Asker } from './fair-queue.ts';

export type GatewayParts = {
  readonly policies: PolicySource;
  readonly keys: KeyBook;
  readonly audit: AuditLog;
  readonly friction: Friction;
  readonly upstream: Upstream;
  readonly filter: Filter;
  readonly clock: Clock;
  /** Names a request: unique, without meaning. */
  readonly newCallId: () => string;
  readonly log: Log;
};

export interface PolicySource {
  /** The policy as it is now, also when another process changed it. Throws when it cannot be read: then nothing is allowed. */
  current(): Policy;
}

export interface KeyBook {
  /** Constant in time for unknown keys. Throws, or rejects, when the store cannot be read. */
  find(presented: PresentedKey, from: { readonly ip: string | null; readonly nowMs: number }): KeyFinding | Promise<KeyFinding>;
}

export type KeyFinding =
  | { readonly kind: 'known'; readonly keyId: string; readonly agentId: string }
  | {
      readonly kind: 'refused';
      /** Only where the id is one of ours. */
      readonly keyId: string | null;
      readonly agentId: string | null;
      readonly reason: KeyProblem | TokenProblem;
      /** For the log: “Key was revoked on 3 Nov by Olga.” Ours alone. */
      readonly text: string;
    };

/** `clock`: nobody can say whether it has expired, as the clock was set back. */
export type KeyProblem = 'missing' | 'malformed' | 'unknown' | 'wrong_secret' | 'expired' | 'revoked' | 'address' | 'wrong_agent' | 'clock';

/** What is wrong with a token of the identity provider. `token_unverifiable`: nobody can say, as there are no keys to check it with. */
export type TokenProblem =
  | 'token_form'
  | 'token_kind'
  | 'token_algorithm'
  | 'token_issuer'
  | 'token_audience'
  | 'token_time'
  | 'token_key'
  | 'token_signature'
  | 'token_subject'
  | 'token_unverifiable';

/**
 * Changes to make in the very transaction that stores a record: a nonce used up, an answer kept. Runs synchronously, with
 * the store's connection; what it throws undoes the record too and comes out of `append`.
 */
export type Also = () => void;

export interface AuditLog {
  /**
   * Resolves when the record is safe: from the death of the process, or (`power`) from a loss of power too. Rejects with
   * `AuditUnavailable` when it is not; then nothing of it, and nothing of `also`, was stored. One exception, as nobody can know
   * better: when the disk itself failed after the commit, or the file was taken away, both may be there all the same; the log then
   * takes nothing more in this process.
   */
  append(
    facts: AuditFacts,
    options: { readonly durability: 'process' | 'power'; readonly also?: Also | undefined },
  ): Promise<{ readonly seq: number }>;
  /**
   * The intents of allowed requests (`decision.effect` is `allow`) that no outcome follows, oldest first: what the death of the
   * process left behind. Refusals, and plans of dry runs (an intent with an outcome of its own), are not among them.
   */
  unfinished(): Promise<readonly AuditFacts[]>;
}

/** Everything that must be exactly the same when a request is asked again with a token, an approval or a key. */
export type BoundRequest = {
  readonly agentId: string;
  readonly capability: Capability;
  readonly arguments: CallArguments;
  readonly policyVersion: string;
  readonly nowMs: number;
  /**
   * What a write may bring today's counter of its area to; null: no limit. Decided on before, and checked again where the write
   * is counted: of many requests at once, no more get through than one after the other.
   */
  readonly mostWritesToday: number | null;
  /** The same for all requests of the agent that are let through. */
  readonly mostRequestsToday: number | null;
  /** With how many rows today a read of its area gets none any more. Checked again where they are counted, before they are given. */
  readonly mostRowsToday: number | null;
};

export interface Friction {
  /** What the presented token, approval and idempotency key are worth for exactly this request. Changes nothing. */
  examine(
    request: BoundRequest,
    presented: { readonly confirmToken: string | null; readonly approvalId: string | null; readonly idempotencyKey: string | null },
  ): Examined;
  /** A token that confirms exactly this request, once, within five minutes. */
  mintConfirmation(request: BoundRequest): { readonly token: string; readonly expiresAt: string };
  /**
   * A pending approval of exactly this request, with what a person is told of it: what is asked for, and why that needs a person; an unused, unexpired one of it is given again. To be stored in `also` of the
   * record that tells about it. Throws `TooManyWaiting` (`quota_exhausted`) when the agent has too many unanswered ones;
   * `store` throws `AlreadyUsed` when another process has asked for the same since: draft again.
   */
  draftApproval(
    request: BoundRequest,
    told: { readonly sentence: string; readonly why: string },
  ): { readonly id: string; readonly expiresAt: string; readonly store: Also };
  /** What today's counters say; days are UTC. */
  usage(request: BoundRequest): Usage;
  readTextAtMs(agentId: string): number | null;
  /** How many requests of the agent were let through today (UTC). */
  requestsToday(agentId: string, nowMs: number): number;
  /** How an approval stands that this agent asked for; null: there is none. Somebody else's looks like none. */
  standing(agentId: string, approvalId: string, now: { readonly nowMs: number; readonly policyVersion: string }): ApprovalStanding | null;
  /**
   * In `also` of the outcome: counts rows, notes that text was read. Writes are counted by `consume` already, so that many at
   * once cannot pass a limit; `wrote` counts one here only where `consume` did not run for this very `request` object.
   */
  count(request: BoundRequest, facts: { readonly rows: number; readonly wrote: boolean; readonly textGiven: boolean }): Also;
  /**
   * In `also` of the record before a look that `consume` does not count: counts one request. Throws `QuotaReached` when
   * `mostRequestsToday` is reached.
   */
  countRequest(request: BoundRequest): Also;
  /** In `also` of the outcome, when nothing at all was sent for a request that was counted. */
  takeRequestBack(request: BoundRequest): Also;
  /**
   * On start, in `also` of the record that says so: every idempotency key that still runs is of unknown outcome, but for those
   * of other processes that live.
   */
  abandonRunning(): Also;
}

export type ApprovalStanding = {
  readonly id: string;
  /** `outdated`: it waits or was approved, and is worth nothing, as the rules have changed since it was asked for. */
  readonly state: 'pending' | 'approved' | 'refused' | 'used' | 'expired' | 'outdated';
  /** The endpoint's id. */
  readonly capability: string;
  /** ISO-8601 moment. */
  readonly expiresAt: string;
};

export type Examined = {
  readonly confirmed: boolean;
  readonly approved: boolean;
  readonly approvalId: string | null;
  readonly approver: string | null;
  /** Why a presented token, approval or key is worth nothing; null when nothing is wrong. */
  readonly problem:
    | {
        readonly code:
          | 'confirm_invalid'
          | 'approval_refused'
          | 'approval_expired'
          | 'idempotency_mismatch'
          | 'idempotency_in_progress'
          | 'outcome_unknown';
        readonly text: string;
      }
    | { readonly code: 'approval_pending'; readonly text: string; readonly approval: { readonly id: string; readonly expiresAt: string } }
    | null;
  /**
   * Aircall's answer to the same request under the same idempotency key, unfiltered; null when there is none. `confirmed` and
   * `approved` are then what they were when it was carried out, and `consume` throws: nothing may be done a second time.
   */
  readonly stored: { readonly status: number; readonly body: ExactJson | undefined } | null;
  /**
   * In `also` of the intent: uses up the nonce and the approval, marks the idempotency key as running, counts the request and the
   * write. Throws `AlreadyUsed` when another request was faster (`examine` again says what became of it), `QuotaReached`
   * (`quota_exhausted`) when `mostRequestsToday`, `mostWritesToday`, or `mostPerObject` of the capability, is reached.
   */
  readonly consume: Also;
  /**
   * In `also` of the outcome, instead of `settle`, only when certainly no write left for Aircall (no turn on the budget, nothing
   * found by the look before it): takes `consume` back, but for the count of requests.
   */
  readonly release: Also;
  /** In `also` of the record that says so, when a person has refused: uses up the nonce, and nothing else. */
  readonly discard: Also;
  /** In `also` of the outcome: keeps Aircall's answer under the key; null: the outcome is unknown. */
  readonly settle: (answer: { readonly status: number; readonly body: ExactJson | undefined } | null) => Also;
};

export interface Upstream {
  /**
   * Sends exactly one logical request, rebuilt from the catalogue, on the shared budget. Rejects with the errors of client/.
   */
  send(endpoint: Endpoint, given: CallArguments, options: UpstreamOptions): Promise<UpstreamAnswer>;
  budget(): BudgetStatus;
  /** How many requests wait for their turn: of this agent, and of all. */
  waiting(agentId: string): { readonly own: number; readonly all: number };
}

export type UpstreamOptions = {
  /** For whom it is sent, and how much of the turns are this agent's own. */
  readonly asker: Asker;
  readonly signal: AbortSignal;
  readonly priority: 'live' | 'interactive' | 'agent';
  /** The longest the request may wait for its turn, in milliseconds. */
  readonly maximumWaitMs: number;
  readonly onSend?: (() => void) | undefined;
};

/** The body as Aircall sent it, digits of large ids kept; undefined where there was none. */
export type UpstreamAnswer = { readonly status: number; readonly body: ExactJson | undefined };

/** `gateway/filter` with its keys and the company bound to it. Pure. */
export interface Filter {
  /**
   * Puts the real values in place of the agent's own tokens (`tel_…`), before the arguments are checked against their schema.
   * What is no token of this agent stays as it is. `revealed`: there was one.
   */
  reveal(capability: Capability, agentId: string, given: CallArguments): { readonly arguments: CallArguments; readonly revealed: boolean };
  /** For the log: ids, enums, counts and dates in clear, all else as keyed hashes. */
  redact(capability: Capability, given: CallArguments): Json;
  /** HMAC over the canonical JSON of the real arguments. */
  digest(given: CallArguments): string;
  answer(asked: {
    readonly capability: Capability;
    readonly agentId: string;
    readonly obligations: readonly Obligation[];
    readonly answer: UpstreamAnswer;
    readonly nowMs: number;
  }): Filtered;
}

/** What filtering an answer gives. `meta` is not in it: the flow writes that itself. */
export type Filtered = Pick<ReplyAnswer, 'body' | 'untrustedText' | 'filtered'> & {
  readonly rowsReturned: number | null;
  readonly rowsHidden: number;
  readonly fieldsMasked: number;
  readonly textGiven: boolean;
  /** The one row that was asked for is outside the constraint, or not there: answer as absent. */
  readonly hidden: boolean;
  /** The answer has not the shape that is described, so that nothing of it can be judged: withhold it. */
  readonly unreadable: boolean;
  /** Fields that the catalogue does not know and that were therefore dropped, by name. For the metric. */
  readonly unknownFields: readonly string[];
};
