// Commits a sealed package: shape, rows, patches, deletions, quarantine, state and receipt, all in one transaction.
import { join } from 'node:path';
import {
  columnTypesOf,
  familiesOf,
  hashTables,
  type Lease,
  LoadRefused,
  type LoadStep,
  type PackageFile,
  type Receipt,
  rootNameOf,
  type SealedPackage,
  type TableCounts,
} from '../../load/index.ts';
import type { TableSet } from '../../rows/index.ts';
import { Bookkeeping } from './bookkeeping.ts';
import type { Database } from './database.ts';
import { prolongLease } from './lease.ts';
import type { Lines, MergeContext } from './merge-context.ts';
import { mergeDeletions } from './merge-deletions.ts';
import { mergePatches } from './merge-patches.ts';
import { mergeRows } from './merge-rows.ts';
import { momentText } from './types.ts';
import { ensureTables, mergedTables, realShape } from './shape.ts';

export type CommitFacts = {
  readonly dataset: string;
  readonly sealed: SealedPackage;
  readonly lease: Lease;
  readonly now: () => Date;
  readonly leaseMs: number;
  readonly onStep: (step: LoadStep['step'], table: string | null) => void;
};

/** Returns the stored receipt when the package is committed already. */
export async function commit(database: Database, facts: CommitFacts): Promise<Receipt> {
  const { dataset, sealed, now } = facts;
  const { manifest } = sealed;
  const startedAt = momentText(now());
  const books = new Bookkeeping(database, dataset);
  const receipt = await database.transaction(async () => {
    await books.create();
    await prolongLease(database, books, facts);
    const already = await books.receipt(manifest.packageId);
    if (already !== null) return already;
    await checkSequence(books, sealed);

    const committed = await books.tables();
    const tables = mergedTables(committed, manifest.tables);
    const touched = Object.keys(manifest.tables)
      .map((table) => tables[table])
      .filter((table) => table !== undefined);
    const types = await ensureTables(database, dataset, touched, tables, await realShape(database, dataset));
    const context: MergeContext = {
      database,
      packageId: manifest.packageId,
      place: (table) => books.table(table),
      realTypes: (table) => types.get(table) ?? {},
      lineTypes: (table) => lineTypes(manifest.tables, table),
      lines: (kind, table) => linesOf(sealed, kind, table),
    };

    const counts: Record<string, TableCounts> = {};
    const families = familiesOf(manifest.tables);
    for (const family of families) {
      facts.onStep('merging', family.root.name);
      Object.assign(counts, await mergeRows(context, family));
      const patched = await mergePatches(context, family);
      if (patched !== null) counts[family.root.name] = sum(counts[family.root.name], patched);
    }
    const deleted = await mergeDeletions(context, families, linesOf(sealed, 'deletions', null));
    const at = momentText(now());
    const quarantined = linesOf(sealed, 'quarantine', null);
    await books.quarantine(sealed, quarantined?.files ?? [], at);
    await books.saveStates(sealed, at);
    const hash = hashTables(tables);
    await books.saveTables(tables, hash, manifest.packageId, at);
    const made: Receipt = {
      packageId: manifest.packageId,
      sequence: manifest.sequence,
      pipeline: manifest.pipeline,
      committedAt: at,
      tables: counts,
      quarantined: quarantined?.count ?? 0,
      deleted,
    };
    await books.saveReceipt(made, { schemaHash: hash, startedAt, writer: facts.lease.holder });
    facts.onStep('committing', null);
    return made;
  });
  facts.onStep('committed', null);
  return receipt;
}

function sum(a: TableCounts | undefined, b: TableCounts): TableCounts {
  if (a === undefined) return b;
  return { received: a.received + b.received, written: a.written + b.written, older: a.older + b.older };
}

async function checkSequence(books: Bookkeeping, sealed: SealedPackage): Promise<void> {
  const { pipeline, sequence, packageId } = sealed.manifest;
  const last = await books.lastPackage(pipeline);
  const expected = (last?.sequence ?? 0) + 1;
  if (sequence === expected) return;
  throw new LoadRefused({
    code: 'package_order',
    message: `Package ${packageId} is number ${sequence} of pipeline "${pipeline}", but the destination expects number ${expected}.`,
    hint: 'The destination was written, or put back, by somebody else. The package is of no use any more: what it held is read again.',
  });
}

function linesOf(sealed: SealedPackage, kind: PackageFile['kind'], table: string | null): Lines | null {
  const files = sealed.manifest.files.filter((file) => file.kind === kind && file.table === table);
  if (files.length === 0) return null;
  return {
    files: files.map((file) => ({ path: join(sealed.folder, file.path), longestLine: file.longestLine })),
    count: files.reduce((sum, file) => sum + file.rows, 0),
  };
}

function lineTypes(tables: TableSet, name: string) {
  const table = tables[name];
  if (table === undefined) return {};
  return columnTypesOf(table, tables[rootNameOf(tables, table) ?? name] ?? table);
}
