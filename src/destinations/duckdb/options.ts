import type { Clock } from '../../base/index.ts';

export type DuckdbOptions = {
  /** The database file. Created by the first load; its folder must exist. */
  readonly path: string;
  /** The schema that holds everything of ours. Default `aircall_data`. */
  readonly dataset?: string | undefined;
  /**
   * DuckDB's working memory, such as `128MB` (the default) or `2GB`. A package that does not fit into it, because its rows
   * are very wide, is given up to four times as much.
   */
  readonly memory?: string | undefined;
  /**
   * Threads of DuckDB. Default 1: loading is not faster with more, and each needs buffers of its own, for which the default
   * memory is too small.
   */
  readonly threads?: number | undefined;
  /** How long to wait for another holder of the file, in milliseconds, before `DestinationLocked`. Default 10 minutes. */
  readonly lockWaitMs?: number | undefined;
  /** How long a lease lasts when its holder falls silent, in milliseconds. Default 60,000. */
  readonly leaseMs?: number | undefined;
  readonly clock?: Clock | undefined;
};

export const defaults = { dataset: 'aircall_data', memory: '128MB', threads: 1, lockWaitMs: 600_000, leaseMs: 60_000 } as const;

/** Settings that every instance is opened with. */
export function instanceSettings(options: DuckdbOptions): Readonly<Record<string, string>> {
  return {
    memory_limit: options.memory ?? defaults.memory,
    threads: String(options.threads ?? defaults.threads),
    preserve_insertion_order: 'false',
    // For files that are new: a column being written needs at least one block, and tables of calls have many columns.
    default_block_size: '65536',
    // At a checkpoint DuckDB puts small row groups together and copies all their rows to do so. The packages of a first sync
    // would have the same rows copied again and again. `compactSql` is for all other loads.
    max_vacuum_tasks: '0',
  };
}

/** Lets checkpoints put small row groups together, one step each: what many small packages leave behind would pile up. */
export const compactSql = 'SET max_vacuum_tasks = 1';
