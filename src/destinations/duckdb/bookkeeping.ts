// The tables in which a destination keeps what it knows about its loads. They live in the dataset, beside the data, so that
// one commit covers both and a copied dataset is a complete copy.
import type { JsonObject } from '../../base/index.ts';
import type { Receipt, SealedPackage, StreamStates, TableCounts } from '../../load/index.ts';
import type { TableSet } from '../../rows/index.ts';
import type { Database } from './database.ts';
import { tombstone } from './merge-context.ts';
import { literal, name } from './names.ts';
import { type JsonFile, readJson } from './read-json.ts';
import { isoText } from './types.ts';

const tables: Readonly<Record<string, string>> = {
  _trunkline_loads: `package_id VARCHAR PRIMARY KEY, pipeline VARCHAR NOT NULL, sequence BIGINT NOT NULL, schema_hash VARCHAR NOT NULL,
    row_counts JSON NOT NULL, quarantined BIGINT NOT NULL, deleted BIGINT NOT NULL, started_at TIMESTAMPTZ NOT NULL,
    committed_at TIMESTAMPTZ NOT NULL, writer VARCHAR NOT NULL, UNIQUE (pipeline, sequence)`,
  _trunkline_state: `pipeline VARCHAR, stream VARCHAR, state JSON NOT NULL, package_id VARCHAR NOT NULL, updated_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (pipeline, stream)`,
  _trunkline_schema: `version BIGINT PRIMARY KEY, schema_hash VARCHAR NOT NULL, "schema" JSON NOT NULL, package_id VARCHAR NOT NULL,
    created_at TIMESTAMPTZ NOT NULL`,
  _trunkline_lease: `pipeline VARCHAR PRIMARY KEY, holder JSON, fence BIGINT NOT NULL, expires_at TIMESTAMPTZ NOT NULL`,
  _trunkline_quarantine: `package_id VARCHAR NOT NULL, table_name VARCHAR NOT NULL, row_key VARCHAR, column_name VARCHAR,
    reason VARCHAR NOT NULL, "value" VARCHAR, seen_at TIMESTAMPTZ NOT NULL`,
  _trunkline_patches: `table_name VARCHAR NOT NULL, row_key VARCHAR NOT NULL, column_name VARCHAR NOT NULL, event_at TIMESTAMPTZ NOT NULL`,
};

export class Bookkeeping {
  readonly #database: Database;
  readonly #dataset: string;

  constructor(database: Database, dataset: string) {
    this.#database = database;
    this.#dataset = dataset;
  }

  /** A table of the dataset, quoted. */
  table(table: string): string {
    return `${name(this.#dataset)}.${name(table)}`;
  }

  async create(): Promise<void> {
    const all = Object.keys(tables);
    if ((await this.#found(all)) === all.length) return;
    await this.#database.run(`CREATE SCHEMA IF NOT EXISTS ${name(this.#dataset)}`);
    for (const [table, columns] of Object.entries(tables)) {
      await this.#database.run(`CREATE TABLE IF NOT EXISTS ${this.table(table)} (${columns})`);
    }
  }

  /** False when the bookkeeping was never made here, or somebody dropped it. */
  async exists(): Promise<boolean> {
    return (await this.#found(['_trunkline_loads', '_trunkline_state', '_trunkline_schema', '_trunkline_lease'])) === 4;
  }

  async #found(of: readonly string[]): Promise<number> {
    return this.#database.count(
      `SELECT count(*) FROM duckdb_tables() WHERE database_name = current_database() AND schema_name = $1 AND table_name IN (${of.map(literal).join(', ')})`,
      [this.#dataset],
    );
  }

  async states(pipeline: string): Promise<StreamStates> {
    const rows = await this.#database.rows(`SELECT stream, state::VARCHAR FROM ${this.table('_trunkline_state')} WHERE pipeline = $1`, [
      pipeline,
    ]);
    return Object.fromEntries(
      rows.map(([stream, state]): [string, JsonObject] => [String(stream), JSON.parse(String(state)) as JsonObject]),
    );
  }

  async saveStates(sealed: SealedPackage, at: string): Promise<void> {
    const { pipeline, packageId, state } = sealed.manifest;
    const table = this.table('_trunkline_state');
    for (const [stream, after] of Object.entries(state.after)) {
      await this.#database.run(`DELETE FROM ${table} WHERE pipeline = $1 AND stream = $2`, [pipeline, stream]);
      if (after === null) continue;
      await this.#database.run(`INSERT INTO ${table} VALUES ($1, $2, $3, $4, $5::TIMESTAMPTZ)`, [
        pipeline,
        stream,
        JSON.stringify(after),
        packageId,
        at,
      ]);
    }
  }

  async lastPackage(pipeline: string): Promise<{ packageId: string; sequence: number; committedAt: string } | null> {
    const rows = await this.#database.rows(
      `SELECT package_id, sequence, ${isoText('committed_at')} FROM ${this.table('_trunkline_loads')}
        WHERE pipeline = $1 ORDER BY sequence DESC LIMIT 1`,
      [pipeline],
    );
    const last = rows[0];
    return last === undefined ? null : { packageId: String(last[0]), sequence: Number(last[1]), committedAt: String(last[2]) };
  }

  /** The receipt of a package that is committed; null for one that is not. */
  async receipt(packageId: string): Promise<Receipt | null> {
    const rows = await this.#database.rows(
      `SELECT pipeline, sequence, ${isoText('committed_at')}, row_counts::VARCHAR, quarantined, deleted
        FROM ${this.table('_trunkline_loads')} WHERE package_id = $1`,
      [packageId],
    );
    const found = rows[0];
    if (found === undefined) return null;
    return {
      packageId,
      pipeline: String(found[0]),
      sequence: Number(found[1]),
      committedAt: String(found[2]),
      tables: JSON.parse(String(found[3])) as Record<string, TableCounts>,
      quarantined: Number(found[4]),
      deleted: Number(found[5]),
    };
  }

  async saveReceipt(
    receipt: Receipt,
    facts: { readonly schemaHash: string; readonly startedAt: string; readonly writer: string },
  ): Promise<void> {
    await this.#database.run(
      `INSERT INTO ${this.table('_trunkline_loads')} VALUES ($1, $2, $3, $4, $5, $6, $7, $8::TIMESTAMPTZ, $9::TIMESTAMPTZ, $10)`,
      [
        receipt.packageId,
        receipt.pipeline,
        BigInt(receipt.sequence),
        facts.schemaHash,
        JSON.stringify(receipt.tables),
        BigInt(receipt.quarantined),
        BigInt(receipt.deleted),
        facts.startedAt,
        receipt.committedAt,
        facts.writer,
      ],
    );
  }

  /** All tables as last committed. */
  async tables(): Promise<TableSet> {
    const rows = await this.#database.rows(
      `SELECT "schema"::VARCHAR FROM ${this.table('_trunkline_schema')} ORDER BY version DESC LIMIT 1`,
    );
    return rows[0] === undefined ? {} : (JSON.parse(String(rows[0][0])) as TableSet);
  }

  async saveTables(tables: TableSet, hash: string, packageId: string, at: string): Promise<void> {
    const table = this.table('_trunkline_schema');
    const known = await this.#database.rows(`SELECT version, schema_hash FROM ${table} ORDER BY version DESC LIMIT 1`);
    if (known[0]?.[1] === hash) return;
    await this.#database.run(`INSERT INTO ${table} VALUES ($1, $2, $3, $4, $5::TIMESTAMPTZ)`, [
      BigInt(Number(known[0]?.[0] ?? 0) + 1),
      hash,
      JSON.stringify(tables),
      packageId,
      at,
    ]);
  }

  async quarantine(sealed: SealedPackage, files: readonly JsonFile[], at: string): Promise<void> {
    const table = this.table('_trunkline_quarantine');
    await this.#database.run(`DELETE FROM ${table} WHERE seen_at < $1::TIMESTAMPTZ - INTERVAL 30 DAY`, [at]);
    await this.#database.run(
      `DELETE FROM ${this.table('_trunkline_patches')} WHERE column_name = ${literal(tombstone)} AND event_at < $1::TIMESTAMPTZ - INTERVAL 30 DAY`,
      [at],
    );
    if (files.length === 0) return;
    const columns = { table: 'VARCHAR', key: 'VARCHAR', column: 'VARCHAR', reason: 'VARCHAR', value: 'VARCHAR', seenAt: 'TIMESTAMPTZ' };
    // What still does not fit when it is read again is noted once, with the package that showed it last.
    await this.#database.run(
      `DELETE FROM ${table} AS noted USING (SELECT DISTINCT "table", "key", "column", reason, "value" FROM ${readJson(files, columns)}) AS line
        WHERE noted.table_name = line."table" AND noted.row_key IS NOT DISTINCT FROM line."key"
          AND noted.column_name IS NOT DISTINCT FROM line."column" AND noted.reason = line.reason
          AND noted."value" IS NOT DISTINCT FROM line."value"`,
    );
    await this.#database.run(
      `INSERT INTO ${table} SELECT $1, "table", "key", "column", reason, "value", coalesce(seenAt, $2::TIMESTAMPTZ)
        FROM ${readJson(files, columns)}`,
      [sealed.manifest.packageId, at],
    );
  }
}
