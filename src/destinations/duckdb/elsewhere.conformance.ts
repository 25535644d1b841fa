// The destination in another process, for the conformance suite.
import type { Destination } from '../../load/index.ts';
import { duckdb } from './destination.ts';
import type { DuckdbOptions } from './options.ts';

/** @public Called in a process of its own. */
export function open(path: string, options: Partial<DuckdbOptions>): Destination {
  return duckdb({ path, ...options });
}
