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

export type RecordFacts = {
  readonly callId: string;
  readonly call: GatewayCall;
  readonly who: Who;
  readonly capability: Capability | null;
  /** Redacted; null where the arguments do not fit the schema. */
  readonly arguments: Json;
  readonly argumentsDigest: string | null;
  readonly phase: Phase;
  readonly decision: AuditDecision | null;
  readonly outcome: AuditOutcome | null;
  readonly sentence: string;
};

export function recordOf(facts: RecordFacts): AuditFacts {
  const { callId, call, who, capability, phase, decision, outcome, sentence } = facts;
  return {
    callId,
    phase,
    who: { ...who, operator: null, client: clientOf(call), ip: networkOf(call.ip) },
    what: {
      capability: capability?.id ?? null,
      area: capability?.area ?? null,
      effect: capability?.effect ?? null,
      arguments: facts.arguments,
      argumentsDigest: facts.argumentsDigest,
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

export type Presented = {
  readonly approvalId: string | null;
  readonly approver: string | null;
  readonly confirmed: boolean;
  readonly idempotency: 'new' | 'replay' | null;
};

const nothingPresented: Presented = { approvalId: null, approver: null, confirmed: false, idempotency: null };

export function decisionRecord(decision: Decision, presented: Presented = nothingPresented): AuditDecision {
  const { effect, code, rule, obligations, policyVersion } = decision;
  // Obligations are plain data; nothing in them is undefined.
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
