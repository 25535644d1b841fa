// How records hang together. Every hash covers the one before it, and none can be made without the key, which is not kept with
// the data:
//
//   genesis ──► record 1 ──► record 2 ──► … ──► record N          hash = HMAC-SHA256(key, prev ‖ bytes)
//                                               ▲       ▲
//         rows that decide (HMAC) ───►  head (HMAC)   checkpoint (Ed25519), kept elsewhere
//
// The chain shows what somebody without the key did to records; the head shows a tail that is cut off, and what was done to the rows
// that decide what agents may do: policy, keys, people, approvals, counters. A checkpoint kept elsewhere shows what
// somebody who has the key did before it was made.
import { createHash, createHmac, sign, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { canonicalJson } from '../../base/index.ts';
import type { StoredCheckpoint, StoredHead, StoredSegment } from '../../store/index.ts';
import type { GatewayKeys } from '../secrets/gateway-keys.ts';

export type AuditKeys = Pick<GatewayKeys, 'auditChain' | 'checkpoint'>;

/** What the first record of a company links to. */
export function genesisOf(company: string): string {
  return createHash('sha256').update(`trunkline audit 1\n${company}`).digest('hex');
}

/** `prev` is 64 hexadecimal digits: no two pairs of `prev` and `bytes` are the same text. */
export function linkOf(key: KeyObject, prev: string, bytes: string): string {
  return hashOf(key, prev + bytes);
}

/** Of a text that begins with `prev`. */
export function hashOf(key: KeyObject, text: string): string {
  return createHmac('sha256', key).update(text).digest('hex');
}

/** Differs from every text a record is hashed by, as those begin with hexadecimal digits. */
export function headMac(key: KeyObject, company: string, head: Omit<StoredHead, 'mac'>): string {
  const { seq, hash, time, checkpoints, deciding } = head;
  return hashOf(key, `head${canonicalJson({ checkpoints, company, deciding, hash, seq, time })}`);
}

/** Differs from the texts of records and of the end, as {@link headMac}. */
export function segmentMac(key: KeyObject, company: string, segment: Omit<StoredSegment, 'mac'>): string {
  const { firstSeq, lastSeq, prev, hash, time, checkpoints, file, sha256 } = segment;
  return hashOf(key, `segment${canonicalJson({ checkpoints, company, file, firstSeq, hash, lastSeq, prev, sha256, time })}`);
}

/** A signed statement that the chain of a company reached a place with a hash. */
export type Checkpoint = StoredCheckpoint & { readonly company: string };

export function signCheckpoint(key: AuditKeys['checkpoint'], facts: Pick<Checkpoint, 'company' | 'seq' | 'head' | 'time'>): Checkpoint {
  const { company, seq, head, time } = facts;
  const signature = sign(null, signedText(facts), key.privateKey).toString('base64');
  return { company, seq, head, time, signature, keyId: checkpointKeyId(key.publicKey) };
}

export function isSignedBy(publicKey: KeyObject, checkpoint: Checkpoint): boolean {
  const signature = Buffer.from(checkpoint.signature, 'base64');
  // Base64 has several texts for the same bytes; only the one that was written counts.
  return signature.toString('base64') === checkpoint.signature && verify(null, signedText(checkpoint), publicKey, signature);
}

/** Names a public key: the first half of the SHA-256 of its DER form, hex. */
export function checkpointKeyId(publicKey: KeyObject): string {
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex')
    .slice(0, 32);
}

function signedText({ company, seq, head, time }: Pick<Checkpoint, 'company' | 'seq' | 'head' | 'time'>): Buffer {
  return Buffer.from(canonicalJson({ company, head, seq, time }));
}
