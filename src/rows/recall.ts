// What the destination already has, put back into the plan: columns and tables that were found in earlier runs keep their names and
// types, so that the order in which data arrives in a new run changes nothing.
import { conversionTo } from './convert.ts';
import { joinNames, snakeCase } from './names.ts';
import { ObjectPlan, Slot } from './plan.ts';
import type { ColumnPlan, ListPlan, Plan, TablePlan } from './plan.ts';
import type { Rules } from './rules.ts';
import type { Table, TableSet } from './schema.ts';

/**
 * Adds known tables and columns that no declaration covers. Where a declaration has since taken their place in the record, they
 * stay as they are, without getting new values.
 */
export function recall(plan: Plan, options: { readonly known: TableSet; readonly rules: Rules }): void {
  const { known, rules } = options;
  for (const table of familyOf(plan.root.table.name, known)) {
    const tablePlan = plan.tables.find(({ name }) => name === table.name) ?? recallTable(plan, table, rules);
    if (tablePlan === undefined) continue;
    const existing = new Set(tablePlan.columns.map(({ name }) => name));
    for (const [name, column] of Object.entries(table.columns)) {
      if (existing.has(name)) continue;
      const columnPlan = plan.addColumn(tablePlan, name, column);
      place(plan, tablePlan, { path: column.path, name, rules }, (slotName, path) => leafSlot(slotName, columnPlan, rules, path));
    }
  }
}

/** The stream's own table and its descendants, parents first. */
function familyOf(root: string, known: TableSet): readonly Table[] {
  const family: Table[] = [];
  const add = (parent: Table): void => {
    family.push(parent);
    for (const table of Object.values(known)) if (table.parent === parent.name) add(table);
  };
  const own = known[root];
  if (own !== undefined) add(own);
  return family;
}

function recallTable(plan: Plan, table: Table, rules: Rules): TablePlan | undefined {
  const parent = plan.tables.find(({ name }) => name === table.parent);
  if (parent === undefined) return undefined;
  const tablePlan = plan.addTable({ name: table.name, parent, path: table.path, key: null });
  const path = table.path.slice(parent.path.length);
  const name = table.name.slice(parent.name.length + 2);
  place(plan, parent, { path, name, rules }, (slotName, dotted, depth) => {
    const list = plan.addList(tablePlan, depth);
    return new Slot({ step: 'list', name: slotName, declared: rules.governs(dotted), list, expected: 'a list' });
  });
  return tablePlan;
}

function leafSlot(name: string, column: ColumnPlan, rules: Rules, path: string): Slot {
  if (rules.isHashed(path)) return new Slot({ step: 'leaf', name, declared: true, hash: true, column });
  const type = rules.typeOf(path);
  if (type === undefined) return new Slot({ step: column.type === 'json' ? 'json' : 'leaf', name, declared: false, column });
  column.type = type;
  if (type === 'json') return new Slot({ step: 'json', name, declared: true, column });
  return new Slot({ step: 'leaf', name, declared: true, column, ...conversionTo(type) });
}

type Target = { readonly path: readonly string[]; readonly name: string; readonly rules: Rules };
type MakeSlot = (name: string, path: string, depth: number) => Slot;

function place(plan: Plan, table: TablePlan, target: Target, make: MakeSlot): void {
  const { path, name, rules } = target;
  const list = plan.listOf(table);
  if (path.length === 0) {
    if (list?.element === null) list.element = make(name, table.path.join('.'), list.depth);
    return;
  }
  let at = table.parent === null ? plan.root : list === undefined ? null : elementOf(list, rules);
  // Recalled names are kept even where today's rule would make others.
  const parts = name.split('__');
  for (const [index, key] of path.entries()) {
    if (at === null || at.closed) return;
    const dotted = [...table.path, ...path.slice(0, index + 1)].join('.');
    const part = parts.length === path.length ? (parts[index] as string) : snakeCase(key);
    let slot = at.slots.get(key);
    if (slot === undefined) {
      const omitted = rules.fate(dotted, 'store') === 'omit';
      slot = omitted
        ? dropSlot(part)
        : index === path.length - 1
          ? make(name, dotted, at.depth + 1)
          : groupSlot(at, key, { part, declared: rules.governs(dotted) });
      at.add(key, slot);
      at.taken.add(part);
      table.found++;
    }
    at = slot.object;
  }
}

function elementOf(list: ListPlan, rules: Rules): ObjectPlan | null {
  if (list.element === null) {
    const { table, depth } = list;
    const object = new ObjectPlan({ table, prefix: '', path: [], depth, closed: false });
    list.element = new Slot({
      step: 'object',
      name: 'value',
      declared: rules.governs(table.path.join('.')),
      object,
      expected: 'an object',
    });
  }
  return list.element.object;
}

function dropSlot(name: string): Slot {
  return new Slot({ step: 'drop', name, declared: true, drop: 'omitted' });
}

// A group that a setting reaches into is cleaned like a declared one; others pass through cleaning as they came.
function groupSlot(into: ObjectPlan, key: string, facts: { readonly part: string; readonly declared: boolean }): Slot {
  const name = joinNames(into.prefix, facts.part);
  const object = new ObjectPlan({ table: into.table, prefix: name, path: [...into.path, key], depth: into.depth + 1, closed: false });
  return new Slot({ step: 'object', name, declared: facts.declared, object, expected: 'an object' });
}
