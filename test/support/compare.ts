// Compares the tables of a DuckDB file with what Aircall has, value by value. It flattens the truth with its own few lines
// and reads the file with DuckDB itself, so that a mistake of ours does not hide itself.
import { DuckDBInstance } from '@duckdb/node-api';
import type { Truth } from '../../src/simulator/index.ts';
import type { MemoryTables } from './memory-destination.ts';

/** Paths that are not stored on purpose: signed links, secrets, and what belongs to another table. */
const notStored: Readonly<Record<string, RegExp>> = {
  calls:
    /^(?:recording|voicemail|recording_short_url|voicemail_short_url)$|^number\.messages|^contact\.(?!id$|first_name$|last_name$|company_name$)/,
  webhooks: /^token$/,
  users: /^numbers/,
};

export type Difference = string;

/** Rows of a query as objects, with 64-bit integers as text and moments as epoch microseconds. */
export async function queryFile(path: string, sql: string): Promise<readonly Record<string, unknown>[]> {
  const instance = await DuckDBInstance.create(path, { access_mode: 'READ_ONLY' });
  try {
    const connection = await instance.connect();
    await connection.run("SET TimeZone = 'UTC'");
    const reader = await connection.runAndReadAll(sql);
    const rows = reader.getRowObjectsJson();
    connection.closeSync();
    return rows;
  } finally {
    instance.closeSync();
  }
}

export type StoredRow = Readonly<Record<string, unknown>>;

/** Tables as they are stored, wherever that is. */
export interface Tables {
  /** Names of base tables. */
  names(): Promise<ReadonlySet<string>>;
  rows(table: string): Promise<readonly StoredRow[]>;
  /** Ids of the packages that were committed, in their order. */
  packages(): Promise<readonly string[]>;
}

/** The tables of a dataset in a DuckDB file. */
export function tablesOfFile(path: string, dataset = 'aircall_data'): Tables {
  return {
    names: async () => {
      const rows = await queryFile(
        path,
        `SELECT table_name FROM information_schema.tables WHERE table_schema = '${dataset}' AND table_type = 'BASE TABLE'`,
      );
      return new Set(rows.map((row) => String(row['table_name'])));
    },
    rows: (table) => queryFile(path, `SELECT * FROM "${dataset}"."${table}"`),
    packages: async () => {
      const rows = await queryFile(path, `SELECT package_id FROM "${dataset}"."_trunkline_loads" ORDER BY sequence`);
      return rows.map((row) => String(row['package_id']));
    },
  };
}

export function tablesOfMemory(memory: MemoryTables): Tables {
  const { content } = memory;
  return {
    names: () => Promise.resolve(new Set(Object.keys(content.tables))),
    rows: (table) =>
      Promise.resolve(content.rows.has(table) ? [...memory.rows(table).values()] : [...memory.childRows(table).values()].flat()),
    packages: () => Promise.resolve(content.receipts.map(({ packageId }) => packageId)),
  };
}

export type CompareOptions = {
  readonly streams?: readonly string[];
  /**
   * Tells of a key that Aircall no longer has whether the table may still show it as living: a call that aged out.
   */
  readonly mayBeStored?: (stream: string, key: string) => boolean;
};

/** What differs between the live rows of a DuckDB file and the truth; empty when all is equal. */
export function differences(
  path: string,
  truth: Truth,
  { dataset, ...options }: CompareOptions & { readonly dataset?: string } = {},
): Promise<readonly Difference[]> {
  return differencesOf(tablesOfFile(path, dataset), truth, options);
}

/** What differs between live rows and the truth; empty when all is equal. */
export async function differencesOf(tables: Tables, truth: Truth, options: CompareOptions = {}): Promise<readonly Difference[]> {
  const { streams = Object.keys(truth), mayBeStored = () => false } = options;
  const found: Difference[] = [];
  const names = await tables.names();
  for (const stream of streams) {
    const records = truth[stream as keyof Truth];
    if (!names.has(stream)) {
      if (records.size > 0) found.push(`${stream}: the table is missing`);
      continue;
    }
    const byKey = new Map<string, StoredRow>();
    for (const row of await tables.rows(stream)) {
      const key = String(row[keyNameOf(stream)]);
      if (byKey.has(key)) found.push(`${stream} ${key}: stored twice`);
      byKey.set(key, row);
    }
    for (const [key, row] of byKey) {
      if (!records.has(key) && row['_deleted_at'] === null && !mayBeStored(stream, key)) found.push(`${stream} ${key}: stored, not there`);
    }
    const children = new Map<string, Map<string, StoredRow[]>>();
    for (const name of names) {
      if (!name.startsWith(`${stream}__`) || name.slice(stream.length + 2).includes('__')) continue;
      const lists = new Map<string, StoredRow[]>();
      for (const row of (await tables.rows(name)).toSorted((a, b) => Number(a['_index']) - Number(b['_index']))) {
        const parent = String(row['_parent_id']);
        const list = lists.get(parent) ?? [];
        if (Number(row['_index']) !== list.length)
          found.push(`${name} ${parent}: position ${String(row['_index'])} follows ${list.length - 1}`);
        list.push(row);
        lists.set(parent, list);
      }
      for (const parent of lists.keys()) if (!byKey.has(parent)) found.push(`${name} ${parent}: there is no such parent`);
      children.set(name.slice(stream.length + 2), lists);
    }
    for (const [key, record] of records) {
      const row = byKey.get(key);
      if (row === undefined) found.push(`${stream} ${key}: missing`);
      else if (row['_deleted_at'] !== null) found.push(`${stream} ${key}: marked deleted, yet there`);
      else {
        const whole = stream === 'company' ? { id: 1, ...record } : record;
        compareObject(`${stream} ${key}`, whole, row, {
          skip: notStored[stream],
          lists: (name) => children.get(name)?.get(key) ?? [],
          found,
          path: '',
        });
      }
      if (found.length > 20) return found;
    }
  }
  return found;
}

/** The column that holds a stream's key. */
export function keyNameOf(stream: string): string {
  return stream === 'webhooks' ? 'webhook_id' : 'id';
}

type Facts = {
  readonly skip: RegExp | undefined;
  readonly lists: (name: string) => readonly StoredRow[];
  readonly found: Difference[];
  readonly path: string;
};

function compareObject(where: string, record: object, row: StoredRow, facts: Facts, prefix = ''): void {
  for (const [name, value] of Object.entries(record) as [string, unknown][]) {
    const path = facts.path === '' ? name : `${facts.path}.${name}`;
    if (facts.skip?.test(path) === true) continue;
    const column = `${prefix}${name}`;
    if (column in row) {
      if (!sameValue(value, row[column])) facts.found.push(`${where}: ${column} is ${JSON.stringify(row[column])}, not ${text(value)}`);
    } else if (Array.isArray(value)) {
      const rows = facts.lists(column);
      if (rows.length !== value.length) facts.found.push(`${where}: ${column} has ${rows.length} rows, not ${value.length}`);
      else {
        for (const [index, element] of (value as unknown[]).entries()) {
          const child = rows[index]!;
          const inside = { ...facts, path, lists: () => [] };
          if (typeof element === 'object' && element !== null) compareObject(`${where} ${column}[${index}]`, element, child, inside);
          else if (!sameValue(element, child['value'])) facts.found.push(`${where}: ${column}[${index}] differs`);
        }
      }
    } else if (typeof value === 'object' && value !== null) compareObject(where, value, row, { ...facts, path }, `${column}__`);
    else if (value !== null && value !== undefined) facts.found.push(`${where}: no column ${column}`);
    else {
      // Null where there may have been an object or a list before: nothing of it may be left.
      for (const [name, left] of Object.entries(row)) {
        if (name.startsWith(`${column}__`) && left !== null) facts.found.push(`${where}: ${name} is ${JSON.stringify(left)}, not null`);
      }
      if (facts.lists(column).length > 0) facts.found.push(`${where}: ${column} has rows, but there are none`);
    }
  }
}

function sameValue(truth: unknown, stored: unknown): boolean {
  if (truth === null || truth === undefined) return stored === null;
  if (typeof truth === 'object') return JSON.stringify(truth) === JSON.stringify(typeof stored === 'string' ? JSON.parse(stored) : stored);
  if (truth === stored) return true;
  if (typeof stored === 'string' && /^\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d/.test(stored)) return momentOf(stored) === momentOf(truth);
  return text(truth) === text(stored);
}

/** Milliseconds since 1970. */
function momentOf(value: unknown): number {
  if (typeof value === 'number' || (typeof value === 'string' && /^\d+$/.test(value))) return Number(value) * 1000;
  const iso = String(value).replace(' ', 'T');
  return Date.parse(/(?:Z|[+-]\d\d(?::?\d\d)?)$/.test(iso) ? iso.replace(/([+-]\d\d)$/, '$1:00') : `${iso}Z`);
}

function text(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'bigint' ? value.toString() : JSON.stringify(value);
}
