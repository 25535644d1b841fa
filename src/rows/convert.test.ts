import { describe, expect, test } from 'vitest';
import { conversionTo } from './convert.ts';
import type { ColumnType } from './schema.ts';

const odd = undefined;

describe.each<[Exclude<ColumnType, 'json'>, [unknown, unknown][]]>([
  [
    'bigint',
    [
      [7, 7],
      ['7', 7],
      ['-7', -7],
      [9007199254740993n, 9007199254740993n],
      ['9007199254740993', 9007199254740993n],
      ['9223372036854775807', 9223372036854775807n],
      [-9223372036854775808n, -9223372036854775808n],
      ['9223372036854775808', odd],
      [9223372036854775808n, odd],
      [2 ** 53, odd],
      [1.5, odd],
      ['007', odd],
      ['1e3', odd],
      [' 7', odd],
      ['', odd],
      [true, odd],
      [{}, odd],
      [[7], odd],
    ],
  ],
  [
    'integer',
    [
      [2147483647, 2147483647],
      [-2147483648, -2147483648],
      ['60', 60],
      [2147483648, odd],
      [-2147483649, odd],
      ['1.0', odd],
      [9007199254740993n, odd],
      [false, odd],
    ],
  ],
  [
    'double',
    [
      [1.5, 1.5],
      [3, 3],
      ['4.5', 4.5],
      [9007199254740992n, 9007199254740992],
      [9007199254740993n, odd],
      ['4.50', odd],
      [Number.POSITIVE_INFINITY, odd],
      [true, odd],
    ],
  ],
  [
    'boolean',
    [
      [true, true],
      [false, false],
      ['true', odd],
      [1, odd],
      [0, odd],
    ],
  ],
  [
    'text',
    [
      ['', ''],
      ['NULL', 'NULL'],
      [String.raw`\N`, String.raw`\N`],
      ['007', '007'],
      [7, '7'],
      [0.1, '0.1'],
      [12345678901234567890n, '12345678901234567890'],
      [Number.POSITIVE_INFINITY, odd],
      [true, odd],
      [{ a: 1 }, odd],
      [['a'], odd],
    ],
  ],
])('%s', (type, cases) => {
  test.each(cases)('%o becomes %o', (value, expected) => expect(conversionTo(type).convert(value)).toBe(expected));
});
