// What a destination must hold after a sequence of packages, worked out by hand in memory, one line after the other. It is
// the meaning of a merge in its simplest form; a destination may get there as it likes.
import type { TableSet } from '../../rows/index.ts';
import type { DeletionLine, PatchLine } from '../package.ts';
import { familiesOf, keyOf } from '../table-set.ts';

export type Values = Readonly<Record<string, unknown>>;

/** One package: rows with `_observed_at`, children with their parent's. */
export type Content = {
  readonly tables: TableSet;
  readonly rows?: Readonly<Record<string, readonly Values[]>>;
  readonly patches?: Readonly<Record<string, readonly PatchLine[]>>;
  readonly deletions?: readonly DeletionLine[];
  readonly state?: Values | null;
};

type ModelRow = {
  values: Record<string, unknown>;
  observedAt: string | null;
  eventAt: string | null;
  deletedAt: string | null;
  packageId: string;
};

export class MergeModel {
  readonly #tables: Record<string, TableSet[string]> = {};
  /** Rows of streams' own tables, by table and key. */
  readonly #rows = new Map<string, Map<string, ModelRow>>();
  /** Rows of child tables, by table and parent key. */
  readonly #children = new Map<string, Map<string, readonly Values[]>>();
  /** When an event last named a column or a child table, by table, key and name. */
  readonly #named = new Map<string, string>();
  /** When a key without a row was last known to be gone, by table and key. */
  readonly #gone = new Map<string, string>();

  apply(content: Content, packageId: string): void {
    Object.assign(this.#tables, content.tables);
    for (const { root, children } of familiesOf(content.tables)) {
      const names = children.map((child) => child.name);
      for (const row of content.rows?.[root.name] ?? []) this.#observe(root.name, names, row, content, packageId);
      for (const patch of content.patches?.[root.name] ?? []) this.#patch(root.name, names, patch, packageId);
      for (const deletion of content.deletions ?? []) if (deletion.table === root.name) this.#delete(names, deletion, packageId);
    }
  }

  /** All tables with all their rows, in an order that only depends on their values. */
  dump(): Readonly<Record<string, readonly Values[]>> {
    const all: Record<string, readonly Values[]> = {};
    for (const table of Object.values(this.#tables)) {
      const empty = Object.fromEntries(Object.keys(table.columns).map((column) => [column, null]));
      const rows: Values[] = [];
      if (table.parent === null) {
        for (const row of this.#rows.get(table.name)?.values() ?? []) {
          const { values, observedAt, eventAt, deletedAt, packageId } = row;
          rows.push({ ...empty, ...values, _observed_at: observedAt, _event_at: eventAt, _deleted_at: deletedAt, _load_id: packageId });
        }
      } else {
        for (const [, list] of this.#children.get(table.name) ?? []) for (const child of list) rows.push({ ...empty, ...child });
      }
      all[table.name] = inOrder(rows);
    }
    return all;
  }

  #observe(table: string, children: readonly string[], line: Values, content: Content, packageId: string): void {
    const { _observed_at: observed, ...values } = line;
    const observedAt = String(observed);
    const key = this.#keyIn(table, values);
    const rows = this.#rowsOf(table);
    const stored = rows.get(key);
    if (stored !== undefined && stored.observedAt !== null && observedAt <= stored.observedAt) return;
    if ((this.#gone.get(`${table} ${key}`) ?? '') >= observedAt) return;
    this.#gone.delete(`${table} ${key}`);
    const isHeld = (of: string, column: string) => (this.#named.get(`${of} ${key} ${column}`) ?? '') >= observedAt;
    const merged: Record<string, unknown> = {};
    for (const column of Object.keys(this.#tables[table]?.columns ?? {})) {
      merged[column] = stored !== undefined && isHeld(table, column) ? (stored.values[column] ?? null) : (values[column] ?? null);
    }
    rows.set(key, { values: merged, observedAt, eventAt: stored?.eventAt ?? null, deletedAt: null, packageId });
    for (const child of children) {
      if (isHeld(child, '*')) continue;
      const mine = (content.rows?.[child] ?? []).filter((row) => String(row['_parent_id']) === key && row['_observed_at'] === observedAt);
      this.#childrenOf(child).set(
        key,
        mine.map(({ _observed_at, ...rest }) => ({ ...rest, _load_id: packageId })),
      );
    }
  }

  #patch(table: string, children: readonly string[], patch: PatchLine, packageId: string): void {
    const key = this.#keyIn(table, patch.row);
    const rows = this.#rowsOf(table);
    const before = rows.get(key);
    if (before !== undefined && before.observedAt !== null && patch.eventAt < before.observedAt) return;
    if ((this.#gone.get(`${table} ${key}`) ?? '') >= patch.eventAt) return;
    const keyColumn = this.#keyColumn(table);
    const row: ModelRow = before ?? {
      values: { [keyColumn]: patch.row[keyColumn] },
      observedAt: null,
      eventAt: null,
      deletedAt: null,
      packageId,
    };
    rows.set(key, row);
    row.packageId = packageId;
    row.eventAt = later(row.eventAt, patch.eventAt);
    for (const [column, value] of Object.entries(patch.row)) {
      const facts = this.#tables[table]?.columns[column];
      if (facts === undefined || column === keyColumn) continue;
      const name = `${table} ${key} ${column}`;
      const rank = (of: unknown) => (facts.order === undefined ? 0 : facts.order.indexOf(String(of)) + 1);
      const [arriving, known] = [rank(value), rank(row.values[column])];
      const newer = patch.eventAt >= (this.#named.get(name) ?? '');
      this.#named.set(name, later(this.#named.get(name) ?? null, patch.eventAt));
      if (arriving > known || (arriving === known && newer)) row.values[column] = value;
    }
    for (const [child, list] of Object.entries(patch.children)) {
      if (!children.includes(child)) continue;
      const name = `${child} ${key} *`;
      const newer = patch.eventAt >= (this.#named.get(name) ?? '');
      this.#named.set(name, later(this.#named.get(name) ?? null, patch.eventAt));
      if (newer)
        this.#childrenOf(child).set(
          key,
          list.map((element) => ({ ...element, _parent_id: patch.row[keyColumn], _load_id: packageId })),
        );
    }
  }

  #delete(children: readonly string[], deletion: DeletionLine, packageId: string): void {
    const { table, key, observedAt } = deletion;
    const rows = this.#rowsOf(table);
    const stored = rows.get(key);
    const isGone = () => this.#gone.set(`${table} ${key}`, later(this.#gone.get(`${table} ${key}`) ?? null, observedAt));
    if (stored?.observedAt != null && stored.observedAt > observedAt) return;
    if (stored === undefined) {
      isGone();
    } else if (deletion.mode === 'mark') {
      Object.assign(stored, { deletedAt: stored.deletedAt ?? deletion.deletedAt, observedAt, packageId });
    } else {
      rows.delete(key);
      for (const child of children) this.#childrenOf(child).delete(key);
      for (const name of this.#named.keys())
        if (name.split(' ')[1] === key && [table, ...children].includes(name.split(' ')[0] ?? '')) this.#named.delete(name);
      isGone();
    }
  }

  #keyColumn(table: string): string {
    const facts = this.#tables[table];
    return facts === undefined ? 'id' : keyOf(facts).name;
  }

  #keyIn(table: string, values: Values): string {
    return String(values[this.#keyColumn(table)]);
  }

  #rowsOf(table: string): Map<string, ModelRow> {
    const rows = this.#rows.get(table) ?? new Map<string, ModelRow>();
    this.#rows.set(table, rows);
    return rows;
  }

  #childrenOf(table: string): Map<string, readonly Values[]> {
    const children = this.#children.get(table) ?? new Map<string, readonly Values[]>();
    this.#children.set(table, children);
    return children;
  }
}

export function inOrder(rows: readonly Values[]): readonly Values[] {
  const text = (row: Values) =>
    JSON.stringify(
      Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)),
      (_key, value: unknown) => (typeof value === 'bigint' ? `${value}` : value),
    );
  return [...rows].sort((a, b) => (text(a) < text(b) ? -1 : 1));
}

function later(a: string | null, b: string): string {
  return a !== null && a > b ? a : b;
}
