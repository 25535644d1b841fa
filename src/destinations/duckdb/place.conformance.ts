// An empty DuckDB file for each test of the conformance suite.
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { type MakePlace, temporaryFolder } from '../../load/conformance/bench.conformance.ts';
import { duckdb } from './destination.ts';

export const makePlace: MakePlace = async () => {
  const path = join(await temporaryFolder(), 'test.duckdb');
  return {
    destination: (options = {}) => duckdb({ path, ...options }),
    byHand: (sql) => runByHand(path, sql),
    named: (table) => `aircall_data."${table}"`,
    elsewhere: path,
  };
};

export async function runByHand(path: string, sql: string): Promise<void> {
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  try {
    await connection.run(sql);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
