// A confirm token: expiry and nonce in clear, and a MAC over them and the digest of the request. What it confirms stands nowhere
// in it: it is computed from the request it comes back with, so a token for one request is noise for any other.
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

export type Confirmation = { readonly nonce: string; readonly expiresMs: number };

const nonceBytes = 16;
const timeBytes = 6;
const macBytes = 32;
const bodyBytes = timeBytes + nonceBytes;
const shape = /^confirm_[A-Za-z0-9_-]{72}$/;

/** @param nonce 16 random bytes. */
export function writeConfirmation(facts: {
  readonly key: KeyObject;
  readonly digest: string;
  readonly expiresMs: number;
  readonly nonce: Buffer;
}): string {
  const { key, digest, expiresMs, nonce } = facts;
  const body = Buffer.alloc(bodyBytes);
  body.writeUIntBE(Math.trunc(expiresMs), 0, timeBytes);
  nonce.copy(body, timeBytes, 0, nonceBytes);
  return `confirm_${Buffer.concat([body, mac(key, digest, body)]).toString('base64url')}`;
}

/** Null unless the token was written with this key for this digest. Whether it has expired or was used is the caller's to ask. */
export function readConfirmation(token: string, facts: { readonly key: KeyObject; readonly digest: string }): Confirmation | null {
  if (!shape.test(token)) return null;
  const bytes = Buffer.from(token.slice('confirm_'.length), 'base64url');
  if (bytes.length !== bodyBytes + macBytes) return null;
  const body = bytes.subarray(0, bodyBytes);
  if (!timingSafeEqual(bytes.subarray(bodyBytes), mac(facts.key, facts.digest, body))) return null;
  return { nonce: body.subarray(timeBytes).toString('hex'), expiresMs: body.readUIntBE(0, timeBytes) };
}

function mac(key: KeyObject, digest: string, body: Buffer): Buffer {
  return createHmac('sha256', key).update('trunkline confirmation 1\n').update(digest).update('\n').update(body).digest();
}
