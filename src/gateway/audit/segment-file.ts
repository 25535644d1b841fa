// Segments on a disk: packed and unpacked as they flow, so that memory does not feel how long one is.
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import type { ReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { pipeline as flow } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';

/** No record is nearly as long; a file that unpacks into an endless line must not fill the memory. */
const longestLine = 16 * 1024 * 1024;

/** A line that is too long to be one of ours. */
export class LineTooLong extends Error {}

/** Makes the file, for this user only, and returns when it is on the disk. Throws what writing files throws, and when it exists. */
export async function writePacked(path: string, texts: AsyncIterable<string>): Promise<void> {
  const handle = await open(path, 'wx', 0o600);
  try {
    await flow(texts, createGzip(), async (packed: AsyncIterable<Buffer>) => {
      for await (const chunk of packed) await handle.writeFile(chunk);
    });
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The lines of a packed file, without their breaks. Throws what reading and unpacking throw, and {@link LineTooLong}. */
export async function* packedLines(path: string): AsyncGenerator<string> {
  // Its errors come out of the iteration.
  const unpacked: AsyncIterable<Buffer> = pipeline(await readStreamOf(path), createGunzip({ chunkSize: 65_536 }), () => {});
  let parts: Buffer[] = [];
  let length = 0;
  for await (const chunk of unpacked) {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      yield Buffer.concat([...parts, chunk.subarray(start, end)]).toString('utf8');
      [parts, length, start] = [[], 0, end + 1];
    }
    parts.push(chunk.subarray(start));
    length += chunk.length - start;
    if (length > longestLine) throw new LineTooLong();
  }
  if (length > 0) yield Buffer.concat(parts).toString('utf8');
}

/** Of the file as it lies there, hex. Throws what reading files throws. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of (await readStreamOf(path)) as AsyncIterable<Buffer>) hash.update(chunk);
  return hash.digest('hex');
}

/** Something else than a file stands there; as errors of the system say it. */
class NotAFile extends Error {
  readonly errno = 0;
  readonly code = 'NOT_A_FILE';
}

/** Waits for nobody: a pipe or a device in the place of a file would never end. */
async function readStreamOf(path: string): Promise<ReadStream> {
  const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  if ((await handle.stat()).isFile()) return handle.createReadStream();
  await handle.close();
  throw new NotAFile('not a file');
}

/** Of errors of the system and of zlib; null for others, which are not about the file. */
export function codeOf(error: unknown): string | null {
  return error instanceof Error && 'errno' in error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}
