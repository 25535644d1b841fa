// What `decide` is asked and what it answers. Both are plain values: deciding does no input or output and never throws.
import type { Constraint, FieldTreatment, GrantArea, RuledClass } from './types.ts';

export type Surface = 'rest' | 'mcp' | 'cli' | 'browser';

/** The arguments of a request by their names in Aircall's API, already parsed by the capability's closed schema. */
export type CallArguments = {
  /** Path parameters, as text: digits for ids. */
  readonly at: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: Readonly<Record<string, unknown>> | null;
};

/** One request, as far as a decision needs it. */
export type DecisionRequest = {
  readonly agentId: string;
  /** The endpoint's id; null: there is no such route or tool. */
  readonly capability: string | null;
  /** Why the arguments do not fit the schema, in our words; null when they do. */
  readonly invalid: string | null;
  readonly arguments: CallArguments;
  readonly dryRun: boolean;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  /** What today's counters say for this agent, in this area. */
  readonly usage: Usage;
  /** When the agent last read third-party text, milliseconds since 1970; null: not that we know. */
  readonly readTextAtMs: number | null;
  /** A person has approved exactly this request, and the approval has been proven good. */
  readonly approved: boolean;
  /** The agent has confirmed exactly this request, and the token has been proven good. */
  readonly confirmed: boolean;
};

export type Usage = {
  /** Requests of this agent that were let through, in all areas. */
  readonly requestsToday: number;
  readonly rowsToday: number;
  readonly writesToday: number;
  /** Of `calls.comment`: how many comments this agent has put on the call; 0 elsewhere. */
  readonly commentsOnCall: number;
};

export type RuleKind =
  | 'agent'
  | 'catalogue'
  | 'schema'
  | 'guardrail'
  | 'method_rule'
  | 'grant'
  | 'constraint'
  | 'quota'
  | 'filter'
  | 'address'
  | 'taint'
  | 'friction';

/** What must be done with the request or its answer for an `allow` to hold. */
export type Obligation =
  /** Put these into the query, so that less comes back. The answer is filtered all the same. */
  | { readonly kind: 'narrow'; readonly query: Readonly<Record<string, string | number | readonly string[]>> }
  /** Drop rows of the area that do not satisfy the constraint; a single row that does not is answered as absent. */
  | { readonly kind: 'rows'; readonly area: GrantArea; readonly constraint: Constraint }
  /**
   * Before acting, fetch the row by this endpoint with this id and check it against the constraint; a row outside it is
   * answered as absent, and nothing is done.
   */
  | {
      readonly kind: 'look_first';
      readonly capability: string;
      readonly id: string;
      readonly area: GrantArea;
      readonly constraint: Constraint;
    }
  /** How values of a class are shown in an area. Total: there is one for each pair that can occur in the answer. */
  | { readonly kind: 'fields'; readonly area: GrantArea; readonly class: RuledClass; readonly treatment: FieldTreatment }
  /** Remove embedded objects of an area that the agent may not read. */
  | { readonly kind: 'without'; readonly area: GrantArea }
  /** Third-party text stands apart, under `untrusted_text`. */
  | { readonly kind: 'text_apart' };

/** One step of the fixed order, as `explain` shows it. */
export type Step = {
  readonly step: RuleKind;
  readonly outcome: 'pass' | 'stop';
  readonly text: string;
};

/** Permanent: clients compare them. The codes of refusals that a decision can end in. */
export type DecisionCode =
  | 'agent_inactive'
  | 'unknown_capability'
  | 'invalid_request'
  | 'forbidden_by_guardrail'
  | 'forbidden_by_rule'
  | 'not_granted'
  | 'outside_constraint'
  | 'outside_hours'
  | 'filter_not_allowed'
  | 'quota_exhausted'
  | 'approval_required'
  | 'confirm_required';

export type Decision = {
  readonly effect: 'allow' | 'deny' | 'needs_approval' | 'needs_confirm' | 'dry_run';
  /** Null exactly for `allow` and `dry_run`. */
  readonly code: DecisionCode | null;
  /** The one rule that decided, with its text for people. No text that came from outside. */
  readonly rule: { readonly id: string; readonly kind: RuleKind; readonly text: string };
  /** Every step looked at, in the fixed order. */
  readonly trace: readonly Step[];
  /** Empty for `deny`. */
  readonly obligations: readonly Obligation[];
  /** What would make it work: “Ask an owner for Write on Contacts.” Null when nothing would. */
  readonly fix: string | null;
  readonly policyVersion: string;
};
