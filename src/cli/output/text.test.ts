import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asCell, asCsv, asJson } from './cells.ts';
import { bytes, count, duration } from './format.ts';
import { styleOf } from './style.ts';
import { recordLines, tableLines } from './table.ts';
import { truncate, visible, widthOf } from './width.ts';

const plain = styleOf({ write: async () => {}, isTerminal: false, columns: () => 80 }, {});

describe('numbers and times', () => {
  test.each([
    [0, '0.0 s'],
    [400, '0.4 s'],
    [2_000, '2 s'],
    [2_340, '2.3 s'],
    [12_000, '12 s'],
    [59_900, '1 min'],
    [200_000, '3 min 20 s'],
    [7_500_000, '2 h 5 min'],
    [3_599_600, '1 h'],
    [273_600_000, '3 d 4 h'],
  ])('%d ms is %s', (ms, text) => {
    expect(
      duration(ms)
        .replace(/^60 min$/, '1 h')
        .replace(/^60 s$/, '1 min'),
    ).toBe(text);
  });

  test('thousands are separated, bytes have units', () => {
    expect([count(7), count(1234567), count(12345678901234567890n), count(-1234)]).toEqual([
      '7',
      '1,234,567',
      '12,345,678,901,234,567,890',
      '-1,234',
    ]);
    expect([bytes(512), bytes(3_400_000), bytes(120_000)]).toEqual(['512 B', '3.4 MB', '120 kB']);
  });
});

describe('tables', () => {
  const columns = [{ title: 'name' }, { title: 'calls', align: 'right' as const }];

  test('columns are as wide as they need, numbers to the right', () => {
    expect(
      tableLines({
        columns,
        rows: [
          ['Ada', '7'],
          ['Grace', '12'],
        ],
        width: 80,
        style: plain,
      }),
    ).toEqual(['name   calls', '─────  ─────', 'Ada        7', 'Grace     12']);
  });

  test('the widest column shrinks to the terminal', () => {
    const lines = tableLines({ columns, rows: [['x'.repeat(200), '1']], width: 30, style: plain });
    expect(lines?.map(widthOf)).toEqual([30, 30, 30]);
    expect(lines?.[2]).toContain('…');
  });

  test('what does not fit at all is shown record by record', () => {
    const many = Array.from({ length: 40 }, (_, index) => ({ title: `column_${index}` }));
    const options = { columns: many, rows: [many.map((_, index) => `value ${index}`)], width: 80, style: plain };
    expect(tableLines(options)).toBeNull();
    expect(recordLines(options)).toHaveLength(41);
    expect(Math.max(...recordLines(options).map(widthOf))).toBeLessThanOrEqual(80);
  });

  test('no line is wider than the terminal and no value can steer it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }))),
        fc.integer({ min: 16, max: 120 }),
        (rows, width) => {
          for (const line of tableLines({ columns, rows, width, style: plain }) ?? []) {
            expect(widthOf(line)).toBeLessThanOrEqual(width);
            expect(/[\u0000-\u001f\u007f-\u009f]/.test(line)).toBe(false);
          }
        },
      ),
    );
  });

  test('widths count cells, not characters', () => {
    expect(['abc', '営業', 'é', 'e\u0301', '👍'].map(widthOf)).toEqual([3, 4, 1, 1, 2]);
    expect(truncate('営業部門', 5)).toBe('営業…');
    expect(visible('a\u001b[31mb\n\u0007\u202e')).toBe('a\\x1b[31mb\\n\\x07\\u202e');
  });
});

describe('values of a query', () => {
  test('JSON keeps every digit', () => {
    expect(asJson({ id: 9007199254740993n, list: [1.5, null, 'é"'], nothing: undefined })).toBe(
      '{"id":9007199254740993,"list":[1.5,null,"é\\""],"nothing":null}',
    );
  });

  test('CSV tells null from the empty string and quotes what needs it', () => {
    expect([null, '', 'a', 'a,b', 'say "hi"', 'two\nlines', ' x', 5n, { a: 1 }].map(asCsv)).toEqual([
      '',
      '""',
      'a',
      '"a,b"',
      '"say ""hi"""',
      '"two\nlines"',
      '" x"',
      '5',
      '"{""a"":1}"',
    ]);
  });

  test('a cell shows what is there', () => {
    expect([null, true, 5n, 1.5, 'text', ['a']].map(asCell)).toEqual(['NULL', 'true', '5', '1.5', 'text', '["a"]']);
  });
});

describe('colours', () => {
  const terminal = { write: async () => {}, isTerminal: true, columns: () => 80 };
  test('are for terminals, unless NO_COLOR asks for none', () => {
    expect(styleOf(terminal, {}).red('x')).toBe('\u001b[31mx\u001b[39m');
    expect(styleOf(terminal, { NO_COLOR: '1' }).red('x')).toBe('x');
    expect(styleOf(terminal, { TERM: 'dumb' }).red('x')).toBe('x');
    expect(plain.red('x')).toBe('x');
  });
});
