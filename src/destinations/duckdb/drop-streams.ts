// Forgets streams: tables, views, state, quarantine and marks, in the running transaction.
import { type DroppedStream, hashTables, rootNameOf } from '../../load/index.ts';
import type { Bookkeeping } from './bookkeeping.ts';
import type { Database } from './database.ts';

export async function dropStreams(
  database: Database,
  books: Bookkeeping,
  facts: { readonly pipeline: string; readonly streams: readonly DroppedStream[]; readonly at: string },
): Promise<void> {
  const committed = await books.tables();
  const named = new Set(facts.streams.flatMap((stream) => stream.tables));
  // A child table never outlives its parent, named or not.
  const below = Object.values(committed).filter((table) => named.has(rootNameOf(committed, table) ?? ''));
  const gone = new Set([...named, ...below.map((table) => table.name)]);
  for (const table of gone) {
    await database.run(`DROP VIEW IF EXISTS ${books.table(`live_${table}`)}`);
    await database.run(`DROP TABLE IF EXISTS ${books.table(table)}`);
    await database.run(`DELETE FROM ${books.table('_trunkline_quarantine')} WHERE table_name = $1`, [table]);
    await database.run(`DELETE FROM ${books.table('_trunkline_patches')} WHERE table_name = $1`, [table]);
  }
  for (const { stream } of facts.streams) {
    await database.run(`DELETE FROM ${books.table('_trunkline_state')} WHERE pipeline = $1 AND stream = $2`, [facts.pipeline, stream]);
  }
  const left = Object.fromEntries(Object.entries(committed).filter(([table]) => !gone.has(table)));
  await books.saveTables(left, hashTables(left), 'drop', facts.at);
}
