// Reading what was loaded: from the destination itself, or from its last snapshot while a sync writes.
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { UsageError } from '../base/index.ts';
import { createDestination } from '../destinations/index.ts';
import type { DestinationUrl } from '../destinations/index.ts';
import { DestinationLocked } from '../load/index.ts';
import type { Session } from '../load/index.ts';
import type { Settings } from './settings/resolve.ts';
import type { World } from './world.ts';
import type { destinationSettings } from './wire.ts';

type Reading = Pick<World, 'cwd' | 'signal' | 'clock'> & { readonly settings: Settings<(typeof destinationSettings)[number]> };

export type Source = {
  readonly url: DestinationUrl;
  /** When the snapshot was made, or null when the destination itself is read. */
  readonly snapshotAt: Date | null;
};

/** A sync holds the file for moments only; longer than this is not waited for where a snapshot can answer. */
const patienceMs = 1000;

/**
 * Runs `work` on the destination. Where another process keeps it locked and there is a snapshot, runs it on that.
 * Throws `UsageError` when nothing was loaded yet, `DestinationLocked` when it is locked and there is no snapshot.
 */
export async function reading<T>(context: Reading, work: (session: Session, source: Source) => Promise<T>): Promise<T> {
  const { cwd, settings } = context;
  const { destination } = settings;
  if ((await modifiedAt(resolve(cwd, destination.path))) === null) {
    throw new UsageError({
      code: 'nothing_loaded',
      message: `There is no ${destination.label} yet.`,
      hint: 'Load it with trunkline sync, or name another one with --destination.',
    });
  }
  const snapshot = snapshotOf(destination);
  const snapshotAt = await modifiedAt(resolve(cwd, snapshot.path));
  try {
    return await on(context, { url: destination, snapshotAt: null }, snapshotAt === null ? undefined : patienceMs, work);
  } catch (error) {
    if (!(error instanceof DestinationLocked) || snapshotAt === null) throw error;
    return await on(context, { url: snapshot, snapshotAt }, undefined, work);
  }
}

async function on<T>(
  context: Reading,
  source: Source,
  lockWaitMs: number | undefined,
  work: (session: Session, source: Source) => Promise<T>,
): Promise<T> {
  const { cwd, settings, signal, clock } = context;
  const { dataset, memory } = settings;
  const session = await createDestination(source.url, { cwd, dataset, memory, clock, lockWaitMs }).open({ signal });
  try {
    return await work(session, source);
  } finally {
    await session.close();
  }
}

/** `aircall.duckdb` is copied to `aircall.read.duckdb`. */
function snapshotOf(url: DestinationUrl): DestinationUrl {
  const path = url.path.replace(/(\.[^./\\]+)?$/, '.read.duckdb');
  return { scheme: url.scheme, path, label: `duckdb:${path}` };
}

async function modifiedAt(path: string): Promise<Date | null> {
  try {
    return (await stat(path)).mtime;
  } catch {
    return null;
  }
}
