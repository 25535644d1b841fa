import { hostname } from 'node:os';
import path from 'node:path';
import { systemClock, UsageError } from '../../base/index.ts';
import type { Clock } from '../../base/index.ts';
import { openDatabase } from '../database.ts';
import type { Database } from '../database.ts';
import { thisMachine } from '../machine.ts';
import type { Machine, ProcessIdentity } from '../machine.ts';
import type { PackageFacts, Run, RunEnd, RunId, RunNote, RunStart, StreamFacts } from './run.ts';
import { runsDatabase } from './schema.ts';

export type OpenRunsOptions = {
  /** The home folder; the history is `runs.db` in it. */
  readonly home: string;
  readonly clock?: Clock | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Default: the machine we run on. */
  readonly machine?: Machine | undefined;
};

/** The newest runs that are kept. */
const keptRuns = 1_000;
/** A run on another machine that noted nothing for so long is taken for dead. */
const silenceMs = 24 * 3_600_000;

/** Opens the history of runs. Throws `EnvironmentError` when its file cannot be opened. */
export async function openRuns(options: OpenRunsOptions): Promise<Runs> {
  const { home, clock = systemClock, signal, machine = thisMachine } = options;
  const database = await openDatabase({ path: path.join(home, 'runs.db'), kind: runsDatabase, signal });
  try {
    return new Runs({ database, clock, machine, sql: await database.write(() => prepareStatements(database), signal) });
  } catch (error) {
    database.close();
    throw error;
  }
}

/** What was run, when, and what came of it. Holds no secrets and no personal data, as callers must give none. */
export class Runs {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #machine: Machine;
  readonly #sql: Statements;

  constructor(parts: { database: Database; clock: Clock; machine: Machine; sql: Statements }) {
    this.#database = parts.database;
    this.#clock = parts.clock;
    this.#machine = parts.machine;
    this.#sql = parts.sql;
  }

  /** Enters a run of this process. */
  async begin(start: RunStart): Promise<RunId> {
    const { kernel, namespace, pid, started } = this.#machine.self;
    const { id } = await this.#database.write(() => {
      const entered = this.#sql.begin.get(
        start.command,
        start.version,
        hostname(),
        kernel,
        namespace,
        pid,
        started,
        start.startedAt,
        this.#clock.now(),
      ) as { id: RunId };
      for (const stream of start.streams) this.#sql.begins.run(entered.id, stream);
      this.#sql.forget.run(entered.id - keptRuns);
      return entered;
    });
    return id;
  }

  async note(run: RunId, note: RunNote): Promise<void> {
    await this.#database.write(() => {
      this.#sql.note.run(this.#clock.now(), note.requests ?? null, run);
      for (const facts of note.streams ?? []) {
        const { stream, outcome, rows, written, deleted, quarantined, windows, requests, message } = facts;
        this.#sql.noteStream.run(run, stream, outcome, rows, written, deleted, quarantined, windows, requests, message);
      }
      for (const { packageId, sequence, rows, bytes, committedAt } of note.packages ?? []) {
        this.#sql.notePackage.run(run, packageId, sequence, rows, bytes, committedAt);
      }
      return {};
    });
  }

  async end(run: RunId, end: RunEnd): Promise<void> {
    await this.#database.write(() => {
      this.#sql.end.run(new Date(this.#clock.now()).toISOString(), end.exit, end.summary, end.error ?? null, run);
      return {};
    });
  }

  /** The newest runs, newest first. */
  list(options: { readonly limit: number }): readonly Run[] {
    if (!Number.isInteger(options.limit) || options.limit < 0) {
      throw new UsageError({ code: 'run_limit', message: `${options.limit} is not a number of runs.`, hint: 'Give a whole number.' });
    }
    return this.#database.read(() => this.#sql.list.all(options.limit).map((row) => this.#run(row as RunRow)));
  }

  get(run: RunId): Run | undefined {
    return this.#database.read(() => {
      const row = this.#sql.get.get(run) as RunRow | undefined;
      return row && this.#run(row);
    });
  }

  /** Safe to call twice. */
  close(): void {
    this.#database.close();
  }

  #run(row: RunRow): Run {
    const { id, command, version, host, pid, startedAt, endedAt, exit, summary, error, requests } = row;
    return {
      id,
      command,
      version,
      host,
      pid,
      status: this.#statusOf(row),
      startedAt,
      endedAt,
      exit,
      summary,
      error,
      requests,
      streams: this.#sql.streams.all(id).map(streamFacts),
      packages: this.#sql.packages.all(id).map(packageFacts),
    };
  }

  #statusOf(row: RunRow): Run['status'] {
    if (row.endedAt !== null) return 'ended';
    const liveness = this.#machine.liveness(row);
    if (liveness !== 'unknown') return liveness === 'alive' ? 'running' : 'died';
    // The same machine, but started anew since.
    if (row.host === hostname() && row.kernel !== this.#machine.self.kernel) return 'died';
    return this.#clock.now() - row.notedMs > silenceMs ? 'died' : 'running';
  }
}

type Statements = ReturnType<typeof prepareStatements>;
type RunRow = Omit<Run, 'status' | 'streams' | 'packages'> & ProcessIdentity & { readonly notedMs: number };

/** Rows of the library carry a field of its own, so that ours are picked by name. */
function streamFacts(row: unknown): StreamFacts {
  const { stream, outcome, rows, written, deleted, quarantined, windows, requests, message } = row as StreamFacts;
  return { stream, outcome, rows, written, deleted, quarantined, windows, requests, message };
}

function packageFacts(row: unknown): PackageFacts {
  const { packageId, sequence, rows, bytes, committedAt } = row as PackageFacts;
  return { packageId, sequence, rows, bytes, committedAt };
}

function prepareStatements(database: Database) {
  const columns = `id, command, version, host, kernel, namespace, pid, started, started_at AS startedAt, noted_ms AS notedMs,
                   ended_at AS endedAt, exit, summary, error, requests`;
  return {
    begin: database.prepare(
      `INSERT INTO runs (command, version, host, kernel, namespace, pid, started, started_at, noted_ms, requests)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0) RETURNING id`,
    ),
    begins: database.prepare("INSERT OR IGNORE INTO streams VALUES (?, ?, 'pending', 0, 0, 0, 0, 0, 0, NULL)"),
    forget: database.prepare('DELETE FROM runs WHERE id <= ?'),
    note: database.prepare('UPDATE runs SET noted_ms = ?, requests = coalesce(?, requests) WHERE id = ?'),
    noteStream: database.prepare(
      `INSERT INTO streams VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (run, stream) DO UPDATE SET outcome = excluded.outcome, "rows" = excluded."rows", written = excluded.written,
         deleted = excluded.deleted, quarantined = excluded.quarantined, windows = excluded.windows,
         requests = excluded.requests, message = excluded.message`,
    ),
    notePackage: database.prepare('INSERT OR REPLACE INTO packages VALUES (?, ?, ?, ?, ?, ?)'),
    end: database.prepare('UPDATE runs SET ended_at = ?, exit = ?, summary = ?, error = ? WHERE id = ?'),
    list: database.prepare(`SELECT ${columns} FROM runs ORDER BY id DESC LIMIT ?`),
    get: database.prepare(`SELECT ${columns} FROM runs WHERE id = ?`),
    streams: database.prepare('SELECT * FROM streams WHERE run = ? ORDER BY rowid'),
    packages: database.prepare(
      `SELECT package_id AS packageId, sequence, "rows", bytes, committed_at AS committedAt FROM packages WHERE run = ? ORDER BY sequence`,
    ),
  };
}
