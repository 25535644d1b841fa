import { resolve } from 'node:path';
import { parseDestinationUrl, readDestination } from '../destinations/index.ts';
import { defaultDataset } from './defaults.ts';
import type { Rows } from './row-types.ts';
import { rowsOf, tableOf } from './table.ts';
import type { Table } from './table.ts';

export type OpenOptions = {
  /** Schema that holds the tables. Default: `aircall_data`. */
  readonly dataset?: string | undefined;
  /** Working memory of DuckDB. Default: `128MB`. */
  readonly memory?: string | undefined;
  /** Ends queries. */
  readonly signal?: AbortSignal | undefined;
};

/** What was loaded, to be read. Holds no file open between two readings. */
export interface OpenedDestination {
  /**
   * The rows of a table: `calls`, `calls__tags`, … or without those that are gone at Aircall `live_calls`, `live_calls__tags`.
   * Columns that appeared only in the data are in the objects, too.
   */
  table<Name extends keyof Rows>(name: Name): Table<Rows[Name]>;
  /** Read-only SQL; tables need no schema. 64-bit integers are bigint, moments `Date`. */
  sql(text: string): AsyncIterable<Readonly<Record<string, unknown>>>;
  /** Ends what is still being read. Safe to call twice. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Opens what was loaded into a destination. While a sync writes to it, the last snapshot is read. Throws `UsageError` for a
 * URL that is not understood; reading throws `DestinationUnreachable` when nothing was loaded yet.
 *
 *     for await (const call of open('duckdb:./aircall.duckdb').table('calls').where({ direction: 'inbound' })) …
 */
export function open(url: string, options: OpenOptions = {}): OpenedDestination {
  const destination = parseDestinationUrl(url);
  const { dataset = defaultDataset, memory } = options;
  const closing = new AbortController();
  const signal = options.signal === undefined ? closing.signal : AbortSignal.any([closing.signal, options.signal]);
  const cwd = resolve('.');
  const ask = async (sql: string) => (await readDestination(destination, sql, { cwd, dataset, memory, signal })).result;
  const close = () => {
    closing.abort();
    return Promise.resolve();
  };
  return {
    table: (name) => tableOf(name, ask),
    sql: (text) => ({ [Symbol.asyncIterator]: () => rowsOf(() => ask(text)) }),
    close,
    [Symbol.asyncDispose]: close,
  };
}
