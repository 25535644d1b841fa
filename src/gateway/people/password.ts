// Passwords of people, as they are kept: scrypt over the password, keyed with a secret that is not in the same file. The work is done
// on node's own threads, one password at a time: it takes a good part of a second and 128 MiB, which a stranger may ask for.
import { createHmac, scrypt, timingSafeEqual } from 'node:crypto';
import type { KeyObject, ScryptOptions } from 'node:crypto';
import { UsageError } from '../../base/index.ts';
import { nameKey } from '../policy/names.ts';

/** The work of one guess: memory is about 128 · r · 2^logN bytes. */
export type PasswordCost = { readonly logN: number; readonly r: number; readonly p: number };

/** What OWASP's Password Storage Cheat Sheet asks of scrypt. */
export const strongCost: PasswordCost = { logN: 17, r: 8, p: 1 };

/** NIST SP 800-63B-4, section 3.1.1.2: where a password is all that is asked for. */
export const shortestPassword = 15;
export const longestPassword = 256;

const saltBytes = 16;
const hashBytes = 32;
const written = /^scrypt\$(\d{1,2})\$(\d{1,2})\$(\d{1,2})\$([A-Za-z0-9_-]{22})\$([A-Za-z0-9_-]{43})$/;

export type PasswordWork = {
  readonly pepper: KeyObject;
  /** Gives so many random bytes. */
  readonly random: (size: number) => Buffer;
  readonly cost: PasswordCost;
};

/** Throws `UsageError` for a password that is too short, too long, or says nothing but the name. */
export function checkPassword(password: string, name: string): void {
  const letters = Array.from(normal(password));
  const wrong = (message: string): UsageError =>
    new UsageError({
      code: 'password_weak',
      message,
      hint: `Take a sentence that nobody else would say: ${shortestPassword} to ${longestPassword} characters, of any kind.`,
    });
  if (letters.length < shortestPassword) throw wrong(`The password is shorter than ${shortestPassword} characters.`);
  if (letters.length > longestPassword) throw wrong(`The password is longer than ${longestPassword} characters.`);
  if (new Set(letters).size < 5) throw wrong('The password is made of hardly any different characters.');
  if (nameKey(password).replaceAll(nameKey(name), '').length < 8) throw wrong('The password is hardly more than the name.');
}

/** A password nobody has to think up: 100 random bits in letters that cannot be mistaken for one another. */
export function makePassword(random: (size: number) => Buffer): string {
  const letters = Array.from(random(20), (byte) => '0123456789abcdefghjkmnpqrstvwxyz'[byte % 32]).join('');
  return letters.replaceAll(/.{4}(?=.)/g, '$&-');
}

/** What is kept in place of it. */
export async function hashPassword(password: string, { pepper, random, cost }: PasswordWork): Promise<string> {
  const salt = random(saltBytes);
  const hash = await derive(password, salt, { pepper, cost });
  return ['scrypt', cost.logN, cost.r, cost.p, salt.toString('base64url'), hash.toString('base64url')].join('$');
}

/**
 * Whether it is the password that was kept; null, for nobody, costs the same and is false. So is anything that {@link hashPassword} did
 * not write.
 */
export async function isPassword(password: string, kept: string | null, { pepper, random, cost }: PasswordWork): Promise<boolean> {
  const parts = written.exec(kept ?? '');
  const [logN, r, p] = parts === null ? [cost.logN, cost.r, cost.p] : [Number(parts[1]), Number(parts[2]), Number(parts[3])];
  const salt = parts === null ? random(saltBytes) : Buffer.from(parts[4] ?? '', 'base64url');
  const expected = parts === null ? random(hashBytes) : Buffer.from(parts[5] ?? '', 'base64url');
  const actual = await derive(password, salt, { pepper, cost: { logN, r, p } });
  return timingSafeEqual(actual, expected) && parts !== null;
}

function derive(
  password: string,
  salt: Buffer,
  { pepper, cost }: { readonly pepper: KeyObject; readonly cost: PasswordCost },
): Promise<Buffer> {
  const keyed = createHmac('sha256', pepper).update('trunkline password 1\0').update(normal(password)).digest();
  const options: ScryptOptions = { N: 2 ** cost.logN, r: cost.r, p: cost.p, maxmem: 256 * cost.r * 2 ** cost.logN };
  return new Promise((resolve, reject) => {
    scrypt(keyed, salt, hashBytes, options, (error, hash) => {
      if (error === null) resolve(hash);
      else reject(error);
    });
  });
}

/** The same letters typed on another keyboard are the same password. */
function normal(password: string): string {
  return password.normalize('NFKC');
}
