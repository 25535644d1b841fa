// Questions about sets of tables that every destination asks.
import { createHash } from 'node:crypto';
import type { ColumnType, Table, TableSet } from '../rows/index.ts';

/** One stream's tables: its own and the child tables of all levels. */
export type Family = { readonly root: Table; readonly children: readonly Table[] };

/** The families of a set. A child whose parents are not all in the set is refused by `checkTables`. */
export function familiesOf(tables: TableSet): readonly Family[] {
  return Object.values(tables)
    .filter((table) => table.parent === null)
    .map((root) => ({
      root,
      children: Object.values(tables).filter((table) => table !== root && rootNameOf(tables, table) === root.name),
    }));
}

/** The name of the stream's own table above a table; its own name when it is one. Null when a parent is not in the set. */
export function rootNameOf(tables: TableSet, table: Table): string | null {
  let current: Table | undefined = table;
  for (let depth = 0; current !== undefined && depth < 16; depth += 1) {
    if (current.parent === null) return current.name;
    current = tables[current.parent];
  }
  return null;
}

/** The one column that identifies a parent row, and its type. */
export function keyOf(root: Table): { readonly name: string; readonly type: ColumnType } {
  const name = root.key[0] ?? 'id';
  return { name, type: root.columns[name]?.type ?? 'bigint' };
}

/** The columns that a table has beside its data columns, in order. Those of a child start with its key. */
function systemColumns(table: Table, root: Table): Readonly<Record<string, ColumnType>> {
  if (table.parent === null) return { _load_id: 'text', _observed_at: 'timestamp', _event_at: 'timestamp', _deleted_at: 'timestamp' };
  const key = Object.fromEntries(
    table.key.map((name): [string, ColumnType] => [name, name === '_parent_id' ? keyOf(root).type : 'integer']),
  );
  return { ...key, _load_id: 'text' };
}

/** All columns of a table with their types, in the order in which a new table gets them. */
export function columnTypesOf(table: Table, root: Table): Readonly<Record<string, ColumnType>> {
  const data = Object.fromEntries(Object.entries(table.columns).map(([name, column]): [string, ColumnType] => [name, column.type]));
  const system = systemColumns(table, root);
  return table.parent === null ? { ...data, ...system } : { ...system, ...data };
}

const wider: Readonly<Record<ColumnType, readonly ColumnType[]>> = {
  integer: ['bigint', 'double', 'text', 'json'],
  bigint: ['double', 'text', 'json'],
  double: ['text', 'json'],
  boolean: ['text', 'json'],
  timestamp: ['text', 'json'],
  text: ['json'],
  json: [],
};

/** True when every value of `from` can be held by `to`. Equal types are not wider. */
export function isWider(from: ColumnType, to: ColumnType): boolean {
  return wider[from].includes(to);
}

/** A hash of the shape, equal for equal tables whatever the order of their names. */
export function hashTables(tables: TableSet): string {
  const plain = Object.keys(tables)
    .sort()
    .map((name) => {
      const table = tables[name];
      if (table === undefined) return undefined;
      const columns = Object.entries(table.columns).map(([column, { type, wide }]) =>
        wide === true ? [column, type, 'wide'] : [column, type],
      );
      return [name, table.parent, table.key, columns];
    });
  return `sha256:${createHash('sha256').update(JSON.stringify(plain)).digest('hex')}`;
}
