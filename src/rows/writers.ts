// Where cells go: into lines of NDJSON, the engine's hot path, or into row objects. Both see the same calls in the same order.
import type { Scalar } from './convert.ts';
import { encodeText, exactJson } from './json-text.ts';
import type { ColumnPlan, TablePlan } from './plan.ts';
import type { Cell, Row } from './schema.ts';

export interface RowWriter {
  /** A value of the row being written. Never null: what is not written is NULL. */
  cell(column: ColumnPlan, value: unknown): void;
  /** A column that the record carries as null. */
  none(column: ColumnPlan): void;
  /** A list that the record carries, be it empty. */
  list(table: TablePlan): void;
  /** Begins a row of a child table; the row around it goes on after `endRow`. */
  beginRow(table: TablePlan, index: number, parentIndex: number): void;
  endRow(table: TablePlan): void;
}

/** Lines of one table that one record became. */
export type TableLines = {
  readonly table: string;
  readonly rows: number;
  /** NDJSON: each line ends with `\n`. Columns that are NULL are not in it. */
  readonly text: string;
};

/** Writes NDJSON by joining text; no row object is ever made. */
export class LineWriter implements RowWriter {
  readonly #done: { table: string; rows: number; text: string }[] = [];
  readonly #byOrdinal: { table: string; rows: number; text: string }[] = [];
  readonly #outer: string[] = [];
  readonly #observed: string;
  readonly #parentId: string;
  readonly #root: TablePlan;
  #text: string;

  constructor(facts: { root: TablePlan; key: Scalar; observedAt: string }) {
    this.#root = facts.root;
    this.#observed = `"_observed_at":${encodeText(facts.observedAt)}`;
    this.#parentId = `{"_parent_id":${cellText(facts.key)},`;
    this.#text = `{${this.#observed}`;
  }

  cell(column: ColumnPlan, value: unknown): void {
    this.#text += column.opening + (column.type === 'json' ? exactJson(value) : cellText(value as Scalar));
  }

  none(): void {}

  list(): void {}

  beginRow(table: TablePlan, index: number, parentIndex: number): void {
    this.#outer.push(this.#text);
    const position = table.level === 1 ? `"_index":${index}` : `"_parent_index":${parentIndex},"_index":${index}`;
    this.#text = `${this.#parentId}${position},${this.#observed}`;
  }

  endRow(table: TablePlan): void {
    let lines = this.#byOrdinal[table.ordinal];
    if (lines === undefined) {
      lines = { table: table.name, rows: 0, text: '' };
      this.#byOrdinal[table.ordinal] = lines;
      this.#done.push(lines);
    }
    lines.rows++;
    lines.text += `${this.#text}}\n`;
    this.#text = this.#outer.pop() as string;
  }

  /** The stream's own table first. */
  finish(): readonly TableLines[] {
    return [{ table: this.#root.name, rows: 1, text: `${this.#text}}\n` }, ...this.#done];
  }
}

function cellText(value: Scalar): string {
  switch (typeof value) {
    case 'string':
      return encodeText(value);
    case 'number':
      return Object.is(value, -0) ? '-0.0' : `${value}`;
    case 'bigint':
      return `"${value}"`;
    default:
      return value ? 'true' : 'false';
  }
}

/** A scalar as it stands in a row: integers beyond 2^53 are digit strings. */
function cellOf(value: Scalar): Cell {
  return typeof value === 'bigint' ? value.toString() : value;
}

/** Collects row objects that hold only what the record carries; `finish` decides what to make of them. */
export class ObjectWriter implements RowWriter {
  readonly children = new Map<TablePlan, Row[]>();
  readonly #outer: Row[] = [];
  readonly #keyCell: Cell;
  readonly #system: Row;
  row: Row;

  constructor(facts: { key: Scalar; system: Row }) {
    this.#keyCell = cellOf(facts.key);
    this.#system = facts.system;
    this.row = { ...facts.system };
  }

  cell(column: ColumnPlan, value: unknown): void {
    this.row[column.name] = column.type === 'json' ? (value as Cell) : cellOf(value as Scalar);
  }

  none(column: ColumnPlan): void {
    if (!Object.hasOwn(this.row, column.name)) this.row[column.name] = null;
  }

  list(table: TablePlan): void {
    if (!this.children.has(table)) this.children.set(table, []);
  }

  beginRow(table: TablePlan, index: number, parentIndex: number): void {
    this.#outer.push(this.row);
    const position: Row = table.level === 1 ? { _index: index } : { _parent_index: parentIndex, _index: index };
    this.row = { _parent_id: this.#keyCell, ...position, ...this.#system };
  }

  endRow(table: TablePlan): void {
    const rows = this.children.get(table);
    if (rows === undefined) this.children.set(table, [this.row]);
    else rows.push(this.row);
    this.row = this.#outer.pop() as Row;
  }
}

/** Every column in the table's order, NULL where the record had nothing. */
export function fullRow(table: TablePlan, sparse: Row): Row {
  const row: Row = {};
  for (const [name, cell] of Object.entries(sparse)) if (name.startsWith('_')) row[name] = cell;
  for (const { name } of table.columns) row[name] = sparse[name] ?? null;
  return row;
}
