// What a surface (REST, MCP) hands to the flow, and what it gets back to render. Everything between the two is one code path:
// same decision, same filters, same log.
import type { Endpoint } from '../../aircall/index.ts';
import type { ExactJson } from '../../base/index.ts';
import type { CallArguments, Decision, Surface } from '../policy/decision.ts';
import type { Policy } from '../policy/types.ts';

/** A request that a surface has already normalised and routed. */
export type GatewayCall = {
  readonly surface: Surface;
  /** The key as presented, or null when none was. It is looked up in the flow, so that refusals are recorded there. */
  readonly key: PresentedKey | null;
  /** Null: no route or tool of that name. */
  readonly endpoint: Endpoint | null;
  /** What the gateway answers by itself; then `endpoint` and `arguments` are not looked at. Absent or null: nothing of that kind. */
  readonly own?: OwnRequest | null;
  /** The host it was sent to, or the web page it was sent from, is not one of ours: a page that tries to reach the gateway. */
  readonly badOrigin: boolean;
  /** Why the request could not even be read, in our words, without anything it sent; null when it could. */
  readonly malformed: string | null;
  /** As read from the wire, by Aircall's names, not yet checked against the schema. */
  readonly arguments: CallArguments;
  readonly dryRun: boolean;
  readonly confirmToken: string | null;
  /** The confirmation that `confirmToken` stands for was asked for and refused. Absent: it was not. */
  readonly declined?: boolean;
  readonly approvalId: string | null;
  readonly idempotencyKey: string | null;
  /** `GET`, `POST`, …; null for MCP. */
  readonly method: string | null;
  readonly tool: string | null;
  readonly protocol: string | null;
  readonly client: string | null;
  /** The address the request came from, in full. Only shortened forms are stored. */
  readonly ip: string | null;
  readonly traceId: string | null;
  /** The whole header of that name as it was sent, for spans; never stored, never passed on. */
  readonly traceparent?: string | null;
  readonly signal: AbortSignal;
};

/** A request that needs nothing of Aircall. It is authenticated and recorded like any other, and open to every active agent. */
export type OwnRequest =
  /** The agent's own access, in words. */
  | { readonly kind: 'whoami' }
  /** What would be decided about a request, and why. */
  | { readonly kind: 'explain'; readonly endpoint: Endpoint | null; readonly arguments: CallArguments; readonly dryRun: boolean }
  | { readonly kind: 'budget' }
  | { readonly kind: 'approval_status'; readonly approvalId: string }
  /** A step of the protocol. `did` is our words for it: “asked for its list of tools”. */
  | { readonly kind: 'protocol'; readonly did: string };

/** `agentId` is given where the client sent a name beside the key (HTTP Basic); it must then be the key's own agent. */
export type PresentedKey = { readonly key: string; readonly agentId: string | null };

/** All codes of refusals and failures that clients see. Permanent. */
export const gatewayCodes = [
  'unauthenticated',
  'agent_inactive',
  'bad_origin',
  'invalid_request',
  'unknown_capability',
  'not_granted',
  'forbidden_by_rule',
  'forbidden_by_guardrail',
  'outside_hours',
  'not_found',
  'filter_not_allowed',
  'approval_required',
  'approval_pending',
  'approval_refused',
  'approval_expired',
  'confirm_required',
  'confirm_invalid',
  'idempotency_mismatch',
  'idempotency_in_progress',
  'budget_exhausted',
  'quota_exhausted',
  'audit_unavailable',
  'store_unavailable',
  'upstream_rejected',
  'connection_invalid',
  'not_in_plan',
  'wrong_state',
  'upstream_unavailable',
  'outcome_unknown',
  'outcome_unrecorded',
  'shutting_down',
  'internal',
] as const;
export type GatewayCode = (typeof gatewayCodes)[number];

export type GatewayReply = {
  /** Names the request in the log, and to the operator. */
  readonly decisionId: string;
  /** Null when no decision was reached: unknown key, log not writable. */
  readonly decision: Decision | null;
  readonly result: ReplyAnswer | ReplyPlan | ReplyRefusal;
  /** The agent's share of the budget; null when there is no known agent. */
  readonly budget: AgentShare | null;
};

/** What an agent may send: its part of the minute, and of the day. */
export type AgentShare = {
  /** Null: the company's requests are not counted. */
  readonly share: {
    /**
     * What it gets of the company's requests a minute while all agents that asked within the last minute want more. It may get
     * more while they do not.
     */
    readonly limit: number;
    /** How many of these would not have to wait now. */
    readonly remaining: number;
    /** When more of them are to be had. */
    readonly resetAtMs: number;
  } | null;
  /** Its requests that wait for their turn. */
  readonly waiting: number;
  /** Its requests of today (UTC); null: no limit is set. */
  readonly today: { readonly limit: number; readonly remaining: number; readonly resetAtMs: number } | null;
};

/** Aircall's answer, filtered. */
export type ReplyAnswer = {
  readonly kind: 'answer';
  readonly status: number;
  /** Aircall's shape with its envelope; undefined where there is no body. */
  readonly body: ExactJson | undefined;
  /** By place in the body, `calls/0/comments/0/content`; null when the agent gets text in place or there is none. */
  readonly untrustedText: Readonly<Record<string, string>> | null;
  /** Rows or fields were taken out or masked, or rows could have been. Never how many. */
  readonly filtered: boolean;
  readonly source: { readonly from: 'live' | 'cache'; readonly ageMs: number };
  /** An answer stored under the same idempotency key. */
  readonly replayed: boolean;
};

/** Nothing was done: the plan of a dry run. */
export type ReplyPlan = {
  readonly kind: 'plan';
  readonly sentence: string;
  /** What the same request would meet now if it were no dry run. */
  readonly act: Pick<Decision, 'effect' | 'code' | 'rule' | 'fix'> & { readonly verdict: string };
  /** The request that would go to Aircall; the credential is not part of it. */
  readonly request: { readonly method: string; readonly path: string; readonly body: ExactJson | null };
};

export type ReplyRefusal = {
  readonly kind: 'refusal';
  readonly code: GatewayCode;
  /** What happened and why, in our words. */
  readonly message: string;
  /** What would make it work. */
  readonly fix: string | null;
  readonly retryAfterSeconds: number | null;
  /** Of `budget_exhausted`: the place in the line of all agents when the time was over; null where there was none. */
  readonly queue: { readonly position: number; readonly waiting: number } | null;
  /** Aircall's status, where it was Aircall that refused; 404 also for a row that is hidden. */
  readonly upstreamStatus: number | null;
  /** Of `upstream_unavailable`: Aircall did not answer in time. */
  readonly timedOut: boolean;
  /** Aircall's own words, cleaned and cut: third-party text, to be shown apart and marked as such. */
  readonly untrustedHint: string | null;
  /** Of `approval_required` and `approval_pending`. */
  readonly approval: { readonly id: string; readonly expiresAt: string } | null;
  /** Of `confirm_required`: what would be done, what that means, the row as it is now, and the token that does it. */
  readonly confirm: {
    readonly token: string;
    readonly expiresAt: string;
    readonly sentence: string;
    readonly consequence: string;
    readonly row: ExactJson | null;
  } | null;
};

export type Gateway = {
  /** Decides, records, acts, filters. Never rejects and never throws. */
  readonly handle: (call: GatewayCall) => Promise<GatewayReply>;
  /**
   * Only asks who it is, before anything else of a request is read: a surface that must refuse strangers on the line needs to
   * know. A refusal is recorded; an admission is not, as the request itself will be, and is checked once more there. Never rejects.
   */
  readonly admit: (call: GatewayCall) => Promise<Admission>;
};

export type Admission =
  | { readonly kind: 'admitted'; readonly agentId: string; readonly policy: Policy }
  | { readonly kind: 'refused'; readonly reply: GatewayReply };
