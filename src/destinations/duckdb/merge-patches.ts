// Patches of one stream, merged: an event changes the columns and child tables it carries, and nothing else.
//
//   files ─► events, without those older than the row was observed ─► named: per key and column the newest event
//         ─► marks for what was named
//         ─► without what a later event named already, and what would take an ordered column back
//         ─► rows with the named columns replaced, child tables named replaced whole
import { type Family, keyOf, type TableCounts } from '../../load/index.ts';
import type { ColumnType, Table } from '../../rows/index.ts';
import { IncompleteLine } from './incomplete-line.ts';
import { everyRow, type MergeContext, tombstone, withTemporary } from './merge-context.ts';
import { list, literal, name } from './names.ts';
import { readJson } from './read-json.ts';
import { converted, duckdbTypes } from './types.ts';

export async function mergePatches(context: MergeContext, family: Family): Promise<TableCounts | null> {
  const lines = context.lines('patches', family.root.name);
  if (lines === null) return null;
  const { database } = context;
  return withTemporary(database, ['events', 'stored', 'named', 'lists', 'marks', 'changes', 'changed'], async () => {
    const key = keyOf(family.root);
    const keyType = duckdbTypes[context.realTypes(family.root.name)[key.name] ?? key.type];
    await database.run(
      `CREATE TEMP TABLE events AS SELECT ("row" ->> ${path(key.name)})::${keyType} AS key, "row", children, eventAt AS event_at, place
        FROM ${readJson(lines.files, { row: 'JSON', children: 'JSON', eventAt: 'TIMESTAMPTZ', place: 'BIGINT' })}`,
    );
    if ((await database.count('SELECT count(*) FROM events WHERE key IS NULL OR event_at IS NULL')) > 0) throw new IncompleteLine();
    await dropOutdated(context, family.root);
    await findNamed(context, family);
    await prepareMarks(context, family.root);
    await dropNamedLater(context, family.root);
    const used = await database.count('SELECT count(*) FROM (SELECT place FROM named UNION SELECT place FROM lists)');
    const written = await writeRows(context, family.root);
    for (const child of family.children) await writeList(context, child);
    await writeMarks(context);
    return { received: lines.count, written, older: lines.count - used };
  });
}

/** Drops events from before the row was observed, or before its key was gone. */
async function dropOutdated(context: MergeContext, root: Table): Promise<void> {
  const { database, place } = context;
  const key = name(keyOf(root).name);
  await database.run(
    `CREATE TEMP TABLE stored AS SELECT ${key} AS key, _observed_at AS observed_at FROM ${place(root.name)} WHERE ${key} IN (SELECT key FROM events)`,
  );
  await database.run('DELETE FROM events USING stored WHERE events.key = stored.key AND events.event_at < stored.observed_at');
  await database.run(
    `DELETE FROM events USING ${place('_trunkline_patches')} AS mark WHERE mark.table_name = ${literal(root.name)}
      AND mark.column_name = ${literal(tombstone)} AND mark.row_key = events.key::VARCHAR AND events.event_at <= mark.event_at`,
  );
}

/** Per key, the newest event that named a column, and the newest that carried a child table. Columns with an order: the furthest. */
async function findNamed(context: MergeContext, family: Family): Promise<void> {
  const { database } = context;
  const { root } = family;
  const columns = Object.keys(root.columns).filter((column) => column !== keyOf(root).name);
  const ranks = orderedColumns(root).map(([column, order]) => `WHEN column_name = ${literal(column)} THEN ${rank(order, "value ->> '$'")}`);
  await database.run(
    `CREATE TEMP TABLE named AS
      SELECT *, ${ranks.length === 0 ? '0' : `CASE ${ranks.join(' ')} ELSE 0 END`} AS rank, 0 AS stored_rank, max(event_at) OVER (PARTITION BY key, column_name) AS latest_at
      FROM (
        SELECT key, event_at, place, column_name, json_extract("row", '$."' || column_name || '"') AS value
        FROM (SELECT *, unnest(json_keys("row")) AS column_name FROM events)
        WHERE column_name IN (${literals(columns)}))
      QUALIFY row_number() OVER (PARTITION BY key, column_name ORDER BY rank DESC, event_at DESC, place DESC) = 1`,
  );
  await database.run(
    `CREATE TEMP TABLE lists AS
      SELECT key, event_at, place, table_name, json_extract(children, '$."' || table_name || '"') AS items
      FROM (SELECT *, unnest(json_keys(children)) AS table_name FROM events)
      WHERE table_name IN (${literals(family.children.map((child) => child.name))})
      QUALIFY row_number() OVER (PARTITION BY key, table_name ORDER BY event_at DESC, place DESC) = 1`,
  );
}

/** The marks after this package: for everything named, the latest moment at which it was. */
async function prepareMarks(context: MergeContext, root: Table): Promise<void> {
  const { database, place } = context;
  await database.run(
    `CREATE TEMP TABLE marks AS SELECT named.*, mark.event_at AS before_at FROM (
        SELECT ${literal(root.name)} AS table_name, key::VARCHAR AS row_key, column_name, latest_at AS event_at FROM named
        UNION ALL SELECT table_name, key::VARCHAR, ${literal(everyRow)}, event_at FROM lists) AS named
      LEFT JOIN ${place('_trunkline_patches')} AS mark USING (table_name, row_key, column_name)`,
  );
}

/** Drops what a later event of an earlier package named, and what would take a column with an order back. */
async function dropNamedLater(context: MergeContext, root: Table): Promise<void> {
  const { database, place } = context;
  for (const [column, order] of orderedColumns(root)) {
    await database.run(
      `UPDATE named SET stored_rank = ${rank(order, `stored.${name(column)}`)} FROM ${place(root.name)} AS stored
        WHERE named.column_name = ${literal(column)} AND stored.${name(keyOf(root).name)} = named.key`,
    );
  }
  const later = 'marks.row_key = key::VARCHAR AND marks.before_at > named.event_at';
  await database.run(
    `DELETE FROM named USING marks WHERE rank = stored_rank AND marks.table_name = ${literal(root.name)} AND marks.column_name = named.column_name AND ${later}`,
  );
  await database.run('DELETE FROM named WHERE rank < stored_rank');
  await database.run(
    `DELETE FROM lists AS named USING marks WHERE marks.table_name = named.table_name AND marks.column_name = ${literal(everyRow)} AND ${later}`,
  );
}

/** Replaces the rows of all keys with events; keys without a row get one, which no request has observed. */
async function writeRows(context: MergeContext, root: Table): Promise<number> {
  const { database, packageId, place } = context;
  const key = name(keyOf(root).name);
  await database.run(`INSERT INTO ${place(root.name)} (${key}) SELECT DISTINCT key FROM events WHERE key NOT IN (SELECT key FROM stored)`);
  await database.run(
    `CREATE TEMP TABLE changes AS SELECT events.key, max(events.event_at) AS event_at, any_value(new.values) AS values FROM events
      LEFT JOIN (SELECT key, map(list(column_name), list(value)) AS values FROM named GROUP BY key) AS new ON new.key = events.key
      GROUP BY events.key`,
  );
  const columns = (await database.rows('SELECT DISTINCT column_name FROM named ORDER BY 1')).map(([column]) => String(column));
  const replaced = columns.map((column) => {
    const value = `changes.values[${literal(column)}]`;
    return `CASE WHEN map_contains(changes.values, ${literal(column)}) THEN ${jsonValue(context, root, column, value)} ELSE stored.${name(column)} END AS ${name(column)}`;
  });
  replaced.push(`${literal(packageId)} AS _load_id`, 'greatest(stored._event_at, changes.event_at) AS _event_at');
  await database.run(
    `CREATE TEMP TABLE changed AS SELECT stored.* REPLACE (${replaced.join(', ')}) FROM ${place(root.name)} AS stored JOIN changes ON changes.key = stored.${key}`,
  );
  await database.run(`DELETE FROM ${place(root.name)} WHERE ${key} IN (SELECT key FROM changes)`);
  return database.run(`INSERT INTO ${place(root.name)} BY NAME SELECT * FROM changed`);
}

async function writeList(context: MergeContext, child: Table): Promise<void> {
  const { database, packageId, place } = context;
  const mine = `table_name = ${literal(child.name)}`;
  if ((await database.count(`SELECT count(*) FROM lists WHERE ${mine}`)) === 0) return;
  await database.run(`DELETE FROM ${place(child.name)} WHERE _parent_id IN (SELECT key FROM lists WHERE ${mine})`);
  const columns = [...child.key.filter((column) => column !== '_parent_id'), ...Object.keys(child.columns)];
  const values = columns.map((column) => jsonValue(context, child, column, `json_extract(item, ${path(column)})`));
  await database.run(
    `INSERT INTO ${place(child.name)} (${list(['_parent_id', ...columns, '_load_id'])})
      SELECT key, ${[...values, literal(packageId)].join(', ')}
      FROM (SELECT key, unnest(from_json(items, '["json"]')) AS item FROM lists WHERE ${mine} AND json_type(items) = 'ARRAY')`,
  );
}

/** Notes what events named, so that older observations and older events leave it alone. */
async function writeMarks(context: MergeContext): Promise<void> {
  const { database, place } = context;
  const table = place('_trunkline_patches');
  await database.run(
    `DELETE FROM ${table} AS mark USING marks
      WHERE mark.table_name = marks.table_name AND mark.row_key = marks.row_key AND mark.column_name = marks.column_name`,
  );
  await database.run(`INSERT INTO ${table} SELECT table_name, row_key, column_name, greatest(event_at, before_at) FROM marks`);
}

function orderedColumns(root: Table): readonly (readonly [string, readonly string[]])[] {
  return Object.entries(root.columns).flatMap(([column, facts]) => (facts.order === undefined ? [] : [[column, facts.order] as const]));
}

/** The place of a value in an order, from 1; 0 for what the order does not know. */
function rank(order: readonly string[], value: string): string {
  return `coalesce(list_position([${order.map(literal).join(', ')}], ${value}), 0)`;
}

/** A list for `IN`, which must not be empty. */
function literals(texts: readonly string[]): string {
  return texts.length === 0 ? 'NULL' : texts.map(literal).join(', ');
}

/** A JSON value as the column really is. */
function jsonValue(context: MergeContext, table: Table, column: string, json: string): string {
  const from: ColumnType = context.lineTypes(table.name)[column] ?? 'text';
  const value =
    from === 'json' ? `CASE WHEN json_type(${json}) = 'NULL' THEN NULL ELSE ${json} END` : `CAST(${json} ->> '$' AS ${duckdbTypes[from]})`;
  return converted(value, from, context.realTypes(table.name)[column] ?? from);
}

/** Where a name stands in a JSON object. */
function path(column: string): string {
  return literal(`$."${column}"`);
}
