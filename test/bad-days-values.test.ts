// Values nobody announced, on their way from Aircall into a DuckDB file: there exactly, or set aside where one can see them.
import { expect, test } from 'vitest';
import { rawJson } from '../src/simulator/index.ts';
import { queryFile } from './support/compare.ts';
import { type Lab, openLab } from './support/lab.ts';

const streams = ['users', 'tags'];
const small = { calls: 0, contacts: 0, users: 3, tags: 2 };

async function userRows(lab: Lab, columns: string) {
  return queryFile(lab.path, `SELECT ${columns} FROM aircall_data.users ORDER BY id`);
}

function quarantine(lab: Lab) {
  return queryFile(lab.path, 'SELECT table_name, row_key, column_name, reason, "value" FROM aircall_data._trunkline_quarantine');
}

const texts: readonly (readonly [string, string])[] = [
  ['an empty text', ''],
  ['the text NULL', 'NULL'],
  ['the text \\N', '\\N'],
  ['quotes, commas and line breaks', `a"b'c,d\r\ne\tf;--`],
  ['right-to-left text', 'שלום عالم'],
  ['zero-width characters', 'a\u200bb\u200dc\u2060d\ufeff'],
  ['a family of emojis', '👩‍👩‍👧‍👦'],
  ['control characters', 'a\u0001b\u001fc\u007f'],
  ['line separators', 'a\u2028b\u2029c'],
  ['a text of one megabyte', 'x'.repeat(1_000_000)],
  ['a text that looks like JSON', '{"a":[1,2]}'],
  ['a text that looks like a number beyond all integers', '123456789012345678901234567890'],
];

test.for(texts)('%s is loaded exactly', async ([, text]) => {
  const lab = await openLab({ simulator: small });
  lab.simulator.company.drift({ stream: 'users', fields: { name: text, motto: text } });
  const result = await lab.run({ streams });
  expect(result.streams.map(({ outcome, quarantined }) => [outcome, quarantined])).toEqual(streams.map(() => ['done', 0]));
  const stored = await userRows(lab, 'name, motto');
  expect(stored.map((row) => [row['name'] === text, row['motto'] === text])).toEqual([0, 1, 2].map(() => [true, true]));
});

test.for<[string, string, string]>([
  ['a NUL character', '"a\\u0000b"', 'a\u0000b'],
  ['a lone surrogate', '"a\\ud800b"', 'a\ud800b'],
])('%s is loaded exactly or set aside in plain sight, and the row is there all the same', async ([, json, text]) => {
  const lab = await openLab({ simulator: small });
  lab.simulator.company.drift({ stream: 'users', fields: { time_zone: rawJson(json) } });
  const result = await lab.run({ streams });
  expect(result.outcome).toBe('done');
  const aside = await quarantine(lab);
  const stored = await userRows(lab, 'id, name, time_zone');
  expect(stored).toHaveLength(3);
  for (const row of stored) {
    const noted = aside.find((item) => item['row_key'] === String(row['id']) && item['column_name'] === 'time_zone');
    if (noted === undefined) expect(row['time_zone']).toBe(text);
    else {
      // What a database cannot hold is replaced by the character that stands for it.
      expect([null, text.replace(/[^ab]/, '\ufffd')]).toContain(row['time_zone']);
      // The text as JSON, wrapped once more where a database would refuse even that.
      const value: unknown = JSON.parse(String(noted['value']));
      expect([text, json]).toContain(value);
      expect(result.streams[0]?.quarantined).toBe(3);
    }
  }
});

test('integers beyond 64 bits keep every digit', async () => {
  const lab = await openLab({ simulator: small });
  const digits = '123456789012345678901234567890';
  lab.simulator.company.drift({ stream: 'users', fields: { big: rawJson(digits), wrap_up_time: rawJson(digits) } });
  const result = await lab.run({ streams });
  expect(result.outcome).toBe('done');
  const aside = await quarantine(lab);
  for (const row of await userRows(lab, '*')) {
    for (const column of ['big', 'wrap_up_time']) {
      const noted = aside.find((item) => item['row_key'] === String(row['id']) && item['column_name'] === column);
      expect(noted === undefined ? String(row[column]) : String(noted['value'])).toBe(digits);
    }
  }
});

test('an id beyond 2^53 is a key like any other', async () => {
  const lab = await openLab({ simulator: { ...small, tags: 0 } });
  let id = 9_007_199_254_740_993n;
  lab.simulator.company.drift({ stream: 'tags', fields: () => ({ id: rawJson(String((id += 2n))) }) });
  await lab.run({ streams: ['tags'] });
  const rows = await queryFile(lab.path, 'SELECT id::VARCHAR AS id FROM aircall_data.tags ORDER BY tags.id');
  expect(rows.length).toBeGreaterThan(0);
  expect(rows.map((row) => row['id'])).toEqual(rows.map((_, index) => String(9_007_199_254_740_995n + 2n * BigInt(index))));
});

test('a field that changes its type between two runs loses nothing', async () => {
  const lab = await openLab({ simulator: small });
  const settle = lab.simulator.company.drift({ stream: 'users', fields: { score: 7 } });
  await lab.run({ streams });
  settle();
  lab.simulator.company.drift({ stream: 'users', share: 0.5, fields: { score: 'seven' } });
  lab.simulator.company.drift({ stream: 'users', fields: ({ score }) => ({ score: score ?? 7.5 }) });
  expect((await lab.run({ streams })).outcome).toBe('done');
  expect(await lab.differences({ streams })).toEqual([]);
});

test('a declared field of another type is stored or set aside, never altered', async () => {
  const lab = await openLab({ simulator: small });
  lab.simulator.company.drift({ stream: 'users', fields: { wrap_up_time: 'soon', available: 'perhaps', created_at: 'yesterday' } });
  const result = await lab.run({ streams });
  expect(result.outcome).toBe('done');
  const aside = await quarantine(lab);
  for (const row of await userRows(lab, 'id, wrap_up_time, available, created_at')) {
    for (const [column, value] of Object.entries({ wrap_up_time: 'soon', available: 'perhaps', created_at: 'yesterday' })) {
      const noted = aside.find((item) => item['row_key'] === String(row['id']) && item['column_name'] === column);
      expect(noted === undefined ? row[column] : JSON.parse(String(noted['value']))).toBe(value);
    }
  }
});

test('new fields, objects and lists become columns and tables of their own', async () => {
  const lab = await openLab({ simulator: small });
  await lab.run({ streams });
  lab.simulator.company.drift({
    stream: 'users',
    fields: {
      nickname: 'Ace',
      desk: { floor: 3, room: 'B' },
      badges: [
        { id: 1, name: 'gold' },
        { id: 2, name: null },
      ],
      lines: ['a', 'b'],
    },
  });
  expect((await lab.run({ streams })).outcome).toBe('done');
  expect(await lab.differences({ streams })).toEqual([]);
  const badges = await queryFile(lab.path, 'SELECT count(*) AS n FROM aircall_data.users__badges');
  expect(Number(badges[0]!['n'])).toBe(6);
  const alive = await queryFile(lab.path, 'SELECT count(*) AS n FROM aircall_data.live_users__badges');
  expect(Number(alive[0]!['n'])).toBe(6);
});

test('a field that goes is null, and a list that becomes a single object does not end the run', async () => {
  const lab = await openLab({ simulator: small });
  const early = lab.simulator.company.drift({ stream: 'users', fields: { nickname: 'Ace', badges: [{ id: 1 }] } });
  await lab.run({ streams });
  early();
  lab.simulator.company.drift({ stream: 'users', fields: { badges: { id: 1 }, name: undefined } });
  const result = await lab.run({ streams });
  expect(result.outcome).toBe('done');
  const rows = await userRows(lab, 'nickname, name');
  expect(rows.map((row) => [row['nickname'], row['name']])).toEqual([0, 1, 2].map(() => [null, null]));
});

test('a record without its key, or that is no object at all, is set aside and the others are loaded', async () => {
  const lab = await openLab({ simulator: { ...small, users: 4 } });
  lab.simulator.faults.always(
    { endpoint: 'users.list' },
    {
      kind: 'replace',
      with: (answer) => {
        const body = JSON.parse(Buffer.from(answer.body ?? '').toString()) as { users: Record<string, unknown>[] };
        const [first, , ...rest] = body.users;
        const { id: _, ...nameless } = first!;
        return { ...answer, body: JSON.stringify({ ...body, users: [nameless, 'what is this', ...rest] }) };
      },
    },
  );
  const result = await lab.run({ streams });
  const users = result.streams.find(({ stream }) => stream === 'users');
  expect(users?.quarantined).toBe(2);
  expect(await userRows(lab, 'id')).toHaveLength(2);
  const aside = await quarantine(lab);
  expect(aside.map((item) => [item['table_name'], item['row_key'], item['column_name']])).toEqual([
    ['users', null, null],
    ['users', null, null],
  ]);
});
