// One open connection, with the few calls the rest of this folder needs. Closing it gives the file back.
import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import { throwIfAborted } from '../../base/index.ts';
import { asOurs } from './duckdb-errors.ts';
import type { OpenedFile } from './open-files.ts';

/** Values bound to `$1`, `$2`, … */
export type Parameters = readonly DuckDBValue[];

export class Database {
  readonly connection: DuckDBConnection;
  readonly #file: OpenedFile;
  readonly #signal: AbortSignal | undefined;

  private constructor(file: OpenedFile, connection: DuckDBConnection, signal: AbortSignal | undefined) {
    this.#file = file;
    this.connection = connection;
    this.#signal = signal;
    signal?.addEventListener('abort', this.#interrupt, { once: true });
  }

  /** Statements end with `Interrupted` once the signal aborts, also the one that is running. */
  static async connect(file: OpenedFile, label: string, signal?: AbortSignal): Promise<Database> {
    let database: Database | null = null;
    try {
      database = new Database(file, await file.instance.connect(), signal);
      await database.run("SET TimeZone = 'UTC'");
      return database;
    } catch (error) {
      if (database === null) file.close();
      else database.close();
      throw asOurs(error, label);
    }
  }

  /** Runs one statement and tells how many rows it changed. */
  async run(sql: string, parameters: Parameters = []): Promise<number> {
    throwIfAborted(this.#signal);
    const result = await this.connection.run(sql, [...parameters]);
    return result.rowsChanged;
  }

  /** All rows of a small result, with DuckDB's own values: bigint for 64-bit integers. */
  async rows(sql: string, parameters: Parameters = []): Promise<readonly (readonly DuckDBValue[])[]> {
    throwIfAborted(this.#signal);
    const result = await this.connection.run(sql, [...parameters]);
    return result.getRows();
  }

  /** The only value of a result of one row, as a number. */
  async count(sql: string, parameters: Parameters = []): Promise<number> {
    const rows = await this.rows(sql, parameters);
    return Number(rows[0]?.[0] ?? 0);
  }

  /** Everything in `work` happens, or nothing. Errors arrive as they were thrown. */
  async transaction<T>(work: () => Promise<T>): Promise<T> {
    await this.run('BEGIN TRANSACTION');
    let result: T;
    try {
      result = await work();
    } catch (error) {
      // After some errors DuckDB has ended the transaction itself; then there is nothing to roll back.
      await this.connection.run('ROLLBACK').catch(() => {});
      throw error;
    }
    await this.run('COMMIT');
    return result;
  }

  /**
   * Moves what is committed from the log into the tables. Closing does so too, but nothing else could happen in this process
   * meanwhile, and joining row groups can take seconds. Should it fail, the log is still there for the next one who opens.
   */
  async checkpoint(): Promise<void> {
    await this.connection.run('CHECKPOINT').catch(() => {});
  }

  readonly #interrupt = (): void => {
    this.connection.interrupt();
  };

  close(): void {
    this.#signal?.removeEventListener('abort', this.#interrupt);
    try {
      this.connection.closeSync();
    } finally {
      this.#file.close();
    }
  }
}
