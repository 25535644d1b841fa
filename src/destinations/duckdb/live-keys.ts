// The keys of all rows that live, page by page: the file is not kept open while somebody works on a page.
import type { ColumnType } from '../../rows/index.ts';
import type { Database } from './database.ts';
import { Bookkeeping } from './bookkeeping.ts';
import { name } from './names.ts';
import { keyOf } from '../../load/index.ts';
import { duckdbTypes } from './types.ts';

const pageRows = 100_000;

export type LiveKeys = {
  readonly dataset: string;
  readonly table: string;
  /** Only rows whose column lies between the two moments, both included. */
  readonly between?: { readonly column: string; readonly from: string; readonly to: string } | undefined;
};

export async function* liveKeyPages(
  reading: <T>(work: (database: Database) => Promise<T>) => Promise<T>,
  { dataset, table, between }: LiveKeys,
): AsyncGenerator<readonly string[], void> {
  for (let after: string | null = null; ;) {
    const last: string | null = after;
    const page: readonly string[] = await reading(async (database) => {
      const books = new Bookkeeping(database, dataset);
      const shape = (await books.exists()) ? (await books.tables())[table] : undefined;
      if (shape === undefined) return [];
      const key = keyOf(shape);
      const type: ColumnType = key.type;
      const conditions = ['_deleted_at IS NULL'];
      const values: string[] = [];
      const bound = (value: string, as: string) => `$${values.push(value)}::${as}`;
      if (last !== null) conditions.push(`${name(key.name)} > ${bound(last, duckdbTypes[type])}`);
      if (between !== undefined) {
        const column = name(between.column);
        conditions.push(`${column} BETWEEN ${bound(between.from, 'TIMESTAMPTZ')} AND ${bound(between.to, 'TIMESTAMPTZ')}`);
      }
      const rows = await database.rows(
        `SELECT ${name(key.name)}::VARCHAR FROM ${books.table(table)} WHERE ${conditions.join(' AND ')}
          ORDER BY ${name(key.name)} LIMIT ${pageRows}`,
        values,
      );
      return rows.map((row) => String(row[0]));
    });
    yield page;
    if (page.length < pageRows) return;
    after = page.at(-1) ?? null;
  }
}
