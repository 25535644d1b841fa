import type { Session } from '../load/index.ts';

/** How many rows of these tables are not marked deleted. One query for all: to open a destination costs more than to count. */
export async function countLiveRows(session: Session, tables: readonly string[]): Promise<ReadonlyMap<string, number>> {
  if (tables.length === 0) return new Map();
  const counts = tables.map((table) => `(SELECT count(*) FROM "${table}" WHERE _deleted_at IS NULL)`);
  const { rows } = await session.query(`SELECT ${counts.join(', ')}`);
  for await (const row of rows) return new Map(tables.map((table, index) => [table, Number(row[index])]));
  return new Map();
}
