import { resolve } from 'node:path';
import type { Clock } from '../base/index.ts';
import type { LockWait, QueryResult } from '../load/index.ts';
import { queryDuckdb } from './duckdb/query-file.ts';
import type { DestinationUrl } from './url.ts';

export type ReadOptions = {
  readonly cwd: string;
  readonly dataset: string;
  readonly memory?: string | undefined;
  readonly clock?: Clock | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called again and again while somebody else holds the destination and there is no snapshot. */
  readonly onWait?: ((wait: LockWait) => void) | undefined;
  /** The rows end after this many. */
  readonly maximumRows?: number | undefined;
};

/**
 * Answers one read-only query about what was loaded, also while another process loads: then a snapshot answers, and
 * `snapshotAgeMs` says how old it is. Throws `UsageError` when the SQL is wrong, `DestinationUnreachable` when nothing was
 * loaded yet, `DestinationLocked` when there is no snapshot and the wait was too long.
 */
export function readDestination(
  url: DestinationUrl,
  sql: string,
  options: ReadOptions,
): Promise<{ readonly result: QueryResult; readonly snapshotAgeMs: number | null }> {
  const { cwd, ...rest } = options;
  return queryDuckdb({ ...rest, path: resolve(cwd, url.path), sql });
}
