import type { ColumnType } from '../../rows/index.ts';
import type { DescribedTable } from './describe.ts';

const types: Readonly<Record<ColumnType, string>> = {
  text: 'VARCHAR',
  bigint: 'BIGINT',
  integer: 'INTEGER',
  double: 'DOUBLE',
  boolean: 'BOOLEAN',
  timestamp: 'TIMESTAMP WITH TIME ZONE',
  json: 'JSON',
};

/** CREATE TABLE statements as DuckDB takes them, with the meaning of each column beside it. */
export function writeSql(tables: readonly DescribedTable[], dataset: string): string {
  const statements = tables.map((table) => {
    const columns = table.columns.map(({ name, type, meaning, nullable }, index) => {
      const comma = index === table.columns.length - 1 ? '' : ',';
      const comment = meaning === null ? '' : `  -- ${meaning.replace(/\s+/g, ' ')}`;
      return `  ${quoted(name)} ${types[type]}${nullable ? '' : ' NOT NULL'}${comma}${comment}`;
    });
    const key = `-- one row per ${table.key.join(', ')}`;
    return `${key}\nCREATE TABLE ${quoted(dataset)}.${quoted(table.name)} (\n${columns.join('\n')}\n);\n`;
  });
  return `CREATE SCHEMA IF NOT EXISTS ${quoted(dataset)};\n\n${statements.join('\n')}`;
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
