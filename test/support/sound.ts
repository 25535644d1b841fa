// What must hold for stored tables after every run, whatever happened to it.
import type { StreamName, Truth } from '../../src/simulator/index.ts';
import { keyNameOf, type StoredRow, type Tables } from './compare.ts';

/** Keys of a stream, as text. */
export type Keys = Readonly<Record<StreamName, ReadonlySet<string>>>;

export function keysOf(truth: Truth): Keys {
  return Object.fromEntries(Object.entries(truth).map(([stream, records]) => [stream, new Set(records.keys())])) as unknown as Keys;
}

/** Rows that are marked deleted although Aircall has them, and calls that are marked at all. */
export async function falseDeletions(tables: Tables, alive: Keys): Promise<readonly string[]> {
  const names = await tables.names();
  const found: string[] = [];
  for (const [stream, keys] of Object.entries(alive)) {
    if (!names.has(stream)) continue;
    for (const row of await tables.rows(stream)) {
      const key = keyIn(stream, row);
      if (row['_deleted_at'] !== null && (stream === 'calls' || keys.has(key))) found.push(`${stream} ${key} is marked deleted`);
    }
  }
  return found;
}

/** Keys that are not stored as living. */
export async function absentFrom(tables: Tables, stream: string, keys: Iterable<string>): Promise<readonly string[]> {
  const names = await tables.names();
  const stored = new Set<string>();
  if (names.has(stream)) {
    for (const row of await tables.rows(stream)) if (row['_deleted_at'] === null) stored.add(keyIn(stream, row));
  }
  return [...keys].filter((key) => !stored.has(key)).map((key) => `${stream} ${key} is missing`);
}

/**
 * What is wrong inside the tables themselves: a key twice, children without their parent or of another package than it,
 * observations of a later package that are not later.
 */
export async function flaws(tables: Tables): Promise<readonly string[]> {
  const packageIds = await tables.packages();
  const found: string[] = [];
  const names = await tables.names();
  const stamps = new Map<string, { first: string; last: string }>();
  for (const table of names) {
    if (table.startsWith('_') || table.includes('__')) continue;
    const parents = new Map<string, string>();
    for (const row of await tables.rows(table)) {
      const key = keyIn(table, row);
      const loadId = String(row['_load_id']);
      if (parents.has(key)) found.push(`${table} ${key} is stored twice`);
      parents.set(key, loadId);
      const stamp = stampOf(row['_observed_at']);
      const known = stamps.get(loadId);
      if (known === undefined) stamps.set(loadId, { first: stamp, last: stamp });
      else if (stamp < known.first) known.first = stamp;
      else if (stamp > known.last) known.last = stamp;
      if (!packageIds.includes(loadId)) found.push(`${table} ${key} is of an unknown package`);
    }
    for (const child of names) {
      if (!child.startsWith(`${table}__`)) continue;
      const positions = new Set<string>();
      for (const row of await tables.rows(child)) {
        const parent = String(row['_parent_id']);
        const position = `${parent} ${String(row['_parent_index'])} ${String(row['_index'])}`;
        if (positions.has(position)) found.push(`${child} ${position} is stored twice`);
        positions.add(position);
        if (!parents.has(parent)) found.push(`${child} ${position} has no parent`);
      }
    }
  }
  let last = '';
  for (const packageId of packageIds) {
    const stamp = stamps.get(packageId);
    if (stamp === undefined) continue;
    if (stamp.first <= last) found.push(`package ${packageId} observed at ${stamp.first}, not after ${last}`);
    last = stamp.last;
  }
  return found;
}

function keyIn(stream: string, row: StoredRow): string {
  return String(row[keyNameOf(stream)]);
}

/** Comparable text, whether it came from DuckDB (`2026-01-02 03:04:05.1+00`) or from a package. */
function stampOf(value: unknown): string {
  const text = String(value)
    .replace(' ', 'T')
    .replace(/(?:Z|\+00(?::00)?)$/, '');
  const [whole = '', fraction = ''] = text.split('.');
  return `${whole}.${fraction.padEnd(6, '0')}`;
}
