import { expect, test } from 'vitest';
import { field } from '../../aircall/index.ts';
import type { CleanRecord } from '../../rows/index.ts';
import { RecordLines } from './record-line.ts';

const shape = {
  table: 'things',
  key: 'id',
  fields: {
    id: field.id('Its id.'),
    name: field.text('Its name.'),
    free: field.json('Anything.'),
    parts: field.list('Its parts.', field.object('A part.', { size: field.integer('How large.'), extra: field.json('Anything.') })),
  },
};

function linesOf() {
  const unknown: string[] = [];
  return { lines: new RecordLines(shape, (path) => unknown.push(path)), unknown };
}

const stamps = { observedAt: '2026-05-13T12:00:00.000001Z', deletedAt: null };

test('declared fields come in their order, null where they are missing, and then what nobody declared', () => {
  const { lines, unknown } = linesOf();
  const record: CleanRecord = { more: { a: 1 }, name: 'x "y"\u2028', id: 5, parts: [{ size: 1, hue: 'red' }, null] };
  const data = lines.data(lines.body(record), stamps);
  expect(Object.keys(JSON.parse(data) as object)).toEqual(['id', 'name', 'free', 'parts', 'more', '_observed_at', '_ab_cdc_deleted_at']);
  expect(JSON.parse(data)).toEqual({
    ...record,
    free: null,
    _observed_at: stamps.observedAt,
    _ab_cdc_deleted_at: null,
  });
  expect(unknown.toSorted()).toEqual(['more', 'parts.hue']);
});

test('a free-form value is always an object, so that it fits its column', () => {
  const { lines } = linesOf();
  for (const [value, expected] of [
    [{ a: 1 }, { a: 1 }],
    ['text', { value: 'text' }],
    [[1, 2], { value: [1, 2] }],
    [null, null],
  ] as const) {
    const data = JSON.parse(lines.data(lines.body({ id: 1, free: value, parts: [{ extra: value }] }), stamps)) as CleanRecord;
    expect(data['free']).toEqual(expected);
    expect(data['parts']).toEqual([{ extra: expected }]);
  }
});

test('ids keep every digit; large whole numbers nobody declared become text', () => {
  const { lines } = linesOf();
  const data = lines.data(lines.body({ id: 9007199254740993n, found: 9007199254740993n, list: [{ deep: -9007199254740993n }] }), stamps);
  expect(data).toContain('"id":9007199254740993,');
  expect(data).toContain('"found":"9007199254740993"');
  expect(data).toContain('"list":[{"deep":"-9007199254740993"}]');
});

test('a field of the source’s own name cannot take its place', () => {
  const { lines } = linesOf();
  const data = lines.data(lines.body({ id: 1, _observed_at: 'mine', _ab_cdc_deleted_at: 'mine' }), stamps);
  expect(JSON.parse(data)).toMatchObject({ _observed_at: stamps.observedAt, _ab_cdc_deleted_at: null });
  expect(data.match(/_observed_at/g)).toHaveLength(1);
});

test('of a record that is gone its key is left, as text or as a number', () => {
  const { lines } = linesOf();
  expect(JSON.parse(lines.data(lines.tombstone('9')!, { ...stamps, deletedAt: stamps.observedAt }))).toEqual({
    id: 9,
    name: null,
    free: null,
    parts: null,
    _observed_at: stamps.observedAt,
    _ab_cdc_deleted_at: stamps.observedAt,
  });
  const byText = new RecordLines({ table: 't', key: 'uuid', fields: { uuid: field.text('Its id.') } }, () => {});
  expect(byText.tombstone('a"b')).toBe('"uuid":"a\\"b"');
  expect(lines.tombstone('a')).toBeNull();
});
