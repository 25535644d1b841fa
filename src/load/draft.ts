// A package being written. Rows flow in, nothing is kept in memory but a buffer per table; sealing makes it durable.
import { mkdir, rm } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Quarantined, Row, TableSet } from '../rows/index.ts';
import { syncPath } from '../store/index.ts';
import { folderMode, unwritable, writeDurably } from './durable-files.ts';
import { LoadRefused } from './errors.ts';
import type { DeletionLine, Manifest, PackageFileKind, PatchLine, SealedPackage, StatesAfter, StreamStates } from './package.ts';
import { RowFiles, type Rotation } from './row-file.ts';
import { escapeHalfPairs } from './surrogates.ts';
import { hashTables, rootNameOf } from './table-set.ts';

export type DraftFacts = {
  readonly folder: string;
  readonly packageId: string;
  readonly sequence: number;
  readonly pipeline: string;
  readonly source: string;
  readonly rotation: Rotation;
  readonly now: () => Date;
};

export type Sealing = {
  /** All tables the package touches and all children of each parent in it. */
  readonly tables: TableSet;
  readonly stateBefore: StreamStates;
  /** States to commit with the rows; null forgets a stream's state. */
  readonly stateAfter: StatesAfter;
};

/**
 * Every method that writes may reject with `PackageUnwritable` (disk full, folder not writable); the draft is of no use
 * after that and wants to be abandoned. Awaiting each call is what holds a fast reader back when the disk is slow.
 */
export class Draft {
  readonly #facts: DraftFacts;
  readonly #files = new Map<string, RowFiles>();
  readonly #rowsByTable = new Map<string, number>();
  #rows = 0;
  #patches = 0;
  #bytes = 0;
  #open = true;

  constructor(facts: DraftFacts) {
    this.#facts = facts;
  }

  get packageId(): string {
    return this.#facts.packageId;
  }

  get sequence(): number {
    return this.#facts.sequence;
  }

  /** Lines written so far, of all kinds. */
  get rows(): number {
    return this.#rows;
  }

  /** Characters written so far: bytes, as long as the text is ASCII. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Lines of `rows` written so far, by table. */
  get rowsByTable(): ReadonlyMap<string, number> {
    return this.#rowsByTable;
  }

  /** Adds one row of a table. The row carries `_observed_at`, that of a child its parent's. */
  async append(table: string, row: Row): Promise<void> {
    const line = `${JSON.stringify(row)}\n`;
    await this.#add('rows', table, line, 1, line.length);
  }

  /** Adds rows that already are NDJSON text: `count` lines, each ending in `\n`. The way for many rows. */
  async appendLines(table: string, lines: string, count: number): Promise<void> {
    if (count === 0) return;
    if (!lines.endsWith('\n')) {
      throw new LoadRefused({
        code: 'package_format',
        message: `Lines for ${table} do not end in a line end.`,
        hint: 'This is a defect; please report it.',
      });
    }
    await this.#add('rows', table, lines, count, longestLineOf(lines));
  }

  async patch(table: string, patch: PatchLine): Promise<void> {
    this.#patches += 1;
    const line = `${JSON.stringify({ ...patch, place: this.#patches })}\n`;
    await this.#add('patches', table, line, 1, line.length);
  }

  async delete(deletion: DeletionLine): Promise<void> {
    const line = `${JSON.stringify(deletion)}\n`;
    await this.#add('deletions', null, line, 1, line.length);
  }

  /** Sets aside what did not fit. It is committed with the package. */
  async quarantine(item: Quarantined): Promise<void> {
    const value = escapeHalfPairs(item.value);
    const line = `${JSON.stringify({ ...item, value, seenAt: this.#facts.now().toISOString() })}\n`;
    await this.#add('quarantine', null, line, 1, line.length);
  }

  /** Makes the package durable: when this resolves, a crash no longer loses it. */
  async seal(sealing: Sealing): Promise<SealedPackage> {
    this.#mustBeOpen();
    const { folder, packageId, sequence, pipeline, source, now } = this.#facts;
    checkTables(sealing.tables, this.#rowsByTable.keys());
    try {
      const files = [];
      for (const kind of this.#files.values()) files.push(...(await kind.finish()));
      const manifest: Manifest = {
        format: 1,
        packageId,
        sequence,
        pipeline,
        source,
        createdAt: now().toISOString(),
        tables: sealing.tables,
        schemaHash: hashTables(sealing.tables),
        files,
        state: { before: sealing.stateBefore, after: sealing.stateAfter },
      };
      for (const name of ['rows', 'patches']) await syncPath(join(folder, name));
      await writeDurably(join(folder, 'manifest.json'), `${JSON.stringify(manifest, null, 1)}\n`);
      this.#open = false;
      await rm(join(folder, 'draft.lock'), { force: true });
      return { folder, manifest };
    } catch (error) {
      throw unwritable(error, folder);
    }
  }

  /** Throws the draft away. Safe to call twice, and after `seal`, when it does nothing. */
  async abandon(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    for (const files of this.#files.values()) await files.abandon();
    await rm(this.#facts.folder, { recursive: true, force: true });
  }

  async #add(kind: PackageFileKind, table: string | null, lines: string, count: number, longest: number): Promise<void> {
    this.#mustBeOpen();
    const name = table === null ? kind : `${kind}/${table}`;
    let files = this.#files.get(name);
    if (files === undefined) {
      files = new RowFiles({ folder: this.#facts.folder, kind, table, pathOf: pathsOf(kind, table), rotation: this.#facts.rotation });
      this.#files.set(name, files);
    }
    this.#rows += count;
    this.#bytes += lines.length;
    if (kind === 'rows' && table !== null) this.#rowsByTable.set(table, (this.#rowsByTable.get(table) ?? 0) + count);
    try {
      await files.add(lines, count, longest);
    } catch (error) {
      throw unwritable(error, this.#facts.folder);
    }
  }

  #mustBeOpen(): void {
    if (this.#open) return;
    throw new LoadRefused({
      code: 'package_format',
      message: `Package ${this.#facts.packageId} is sealed or abandoned and takes nothing more.`,
      hint: 'This is a defect; please report it.',
    });
  }
}

/** Creates the folders a draft writes into. */
export async function createDraftFolders(folder: string): Promise<void> {
  for (const path of [folder, join(folder, 'rows'), join(folder, 'patches')]) await mkdir(path, { recursive: true, mode: folderMode });
}

function pathsOf(kind: PackageFileKind, table: string | null): (n: number) => string {
  const name = table === null ? kind : `${kind}/${fileNameOf(table)}`;
  return (n) => `${name}.${String(n).padStart(4, '0')}.ndjson`;
}

/** Table names come from field names; a strange or long one must not decide where a file lands. */
function fileNameOf(table: string): string {
  if (/^[a-z0-9_]{1,120}$/.test(table)) return table;
  return `${table.replaceAll(/[^a-z0-9_]/g, '_').slice(0, 120)}-${createHash('sha256').update(table).digest('hex').slice(0, 12)}`;
}

function longestLineOf(lines: string): number {
  let longest = 0;
  for (let start = 0; start < lines.length;) {
    const end = lines.indexOf('\n', start) + 1;
    if (end - start > longest) longest = end - start;
    start = end;
  }
  return longest;
}

function checkTables(tables: TableSet, used: Iterable<string>): void {
  for (const table of Object.values(tables)) {
    if (table.parent !== null || (table.key.length === 1 && table.columns[table.key[0] ?? ''] !== undefined)) continue;
    throw new LoadRefused({
      code: 'package_format',
      message: `The rows of ${table.name} are not identified by one of their columns.`,
      hint: 'This is a defect; please report it.',
      table: table.name,
    });
  }
  for (const name of used) {
    const table = tables[name];
    if (table !== undefined && rootNameOf(tables, table) !== null) continue;
    throw new LoadRefused({
      code: 'package_format',
      message: `The package has rows for ${name}, but not the shape of it and of its parents.`,
      hint: 'This is a defect; please report it.',
      table: name,
    });
  }
}
