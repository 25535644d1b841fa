import type { UnknownRecord } from '../base/index.ts';
import { createCharacters } from './characters.ts';
import { Cleaner } from './clean.ts';
import type { Cleaned, CleanRecord, RecordContext } from './clean.ts';
import { compile } from './compile.ts';
import type { Scalar } from './convert.ts';
import { Findings } from './findings.ts';
import { Flattener } from './flatten.ts';
import { defaultLimits } from './limits.ts';
import type { Limits } from './limits.ts';
import type { Plan } from './plan.ts';
import type { Quarantined, Row, RowSet, TableSet } from './schema.ts';
import type { Dropped } from './secrets.ts';
import type { FieldSettings, Shape } from './shape.ts';
import { fullRow, LineWriter, ObjectWriter } from './writers.ts';
import type { TableLines } from './writers.ts';

export type NormaliserOptions = {
  readonly shape: Shape;
  /** The tables as the destination has them: what was found in earlier runs keeps its name and type. */
  readonly known?: TableSet | undefined;
  readonly settings?: FieldSettings | undefined;
  readonly limits?: Partial<Limits> | undefined;
};

export type RowContext = RecordContext & {
  /** The same moment as the rows carry it in `_observed_at`: ISO-8601 UTC with microseconds, unique per company. */
  readonly observedAt: string;
};

/** What flattening noticed beside the rows: values of found fields set aside, and fields left out by the contract. */
export type Flattened = RowSet & { readonly quarantined: readonly Quarantined[]; readonly ignored: number };

type Outcome = {
  /** The record's key as text; null when the whole record was set aside. */
  readonly key: string | null;
  readonly quarantined: readonly Quarantined[];
  readonly dropped: Dropped;
};

export type Normalised = Outcome & { readonly record: CleanRecord | null; readonly rows: RowSet | null };
/** The stream's own table first; empty when the whole record was set aside. */
export type NormalisedLines = Outcome & { readonly tables: readonly TableLines[] };

/** The columns an event carries, and by table name the rows of the lists it carries. Write it with `exactJson`. */
export type Patch = {
  readonly row: Row;
  readonly children: Readonly<Record<string, readonly Row[]>>;
  readonly quarantined: readonly Quarantined[];
  readonly ignored: number;
};

/**
 * Turns the records of one stream into clean records and rows. It remembers which fields it has found, and nothing else: the
 * same records in the same order give the same rows. No record makes it throw, except where the settings say `stop`.
 */
export interface Normaliser {
  /** Grows when a table, a column or a type was added or changed. */
  readonly version: number;
  /** All tables, declared and found so far; the parent first. The same object until `version` grows. */
  tables(): TableSet;
  clean(record: unknown, context: RecordContext): Cleaned;
  /** Throws `NewFieldRefused` or `TypeChangeRefused` where the settings say `stop`. */
  flatten(record: CleanRecord, context: Pick<RowContext, 'observedAt'>): Flattened;
  /** `clean` and `flatten` in one. Throws as `flatten` does. */
  normalise(record: unknown, context: RowContext): Normalised;
  /** Like `normalise`, but as NDJSON text for a package: the fast way. Throws as `flatten` does. */
  lines(record: unknown, context: RowContext): NormalisedLines;
  /** The rows of a clean record that holds only part of an object: only what it carries, null where it carries null. Throws as `flatten` does. */
  patch(record: CleanRecord): Patch;
}

/** Throws `UsageError` when the settings name what does not exist or ask for what is never stored. */
export function createNormaliser(options: NormaliserOptions): Normaliser {
  const { shape, known = {}, settings = {} } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const plan = compile({ shape, settings, known, limits });
  const cleaner = new Cleaner({
    plan,
    shape,
    characters: createCharacters(limits.refusedCharacters),
    salt: settings.salt ?? '',
    identifierLength: limits.identifierLength,
  });
  const policies = { newColumns: settings.newColumns ?? 'evolve', onTypeChange: settings.onTypeChange ?? 'widen' } as const;
  const flattener = new Flattener({ plan, limits, policies });

  const keyOf = (record: UnknownRecord): Scalar => record[plan.keyField] as Scalar;

  function flatten(record: CleanRecord, context: Pick<RowContext, 'observedAt'>): Flattened {
    const key = keyOf(record);
    const findings = new Findings(String(key));
    const writer = new ObjectWriter({ key, system: { _observed_at: context.observedAt } });
    flattener.flatten(record, { writer, findings });
    return { ...rowSetOf(plan, writer), quarantined: findings.quarantined, ignored: findings.dropped.ignored };
  }

  return {
    get version() {
      return plan.version;
    },
    tables: () => plan.tableSet(),
    clean: (record, context) => cleaner.clean(record, context),
    flatten,
    normalise(record, context) {
      const cleaned = cleaner.clean(record, context);
      if (cleaned.record === null) return { ...cleaned, rows: null };
      const { quarantined, ignored, ...rows } = flatten(cleaned.record, context);
      return {
        key: cleaned.key,
        record: cleaned.record,
        rows,
        quarantined: [...cleaned.quarantined, ...quarantined],
        dropped: { ...cleaned.dropped, ignored },
      };
    },
    lines(record, context) {
      const { root } = plan;
      const open = (key: Scalar) => new LineWriter({ root: root.table, key, observedAt: context.observedAt });
      const { writer, ...outcome } = cleaner.write(record, context, { flattener, open });
      return { ...outcome, tables: writer === null ? [] : writer.finish() };
    },
    patch(record) {
      const key = keyOf(record);
      const findings = new Findings(String(key));
      const writer = new ObjectWriter({ key, system: {} });
      flattener.flatten(record, { writer, findings });
      const children = Object.fromEntries([...writer.children].map(([table, rows]) => [table.name, rows]));
      return { row: writer.row, children, quarantined: findings.quarantined, ignored: findings.dropped.ignored };
    },
  };
}

/** The tables of a shape before any data was seen. Throws as `createNormaliser` does. */
export function declaredTables(shape: Shape, settings?: FieldSettings): TableSet {
  return createNormaliser({ shape, settings }).tables();
}

function rowSetOf(plan: Plan, writer: ObjectWriter): RowSet {
  const children = new Map<string, readonly Row[]>();
  for (const [table, rows] of writer.children) {
    if (rows.length > 0)
      children.set(
        table.name,
        rows.map((row) => fullRow(table, row)),
      );
  }
  return { parent: fullRow(plan.root.table, writer.row), children };
}
