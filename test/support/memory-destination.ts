// A destination that keeps tables in this process: the same rules as any other, at a hundredth of the price, for tests
// that live through thousands of runs. What it holds outlives its sessions, like a file would.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JsonObject } from '../../src/base/index.ts';
import {
  familiesOf,
  keyOf,
  LeaseHeld,
  LeaseLost,
  LoadRefused,
  verifyPackage,
  type DeletionLine,
  type Destination,
  type Family,
  type Lease,
  type LeaseHolder,
  type QueryResult,
  type Recalled,
  type Receipt,
  type SealedPackage,
  type Session,
  type TableCounts,
} from '../../src/load/index.ts';
import type { Table, TableSet } from '../../src/rows/index.ts';

export type StoredRow = Readonly<Record<string, unknown>>;

/** Everything a destination holds. A load replaces it whole, so that half a package is never seen. */
type Content = {
  readonly rows: ReadonlyMap<string, ReadonlyMap<string, StoredRow>>;
  /** By table, then by the parent's key. */
  readonly children: ReadonlyMap<string, ReadonlyMap<string, readonly StoredRow[]>>;
  readonly tables: TableSet;
  readonly states: Readonly<Record<string, JsonObject>>;
  readonly receipts: readonly Receipt[];
};

const nothing: Content = { rows: new Map(), children: new Map(), tables: {}, states: {}, receipts: [] };

/** What a load meets: nothing, or an error before or after everything has been committed. */
export type Mishap = { readonly when: 'before' | 'after'; readonly error: Error };

export class MemoryTables {
  #content: Content | null = null;
  #lease: { readonly holder: LeaseHolder | null; readonly fence: number } = { holder: null, fence: 0 };
  /** Asked before each load. */
  mishap: () => Mishap | null = () => null;

  get content(): Content {
    return this.#content ?? nothing;
  }

  get isLeased(): boolean {
    return this.#lease.holder !== null;
  }

  /** A stream's own rows by key, marked ones too. */
  rows(table: string): ReadonlyMap<string, StoredRow> {
    return this.content.rows.get(table) ?? new Map();
  }

  /** Rows of a child table, by the parent's key. */
  childRows(table: string): ReadonlyMap<string, readonly StoredRow[]> {
    return this.content.children.get(table) ?? new Map();
  }

  /** Forgets everything, as if somebody had deleted the file. */
  empty(): void {
    this.#content = null;
  }

  destination(): Destination {
    return {
      name: 'memory',
      label: 'memory',
      capabilities: { commitClass: 'A', identifierLength: 65_536, textLength: 1024 ** 3, refusedCharacters: [] },
      open: () => Promise.resolve(this.#session()),
    };
  }

  #session(): Session {
    return {
      recall: () => Promise.resolve(this.#recall()),
      claim: (pipeline, holder) => Promise.resolve(this.#claim(pipeline, holder)),
      renew: (lease) => Promise.resolve(this.#checked(lease)),
      release: async (lease) => {
        if (this.#lease.fence === lease.fence) this.#lease = { ...this.#lease, holder: null };
      },
      load: (sealed, lease) => this.#load(sealed, lease),
      liveKeys: (table, between) => this.#liveKeys(table, between),
      query: (sql) => Promise.resolve(this.#query(sql)),
      drop: () => Promise.resolve(),
      publish: () => Promise.resolve(),
      close: () => Promise.resolve(),
    };
  }

  #recall(): Recalled {
    const { states, tables, receipts } = this.content;
    const last = receipts.at(-1);
    return {
      known: this.#content !== null,
      states,
      tables,
      damage: [],
      lastPackage: last === undefined ? null : { packageId: last.packageId, sequence: last.sequence, committedAt: last.committedAt },
    };
  }

  #claim(pipeline: string, holder: LeaseHolder): Lease {
    if (this.#lease.holder !== null) throw new LeaseHeld({ pipeline, holder: this.#lease.holder.run, until: 'its end' });
    this.#content ??= nothing;
    this.#lease = { holder, fence: this.#lease.fence + 1 };
    return { pipeline, holder: JSON.stringify(holder), fence: this.#lease.fence, expiresAt: new Date(8.64e15).toISOString() };
  }

  #checked(lease: Lease): Lease {
    if (this.#lease.holder === null || this.#lease.fence !== lease.fence) throw new LeaseLost({ pipeline: lease.pipeline, holder: null });
    return lease;
  }

  async #load(sealed: SealedPackage, lease: Lease): Promise<Receipt> {
    this.#checked(lease);
    await verifyPackage(sealed);
    const mishap = this.mishap();
    if (mishap?.when === 'before') throw mishap.error;
    const { manifest } = sealed;
    let receipt = this.content.receipts.find(({ packageId }) => packageId === manifest.packageId);
    if (receipt === undefined) {
      const expected = (this.content.receipts.at(-1)?.sequence ?? 0) + 1;
      if (manifest.sequence !== expected) {
        throw new LoadRefused({ code: 'package_order', message: `Expected package ${expected}.`, hint: 'Read again.' });
      }
      const merged = await merge(this.content, sealed);
      receipt = merged.receipts.at(-1)!;
      this.#content = merged;
    }
    if (mishap?.when === 'after') throw mishap.error;
    return receipt;
  }

  async *#liveKeys(table: string, between?: { readonly column: string; readonly from: string; readonly to: string }) {
    for (const [key, row] of this.rows(table)) {
      if (row['_deleted_at'] !== null) continue;
      const moment = between === undefined ? 0 : Date.parse(String(row[between.column]));
      if (between === undefined || (moment >= Date.parse(between.from) && moment <= Date.parse(between.to))) yield key;
    }
  }

  /** Only what a run asks at its end: how many rows live. */
  #query(sql: string): QueryResult {
    const each = /\(SELECT count\(\*\) FROM "(\w+)" WHERE _deleted_at IS NULL\)/g;
    if (sql.replaceAll(each, '').replaceAll(', ', '') !== 'SELECT ') throw new TypeError(`This destination does not understand: ${sql}`);
    const tables = [...sql.matchAll(each)].map(([, table]) => table ?? '');
    const counts = tables.map((table) => BigInt([...this.rows(table).values()].filter((row) => row['_deleted_at'] === null).length));
    return {
      columns: tables.map((name) => ({ name, type: 'BIGINT' })),
      rows: (async function* () {
        yield counts;
      })(),
    };
  }
}

async function merge(before: Content, sealed: SealedPackage): Promise<Content> {
  const { manifest } = sealed;
  const rows = new Map(before.rows);
  const children = new Map(before.children);
  const counts: Record<string, TableCounts> = {};
  for (const family of familiesOf(manifest.tables)) {
    const lines = await linesOf(sealed, 'rows', family.root.name);
    const kept = keep(family, lines, new Map(rows.get(family.root.name)), manifest.packageId);
    rows.set(family.root.name, kept.table);
    if (lines.length > 0)
      counts[family.root.name] = { received: lines.length, written: kept.newest.size, older: lines.length - kept.newest.size };
    for (const child of family.children) {
      children.set(child.name, await keepChildren(sealed, child, kept.newest, new Map(children.get(child.name))));
    }
  }
  let deleted = 0;
  for (const line of (await linesOf(sealed, 'deletions', null)) as unknown as DeletionLine[]) {
    const table = new Map(rows.get(line.table));
    const row = table.get(line.key);
    if (row === undefined || row['_deleted_at'] !== null || String(row['_observed_at']) >= line.observedAt) continue;
    deleted += 1;
    if (line.mode === 'mark')
      table.set(line.key, { ...row, _deleted_at: line.deletedAt, _observed_at: line.observedAt, _load_id: manifest.packageId });
    else {
      table.delete(line.key);
      for (const child of Object.values(manifest.tables).filter(({ name }) => name.startsWith(`${line.table}__`))) {
        const lists = new Map(children.get(child.name));
        lists.delete(line.key);
        children.set(child.name, lists);
      }
    }
    rows.set(line.table, table);
  }
  const states: Record<string, JsonObject> = { ...before.states };
  for (const [stream, state] of Object.entries(manifest.state.after)) {
    if (state === null) delete states[stream];
    else states[stream] = state;
  }
  const { packageId, sequence, pipeline } = manifest;
  const quarantined = (await linesOf(sealed, 'quarantine', null)).length;
  const receipt: Receipt = { packageId, sequence, pipeline, committedAt: manifest.createdAt, tables: counts, quarantined, deleted };
  return { rows, children, tables: { ...before.tables, ...manifest.tables }, states, receipts: [...before.receipts, receipt] };
}

/** The newest line of each key, where it is newer than what is stored. */
function keep(family: Family, lines: readonly StoredRow[], table: Map<string, StoredRow>, packageId: string) {
  const newest = new Map<string, string>();
  const key = keyOf(family.root).name;
  for (const line of lines) {
    const id = String(line[key]);
    const observedAt = String(line['_observed_at']);
    const stored = table.get(id);
    if (stored !== undefined && String(stored['_observed_at']) >= observedAt) continue;
    newest.set(id, observedAt);
    table.set(id, { ...emptyRow(family.root), ...line, _load_id: packageId, _deleted_at: null, _event_at: null });
  }
  return { table, newest };
}

async function keepChildren(
  sealed: SealedPackage,
  child: Table,
  newest: ReadonlyMap<string, string>,
  lists: Map<string, readonly StoredRow[]>,
) {
  for (const parent of newest.keys()) lists.delete(parent);
  for (const { _observed_at: observedAt, ...line } of await linesOf(sealed, 'rows', child.name)) {
    const parent = String(line['_parent_id']);
    if (newest.get(parent) !== observedAt) continue;
    lists.set(parent, [...(lists.get(parent) ?? []), { ...emptyRow(child), ...line, _load_id: sealed.manifest.packageId }]);
  }
  return lists;
}

function emptyRow(table: Table): StoredRow {
  return Object.fromEntries(Object.keys(table.columns).map((column) => [column, null]));
}

async function linesOf(sealed: SealedPackage, kind: string, table: string | null): Promise<readonly StoredRow[]> {
  const lines: StoredRow[] = [];
  for (const file of sealed.manifest.files) {
    if (file.kind !== kind || file.table !== table) continue;
    const text = await readFile(join(sealed.folder, file.path), 'utf8');
    for (const line of text.split('\n')) if (line !== '') lines.push(JSON.parse(line) as StoredRow);
  }
  return lines;
}
