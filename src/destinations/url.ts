// Destination URLs: which destination is meant, and where it is.
import { UsageError } from '../base/index.ts';

/** A destination URL that was understood. */
export type DestinationUrl = {
  readonly scheme: 'duckdb';
  /** The database file as written, perhaps relative to the working folder. */
  readonly path: string;
  /** The URL without secrets. */
  readonly label: string;
};

type Scheme = { readonly names: readonly string[]; readonly example: string; readonly built: boolean };

const schemes: readonly Scheme[] = [
  { names: ['duckdb'], example: 'duckdb:./aircall.duckdb', built: true },
  { names: ['postgres', 'postgresql'], example: 'postgres://user@localhost/database', built: false },
  { names: ['file'], example: 'file:./aircall?format=parquet', built: false },
  { names: ['s3'], example: 's3://bucket/prefix', built: false },
  { names: ['gs'], example: 'gs://bucket/prefix', built: false },
  { names: ['az'], example: 'az://container/prefix', built: false },
  { names: ['bigquery'], example: 'bigquery://project/dataset', built: false },
  { names: ['snowflake'], example: 'snowflake://account/database', built: false },
  { names: ['redshift'], example: 'redshift://host/database', built: false },
  { names: ['databricks'], example: 'databricks://host/catalog', built: false },
];

const example = 'duckdb:./aircall.duckdb';

/**
 * Understands a destination URL. Throws `UsageError`: `destination_url` when it is not one, `destination_not_built` when
 * it names a destination this version cannot load into. The message holds the URL only where it has no password.
 */
export function parseDestinationUrl(text: string): DestinationUrl {
  const written = text.trim();
  const name = /^([A-Za-z][A-Za-z0-9+.-]+):/.exec(written)?.[1]?.toLowerCase();
  const scheme = schemes.find((candidate) => name !== undefined && candidate.names.includes(name));
  if (name === undefined || scheme === undefined) {
    const path = looksLikeFile(written) ? ` For a DuckDB file write duckdb:${written}.` : '';
    throw new UsageError({
      code: 'destination_url',
      message: `The destination ${quoted(written)} is not understood.`,
      hint: `${path} A destination is written like ${example}.`.trim(),
    });
  }
  if (!scheme.built) {
    throw new UsageError({
      code: 'destination_not_built',
      message: `This version cannot load into ${name} yet; it loads into DuckDB files.`,
      hint: `Use ${example}.`,
    });
  }
  const path = written.slice(name.length + 1).replace(/^\/\/(?=.)/, '');
  if (path === '' || path === '/' || path.endsWith('/') || path.endsWith('\\')) {
    throw new UsageError({
      code: 'destination_url',
      message: `The destination ${quoted(written)} names no file.`,
      hint: `Name the DuckDB file, such as ${example}.`,
    });
  }
  if (path === ':memory:' || path.startsWith('md:')) {
    throw new UsageError({
      code: 'destination_url',
      message: `The destination ${quoted(written)} is not a file on this machine, and only those keep what was loaded.`,
      hint: `Use ${example}.`,
    });
  }
  return { scheme: 'duckdb', path, label: `duckdb:${path}` };
}

const reserved = new Set(['information_schema', 'pg_catalog', 'system', 'temp']);

/**
 * Checks that a dataset name can be used at this destination. Throws `UsageError`: a dataset named like the DuckDB file
 * would make every `name.table` ambiguous, because DuckDB names the database after the file.
 */
export function checkDataset(dataset: string, destination: DestinationUrl): void {
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(dataset) || reserved.has(dataset.toLowerCase())) {
    throw new UsageError({
      code: 'dataset_name',
      message: `The dataset name ${quoted(dataset)} cannot be used: it must be letters, digits and underscores, and not a name the database keeps for itself.`,
      hint: 'Choose a name such as aircall_data.',
    });
  }
  const stem = stemOf(destination.path);
  if (dataset.toLowerCase() === stem.toLowerCase()) {
    throw new UsageError({
      code: 'dataset_ambiguous',
      message: `The dataset ${quoted(dataset)} has the same name as the DuckDB file ${quoted(destination.path)}; DuckDB could not tell the two apart.`,
      hint: `Choose another dataset, such as ${dataset.toLowerCase() === 'aircall_data' ? 'calls_data' : 'aircall_data'}, or another file name.`,
    });
  }
}

/** The file's name up to its first dot, as DuckDB derives a database's name. */
function stemOf(path: string): string {
  const file = path.split(/[\\/]/).at(-1) ?? path;
  return file.split('.').find((part) => part !== '') ?? file;
}

function looksLikeFile(text: string): boolean {
  return /\.(duckdb|db|ddb)$/i.test(text) && !text.includes('://');
}

/** Quotes what was written, unless it may hold a password. */
function quoted(text: string): string {
  return text.includes('@') ? 'that was given' : `"${text}"`;
}
