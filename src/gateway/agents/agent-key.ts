// The key of an agent: acg_<live|test>_<key id>_<secret>_<checksum>. 32 random bytes are the secret; the checksum lets a scanner tell
// a leaked key from any text of that shape, and us refuse a mistyped one without a look into the store.
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { Secret } from '../secrets/secret.ts';

/** `live`: for Aircall itself. `test`: for anything else, such as the simulator. */
export type KeyEnvironment = 'live' | 'test';

export type IssuedKey = {
  readonly keyId: string;
  /** The whole key, to be shown once. */
  readonly key: Secret;
  /** What is stored in its place. */
  readonly hash: string;
};

// The secret may itself hold `_`, so the parts are told apart by their lengths.
const shape = /^acg_(?:live|test)_([0-9a-z]{16})_([A-Za-z0-9_-]{43})_([0-9a-f]{8})$/;
const keyIdLetters = '0123456789abcdefghjkmnpqrstvwxyz';

/** @param random gives so many random bytes. */
export function issueKey(facts: {
  readonly environment: KeyEnvironment;
  readonly pepper: KeyObject;
  readonly random: (size: number) => Buffer;
}): IssuedKey {
  const { environment, pepper, random } = facts;
  const keyId = Array.from(random(16), (byte) => keyIdLetters[byte % 32]).join('');
  const secret = random(32).toString('base64url');
  const body = `acg_${environment}_${keyId}_${secret}`;
  return { keyId, key: new Secret(`${body}_${checksum(body)}`), hash: hashOf(keyId, secret, pepper) };
}

/** The parts of a presented key; null when it is not of that shape or mistyped. */
export function readKey(text: string): { readonly keyId: string; readonly secret: string } | null {
  const parts = shape.exec(text);
  if (parts === null) return null;
  const [, keyId = '', secret = '', given = ''] = parts;
  if (checksum(text.slice(0, -(given.length + 1))) !== given) return null;
  return { keyId, secret };
}

/** HMAC-SHA256 over id and secret, hex. Fast on purpose: the secret has 256 random bits, and every request pays for it. */
export function hashOf(keyId: string, secret: string, pepper: KeyObject): string {
  return createHmac('sha256', pepper).update(`${keyId}\n${secret}`).digest('hex');
}

/** Compares in constant time; a stored text of another length is unequal. */
export function sameHash(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a, 'utf8'), Buffer.from(b, 'utf8')];
  if (left.length === right.length) return timingSafeEqual(left, right);
  timingSafeEqual(left, left);
  return false;
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, '0');
}
