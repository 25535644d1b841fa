import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect, onTestFinished, test } from 'vitest';
import { UsageError } from '../base/index.ts';
import { exportParquet } from './export.ts';
import { parseDestinationUrl } from './url.ts';

test('the answer of a query becomes a Parquet file', async () => {
  const { url, options, folder } = await database();
  const path = join(folder, 'answer.parquet');
  await exportParquet(url, { ...options, sql: 'SELECT * FROM calls WHERE id > 1 -- the newer ones', path });
  expect(readFileSync(path).subarray(0, 4).toString()).toBe('PAR1');
  expect(await rows(`SELECT * FROM '${path}'`)).toEqual([[2n, 'two']]);
});

test.each([
  ['reading another file', (folder: string) => `SELECT * FROM read_text('${join(folder, 'secret.txt')}')`],
  ['writing another file', (folder: string) => `SELECT 1) TO '${join(folder, 'other.csv')}' (FORMAT csv); COPY (SELECT 1`],
  ['a statement that writes', () => 'DELETE FROM calls'],
  ['wrong SQL', () => 'SELEC 1'],
])('%s is refused', async (_name, sql) => {
  const { url, options, folder } = await database();
  await expect(exportParquet(url, { ...options, sql: sql(folder), path: join(folder, 'answer.parquet') })).rejects.toThrow(UsageError);
  expect(await rows(`SELECT count(*) FROM '${join(folder, 'aircall.duckdb')}'.aircall_data.calls`).catch(() => [[2n]])).toEqual([[2n]]);
});

async function database() {
  const folder = mkdtempSync(join(tmpdir(), 'trunkline-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const instance = await DuckDBInstance.create(join(folder, 'aircall.duckdb'));
  const connection = await instance.connect();
  await connection.run(
    "CREATE SCHEMA aircall_data; CREATE TABLE aircall_data.calls AS SELECT * FROM (VALUES (1::BIGINT, 'one'), (2, 'two')) AS t(id, name)",
  );
  connection.closeSync();
  instance.closeSync();
  return { folder, url: parseDestinationUrl('duckdb:aircall.duckdb'), options: { cwd: folder, dataset: 'aircall_data' } };
}

async function rows(sql: string) {
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  const result = await connection.run(sql);
  return result.getRows();
}
