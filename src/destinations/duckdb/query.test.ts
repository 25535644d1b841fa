// What a query can see, and everything it cannot do.
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Bench, temporaryFolder } from '../../load/conformance/bench.conformance.ts';
import { at, calls } from '../../load/conformance/tables.conformance.ts';
import { makePlace, runByHand } from './place.conformance.ts';

test('a query reaches no other file, changes no setting and writes nothing', async () => {
  const folder = await temporaryFolder();
  const secret = join(folder, 'secret.txt');
  writeFileSync(secret, 'a secret');
  const bench = await Bench.open(await makePlace());
  await bench.load({ tables: calls, rows: { calls: [{ id: 1, _observed_at: at(1) }] } });
  const refused: readonly (readonly [string, string])[] = [
    [`SELECT * FROM read_text('${secret}')`, 'file system operations are disabled'],
    [`SELECT * FROM read_csv('${secret}')`, 'file system operations are disabled'],
    [`SELECT * FROM '${secret}'`, 'does not exist'],
    [`SELECT * FROM glob('${folder}/*')`, 'file system operations are disabled'],
    [`COPY (SELECT 1) TO '${folder}/out.csv'`, 'file system operations are disabled'],
    [`ATTACH '${folder}/other.duckdb' AS other`, 'file system operations are disabled'],
    [`EXPORT DATABASE '${folder}/export'`, 'file system operations are disabled'],
    ['INSTALL httpfs', 'file system operations are disabled'],
    ['LOAD httpfs', 'Loading external extensions is disabled'],
    ['SET enable_external_access = true', 'configuration has been locked'],
    ["SET memory_limit = '100GB'", 'configuration has been locked'],
    ['RESET threads', 'configuration has been locked'],
    ['CREATE SCHEMA mine', 'read-only mode'],
    ['ALTER TABLE calls ADD COLUMN mine INTEGER', 'read-only mode'],
    ['SELECT 1; DELETE FROM calls', 'read-only mode'],
    ['SELECT * FROM no_such_table', 'no_such_table'],
    ['SELEC 1', 'syntax error'],
  ];
  for (const [sql, reason] of refused) {
    const outcome: unknown = await bench.rows(sql).catch((error: unknown) => error);
    expect(outcome, sql).toMatchObject({ code: 'query_refused', message: expect.stringContaining(reason) as string });
  }
  expect(readdirSync(folder)).toEqual(['secret.txt']);
  expect(await bench.rows('SELECT count(*) FROM calls')).toEqual([[1n]]);
});

test('what one query does to its surroundings never reaches another', async () => {
  const bench = await Bench.open(await makePlace());
  await bench.load({ tables: calls, rows: { calls: [{ id: 1, _observed_at: at(1) }] } });
  const open = await bench.session.query('SELECT id FROM calls');
  await bench.rows("SELECT * FROM enable_logging(storage = 'file', storage_path = '/nonexistent')").catch(() => {});
  await bench.rows('CREATE TEMP TABLE calls AS SELECT 99 AS id');
  expect(await bench.rows('SELECT id FROM calls')).toEqual([[1n]]);
  await open.rows[Symbol.asyncIterator]().return?.();
});

test('the usual questions are answered without naming the dataset', async () => {
  const bench = await Bench.open(await makePlace());
  await bench.load({
    tables: calls,
    rows: { calls: [1, 2, 3].map((id) => ({ id, duration: id, status: id === 1 ? 'done' : 'initial', _observed_at: at(1) })) },
  });
  expect(
    await bench.rows('FROM calls SELECT status, sum(duration), avg(duration), round(avg(duration), 1) GROUP BY ALL ORDER BY 1'),
  ).toEqual([
    ['done', 1n, 1, 1],
    ['initial', 5n, 2.5, 2.5],
  ]);
  expect(await bench.rows('SELECT count(*) FROM aircall_data.calls')).toEqual([[3n]]);
  expect((await bench.rows('SHOW TABLES')).flat()).toContain('live_calls');
  expect((await bench.rows('DESCRIBE calls'))[0]?.slice(0, 2)).toEqual(['id', 'BIGINT']);
  expect((await bench.rows('PIVOT calls ON status USING count(*) GROUP BY duration ORDER BY duration'))[0]).toEqual([1, 1n, 0n]);
});

test('every type of DuckDB becomes something that can be used and printed', async () => {
  const place = await makePlace();
  await runByHand(place.elsewhere, 'SELECT 1');
  const session = await place.destination().open({});
  const sql = `SELECT 170141183460469231731687303715884105727 AS huge, 18446744073709551615::UBIGINT AS big, 5::TINYINT AS small, 1.5 AS short,
      12345678901234567.89 AS long, DATE '2026-10-01' AS day, TIME '08:00:01.5' AS clock, TIMESTAMP '2026-10-01 08:00:00.000001' AS plain,
      TIMESTAMPTZ '1969-12-31 23:59:59.999999+00' AS early, TIMESTAMPTZ 'infinity' AS never, INTERVAL 90 MINUTE AS span, [1, NULL] AS list,
      {'a': 1, 'b': [TIMESTAMPTZ '2026-10-01 10:00:00+02']} AS struct, MAP {'k': 1} AS map, '\\xAB'::BLOB AS bytes,
      'a'::ENUM ('a', 'b') AS kind, uuid '00000000-0000-0000-0000-000000000001' AS id, '{"n": 9007199254740993}'::JSON AS json,
      ['[1]'::JSON] AS jsons, NULL AS nothing, 'nan'::DOUBLE AS nan`;
  const result = await session.query(sql);
  const values: Record<string, unknown> = {};
  for await (const row of result.rows) for (const [place_, { name }] of result.columns.entries()) values[name] = row[place_];
  expect(values).toEqual({
    huge: 170141183460469231731687303715884105727n,
    big: 18446744073709551615n,
    small: 5,
    short: 1.5,
    long: '12345678901234567.89',
    day: '2026-10-01',
    clock: '08:00:01.5',
    plain: '2026-10-01T08:00:00.000001',
    early: '1969-12-31T23:59:59.999999Z',
    never: 'infinity',
    span: '01:30:00',
    list: [1, null],
    struct: { a: 1, b: ['2026-10-01T08:00:00.000000Z'] },
    map: [{ key: 'k', value: 1 }],
    bytes: 'ab',
    kind: 'a',
    id: '00000000-0000-0000-0000-000000000001',
    json: { n: 9007199254740993n },
    jsons: [[1]],
    nothing: null,
    nan: Number.NaN,
  });
});

test('moments are in UTC whatever the time zone of the machine', async () => {
  const bench = await Bench.open(await makePlace());
  await bench.load({ tables: calls, rows: { calls: [{ id: 1, started_at: '2026-10-01T23:30:00.000000Z', _observed_at: at(1) }] } });
  expect(await bench.rows("SELECT date_trunc('day', started_at), started_at::DATE, started_at::VARCHAR FROM calls")).toEqual([
    ['2026-10-01T00:00:00.000000Z', '2026-10-01', '2026-10-01 23:30:00+00'],
  ]);
});

test('rows flow as they are found: an endless result can be begun', async () => {
  const place = await makePlace();
  await runByHand(place.elsewhere, 'SELECT 1');
  const session = await place.destination().open({});
  let rows = 0;
  for await (const [id] of (await session.query('SELECT * FROM range(1000000000000)')).rows) {
    if (id !== BigInt(rows)) throw new Error('rows are missing');
    rows += 1;
    if (rows === 20_000) break;
  }
  expect(rows).toBe(20_000);
});
