// Read-only SQL in a sandbox: the file is opened read-only, nothing outside of it can be reached, no setting can be changed.
import type { DuckDBDataChunk, DuckDBResult } from '@duckdb/node-api';
import { throwIfAborted } from '../../base/index.ts';
import type { QueryOptions, QueryResult } from '../../load/index.ts';
import { loadBinding } from './binding.ts';
import { Database } from './database.ts';
import { asOurs, sqlRefused } from './duckdb-errors.ts';
import { name } from './names.ts';
import type { OpenedFile } from './open-files.ts';
import { createConverter } from './values.ts';

/** Settings of an instance that reads nothing but its own file. */
export const sandboxSettings = {
  enable_external_access: 'false',
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
} as const;

/**
 * Runs a query on a file opened with `sandboxSettings`, and closes the file when the rows are read to the end, when the
 * reader stops early, or when the query fails. Names without a schema are looked for in the dataset.
 * Throws `UsageError` with DuckDB's explanation when the SQL is wrong.
 */
export async function runQuery(
  file: OpenedFile,
  facts: { readonly sql: string; readonly dataset: string; readonly label: string } & QueryOptions,
): Promise<QueryResult> {
  const database = await Database.connect(file, facts.label, facts.signal);
  const end = () => database.close();
  try {
    await enterSandbox(database, facts.dataset);
    const result = await database.connection.stream(facts.sql);
    const convert = createConverter(loadBinding());
    // The types of a chunk have forgotten which text is JSON; those of the result have not.
    const types = result.columnTypes();
    const rows = (chunk: DuckDBDataChunk) => chunk.getRows().map((row) => row.map((value, at) => convert(value, types[at])));
    return {
      columns: result.columnNames().map((column, at) => ({ name: column, type: types[at]?.alias ?? String(types[at]) })),
      rows: rowsOf(result, facts, rows, database, end),
    };
  } catch (error) {
    end();
    throw explained(error, facts.label, facts.signal);
  }
}

/** Looks for unqualified names in the dataset and lets no setting be changed any more. */
async function enterSandbox(database: Database, dataset: string): Promise<void> {
  const found = await database.count(
    'SELECT count(*) FROM duckdb_schemas() WHERE database_name = current_database() AND schema_name = $1',
    [dataset],
  );
  if (found > 0) await database.run(`SET schema = ${name(dataset)}`);
  await database.run('SET lock_configuration = true');
}

/** Rows of a result, closing everything behind the last one, or when the reader stops, even before the first. */
function rowsOf(
  result: DuckDBResult,
  facts: { readonly label: string } & QueryOptions,
  convert: (chunk: DuckDBDataChunk) => readonly (readonly unknown[])[],
  database: Database,
  end: () => void,
): AsyncIterable<readonly unknown[]> {
  let ended = false;
  const finish = async (drained: boolean) => {
    if (ended) return;
    ended = true;
    if (!drained) await stop(database, result);
    end();
  };
  async function* read(): AsyncGenerator<readonly unknown[], void> {
    let drained = false;
    try {
      for (let left = facts.maximumRows ?? Number.POSITIVE_INFINITY; left > 0;) {
        const chunk = await result.fetchChunk();
        throwIfAborted(facts.signal);
        drained = chunk === null || chunk.rowCount === 0;
        if (chunk === null || drained) return;
        const rows = convert(chunk).slice(0, left);
        left -= rows.length;
        yield* rows;
      }
    } catch (error) {
      throw explained(error, facts.label, facts.signal);
    } finally {
      await finish(drained);
    }
  }
  const rows = read();
  return {
    [Symbol.asyncIterator]: () => ({
      next: () => rows.next(),
      return: async () => {
        await rows.return();
        await finish(false);
        return { done: true, value: undefined };
      },
    }),
  };
}

/** A result that is not read to its end keeps the file open, and its lock, until it is collected. */
async function stop(database: Database, result: DuckDBResult): Promise<void> {
  try {
    database.connection.interrupt();
    for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk());
  } catch {
    // An interrupted query ends with an error; that is what was asked for.
  }
}

function explained(error: unknown, label: string, signal: AbortSignal | undefined): Error {
  throwIfAborted(signal);
  return sqlRefused(error) ?? asOurs(error, label);
}
