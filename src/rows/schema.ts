// The shape of tables: what the normaliser fills and a destination creates. Plain data; it travels in manifests.

/** Logical column types. Every destination maps each of them. */
export type ColumnType = 'text' | 'bigint' | 'integer' | 'double' | 'boolean' | 'timestamp' | 'json';

export type Column = {
  readonly type: ColumnType;
  /** Where the value stands in the clean record, relative to this table's element: `['user', 'id']`. */
  readonly path: readonly string[];
  /** `declared` columns are known in advance and always exist; `found` ones appeared in the data. */
  readonly origin: 'declared' | 'found';
  readonly meaning?: string;
  /** Of a found `bigint`: integers beyond 2^53 were seen, so it can never widen to `double` without losing digits. */
  readonly wide?: true;
  /** Values in the only order in which they may follow each other: an event never takes the column back. */
  readonly order?: readonly string[];
};

export type Table = {
  readonly name: string;
  /** The table of the parent rows; null for a stream's own table. */
  readonly parent: string | null;
  /**
   * Names of the columns that identify a row. Of a parent table: its own key. Of a child: `_parent_id`, `_index`;
   * of a grandchild: `_parent_id`, `_parent_index`, `_index`.
   */
  readonly key: readonly string[];
  /** Data columns by name, in order, without the `_` columns that every table of its kind has. */
  readonly columns: Readonly<Record<string, Column>>;
  /** Of a child table: where its list stands in the clean record of the root. */
  readonly path: readonly string[];
  /**
   * Of a child table whose list may be missing from a record without being gone: a row of the parent that brings no rows leaves
   * those that are stored, and so it does with the tables below.
   */
  readonly lasting?: true;
};

/** All tables of one stream; the parent first. */
export type TableSet = Readonly<Record<string, Table>>;

/**
 * The type of a key column that children inherit as `_parent_id`: `bigint` for Aircall ids, `text` for UUIDs.
 * System columns of a parent table: `_load_id` text, `_observed_at` timestamp, `_event_at` timestamp, `_deleted_at`
 * timestamp. Of a child table: `_parent_id`, (`_parent_index` integer,) `_index` integer, `_load_id` text.
 */
export const parentColumns = ['_load_id', '_observed_at', '_event_at', '_deleted_at'] as const;

/** A value in a row, ready for NDJSON: integers beyond 2^53 as digit strings, moments as ISO-8601 UTC with microseconds. */
export type Cell = null | boolean | number | string | object;
export type Row = Record<string, Cell>;

/** The rows that one clean record becomes: one for the stream's own table, any number for each child table. */
export type RowSet = { readonly parent: Row; readonly children: ReadonlyMap<string, readonly Row[]> };

/** A value or a record that did not fit, kept for a person to decide. Written to `_trunkline_quarantine`. */
export type Quarantined = {
  readonly table: string;
  /** The parent row's key as text, or null when the record had none. */
  readonly key: string | null;
  /** Null when the whole record was set aside. */
  readonly column: string | null;
  readonly reason: string;
  /**
   * The value as JSON text, exactly as received, without secrets. Where that text itself is something databases refuse (U+0000,
   * lone surrogates, numbers beyond a double, deep nesting) it is wrapped once more: a JSON string whose content is the text.
   */
  readonly value: string;
  /** Of a value inside a list: where the element stands, from 0, such as `2`, or `2/0` in a list inside a list. */
  readonly position?: string;
};
