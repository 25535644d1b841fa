// Values that lie in the store and that nobody but the gateway may read: AES-256-GCM with a fresh nonce, bound to the place they
// were put in, so that a value moved to another row does not open.
import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

export type Seal = {
  /** 32 bytes. */
  readonly key: KeyObject;
  readonly random: (size: number) => Buffer;
};

const nonceBytes = 12;
const tagBytes = 16;

/** In base64. `place` says where it lies: the same must be said to open it. Integers beyond 2^53 are kept. */
export function sealValue(value: unknown, place: readonly string[], { key, random }: Seal): string {
  const nonce = random(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes }).setAAD(boundTo(place));
  const text = Buffer.concat([cipher.update(writeExact(value), 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, text, cipher.getAuthTag()]).toString('base64');
}

/** Undefined when it was sealed with another key or for another place, or altered. */
export function openValue(sealed: string, place: readonly string[], { key }: Pick<Seal, 'key'>): unknown {
  const bytes = Buffer.from(sealed, 'base64');
  if (bytes.length < nonceBytes + tagBytes) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes })
    .setAAD(boundTo(place))
    .setAuthTag(bytes.subarray(-tagBytes));
  try {
    const text = Buffer.concat([decipher.update(bytes.subarray(nonceBytes, -tagBytes)), decipher.final()]);
    return readExact(text.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** The length of what would be sealed, in bytes. */
export function sizeOf(value: unknown): number {
  return Buffer.byteLength(writeExact(value));
}

function boundTo(place: readonly string[]): Buffer {
  return Buffer.from(JSON.stringify(['trunkline sealed value 1', ...place]));
}

// JSON has no word for a bigint; a text that begins like our mark gets the mark before it.
const mark = '\u0000';
const bigintMark = '\u0000int:';

function writeExact(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner === 'bigint') return `${bigintMark}${inner}`;
    return typeof inner === 'string' && inner.startsWith(mark) ? `${mark}${inner}` : inner;
  });
}

function readExact(text: string): unknown {
  return JSON.parse(text, (_key, inner: unknown) => {
    if (typeof inner !== 'string' || !inner.startsWith(mark)) return inner;
    return inner.startsWith(bigintMark) ? BigInt(inner.slice(bigintMark.length)) : inner.slice(mark.length);
  });
}
