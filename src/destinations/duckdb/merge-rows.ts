// Full rows of one stream, merged: the newest observation of each key wins, and its children come with it.
//
//   files ─► keep: one line per key, the newest ─► without what is known to be at least as new
//        └─► the kept parents replace their rows, the kept parents' children replace theirs, whole
//
// Rows of a lasting list stay where a parent brings none.
// Columns and child tables that an event named after the observation stay as the event left them.
// The files are read twice, once for the keys and once for the rows, which costs less than keeping rows in between.
import { type Family, keyOf, type TableCounts } from '../../load/index.ts';
import type { Table } from '../../rows/index.ts';
import { IncompleteLine } from './incomplete-line.ts';
import { everyRow, hasMarks, type Lines, type MergeContext, tableNames, tombstone, withTemporary } from './merge-context.ts';
import { list, literal, name } from './names.ts';
import { readJson } from './read-json.ts';
import { converted, duckdbTypes } from './types.ts';

/** What the insert statements have to take care of. */
type Care = {
  /** One key has two lines of the same moment: either may win, but only one. */
  readonly ties: boolean;
  /** Rows that are stored already have seen events: `_event_at` goes on. */
  readonly events: boolean;
  /** Columns, by table, that events named later than some kept line. */
  readonly held: ReadonlyMap<string, readonly string[]>;
};

export async function mergeRows(context: MergeContext, family: Family): Promise<Readonly<Record<string, TableCounts>>> {
  const lines = context.lines('rows', family.root.name);
  if (lines === null) return {};
  const { database, place } = context;
  const key = name(keyOf(family.root).name);
  const root = place(family.root.name);
  return withTemporary(database, ['keep', 'stored', 'held', 'before'], async () => {
    const ties = await findNewest(context, family.root, lines);
    await database.run(
      `CREATE TEMP TABLE stored AS SELECT ${key} AS key, _observed_at AS observed_at, _event_at AS event_at
        FROM ${root} WHERE ${key} IN (SELECT key FROM keep)`,
    );
    const known = await database.count('SELECT count(*) FROM stored');
    if (known > 0)
      await database.run('DELETE FROM keep USING stored WHERE keep.key = stored.key AND keep.observed_at <= stored.observed_at');
    const held = await holdMarked(context, family);
    const kept = await database.count('SELECT count(*) FROM keep');
    if (kept === 0) return uncounted(context, family);

    const events = known > 0 && (await database.count('SELECT count(event_at) FROM stored')) > 0;
    if (known > 0) await database.run(`DELETE FROM ${root} WHERE ${key} IN (SELECT key FROM keep)`);
    for (const child of family.children) {
      const replaced = parentsToReplace(context, family, child);
      if (replaced === null) continue;
      const mine = held.has(child.name) ? ` AND ${notHeld(child, '_parent_id')}` : '';
      await database.run(`DELETE FROM ${place(child.name)} WHERE _parent_id IN (${replaced})${mine}`);
    }
    const care: Care = { ties, events, held };
    const counts: Record<string, TableCounts> = {};
    for (const table of [family.root, ...family.children]) {
      const from = context.lines('rows', table.name);
      if (from === null) continue;
      const sql =
        table === family.root ? insertParents(context, table, from, care, kept === from.count) : insertChildren(context, table, from, care);
      const written = await database.run(sql);
      counts[table.name] = { received: from.count, written, older: from.count - written };
    }
    return counts;
  });
}

/** Fills `keep` with the newest line of each key. Returns whether some keys have two of them. */
async function findNewest(context: MergeContext, root: Table, lines: Lines): Promise<boolean> {
  const { database } = context;
  const key = keyOf(root);
  const keyType = duckdbTypes[context.realTypes(root.name)[key.name] ?? key.type];
  await database.run(
    `CREATE TEMP TABLE lines AS SELECT ${name(key.name)}::${keyType} AS key, _observed_at AS observed_at
      FROM ${readJson(lines.files, { [key.name]: duckdbTypes[key.type], _observed_at: 'TIMESTAMPTZ' })}`,
  );
  return withTemporary(database, ['lines'], async () => {
    const [facts] = await database.rows('SELECT count(*), count(key), count(observed_at) FROM lines');
    const [all, withKey, withMoment] = (facts ?? []).map(Number);
    if (withKey !== all || withMoment !== all) throw new IncompleteLine();
    await database.run('CREATE TEMP TABLE keep AS SELECT key, max(observed_at) AS observed_at, count(*) AS lines FROM lines GROUP BY key');
    if ((await database.count('SELECT count(*) FROM keep WHERE lines > 1')) === 0) return false;
    const newest = await database.count(
      'SELECT count(*) FROM lines SEMI JOIN keep ON lines.key = keep.key AND lines.observed_at = keep.observed_at',
    );
    return newest > (await database.count('SELECT count(*) FROM keep'));
  });
}

/**
 * Fills `held` with the columns that events named after the kept lines were observed, and `before` with their rows; drops
 * lines of keys that were gone later, and marks that are of no use any more.
 */
async function holdMarked(context: MergeContext, family: Family): Promise<Care['held']> {
  if (!(await hasMarks(context, family))) return new Map();
  const { database, place } = context;
  const marks = place('_trunkline_patches');
  const ofFamily = `mark.table_name IN (${tableNames(family)}) AND mark.row_key = keep.key::VARCHAR`;
  await database.run(
    `DELETE FROM keep USING ${marks} AS mark WHERE ${ofFamily} AND mark.column_name = ${literal(tombstone)} AND mark.event_at >= keep.observed_at`,
  );
  await database.run(`CREATE TEMP TABLE held AS SELECT keep.key, mark.table_name, mark.column_name FROM ${marks} AS mark
    JOIN keep ON ${ofFamily} WHERE mark.event_at >= keep.observed_at`);
  await database.run(`DELETE FROM ${marks} AS mark USING keep WHERE ${ofFamily} AND mark.event_at < keep.observed_at`);
  const held = new Map<string, string[]>();
  for (const [table, column] of await database.rows('SELECT DISTINCT table_name, column_name FROM held ORDER BY ALL')) {
    held.set(String(table), [...(held.get(String(table)) ?? []), String(column)]);
  }
  if (held.has(family.root.name)) {
    const key = name(keyOf(family.root).name);
    await database.run(
      `CREATE TEMP TABLE before AS SELECT * FROM ${place(family.root.name)}
        WHERE ${key} IN (SELECT key FROM held WHERE table_name = ${literal(family.root.name)})`,
    );
  }
  return held;
}

function insertParents(context: MergeContext, table: Table, lines: Lines, care: Care, all: boolean): string {
  const key = name(keyOf(table).name);
  const held = care.held.get(table.name) ?? [];
  const columns = Object.keys(table.columns);
  const values = columns.map((column) => {
    const value = lineValue(context, table, column);
    return held.includes(column)
      ? `CASE WHEN list_contains(mine.columns, ${literal(column)}) THEN before.${name(column)} ELSE ${value} END`
      : value;
  });
  return `INSERT INTO ${context.place(table.name)} (${list([...columns, '_load_id', '_observed_at', '_event_at'])})
    SELECT ${[...values, literal(context.packageId), 'line._observed_at', care.events ? 'stored.event_at' : 'NULL'].join(', ')}
    FROM ${source(context, table, columns, lines)} AS line
    ${all ? '' : `JOIN keep ON keep.key = line.${key} AND keep.observed_at = line._observed_at`}
    ${care.events ? `LEFT JOIN stored ON stored.key = line.${key}` : ''}
    ${
      held.length === 0
        ? ''
        : `LEFT JOIN (SELECT key, list(column_name) AS columns FROM held WHERE table_name = ${literal(table.name)} GROUP BY key) AS mine
            ON mine.key = line.${key} LEFT JOIN before ON before.${key} = line.${key}`
    }
    ${care.ties ? firstOf(table) : ''}`;
}

function insertChildren(context: MergeContext, table: Table, lines: Lines, care: Care): string {
  const columns = [...table.key, ...Object.keys(table.columns)];
  return `INSERT INTO ${context.place(table.name)} (${list([...columns, '_load_id'])})
    SELECT ${[...columns.map((column) => lineValue(context, table, column)), literal(context.packageId)].join(', ')}
    FROM ${source(context, table, columns, lines)} AS line
    JOIN keep ON keep.key = line._parent_id AND keep.observed_at = line._observed_at
    ${care.held.has(table.name) ? `WHERE ${notHeld(table, 'line._parent_id')}` : ''}
    ${care.ties ? firstOf(table) : ''}`;
}

/** The kept parents whose rows in a child table go: all, or of a lasting list those that bring it; null when nobody does. */
function parentsToReplace(context: MergeContext, family: Family, child: Table): string | null {
  const lasting = lastingAbove(family, child);
  if (lasting === null) return 'SELECT key FROM keep';
  const lines = context.lines('rows', lasting.name);
  if (lines === null) return null;
  return `SELECT keep.key FROM keep SEMI JOIN ${source(context, lasting, ['_parent_id'], lines)} AS line
    ON keep.key = line._parent_id AND keep.observed_at = line._observed_at`;
}

/** The table itself or the one above it that is a lasting list. */
function lastingAbove(family: Family, table: Table): Table | null {
  if (table.lasting === true) return table;
  const parent = family.children.find(({ name }) => name === table.parent);
  return parent === undefined ? null : lastingAbove(family, parent);
}

function source(context: MergeContext, table: Table, columns: readonly string[], lines: Lines): string {
  const types = context.lineTypes(table.name);
  const read = Object.fromEntries(columns.map((column) => [column, duckdbTypes[types[column] ?? 'text']]));
  return readJson(lines.files, { ...read, _observed_at: 'TIMESTAMPTZ' });
}

/** A column of a line in the type the table really has. */
function lineValue(context: MergeContext, table: Table, column: string): string {
  const from = context.lineTypes(table.name)[column] ?? 'text';
  return converted(`line.${name(column)}`, from, context.realTypes(table.name)[column] ?? from);
}

function firstOf(table: Table): string {
  return `QUALIFY row_number() OVER (PARTITION BY ${list(table.key, 'line.')}) = 1`;
}

function notHeld(child: Table, parentId: string): string {
  return `${parentId} NOT IN (SELECT key FROM held WHERE table_name = ${literal(child.name)} AND column_name = ${literal(everyRow)})`;
}

/** Every line of the family lost. */
function uncounted(context: MergeContext, family: Family): Readonly<Record<string, TableCounts>> {
  const counts: Record<string, TableCounts> = {};
  for (const table of [family.root, ...family.children]) {
    const lines = context.lines('rows', table.name);
    if (lines !== null) counts[table.name] = { received: lines.count, written: 0, older: lines.count };
  }
  return counts;
}
