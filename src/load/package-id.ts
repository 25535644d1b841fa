// Names of packages: sortable by time, unique without asking anyone. 48 bits of milliseconds, 80 of chance, in Crockford's base 32.
import { randomBytes } from 'node:crypto';

const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

export function createPackageId(nowMs: number): string {
  let time = '';
  for (let rest = Math.max(0, Math.trunc(nowMs)), place = 0; place < 10; place += 1, rest = Math.floor(rest / 32)) {
    time = digits.charAt(rest % 32) + time;
  }
  let chance = '';
  for (const byte of randomBytes(16)) chance += digits.charAt(byte % 32);
  return time + chance;
}

const sequenceDigits = 10;

/** `0000000042-01J9…`: sorts by sequence. */
export function packageFolderName(sequence: number, packageId: string): string {
  return `${String(sequence).padStart(sequenceDigits, '0')}-${packageId}`;
}
