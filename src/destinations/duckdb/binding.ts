// DuckDB's own library, loaded when it is first needed: everything else in Trunkline works without it.
import { createRequire } from 'node:module';
import type * as nodeApi from '@duckdb/node-api';
import { EnvironmentError, messageOf } from '../../base/index.ts';

export type Binding = typeof nodeApi;

let binding: Binding | null = null;

/**
 * The library is CommonJS in many files. `import()` would parse each of them once more, to know its names before it runs: that
 * takes three times as long as loading it.
 */
const load = createRequire(import.meta.url);

/** Throws `EnvironmentError` when the optional package is not there or has no binary for this platform. */
export function loadBinding(): Binding {
  try {
    binding ??= load('@duckdb/node-api') as Binding;
    return binding;
  } catch (error) {
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
