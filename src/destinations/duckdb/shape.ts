// The shape of the tables as they really are, what it should be, and the way from the one to the other. Only ever adds and
// widens: nothing is dropped, narrowed or renamed.
import { columnTypesOf, type Damage, isWider, keyOf, LoadRefused, rootNameOf } from '../../load/index.ts';
import type { Column, ColumnType, Table, TableSet } from '../../rows/index.ts';
import type { Database } from './database.ts';
import { name } from './names.ts';
import { converted, duckdbTypes, logicalType } from './types.ts';

/** DuckDB's names of the types, by table and column. */
export type RealShape = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** The real tables of the dataset. */
export async function realShape(database: Database, dataset: string): Promise<RealShape> {
  const rows = await database.rows(
    `SELECT table_name, column_name, data_type FROM duckdb_columns()
      WHERE database_name = current_database() AND schema_name = $1 AND NOT internal`,
    [dataset],
  );
  const shape = new Map<string, Map<string, string>>();
  for (const row of rows) {
    const [table, column, type] = row.map(String) as [string, string, string];
    const columns = shape.get(table) ?? new Map<string, string>();
    shape.set(table, columns.set(column, type));
  }
  return shape;
}

/**
 * The tables after a package: what was committed, with the package's new tables and columns, each column in the wider of
 * its two types. Throws `LoadRefused` where neither type can hold the values of the other.
 */
export function mergedTables(committed: TableSet, arriving: TableSet): TableSet {
  const merged: Record<string, Table> = { ...committed };
  for (const table of Object.values(arriving)) {
    const before = committed[table.name];
    const columns: Record<string, Column> = { ...before?.columns };
    for (const [column, facts] of Object.entries(table.columns)) {
      const known = before?.columns[column];
      columns[column] =
        known === undefined || known.type === facts.type || isWider(known.type, facts.type) ? facts : kept(table, column, known, facts);
    }
    merged[table.name] = { ...table, columns };
  }
  return merged;
}

function kept(table: Table, column: string, known: Column, arriving: Column): Column {
  if (isWider(arriving.type, known.type)) return { ...arriving, type: known.type };
  throw new LoadRefused({
    code: 'type_conflict',
    message: `The column ${table.name}.${column} holds ${known.type} values; the package brings ${arriving.type}, and neither fits into the other.`,
    hint: `Set the type of the field in the settings, or forget the stream with "trunkline drop" and read it again.`,
    table: table.name,
    column,
  });
}

/** Tables and columns that were committed and are gone, or have another type in which our values do not fit. */
export function damageOf(committed: TableSet, real: RealShape): readonly Damage[] {
  const damage: Damage[] = [];
  for (const table of Object.values(committed)) {
    const columns = real.get(table.name);
    if (columns === undefined) {
      damage.push({ table: table.name, column: null, found: 'missing', detail: `The table ${table.name} was dropped.` });
      continue;
    }
    for (const [column, type] of Object.entries(columnTypesOf(table, rootOf(committed, table)))) {
      const found = columns.get(column);
      if (found === undefined) {
        damage.push({ table: table.name, column, found: 'missing', detail: `The column ${table.name}.${column} was dropped.` });
      } else if (!holds(found, type)) {
        damage.push({
          table: table.name,
          column,
          found: 'altered',
          detail: `The column ${table.name}.${column} is ${found} in the file; it was created as ${duckdbTypes[type]}.`,
        });
      }
    }
  }
  return damage;
}

/**
 * Makes the real tables of `wanted` hold what their columns need, inside the running transaction. Returns the logical type
 * that each column really has now. Throws `LoadRefused` naming table and column that somebody altered by hand.
 */
export async function ensureTables(
  database: Database,
  dataset: string,
  wanted: readonly Table[],
  all: TableSet,
  real: RealShape,
): Promise<ReadonlyMap<string, Readonly<Record<string, ColumnType>>>> {
  const types = new Map<string, Readonly<Record<string, ColumnType>>>();
  for (const table of wanted) {
    const columns = columnTypesOf(table, rootOf(all, table));
    const place = `${name(dataset)}.${name(table.name)}`;
    const found = real.get(table.name);
    if (found === undefined) {
      await database.run(`CREATE TABLE ${place} (${Object.entries(columns).map(definition).join(', ')})`);
      types.set(table.name, columns);
    } else {
      types.set(table.name, await ensureColumns(database, place, table, columns, found));
    }
  }
  for (const table of wanted) await ensureLiveView(database, dataset, table, rootOf(all, table), real);
  return types;
}

async function ensureColumns(
  database: Database,
  place: string,
  table: Table,
  columns: Readonly<Record<string, ColumnType>>,
  found: ReadonlyMap<string, string>,
): Promise<Readonly<Record<string, ColumnType>>> {
  const types: Record<string, ColumnType> = {};
  for (const [column, type] of Object.entries(columns)) {
    const real = found.get(column);
    if (real === undefined) {
      await database.run(`ALTER TABLE ${place} ADD COLUMN ${definition([column, type])}`);
      types[column] = type;
      continue;
    }
    const held = logicalType(real);
    if (held !== null && isWider(held, type)) {
      await widen(database, place, table, column, held, type);
      types[column] = type;
    } else if (held !== null && holds(real, type)) {
      types[column] = held;
    } else {
      throw altered(table.name, column, real, type);
    }
  }
  return types;
}

async function widen(database: Database, place: string, table: Table, column: string, from: ColumnType, to: ColumnType): Promise<void> {
  try {
    await database.run(
      `ALTER TABLE ${place} ALTER COLUMN ${name(column)} SET DATA TYPE ${duckdbTypes[to]} USING ${converted(name(column), from, to)}`,
    );
  } catch (error) {
    throw new LoadRefused(
      {
        code: 'altered_table',
        message: `The column ${table.name}.${column} must become ${duckdbTypes[to]}, and DuckDB refuses to change it, most likely because of an index on the table.`,
        hint: 'Drop the index and run again.',
        table: table.name,
        column,
      },
      { cause: error },
    );
  }
}

/** `live_<table>`: what is not deleted. Left alone when somebody has put something else in its place. */
async function ensureLiveView(database: Database, dataset: string, table: Table, root: Table, real: RealShape): Promise<void> {
  const view = `live_${table.name}`;
  if (real.has(view)) return;
  const place = (of: string) => `${name(dataset)}.${name(of)}`;
  const alive = `SELECT * FROM ${place(table.name)}`;
  const body =
    table.parent === null
      ? `${alive} WHERE _deleted_at IS NULL`
      : `${alive} WHERE _parent_id IN (SELECT ${name(keyOf(root).name)} FROM ${place(root.name)} WHERE _deleted_at IS NULL)`;
  await database.run(`CREATE VIEW ${place(view)} AS ${body}`);
}

function definition([column, type]: readonly [string, ColumnType]): string {
  return `${name(column)} ${duckdbTypes[type]}`;
}

/** True when a column of the real type takes every value of ours. */
function holds(real: string, type: ColumnType): boolean {
  const held = logicalType(real);
  return held !== null && (held === type || isWider(type, held));
}

function altered(table: string, column: string, real: string, type: ColumnType): LoadRefused {
  return new LoadRefused({
    code: 'altered_table',
    message: `The column ${table}.${column} was altered by hand: it is ${real} and must hold ${duckdbTypes[type]}.`,
    hint: `Change it back to ${duckdbTypes[type]}, or forget the stream with "trunkline drop" and read it again.`,
    table,
    column,
  });
}

function rootOf(tables: TableSet, table: Table): Table {
  return tables[rootNameOf(tables, table) ?? table.name] ?? table;
}
