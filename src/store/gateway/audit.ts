// The rows of one company's log: records, where the chain ends, checkpoints. Knows nothing of keys and of what records say;
// what is written here was sealed by the one who writes, and is checked by the one who reads.
import type { Database, Statement } from '../database.ts';
import type { SqlValue } from '../sqlite.ts';
import { decidingColumns, decidingRowsOf } from './deciding-rows.ts';
import type { DecidingRows } from './deciding-rows.ts';
import { SegmentStore } from './segments.ts';

export type StoredRecord = { readonly seq: number; readonly bytes: string; readonly prev: string; readonly hash: string };

/** The last record's place, hash and time, under an HMAC. Before the first record: 0, and what the first one links to. */
export type StoredHead = {
  readonly seq: number;
  readonly hash: string;
  readonly time: string;
  readonly checkpoints: number;
  /** Marks of the rows that decide, JSON. */
  readonly deciding: string;
  readonly mac: string;
};

/** Where the log ends, by what was noted about it and by its records. */
export type StoredEnd = {
  readonly head: StoredHead | null;
  readonly last: Pick<StoredRecord, 'seq' | 'hash'> | null;
};

/** The first two are null where there is no head. */
export type StoredEnds = {
  readonly headSeq: number | null;
  readonly headCheckpoints: number | null;
  readonly lastSeq: number;
  /** Archived ones included. */
  readonly checkpoints: number;
};

export type StoredCheckpoint = {
  readonly seq: number;
  readonly head: string;
  readonly time: string;
  readonly signature: string;
  readonly keyId: string;
};

/** What records to find. All that are given must hold. */
export type RecordFilter = {
  readonly callId?: string | undefined;
  readonly agentId?: string | undefined;
  readonly capability?: string | undefined;
  readonly phase?: string | undefined;
  /** Of what was asked: `read`, `delete`, … */
  readonly effect?: string | undefined;
  /** `allow`, `deny`, … */
  readonly decision?: string | undefined;
  /** Stands in the sentence, whatever the case of ASCII letters. */
  readonly sentence?: string | undefined;
  /** Stands anywhere in the bytes, exactly. */
  readonly contains?: string | undefined;
};

/** A run of records as one text, for reading many at once. */
export type RecordRun = {
  readonly count: number;
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** Records whose hash and prev are not 64 characters long. */
  readonly odd: number;
  /** Per record a line: hash, prev, bytes, with nothing between them. Lines are not to be trusted where bytes hold a newline. */
  readonly lines: string;
};

/** Throws `EnvironmentError` when the file cannot be read or written. Writing is for the inside of a write transaction. */
export class AuditStore {
  readonly company: string;
  readonly segments: SegmentStore;
  readonly #database: Database;
  readonly #sql: ReturnType<typeof prepareStatements>;
  readonly #searches = new Map<string, Statement>();

  constructor(parts: { readonly database: Database; readonly company: string }) {
    this.company = parts.company;
    this.segments = new SegmentStore(parts);
    this.#database = parts.database;
    this.#sql = parts.database.read(() => prepareStatements(parts.database));
  }

  head(): StoredHead | null {
    return this.#read(() => (this.#sql.head.get(this.company) as StoredHead | undefined) ?? null); // columns as the type's
  }

  /** The rows that decide what agents may do. */
  decidingRows(): DecidingRows {
    return this.#read(() => decidingRowsOf(this.#sql.deciding.get(this.company)));
  }

  end(): StoredEnd {
    return this.#read(() => endOf(this.#sql.end.get(this.company)));
  }

  /** Both as of one moment. */
  endAndDecidingRows(): StoredEnd & { readonly deciding: DecidingRows } {
    return this.#read(() => {
      const row = this.#sql.endAndDeciding.get(this.company);
      return { ...endOf(row), deciding: decidingRowsOf(row) };
    });
  }

  /** Changes when another connection, of this or another process, has committed (sqlite.org/pragma.html#pragma_data_version). */
  otherCommits(): number {
    return this.#read(() => (this.#sql.otherCommits.get() as { data_version: number }).data_version);
  }

  /** The head's numbers and what the tables hold, as of one moment. */
  ends(): StoredEnds {
    const companies = Array.from({ length: 6 }, () => this.company);
    return this.#read(() => this.#sql.ends.get(...companies) as StoredEnds); // columns as the type's
  }

  /** How many records each index holds, as of one moment. Equal, where nobody took entries out of one. */
  indexedCounts(): readonly { readonly index: string; readonly count: number }[] {
    const companies = indexes.map(() => this.company);
    const counts = this.#read(() => this.#sql.indexedCounts.get(...companies)) as Record<string, number>; // one column per index
    return indexes.map((index) => ({ index, count: counts[index] ?? 0 }));
  }

  /** How many records there are, counted without an index. */
  count(): number {
    return this.#read(() => (this.#sql.count.get(this.company) as { count: number }).count);
  }

  record(seq: number): StoredRecord | null {
    return this.#read(() => (this.#sql.record.get(this.company, seq) as StoredRecord | undefined) ?? null);
  }

  /** In order, after a number. */
  records(options: { readonly after: number; readonly limit: number }): readonly StoredRecord[] {
    return this.#read(() => this.#sql.records.all(this.company, options.after, options.limit)) as StoredRecord[];
  }

  /** The same records as {@link records}, in the form that is quickest to read. */
  run(options: { readonly after: number; readonly limit: number }): RecordRun {
    const run = this.#read(() => this.#sql.run.get(this.company, options.after, options.limit)) as RecordRun & { lines: string | null };
    return { ...run, lines: run.lines ?? '' };
  }

  /**
   * Records with `after < seq <= until` that fit, oldest or newest first. What is looked at is bounded by the numbers, so that
   * a long log can be searched piece by piece.
   */
  find(options: {
    readonly filter: RecordFilter;
    readonly after: number;
    readonly until: number;
    readonly limit: number;
    readonly newestFirst: boolean;
  }): readonly StoredRecord[] {
    const { filter, after, until, limit, newestFirst } = options;
    const conditions = conditionsOf(filter);
    const where = ['company = ?', 'seq > ?', 'seq <= ?', ...conditions.map(({ sql }) => sql)].join(' AND ');
    const sql = `SELECT seq, bytes, prev, hash FROM audit_records WHERE ${where} ORDER BY seq ${newestFirst ? 'DESC' : 'ASC'} LIMIT ?`;
    const values = [this.company, after, until, ...conditions.map(({ value }) => value), limit];
    return this.#read(() => this.#search(sql).all(...values)) as StoredRecord[];
  }

  /** The number of the last record before a moment; 0 when there is none. Records stand in the order of their times. */
  lastBefore(moment: string): number {
    let [low, high] = [0, this.ends().lastSeq];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      const found = this.#read(() => this.#sql.timeUpTo.get(this.company, middle)) as { seq: number; time: string | null } | undefined;
      // A number that is missing counts as the one before it; one that cannot be read as late, so that it is looked at.
      if (found === undefined) low = middle;
      else if (found.time !== null && found.time < moment) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  insert({ seq, bytes, prev, hash }: StoredRecord): void {
    this.#sql.insert.run(this.company, seq, bytes, prev, hash);
  }

  setHead({ seq, hash, time, checkpoints, deciding, mac }: StoredHead): void {
    this.#sql.setHead.run(this.company, seq, hash, time, checkpoints, deciding, mac);
  }

  /** Says whether it was kept: a place that has its checkpoint keeps that. */
  insertCheckpoint({ seq, head, time, signature, keyId }: StoredCheckpoint): boolean {
    return this.#sql.insertCheckpoint.run(this.company, seq, head, time, signature, keyId) > 0;
  }

  /** In order, after a number. */
  checkpoints(options: { readonly after: number; readonly limit: number }): readonly StoredCheckpoint[] {
    return this.#read(() => this.#sql.checkpoints.all(this.company, options.after, options.limit)) as StoredCheckpoint[];
  }

  newestCheckpoint(): StoredCheckpoint | null {
    return this.#read(() => (this.#sql.newestCheckpoint.get(this.company) as StoredCheckpoint | undefined) ?? null);
  }

  openCall(callId: string, seq: number): void {
    this.#sql.openCall.run(this.company, callId, seq);
  }

  closeCall(callId: string): void {
    this.#sql.closeCall.run(this.company, callId);
  }

  /** The intents whose outcome is not recorded, oldest first. */
  openCalls(): readonly StoredRecord[] {
    return this.#read(() => this.#sql.openCalls.all(this.company)) as StoredRecord[];
  }

  /** Runs work of which nothing stays when it throws, inside a write transaction that goes on. */
  attempt(work: () => void): void {
    this.#sql.savepoint.run();
    try {
      work();
    } catch (error) {
      this.#sql.undo.run();
      this.#sql.release.run();
      throw error;
    }
    this.#sql.release.run();
  }

  /** Compares tables and indexes of the whole file. Slow. Null when they agree, else SQLite's words. */
  integrity(): string | null {
    const rows = this.#read(() => this.#database.prepare('PRAGMA integrity_check(1)').all()) as { integrity_check: string }[];
    const words = rows[0]?.integrity_check ?? 'no answer';
    return words === 'ok' ? null : words;
  }

  #read<T>(work: () => T): T {
    return this.#database.read(work);
  }

  #search(sql: string): Statement {
    const known = this.#searches.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(sql);
    this.#searches.set(sql, statement);
    return statement;
  }
}

/** By which searches go; the first is that of the numbers. */
const indexes = [
  'sqlite_autoindex_audit_records_1',
  'audit_records_by_call',
  'audit_records_by_agent',
  'audit_records_by_capability',
] as const;

type EndRow = { readonly [column in keyof StoredHead]: StoredHead[column] | null } & {
  readonly lastSeq: number | null;
  readonly lastHash: string | null;
};

function endOf(row: unknown): StoredEnd {
  const { seq, hash, time, checkpoints, deciding, mac, lastSeq, lastHash } = row as EndRow; // the columns of `end`
  const head = seq === null ? null : ({ seq, hash, time, checkpoints, deciding, mac } as StoredHead); // none of a row's is null
  return { head, last: lastSeq === null || lastHash === null ? null : { seq: lastSeq, hash: lastHash } };
}

type Condition = { readonly sql: string; readonly value: SqlValue };

function conditionsOf(filter: RecordFilter): readonly Condition[] {
  const conditions: Condition[] = [];
  const add = (sql: string, value: string | undefined) => {
    if (value !== undefined) conditions.push({ sql, value });
  };
  const field = (path: string) => `CASE WHEN json_valid(bytes) THEN json_extract(bytes, '$.${path}') END`;
  add('call_id = ?', filter.callId);
  add('agent_id = ?', filter.agentId);
  add('capability = ?', filter.capability);
  add('instr(bytes, ?) > 0', filter.contains);
  add(`${field('phase')} = ?`, filter.phase);
  add(`${field('what.effect')} = ?`, filter.effect);
  add(`${field('decision.effect')} = ?`, filter.decision);
  add(`instr(lower(${field('sentence')}), lower(?)) > 0`, filter.sentence);
  return conditions;
}

function prepareStatements(database: Database) {
  const records = 'SELECT seq, bytes, prev, hash FROM audit_records';
  const checkpoints = 'SELECT seq, head, time, signature, key_id AS keyId FROM audit_checkpoints';
  const end = 'h.seq, h.hash, h.time, h.checkpoints, h.deciding, h.mac, r.seq AS lastSeq, r.hash AS lastHash';
  const atEnd = `(SELECT ?1 AS company) AS c LEFT JOIN audit_heads AS h ON h.company = ?1
    LEFT JOIN audit_records AS r ON r.company = ?1 AND r.seq = (SELECT max(seq) FROM audit_records WHERE company = ?1)`;
  return {
    end: database.prepare(`SELECT ${end} FROM ${atEnd}`),
    endAndDeciding: database.prepare(`SELECT ${end}, ${decidingColumns} FROM ${atEnd}`),
    deciding: database.prepare(`SELECT ${decidingColumns}`),
    head: database.prepare('SELECT seq, hash, time, checkpoints, deciding, mac FROM audit_heads WHERE company = ?'),
    ends: database.prepare(
      `SELECT (SELECT seq FROM audit_heads WHERE company = ?) AS headSeq,
              (SELECT checkpoints FROM audit_heads WHERE company = ?) AS headCheckpoints,
              (SELECT coalesce(max(seq), 0) FROM audit_records WHERE company = ?) AS lastSeq,
              (SELECT count(*) FROM audit_checkpoints WHERE company = ?
                AND seq > (SELECT coalesce(max(last_seq), 0) FROM audit_segments WHERE company = ?))
              + (SELECT coalesce(sum(checkpoints), 0) FROM audit_segments WHERE company = ?) AS checkpoints`,
    ),
    indexedCounts: database.prepare(
      `SELECT ${indexes.map((name) => `(SELECT count(*) FROM audit_records INDEXED BY ${name} WHERE company = ?) AS ${name}`).join(', ')}`,
    ),
    count: database.prepare('SELECT count(*) AS count FROM audit_records NOT INDEXED WHERE company = ?'),
    record: database.prepare(`${records} WHERE company = ? AND seq = ?`),
    records: database.prepare(`${records} WHERE company = ? AND seq > ? ORDER BY seq LIMIT ?`),
    run: database.prepare(
      `SELECT count(*) AS count, coalesce(min(seq), 0) AS firstSeq, coalesce(max(seq), 0) AS lastSeq,
              coalesce(sum(length(hash) <> 64 OR length(prev) <> 64), 0) AS odd,
              group_concat(hash || prev || bytes, char(10)) AS lines
       FROM (${records} WHERE company = ? AND seq > ? ORDER BY seq LIMIT ?)`,
    ),
    timeUpTo: database.prepare(
      `SELECT seq, CASE WHEN json_valid(bytes) THEN json_extract(bytes, '$.time') END AS time
       FROM audit_records WHERE company = ? AND seq <= ? ORDER BY seq DESC LIMIT 1`,
    ),
    insert: database.prepare('INSERT INTO audit_records (company, seq, bytes, prev, hash) VALUES (?, ?, ?, ?, ?)'),
    setHead: database.prepare(
      `INSERT INTO audit_heads (company, seq, hash, time, checkpoints, deciding, mac) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (company) DO UPDATE SET seq = excluded.seq, hash = excluded.hash, time = excluded.time,
         checkpoints = excluded.checkpoints, deciding = excluded.deciding, mac = excluded.mac`,
    ),
    insertCheckpoint: database.prepare(
      `INSERT INTO audit_checkpoints (company, seq, head, time, signature, key_id) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (company, seq) DO NOTHING`,
    ),
    checkpoints: database.prepare(`${checkpoints} WHERE company = ? AND seq > ? ORDER BY seq LIMIT ?`),
    newestCheckpoint: database.prepare(`${checkpoints} WHERE company = ? ORDER BY seq DESC LIMIT 1`),
    openCall: database.prepare('INSERT INTO audit_open_calls (company, call_id, seq) VALUES (?, ?, ?) ON CONFLICT DO NOTHING'),
    closeCall: database.prepare('DELETE FROM audit_open_calls WHERE company = ? AND call_id = ?'),
    openCalls: database.prepare(
      `SELECT r.seq, r.bytes, r.prev, r.hash FROM audit_open_calls o
       JOIN audit_records r ON r.company = o.company AND r.seq = o.seq WHERE o.company = ? ORDER BY o.seq`,
    ),
    otherCommits: database.prepare('PRAGMA data_version'),
    savepoint: database.prepare('SAVEPOINT one_record'),
    undo: database.prepare('ROLLBACK TO one_record'),
    release: database.prepare('RELEASE one_record'),
  };
}
