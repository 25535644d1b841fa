import type { QueryResult } from '../load/index.ts';
import { conditionsSql, nameSql } from './where.ts';
import type { Where } from './where.ts';

/** The rows of a table as objects, read as they are asked for. Each `for await` reads anew. */
export interface Table<Row> extends AsyncIterable<Row> {
  /** Only the rows that meet these conditions, besides those asked for before. */
  where(conditions: Where<Row>): Table<Row>;
  /** No more than this many rows, in no particular order. */
  limit(rows: number): Table<Row>;
}

type Ask = (sql: string) => Promise<QueryResult>;

export function tableOf<Row>(name: string, ask: Ask, conditions: readonly string[] = [], limit: number | null = null): Table<Row> {
  return {
    where: (more) => {
      const sql = conditionsSql(more);
      return tableOf(name, ask, sql === '' ? conditions : [...conditions, sql], limit);
    },
    limit: (rows) => tableOf(name, ask, conditions, Math.max(0, Math.floor(rows))),
    [Symbol.asyncIterator]: () => {
      const filter = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
      const end = limit === null ? '' : ` LIMIT ${limit}`;
      // The type of a table's rows is made from the same declarations as its columns.
      return rowsOf(() => ask(`SELECT * FROM ${nameSql(name)}${filter}${end}`)) as AsyncGenerator<Row, void>;
    },
  };
}

/** Rows as objects; moments become `Date`. */
export async function* rowsOf(ask: () => Promise<QueryResult>): AsyncGenerator<Record<string, unknown>, void> {
  const { columns, rows } = await ask();
  for await (const row of rows) {
    yield Object.fromEntries(columns.map(({ name, type }, index) => [name, isMoment(type) ? dateOf(row[index]) : row[index]]));
  }
}

function isMoment(type: string): boolean {
  return type.startsWith('TIMESTAMP');
}

function dateOf(value: unknown): unknown {
  return typeof value === 'string' ? new Date(value) : value;
}
