// Remembered keys as they stand in the state, which the runtime stores with every commit: differences as variable-length
// integers in base64url, about six characters a key, in pieces that begin where the keys themselves say. So a key that comes
// or goes changes one piece, and the patch of the state is short.
//
//   { "61000001": "AcCm…", "61000237": "…" }      first key of the piece: its keys and their seconds
import { isObject, type JsonObject } from '../../base/index.ts';
import { RememberedKeys } from '../remembered-keys.ts';

/** The state stays below some 300 kilobytes for a stream. */
const rememberedInStateAtMost = 50_000;

/** A piece begins at about one key in so many. */
const keysInPiece = 256;

/** The same for the same keys, whatever came and went before. */
export function formatKeys(remembered: RememberedKeys): JsonObject {
  if (remembered.isFull) return { tooMany: true };
  const pieces: [string, number[]][] = [];
  let lastKey = 0;
  let lastSecond = 0;
  for (const [key, second] of [...remembered.entries()].toSorted(([a], [b]) => a - b)) {
    if (pieces.length === 0 || beginsPiece(key)) {
      pieces.push([String(key), []]);
      lastKey = key;
      lastSecond = 0;
    }
    const bytes = pieces.at(-1)![1];
    writeNumber(bytes, key - lastKey);
    // Later contacts have larger ids, nearly always.
    const step = second - lastSecond;
    writeNumber(bytes, step >= 0 ? step * 2 : -step * 2 - 1);
    lastKey = key;
    lastSecond = second;
  }
  return Object.fromEntries(pieces.map(([name, bytes]) => [name, Buffer.from(bytes).toString('base64url')]));
}

/** What cannot be read is forgotten: keys that are unknown are never taken for deleted ones. */
export function parseKeys(stored: unknown, atMost = rememberedInStateAtMost): RememberedKeys {
  if (!isObject(stored)) return new RememberedKeys(null, atMost);
  if (stored['tooMany'] === true) return new RememberedKeys(stored, atMost);
  const remembered = new RememberedKeys(null, atMost);
  for (const [name, text] of Object.entries(stored)) {
    let key = Number(name);
    let second = 0;
    const bytes = Buffer.from(typeof text === 'string' ? text : '', 'base64url');
    for (let at = 0; at < bytes.length;) {
      const keyStep = readNumber(bytes, at);
      const secondStep = readNumber(bytes, keyStep.next);
      at = secondStep.next;
      key += keyStep.value;
      second += secondStep.value % 2 === 0 ? secondStep.value / 2 : -(secondStep.value + 1) / 2;
      remembered.add(String(key), second);
    }
  }
  return remembered;
}

/** By the digits of the key alone, spread evenly. */
function beginsPiece(key: number): boolean {
  return (Math.imul(key % 0x1_0000_0000, 0x9e37_79b1) >>> 24) % keysInPiece === 0;
}

function writeNumber(bytes: number[], value: number): void {
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) + 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
}

function readNumber(bytes: Uint8Array, from: number): { readonly value: number; readonly next: number } {
  let value = 0;
  let scale = 1;
  let at = from;
  for (; at < bytes.length; at += 1) {
    const byte = bytes[at]!;
    value += (byte % 0x80) * scale;
    scale *= 0x80;
    if (byte < 0x80) break;
  }
  return { value, next: at + 1 };
}
