import { resolve } from 'node:path';
import { systemClock } from '../base/index.ts';
import type { LockWait } from '../load/index.ts';
import { exportParquet as fromDuckdb } from './duckdb/export-parquet.ts';
import { defaults } from './duckdb/options.ts';
import type { DestinationUrl } from './url.ts';

/** Writes the answer of a query to a Parquet file; like `readDestination` otherwise. Throws `UsageError` when the SQL or the file cannot be used. */
export function exportParquet(
  url: DestinationUrl,
  options: {
    readonly cwd: string;
    readonly dataset: string;
    readonly memory?: string | undefined;
    readonly signal?: AbortSignal | undefined;
    readonly lockWaitMs?: number | undefined;
    readonly onWait?: ((wait: LockWait) => void) | undefined;
    readonly sql: string;
    /** Absolute. */
    readonly path: string;
  },
): Promise<{ readonly snapshotAgeMs: number | null }> {
  const { cwd, dataset, memory, signal, lockWaitMs = defaults.lockWaitMs, onWait, sql, path } = options;
  const waiting = { label: url.label, clock: systemClock, signal, lockWaitMs, onWait };
  return fromDuckdb({ path: resolve(cwd, url.path), dataset, memory }, { sql, path, waiting });
}
