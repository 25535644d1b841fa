import { describe, expect, test } from 'vitest';
import { call, field } from '../aircall/index.ts';
import { fullCall } from './fixtures/full-call.ts';
import { createNormaliser, declaredTables } from './normaliser.ts';
import type { Normaliser } from './normaliser.ts';
import type { Row } from './schema.ts';
import type { Shape } from './shape.ts';

const context = { observedAtMs: 1789000200000, observedAt: '2026-09-10T00:30:00.000001Z' };

const calls: Shape = {
  table: 'calls',
  key: 'id',
  fields: call.fields,
  omit: ['number.messages'],
  only: { contact: ['id', 'first_name', 'last_name', 'company_name'] },
  derived: {
    fields: { has_recording: field.boolean('Whether a recording was seen.') },
    from: (record) => ({ has_recording: typeof record['recording'] === 'string' ? true : null }),
  },
};

const things: Shape = { table: 'things', key: 'id', fields: { id: field.id('Its id.'), name: field.text('Its name.') } };

const rowsOf = (normaliser: Normaliser, record: object): Row => normaliser.normalise(record, context).rows?.parent ?? {};

test('a full call becomes these rows, tables and counts', async () => {
  const normaliser = createNormaliser({ shape: calls });
  const { record, rows, quarantined, dropped } = normaliser.normalise(fullCall, context);
  const golden = { rows: { calls: [rows?.parent], ...Object.fromEntries(rows?.children ?? []) }, quarantined, dropped, record };
  await expect(JSON.stringify(golden, null, 2)).toMatchFileSnapshot('./fixtures/full-call.rows.golden');
  await expect(JSON.stringify(normaliser.tables(), null, 2)).toMatchFileSnapshot('./fixtures/full-call.tables.golden');
  expect(normaliser.tables()).toEqual(declaredTables(calls));
});

test('a list that lasts is marked as such, and no other', () => {
  const parts = field.list('Parts.', field.text('A part.'), { optional: true });
  const shape: Shape = { ...things, fields: { ...things.fields, parts, others: parts }, lasting: ['parts'] };
  const tables = createNormaliser({ shape }).tables();
  expect(tables['things__parts']).toMatchObject({ lasting: true });
  expect(tables['things__others']).not.toHaveProperty('lasting');
});

test('lines hold what the rows hold, without the NULLs', () => {
  const normaliser = createNormaliser({ shape: calls });
  const { rows } = normaliser.normalise(fullCall, context);
  const { tables } = normaliser.lines(fullCall, context);
  const present = (row: Row): Row => Object.fromEntries(Object.entries(row).filter(([, cell]) => cell !== null));
  const expected = { calls: [rows?.parent ?? {}], ...Object.fromEntries(rows?.children ?? []) };
  expect(tables[0]?.table).toBe('calls');
  expect(tables.map(({ table }) => table).toSorted()).toEqual(Object.keys(expected).toSorted());
  for (const { table, rows: count, text } of tables) {
    const lines = text.split('\n');
    expect(lines.pop()).toBe('');
    expect(lines).toHaveLength(count);
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(expected[table as 'calls']?.map(present));
  }
});

test('links, secrets and omitted fields are in no clean record and no row', () => {
  const normaliser = createNormaliser({ shape: calls });
  const text = JSON.stringify(normaliser.normalise({ ...fullCall, client_secret: 'hush', intercom_hash: 'hush' }, context));
  for (const hidden of ['storage.example.com', 'media.example.com', 'grace@example.com', 'crm:44', 'hush'])
    expect(text).not.toContain(hidden);
});

describe('nesting', () => {
  test('unknown objects become columns, lists become child tables, lists inside them grandchildren', () => {
    const normaliser = createNormaliser({ shape: things });
    const { rows, quarantined } = normaliser.normalise(
      {
        id: 7,
        place: { city: { name: 'Paris' } },
        parts: [{ size: 1, marks: ['a', 'b'] }, null, { size: 2, marks: [] }],
        grid: [[1, 2], [], [3]],
      },
      context,
    );
    expect(quarantined).toEqual([]);
    const system = { _observed_at: context.observedAt };
    expect(rows?.parent).toEqual({ ...system, id: 7, name: null, place__city__name: 'Paris' });
    const child = (index: number) => ({ _parent_id: 7, _index: index, ...system });
    const grandchild = (parent: number, index: number) => ({ _parent_id: 7, _parent_index: parent, _index: index, ...system });
    expect(Object.fromEntries(rows?.children ?? [])).toEqual({
      things__parts: [
        { ...child(0), size: 1 },
        { ...child(1), size: null },
        { ...child(2), size: 2 },
      ],
      things__parts__marks: [
        { ...grandchild(0, 0), value: 'a' },
        { ...grandchild(0, 1), value: 'b' },
      ],
      things__grid: [child(0), child(1), child(2)],
      things__grid__list: [
        { ...grandchild(0, 0), value: 1 },
        { ...grandchild(0, 1), value: 2 },
        { ...grandchild(2, 0), value: 3 },
      ],
    });
    expect(normaliser.tables()['things__parts__marks']).toMatchObject({
      parent: 'things__parts',
      path: ['parts', 'marks'],
      key: ['_parent_id', '_parent_index', '_index'],
    });
  });

  test('what nests deeper than the limit becomes one JSON column', () => {
    const normaliser = createNormaliser({ shape: things });
    const deep = { a: { b: { c: { d: { e: 1 } } } }, lists: [[[1]]] };
    const { rows } = normaliser.normalise({ id: 7, ...deep }, context);
    expect(rows?.parent).toMatchObject({ a__b__c__d: { e: 1 } });
    expect(normaliser.tables()['things']?.columns['a__b__c__d']?.type).toBe('json');
    expect(rows?.children.get('things__lists__list')).toMatchObject([{ value: [1] }]);
  });

  test('empty groups and nulls make no columns, no tables and no rows', () => {
    const normaliser = createNormaliser({ shape: things });
    const before = normaliser.tables();
    const { rows, quarantined } = normaliser.normalise({ id: 7, name: null, a: {}, b: [], c: null }, context);
    expect(rows).toEqual({ parent: { _observed_at: context.observedAt, id: 7, name: null }, children: new Map() });
    expect(quarantined).toEqual([]);
    expect(normaliser.tables()).toBe(before);
  });

  test('the version grows exactly when the tables change', () => {
    const normaliser = createNormaliser({ shape: things });
    const seen = [normaliser.version];
    for (const record of [{ id: 1 }, { id: 2, a: 1 }, { id: 3, a: 2 }, { id: 4, a: 2.5 }, { id: 5, a: 3 }]) {
      normaliser.lines(record, context);
      seen.push(normaliser.version);
    }
    const [first = 0, , found = 0, , widened = 0] = seen;
    expect(seen).toEqual([first, first, found, found, widened, widened]);
    expect(first < found && found < widened).toBe(true);
  });
});

describe('found fields', () => {
  test('names that collide are both kept, and no field can take the place of a system column', () => {
    const normaliser = createNormaliser({ shape: things });
    const row = rowsOf(normaliser, {
      id: 7,
      callDuration: 1,
      call_duration: 2,
      'Call Duration': 3,
      _observed_at: 'mine',
      Name: 'other',
      __proto__x: 4,
      ['__proto__']: 5,
    });
    expect(row).toMatchObject({
      call_duration: 1,
      _observed_at: context.observedAt,
      observed_at: 'mine',
      name: null,
      proto: 5,
      proto_x: 4,
    });
    expect(Object.values(row).filter((cell) => cell === 2 || cell === 3)).toHaveLength(2);
    expect(Object.keys(row).filter((name) => /^call_duration_[a-z0-9]{6}$/.test(name))).toHaveLength(2);
    expect(Object.entries(row).find(([name]) => /^name_[a-z0-9]{6}$/.test(name))?.[1]).toBe('other');
  });

  test('a type that changes widens, and the value is loaded exactly', () => {
    const normaliser = createNormaliser({ shape: things });
    const seen = [1, 2.5, 'x', 9007199254740993n, true].map((value, id) => {
      const { a } = rowsOf(normaliser, { id, a: value });
      return [a, normaliser.tables()['things']?.columns['a']?.type];
    });
    expect(seen).toEqual([
      [1, 'bigint'],
      [2.5, 'double'],
      ['x', 'text'],
      ['9007199254740993', 'text'],
      ['true', 'text'],
    ]);
  });

  test('integers beyond 2^53 never share a double column', () => {
    const normaliser = createNormaliser({ shape: things });
    rowsOf(normaliser, { id: 1, a: 9007199254740993n });
    expect(normaliser.tables()['things']?.columns['a']).toMatchObject({ type: 'bigint', wide: true });
    const again = createNormaliser({ shape: things, known: normaliser.tables() });
    expect(rowsOf(again, { id: 2, a: 0.5 })).toMatchObject({ a: '0.5' });
  });

  test('a value of another shape is set aside and its row is loaded', () => {
    const normaliser = createNormaliser({ shape: things });
    rowsOf(normaliser, { id: 1, scalar: 1, object: { x: 1 }, list: [1] });
    const { rows, quarantined } = normaliser.normalise({ id: 2, scalar: { y: 2 }, object: [3], list: 'four', name: 'kept' }, context);
    expect(rows?.parent).toMatchObject({ id: 2, name: 'kept', scalar: null, object__x: null });
    expect(quarantined.map(({ table, key, column, value }) => [table, key, column, value])).toEqual([
      ['things', '2', 'scalar', '{"y":2}'],
      ['things', '2', 'object', '[3]'],
      ['things', '2', 'list', '"four"'],
    ]);
  });

  test('an element of another shape keeps its place in the list', () => {
    const normaliser = createNormaliser({ shape: things });
    const { rows, quarantined } = normaliser.normalise({ id: 1, list: [{ a: 1 }, 'odd', { a: 2 }] }, context);
    expect(rows?.children.get('things__list')).toMatchObject([
      { _index: 0, a: 1 },
      { _index: 1, a: null },
      { _index: 2, a: 2 },
    ]);
    expect(quarantined).toMatchObject([{ table: 'things__list', value: '"odd"', position: '1' }]);
  });

  test('a hostile number of fields fills the table up to the limit, and the rest is set aside as one value', () => {
    const normaliser = createNormaliser({ shape: things, limits: { foundFields: 10, foundTables: 2 } });
    const many = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`f${index}`, index]));
    for (let id = 1; id < 20; id++) {
      const record = Object.fromEntries(Object.entries(many).map(([name, value]) => [`${name}_${id}`, value]));
      const { quarantined } = normaliser.normalise({ id, ...record }, context);
      expect(quarantined).toHaveLength(1);
      expect(Object.keys(JSON.parse(quarantined[0]?.value ?? '') as object)).toHaveLength(id === 1 ? 990 : 1000);
    }
    expect(Object.keys(normaliser.tables()['things']?.columns ?? {})).toHaveLength(12);
  });

  test('a hostile number of lists becomes JSON columns', () => {
    const normaliser = createNormaliser({ shape: things, limits: { foundTables: 2 } });
    const { quarantined } = normaliser.normalise({ id: 1, a: [1], b: [2], c: [3] }, context);
    expect(quarantined).toEqual([]);
    expect(Object.keys(normaliser.tables())).toEqual(['things', 'things__a', 'things__b']);
    expect(normaliser.tables()['things']?.columns['c']?.type).toBe('json');
  });
});

describe('what the destination already has', () => {
  test('found columns keep their names and types in a new run, whatever comes first', () => {
    const first = createNormaliser({ shape: things });
    first.lines({ id: 1, callDuration: 'x', call_duration: 1, group: { deepName: 1.5, list: [{ k: true }], grid: [[1]] } }, context);
    const known = first.tables();
    const second = createNormaliser({ shape: things, known });
    expect(second.tables()).toEqual(known);
    const { rows, quarantined } = second.normalise(
      { id: 2, call_duration: 5, callDuration: 6, group: { deepName: 2, list: [{ k: false }], grid: [[2]] } },
      context,
    );
    expect(quarantined).toEqual([]);
    expect(second.tables()).toEqual(known);
    expect(rows?.parent).toMatchObject({ call_duration: '6', group__deep_name: 2 });
    expect(rows?.children.get('things__group__list')).toMatchObject([{ k: false }]);
    expect(rows?.children.get('things__group__grid__list')).toMatchObject([{ value: 2 }]);
  });

  test('a field that was found before it was declared keeps the type it has', () => {
    const first = createNormaliser({ shape: things });
    first.lines({ id: 1, queued_at: 1789000000 }, context);
    const declared: Shape = { ...things, fields: { ...things.fields, queued_at: field.moment('seconds', 'When it was queued.') } };
    const second = createNormaliser({ shape: declared, known: first.tables() });
    expect(rowsOf(second, { id: 2, queued_at: 1789000001 })['queued_at']).toBe(1789000001);
    expect(second.tables()['things']?.columns['queued_at']).toMatchObject({ type: 'bigint', origin: 'declared' });
  });

  test('columns that nothing fills any more stay', () => {
    const first = createNormaliser({ shape: { ...things, fields: { ...things.fields, old: field.moment('iso', 'Gone.') } } });
    const second = createNormaliser({ shape: things, known: first.tables() });
    expect(second.tables()['things']?.columns['old']?.type).toBe('timestamp');
    expect(rowsOf(second, { id: 1, old: '2026-01-01T00:00:00Z' })['old']).toBe('2026-01-01T00:00:00.000000Z');
  });
});

describe('partial records', () => {
  test('a patch holds what the record carries, null where it carries null, and nothing else', () => {
    const normaliser = createNormaliser({ shape: calls });
    const { record } = normaliser.clean(
      { id: 1, status: 'done', assigned_to: null, user: { id: 5 }, tags: [], comments: [{ id: 3, content: 'Hello' }] },
      context,
    );
    const patch = normaliser.patch(record ?? {});
    expect(patch.row).toMatchObject({
      id: 1,
      status: 'done',
      user__id: 5,
      assigned_to__id: null,
      assigned_to__name: null,
      has_recording: null,
    });
    expect(patch.row).not.toHaveProperty('user__name');
    expect(patch.row).not.toHaveProperty('started_at');
    expect(patch.children).toEqual({
      calls__tags: [],
      calls__comments: [{ _parent_id: 1, _index: 0, id: 3, content: 'Hello' }],
    });
  });

  test('a value that did not fit is not carried, so that it overwrites nothing', () => {
    const normaliser = createNormaliser({ shape: calls });
    const { record, quarantined } = normaliser.clean({ id: 1, started_at: 'soon' }, context);
    expect(quarantined).toHaveLength(1);
    expect(normaliser.patch(record ?? {}).row).not.toHaveProperty('started_at');
  });
});

test('derived fields are stored like declared ones, and nobody can send them', () => {
  const normaliser = createNormaliser({ shape: calls });
  const { rows, quarantined } = normaliser.normalise({ id: 1, recording: 'https://example.com/x', has_recording: 'forged' }, context);
  expect(rows?.parent['has_recording']).toBe(true);
  expect(quarantined).toMatchObject([{ column: 'has_recording', value: '"forged"' }]);
});

test('a key may be derived', () => {
  const normaliser = createNormaliser({
    shape: {
      table: 'company',
      key: 'id',
      fields: { name: field.text('Its name.') },
      derived: { fields: { id: field.id('Always 1.') }, from: () => ({ id: 1 }) },
    },
  });
  expect(normaliser.normalise({ name: 'Sample Ltd' }, context)).toMatchObject({
    key: '1',
    rows: { parent: { id: 1, name: 'Sample Ltd' } },
  });
});
