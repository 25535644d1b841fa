// From a shape, settings and what the destination already has to the plan that records are walked with.
import type { Field, Fields, ListField, ObjectField, ScalarField } from '../aircall/index.ts';
import { conversionTo } from './convert.ts';
import type { Conversion } from './convert.ts';
import { ShapeInvalid } from './errors.ts';
import type { Limits } from './limits.ts';
import { joinNames, uniqueName } from './names.ts';
import { ObjectPlan, Plan, Slot } from './plan.ts';
import { recall } from './recall.ts';
import { isClosed, readRules } from './rules.ts';
import type { Fate, Rules } from './rules.ts';
import type { Dropped } from './secrets.ts';
import type { ColumnType, TableSet } from './schema.ts';
import type { FieldSettings, Shape } from './shape.ts';

/** Lists inside lists that become tables; a list inside a grandchild's element becomes a JSON column. */
const deepestTable = 2;

/** Throws `UsageError` for settings that fit nothing, `ShapeInvalid` for a declaration that contradicts itself. */
export function compile(facts: { shape: Shape; settings: FieldSettings; known: TableSet; limits: Limits }): Plan {
  const { shape, settings, known, limits } = facts;
  const rules = readRules(shape, settings, known);
  const plan = new Plan(shape.table, shape.key);
  const builder = new Builder({ shape, rules, known, limits, plan });
  builder.fields(plan.root, shape.fields, { path: '', fate: 'store', derived: false });
  if (shape.derived !== undefined) builder.fields(plan.root, shape.derived.fields, { path: '', fate: 'store', derived: true });
  const key = plan.root.slots.get(shape.key);
  if (key?.step !== 'leaf') throw new ShapeInvalid(shape.table, `its key "${shape.key}" is not a declared, stored value`);
  plan.declaredTables = plan.tables.length;
  recall(plan, { known, rules });
  return plan;
}

type Place = { readonly path: string; readonly fate: Fate; readonly derived: boolean };

class Builder {
  readonly #shape: Shape;
  readonly #rules: Rules;
  readonly #known: TableSet;
  readonly #limits: Limits;
  readonly #plan: Plan;

  constructor(facts: { shape: Shape; rules: Rules; known: TableSet; limits: Limits; plan: Plan }) {
    this.#shape = facts.shape;
    this.#rules = facts.rules;
    this.#known = facts.known;
    this.#limits = facts.limits;
    this.#plan = facts.plan;
  }

  fields(into: ObjectPlan, fields: Fields, place: Place): void {
    for (const [key, field] of Object.entries(fields)) {
      if (into.slots.has(key)) throw new ShapeInvalid(this.#shape.table, `the field "${key}" is declared twice`);
      const path = place.path === '' ? key : `${place.path}.${key}`;
      const fate = this.#rules.fate(path, place.fate);
      into.taken.add(key.toLowerCase());
      into.add(key, this.#slot(into, key, field, { path, fate, derived: place.derived }));
    }
  }

  #slot(into: ObjectPlan, key: string, field: Field, place: Place): Slot {
    const name = joinNames(into.prefix, key);
    const drop = dropOf(field, place.fate);
    if (drop !== null) return new Slot({ step: 'drop', name, declared: true, derived: place.derived, drop });
    const asJson = this.#rules.typeOf(place.path) === 'json';
    if (field.kind === 'object' && !asJson) return this.#object(into, key, field, place);
    if (field.kind === 'list' && !asJson && into.table.level < deepestTable) return this.#list(into, key, field, place);
    return this.#leaf(into, key, field, place);
  }

  #object(into: ObjectPlan, key: string, field: ObjectField, place: Place): Slot {
    const prefix = joinNames(into.prefix, key);
    const object = new ObjectPlan({
      table: into.table,
      prefix,
      path: [...into.path, key],
      depth: into.depth + 1,
      closed: isClosed(this.#shape, place.path, place.fate),
    });
    this.fields(object, field.fields, place);
    return new Slot({
      step: 'object',
      name: prefix,
      declared: true,
      derived: place.derived,
      object,
      expected: 'an object',
      meaning: field.meaning,
    });
  }

  #list(into: ObjectPlan, key: string, field: ListField, place: Place): Slot {
    const name = joinNames(into.prefix, key);
    const table = this.#plan.addTable({
      name: uniqueName(`${into.table.name}__${name}`, this.#plan.taken, {
        origin: `${into.table.name}.${place.path}`,
        limit: this.#limits.identifierLength - 'live_'.length,
      }),
      parent: into.table,
      path: [...into.table.path, ...into.path, key],
      key: null,
      lasting: this.#shape.lasting?.includes(place.path) === true,
    });
    const list = this.#plan.addList(table, into.depth + 1);
    const element = new ObjectPlan({
      table,
      prefix: '',
      path: [],
      depth: list.depth,
      closed: isClosed(this.#shape, place.path, place.fate),
    });
    if (field.of.kind === 'object') {
      this.fields(element, field.of.fields, place);
      list.element = new Slot({
        step: 'object',
        name: 'value',
        declared: true,
        object: element,
        expected: 'an object',
        meaning: field.of.meaning,
      });
    } else {
      list.element = this.#scalar(element, [], 'value', field.of, place);
    }
    return new Slot({ step: 'list', name, declared: true, derived: place.derived, list, expected: 'a list', meaning: field.meaning });
  }

  #leaf(into: ObjectPlan, key: string, field: Field, place: Place): Slot {
    return this.#scalar(into, [...into.path, key], joinNames(into.prefix, key), field, place);
  }

  #scalar(into: ObjectPlan, path: readonly string[], wanted: string, field: Field, place: Place): Slot {
    const name = uniqueName(wanted, into.table.taken, {
      origin: `${into.table.name}.${path.join('.')}`,
      limit: this.#limits.identifierLength,
    });
    const hash = this.#rules.isHashed(place.path);
    const declaredType = columnTypeOf(field);
    const known = this.#known[into.table.name]?.columns[name];
    // A column keeps the type it has at the destination until the operator asks for another.
    const type: ColumnType = hash
      ? 'text'
      : (this.#rules.typeOf(place.path) ?? (declaredType === 'json' ? 'json' : (known?.type ?? declaredType)));
    const column = this.#plan.addColumn(into.table, name, { type, path, origin: 'declared', meaning: field.meaning });
    const common = { meaning: field.meaning, name, declared: true, derived: place.derived, column, hash };
    if (type === 'json') return new Slot({ ...common, step: 'json' });
    return new Slot({ ...common, step: 'leaf', ...conversionOf(field, type, type !== declaredType) });
  }
}

function conversionOf(field: Field, type: Exclude<ColumnType, 'json'>, overridden: boolean): Conversion {
  const conversion = conversionTo(type, field.kind === 'moment' ? field.wire : 'any');
  if (!overridden || type !== 'text') return conversion;
  const { convert, expected } = conversion;
  return { convert: (value) => (typeof value === 'boolean' ? String(value) : convert(value)), expected };
}

function dropOf(field: Field, fate: Fate): keyof Dropped | null {
  const classes = [field.class, field.kind === 'list' ? field.of.class : undefined];
  if (classes.includes('secret')) return 'secrets';
  if (classes.includes('media')) return 'links';
  if (fate === 'omit') return 'omitted';
  // Something inside is wanted; a value without an inside is not.
  return fate === 'open' && field.kind !== 'object' && !(field.kind === 'list' && field.of.kind === 'object') ? 'omitted' : null;
}

const columnTypesByKind: Readonly<Record<ScalarField['kind'], ColumnType>> = {
  id: 'bigint',
  integer: 'integer',
  double: 'double',
  boolean: 'boolean',
  text: 'text',
  moment: 'timestamp',
};

function columnTypeOf(field: Field): ColumnType {
  return field.kind === 'object' || field.kind === 'list' || field.kind === 'json' ? 'json' : columnTypesByKind[field.kind];
}
