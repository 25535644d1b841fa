// A secret sealed so that it may lie in a file:
//
//   key-encryption key (TRUNKLINE_KEK) ──encrypts──► data key (random, new each time) ──encrypts──► the secret
//
// Both steps are AES-256-GCM with a fresh nonce each, so that a changed byte is noticed, and both are bound to a text that says
// what the secret is for: moved to another place, the envelope does not open.
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { isObject } from '../../base/index.ts';

const algorithm = 'aes-256-gcm';

/** The parts in base64. */
export type Sealed = { readonly nonce: string; readonly text: string; readonly tag: string };

export type Envelope = {
  /** Names the key-encryption key without telling anything about it. */
  readonly kekId: string;
  readonly dataKey: Sealed;
  readonly secret: Sealed;
};

export function sealEnvelope(options: { readonly secret: Buffer; readonly kek: Buffer; readonly boundTo: string }): Envelope {
  const { secret, kek, boundTo } = options;
  const dataKey = randomBytes(32);
  return { kekId: kekIdOf(kek), dataKey: seal(dataKey, kek, boundTo), secret: seal(secret, dataKey, boundTo) };
}

/** Throws what the cipher throws when a byte was changed, the key is another one, or it was bound to something else. */
export function openEnvelope(envelope: Envelope, options: { readonly kek: Buffer; readonly boundTo: string }): Buffer {
  const { kek, boundTo } = options;
  return unseal(envelope.secret, unseal(envelope.dataKey, kek, boundTo), boundTo);
}

/** The same secret under another key-encryption key: only the data key is encrypted anew. Throws as {@link openEnvelope}. */
export function rewrapEnvelope(
  envelope: Envelope,
  options: { readonly from: Buffer; readonly to: Buffer; readonly boundTo: string },
): Envelope {
  const { from, to, boundTo } = options;
  // Opened whole first: an envelope that is damaged inside must not look fresh afterwards.
  openEnvelope(envelope, { kek: from, boundTo });
  const dataKey = unseal(envelope.dataKey, from, boundTo);
  return { ...envelope, kekId: kekIdOf(to), dataKey: seal(dataKey, to, boundTo) };
}

export function kekIdOf(kek: Buffer): string {
  return createHash('sha256').update('trunkline kek ').update(kek).digest('hex').slice(0, 16);
}

/**
 * Whether a key was plainly not drawn at random: typed text, a pattern, few different bytes. Of 32 random bytes fewer than one
 * in 10¹³ are taken for such.
 */
export function isWeakKek(kek: Buffer): boolean {
  const steps = new Set(kek.map((byte, index) => (byte - (kek[index - 1] ?? byte) + 256) % 256));
  return new Set(kek).size < 16 || steps.size < 8 || kek.every((byte) => byte >= 0x20 && byte < 0x7f);
}

export function isSealed(value: unknown): value is Sealed {
  return isObject(value) && ['nonce', 'text', 'tag'].every((part) => typeof value[part] === 'string');
}

function seal(secret: Buffer, key: Buffer, boundTo: string): Sealed {
  const nonce = randomBytes(12);
  const cipher = createCipheriv(algorithm, key, nonce).setAAD(Buffer.from(boundTo));
  const text = Buffer.concat([cipher.update(secret), cipher.final()]);
  return { nonce: nonce.toString('base64'), text: text.toString('base64'), tag: cipher.getAuthTag().toString('base64') };
}

function unseal(sealed: Sealed, key: Buffer, boundTo: string): Buffer {
  const decipher = createDecipheriv(algorithm, key, Buffer.from(sealed.nonce, 'base64'), { authTagLength: 16 })
    .setAAD(Buffer.from(boundTo))
    .setAuthTag(Buffer.from(sealed.tag, 'base64'));
  return Buffer.concat([decipher.update(Buffer.from(sealed.text, 'base64')), decipher.final()]);
}
