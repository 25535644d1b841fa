// Full rows of one stream, merged: the newest observation of each key wins, and its children come with it.
//
//   files ─► keep: one line per key, the newest ─► without what the table knows at least as new
//        └─► the kept parents replace their rows, the kept parents' children replace theirs, whole
//
// The files are read twice, once for the keys and once for the rows, which costs less than keeping rows in between.
import type { ColumnType } from '../../rows/index.ts';
import { type Family, keyOf, type TableCounts } from '../../load/index.ts';
import type { Database } from './database.ts';
import { literal, list, name } from './names.ts';
import { type JsonFile, readJson } from './read-json.ts';
import { converted, duckdbTypes } from './types.ts';

export type RowsOf = { readonly files: readonly JsonFile[]; readonly lines: number };

export type MergeContext = {
  readonly database: Database;
  readonly packageId: string;
  /** A table of the dataset, quoted. */
  readonly place: (table: string) => string;
  /** The logical types that the columns of a table really have. */
  readonly realTypes: (table: string) => Readonly<Record<string, ColumnType>>;
  /** The types that the package's lines carry. */
  readonly lineTypes: (table: string) => Readonly<Record<string, ColumnType>>;
  /** The files of rows of a table; null when the package has none. */
  readonly rowsOf: (table: string) => RowsOf | null;
};

/** A line without the key or `_observed_at`. */
export class KeylessLine extends Error {}

export async function mergeRows(context: MergeContext, family: Family): Promise<Readonly<Record<string, TableCounts>>> {
  const { database, place } = context;
  const rows = context.rowsOf(family.root.name);
  if (rows === null) return {};
  const key = keyOf(family.root);
  const keyType = duckdbTypes[context.realTypes(family.root.name)[key.name] ?? key.type];

  await database.run(
    `CREATE TEMP TABLE lines AS SELECT ${name(key.name)}::${keyType} AS key, _observed_at AS observed_at
      FROM ${readJson(rows.files, { [key.name]: duckdbTypes[key.type], _observed_at: 'TIMESTAMPTZ' })}`,
  );
  const [facts] = await database.rows('SELECT count(*), count(key), count(observed_at) FROM lines');
  const [lines, withKey, withTime] = (facts ?? []).map(Number);
  if (withKey !== lines || withTime !== lines) throw new KeylessLine();
  await database.run('CREATE TEMP TABLE keep AS SELECT key, max(observed_at) AS observed_at, count(*) AS lines FROM lines GROUP BY key');
  const tied = await tiesIn(database);
  await database.run('DROP TABLE lines');

  // What the table already knows of these keys, and which of them it knows at least as new.
  await database.run(
    `CREATE TEMP TABLE stored AS SELECT ${name(key.name)} AS key, _observed_at AS observed_at, _event_at AS event_at
      FROM ${place(family.root.name)} WHERE ${name(key.name)} IN (SELECT key FROM keep)`,
  );
  const known = await database.count('SELECT count(*) FROM stored');
  if (known > 0) {
    await database.run('DELETE FROM keep USING stored WHERE keep.key = stored.key AND keep.observed_at <= stored.observed_at');
  }
  const kept = await database.count('SELECT count(*) FROM keep');
  const counts: Record<string, TableCounts> = {};

  if (kept > 0) {
    if (known > 0) await database.run(`DELETE FROM ${place(family.root.name)} WHERE ${name(key.name)} IN (SELECT key FROM keep)`);
    for (const child of family.children) await database.run(`DELETE FROM ${place(child.name)} WHERE _parent_id IN (SELECT key FROM keep)`);
  }
  const events = known > 0 && (await database.count('SELECT count(event_at) FROM stored')) > 0;
  for (const table of [family.root, ...family.children]) {
    const from = context.rowsOf(table.name);
    if (from === null) continue;
    const isRoot = table === family.root;
    const source = columnsOf(context, table.name, isRoot ? Object.keys(table.columns) : [...table.key, ...Object.keys(table.columns)]);
    const all = isRoot && kept === from.lines;
    const match = isRoot ? `line.${name(key.name)}` : 'line._parent_id';
    const first = tied ? `QUALIFY row_number() OVER (PARTITION BY ${list(table.key, 'line.')}) = 1` : '';
    const system = isRoot ? ['_load_id', '_observed_at', '_event_at'] : ['_load_id'];
    const values = [literal(context.packageId), 'line._observed_at', events ? 'stored.event_at' : 'NULL'].slice(0, system.length);
    const written =
      kept === 0
        ? 0
        : await database.run(
            `INSERT INTO ${place(table.name)} (${list([...source.names, ...system])})
              SELECT ${[...source.values, ...values].join(', ')}
              FROM ${readJson(from.files, { ...source.types, _observed_at: 'TIMESTAMPTZ' })} AS line
              ${all ? '' : `JOIN keep ON keep.key = ${match} AND keep.observed_at = line._observed_at`}
              ${isRoot && events ? `LEFT JOIN stored ON stored.key = ${match}` : ''}
              ${first}`,
          );
    counts[table.name] = { received: from.lines, written, older: from.lines - written };
  }
  await database.run('DROP TABLE stored');
  await database.run('DROP TABLE keep');
  return counts;
}

/** True when one key has two lines with the same newest `_observed_at`: either may win, but only one. */
async function tiesIn(database: Database): Promise<boolean> {
  if ((await database.count('SELECT count(*) FROM keep WHERE lines > 1')) === 0) return false;
  const newest = await database.count(
    'SELECT count(*) FROM lines SEMI JOIN keep ON lines.key = keep.key AND lines.observed_at = keep.observed_at',
  );
  return newest > (await database.count('SELECT count(*) FROM keep'));
}

type Columns = {
  readonly names: readonly string[];
  /** DuckDB types by name, as the lines carry them. */
  readonly types: Readonly<Record<string, string>>;
  /** Expressions over `line` in the types the table really has. */
  readonly values: readonly string[];
};

function columnsOf(context: MergeContext, table: string, names: readonly string[]): Columns {
  const real = context.realTypes(table);
  const lineTypes = context.lineTypes(table);
  return {
    names,
    types: Object.fromEntries(names.map((column) => [column, duckdbTypes[lineTypes[column] ?? 'text']])),
    values: names.map((column) => converted(`line.${name(column)}`, lineTypes[column] ?? 'text', real[column] ?? 'text')),
  };
}
