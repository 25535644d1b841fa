// What holds for every record a server can send.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { call, field } from '../aircall/index.ts';
import { exactJson } from './json-text.ts';
import { createNormaliser } from './normaliser.ts';
import type { Normalised, Normaliser } from './normaliser.ts';
import { parentColumns } from './schema.ts';
import type { Row, TableSet } from './schema.ts';
import type { Shape } from './shape.ts';

const context = { observedAtMs: 1789000200000, observedAt: '2026-09-10T00:30:00.000001Z' };

const things: Shape = {
  table: 'things',
  key: 'id',
  fields: {
    id: field.id('Its id.'),
    name: field.text('Its name.'),
    size: field.integer('Its size.'),
    made_at: field.moment('any', 'When it was made.'),
    owner: field.object('Whose it is.', { id: field.id('Their id.'), name: field.text('Their name.') }),
    tags: field.list('Its tags.', field.object('A tag.', { id: field.id('Its id.'), value: field.text('What it says.') })),
    marks: field.list('Its marks.', field.text('A mark.')),
    free: field.json('Anything.'),
  },
};

// Few names, so that one name meets many types and shapes; among them all that are special somewhere.
const names = fc.oneof(
  fc.constantFrom('a', 'b', 'A', 'a b', 'value', 'list', 'name', 'size', 'made_at', 'owner', 'tags', 'marks', 'free', 'id'),
  fc.constantFrom('_load_id', '__proto__', 'constructor', 'toString', 'aB', 'a_b', 'user__name', '', '0', '名', 'long'.repeat(30)),
  fc.string({ unit: 'binary', maxLength: 4 }),
);

const scalars = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
);

const { value: anything } = fc.letrec<{ value: unknown; object: Record<string, unknown>; list: unknown[] }>((tie) => ({
  value: fc.oneof({ depthSize: 'small', withCrossShrink: true }, scalars, tie('object'), tie('list')),
  list: fc.array(tie('value'), { maxLength: 4 }),
  object: fc.array(fc.tuple(names, tie('value')), { maxLength: 5 }).map((members) => Object.fromEntries(members)),
}));

const members = fc.array(fc.tuple(names, anything), { maxLength: 6 });
const records = fc.array(
  members.map((entries) => Object.fromEntries(entries)),
  { minLength: 1, maxLength: 4 },
);

/** The record with a key of its own and every leaf replaced by one that occurs nowhere else. */
function marked(records: readonly object[]): { readonly record: Record<string, unknown>; readonly leaves: readonly string[] }[] {
  let next = 1_000_000;
  return records.map((record, index) => {
    const leaves: string[] = [];
    const { id: _, ...others } = record as { id?: unknown };
    const mark = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(mark);
      if (typeof value === 'object' && value !== null)
        return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, mark(inner)]));
      if (value === null || typeof value === 'boolean') return value;
      next++;
      const unique = uniqueLeaf(value, next);
      leaves.push(String(next));
      return unique;
    };
    return { record: { ...(mark(others) as object), id: index }, leaves };
  });
}

function uniqueLeaf(value: unknown, token: number): unknown {
  if (typeof value === 'string') return `${value}<${token}>`;
  if (typeof value === 'bigint') return BigInt(`${value}${token}`);
  return Number.isInteger(value) ? token : token + 0.5;
}

/** Everything that came out, as text. */
function textOf({ rows, quarantined }: Normalised): string {
  return [
    ...(rows === null ? [] : [rows.parent, ...[...rows.children.values()].flat()].map(exactJson)),
    ...quarantined.map(({ value }) => (value.startsWith('"') ? (JSON.parse(value) as string) + value : value)),
  ].join('\n');
}

test('no value is lost: each is in a row or in quarantine', () => {
  fc.assert(
    fc.property(records, (batch) => {
      const normaliser = createNormaliser({ shape: things, limits: { foundFields: 12, foundTables: 3 } });
      for (const { record, leaves } of marked(batch)) {
        const normalised = normaliser.normalise(record, context);
        expect(normalised.dropped).toEqual({ secrets: 0, links: 0, omitted: 0, ignored: 0 });
        const text = textOf(normalised);
        // A moment is stored as what it means; every other leaf keeps its digits or characters.
        for (const leaf of leaves)
          if (!text.includes(leaf) && !isMoment(record, leaf)) expect.fail(`${leaf} of ${exactJson(record)} is not in\n${text}`);
      }
    }),
    { numRuns: 200 },
  );
});

function isMoment(record: Readonly<Record<string, unknown>>, leaf: string): boolean {
  return String(record['made_at']) === leaf || String(record['made_at']) === `${leaf}.5`;
}

test('nothing makes it throw, and what is not a record is set aside whole', () => {
  const normaliser = createNormaliser({ shape: { ...things, fields: { ...call.fields, ...things.fields } } });
  fc.assert(
    fc.property(anything, (value) => {
      const { key, rows, quarantined } = normaliser.normalise(value, context);
      expect(rows === null).toBe(key === null);
      if (key === null) expect(quarantined).toMatchObject([{ table: 'things', key: null, column: null }]);
      for (const entry of quarantined) expect(() => void JSON.parse(entry.value)).not.toThrow();
    }),
    { numRuns: 300 },
  );
});

test('lines say what rows say', () => {
  fc.assert(
    fc.property(records, (batch) => {
      const [byRow, byLine] = [createNormaliser({ shape: things }), createNormaliser({ shape: things })];
      for (const { record } of marked(batch)) {
        const { rows, quarantined } = byRow.normalise(record, context);
        const lines = byLine.lines(record, context);
        expect(lines.quarantined).toEqual(quarantined);
        const written = Object.fromEntries(lines.tables.map(({ table, text }) => [table, text.trimEnd().split('\n').map(parse)]));
        const expected = { things: [rows?.parent ?? {}], ...Object.fromEntries(rows?.children ?? []) };
        expect(written).toEqual(Object.fromEntries(Object.entries(expected).map(([table, list]) => [table, list.map(withoutNulls)])));
      }
      expect(byLine.tables()).toEqual(byRow.tables());
    }),
    { numRuns: 200 },
  );
});

const parse = (line: string): unknown => JSON.parse(line);
const withoutNulls = (row: Row): unknown => parse(exactJson(Object.fromEntries(Object.entries(row).filter(([, cell]) => cell !== null))));

test('lines are well-formed text without refused characters', () => {
  fc.assert(
    fc.property(records, (batch) => {
      const normaliser = createNormaliser({ shape: things, limits: { refusedCharacters: ['\u0000'] } });
      for (const { record } of marked(batch)) {
        for (const { text } of normaliser.lines(record, context).tables)
          expect(text).not.toMatch(/(?:^|[^\\])(?:\\\\)*\\u(?:d[89a-f]|0000)|\p{Surrogate}/iu);
      }
    }),
    { numRuns: 200 },
  );
});

test('the same records in the same order give the same tables and rows', () => {
  fc.assert(
    fc.property(records, (batch) => {
      const run = (): unknown => {
        const normaliser = createNormaliser({ shape: things });
        return [batch.map((record, id) => normaliser.normalise({ ...record, id }, context)), normaliser.tables()];
      };
      expect(run()).toEqual(run());
    }),
    { numRuns: 300 },
  );
});

test('a new run that starts from the known tables finds nothing new in the same records', () => {
  fc.assert(
    fc.property(records, (batch) => {
      const keyed = marked(batch).map(({ record }) => record);
      const first = createNormaliser({ shape: things });
      for (const record of keyed) first.lines(record, context);
      // As they come back from a destination: through JSON.
      const known = parse(JSON.stringify(first.tables())) as TableSet;
      const second = createNormaliser({ shape: things, known });
      expect(second.tables()).toEqual(known);
      for (const record of keyed) second.lines(record, context);
      expect(second.tables()).toEqual(known);
    }),
    { numRuns: 200 },
  );
});

test('names of columns are unique in their table, names of tables in their stream, and none is ours', () => {
  fc.assert(
    fc.property(records, (batch) => {
      const normaliser = createNormaliser({ shape: things });
      for (const { record } of marked(batch)) normaliser.lines(record, context);
      const tables = Object.values(normaliser.tables());
      for (const table of tables) {
        expect(table.name.length).toBeLessThanOrEqual(58);
        expect(Object.keys(table.columns)).toHaveLength(new Set(Object.keys(table.columns)).size);
        for (const name of Object.keys(table.columns)) {
          expect(name).toMatch(/^[a-z0-9_]{1,63}$/);
          expect([...parentColumns, '_parent_id', '_parent_index', '_index']).not.toContain(name);
          expect(name in {}).toBe(false);
        }
      }
      const places = tables.flatMap(({ path, parent, columns }) => [
        ...Object.values(columns).map((column) => JSON.stringify([parent, path, column.path, 'column'])),
        JSON.stringify([parent, path]),
      ]);
      expect(new Set(places).size).toBe(places.length);
    }),
    { numRuns: 200 },
  );
});

describe('widening', () => {
  const sequence = fc.array(
    fc.oneof(
      fc.string({ maxLength: 3 }),
      fc.integer(),
      fc.double({ noDefaultInfinity: true, noNaN: true }),
      fc.boolean(),
      fc.bigInt({ min: -(2n ** 66n), max: 2n ** 66n }),
    ),
    { minLength: 1, maxLength: 5 },
  );
  const order = ['boolean', 'bigint', 'double', 'text'];

  const typesAlong = (normaliser: Normaliser, values: readonly unknown[]): (string | undefined)[] =>
    values.map((a, id) => {
      normaliser.lines({ id, a }, context);
      return normaliser.tables()['things']?.columns['a']?.type;
    });

  test('the final type does not depend on the order of the values', () => {
    fc.assert(
      fc.property(
        sequence.chain((values) => fc.tuple(fc.constant(values), fc.shuffledSubarray(values, { minLength: values.length }))),
        ([values, shuffled]) => {
          const [one, other] = [createNormaliser({ shape: things }), createNormaliser({ shape: things })];
          expect(typesAlong(other, shuffled).at(-1)).toBe(typesAlong(one, values).at(-1));
          expect(other.tables()).toEqual(one.tables());
        },
      ),
    );
  });

  test('a type only ever grows', () => {
    fc.assert(
      fc.property(sequence, (values) => {
        const ranks = typesAlong(createNormaliser({ shape: things }), values).map((type) => order.indexOf(type ?? ''));
        expect(ranks).toEqual(ranks.toSorted((a, b) => a - b));
      }),
    );
  });

  test('a value that was loaded reads back as itself', () => {
    fc.assert(
      fc.property(sequence, (values) => {
        const normaliser = createNormaliser({ shape: things });
        for (const [id, a] of values.entries()) {
          const { rows, quarantined } = normaliser.normalise({ id, a }, context);
          const cell = (rows?.parent['a'] ?? null) as string | number | boolean | null;
          if (quarantined.length > 0) expect([cell, quarantined[0]?.value]).toEqual([null, String(a)]);
          else expect(String(cell)).toBe(Object.is(a, -0) && typeof cell === 'string' ? '-0' : String(a));
        }
      }),
    );
  });
});

test('text is loaded exactly, or replaced visibly with the original in quarantine', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.constantFrom('name', 'unknown', 'free'), (text, name) => {
      const { rows, quarantined } = createNormaliser({ shape: things }).normalise({ id: 1, [name]: text }, context);
      const cell = rows?.parent[name];
      expect(cell).toBe(text.replaceAll(/\p{Surrogate}/gu, '\ufffd'));
      expect(quarantined).toHaveLength(cell === text ? 0 : 1);
      for (const { value } of quarantined) expect(JSON.parse(JSON.parse(value) as string)).toBe(text);
    }),
  );
});
