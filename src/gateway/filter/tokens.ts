// Tokens that stand in for phone numbers, e-mail addresses and names: an agent can tell people apart, count them and name them
// in a request, and never sees who they are.
//
//   tel_<synthetic IV, 16 bytes><the value, encrypted>          base64url
//
// The IV is HMAC-SHA256 over company, agent and the normal spelling of the value, so the same value is the same token in every
// answer to that agent, and another token for every other agent. The value is encrypted under it (AES-256-CTR), and what comes
// back is believed only when its IV is the HMAC of what it decrypts to. That is deterministic authenticated encryption as
// Rogaway and Shrimpton define and prove it (SIV, web.cs.ucdavis.edu/~rogaway/papers/siv.pdf), from a PRF and a cipher Node has.
//
// So no table of tokens is needed: reading a page writes nothing, a restart or a second process forgets nothing, and there is
// no file that holds all numbers an agent has ever seen. Without the key a token says nothing, not even the number's length.
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { normalEmail } from './email.ts';
import { normalPhone, readPhone } from './phone.ts';

/** Classes whose values have tokens. */
export type TokenClass = 'phone' | 'email' | 'person';

const prefixes: Readonly<Record<TokenClass, string>> = { phone: 'tel_', email: 'eml_', person: 'per_' };
/** Values are filled up to a multiple of this, so that a token does not tell the length. */
const blocks: Readonly<Record<TokenClass, number>> = { phone: 32, email: 64, person: 64 };
const ivLength = 16;
const maximumValueBytes = 512;
const tokenForm = /^(?:tel|eml|per)_[\w-]{22,1024}$/;

/** For whom tokens mean something. */
export type TokenOwner = { readonly key: KeyObject; readonly company: string; readonly agentId: string };

/** Whether text has the form of a token; says nothing about whether it is one. */
export function looksLikeToken(text: string): boolean {
  return tokenForm.test(text);
}

/** The token of a value, of whatever spelling; null for what is no phone number, address or name. */
export function tokenFor(kind: TokenClass, value: string, owner: TokenOwner): string | null {
  const normal = normalValue(kind, value);
  if (normal === null) return null;
  const bytes = Buffer.from(normal, 'utf8');
  if (bytes.length > maximumValueBytes) return null;
  const block = blocks[kind];
  // One byte more than the value at least, so that the filling can be told from it.
  const filled = Buffer.alloc((Math.floor(bytes.length / block) + 1) * block);
  bytes.copy(filled);
  filled[bytes.length] = 0x80;
  const keys = keysOf(owner.key);
  const iv = ivOf(kind, filled, owner, keys);
  const cipher = createCipheriv('aes-256-ctr', keys.encrypt, iv);
  return prefixes[kind] + Buffer.concat([iv, cipher.update(filled), cipher.final()]).toString('base64url');
}

/** The value in its normal spelling; null when it is not a token of this class that was made for this agent. */
export function valueOf(kind: TokenClass, token: string, owner: TokenOwner): string | null {
  if (!tokenForm.test(token) || !token.startsWith(prefixes[kind])) return null;
  const bytes = Buffer.from(token.slice(prefixes[kind].length), 'base64url');
  if (bytes.length <= ivLength || (bytes.length - ivLength) % blocks[kind] !== 0) return null;
  const iv = bytes.subarray(0, ivLength);
  const keys = keysOf(owner.key);
  const decipher = createDecipheriv('aes-256-ctr', keys.encrypt, iv);
  const filled = Buffer.concat([decipher.update(bytes.subarray(ivLength)), decipher.final()]);
  if (!timingSafeEqual(iv, ivOf(kind, filled, owner, keys))) return null;
  return filled.subarray(0, filled.lastIndexOf(0x80)).toString('utf8');
}

/** The one spelling that all spellings of a value share; null for what is none. A name keeps its case, it may be written back. */
export function normalValue(kind: TokenClass, value: string): string | null {
  if (kind === 'email') return normalEmail(value);
  if (kind === 'phone') {
    const phone = readPhone(value);
    return phone === null ? null : normalPhone(phone);
  }
  const name = value.normalize('NFC').trim().replaceAll(/\s+/gu, ' ');
  return name === '' ? null : name;
}

type Keys = { readonly authenticate: Buffer; readonly encrypt: Buffer };
const derived = new WeakMap<KeyObject, Keys>();

function keysOf(key: KeyObject): Keys {
  const known = derived.get(key);
  if (known !== undefined) return known;
  const keys = { authenticate: derive(key, 'token authenticate'), encrypt: derive(key, 'token encrypt') };
  derived.set(key, keys);
  return keys;
}

/** A key for one purpose, from the gateway's (RFC 5869). */
export function derive(key: KeyObject, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), `trunkline ${purpose}`, 32));
}

function ivOf(kind: TokenClass, filled: Buffer, { company, agentId }: TokenOwner, keys: Keys): Buffer {
  const hmac = createHmac('sha256', keys.authenticate);
  return hmac
    .update(JSON.stringify([kind, company, agentId]))
    .update('\0')
    .update(filled)
    .digest()
    .subarray(0, ivLength);
}
