import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { messageOf, UsageError } from '../base/index.ts';
import { checkDataset, createDestination, parseDestinationUrl } from '../destinations/index.ts';
import { sync as run } from '../sync/index.ts';
import type { SyncOptions as RunOptions, SyncResult } from '../sync/index.ts';
import { connect } from './connect.ts';
import type { ConnectOptions } from './connect.ts';
import { defaultDestination, defaultDataset } from './defaults.ts';

/** How to reach Aircall, where to load, and what to read. Everything but the credential has a default. */
export type SyncOptions = Omit<ConnectOptions, 'stateFolder'> &
  Omit<RunOptions, 'aircall' | 'destination' | 'home' | 'requestsPerMinute'> & {
    /** Default: `duckdb:./aircall.duckdb`. Relative paths start at the working folder. */
    readonly destination?: string | undefined;
    /** Schema that holds the tables. Default: `aircall_data`. */
    readonly dataset?: string | undefined;
    /** Folder for packages, readable by its owner only. Default: `.trunkline`. */
    readonly home?: string | undefined;
    /** Working memory of DuckDB. Default: `128MB`. */
    readonly memory?: string | undefined;
  };

/**
 * Reads what changed at Aircall and loads it; the first time, everything Aircall still serves. May be called off at any
 * moment and goes on where it stood.
 *
 * Resolves also when streams failed or stayed incomplete: `outcome` and the results of the streams say so. Rejects with
 * `UsageError` for options that cannot be used, with `CredentialRefused`, or with an error of the destination.
 */
export async function sync(options: SyncOptions): Promise<SyncResult> {
  const { credential, baseUrl, company, quota, reserve, destination: url, dataset = defaultDataset, home, memory, ...rest } = options;
  const { signal, clock, log } = rest;
  const parsed = parseDestinationUrl(url ?? defaultDestination);
  checkDataset(dataset, parsed);
  const destination = createDestination(parsed, { cwd: resolve('.'), dataset, memory, clock });
  const folder = resolve(home ?? '.trunkline');
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new UsageError(
      {
        code: 'folder_unwritable',
        message: `The home folder cannot be made: ${messageOf(error)}`,
        hint: 'Name a folder this user may write.',
      },
      { cause: error },
    );
  }
  const connection = await connect({ credential, baseUrl, company, quota, reserve, signal, clock, log });
  try {
    const requestsPerMinute = connection.budget.status().allowed;
    return await run({ ...rest, aircall: connection.aircall, destination, home: folder, requestsPerMinute });
  } finally {
    await connection.close();
  }
}
