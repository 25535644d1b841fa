// rows/: from a record as Aircall sent it to a clean record, and from there to flat rows. Pure: no files, no clock.
// In: records and declarations of aircall/. Out: clean records, rows, table shapes, quarantined values.
export type { Contract, FieldSettings, OnTypeChange, Shape } from './shape.ts';
export { columnTypes, parentColumns } from './schema.ts';
export type { Cell, Column, ColumnType, Quarantined, Row, RowSet, Table, TableSet } from './schema.ts';
