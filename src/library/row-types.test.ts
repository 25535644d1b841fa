import { expect, test } from 'vitest';
import { declaredTables } from '../rows/index.ts';
import type { ColumnType, Table } from '../rows/index.ts';
import { streams } from '../streams/index.ts';

const types: Readonly<Record<ColumnType, string>> = {
  text: 'string',
  bigint: 'bigint',
  integer: 'number',
  double: 'number',
  boolean: 'boolean',
  timestamp: 'Date',
  json: 'ExactJson',
};

test('the types of rows are those of the declared columns', async () => {
  const tables = new Map<string, Table>();
  for (const stream of streams) for (const table of Object.values(declaredTables(stream.shape))) tables.set(table.name, table);
  const all = [...tables.values()];
  const text = [
    '// The rows of every declared table. Made from the declarations of the streams by row-types.test.ts; not edited by hand.',
    "import type { ExactJson } from '../base/index.ts';",
    '',
    '/** Columns of every row that stands for an object of Aircall. */',
    'type OfObject = {',
    '  /** The package that wrote the row last. */',
    '  readonly _load_id: string;',
    '  /** When the request that showed the row was sent. */',
    '  readonly _observed_at: Date;',
    '  /** When the last webhook changed it; null before. */',
    '  readonly _event_at: Date | null;',
    '  /** Since when it is gone at Aircall; null while it lives. */',
    '  readonly _deleted_at: Date | null;',
    '};',
    '',
    ...all.flatMap((table) => [...rowType(table, tables), '']),
    '/** The row of every table by its name, and of the views that show only what is not gone. */',
    'export type Rows = {',
    ...all.flatMap(({ name }) => [`  readonly ${name}: ${typeName(name)};`, `  readonly live_${name}: ${typeName(name)};`]),
    '};',
    '',
  ].join('\n');
  await expect(text).toMatchFileSnapshot('./row-types.ts');
});

function rowType(table: Table, tables: ReadonlyMap<string, Table>): string[] {
  const columns = Object.entries(table.columns).flatMap(([name, { type, meaning }]) => [
    ...(meaning === undefined ? [] : [`  /** ${meaning.replaceAll('*/', '* /')} */`]),
    `  readonly ${name}: ${types[type]}${table.key.includes(name) || type === 'json' ? '' : ' | null'};`,
  ]);
  if (table.parent === null) return [`export type ${typeName(table.name)} = OfObject & {`, ...columns, '};'];
  let root: Table = table;
  while (root.parent !== null) root = tables.get(root.parent) ?? { ...root, parent: null };
  const keyType = types[root.columns[root.key[0] ?? '']?.type ?? 'bigint'];
  return [
    `export type ${typeName(table.name)} = {`,
    `  /** Key of the row of ${root.name}. */`,
    `  readonly _parent_id: ${keyType};`,
    ...(table.parent === root.name ? [] : [`  /** Position of the row of ${table.parent}. */`, '  readonly _parent_index: number;']),
    '  /** Position in the list, from 0. */',
    '  readonly _index: number;',
    '  /** The package that wrote the row last. */',
    '  readonly _load_id: string;',
    ...columns,
    '};',
  ];
}

function typeName(table: string): string {
  const words = table.split('_').filter((word) => word !== '');
  return `${words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')}Row`;
}
