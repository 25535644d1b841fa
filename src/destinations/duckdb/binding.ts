// DuckDB's own library, loaded when it is first needed: everything else in Trunkline works without it.
import type * as nodeApi from '@duckdb/node-api';
import { EnvironmentError, messageOf } from '../../base/index.ts';

export type Binding = typeof nodeApi;

let binding: Promise<Binding> | null = null;

/** Throws `EnvironmentError` when the optional package is not there or has no binary for this platform. */
export async function loadBinding(): Promise<Binding> {
  binding ??= import('@duckdb/node-api');
  try {
    return await binding;
  } catch (error) {
    binding = null;
    throw new EnvironmentError(
      {
        code: 'duckdb_missing',
        message: `DuckDB's library @duckdb/node-api could not be loaded on ${process.platform}-${process.arch}: ${messageOf(error).split('\n', 1)[0] ?? ''}`,
        hint: 'Run "npm install @duckdb/node-api" without --omit=optional, or choose another destination.',
      },
      { cause: error },
    );
  }
}
