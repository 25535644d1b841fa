// Makes policies: complete, frozen, and named by the hash of what they say.
import { createHash } from 'node:crypto';
import { canonicalJson } from '../../base/index.ts';
import type { Policy } from './types.ts';

export type PolicyParts = Omit<Policy, 'version'>;

const made = new WeakSet<object>();

/**
 * A policy that nothing can change any more, with its version. The parts are copied. What they hold is taken as it is: parse
 * it first. Throws a `TypeError` for parts that are no JSON.
 */
export function makePolicy(parts: PolicyParts): Policy {
  const { company, agents, guardrails, webhookHosts } = structuredClone(parts);
  const version = policyVersion({ company, agents, guardrails, webhookHosts });
  const policy = deepFreeze({ version, company, agents, guardrails, webhookHosts });
  made.add(policy);
  return policy;
}

/** SHA-256 of the canonical JSON (RFC 8785) of everything in a policy but its version, hex. */
export function policyVersion(parts: PolicyParts): string {
  const { company, agents, guardrails, webhookHosts } = parts;
  return createHash('sha256').update(canonicalJson({ company, agents, guardrails, webhookHosts }), 'utf8').digest('hex');
}

/** Whether it came out of {@link makePolicy}, and so can never change. */
export function isMade(policy: object): boolean {
  return made.has(policy);
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}
