// What a server may send and a database may refuse: each ends up loaded exactly, or set aside where someone can see it.
import { describe, expect, test } from 'vitest';
import { call, field } from '../aircall/index.ts';
import { createNormaliser } from './normaliser.ts';
import type { Normalised, NormaliserOptions } from './normaliser.ts';
import type { Shape } from './shape.ts';

const context = { observedAtMs: 1789000200000, observedAt: '2026-09-10T00:30:00.000001Z' };
const shape: Shape = { table: 'calls', key: 'id', fields: call.fields, omit: ['number.messages'] };

function load(record: unknown, options: Partial<NormaliserOptions> = {}): Normalised {
  return createNormaliser({ shape, ...options }).normalise(record, context);
}

describe('a declared field whose value does not fit costs the value, not the row', () => {
  test.each<[string, object, string, string, string]>([
    ['text for a moment', { started_at: 'soon' }, 'started_at', 'expected a moment, received text', '"soon"'],
    [
      'milliseconds for seconds',
      { started_at: 1789000000123 },
      'started_at',
      'expected a moment, received a whole number',
      '1789000000123',
    ],
    ['a flag for a duration', { duration: true }, 'duration', 'expected a whole number of 32 bits, received true or false', 'true'],
    [
      'a duration beyond 32 bits',
      { duration: 2147483648 },
      'duration',
      'expected a whole number of 32 bits, received a whole number',
      '2147483648',
    ],
    ['a fraction for a duration', { duration: 1.5 }, 'duration', 'expected a whole number of 32 bits, received a number', '1.5'],
    ['text for a flag', { archived: 'no' }, 'archived', 'expected true or false, received text', '"no"'],
    ['an object for text', { cost: { cents: 3 } }, 'cost', 'expected text, received an object', '{"cents":3}'],
    ['a list for text', { cost: ['3.0'] }, 'cost', 'expected text, received a list', '["3.0"]'],
    ['text for an object', { user: 'Ada' }, 'user', 'expected an object, received text', '"Ada"'],
    ['a list for an object', { user: [{ id: 1 }] }, 'user', 'expected an object, received a list', '[{"id":1}]'],
    ['an object for a list', { tags: { id: 1 } }, 'tags', 'expected a list, received an object', '{"id":1}'],
    [
      'an id beyond 64 bits',
      { user: { id: 9223372036854775808n } },
      'user__id',
      'expected a whole number of 64 bits, received a whole number beyond 64 bits',
      '9223372036854775808',
    ],
    [
      'an id that was rounded on the way',
      { user: { id: 2 ** 60 } },
      'user__id',
      'expected a whole number of 64 bits, received a whole number too large to be exact',
      '1152921504606847000',
    ],
    [
      'a number beyond all limits',
      { duration: Number.POSITIVE_INFINITY },
      'duration',
      'expected a whole number of 32 bits, received a number beyond all limits',
      '"1e999"',
    ],
  ])('%s', (_, fields, column, reason, value) => {
    const { key, rows, quarantined } = load({ id: 7, status: 'done', ...fields });
    expect(key).toBe('7');
    expect(rows?.parent).toMatchObject({ id: 7, status: 'done' });
    expect(rows?.parent[column] ?? null).toBeNull();
    expect(quarantined).toEqual([{ table: 'calls', key: '7', column, reason, value }]);
  });

  test('inside a list it names the child table and the position', () => {
    const { rows, quarantined } = load({ id: 7, tags: [{ id: 1 }, { id: 'x' }, 'odd'] });
    expect(rows?.children.get('calls__tags')?.map(({ _index, id }) => [_index, id])).toEqual([
      [0, 1],
      [1, null],
      [2, null],
    ]);
    expect(quarantined).toMatchObject([
      { table: 'calls__tags', key: '7', column: 'id', value: '"x"', position: '1' },
      { table: 'calls__tags', key: '7', value: '"odd"', position: '2' },
    ]);
  });
});

describe('the same value in another spelling is accepted', () => {
  test.each<[string, object, string, unknown]>([
    ['an id as digits', { user: { id: '9001' } }, 'user__id', 9001],
    ['an id beyond 2^53', { user: { id: 9007199254740993n } }, 'user__id', '9007199254740993'],
    ['the largest id', { user: { id: '9223372036854775807' } }, 'user__id', '9223372036854775807'],
    ['a duration as digits', { duration: '60' }, 'duration', 60],
    ['seconds as digits', { started_at: '1789000000' }, 'started_at', '2026-09-10T00:26:40.000000Z'],
    ['a number for text', { cost: 3 }, 'cost', '3'],
    ['a long number for text', { cost: 12345678901234567890n }, 'cost', '12345678901234567890'],
  ])('%s', (_, fields, column, cell) => {
    const { rows, quarantined } = load({ id: 7, ...fields });
    expect(rows?.parent[column]).toBe(cell);
    expect(quarantined).toEqual([]);
  });
});

describe('a record that cannot be told from others is set aside whole', () => {
  test.each<[string, unknown, string]>([
    ['no key', { status: 'done' }, 'its key "id" is nothing'],
    ['a null key', { id: null }, 'its key "id" is nothing'],
    ['a key of text', { id: 'seven' }, 'its key "id" is text'],
    ['a key of the wrong shape', { id: { value: 7 } }, 'its key "id" is an object'],
    ['a key beyond 64 bits', { id: 2n ** 64n }, 'its key "id" is a whole number beyond 64 bits'],
    ['a list', [1, 2], 'expected an object, received a list'],
    ['text', 'call', 'expected an object, received text'],
    ['a number', 7, 'expected an object, received a whole number'],
    ['null', null, 'expected an object, received nothing'],
  ])('%s', (_, record, reason) => {
    const { key, record: clean, rows, quarantined } = load(record);
    expect([key, clean, rows]).toEqual([null, null, null]);
    expect(quarantined).toMatchObject([{ table: 'calls', key: null, column: null, reason }]);
  });

  test('and even then its secrets and links are not kept', () => {
    const record = {
      recording: 'https://example.com/a?Signature=hush',
      user: { id: 1, api_key: 'hush' },
      number: { messages: { welcome: 'hush' } },
      token: 'hush',
      odd: 'kept',
    };
    const { quarantined, dropped } = load(record);
    expect(quarantined[0]?.value).toBe('{"user":{"id":1},"number":{},"odd":"kept"}');
    expect(dropped).toEqual({ secrets: 2, links: 1, omitted: 1, ignored: 0 });
  });

  test('an empty text is no key', () => {
    const texts: Shape = { table: 'webhooks', key: 'webhook_id', fields: { webhook_id: field.text('Its id.') } };
    expect(createNormaliser({ shape: texts }).normalise({ webhook_id: '' }, context).key).toBeNull();
  });

  test('a record that its stream cannot understand is set aside, and the next one is loaded', () => {
    const fields = { size: field.integer('Its size.') };
    const fragile: Shape = {
      table: 'calls',
      key: 'id',
      fields: call.fields,
      derived: { fields, from: (record) => ({ size: (record['tags'] as unknown[]).length }) },
    };
    const normaliser = createNormaliser({ shape: fragile });
    expect(normaliser.normalise({ id: 1, tags: null }, context).quarantined).toMatchObject([
      { column: null, reason: 'the derived fields could not be worked out' },
    ]);
    expect(normaliser.normalise({ id: 2, tags: [] }, context).rows?.parent['size']).toBe(0);
  });
});

describe('text', () => {
  const megabyte = 'ü'.repeat(1 << 20);
  const exact: [string, string][] = [
    ['empty', ''],
    ['the word NULL', 'NULL'],
    ['the two characters \\N', String.raw`\N`],
    ['right to left', '\u202eשלום\u202c'],
    ['zero width', 'a\u200b\ufeff\u2060b'],
    ['quotes, backslashes and line ends', '"\'\\\r\n\t%s{}'],
    ['an emoji of several parts', '👩‍👩‍👧'],
    ['a megabyte', megabyte],
    ['U+0000', 'a\u0000b'],
  ];

  test.each(exact)('%s is loaded exactly, declared and unknown', (_, text) => {
    const { rows, quarantined } = load({ id: 7, cost: text, unknown: text, list: [text] });
    expect(rows?.parent['cost']).toBe(text);
    expect(rows?.parent['unknown']).toBe(text);
    expect(rows?.children.get('calls__list')?.[0]?.['value']).toBe(text);
    expect(quarantined).toEqual([]);
    const lines = createNormaliser({ shape }).lines({ id: 7, cost: text }, context);
    expect(JSON.parse(lines.tables[0]?.text ?? '')).toMatchObject({ cost: text });
  });

  test('a lone surrogate has no UTF-8: a replacement is loaded and the original is set aside', () => {
    const { rows, record, quarantined } = load({ id: 7, cost: 'a\ud800b', unknown: ['\udc00'], other: { deep: { inner: '\ud800' } } });
    expect(rows?.parent).toMatchObject({ cost: 'a\ufffdb', other__deep__inner: '\ufffd' });
    expect(record).toMatchObject({ cost: 'a\ufffdb', unknown: ['\ufffd'] });
    expect(quarantined.map(({ column, value }) => [column, JSON.parse(JSON.parse(value) as string) as unknown])).toEqual([
      ['cost', 'a\ud800b'],
      ['unknown', ['\udc00']],
      ['other', { deep: { inner: '\ud800' } }],
    ]);
  });

  test('what the destination refuses is treated the same way', () => {
    const { rows, quarantined } = load({ id: 7, cost: 'a\u0000b', unknown: 'fine' }, { limits: { refusedCharacters: ['\u0000'] } });
    expect(rows?.parent).toMatchObject({ cost: 'a\ufffdb', unknown: 'fine' });
    expect(quarantined).toMatchObject([{ column: 'cost', value: JSON.stringify(JSON.stringify('a\u0000b')) }]);
  });

  test('a field whose name cannot be stored keeps its value', () => {
    const { rows, quarantined } = load({ id: 7, 'a\ud800': 1 });
    expect(rows?.parent).toMatchObject({ a: 1 });
    expect(quarantined).toHaveLength(1);
  });
});

describe('depth and size', () => {
  const deep = (depth: number): unknown => {
    let value: unknown = 'leaf';
    for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { inner: value };
    return value;
  };

  test('what nests within reason is one JSON column', () => {
    const { rows, quarantined } = load({ id: 7, unknown: { a: { b: { c: deep(60) } } } });
    expect(rows?.parent['unknown__a__b__c']).toEqual(deep(60));
    expect(quarantined).toEqual([]);
  });

  test.each([101, 5_000, 200_000])('%i levels are set aside without overflowing anything', (depth) => {
    const { rows, quarantined } = load({ id: 7, status: 'done', unknown: deep(depth), cost: deep(depth) });
    expect(rows?.parent).toMatchObject({ id: 7, status: 'done', cost: null });
    expect(quarantined.map(({ column }) => column)).toEqual(['unknown', 'cost']);
    for (const { value } of quarantined) expect(value).toContain('leaf');
  });

  test('a number beyond a double inside JSON is replaced visibly', () => {
    const free: Shape = { table: 'numbers', key: 'id', fields: { id: field.id('Its id.'), messages: field.json('Free.') } };
    const { rows, quarantined } = createNormaliser({ shape: free }).normalise(
      { id: 7, messages: { a: Number.POSITIVE_INFINITY } },
      context,
    );
    expect(rows?.parent['messages']).toEqual({ a: null });
    expect(quarantined).toMatchObject([{ column: 'messages', value: JSON.stringify('{"a":1e999}') }]);
  });

  test('integers inside JSON keep every digit', () => {
    const { tables } = createNormaliser({ shape, limits: { nesting: 1 } }).lines({ id: 7, unknown: { n: 12345678901234567890n } }, context);
    expect(tables[0]?.text).toContain('"unknown":{"n":12345678901234567890}');
  });
});
