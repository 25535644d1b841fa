let scratch = Buffer.allocUnsafe(256 * 1024);

/**
 * The UTF-8 bytes of all parts, one after the other. Writing part by part is twice as fast as joining the strings first:
 * most of them are plain ASCII, and the joined one hardly ever is.
 */
export function joinedBytes(parts: readonly string[]): Uint8Array {
  let length = 0;
  for (const part of parts) {
    // No character of a string takes more than three bytes.
    const needed = length + part.length * 3;
    if (needed > scratch.length) {
      const larger = Buffer.allocUnsafe(needed * 2);
      scratch.copy(larger, 0, 0, length);
      scratch = larger;
    }
    length += scratch.write(part, length, 'utf8');
  }
  return Uint8Array.prototype.slice.call(scratch, 0, length);
}
