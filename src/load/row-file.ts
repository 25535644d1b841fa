// Writes lines of one kind for one table: buffered, hashed as they go, rotated by size.
import { createHash, type Hash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { fileMode } from './durable-files.ts';
import type { PackageFile, PackageFileKind } from './package.ts';

const bufferBytes = 256 * 1024;
/** Bytes handed to the disk and not yet taken by it, above which writers wait. */
const backlogBytes = 1024 * 1024;

export type Rotation = { readonly rows: number; readonly bytes: number };

export type RowFileFacts = {
  readonly folder: string;
  readonly kind: PackageFileKind;
  readonly table: string | null;
  /** Path of file n (from 1), relative to the folder, with `/`. */
  readonly pathOf: (n: number) => string;
  readonly rotation: Rotation;
};

export class RowFiles {
  readonly #facts: RowFileFacts;
  readonly #finished: PackageFile[] = [];
  /** The file that lines are added to. The one being written may still be an earlier one. */
  #current: OpenFile | null = null;
  #handle: FileHandle | null = null;
  #buffer = Buffer.allocUnsafe(bufferBytes);
  #used = 0;
  /** Everything handed over so far, in order. Rejects once and for all when a write fails. */
  #writing: Promise<void> = Promise.resolve();
  #backlog = 0;

  constructor(facts: RowFileFacts) {
    this.#facts = facts;
  }

  /** Adds whole lines, each ending in `\n`; `longest` is the length of the longest. Waits while the disk is behind. */
  async add(lines: string, count: number, longest: number): Promise<void> {
    const current = (this.#current ??= new OpenFile());
    const room = this.#buffer.length - this.#used;
    // A UTF-16 unit takes at most three bytes in UTF-8.
    if (lines.length * 3 <= room) {
      const written = this.#buffer.write(lines, this.#used, 'utf8');
      this.#used += written;
      current.count(count, written, written === lines.length ? longest : longest * 3);
    } else {
      this.#handOver();
      const bytes = Buffer.from(lines, 'utf8');
      current.count(count, bytes.length, bytes.length === lines.length ? longest : longest * 3);
      if (bytes.length * 2 > this.#buffer.length) this.#enqueue(current, bytes);
      else this.#used = bytes.copy(this.#buffer, 0);
    }
    if (current.rows >= this.#facts.rotation.rows || current.bytes >= this.#facts.rotation.bytes) this.#finishCurrent();
    if (this.#backlog > backlogBytes) await this.#writing;
  }

  /** Writes what is buffered, flushes every file to the disk and tells what was written. */
  async finish(): Promise<readonly PackageFile[]> {
    this.#finishCurrent();
    await this.#writing;
    return this.#finished;
  }

  /** Closes without caring for the content. */
  async abandon(): Promise<void> {
    this.#used = 0;
    this.#current = null;
    await this.#writing.catch(() => {});
    await this.#handle?.close().catch(() => {});
    this.#handle = null;
  }

  #handOver(): void {
    if (this.#used === 0 || this.#current === null) return;
    const full = this.#buffer.subarray(0, this.#used);
    this.#buffer = Buffer.allocUnsafe(bufferBytes);
    this.#used = 0;
    this.#enqueue(this.#current, full);
  }

  #enqueue(file: OpenFile, bytes: Buffer): void {
    file.hash.update(bytes);
    this.#backlog += bytes.length;
    this.#chain(async () => {
      this.#handle ??= await open(join(this.#facts.folder, this.#path()), 'wx', fileMode);
      await writeAll(this.#handle, bytes);
      this.#backlog -= bytes.length;
    });
  }

  #finishCurrent(): void {
    this.#handOver();
    const file = this.#current;
    if (file === null) return;
    this.#current = null;
    this.#chain(async () => {
      await this.#handle?.sync();
      await this.#handle?.close();
      this.#handle = null;
      this.#finished.push({
        kind: this.#facts.kind,
        table: this.#facts.table,
        path: this.#path(),
        rows: file.rows,
        bytes: file.bytes,
        longestLine: file.longestLine,
        sha256: file.hash.digest('hex'),
      });
    });
  }

  #path(): string {
    return this.#facts.pathOf(this.#finished.length + 1);
  }

  #chain(step: () => Promise<void>): void {
    this.#writing = this.#writing.then(step);
    // The failure is thrown to whoever waits for the chain next; until then it is nobody's.
    this.#writing.catch(() => {});
  }
}

class OpenFile {
  readonly hash: Hash = createHash('sha256');
  rows = 0;
  bytes = 0;
  longestLine = 0;

  count(rows: number, bytes: number, longestLine: number): void {
    this.rows += rows;
    this.bytes += bytes;
    if (longestLine > this.longestLine) this.longestLine = longestLine;
  }
}

async function writeAll(handle: FileHandle, bytes: Buffer): Promise<void> {
  for (let offset = 0; offset < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, offset, bytes.length - offset);
    offset += bytesWritten;
  }
}
