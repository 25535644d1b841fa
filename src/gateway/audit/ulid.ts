// github.com/ulid/spec: 48 bits of time and 80 random bits in 26 characters of Crockford's base 32, so that ids sort by time.
const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** Of each random byte five bits are used. */
const randomDigits = 16;

/** @param random gives so many random bytes; they are asked for many ids at a time. */
export function createUlids(random: (size: number) => Buffer): (timeMs: number) => string {
  let pool = random(0);
  let used = 0;
  return (timeMs) => {
    if (used + randomDigits > pool.length) {
      pool = random(randomDigits * 64);
      used = 0;
    }
    let text = '';
    for (let left = timeMs, at = 0; at < 10; at += 1, left = Math.floor(left / 32)) text = `${digits.charAt(left % 32)}${text}`;
    for (const byte of pool.subarray(used, used + randomDigits)) text += digits.charAt(byte & 31);
    used += randomDigits;
    return text;
  };
}
