// Column types, both ways: what a column is created as, and what a column found in the file can hold.
import type { ColumnType } from '../../rows/index.ts';

export const duckdbTypes: Readonly<Record<ColumnType, string>> = {
  text: 'VARCHAR',
  bigint: 'BIGINT',
  integer: 'INTEGER',
  double: 'DOUBLE',
  boolean: 'BOOLEAN',
  timestamp: 'TIMESTAMPTZ',
  json: 'JSON',
};

const logical = new Map<string, ColumnType>([
  ['VARCHAR', 'text'],
  ['BIGINT', 'bigint'],
  ['INTEGER', 'integer'],
  ['DOUBLE', 'double'],
  ['BOOLEAN', 'boolean'],
  ['TIMESTAMP WITH TIME ZONE', 'timestamp'],
  ['JSON', 'json'],
]);

/** The logical type of a column as DuckDB names its type; null for types we never create. */
export function logicalType(duckdbType: string): ColumnType | null {
  return logical.get(duckdbType) ?? null;
}

/** A value of one type as another one that can hold it, without loss. */
export function converted(expression: string, from: ColumnType, to: ColumnType): string {
  if (from === to) return expression;
  if (to === 'json') return `to_json(${from === 'timestamp' ? isoText(expression) : expression})`;
  if (to === 'text' && from === 'timestamp') return isoText(expression);
  return `CAST(${expression} AS ${duckdbTypes[to]})`;
}

/** A moment in the form rows carry it: ISO-8601 in UTC with microseconds. */
export function isoText(expression: string): string {
  return `strftime(${expression} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ')`;
}

/** A moment of ours in the same form. */
export function momentText(date: Date): string {
  return date.toISOString().replace('Z', '000Z');
}
