// From a clean record to the cells of flat rows. Declared fields are already typed; fields nobody declared get their column, their
// type and their name here, within the limits and the operator's contract.
import { isObject } from '../base/index.ts';
import type { UnknownRecord } from '../base/index.ts';
import { conversionTo, kindOf } from './convert.ts';
import type { Scalar } from './convert.ts';
import { NewFieldRefused, TypeChangeRefused } from './errors.ts';
import type { Findings } from './findings.ts';
import type { Limits } from './limits.ts';
import { joinNames, snakeCase, uniqueName } from './names.ts';
import { ObjectPlan, Slot } from './plan.ts';
import type { ColumnPlan, ListPlan, Plan, TablePlan } from './plan.ts';
import { isEmpty } from './secrets.ts';
import type { Contract, OnTypeChange } from './shape.ts';
import { asFound, join, kindOfScalar } from './widen.ts';
import type { FoundType } from './widen.ts';
import type { RowWriter } from './writers.ts';

export type Policies = { readonly newColumns: Contract; readonly onTypeChange: OnTypeChange };

export type Pass = { readonly writer: RowWriter; readonly findings: Findings };

/** Unknown members beyond the limits. */
export type Surplus = Record<string, unknown> | undefined;

export class Flattener {
  readonly #plan: Plan;
  readonly #limits: Limits;
  readonly #policies: Policies;

  constructor(facts: { plan: Plan; limits: Limits; policies: Policies }) {
    this.#plan = facts.plan;
    this.#limits = facts.limits;
    this.#policies = facts.policies;
  }

  /** Sends every value of the record to the writer. Throws `NewFieldRefused` or `TypeChangeRefused` where settings say `stop`. */
  flatten(record: UnknownRecord, pass: Pass): void {
    this.#object(this.#plan.root, record, pass);
  }

  #object(plan: ObjectPlan, record: UnknownRecord, pass: Pass): void {
    let surplus: Surplus;
    for (const key in record) surplus = this.member(plan, key, record[key], surplus, pass);
    this.setAside(plan, surplus, pass);
  }

  /** One member of a clean object. Returns what has no place in the table so far, for `setAside` once the object is through. */
  member(plan: ObjectPlan, key: string, value: unknown, surplus: Surplus, pass: Pass): Surplus {
    let slot = plan.slots.get(key);
    if (value === null || value === undefined) {
      if (slot !== undefined && value === null) this.#none(slot, pass);
      return surplus;
    }
    if (slot === undefined) {
      if (isEmpty(value) || this.#isUnwanted(plan, key, pass)) return surplus;
      if (plan.table.found >= this.#limits.foundFields || key.length > longestKey) {
        const more = surplus ?? (Object.create(null) as Record<string, unknown>);
        more[key] = value;
        return more;
      }
      slot = this.#discover(plan, key, value) ?? undefined;
      if (slot === undefined) {
        pass.findings.setAside(plan.table, joinNames(plan.prefix, snakeCase(key)), 'a whole number beyond 64 bits', value);
        return surplus;
      }
    }
    this.#value(slot, value, plan.table, pass);
    return surplus;
  }

  setAside(plan: ObjectPlan, surplus: Surplus, pass: Pass): void {
    if (surplus === undefined) return;
    const reason = `more than ${this.#limits.foundFields} unknown fields in this table, or a name too long for a column`;
    pass.findings.setAside(plan.table, joinNames(plan.prefix, '*'), reason, surplus);
  }

  #value(slot: Slot, value: unknown, table: TablePlan, pass: Pass): void {
    switch (slot.step) {
      case 'leaf':
        if (slot.declared) pass.writer.cell(slot.column as ColumnPlan, value);
        else this.#foundLeaf(slot, value, table, pass);
        return;
      case 'json':
        pass.writer.cell(slot.column as ColumnPlan, value);
        return;
      case 'object':
        if (isObject(value)) this.#object(slot.object as ObjectPlan, value, pass);
        else this.#shapeChanged(slot, 'an object', value, table, pass);
        return;
      case 'list':
        if (Array.isArray(value)) this.list(slot.list as ListPlan, value, pass);
        else this.#shapeChanged(slot, 'a list', value, table, pass);
        break;
      case 'drop':
    }
  }

  /** A clean list that the record carries. */
  list(plan: ListPlan, list: readonly unknown[], pass: Pass): void {
    const { writer, findings } = pass;
    writer.list(plan.table);
    const isInner = plan.table.level > 1;
    const parentIndex = findings.outer;
    for (const [index, value] of list.entries()) {
      findings.enter(isInner, index);
      writer.beginRow(plan.table, index, parentIndex);
      this.#element(plan, value, pass);
      writer.endRow(plan.table);
    }
    findings.enter(isInner, -1);
  }

  #element(plan: ListPlan, value: unknown, pass: Pass): void {
    if (value === null || value === undefined) return;
    if (plan.element === null) {
      if (isEmpty(value) || this.#isUnwanted(plan, 'value', pass)) return;
      plan.element = this.#discoverElement(plan, value);
      if (plan.element === null) {
        pass.findings.setAside(plan.table, 'value', 'a whole number beyond 64 bits', value);
        return;
      }
    }
    this.#value(plan.element, value, plan.table, pass);
  }

  // ---- fields nobody declared --------------------------------------------------------------------------------------

  #isUnwanted(at: ObjectPlan | ListPlan, field: string, pass: Pass): boolean {
    if (this.#policies.newColumns === 'evolve') return false;
    if (this.#policies.newColumns === 'stop') {
      throw new NewFieldRefused({ table: at.table.name, field: joinNames('prefix' in at ? at.prefix : '', snakeCase(field).slice(0, 64)) });
    }
    pass.findings.dropped.ignored++;
    return true;
  }

  /** The place for a new field, or null where its first value fits no column. */
  #discover(plan: ObjectPlan, key: string, value: unknown): Slot | null {
    const { table } = plan;
    const path = [...plan.path, key];
    const origin = JSON.stringify([...table.path, ...path]);
    const part = uniqueName(snakeCase(key), plan.taken, { origin, limit: this.#limits.identifierLength });
    const name = joinNames(plan.prefix, part);
    const slot = this.#slotFor(value, { table, name, path, origin, depth: plan.depth + 1, listPath: [...table.path, ...path] });
    if (slot === null) return null;
    plan.taken.add(part);
    return plan.add(key, slot);
  }

  #discoverElement(plan: ListPlan, value: unknown): Slot | null {
    const { table, depth } = plan;
    const origin = JSON.stringify(table.path);
    if (isObject(value)) {
      const object = new ObjectPlan({ table, prefix: '', path: [], depth, closed: false });
      return new Slot({ step: 'object', name: 'value', declared: false, object });
    }
    const name = Array.isArray(value) ? 'list' : 'value';
    return this.#slotFor(value, { table, name, path: [], origin, depth: depth + 1, listPath: table.path });
  }

  #slotFor(value: unknown, at: Spot): Slot | null {
    const { table } = at;
    const isGroup = isObject(value) || Array.isArray(value);
    const becomesTable = Array.isArray(value) && table.level < 2 && this.#foundTables() < this.#limits.foundTables;
    if (isGroup && at.depth < this.#limits.nesting && (becomesTable || isObject(value))) {
      table.found++;
      return becomesTable ? this.#listSlot(at) : this.#objectSlot(at);
    }
    const kind = isGroup ? null : kindOfScalar(value as Scalar);
    if (!isGroup && kind === null) return null;
    table.found++;
    const name = uniqueName(isGroup && at.path.length === 0 ? 'value' : at.name, table.taken, {
      origin: at.origin,
      limit: this.#limits.identifierLength,
    });
    const column = this.#plan.addColumn(table, name, {
      type: kind?.type ?? 'json',
      path: at.path,
      origin: 'found',
      ...(kind?.wide === true ? { wide: true as const } : {}),
    });
    return new Slot({ step: isGroup ? 'json' : 'leaf', name, declared: false, column });
  }

  #objectSlot(at: Spot): Slot {
    const object = new ObjectPlan({ table: at.table, prefix: at.name, path: at.path, depth: at.depth, closed: false });
    return new Slot({ step: 'object', name: at.name, declared: false, object });
  }

  #listSlot(at: Spot): Slot {
    const { taken } = this.#plan;
    // Room for the `live_` of the views that stand in front of the tables.
    const limit = this.#limits.identifierLength - 'live_'.length;
    const name = uniqueName(`${at.table.name}__${at.name}`, taken, { origin: at.origin, limit });
    const table = this.#plan.addTable({ name, parent: at.table, path: at.listPath, key: null });
    return new Slot({ step: 'list', name: at.name, declared: false, list: this.#plan.addList(table, at.depth) });
  }

  #foundTables(): number {
    return this.#plan.tables.length - this.#plan.declaredTables;
  }

  #foundLeaf(slot: Slot, value: unknown, table: TablePlan, pass: Pass): void {
    const column = slot.column as ColumnPlan;
    if (typeof value === 'object') {
      if (!isEmpty(value)) this.#shapeChanged(slot, 'a single value', value, table, pass);
      return;
    }
    const cell = this.#fit(column, value as Scalar, table, pass);
    if (cell !== undefined) pass.writer.cell(column, cell);
  }

  /** The value as a cell of the column, which grows for it where the policy allows. */
  #fit(column: ColumnPlan, value: Scalar, table: TablePlan, pass: Pass): Scalar | undefined {
    const { type, wide } = column;
    if (type === 'text') return asFound(value, 'text');
    if (type === 'integer' || type === 'timestamp' || type === 'json') return this.#fitFixed(column, type, value, table, pass);
    const kind = kindOfScalar(value);
    if (kind === null) {
      pass.findings.setAside(table, column.name, 'a whole number beyond 64 bits', value);
      return undefined;
    }
    const grown = join({ type, wide }, kind);
    if (grown.type !== type) {
      if (this.#policies.onTypeChange === 'stop') {
        throw new TypeChangeRefused({ table: table.name, column: column.name, from: typeWords[type], to: kindOf(value) });
      }
      if (this.#policies.onTypeChange === 'quarantine') {
        pass.findings.setAside(table, column.name, `expected ${typeWords[type]}, received ${kindOf(value)}`, value);
        return undefined;
      }
    }
    if (grown.type !== type || grown.wide !== wide) this.#plan.retype(column, grown);
    return asFound(value, grown.type);
  }

  // A column that some earlier declaration or setting gave its type: it stays as it is.
  #fitFixed(column: ColumnPlan, type: 'integer' | 'timestamp' | 'json', value: Scalar, table: TablePlan, pass: Pass): Scalar | undefined {
    if (type === 'json') return value;
    const { convert, expected } = conversionTo(type);
    const cell = convert(value);
    if (cell === undefined) pass.findings.setAside(table, column.name, `expected ${expected}, received ${kindOf(value)}`, value);
    return cell;
  }

  #shapeChanged(slot: Slot, expected: string, value: unknown, table: TablePlan, pass: Pass): void {
    if (isEmpty(value)) return;
    if (this.#policies.onTypeChange === 'stop') {
      throw new TypeChangeRefused({ table: table.name, column: slot.name, from: expected, to: kindOf(value) });
    }
    pass.findings.setAside(table, slot.name, `expected ${expected}, received ${kindOf(value)}`, value);
  }

  /** A field that the record carries as null: so are all columns under it. */
  #none(slot: Slot, pass: Pass): void {
    if (slot.column !== null) pass.writer.none(slot.column);
    else if (slot.object !== null) for (const inner of slot.object.slots.values()) this.#none(inner, pass);
    else if (slot.list !== null) pass.writer.list(slot.list.table);
  }
}

/** Where a new field stands. */
type Spot = {
  readonly table: TablePlan;
  readonly name: string;
  /** From the table's element. */
  readonly path: readonly string[];
  readonly origin: string;
  readonly depth: number;
  /** From the record. */
  readonly listPath: readonly string[];
};

/** Names of fields longer than this are no names. */
const longestKey = 512;

const typeWords: Readonly<Record<FoundType, string>> = {
  boolean: 'true or false',
  bigint: 'a whole number',
  double: 'a number',
  text: 'text',
};
