import { resolve } from 'node:path';
import type { Clock } from '../base/index.ts';
import type { Destination } from '../load/index.ts';
import { duckdb } from './duckdb/destination.ts';
import type { DestinationUrl } from './url.ts';

/** The destination that a URL means. Relative paths start at `cwd`. Opens nothing. Throws `UsageError` for a dataset it cannot hold. */
export function createDestination(
  url: DestinationUrl,
  options: {
    readonly cwd: string;
    readonly dataset: string;
    readonly memory?: string | undefined;
    /** How long to wait while somebody else keeps it locked. Default: 10 minutes. */
    readonly lockWaitMs?: number | undefined;
    readonly clock?: Clock | undefined;
  },
): Destination {
  const { cwd, dataset, memory, lockWaitMs, clock } = options;
  return duckdb({ path: resolve(cwd, url.path), dataset, memory, lockWaitMs, clock });
}
