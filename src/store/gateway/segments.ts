// What of one company's log was written to files, and taking it out of the database afterwards.
import type { Database } from '../database.ts';

/** A run of records that stands in a file of its own. */
export type StoredSegment = {
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** What the first record follows on. */
  readonly prev: string;
  /** Of the last record. */
  readonly hash: string;
  /** Of the last record, ISO-8601. */
  readonly time: string;
  readonly checkpoints: number;
  /** The name, without its folder. */
  readonly file: string;
  readonly sha256: string;
  readonly mac: string;
};

/** Throws `EnvironmentError` when the file cannot be read or written. */
export class SegmentStore {
  readonly #company: string;
  readonly #database: Database;
  readonly #sql: ReturnType<typeof prepareStatements>;

  constructor({ database, company }: { readonly database: Database; readonly company: string }) {
    this.#company = company;
    this.#database = database;
    this.#sql = database.read(() => prepareStatements(database));
  }

  /** In the order of their records. */
  all(): readonly StoredSegment[] {
    return this.#database.read(() => this.#sql.all.all(this.#company)) as StoredSegment[];
  }

  last(): StoredSegment | null {
    return this.#database.read(() => (this.#sql.last.get(this.#company) as StoredSegment | undefined) ?? null); // columns as the type's
  }

  /** For the inside of a write transaction. */
  insert({ firstSeq, lastSeq, prev, hash, time, checkpoints, file, sha256, mac }: StoredSegment): void {
    this.#sql.insert.run(this.#company, firstSeq, lastSeq, prev, hash, time, checkpoints, file, sha256, mac);
  }

  /** How many checkpoints there are of these records. */
  checkpoints(range: Pick<StoredSegment, 'firstSeq' | 'lastSeq'>): number {
    const row = this.#database.read(() => this.#sql.checkpoints.get(this.#company, range.firstSeq, range.lastSeq));
    return (row as { count: number }).count;
  }

  /** How many records up to a number are still in the database. */
  left(lastSeq: number): number {
    return (this.#database.read(() => this.#sql.left.get(this.#company, lastSeq)) as { count: number }).count;
  }

  /**
   * Takes the first records, so many at most and none after a number, out of the database with their checkpoints. Gives how many these
   * were. `mayGo` is asked inside the transaction, and throws when they may not.
   */
  async remove(options: {
    readonly lastSeq: number;
    readonly limit: number;
    readonly mayGo: () => void;
    readonly signal?: AbortSignal | undefined;
  }): Promise<number> {
    const { lastSeq, limit, mayGo, signal } = options;
    const { removed } = await this.#database.write(() => {
      mayGo();
      const { end } = this.#sql.end.get(this.#company, lastSeq, limit) as { end: number | null };
      if (end === null) return { removed: 0 };
      this.#sql.removeCheckpoints.run(this.#company, end);
      return { removed: this.#sql.removeRecords.run(this.#company, end) };
    }, signal);
    return removed;
  }
}

function prepareStatements(database: Database) {
  const segments =
    'SELECT first_seq AS firstSeq, last_seq AS lastSeq, prev, hash, time, checkpoints, file, sha256, mac FROM audit_segments WHERE company = ?';
  return {
    all: database.prepare(`${segments} ORDER BY last_seq`),
    last: database.prepare(`${segments} ORDER BY last_seq DESC LIMIT 1`),
    insert: database.prepare(
      `INSERT INTO audit_segments (company, first_seq, last_seq, prev, hash, time, checkpoints, file, sha256, mac)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    checkpoints: database.prepare('SELECT count(*) AS count FROM audit_checkpoints WHERE company = ? AND seq BETWEEN ? AND ?'),
    left: database.prepare('SELECT count(*) AS count FROM audit_records WHERE company = ? AND seq <= ?'),
    end: database.prepare(
      'SELECT max(seq) AS "end" FROM (SELECT seq FROM audit_records WHERE company = ? AND seq <= ? ORDER BY seq LIMIT ?)',
    ),
    removeRecords: database.prepare('DELETE FROM audit_records WHERE company = ? AND seq <= ?'),
    removeCheckpoints: database.prepare('DELETE FROM audit_checkpoints WHERE company = ? AND seq <= ?'),
  };
}
