// What the steps of a merge share: the package, the tables as they really are, and the marks that events leave behind.
import type { ColumnType } from '../../rows/index.ts';
import type { Family } from '../../load/index.ts';
import type { Database } from './database.ts';
import { literal, name } from './names.ts';
import type { JsonFile } from './read-json.ts';

export type Lines = { readonly files: readonly JsonFile[]; readonly count: number };

export type MergeContext = {
  readonly database: Database;
  readonly packageId: string;
  /** A table of the dataset, quoted. */
  readonly place: (table: string) => string;
  /** The logical types that the columns of a table really have. */
  readonly realTypes: (table: string) => Readonly<Record<string, ColumnType>>;
  /** The types that the package's lines carry. */
  readonly lineTypes: (table: string) => Readonly<Record<string, ColumnType>>;
  /** The package's lines of a kind for a table; null when it has none. */
  readonly lines: (kind: 'rows' | 'patches', table: string) => Lines | null;
};

// A mark in `_trunkline_patches` says that an event named a column at a moment: an observation from before that moment does
// not touch the column. Two marks stand for more than a column.

/** In the place of a column: all rows of a child table that belong to one parent. */
export const everyRow = '*';
/** In the place of a column: the key is gone, and no row is left to say so. */
export const tombstone = '_deleted_at';

/** True when there are marks for tables of the family. Most destinations never have any. */
export async function hasMarks(context: MergeContext, family: Family): Promise<boolean> {
  const found = await context.database.count(
    `SELECT count(*) FROM (SELECT 1 FROM ${context.place('_trunkline_patches')} WHERE table_name IN (${tableNames(family)}) LIMIT 1)`,
  );
  return found > 0;
}

/** The names of a family's tables as literals. */
export function tableNames(family: Family): string {
  return [family.root, ...family.children].map((table) => literal(table.name)).join(', ');
}

/** Runs `work` with temporary tables, which are gone afterwards. On errors the transaction takes them along. */
export async function withTemporary<T>(database: Database, tables: readonly string[], work: () => Promise<T>): Promise<T> {
  const result = await work();
  for (const table of tables) await database.run(`DROP TABLE IF EXISTS temp.${name(table)}`);
  return result;
}
