// The policy of one company: who may do what. Plain data that never changes in place: a change makes a new policy with a
// new version, and a decision sees exactly one of them.
import type { Area, FieldClass } from '../../aircall/index.ts';

/** Lowest to highest. A missing grant is `off`. */
export const levels = ['off', 'read', 'write', 'full'] as const;
export type Level = (typeof levels)[number];

/** Areas that can be granted: Aircall's, less those that are never offered to agents. */
export type GrantArea = Exclude<Area, 'oauth' | 'integrations'>;

export type AgentStatus = 'active' | 'paused' | 'revoked';

export type Agent = {
  /** `ag_` and lower-case letters and digits; never used again. */
  readonly id: string;
  /** Set by an operator; stands in sentences. Letters, digits, spaces and `-_.`, up to 60. */
  readonly name: string;
  /** The human who answers for it. Same characters as a name, and `@`. */
  readonly owner: string;
  readonly purpose: string;
  readonly status: AgentStatus;
  /** ISO-8601 moment; null: no end. */
  readonly expiresAt: string | null;
  readonly grants: Readonly<Partial<Record<GrantArea, Level>>>;
  readonly rules: readonly MethodRule[];
  readonly constraints: Readonly<Partial<Record<GrantArea, Constraint>>>;
  readonly fields: readonly FieldRule[];
  /**
   * After it has read third-party text, egress, live and delete need a person. Null: on exactly when it may use such a
   * capability.
   */
  readonly taint: boolean | null;
  /** Where text that third parties wrote or spoke stands in its answers: apart from the data, or where Aircall puts it. */
  readonly text: 'apart' | 'in_place';
  /** Private data, outside text and a way out in one agent: who accepted that, ISO-8601 moment; null: nobody. */
  readonly combinationAccepted: { readonly by: string; readonly at: string } | null;
  /** Its part of the requests that Aircall grants the company. Absent: `defaultBudget`. */
  readonly budget?: AgentBudget;
  /** What the company's identity provider calls it in the tokens it gives it; no two agents share one. Absent: it has own keys only. */
  readonly subjects?: readonly string[];
};

/** How agents share what Aircall grants the company a minute, when they want more than there is. */
export type AgentBudget = {
  /** Of what agents get, one with weight 3 gets three times as much as one with weight 1. From 1 to 100. */
  readonly weight: number;
  /** How many requests an agent that was quiet may send ahead of its share. From 0 to 100. */
  readonly burst: number;
  /** Requests a day (UTC) that are let through; null: no limit. */
  readonly maximumRequestsPerDay: number | null;
};

export const defaultBudget: AgentBudget = Object.freeze({ weight: 1, burst: 5, maximumRequestsPerDay: null });

/** The field as it stands in an agent: what is as by default is left out. */
export function withBudget({ weight, burst, maximumRequestsPerDay }: AgentBudget): Pick<Agent, 'budget'> {
  const isDefault =
    weight === defaultBudget.weight && burst === defaultBudget.burst && maximumRequestsPerDay === defaultBudget.maximumRequestsPerDay;
  return isDefault ? {} : { budget: { weight, burst, maximumRequestsPerDay } };
}

/** Narrows or widens one capability against its area's level. `deny` beats everything but a guardrail. */
export type MethodRule = {
  /** Unique within the agent. */
  readonly id: string;
  /** The endpoint's id, such as `calls.comment`. */
  readonly capability: string;
  /** `approve`: allowed once a person has approved the very request. `allow`: permitted whatever the area's level. */
  readonly effect: 'deny' | 'approve' | 'allow';
  readonly reason: string;
  readonly expiresAt: string | null;
};

/** Company-wide: no grant and no rule overrides it. */
export type Guardrail = {
  readonly id: string;
  /** What it forbids to agents. All given ones must fit; an empty object is refused by the schema. */
  readonly forbids: { readonly capability?: string; readonly area?: GrantArea; readonly effect?: string };
  /** For people, such as “Recordings are never deleted by agents”. */
  readonly text: string;
};

/** Limits on rows of an area, of an agent. All that are given must hold. Ids are Aircall's, in digits. */
export type Constraint = {
  readonly teams?: readonly string[];
  readonly numbers?: readonly string[];
  readonly users?: readonly string[];
  readonly tags?: readonly string[];
  readonly directions?: readonly ('inbound' | 'outbound')[];
  /** Only calls that started within the last so many seconds. */
  readonly newerThanSeconds?: number;
  /** When the agent may act at all: days 1 (Monday) to 7 (Sunday), from `HH:MM` up to, not including, `HH:MM`. */
  readonly hours?: { readonly days: readonly number[]; readonly from: string; readonly to: string; readonly timeZone: string };
  readonly maximumRowsPerDay?: number;
  readonly maximumWritesPerDay?: number;
};

/** Mildest to strictest. */
export const fieldTreatments = ['show', 'tokenize', 'mask', 'hide'] as const;
export type FieldTreatment = (typeof fieldTreatments)[number];

/** Classes an operator may choose a treatment for. Secrets are always hidden. */
export type RuledClass = Exclude<FieldClass, 'secret'>;

/**
 * How values of a class are shown. `area` null: in every area. A rule for the area goes before one for all; of two that are
 * equally specific, the stricter. Without a rule: what `defaultTreatment` says.
 */
export type FieldRule = { readonly area: GrantArea | null; readonly class: RuledClass; readonly treatment: FieldTreatment };

export type Policy = {
  /** SHA-256 of the canonical JSON of everything else in it, hex. */
  readonly version: string;
  readonly company: string;
  /** By id. */
  readonly agents: Readonly<Record<string, Agent>>;
  readonly guardrails: readonly Guardrail[];
  /** Hosts that webhooks and callbacks may be pointed at: exact names, or `*.example.com`. Empty: none. */
  readonly webhookHosts: readonly string[];
};
