import { describe, expect, test } from 'vitest';
import { call, field } from '../aircall/index.ts';
import { UsageError } from '../base/index.ts';
import { NewFieldRefused, TypeChangeRefused } from './errors.ts';
import { createNormaliser, declaredTables } from './normaliser.ts';
import type { Normalised } from './normaliser.ts';
import type { FieldSettings, Shape } from './shape.ts';

const context = { observedAtMs: 1789000200000, observedAt: '2026-09-10T00:30:00.000001Z' };
const shape: Shape = {
  table: 'calls',
  key: 'id',
  fields: call.fields,
  omit: ['number.messages'],
  only: { contact: ['id', 'first_name'] },
};

function load(record: object, settings: FieldSettings): Normalised {
  return createNormaliser({ shape, settings }).normalise(record, context);
}

function refusal(settings: FieldSettings): UsageError {
  try {
    createNormaliser({ shape, settings });
  } catch (error) {
    if (error instanceof UsageError) return error;
  }
  throw new Error('The settings were accepted.');
}

describe('drop', () => {
  test('a dropped field is in no table, no row and no quarantine', () => {
    const settings = { drop: ['raw_digits', 'user.email', 'tags.name', 'comments', 'transferred_to'] };
    const { rows, quarantined, dropped } = load(
      { id: 1, raw_digits: { odd: 1 }, user: { id: 2, email: 'ada@example.com' }, tags: [{ id: 3, name: 'x' }], comments: [{ id: 4 }] },
      settings,
    );
    expect(quarantined).toEqual([]);
    expect(dropped.omitted).toBe(4);
    expect(rows?.parent).not.toHaveProperty('raw_digits');
    expect(rows?.parent).not.toHaveProperty('user__email');
    expect(rows?.parent).not.toHaveProperty('transferred_to__id');
    const tables = declaredTables(shape, settings);
    expect(tables).not.toHaveProperty('calls__comments');
    expect(tables['calls__tags']?.columns).not.toHaveProperty('name');
  });

  test('a found field can be dropped once it is known', () => {
    const first = createNormaliser({ shape });
    first.lines({ id: 1, new_field: 'x', group: { a: 1 }, list: [{ b: 2 }] }, context);
    const settings = { drop: ['new_field', 'group', 'list.b'] };
    const second = createNormaliser({ shape, known: first.tables(), settings });
    const { rows, dropped } = second.normalise({ id: 2, new_field: 'y', group: { a: 3, c: 4 }, list: [{ b: 5, d: 6 }] }, context);
    expect(dropped.omitted).toBe(3);
    expect(rows?.parent).toMatchObject({ new_field: null, group__a: null });
    expect(rows?.children.get('calls__list')).toMatchObject([{ b: null, d: 6 }]);
  });
});

describe('hash', () => {
  const settings = { hash: ['raw_digits', 'user.email', 'user.id'], salt: 'pepper' };

  test('equal values have equal hashes, other salts other hashes, null stays null', () => {
    const one = load({ id: 1, raw_digits: '+1 555-010-0123', user: { id: 5, email: null } }, settings).rows?.parent;
    const two = load({ id: 2, raw_digits: '+1 555-010-0123', user: { id: '5' } }, settings).rows?.parent;
    const other = load({ id: 1, raw_digits: '+1 555-010-0123' }, { ...settings, salt: 'salt' }).rows?.parent;
    expect(one?.['raw_digits']).toMatch(/^[0-9a-f]{64}$/);
    expect(two?.['raw_digits']).toBe(one?.['raw_digits']);
    expect(two?.['user__id']).toBe(one?.['user__id']);
    expect(other?.['raw_digits']).not.toBe(one?.['raw_digits']);
    expect(one?.['user__email']).toBeNull();
    expect(declaredTables(shape, settings)['calls']?.columns['user__id']?.type).toBe('text');
  });

  test('an odd value is hashed too, never shown', () => {
    const { rows, quarantined } = load({ id: 1, raw_digits: ['+1 555-010-0123'], user: [{ email: 'ada@example.com' }] }, settings);
    expect(rows?.parent['raw_digits']).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.stringify(quarantined)).not.toContain('555');
  });

  test('a found field can be hashed once it is known', () => {
    const first = createNormaliser({ shape });
    const record = { id: 1, alias: 'Ada', group: { alias: 'Ada' }, list: [{ alias: 'Ada', inner: ['Ada'] }], plain: ['Ada'], other: [[1]] };
    first.lines(record, context);
    const hash = ['alias', 'group.alias', 'list.alias', 'list.inner', 'plain'];
    const second = createNormaliser({ shape, known: first.tables(), settings: { hash, salt: 'pepper' } });
    const { record: clean, rows, quarantined } = second.normalise(record, context);
    expect(quarantined).toEqual([]);
    expect(JSON.stringify([clean, rows?.parent, ...(rows?.children ?? [])])).not.toContain('Ada');
    const hashed = rows?.parent['alias'];
    expect(hashed).toMatch(/^[0-9a-f]{64}$/);
    expect(rows?.parent['group__alias']).toBe(hashed);
    expect(rows?.children.get('calls__list')).toMatchObject([{ alias: hashed }]);
    expect(rows?.children.get('calls__list__inner')).toMatchObject([{ value: hashed }]);
    expect(rows?.children.get('calls__plain')).toMatchObject([{ value: hashed }]);
    expect(rows?.children.get('calls__other__list')).toMatchObject([{ value: 1 }]);
  });
});

describe('keep', () => {
  const record = {
    id: 1,
    contact: {
      id: 2,
      first_name: 'Grace',
      last_name: 'Example',
      information: 'crm:44',
      emails: [{ id: 3, value: 'grace@example.com' }],
      unknown: 1,
    },
    number: { id: 4, messages: { welcome: 'https://media.example.com/a.mp3' } },
  };

  test('without it, what the stream leaves out is left out and counted', () => {
    const { rows, record: clean, dropped } = load(record, {});
    expect(clean).toEqual({ id: 1, contact: { id: 2, first_name: 'Grace' }, number: { id: 4 } });
    expect(rows?.children.size).toBe(0);
    expect(dropped.omitted).toBe(5);
  });

  test('it brings back fields, groups and single fields inside a group', () => {
    const { rows } = load(record, { keep: ['contact.last_name', 'contact.emails.value', 'number.messages'] });
    expect(rows?.parent).toMatchObject({ contact__last_name: 'Example', contact__id: 2 });
    expect(rows?.parent).not.toHaveProperty('contact__information');
    expect(JSON.stringify(rows?.parent)).toContain('media.example.com');
    expect(rows?.children.get('calls__contact__emails')).toEqual([
      { _parent_id: 1, _index: 0, _observed_at: context.observedAt, value: 'grace@example.com' },
    ]);
  });
});

describe('types', () => {
  test('an override decides the column and how values are read', () => {
    const settings: FieldSettings = {
      types: { cost: 'double', 'user.extension': 'integer', started_at: 'bigint', archived: 'text', number: 'json' },
    };
    const { rows, quarantined } = load(
      { id: 1, cost: '3.5', user: { extension: '12' }, started_at: 1789000000, archived: true, number: { id: 4, priority: 1 } },
      settings,
    );
    expect(rows?.parent).toMatchObject({
      cost: 3.5,
      user__extension: 12,
      started_at: 1789000000,
      archived: 'true',
      number: { id: 4, priority: 1 },
    });
    expect(quarantined).toEqual([]);
    const columns = declaredTables(shape, settings)['calls']?.columns ?? {};
    expect(['cost', 'user__extension', 'started_at', 'archived', 'number'].map((name) => columns[name]?.type)).toEqual([
      'double',
      'integer',
      'bigint',
      'text',
      'json',
    ]);
  });

  test('a found field can be typed once it is known', () => {
    const first = createNormaliser({ shape });
    first.lines({ id: 1, queued_at: 1789000000 }, context);
    const second = createNormaliser({ shape, known: first.tables(), settings: { types: { queued_at: 'timestamp' } } });
    expect(second.normalise({ id: 2, queued_at: 1789000000 }, context).rows?.parent['queued_at']).toBe('2026-09-10T00:26:40.000000Z');
    expect(second.tables()['calls']?.columns['queued_at']?.type).toBe('timestamp');
  });
});

describe('what new fields and changed types may do', () => {
  test('ignored fields are counted and leave no trace, known ones go on', () => {
    const first = createNormaliser({ shape });
    first.lines({ id: 1, known: 1 }, context);
    const second = createNormaliser({ shape, known: first.tables(), settings: { newColumns: 'ignore' } });
    const { rows, dropped, quarantined } = second.normalise(
      { id: 2, known: 2, fresh: 3, group: { a: 1, b: 2 }, list: [1], nothing: null },
      context,
    );
    expect(rows?.parent).toMatchObject({ known: 2 });
    expect([dropped.ignored, quarantined]).toEqual([3, []]);
    expect(second.tables()).toEqual(first.tables());
  });

  test('stopping names the table and the field, never a value', () => {
    const normaliser = createNormaliser({ shape, settings: { newColumns: 'stop' } });
    expect(() => normaliser.lines({ id: 1, status: 'done', user: { nothing: null } }, context)).not.toThrow();
    expect(() => normaliser.lines({ id: 1, user: { freshField: 'Ada' } }, context)).toThrow(NewFieldRefused);
    expect(() => normaliser.lines({ id: 1, user: { freshField: 'Ada' } }, context)).toThrow(/"user__fresh_field" for calls/);
  });

  test('a changed type is set aside or stops the stream where the settings say so', () => {
    const careful = createNormaliser({ shape, settings: { onTypeChange: 'quarantine' } });
    careful.lines({ id: 1, fresh: 1 }, context);
    const { rows, quarantined } = careful.normalise({ id: 2, fresh: 'x' }, context);
    expect(rows?.parent['fresh']).toBeNull();
    expect(quarantined).toEqual([
      { table: 'calls', key: '2', column: 'fresh', reason: 'expected a whole number, received text', value: '"x"' },
    ]);

    const strict = createNormaliser({ shape, settings: { onTypeChange: 'stop' } });
    strict.lines({ id: 1, fresh: 1, group: { a: 1 } }, context);
    expect(() => strict.lines({ id: 2, fresh: 'x' }, context)).toThrow(TypeChangeRefused);
    expect(() => strict.lines({ id: 3, group: 'x' }, context)).toThrow(TypeChangeRefused);
    expect(() => strict.lines({ id: 4, fresh: 2 }, context)).not.toThrow();
  });
});

describe('settings that cannot be meant', () => {
  test.each<[string, FieldSettings, string, RegExp]>([
    ['an unknown field', { drop: ['usr.email'] }, 'unknown_field', /"usr\.email" under "drop"/],
    ['a misspelt field', { keep: ['contact.informaton'] }, 'unknown_field', /"contact\.informaton" under "keep"/],
    ['the key', { drop: ['id'] }, 'key_field', /"id"/],
    ['the key retyped', { types: { id: 'text' } }, 'key_field', /"id"/],
    ['a signed link to keep', { keep: ['recording'] }, 'field_not_storable', /"recording"/],
    ['a group to hash', { hash: ['user'], salt: 'pepper' }, 'group_not_hashable', /"user"/],
    ['a group to type', { types: { tags: 'text' } }, 'group_not_typable', /"tags"/],
    ['hashes without salt', { hash: ['raw_digits'] }, 'salt_missing', /salt/],
  ])('%s', (_, settings, code, message) => {
    const error = refusal(settings);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(error.hint).toBeDefined();
  });

  test('near names are offered', () => {
    expect(refusal({ drop: ['usr.email'] }).hint).toContain('"user.email"');
    expect(refusal({ drop: ['contact.informaton'] }).hint).toContain('"contact.information"');
  });

  test('a declaration that contradicts itself is found before any record', () => {
    const fields = { id: field.id('Its id.') };
    expect(() => createNormaliser({ shape: { table: 'things', key: 'uuid', fields } })).toThrow(/"uuid"/);
    expect(() => createNormaliser({ shape: { table: 'things', key: 'id', fields, derived: { fields, from: () => ({}) } } })).toThrow(
      /declared twice/,
    );
  });
});
