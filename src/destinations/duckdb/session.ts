// What one user of the file does with it. Every call opens the file, does its work in one transaction, and closes it.
import { rm, stat } from 'node:fs/promises';
import { type Clock, systemClock } from '../../base/index.ts';
import {
  type DroppedStream,
  type Lease,
  type LeaseHolder,
  type LoadStep,
  type OpenOptions,
  type QueryOptions,
  type QueryResult,
  type Recalled,
  type Receipt,
  type SealedPackage,
  type Session,
  verifyPackage,
} from '../../load/index.ts';
import { Bookkeeping } from './bookkeeping.ts';
import { commitPatiently } from './commit-patiently.ts';
import { Database } from './database.ts';
import { dropStreams } from './drop-streams.ts';
import { asOurs } from './duckdb-errors.ts';
import { claimLease, prolongLease, releaseLease } from './lease.ts';
import { liveKeyPages } from './live-keys.ts';
import { openToRead, openToWrite, type Waiting } from './open-files.ts';
import { compactSql, defaults, type DuckdbOptions, instanceSettings } from './options.ts';
import { runQuery, sandboxSettings } from './query.ts';
import { damageOf, realShape } from './shape.ts';
import { publishSnapshot } from './snapshot.ts';
import { momentText } from './types.ts';

/** Lines of one table in a package from which on many rows are being loaded. */
const bulkLines = 5000;

export class DuckdbSession implements Session {
  readonly #options: DuckdbOptions;
  readonly #dataset: string;
  readonly #label: string;
  readonly #clock: Clock;
  readonly #leaseMs: number;
  readonly #waiting: Waiting;
  readonly #onStep: (step: LoadStep) => void;
  /** A package of many lines came: this is a first sync, or something like it. */
  #isBulk = false;

  constructor(options: DuckdbOptions, label: string, open: OpenOptions) {
    this.#options = options;
    this.#dataset = options.dataset ?? defaults.dataset;
    this.#label = label;
    this.#clock = options.clock ?? systemClock;
    this.#leaseMs = options.leaseMs ?? defaults.leaseMs;
    this.#waiting = {
      label,
      clock: this.#clock,
      signal: open.signal,
      onWait: open.onWait,
      lockWaitMs: options.lockWaitMs ?? defaults.lockWaitMs,
    };
    this.#onStep = open.onStep ?? (() => {});
  }

  async recall(pipeline: string): Promise<Recalled> {
    const unknown: Recalled = { known: false, states: {}, lastPackage: null, tables: {}, damage: [] };
    if (!(await this.#hasContent())) return unknown;
    return this.#reading(async (database) => {
      const books = new Bookkeeping(database, this.#dataset);
      if (!(await books.exists())) return unknown;
      const tables = await books.tables();
      return {
        known: true,
        states: await books.states(pipeline),
        lastPackage: await books.lastPackage(pipeline),
        tables,
        damage: damageOf(tables, await realShape(database, this.#dataset)),
      };
    });
  }

  claim(pipeline: string, holder: LeaseHolder): Promise<Lease> {
    return this.#writing((database, books) =>
      database.transaction(async () => {
        await books.create();
        return claimLease(database, books, { pipeline, holder, ...this.#times });
      }),
    );
  }

  renew(lease: Lease): Promise<Lease> {
    return this.#writing((database, books) => database.transaction(() => prolongLease(database, books, { lease, ...this.#times })));
  }

  release(lease: Lease): Promise<void> {
    return this.#writing((database, books) => database.transaction(() => releaseLease(database, books, lease)));
  }

  async load(sealed: SealedPackage, lease: Lease): Promise<Receipt> {
    const { packageId } = sealed.manifest;
    const onStep = (step: LoadStep['step'], table: string | null) => this.#onStep({ packageId, step, table });
    onStep('verifying', null);
    await verifyPackage(sealed, this.#waiting.signal);
    this.#isBulk ||= sealed.manifest.files.some(({ rows }) => rows >= bulkLines);
    const receipt = await this.#writing(async (database) => {
      if (!this.#isBulk) await database.run(compactSql);
      const committed = await commitPatiently(database, { dataset: this.#dataset, sealed, lease, onStep, ...this.#times });
      await database.checkpoint();
      return committed;
    });
    onStep('settled', null);
    return receipt;
  }

  async *liveKeys(table: string, between?: { readonly column: string; readonly from: string; readonly to: string }): AsyncIterable<string> {
    if (!(await this.#hasContent())) return;
    const pages = liveKeyPages((work) => this.#reading(work), { dataset: this.#dataset, table, between });
    for await (const page of pages) yield* page;
  }

  async query(sql: string, options: QueryOptions = {}): Promise<QueryResult> {
    const settings = { ...instanceSettings(this.#options), ...sandboxSettings };
    const signal = options.signal ?? this.#waiting.signal;
    const file = await openToRead(this.#options.path, settings, { ...this.#waiting, signal });
    return runQuery(file, { ...options, signal, sql, dataset: this.#dataset, label: this.#label });
  }

  drop(pipeline: string, streams: readonly DroppedStream[], lease: Lease): Promise<void> {
    return this.#writing((database, books) =>
      database.transaction(async () => {
        await prolongLease(database, books, { lease, ...this.#times });
        await dropStreams(database, books, { pipeline, streams, at: momentText(this.#times.now()) });
      }),
    );
  }

  publish(): Promise<void> {
    return publishSnapshot(this.#options.path, instanceSettings(this.#options), this.#waiting);
  }

  /** Nothing is open between two calls. */
  async close(): Promise<void> {}

  get #times() {
    return { now: () => new Date(this.#clock.now()), leaseMs: this.#leaseMs };
  }

  async #reading<T>(work: (database: Database) => Promise<T>): Promise<T> {
    const file = await openToRead(this.#options.path, instanceSettings(this.#options), this.#waiting);
    const database = await Database.connect(file, this.#label, this.#waiting.signal);
    return this.#closing(database, () => work(database));
  }

  async #writing<T>(work: (database: Database, books: Bookkeeping) => Promise<T>): Promise<T> {
    const file = await openToWrite(this.#options.path, instanceSettings(this.#options), this.#waiting);
    const database = await Database.connect(file, this.#label, this.#waiting.signal);
    return this.#closing(database, async () => {
      // Rows that a killed load had put aside.
      await rm(`${this.#options.path}.tmp`, { recursive: true, force: true });
      return work(database, new Bookkeeping(database, this.#dataset));
    });
  }

  async #closing<T>(database: Database, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw asOurs(error, this.#label);
    } finally {
      database.close();
    }
  }

  /** A file that was never written cannot be opened for reading, and need not be. */
  async #hasContent(): Promise<boolean> {
    const found = await stat(this.#options.path).catch(() => null);
    return found !== null && found.size > 0;
  }
}
