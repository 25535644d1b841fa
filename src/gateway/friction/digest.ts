// What a confirmation, an approval and an idempotency key are bound to. Keyed digests: a plain hash of a phone number is the
// phone number, to whoever has a minute.
import { createHmac } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { canonicalJson } from '../../base/index.ts';
import type { BoundRequest } from '../flow/parts.ts';

export type DigestFacts = { readonly key: KeyObject; readonly company: string };

/**
 * HMAC-SHA256 over the canonical JSON of company, agent, capability, arguments and policy version, hex. Throws what
 * `canonicalJson` throws.
 */
export function requestDigest(request: BoundRequest, { key, company }: DigestFacts): string {
  const { agentId, capability, policyVersion } = request;
  return keyed(key, ['request', company, agentId, capability.id, argumentsOf(request), policyVersion]);
}

/** The same without the policy: an answer may be given again, filtered anew, after the policy has changed. */
export function repeatDigest(request: BoundRequest, { key, company }: DigestFacts): string {
  const { agentId, capability } = request;
  return keyed(key, ['repeat', company, agentId, capability.id, argumentsOf(request)]);
}

/** Stands for an idempotency key: clients put anything into it. */
export function keyDigest(text: string, { key, company }: DigestFacts): string {
  return keyed(key, ['idempotency key', company, text]);
}

/** @param purpose first, so that a digest made for one thing is never worth anything for another. */
function keyed(key: KeyObject, [purpose, ...facts]: readonly [string, ...unknown[]]): string {
  return createHmac('sha256', key)
    .update(canonicalJson([`trunkline ${purpose} 1`, ...facts]))
    .digest('hex');
}

function argumentsOf({ arguments: { at, query, body } }: BoundRequest): unknown {
  return { at, query, body };
}
