// destinations/: the places Trunkline can load into. One folder each; this door tells them apart by URL.
// In: a destination URL, sealed packages, SQL. Out: receipts, rows. Never: requests to Aircall, or a library of a database
// loaded before it is used.
export { checkDataset, parseDestinationUrl } from './url.ts';
export type { DestinationUrl } from './url.ts';
export { createDestination } from './create.ts';
export { exportParquet } from './export.ts';
export { readDestination } from './read.ts';
export type { ReadOptions } from './read.ts';
export { duckdb } from './duckdb/destination.ts';
export type { DuckdbOptions } from './duckdb/options.ts';
