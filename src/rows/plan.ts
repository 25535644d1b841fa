// The plan: a shape compiled once, so that a record is walked without looking anything up twice. Declared fields are in it from
// the start; found ones are added as data shows them.
//
//   ObjectPlan ── slots by the key as received ──► Slot ── leaf ──► ColumnPlan
//                                                       ├─ object ► ObjectPlan (columns of the same table, or a list's element)
//                                                       ├─ list ──► ListPlan ── table + element Slot
//                                                       └─ drop
import { parentColumns } from './schema.ts';
import type { Column, ColumnType, Table, TableSet } from './schema.ts';
import type { Convert } from './convert.ts';
import type { Dropped } from './secrets.ts';

// No field can take the names of our own columns; and `constructor` is a name that every plain object answers to.
const reservedNames = [...parentColumns, '_parent_id', '_parent_index', '_index', 'constructor'];

export class ColumnPlan {
  readonly name: string;
  readonly origin: Column['origin'];
  readonly path: readonly string[];
  readonly meaning: string | undefined;
  /** How the column begins in a line of NDJSON. */
  readonly opening: string;
  type: ColumnType;
  wide: boolean;

  constructor(name: string, column: Column) {
    this.name = name;
    this.opening = `,${JSON.stringify(name)}:`;
    this.origin = column.origin;
    this.path = column.path;
    this.meaning = column.meaning;
    this.type = column.type;
    this.wide = column.wide === true;
  }
}

export class TablePlan {
  readonly name: string;
  readonly parent: TablePlan | null;
  /** 0 for a stream's own table, 1 for a child, 2 for a grandchild. */
  readonly level: number;
  readonly key: readonly string[];
  readonly path: readonly string[];
  /** Where the table stands among the tables of its stream. */
  readonly ordinal: number;
  readonly lasting: boolean;
  readonly columns: ColumnPlan[] = [];
  /** Column names taken, in lower case. */
  readonly taken: Set<string>;
  /** Fields that were found, groups included: what the limit counts. */
  found = 0;

  constructor(
    facts: Pick<TablePlan, 'name' | 'parent' | 'path' | 'ordinal'> & { readonly key: string | null; readonly lasting?: boolean },
  ) {
    this.name = facts.name;
    this.parent = facts.parent;
    this.level = facts.parent === null ? 0 : facts.parent.level + 1;
    this.path = facts.path;
    this.ordinal = facts.ordinal;
    this.lasting = facts.lasting === true;
    this.key = facts.key !== null ? [facts.key] : this.level === 1 ? ['_parent_id', '_index'] : ['_parent_id', '_parent_index', '_index'];
    this.taken = new Set(reservedNames);
  }

  add(name: string, column: Column): ColumnPlan {
    const plan = new ColumnPlan(name, column);
    this.columns.push(plan);
    this.taken.add(name.toLowerCase());
    return plan;
  }
}

export class ObjectPlan {
  readonly slots = new Map<string, Slot>();
  readonly table: TablePlan;
  /** Names of the way here from the table's element, joined. */
  readonly prefix: string;
  /** Keys as received on the way here from the table's element. */
  readonly path: readonly string[];
  /** Levels below the record. */
  readonly depth: number;
  /** Unknown fields inside are left out. */
  readonly closed: boolean;
  /** Names taken by slots, in lower case. */
  readonly taken = new Set<string>();

  constructor(facts: Pick<ObjectPlan, 'table' | 'prefix' | 'path' | 'depth' | 'closed'>) {
    this.table = facts.table;
    this.prefix = facts.prefix;
    this.path = facts.path;
    this.depth = facts.depth;
    this.closed = facts.closed;
  }

  add(key: string, slot: Slot): Slot {
    this.slots.set(key, slot);
    return slot;
  }
}

export class ListPlan {
  readonly table: TablePlan;
  readonly depth: number;
  /** What the elements are; null until the first one that is not empty. */
  element: Slot | null = null;

  constructor(facts: Pick<ListPlan, 'table' | 'depth'>) {
    this.table = facts.table;
    this.depth = facts.depth;
  }
}

export type Step = 'leaf' | 'json' | 'object' | 'list' | 'drop';

/** What to do with the value under one key. One class for all steps keeps the hot loops fast. */
export class Slot {
  readonly step: Step;
  /** The column, or the names in front of a group's columns. */
  readonly name: string;
  readonly declared: boolean;
  /** Worked out by the stream; a received field of the same name cannot take its place. */
  readonly derived: boolean;
  readonly drop: keyof Dropped | null;
  readonly convert: Convert | null;
  readonly expected: string;
  /** What the field holds, in words; empty where nobody knows. */
  readonly meaning: string;
  readonly hash: boolean;
  readonly column: ColumnPlan | null;
  readonly object: ObjectPlan | null;
  readonly list: ListPlan | null;

  constructor(facts: Pick<Slot, 'step' | 'name' | 'declared'> & Partial<Slot>) {
    this.step = facts.step;
    this.name = facts.name;
    this.declared = facts.declared;
    this.derived = facts.derived ?? false;
    this.drop = facts.drop ?? null;
    this.convert = facts.convert ?? null;
    this.expected = facts.expected ?? '';
    this.meaning = facts.meaning ?? '';
    this.hash = facts.hash ?? false;
    this.column = facts.column ?? null;
    this.object = facts.object ?? null;
    this.list = facts.list ?? null;
  }
}

export class Plan {
  readonly root: ObjectPlan;
  readonly keyField: string;
  /** Parent first. */
  readonly tables: TablePlan[] = [];
  /** Table names taken, in lower case. */
  readonly taken = new Set<string>();
  /** Grows by one with every table, column or type that changes. */
  version = 0;
  /** How many of the tables are declared. */
  declaredTables = 0;
  readonly #lists = new Map<TablePlan, ListPlan>();
  #snapshot: { readonly version: number; readonly tables: TableSet } | null = null;

  constructor(table: string, keyField: string) {
    this.keyField = keyField;
    this.root = new ObjectPlan({
      table: this.addTable({ name: table, parent: null, path: [], key: keyField }),
      prefix: '',
      path: [],
      depth: 0,
      closed: false,
    });
  }

  addTable(facts: {
    readonly name: string;
    readonly parent: TablePlan | null;
    readonly path: readonly string[];
    readonly key: string | null;
    readonly lasting?: boolean;
  }): TablePlan {
    const table = new TablePlan({ ...facts, ordinal: this.tables.length });
    this.tables.push(table);
    this.taken.add(table.name.toLowerCase());
    this.version++;
    return table;
  }

  addList(table: TablePlan, depth: number): ListPlan {
    const list = new ListPlan({ table, depth });
    this.#lists.set(table, list);
    return list;
  }

  /** The list whose elements are the rows of a child table; undefined for the stream's own table. */
  listOf(table: TablePlan): ListPlan | undefined {
    return this.#lists.get(table);
  }

  addColumn(table: TablePlan, name: string, column: Column): ColumnPlan {
    this.version++;
    return table.add(name, column);
  }

  /** Gives a found column the type that its values ask for. */
  retype(column: ColumnPlan, kind: { readonly type: ColumnType; readonly wide: boolean }): void {
    column.type = kind.type;
    column.wide = kind.wide;
    this.version++;
  }

  /** The tables as plain data. The same object until something changes. */
  tableSet(): TableSet {
    if (this.#snapshot?.version !== this.version) {
      this.#snapshot = { version: this.version, tables: Object.fromEntries(this.tables.map((table) => [table.name, tableOf(table)])) };
    }
    return this.#snapshot.tables;
  }
}

function tableOf(table: TablePlan): Table {
  return {
    name: table.name,
    parent: table.parent?.name ?? null,
    key: table.key,
    columns: Object.fromEntries(table.columns.map((column) => [column.name, columnOf(column)])),
    path: table.path,
    ...(table.lasting ? { lasting: true as const } : {}),
  };
}

function columnOf(column: ColumnPlan): Column {
  return {
    type: column.type,
    path: column.path,
    origin: column.origin,
    ...(column.meaning === undefined ? {} : { meaning: column.meaning }),
    ...(column.wide ? { wide: true as const } : {}),
  };
}
