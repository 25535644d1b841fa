// Lines from bytes. Pieces of input end anywhere, in the middle of a character too; a line may be megabytes long, because an
// `open` carries the schemas of all its collections.
import { ProtocolBroken } from './errors.ts';

const newline = 0x0a;
const longestLineBytes = 128 * 1024 * 1024;

export type Line = {
  readonly text: string;
  /** False for what stood after the last line end. */
  readonly isWhole: boolean;
};

/** Lines that hold more than white space. Throws `ProtocolBroken` for what is no UTF-8, and for a line without end. */
export async function* readLines(pieces: AsyncIterable<Uint8Array | string>, limitBytes = longestLineBytes): AsyncGenerator<Line, void> {
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  for await (const given of pieces) {
    let piece = typeof given === 'string' ? Buffer.from(given) : given;
    for (let end = piece.indexOf(newline); end !== -1; end = piece.indexOf(newline)) {
      held.push(piece.subarray(0, end));
      const text = textOf(held);
      held = [];
      heldBytes = 0;
      if (text.trim() !== '') yield { text, isWhole: true };
      piece = piece.subarray(end + 1);
    }
    if (piece.length === 0) continue;
    held.push(piece);
    heldBytes += piece.length;
    if (heldBytes > limitBytes) throw new ProtocolBroken({ message: `A line of the input is longer than ${limitBytes} bytes.` });
  }
  const rest = textOf(held);
  if (rest.trim() !== '') yield { text: rest, isWhole: false };
}

function textOf(pieces: readonly Uint8Array[]): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(pieces.length === 1 ? pieces[0] : Buffer.concat(pieces));
  } catch {
    throw new ProtocolBroken({ message: 'A line of the input is not UTF-8.' });
  }
}
