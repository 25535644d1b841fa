import path from 'node:path';
import { EnvironmentError, systemClock, throwIfAborted } from '../base/index.ts';
import { prepareFile, prepareFolder } from './folders.ts';
import { isBusy, loadSqlite, storeError } from './sqlite.ts';
import type { SqliteConnection, SqlValue } from './sqlite.ts';

/** What one kind of file is: one such value per database, beside the code that uses it. */
export type DatabaseKind = {
  /** For messages: `budget`, `runs`. */
  readonly name: string;
  /** Marks the file as this kind of ours (SQLite's application_id), so that no other file is taken for it. */
  readonly applicationId: number;
  /**
   * What a commit survives (sqlite.org/pragma.html#pragma_synchronous). All: the death of the process. `off`: nothing more,
   * and a loss of power may damage the file. `normal`: a loss of power may undo the last commits. `full`: that too, at the
   * price of an fsync for each.
   */
  readonly synchronous: 'off' | 'normal' | 'full';
  /** SQL, one text per step, oldest first. Steps that were ever released never change; new ones go to the end. */
  readonly migrations: readonly string[];
};

export type OpenDatabaseOptions = { readonly path: string; readonly kind: DatabaseKind; readonly signal?: AbortSignal | undefined };

export interface Statement {
  run(...values: SqlValue[]): number;
  get(...values: SqlValue[]): unknown;
  all(...values: SqlValue[]): unknown[];
}

/** Inside SQLite a lock is waited for this long, with the event loop standing still; longer waits are ours, and asynchronous. */
const busyTimeoutMs = 5;
const openPatienceMs = 15_000;

/**
 * Opens a database of ours, creates it when it is missing, and brings it to the newest layout. Safe when several
 * processes do so at once. The file is readable by this user only.
 *
 * Throws {@link EnvironmentError}: SQLite missing, folder not writable, file damaged or foreign, or written by a newer Trunkline.
 */
export async function openDatabase(options: OpenDatabaseOptions): Promise<Database> {
  const { kind, signal } = options;
  const file = path.resolve(options.path);
  const Connect = await loadSqlite();
  await prepareFolder(path.dirname(file));
  await prepareFile(file);
  const startedAt = systemClock.monotonic();
  for (;;) {
    throwIfAborted(signal);
    let connection: SqliteConnection | undefined;
    try {
      connection = new Connect(file);
      prepareConnection(connection, kind);
      migrate(connection, kind, file);
      return new Database(file, connection);
    } catch (cause) {
      connection?.close();
      if (!isBusy(cause) || systemClock.monotonic() - startedAt > openPatienceMs) throw storeError(file, cause);
      await systemClock.sleep(retryDelayMs(), signal);
    }
  }
}

/** One open connection. Statements are prepared once and used for the life of the connection. */
export class Database {
  readonly path: string;
  readonly #connection: SqliteConnection;
  #open = true;

  constructor(file: string, connection: SqliteConnection) {
    this.path = file;
    this.#connection = connection;
  }

  prepare(sql: string): Statement {
    const statement = this.#connection.prepare(sql);
    return {
      run: (...values) => this.#guard(() => statement.run(values).changes),
      get: (...values) => this.#guard(() => statement.get(values)),
      all: (...values) => this.#guard(() => statement.all(values)),
    };
  }

  /**
   * Runs the work as one write transaction, now. Returns undefined, with nothing done, when another process holds the
   * lock. The work must be synchronous and must change nothing but the database.
   */
  tryWrite<T extends object>(work: () => T): T | undefined {
    try {
      this.#guard(() => this.#connection.exec('BEGIN IMMEDIATE'));
    } catch (error) {
      if (isBusy(error)) return undefined;
      throw storeError(this.path, error);
    }
    try {
      const result = work();
      this.#connection.exec('COMMIT');
      return result;
    } catch (error) {
      rollBack(this.#connection);
      if (isBusy(error)) return undefined;
      throw storeError(this.path, error);
    }
  }

  /** Like {@link tryWrite}, but waits for the lock without holding up the event loop. */
  async write<T extends object>(work: () => T, signal?: AbortSignal): Promise<T> {
    for (;;) {
      throwIfAborted(signal);
      const result = this.tryWrite(work);
      if (result !== undefined) return result;
      await systemClock.sleep(retryDelayMs(), signal);
    }
  }

  /** Runs reads outside a transaction, with our errors. Readers do not wait for a writer. */
  read<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw storeError(this.path, error);
    }
  }

  /** Several reads as of one moment, with our errors. The work must be synchronous and must not write. */
  snapshot<T>(work: () => T): T {
    return this.read(() => {
      this.#guard(() => this.#connection.exec('BEGIN'));
      try {
        return work();
      } finally {
        rollBack(this.#connection);
      }
    });
  }

  /** Makes the file as small as what it holds, in one piece: nobody else can write meanwhile, and it wants as much room again. */
  shrink(): void {
    this.read(() => {
      this.#guard(() => this.#connection.exec('VACUUM'));
      // The smaller file is in the write-ahead file first (sqlite.org/lang_vacuum.html).
      this.#guard(() => this.#connection.exec('PRAGMA wal_checkpoint(TRUNCATE)'));
    });
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#connection.close();
  }

  /** A statement keeps its connection alive in the library; ours refuses to be used after `close()`. */
  #guard<T>(work: () => T): T {
    if (this.#open) return work();
    throw new EnvironmentError({ code: 'store_closed', message: `${this.path} was used after it was closed.` });
  }
}

/** How long to wait for another process before trying a lock again: short and uneven, so that two do not keep step. */
export function retryDelayMs(): number {
  return 1 + Math.random() * 9;
}

function prepareConnection(connection: SqliteConnection, kind: DatabaseKind): void {
  connection.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`);
  connection.exec('PRAGMA journal_mode = WAL');
  connection.exec(`PRAGMA synchronous = ${kind.synchronous}`);
  connection.exec('PRAGMA foreign_keys = ON');
}

function migrate(connection: SqliteConnection, kind: DatabaseKind, file: string): void {
  if (layoutOf(connection, kind, file) === kind.migrations.length) return;
  connection.exec('BEGIN IMMEDIATE');
  try {
    // Asked again under the lock: another process may have been faster.
    for (const sql of kind.migrations.slice(layoutOf(connection, kind, file))) connection.exec(sql);
    connection.exec(`PRAGMA application_id = ${kind.applicationId}`);
    connection.exec(`PRAGMA user_version = ${kind.migrations.length}`);
    connection.exec('COMMIT');
  } catch (error) {
    rollBack(connection);
    throw error;
  }
}

/** How many migrations the file has seen. Throws when the file is not ours or is newer than we are. */
function layoutOf(connection: SqliteConnection, kind: DatabaseKind, file: string): number {
  const facts = connection
    .prepare(
      `SELECT (SELECT user_version FROM pragma_user_version) AS layout,
              (SELECT application_id FROM pragma_application_id) AS application,
              (SELECT count(*) FROM sqlite_schema) AS objects`,
    )
    .get([]) as { layout: number; application: number; objects: number };
  const isNew = facts.objects === 0 && facts.application === 0;
  if (!isNew && facts.application !== kind.applicationId) {
    throw new EnvironmentError({
      code: 'store_foreign',
      message: `${file} is a database, but not a ${kind.name} file of Trunkline's.`,
      hint: 'Move it away, or choose another folder.',
    });
  }
  if (facts.layout > kind.migrations.length) {
    throw new EnvironmentError({
      code: 'store_newer',
      message: `${file} was written by a newer Trunkline (layout ${facts.layout}; this one knows up to ${kind.migrations.length}).`,
      hint: 'Update this Trunkline to the version that wrote the file.',
    });
  }
  return facts.layout;
}

function rollBack(connection: SqliteConnection): void {
  try {
    connection.exec('ROLLBACK');
  } catch {
    // SQLite has already rolled back by itself, as it does on a full disk; the first error is the one to report.
  }
}
