// The keys that friction works with, and what they are for.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { canonicalJson } from '../../base/index.ts';
import type { GatewayKeys } from '../secrets/gateway-keys.ts';

/** `confirm`: digests, tokens and proofs of approval. `idempotency`: seals answers, and what people are shown. */
export type FrictionKeys = Pick<GatewayKeys, 'confirm' | 'idempotency'>;

export type GivenApproval = {
  readonly company: string;
  readonly number: number;
  readonly digest: string;
  readonly by: string;
  readonly expiresMs: number;
};

/** Shows that an approval was given by somebody who holds the key, and not written into the store by somebody else. */
export function proofOfApproval(keys: Pick<FrictionKeys, 'confirm'>, given: GivenApproval): string {
  const { company, number, digest, by, expiresMs } = given;
  return createHmac('sha256', keys.confirm)
    .update(canonicalJson(['trunkline approval 1', company, number, digest, by, expiresMs]))
    .digest('hex');
}

export function isProofOfApproval(proof: string | null, keys: Pick<FrictionKeys, 'confirm'>, given: GivenApproval): boolean {
  const expected = Buffer.from(proofOfApproval(keys, given));
  const actual = Buffer.from(proof ?? '');
  return actual.length === expected.length && timingSafeEqual(actual, expected);
}
