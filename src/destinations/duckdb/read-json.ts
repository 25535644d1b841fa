// The files of a package as DuckDB reads them: newline-delimited JSON with declared types, nothing guessed.
import { literal } from './names.ts';

export type JsonFile = { readonly path: string; readonly longestLine: number };

/** DuckDB reserves twice this per reader; its own default would eat a small memory limit alone. */
const leastObjectBytes = 1024 * 1024;

/** A `FROM` item over the files with the given columns and DuckDB types. Files are there: never an empty list. */
export function readJson(files: readonly JsonFile[], columns: Readonly<Record<string, string>>): string {
  const objectBytes = Math.max(leastObjectBytes, ...files.map((file) => file.longestLine + 1024));
  const paths = files.map((file) => literal(withoutGlob(file.path))).join(', ');
  const types = Object.entries(columns).map(([column, type]) => `${literal(column)}: ${literal(type)}`);
  return `read_json([${paths}], format = 'newline_delimited', columns = {${types.join(', ')}}, compression = 'uncompressed',
    hive_partitioning = false, maximum_object_size = ${objectBytes})`;
}

/** DuckDB takes `*`, `?` and `[` in a path for a pattern. */
function withoutGlob(path: string): string {
  return path.replaceAll(/[*?[]/g, '[$&]');
}
