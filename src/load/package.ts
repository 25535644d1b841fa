// The package: the durable unit of loading. Everything some pages brought, with the state before and after.
//
//   <home>/packages/<pipeline>/0000000042-<id>/
//     draft.lock                      present while being written; says by which process
//     rows/<table>.0001.ndjson        rows of one table, one JSON object a line, rotated by size
//     patches/<table>.0001.ndjson     partial rows from webhooks: only the columns an event carried
//     deletions.0001.ndjson           keys of rows that are gone at Aircall
//     quarantine.0001.ndjson          what did not fit
//     manifest.json                   written last by write + fsync + rename: its presence means "sealed"
//     failure.json                    the last failed attempt to load it; removed by success
//     receipt.json                    what the destination confirmed: its presence means "done"
import type { JsonObject } from '../base/index.ts';
import type { TableSet } from '../rows/index.ts';

/** State by stream name. A stream's state is plain JSON that only the stream understands. */
export type StreamStates = Readonly<Record<string, JsonObject>>;

export const packageFileKinds = ['rows', 'patches', 'deletions', 'quarantine'] as const;
export type PackageFileKind = (typeof packageFileKinds)[number];

export type PackageFile = {
  readonly kind: PackageFileKind;
  /** The table, for rows and patches. */
  readonly table: string | null;
  /** Relative to the package's folder, with `/`. */
  readonly path: string;
  /** Lines. */
  readonly rows: number;
  readonly bytes: number;
  /** Bytes of the longest line: readers size their buffers by it. */
  readonly longestLine: number;
  readonly sha256: string;
};

export type Manifest = {
  readonly format: 1;
  readonly packageId: string;
  readonly sequence: number;
  readonly pipeline: string;
  /** Where the rows came from: `api`, `inbox`. */
  readonly source: string;
  readonly createdAt: string;
  /** All tables the package touches, as they must be after it. A parent comes with all its children. */
  readonly tables: TableSet;
  readonly schemaHash: string;
  readonly files: readonly PackageFile[];
  /** States that this package moves: before for the record, after to be committed. Null after forgets the stream's state. */
  readonly state: { readonly before: StreamStates; readonly after: StatesAfter };
};

export type StatesAfter = Readonly<Record<string, JsonObject | null>>;

export type SealedPackage = { readonly folder: string; readonly manifest: Manifest };

/**
 * One line of `rows/<parent>.ndjson`: the columns of the table plus `_observed_at`.
 * One line of `rows/<child>.ndjson`: the columns plus `_parent_id`, `_index` (and `_parent_index`), and `_observed_at`, the
 * parent's, by which children find the version of the parent they belong to.
 *
 * One line of `patches/<table>.ndjson`. The draft adds `place`, a number that grows: of two patches of one moment, the one
 * with the higher place is the later.
 */
export type PatchLine = {
  /** Column values of the parent row, only those the event carried, key columns included. */
  readonly row: Readonly<Record<string, unknown>>;
  /**
   * Child tables the event carried in full, by table name: their rows replace the stored ones. A row has `_index` (and
   * `_parent_index`) and its columns; whoever names a table names the tables nested in it too.
   */
  readonly children: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;
  /** When the event happened, ISO-8601 UTC with microseconds. A row whose request was sent later has seen the event. */
  readonly eventAt: string;
};

/** One line of `deletions.ndjson`. The row stays and is marked, or goes, as `mode` says. */
export type DeletionLine = {
  /** A stream's own table, never a child table. */
  readonly table: string;
  readonly key: string;
  readonly deletedAt: string;
  /** When the absence was observed: a newer full row wins over it. */
  readonly observedAt: string;
  readonly mode: 'mark' | 'remove';
};

export type TableCounts = {
  /** Lines in the package. */
  readonly received: number;
  /** Rows inserted or replaced. */
  readonly written: number;
  /** Lines that lost to a newer stored row or to a newer line of the same package. */
  readonly older: number;
};

export type Receipt = {
  readonly packageId: string;
  readonly sequence: number;
  readonly pipeline: string;
  readonly committedAt: string;
  readonly tables: Readonly<Record<string, TableCounts>>;
  readonly quarantined: number;
  readonly deleted: number;
};

/** What is known about a package that could not be loaded. */
export type PackageFailure = {
  readonly attempts: number;
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
  readonly firstAt: string;
  readonly lastAt: string;
};
