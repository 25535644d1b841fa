// destinations/duckdb/: a DuckDB file as a destination, and read-only SQL on one.
// In: sealed packages, SQL. Out: receipts, rows. Never: two instances on one file, or a file kept open between two uses.
export { duckdb } from './destination.ts';
export type { DuckdbOptions } from './options.ts';
export { queryDuckdb } from './query-file.ts';
export type { DuckdbAnswer, DuckdbQuery } from './query-file.ts';
