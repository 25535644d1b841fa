// The tables as the schema writers see them: every column a table really has, system columns included.
import type { ColumnType, TableSet } from '../../rows/index.ts';

export type DescribedColumn = {
  readonly name: string;
  readonly type: ColumnType;
  readonly meaning: string | null;
  /** False only for columns that identify a row. */
  readonly nullable: boolean;
};

export type DescribedTable = {
  readonly stream: string;
  readonly name: string;
  readonly key: readonly string[];
  /** The table whose rows these belong to, and by which columns they find each other. */
  readonly parent: { readonly table: string; readonly columns: readonly { readonly own: string; readonly parents: string }[] } | null;
  readonly columns: readonly DescribedColumn[];
};

/** Tables that several streams fill appear once, with the columns of all of them. */
export function describeTables(sets: readonly { readonly stream: string; readonly tables: TableSet }[]): readonly DescribedTable[] {
  const described = new Map<string, DescribedTable>();
  for (const { stream, tables } of sets) {
    for (const table of Object.values(tables)) described.set(table.name, describe(stream, table.name, tables));
  }
  return [...described.values()];
}

function describe(stream: string, name: string, tables: TableSet): DescribedTable {
  const table = tables[name];
  if (table === undefined) return { stream, name, key: [], parent: null, columns: [] };
  const data = Object.entries(table.columns).map(([column, { type, meaning }]) => ({
    name: column,
    type,
    meaning: meaning ?? null,
    nullable: !table.key.includes(column),
  }));
  if (table.parent === null) return { stream, name, key: table.key, parent: null, columns: [...data, ...systemColumns] };

  const root = rootOf(name, tables);
  const rootKey = root?.key[0] ?? 'id';
  const parentIsRoot = tables[table.parent]?.parent === null;
  const links: DescribedColumn[] = [
    {
      name: '_parent_id',
      type: root?.columns[rootKey]?.type ?? 'bigint',
      meaning: `Key of the row of ${root?.name ?? ''}.`,
      nullable: false,
    },
    ...(parentIsRoot
      ? []
      : [{ name: '_parent_index', type: 'integer' as const, meaning: `Position of the row of ${table.parent}.`, nullable: false }]),
    { name: '_index', type: 'integer', meaning: 'Position in the list, from 0.', nullable: false },
  ];
  const columns = parentIsRoot
    ? [{ own: '_parent_id', parents: rootKey }]
    : [
        { own: '_parent_id', parents: '_parent_id' },
        { own: '_parent_index', parents: '_index' },
      ];
  return { stream, name, key: table.key, parent: { table: table.parent, columns }, columns: [...links, ...data, loadId] };
}

function rootOf(name: string, tables: TableSet) {
  let table = tables[name];
  while (table !== undefined && table.parent !== null) table = tables[table.parent];
  return table;
}

const loadId: DescribedColumn = { name: '_load_id', type: 'text', meaning: 'The package that wrote the row last.', nullable: true };
const systemColumns: readonly DescribedColumn[] = [
  loadId,
  { name: '_observed_at', type: 'timestamp', meaning: 'When the request that showed the row was sent.', nullable: true },
  { name: '_event_at', type: 'timestamp', meaning: 'When the last webhook changed it; null before.', nullable: true },
  { name: '_deleted_at', type: 'timestamp', meaning: 'Since when it is gone at Aircall; null while it lives.', nullable: true },
];
