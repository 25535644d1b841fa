// github.com/ulid/spec: 48 bits of time and 80 random bits in 26 characters of Crockford's base 32, so that ids sort by time.
const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** @param random gives so many random bytes. */
export function ulid(timeMs: number, random: (size: number) => Buffer): string {
  let text = '';
  for (let left = timeMs, at = 0; at < 10; at += 1, left = Math.floor(left / 32)) text = `${digits.charAt(left % 32)}${text}`;
  // 16 bytes, of which five bits each are used.
  for (const byte of random(16)) text += digits.charAt(byte & 31);
  return text;
}
