// A copy of the file for other readers, because DuckDB lets nobody in while a writer has it open.
//
//   open, CHECKPOINT (the log is in the file) ─► copy to a temporary name, copy-on-write where the file system can
//     ─► close ─► rename over `<name>.read.duckdb`: readers have the old copy or the new one, never a part
import { constants } from 'node:fs';
import { copyFile, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { Database } from './database.ts';
import { asOurs } from './duckdb-errors.ts';
import { openToWrite, type Waiting } from './open-files.ts';

const leastAgeMs = 60_000;

/** `aircall.duckdb` has its snapshot in `aircall.read.duckdb`. */
export function snapshotPath(path: string): string {
  const extension = extname(path);
  return join(dirname(path), `${basename(path, extension)}.read${extension === '' ? '.duckdb' : extension}`);
}

/** How long ago the snapshot was made, in milliseconds, or null when there is none. */
export async function snapshotAge(path: string, nowMs: number): Promise<number | null> {
  const found = await stat(snapshotPath(path)).catch(() => null);
  return found === null ? null : Math.max(0, nowMs - found.mtimeMs);
}

/** Makes the snapshot anew unless it is younger than a minute or nothing was written since. */
export async function publishSnapshot(path: string, settings: Readonly<Record<string, string>>, waiting: Waiting): Promise<void> {
  const nowMs = waiting.clock.now();
  const [main, made] = await Promise.all([path, snapshotPath(path)].map((of) => stat(of).catch(() => null)));
  if (!main || main.size === 0) return;
  if (made) {
    const ageMs = nowMs - made.mtimeMs;
    if (ageMs >= 0 && ageMs < leastAgeMs) return;
    if (main.mtimeMs < made.ctimeMs && !(await hasLog(path))) return;
  }
  await removeLeftovers(path);
  const unfinished = `${snapshotPath(path)}.${process.pid}.tmp`;
  const file = await openToWrite(path, settings, waiting);
  try {
    const database = await Database.connect(file, waiting.label);
    try {
      await database.run('CHECKPOINT');
      // Closing this copy's handle unlocks the file for other processes, so it must be the last thing done with it.
      await copyFile(path, unfinished, constants.COPYFILE_FICLONE);
    } finally {
      database.close();
    }
    await utimes(unfinished, nowMs / 1000, nowMs / 1000);
    await rename(unfinished, snapshotPath(path));
  } catch (error) {
    await rm(unfinished, { force: true });
    throw asOurs(error, waiting.label);
  }
}

async function hasLog(path: string): Promise<boolean> {
  const log = await stat(`${path}.wal`).catch(() => null);
  return log !== null && log.size > 0;
}

/** Copies that a killed process left behind. */
async function removeLeftovers(path: string): Promise<void> {
  const folder = dirname(path);
  const start = `${basename(snapshotPath(path))}.`;
  for (const entry of await readdir(folder)) {
    if (entry.startsWith(start) && entry.endsWith('.tmp')) await rm(join(folder, entry), { force: true });
  }
}
