// Queries from a process that does not load: the file itself when it is free, else its snapshot.
import { stat } from 'node:fs/promises';
import { systemClock } from '../../base/index.ts';
import { DestinationLocked, DestinationUnreachable, type LockWait, type QueryResult } from '../../load/index.ts';
import { openToRead, type OpenedFile, type Waiting } from './open-files.ts';
import { defaults, type DuckdbOptions, instanceSettings } from './options.ts';
import { runQuery, sandboxSettings } from './query.ts';
import { snapshotAge, snapshotPath } from './snapshot.ts';

/** How long a query waits for the file before it takes the snapshot. */
const patienceMs = 400;

export type DuckdbQuery = DuckdbOptions & {
  readonly sql: string;
  readonly maximumRows?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onWait?: ((wait: LockWait) => void) | undefined;
};

export type DuckdbAnswer = {
  readonly result: QueryResult;
  /** How old the data is, in milliseconds, when a snapshot answered; null when the file itself did. */
  readonly snapshotAgeMs: number | null;
};

/**
 * Answers one read-only query. While another process has the file, its snapshot answers; without a snapshot the query waits.
 * Throws `UsageError` when the SQL is wrong, `DestinationLocked` when the wait was too long, `DestinationUnreachable` when
 * there is no file yet.
 */
export async function queryDuckdb(query: DuckdbQuery): Promise<DuckdbAnswer> {
  const label = `duckdb:${query.path}`;
  const clock = query.clock ?? systemClock;
  const lockWaitMs = query.lockWaitMs ?? defaults.lockWaitMs;
  const waiting: Waiting = { label, clock, signal: query.signal, onWait: query.onWait, lockWaitMs };
  const found = await stat(query.path).catch(() => null);
  if (found === null || found.size === 0) {
    throw new DestinationUnreachable({ label, reason: 'nothing was loaded into it yet.', hint: 'Run "trunkline sync" first.' });
  }
  const settings = { ...instanceSettings(query), ...sandboxSettings };
  const { file, snapshotAgeMs } = await openFileOrSnapshot(query.path, settings, waiting);
  const dataset = query.dataset ?? defaults.dataset;
  const result = await runQuery(file, { sql: query.sql, dataset, label, signal: query.signal, maximumRows: query.maximumRows });
  return { result, snapshotAgeMs };
}

/** Opens the file for reading, or its snapshot where there is one and another process keeps the file. */
export async function openFileOrSnapshot(
  path: string,
  settings: Readonly<Record<string, string>>,
  waiting: Waiting,
): Promise<{ readonly file: OpenedFile; readonly snapshotAgeMs: number | null }> {
  const snapshotAgeMs = await snapshotAge(path, waiting.clock.now());
  if (snapshotAgeMs === null) return { file: await openToRead(path, settings, waiting), snapshotAgeMs };
  try {
    const lockWaitMs = Math.min(patienceMs, waiting.lockWaitMs);
    return { file: await openToRead(path, settings, { ...waiting, lockWaitMs, onWait: undefined }), snapshotAgeMs: null };
  } catch (error) {
    if (!(error instanceof DestinationLocked)) throw error;
    return { file: await openToRead(snapshotPath(path), settings, waiting), snapshotAgeMs };
  }
}
