// What a destination gives the conformance suite, and what the tests of the suite do again and again.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import type { Clock } from '../../base/index.ts';
import type { TableSet } from '../../rows/index.ts';
import type { Destination, Lease, OpenOptions, Session } from '../destination.ts';
import { dayOfTests } from './tables.conformance.ts';
import { seal } from './content.conformance.ts';
import { type Content, inOrder, type MergeModel, type Values } from './merge-model.conformance.ts';
import { openPackages, type PackageStore } from '../package-store.ts';
import type { Receipt, SealedPackage } from '../package.ts';
import { thisProcess } from '../process-identity.ts';
import { columnTypesOf, familiesOf } from '../table-set.ts';

export type PlaceOptions = {
  readonly clock?: Clock;
  readonly leaseMs?: number;
  readonly lockWaitMs?: number;
  readonly dataset?: string;
  /** Working memory, for destinations that have a limit. */
  readonly memory?: string;
};

/** An empty place of its own in which a destination can keep its tables. */
export type Place = {
  /** The destination. Several of them on one place are several users of it. */
  readonly destination: (options?: PlaceOptions) => Destination;
  /** Runs SQL with every right, as an operator's own tool would. */
  readonly byHand: (sql: string) => Promise<void>;
  /** How `byHand` names a table of the default dataset. */
  readonly named: (table: string) => string;
  /** What the destination's module for other processes needs to open this place. */
  readonly elsewhere: string;
};

/** Makes a place; called once or more in each test. What it makes is gone when the test has finished. */
export type MakePlace = () => Promise<Place>;

/** A folder that goes when the test ends. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'trunkline-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A place with one session, one folder of packages and the lease. Its packages are numbered from `after` on. */
export class Bench {
  readonly place: Place;
  readonly packages: PackageStore;
  readonly session: Session;
  readonly lease: Lease;
  #sequence: number;

  private constructor(place: Place, packages: PackageStore, session: Session, lease: Lease, sequence: number) {
    this.place = place;
    this.packages = packages;
    this.session = session;
    this.lease = lease;
    this.#sequence = sequence;
  }

  static async open(
    place: Place,
    options: PlaceOptions & OpenOptions & { readonly pipeline?: string; readonly home?: string; readonly after?: number } = {},
  ): Promise<Bench> {
    const { pipeline = 'main', home, after = 0, signal, onStep, onWait, ...rest } = options;
    const packages = await openPackages({ home: home ?? (await temporaryFolder()), pipeline });
    const session = await place.destination({ clock: dayOfTests, ...rest }).open({ signal, onStep, onWait });
    const lease = await session.claim(pipeline, thisProcess('1.0.0'));
    return new Bench(place, packages, session, lease, after);
  }

  seal(content: Content): Promise<SealedPackage> {
    this.#sequence += 1;
    return seal(this.packages, this.#sequence, content);
  }

  async load(content: Content): Promise<Receipt> {
    return this.session.load(await this.seal(content), this.lease);
  }

  /** All tables of a set with all their rows, in a fixed order; columns that are not ours left out. */
  dump(tables: TableSet): Promise<Readonly<Record<string, readonly Values[]>>> {
    return dump(this.session, tables);
  }

  async rows(sql: string): Promise<readonly (readonly unknown[])[]> {
    return rowsOf(this.session, sql);
  }
}

export async function rowsOf(session: Session, sql: string): Promise<readonly (readonly unknown[])[]> {
  const rows: (readonly unknown[])[] = [];
  for await (const row of (await session.query(sql)).rows) rows.push(row);
  return rows;
}

async function dump(session: Session, tables: TableSet): Promise<Readonly<Record<string, readonly Values[]>>> {
  const all: Record<string, readonly Values[]> = {};
  for (const { root, children } of familiesOf(tables)) {
    for (const table of [root, ...children]) {
      const columns = Object.keys(columnTypesOf(table, root));
      const rows = await rowsOf(session, `SELECT ${columns.map((column) => `"${column}"`).join(', ')} FROM "${table.name}"`);
      all[table.name] = inOrder(rows.map((row) => Object.fromEntries(columns.map((column, at) => [column, comparable(row[at])]))));
    }
  }
  return all;
}

/** Compares everything a destination holds with the model. */
export async function expectLikeModel(session: Session, model: MergeModel, tables: TableSet): Promise<void> {
  const expected: Record<string, readonly Values[]> = {};
  for (const [table, rows] of Object.entries(model.dump())) {
    expected[table] = inOrder(
      rows.map((row) => Object.fromEntries(Object.entries(row).map(([column, value]) => [column, typed(tables, table, column, value)]))),
    );
  }
  expect(await dump(session, tables)).toEqual(expected);
}

/** 64-bit integers as digits, because the model holds what lines hold. */
function comparable(value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}

function typed(tables: TableSet, name: string, column: string, value: unknown): unknown {
  const table = tables[name];
  const root = familiesOf(tables).find((family) => [family.root, ...family.children].some((member) => member.name === name))?.root;
  if (table === undefined || root === undefined || value === null) return value;
  return columnTypesOf(table, root)[column] === 'bigint' && typeof value === 'number' ? String(value) : value;
}
