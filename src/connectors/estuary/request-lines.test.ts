import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Line, readLines } from './request-lines.ts';

async function* cut(bytes: Uint8Array, cuts: readonly number[]): AsyncGenerator<Uint8Array, void> {
  const ends = [...new Set(cuts.map((at) => at % (bytes.length + 1)))].toSorted((a, b) => a - b);
  let from = 0;
  for (const end of [...ends, bytes.length]) {
    yield bytes.subarray(from, end);
    from = end;
  }
}

async function linesOf(bytes: Uint8Array, cuts: readonly number[], limit?: number): Promise<readonly Line[]> {
  const lines: Line[] = [];
  for await (const line of readLines(cut(bytes, cuts), limit)) lines.push(line);
  return lines;
}

test('wherever the input is parted, its lines are the same', async () => {
  const text = fc.string({ unit: 'binary', maxLength: 12 }).map((line) => line.replaceAll(/[\n\ufeff\ud800-\udfff]/g, 'é漢🙂'));
  await fc.assert(
    fc.asyncProperty(fc.array(text), text, fc.array(fc.nat()), async (whole, rest, cuts) => {
      const bytes = Buffer.from([...whole, rest].join('\n'));
      const expected = [...whole.map((line) => ({ text: line, isWhole: true })), { text: rest, isWhole: false }].filter(
        (line) => line.text.trim() !== '',
      );
      expect(await linesOf(bytes, cuts)).toEqual(expected);
    }),
  );
});

test('a line that never ends is refused before it fills the memory', async () => {
  await expect(linesOf(Buffer.alloc(300, 0x61), [100, 200], 250)).rejects.toThrow(/longer than 250 bytes/);
  expect(await linesOf(Buffer.from(`${'a'.repeat(200)}\n${'b'.repeat(200)}\n`), [50, 210, 300], 250)).toHaveLength(2);
});
