// rows/: from a record as Aircall sent it to a clean record, and from there to flat rows. Pure: no files, no clock, no network.
// In: records, declarations of aircall/, the operator's field settings. Out: clean records, rows, lines of NDJSON, table
// definitions, values set aside. Never: a value that was changed or lost without being counted or quarantined.
export type { Contract, FieldSettings, OnTypeChange, Shape } from './shape.ts';
export type { Cell, Column, ColumnType, Quarantined, Row, RowSet, Table, TableSet } from './schema.ts';
export { createNormaliser, declaredTables } from './normaliser.ts';
export type { Flattened, Normalised, NormalisedLines, Normaliser, NormaliserOptions, Patch, RowContext } from './normaliser.ts';
export type { Cleaned, CleanRecord, RecordContext } from './clean.ts';
export type { Dropped } from './secrets.ts';
export type { Limits } from './limits.ts';
export type { TableLines } from './writers.ts';
export { cleanRecordSchema } from './record-schema.ts';
export { exactJson } from './json-text.ts';
