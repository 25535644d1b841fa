// What makes a commit outlive a loss of power.
//
// In WAL mode a commit writes frames to the end of the -wal file, and with synchronous=NORMAL nothing is synced then; FULL differs
// only by a sync of that file after the frames (sqlite.org/wal.html, “Performance considerations”; sqlite.org/pragma.html,
// “synchronous”). That sync is made here, after the commit, on Node's thread pool, so that the event loop does not stand still
// and many commits share one. A commit may meanwhile be copied into the database by a checkpoint: SQLite syncs the -wal file
// before and the database after that, also with NORMAL, before the -wal file is written from its beginning again.
//
// The -wal file stays the same file until the last connection is closed (sqlite.org/wal.html, “The WAL file”), and ours is
// open. SQLite's locks are on the database and the -shm file, so opening and closing the -wal file drops none of them; the other
// two must never be opened here (sqlite.org/howtocorrupt.html, 2.2).
import { statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncPath } from '../../store/index.ts';

export class SyncedFiles {
  readonly #wal: FileHandle;
  /** Path and identity of each file that the database consists of while it is open. */
  readonly #files: readonly { readonly path: string; readonly identity: string }[];
  #running: Promise<void> | null = null;
  #next: Promise<void> | null = null;

  constructor(wal: FileHandle, paths: readonly string[]) {
    this.#wal = wal;
    this.#files = paths.map((path) => ({ path, identity: identityOf(path) ?? '' }));
  }

  /** Of a database that is open in WAL mode and has been read from. Throws what opening files throws. */
  static async open(database: string): Promise<SyncedFiles> {
    const walPath = `${database}-wal`;
    const wal = await open(walPath, 'r+');
    try {
      // The directory entries of files that were just created are data of the folder.
      await syncPath(dirname(database));
      return new SyncedFiles(wal, [database, walPath, `${database}-shm`]);
    } catch (error) {
      await wal.close();
      throw error;
    }
  }

  /** Whether the files are still those that were opened. */
  areInPlace(): boolean {
    return this.#files.every(({ path, identity }) => identityOf(path) === identity);
  }

  /** Resolves when all that was committed before is on the disk. Those who ask while one sync runs share the next. */
  sync(): Promise<void> {
    this.#next ??= this.#after(this.#running);
    return this.#next;
  }

  async close(): Promise<void> {
    await Promise.allSettled([this.#running, this.#next]);
    try {
      await this.#wal.close();
    } catch {
      // What had to be on the disk was synced before, or was reported then.
    }
  }

  async #after(running: Promise<void> | null): Promise<void> {
    // Also without a sync that runs: those who ask in the same turn share this one.
    await Promise.allSettled([running]);
    this.#running = this.#next;
    this.#next = null;
    await this.#wal.datasync();
  }
}

function identityOf(path: string): string | null {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found === undefined || found.nlink === 0n ? null : `${found.dev} ${found.ino}`;
}
