// Deletions, merged: a row whose absence was observed after the row itself is marked, or goes with its children.
import { type Family, keyOf } from '../../load/index.ts';
import { type Lines, type MergeContext, tableNames, tombstone, withTemporary } from './merge-context.ts';
import { literal, name } from './names.ts';
import { readJson } from './read-json.ts';
import { duckdbTypes } from './types.ts';

/** Returns how many rows were marked or removed. */
export async function mergeDeletions(context: MergeContext, families: readonly Family[], lines: Lines | null): Promise<number> {
  if (lines === null) return 0;
  const { database } = context;
  const columns = { table: 'VARCHAR', key: 'VARCHAR', deletedAt: 'TIMESTAMPTZ', observedAt: 'TIMESTAMPTZ', mode: 'VARCHAR' };
  await database.run(
    `CREATE TEMP TABLE deletions AS SELECT "table" AS table_name, "key" AS row_key, deletedAt AS deleted_at, observedAt AS observed_at, mode
      FROM ${readJson(lines.files, columns)}
      QUALIFY row_number() OVER (PARTITION BY table_name, row_key ORDER BY observed_at DESC, mode DESC) = 1`,
  );
  return withTemporary(database, ['deletions'], async () => {
    let deleted = 0;
    for (const family of families) deleted += await deleteFrom(context, family);
    return deleted;
  });
}

async function deleteFrom(context: MergeContext, family: Family): Promise<number> {
  const { database, packageId, place } = context;
  const key = keyOf(family.root);
  const root = place(family.root.name);
  const keyType = duckdbTypes[context.realTypes(family.root.name)[key.name] ?? key.type];
  await database.run(
    `CREATE TEMP TABLE gone AS SELECT TRY_CAST(row_key AS ${keyType}) AS key, row_key, deleted_at, observed_at, mode
      FROM deletions WHERE table_name = ${literal(family.root.name)}`,
  );
  return withTemporary(database, ['gone'], async () => {
    if ((await database.count('SELECT count(*) FROM gone')) === 0) return 0;
    const newer = `stored.${name(key.name)} = gone.key AND stored._observed_at > gone.observed_at`;
    await database.run(`DELETE FROM gone USING ${root} AS stored WHERE ${newer}`);
    const marked = await database.count(
      `SELECT count(*) FROM ${root} AS stored JOIN gone ON stored.${name(key.name)} = gone.key WHERE gone.mode = 'mark' AND stored._deleted_at IS NULL`,
    );
    // Absence is an observation like any other: an older row that arrives later must not bring the key back to life.
    await database.run(
      `UPDATE ${root} AS stored SET _deleted_at = coalesce(stored._deleted_at, gone.deleted_at), _observed_at = gone.observed_at, _load_id = ${literal(packageId)}
        FROM gone WHERE stored.${name(key.name)} = gone.key AND gone.mode = 'mark'`,
    );
    for (const child of family.children) {
      await database.run(`DELETE FROM ${place(child.name)} WHERE _parent_id IN (SELECT key FROM gone WHERE mode = 'remove')`);
    }
    const removed = await database.run(`DELETE FROM ${root} WHERE ${name(key.name)} IN (SELECT key FROM gone WHERE mode = 'remove')`);
    const marks = place('_trunkline_patches');
    await database.run(
      `DELETE FROM ${marks} WHERE table_name IN (${tableNames(family)}) AND column_name <> ${literal(tombstone)}
        AND row_key IN (SELECT row_key FROM gone WHERE mode = 'remove')`,
    );
    // One tombstone for each key without a row, the newest.
    const itsTombstone = `mark.table_name = ${literal(family.root.name)} AND mark.row_key = gone.row_key AND mark.column_name = ${literal(tombstone)}`;
    await database.run(`DELETE FROM ${marks} AS mark USING gone WHERE ${itsTombstone} AND mark.event_at <= gone.observed_at`);
    await database.run(
      `INSERT INTO ${marks} SELECT ${literal(family.root.name)}, gone.row_key, ${literal(tombstone)}, gone.observed_at FROM gone
        WHERE gone.key IS NOT NULL AND NOT EXISTS (SELECT 1 FROM ${root} AS stored WHERE stored.${name(key.name)} = gone.key)
          AND NOT EXISTS (SELECT 1 FROM ${marks} AS mark WHERE ${itsTombstone})`,
    );
    return marked + removed;
  });
}
