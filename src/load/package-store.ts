// The folder of packages of one pipeline: what is being written, what waits to be loaded, what was loaded.
//
//   draft() ──► rows… ──► seal() ──► pending() ──► destination.load() ──► done()
//     killed: the folder goes at the next open      killed: loaded again, which changes nothing twice
import { mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, type Clock, isTrunklineError, systemClock, UsageError } from '../base/index.ts';
import { syncPath } from '../store/index.ts';
import { createDraftFolders, Draft } from './draft.ts';
import { fileMode, folderMode, isMissing, unwritable, writeDurably } from './durable-files.ts';
import { readManifest } from './manifest.ts';
import type { PackageFailure, Receipt, SealedPackage } from './package.ts';
import { createPackageId, packageFolderName } from './package-id.ts';
import { hasEnded, thisProcess } from './process-identity.ts';
import type { Rotation } from './row-file.ts';

const defaultRotation: Rotation = { rows: 100_000, bytes: 64 * 1024 * 1024 };

export type PackageStoreOptions = {
  /** `TRUNKLINE_HOME`. Packages are kept in `<home>/packages/<pipeline>`. */
  readonly home: string;
  readonly pipeline: string;
  /** How many loaded packages (manifest and receipt, no rows) are kept for looking up. Default 100. */
  readonly keep?: number;
  /** When a file of rows is ended and the next one begun. Default: 100,000 rows or 64 MiB. */
  readonly rotation?: Rotation;
  readonly clock?: Clock;
};

export interface PackageStore {
  readonly folder: string;
  /** Begins a package. `sequence` is one more than the last package, loaded or waiting. */
  draft(facts: { readonly sequence: number; readonly source: string }): Promise<Draft>;
  /** Sealed packages without a receipt, by sequence. Throws `LoadRefused` naming a manifest that cannot be read. */
  pending(): Promise<readonly SealedPackage[]>;
  /** Notes what the destination confirmed and deletes the rows. */
  done(sealed: SealedPackage, receipt: Receipt): Promise<void>;
  /** Notes why a package could not be loaded, counting the attempts. */
  failed(sealed: SealedPackage, error: unknown): Promise<PackageFailure>;
  /** What is known about the last failed attempt; null when none failed. */
  failure(sealed: SealedPackage): Promise<PackageFailure | null>;
  /** Throws a sealed package away, rows and all: what it brought must be read again. */
  discard(sealed: SealedPackage): Promise<void>;
  /** Receipts of loaded packages that are still kept, oldest first. */
  receipts(): Promise<readonly Receipt[]>;
}

/**
 * Opens the folder of packages, creating it, and removes drafts whose writers have ended.
 * Throws `PackageUnwritable` when the folder cannot be written.
 */
export async function openPackages(options: PackageStoreOptions): Promise<PackageStore> {
  const { home, pipeline, keep = 100, rotation = defaultRotation, clock = systemClock } = options;
  if (!/^[\w.-]{1,100}$/.test(pipeline) || pipeline.startsWith('.')) {
    throw new UsageError({
      code: 'pipeline_name',
      message: `"${pipeline}" cannot name a pipeline.`,
      hint: 'Use letters, digits, dots, dashes and underscores, such as "main".',
    });
  }
  const folder = join(home, 'packages', pipeline);
  await guarded(folder, async () => {
    await mkdir(folder, { recursive: true, mode: folderMode });
    await removeDeadDrafts(folder);
    await finishDone(folder);
  });

  return {
    folder,
    draft: ({ sequence, source }) =>
      guarded(folder, async () => {
        const packageId = createPackageId(clock.now());
        const path = join(folder, packageFolderName(sequence, packageId));
        await mkdir(path, { mode: folderMode });
        await writeLock(path);
        await createDraftFolders(path);
        await syncPath(folder);
        return new Draft({ folder: path, packageId, sequence, pipeline, source, rotation, now: () => new Date(clock.now()) });
      }),
    pending: async () => {
      const sealed: SealedPackage[] = [];
      for (const path of await packageFolders(folder)) {
        if ((await has(path, 'manifest.json')) && !(await has(path, 'receipt.json'))) sealed.push(await readManifest(path));
      }
      return sealed.sort((a, b) => a.manifest.sequence - b.manifest.sequence);
    },
    done: (sealed, receipt) =>
      guarded(folder, async () => {
        await writeDurably(join(sealed.folder, 'receipt.json'), `${JSON.stringify(receipt, null, 1)}\n`);
        await removeRows(sealed.folder);
        await forgetOldest(folder, keep);
      }),
    failed: (sealed, error) =>
      guarded(folder, async () => {
        const before = await readFailure(sealed.folder);
        const at = new Date(clock.now()).toISOString();
        const failure: PackageFailure = {
          attempts: (before?.attempts ?? 0) + 1,
          code: isTrunklineError(error) ? error.code : 'internal',
          message: messageOf(error),
          retryable: isTrunklineError(error) && error.retryable,
          firstAt: before?.firstAt ?? at,
          lastAt: at,
        };
        await writeDurably(join(sealed.folder, 'failure.json'), `${JSON.stringify(failure, null, 1)}\n`);
        return failure;
      }),
    failure: (sealed) => readFailure(sealed.folder),
    discard: (sealed) => guarded(folder, () => rm(sealed.folder, { recursive: true, force: true })),
    receipts: async () => {
      const receipts: Receipt[] = [];
      for (const path of await packageFolders(folder)) {
        const text = await readIfThere(join(path, 'receipt.json'));
        if (text !== null) receipts.push(JSON.parse(text) as Receipt);
      }
      return receipts.sort((a, b) => a.sequence - b.sequence);
    },
  };
}

async function guarded<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw unwritable(error, folder);
  }
}

async function packageFolders(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && /^\d{10,}-/.test(entry.name))
    .map((entry) => join(folder, entry.name))
    .sort();
}

async function writeLock(path: string): Promise<void> {
  const handle = await open(join(path, 'draft.lock'), 'wx', fileMode);
  try {
    const { host, pid, startedAt } = thisProcess('');
    await handle.writeFile(JSON.stringify({ host, pid, startedAt }));
  } finally {
    await handle.close();
  }
}

/** A folder without a manifest is garbage, because the state did not move. Unless somebody is still writing it. */
async function removeDeadDrafts(folder: string): Promise<void> {
  for (const path of await packageFolders(folder)) {
    if (await has(path, 'manifest.json')) continue;
    const writer = parseWriter(await readIfThere(join(path, 'draft.lock')));
    if (writer === null ? await isFresh(path) : !hasEnded(writer)) continue;
    await rm(path, { recursive: true, force: true });
  }
}

/** A folder whose lock is not written yet belongs to somebody who is just beginning. */
async function isFresh(path: string): Promise<boolean> {
  const ageMs = Date.now() - (await stat(path)).mtimeMs;
  return ageMs >= 0 && ageMs < 60_000;
}

function parseWriter(text: string | null): { host: string; pid: number; startedAt: string } | null {
  if (text === null || text === '') return null;
  try {
    return JSON.parse(text) as { host: string; pid: number; startedAt: string };
  } catch {
    return null;
  }
}

/** Rows that were left when a process ended between its receipt and its clearing up. */
async function finishDone(folder: string): Promise<void> {
  for (const path of await packageFolders(folder)) if (await has(path, 'receipt.json')) await removeRows(path);
}

async function removeRows(path: string): Promise<void> {
  for (const entry of await readdir(path)) {
    if (entry === 'manifest.json' || entry === 'receipt.json') continue;
    await rm(join(path, entry), { recursive: true, force: true });
  }
}

async function forgetOldest(folder: string, keep: number): Promise<void> {
  const done: string[] = [];
  for (const path of await packageFolders(folder)) if (await has(path, 'receipt.json')) done.push(path);
  for (const path of done.slice(0, Math.max(0, done.length - keep))) await rm(path, { recursive: true, force: true });
}

async function readFailure(path: string): Promise<PackageFailure | null> {
  const text = await readIfThere(join(path, 'failure.json'));
  return text === null ? null : (JSON.parse(text) as PackageFailure);
}

async function has(path: string, name: string): Promise<boolean> {
  return (await readdir(path)).includes(name);
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}
