// The text of an answer's bytes, the fast way. Answers are nearly all ASCII, with a few letters beyond it in names; because of
// those, turning the bytes into text takes as long as parsing the text. Here the letters become `\u` escapes, and all the
// rest is copied as it is.

/**
 * JSON text that `JSON.parse` reads as it would read the bytes. Null where that takes more care: an integer of 16 digits or
 * more (2^53 has 16) may be in it, many letters are beyond ASCII, or something else is unusual.
 */
export function plainJsonText(bytes: Buffer): string | null {
  const { length } = bytes;
  if (bytes[0] === 0xef) return null;
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : Buffer.from(bytes);
  // Two words at a time. What is left over at the end is looked at byte by byte.
  const words = new Int32Array(aligned.buffer, aligned.byteOffset, (length >> 3) << 1);
  const lettersAtMost = length >> 4;

  let text = '';
  let copied = 0;
  let letters = 0;
  for (let block = 0; block < length; block += 8) {
    const first = words[block >> 2] ?? beyondAscii;
    const second = words[(block >> 2) + 1] ?? beyondAscii;
    if ((first & highHalves) === digits && (second & highHalves) === digits && beginsLongNumber(bytes, block)) return null;
    if (((first | second) & beyondAscii) === 0) continue;
    for (let at = Math.max(block, copied); at < block + 8 && at < length; at += 1) {
      if (bytes[at]! < 0x80) continue;
      const begin = at;
      while (at < length && bytes[at]! >= 0x80) at += 1;
      letters += at - begin;
      // After a backslash an escape would mean something else.
      if (letters > lettersAtMost || bytes[begin - 1] === backslash) return null;
      text += bytes.toString('latin1', copied, begin) + escapesFor(bytes.toString('utf8', begin, at));
      copied = at;
    }
  }
  return text + bytes.toString('latin1', copied, length);
}

const beyondAscii = 0x80808080 | 0;
const highHalves = 0xf0f0f0f0 | 0;
/** The digits have 3 in the high half of their byte. So do `:;<=>?`. */
const digits = 0x30303030;
const backslash = 0x5c;
/** What may stand before a number: `:`, `[`, `,`, `-` and white space. */
const beforeNumbers = new Set([0x3a, 0x5b, 0x2c, 0x2d, 0x20, 0x09, 0x0a, 0x0d, undefined]);

/** Sixteen digits in a row fill a whole block somewhere, which begins at `block`. */
function beginsLongNumber(bytes: Buffer, block: number): boolean {
  let begin = block;
  while (isDigit(bytes[begin - 1])) begin -= 1;
  let end = block;
  while (isDigit(bytes[end])) end += 1;
  return end - begin >= 16 && beforeNumbers.has(bytes[begin - 1]);
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

function escapesFor(letters: string): string {
  let escapes = '';
  for (let index = 0; index < letters.length; index += 1) escapes += `\\u${letters.charCodeAt(index).toString(16).padStart(4, '0')}`;
  return escapes;
}
