// From a record as Aircall sent it to a clean record: declared values typed, nothing secret, everything else as it came.
import { createHmac } from 'node:crypto';
import { isObject } from '../base/index.ts';
import type { ExactJson, UnknownRecord } from '../base/index.ts';
import type { Characters } from './characters.ts';
import { kindOf } from './convert.ts';
import type { Scalar } from './convert.ts';
import { Findings } from './findings.ts';
import type { Flattener, Pass, Surplus } from './flatten.ts';
import { exactJson } from './json-text.ts';
import { joinNames, snakeCase, uniqueName } from './names.ts';
import type { ColumnPlan, ListPlan, ObjectPlan, Plan, Slot, TablePlan } from './plan.ts';
import type { Quarantined } from './schema.ts';
import { isEmpty, scrub } from './secrets.ts';
import type { Dropped } from './secrets.ts';
import type { Shape } from './shape.ts';
import type { RowWriter } from './writers.ts';

/**
 * A record ready to be stored or sent on: declared fields typed, moments as ISO-8601 UTC text with microseconds, integers beyond
 * 2^53 as `bigint`, no secrets and no signed links, still nested. Fields nobody declared are in it as they came. A declared
 * field whose value did not fit is absent.
 */
export type CleanRecord = { readonly [name: string]: ExactJson };

export type Cleaned = {
  /** Null when the whole record was set aside. */
  readonly record: CleanRecord | null;
  /** The record's key as text. */
  readonly key: string | null;
  readonly quarantined: readonly Quarantined[];
  readonly dropped: Dropped;
};

export type RecordContext = {
  /** When the request that showed the record was sent, in milliseconds since 1970. */
  readonly observedAtMs: number;
};

export type Writing<W extends RowWriter> = { readonly flattener: Flattener; readonly open: (key: Scalar) => W };

export type Written<W extends RowWriter> = Omit<Cleaned, 'record'> & {
  /** Null when the whole record was set aside. */
  readonly writer: W | null;
};

type Draft = Record<string, unknown>;

type Member = { readonly key: string; readonly value: unknown };

type Begun = {
  readonly given: UnknownRecord;
  readonly derived: UnknownRecord | undefined;
  readonly key: string;
  readonly findings: Findings;
};

/** Cleaning and flattening at once: `findings` are those of cleaning, the pass has those of flattening. */
type Walk = { readonly flattener: Flattener; readonly pass: Pass; readonly findings: Findings };

export class Cleaner {
  readonly #plan: Plan;
  readonly #shape: Shape;
  readonly #characters: Characters;
  readonly #salt: string;
  readonly #identifierLength: number;

  constructor(facts: { plan: Plan; shape: Shape; characters: Characters; salt: string; identifierLength: number }) {
    this.#plan = facts.plan;
    this.#shape = facts.shape;
    this.#characters = facts.characters;
    this.#salt = facts.salt;
    this.#identifierLength = facts.identifierLength;
  }

  clean(record: unknown, context: RecordContext): Cleaned {
    const begun = this.#begin(record, context);
    if ('record' in begun) return begun;
    const { given, derived, key, findings } = begun;
    const draft: Draft = {};
    this.#object(this.#plan.root, given, draft, findings);
    if (derived !== undefined) this.#derived(derived, draft, findings);
    return { record: draft as CleanRecord, key, quarantined: findings.quarantined, dropped: findings.dropped };
  }

  /**
   * The same, and flattened on the way: no clean record is made. What the two would find comes in their order. `open` gives
   * the writer for the record's rows, by its typed key.
   */
  write<W extends RowWriter>(record: unknown, context: RecordContext, { flattener, open }: Writing<W>): Written<W> {
    const begun = this.#begin(record, context);
    if ('record' in begun) return { key: null, writer: null, quarantined: begun.quarantined, dropped: begun.dropped };
    const { given, derived, key, findings } = begun;
    const { root, keyField } = this.#plan;
    const keySource = root.slots.get(keyField)?.derived === true ? derived : given;
    const writer = open(root.slots.get(keyField)?.convert?.(keySource?.[keyField]) as Scalar);
    const pass = { writer, findings: new Findings(key) };
    const walk: Walk = { flattener, pass, findings };
    this.#writeObject(root, given, walk);
    if (derived !== undefined) this.#writeDerived(derived, walk);
    findings.dropped.ignored = pass.findings.dropped.ignored;
    const { quarantined } = pass.findings;
    return {
      key,
      writer,
      quarantined: quarantined.length === 0 ? findings.quarantined : [...findings.quarantined, ...quarantined],
      dropped: findings.dropped,
    };
  }

  /** What is known of a record before its fields are looked at; or how it was set aside whole. */
  #begin(record: unknown, context: RecordContext): Begun | Cleaned {
    if (!isObject(record)) return this.#setAsideWhole(record, `expected an object, received ${kindOf(record)}`);
    let derived: UnknownRecord | undefined;
    try {
      derived = this.#shape.derived?.from(record, context);
    } catch {
      // One record that a stream cannot understand must not stop the others.
      return this.#setAsideWhole(record, 'the derived fields could not be worked out');
    }
    const key = this.#keyOf(record, derived);
    if (key === undefined) {
      const value = this.#plan.keyField in record ? kindOf(record[this.#plan.keyField]) : 'nothing';
      return this.#setAsideWhole(record, `its key "${this.#plan.keyField}" is ${value}`);
    }
    return { given: record, derived, key, findings: new Findings(key) };
  }

  #keyOf(record: UnknownRecord, derived: UnknownRecord | undefined): string | undefined {
    const { keyField, root } = this.#plan;
    const slot = root.slots.get(keyField);
    const value = slot?.derived === true ? derived?.[keyField] : record[keyField];
    if (value === null || value === undefined) return undefined;
    const typed = slot?.convert?.(value);
    if (typed === undefined) return undefined;
    const text = String(typed);
    return text !== '' && this.#characters.storable(text) ? text : undefined;
  }

  #derived(derived: UnknownRecord, draft: Draft, findings: Findings): void {
    const { root } = this.#plan;
    for (const name in derived) {
      const slot = root.slots.get(name);
      const value = derived[name];
      if (slot?.derived !== true || slot.step === 'drop' || value === undefined) continue;
      const typed = value === null ? null : this.#value(slot, value, root.table, findings);
      if (typed !== undefined) draft[name] = typed;
    }
  }

  #writeDerived(derived: UnknownRecord, walk: Walk): void {
    const { root } = this.#plan;
    for (const name in derived) {
      const slot = root.slots.get(name);
      const value = derived[name];
      if (slot?.derived === true && slot.step !== 'drop' && value !== undefined) this.#writeDeclared(slot, value, root.table, walk);
    }
  }

  #writeObject(plan: ObjectPlan, record: UnknownRecord, walk: Walk): void {
    const { flattener, pass, findings } = walk;
    let surplus: Surplus;
    for (const key in record) {
      const value = record[key];
      const slot = plan.slots.get(key);
      if (slot === undefined || !slot.declared) {
        const found: Draft = {};
        this.#unknown(plan, slot, { key, value }, found, findings);
        for (const name in found) surplus = flattener.member(plan, name, found[name], surplus, pass);
      } else if (slot.step === 'drop' || slot.derived) {
        this.#leaveOut(plan, slot, { key, value }, findings);
      } else if (value !== undefined) {
        this.#writeDeclared(slot, value, plan.table, walk);
      }
    }
    flattener.setAside(plan, surplus, pass);
  }

  #writeDeclared(slot: Slot, value: unknown, table: TablePlan, walk: Walk): void {
    // What is null is not written.
    if (value === null) return;
    if (slot.step === 'object' && isObject(value)) this.#writeObject(slot.object as ObjectPlan, value, walk);
    else if (slot.step === 'list' && Array.isArray(value)) this.#writeList(slot, value, walk);
    else {
      const typed = this.#value(slot, value, table, walk.findings);
      if (typed !== undefined) walk.pass.writer.cell(slot.column as ColumnPlan, typed);
    }
  }

  #writeList(slot: Slot, list: readonly unknown[], walk: Walk): void {
    const { flattener, pass, findings } = walk;
    const plan = slot.list as ListPlan;
    const { element, table } = plan;
    if (element?.declared !== true) {
      const rest = this.#free('', list, table, slot.name, findings);
      if (Array.isArray(rest)) flattener.list(plan, rest, pass);
      return;
    }
    pass.writer.list(table);
    const isInner = findings.outer >= 0;
    const parentIndex = findings.outer;
    for (const [index, value] of list.entries()) {
      findings.enter(isInner, index);
      pass.findings.enter(isInner, index);
      pass.writer.beginRow(table, index, parentIndex);
      if (value !== undefined) this.#writeDeclared(element, value, table, walk);
      pass.writer.endRow(table);
    }
    findings.enter(isInner, -1);
    pass.findings.enter(isInner, -1);
  }

  /** A declared field that is not stored under its name. */
  #leaveOut(plan: ObjectPlan, slot: Slot, { key, value }: Member, findings: Findings): void {
    if (slot.step === 'drop') {
      if (value !== null && value !== undefined) findings.dropped[slot.drop as keyof Dropped]++;
    } else if (!isEmpty(value)) {
      findings.setAside(plan.table, slot.name, 'a derived field has this name', this.#scrubFresh(key, value, findings));
    }
  }

  #object(plan: ObjectPlan, record: UnknownRecord, draft: Draft, findings: Findings): void {
    for (const key in record) {
      const value = record[key];
      const slot = plan.slots.get(key);
      if (slot === undefined || !slot.declared) {
        this.#unknown(plan, slot, { key, value }, draft, findings);
      } else if (slot.step === 'drop' || slot.derived) {
        this.#leaveOut(plan, slot, { key, value }, findings);
      } else if (value === null) {
        draft[key] = null;
      } else if (value !== undefined) {
        const typed = this.#value(slot, value, plan.table, findings);
        if (typed !== undefined) draft[key] = typed;
      }
    }
  }

  /** The clean value of a declared field, or `undefined` after setting aside one that does not fit. */
  #value(slot: Slot, value: unknown, table: TablePlan, findings: Findings): unknown {
    switch (slot.step) {
      case 'leaf':
        return slot.hash ? this.#hashed(value) : this.#leaf(slot, value, table, findings);
      case 'json':
        return slot.hash ? this.#hashed(value) : this.#free('', value, table, slot.name, findings);
      case 'object': {
        if (!isObject(value)) break;
        const draft: Draft = {};
        this.#object(slot.object as ObjectPlan, value, draft, findings);
        return draft;
      }
      case 'list':
        if (!Array.isArray(value)) break;
        return this.#list(slot, value, findings);
      case 'drop':
        return undefined;
    }
    this.#odd(slot, value, table, findings);
    return undefined;
  }

  #leaf(slot: Slot, value: unknown, table: TablePlan, findings: Findings): unknown {
    const typed = slot.convert?.(value);
    if (typed === undefined) {
      this.#odd(slot, value, table, findings);
      return undefined;
    }
    if (typeof typed !== 'string' || this.#characters.storable(typed)) return typed;
    findings.setAside(table, slot.name, changedReason, value);
    return this.#characters.replace(typed);
  }

  #list(slot: Slot, list: readonly unknown[], findings: Findings): unknown {
    const { table, element } = slot.list as ListPlan;
    if (element?.declared !== true) return this.#free('', list, table, slot.name, findings);
    const elements: unknown[] = [];
    const isInner = findings.outer >= 0;
    for (const [index, value] of list.entries()) {
      findings.enter(isInner, index);
      // A place in a list is kept even where its value was set aside.
      elements.push(value === null || value === undefined ? null : (this.#value(element, value, table, findings) ?? null));
    }
    findings.enter(isInner, -1);
    return elements;
  }

  #unknown(plan: ObjectPlan, slot: Slot | undefined, member: Member, draft: Draft, findings: Findings): void {
    const { key, value } = member;
    if (value === undefined) return;
    if (plan.closed) {
      if (!isEmpty(value)) findings.dropped.omitted++;
      return;
    }
    const name = this.#characters.storable(key) ? key : this.#characters.replace(key);
    if (value === null) {
      if (!Object.hasOwn(draft, name)) setMember(draft, name, null);
      return;
    }
    const column = slot?.name ?? this.#nameOf(plan, key);
    const rest = this.#free(key, value, plan.table, column, findings);
    if (rest === undefined) return;
    if (name !== key)
      findings.setAside(plan.table, column, 'the name of the field holds characters that cannot be stored', { [key]: rest });
    if (name === key || !Object.hasOwn(draft, name)) setMember(draft, name, rest);
  }

  /** A value of any form, without secrets, fit to be stored; `undefined` when nothing of it is left. A declared one has no `key`. */
  #free(key: string, value: unknown, table: TablePlan, column: string, findings: Findings): unknown {
    const { value: rest, replaced, tooDeep } = scrub(key, value, { dropped: findings.dropped, characters: this.#characters });
    if (rest === undefined || (!replaced && !tooDeep)) return rest;
    findings.setAside(table, column, tooDeep ? 'nests too deep to be stored' : changedReason, this.#scrubbed(key, value, findings));
    return tooDeep ? undefined : rest;
  }

  /** What may be kept of a value in quarantine: everything but secrets, unchanged. */
  #scrubbed(key: string, value: unknown, findings: Findings): unknown {
    // Counted by whoever looked at the value first.
    const before = { ...findings.dropped };
    const { value: rest } = scrub(key, value, { dropped: findings.dropped, characters: null });
    Object.assign(findings.dropped, before);
    return rest ?? null;
  }

  #odd(slot: Slot, value: unknown, table: TablePlan, findings: Findings): void {
    findings.setAside(
      table,
      slot.name,
      `expected ${slot.expected}, received ${kindOf(value)}`,
      this.#withoutDropped(slot, value, findings),
    );
  }

  #setAsideWhole(record: unknown, reason: string): Cleaned {
    const findings = new Findings(null);
    const { root } = this.#plan;
    const rest = isObject(record) ? this.#objectWithoutDropped(root, record, findings) : this.#scrubFresh('', record, findings);
    findings.setAside(root.table, null, reason, rest);
    return { record: null, key: null, quarantined: findings.quarantined, dropped: findings.dropped };
  }

  /** A declared value as it came, but without anything that the declaration or the operator keeps out of storage. */
  #withoutDropped(slot: Slot, value: unknown, findings: Findings): unknown {
    if (value === null || value === undefined) return null;
    if (slot.hash) return this.#hashed(value);
    if (slot.object !== null && isObject(value)) return this.#objectWithoutDropped(slot.object, value, findings);
    const element = slot.list?.element;
    if (element !== null && element !== undefined && Array.isArray(value)) {
      return value.map((inner) => this.#withoutDropped(element, inner, findings));
    }
    return this.#scrubFresh('', value, findings);
  }

  #objectWithoutDropped(plan: ObjectPlan, record: UnknownRecord, findings: Findings): Draft {
    const draft: Draft = {};
    for (const key in record) {
      const value = record[key];
      const slot = plan.slots.get(key);
      if (slot?.step === 'drop') {
        if (value !== null && value !== undefined) findings.dropped[slot.drop as keyof Dropped]++;
      } else if (slot?.declared === true) {
        setMember(draft, key, this.#withoutDropped(slot, value, findings));
      } else if (plan.closed) {
        if (!isEmpty(value)) findings.dropped.omitted++;
      } else {
        const rest = this.#scrubFresh(key, value, findings);
        if (rest !== undefined) setMember(draft, key, rest);
      }
    }
    return draft;
  }

  #scrubFresh(key: string, value: unknown, findings: Findings): unknown {
    return scrub(key, value, { dropped: findings.dropped, characters: null }).value;
  }

  #hashed(value: unknown): string {
    const text = typeof value === 'string' ? value : exactJson(value);
    return createHmac('sha256', this.#salt).update(text).digest('hex');
  }

  #nameOf(plan: ObjectPlan, key: string): string {
    return uniqueName(joinNames(plan.prefix, snakeCase(key)), new Set(), { origin: key, limit: this.#identifierLength });
  }
}

const changedReason = 'cannot be stored exactly; a changed copy was loaded';

/** Sets a member whatever its name is: `__proto__` is an ordinary key in JSON. */
function setMember(draft: Draft, name: string, value: unknown): void {
  if (name === '__proto__') Object.defineProperty(draft, name, { value, enumerable: true, configurable: true, writable: true });
  else draft[name] = value;
}
