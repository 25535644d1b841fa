// From a request to the facts of its records. Only what may be in the log gets here: the arguments come redacted, the address
// shortened, the client's own name cleaned.
import type { Json } from '../../base/index.ts';
import type { AuditDecision, AuditFacts, AuditOutcome, Phase } from '../audit/record.ts';
import type { Capability } from '../capabilities/capability.ts';
import { cleanText } from '../filter/clean-text.ts';
import type { Decision, RuleKind } from '../policy/decision.ts';
import type { GatewayCall } from './call.ts';
import { networkOf } from './network.ts';

export type Who = {
  readonly agent: { readonly id: string; readonly name: string } | null;
  readonly keyId: string | null;
  readonly owner: string | null;
};

export const nobody: Who = { agent: null, keyId: null, owner: null };

/** A request as far as its records tell of it. */
type Recorded = {
  readonly id: string;
  readonly call: GatewayCall;
  readonly who: Who;
  /** The arguments, redacted, and their digest; absent where they do not fit the schema. */
  readonly redacted?: Json;
  readonly digest?: string | null;
};

export function recordOf(
  { id, call, who, redacted = null, digest = null }: Recorded,
  facts: {
    readonly capability?: Capability | null;
    readonly phase: Phase;
    readonly decision: AuditDecision;
    readonly outcome?: AuditOutcome;
    readonly sentence: string;
  },
): AuditFacts {
  const { capability = null, phase, decision, outcome = null, sentence } = facts;
  return {
    callId: id,
    phase,
    who: { ...who, operator: null, client: clientOf(call), ip: networkOf(call.ip) },
    what: {
      capability: capability?.id ?? null,
      area: capability?.area ?? null,
      effect: capability?.effect ?? null,
      arguments: redacted,
      argumentsDigest: digest,
    },
    where: {
      surface: call.surface,
      method: call.method,
      route: capability?.endpoint.path ?? null,
      protocol: call.protocol,
      tool: capability === null ? null : call.tool,
      traceId: call.traceId,
    },
    decision,
    outcome,
    sentence,
    change: null,
  };
}

/** The gateway about itself. */
export function systemRecord(callId: string, sentence: string): AuditFacts {
  return {
    callId,
    phase: 'system',
    who: { ...nobody, operator: null, client: null, ip: null },
    what: { capability: null, area: null, effect: null, arguments: null, argumentsDigest: null },
    where: { surface: 'cli', method: null, route: null, protocol: null, tool: null, traceId: null },
    decision: null,
    outcome: null,
    sentence,
    change: null,
  };
}

/** An outcome of which nothing is known but that it went well. */
export const noOutcome: AuditOutcome = {
  status: 'ok',
  upstreamStatus: null,
  rowsReturned: null,
  rowsHidden: null,
  fieldsMasked: null,
  textGiven: false,
  source: null,
  ageMs: null,
  requests: 0,
  durationMs: { total: 0, queue: 0, upstream: 0 },
};

export type Presented = {
  readonly approvalId: string | null;
  readonly approver: string | null;
  readonly confirmed: boolean;
  readonly idempotency: 'new' | 'replay' | null;
};

const nothingPresented: Presented = { approvalId: null, approver: null, confirmed: false, idempotency: null };

export function decisionRecord(decision: Decision, presented: Presented = nothingPresented): AuditDecision {
  const { effect, code, rule, policyVersion } = decision;
  // What is shown as it is limits nothing, and would be most of a record. What is left is plain data; nothing in it is undefined.
  const obligations = decision.obligations.filter((each) => each.kind !== 'fields' || each.treatment !== 'show');
  return { effect, code, rule, obligations, policyVersion, ...presented, times: 1 };
}

/** What the gateway answers by itself, to every active agent. */
export function ownAllowance(policyVersion: string): AuditDecision {
  const rule = { id: 'gateway.own', kind: 'catalogue', text: 'Every agent may ask the gateway about its own access.' };
  return { effect: 'allow', code: null, rule, obligations: [], policyVersion, ...nothingPresented, times: 1 };
}

/** A refusal that the gateway gave without asking `decide`. */
export function ownRefusal(facts: {
  readonly effect?: AuditDecision['effect'];
  readonly code: string;
  readonly kind: RuleKind;
  readonly text: string;
  readonly policyVersion?: string | null;
}): AuditDecision {
  const { effect = 'deny', code, kind, text, policyVersion = null } = facts;
  return { effect, code, rule: { id: `${kind}.${code}`, kind, text }, obligations: [], policyVersion, ...nothingPresented, times: 1 };
}

function clientOf({ client }: GatewayCall): string | null {
  if (client === null) return null;
  const cleaned = cleanText(client, 60).replaceAll(/\s+/g, ' ').trim();
  return cleaned === '' ? null : cleaned;
}
