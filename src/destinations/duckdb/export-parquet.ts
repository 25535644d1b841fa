// The answer of a query as a Parquet file, written by DuckDB itself: the sandbox of queries, with one file let in.
import { messageOf, throwIfAborted, UsageError } from '../../base/index.ts';
import { Database } from './database.ts';
import { asOurs, sqlRefused } from './duckdb-errors.ts';
import { literal, name } from './names.ts';
import type { Waiting } from './open-files.ts';
import { defaults, type DuckdbOptions, instanceSettings } from './options.ts';
import { openFileOrSnapshot } from './query-file.ts';

/**
 * Writes what `sql`, one SELECT, gives to the file `path`, replacing it. Names without a schema are looked for in the
 * dataset. Tells how old the data is, in milliseconds, when the snapshot answered. Throws `UsageError` with DuckDB's
 * explanation when the SQL is wrong or the file cannot be written.
 */
export async function exportParquet(
  options: DuckdbOptions,
  facts: { readonly sql: string; readonly path: string; readonly waiting: Waiting },
): Promise<{ readonly snapshotAgeMs: number | null }> {
  const { sql, path, waiting } = facts;
  const settings = { ...instanceSettings(options), autoinstall_known_extensions: 'false', autoload_known_extensions: 'false' };
  const { file, snapshotAgeMs } = await openFileOrSnapshot(options.path, settings, waiting);
  const database = await Database.connect(file, waiting.label);
  const interrupt = () => database.connection.interrupt();
  waiting.signal?.addEventListener('abort', interrupt, { once: true });
  try {
    throwIfAborted(waiting.signal);
    const dataset = options.dataset ?? defaults.dataset;
    const schemas = 'SELECT count(*) FROM duckdb_schemas() WHERE database_name = current_database() AND schema_name = $1';
    if ((await database.count(schemas, [dataset])) > 0) await database.run(`SET schema = ${name(dataset)}`);
    await database.run(`SET allowed_paths = [${literal(path)}]`);
    await database.run('SET enable_external_access = false');
    await database.run('SET lock_configuration = true');
    // A line break, so that a comment at the end of the query does not swallow the rest.
    await database.run(`COPY (${sql}\n) TO ${literal(path)} (FORMAT parquet)`);
    return { snapshotAgeMs };
  } catch (error) {
    throwIfAborted(waiting.signal);
    const refused = sqlRefused(error);
    if (refused !== null) throw refused;
    if (messageOf(error).startsWith('IO Error')) {
      throw new UsageError(
        { code: 'query_refused', message: messageOf(error), hint: 'Choose a path for the Parquet file that can be written.' },
        { cause: error },
      );
    }
    throw asOurs(error, waiting.label);
  } finally {
    waiting.signal?.removeEventListener('abort', interrupt);
    database.close();
  }
}
