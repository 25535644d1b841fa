import { EnvironmentError, messageOf, TrunklineError } from '../base/index.ts';

/** The little of the SQLite library that we use. Values go in as one array; a row comes back as an object. */
export interface SqliteConnection {
  exec(sql: string): void;
  prepare(sql: string): SqliteStatement;
  close(): void;
}

export interface SqliteStatement {
  run(values: readonly SqlValue[]): { readonly changes: number };
  get(values: readonly SqlValue[]): unknown;
  all(values: readonly SqlValue[]): unknown[];
}

export type SqlValue = string | number | null;

type Connect = new (path: string) => SqliteConnection;

/**
 * Loads the SQLite library when it is first needed: it is an optional dependency, and most of Trunkline works without.
 * Throws {@link EnvironmentError} when it is missing or has no binary for this machine.
 */
export async function loadSqlite(): Promise<Connect> {
  try {
    const library = await import('libsql');
    return library.default;
  } catch (cause) {
    throw new EnvironmentError(
      {
        code: 'sqlite_missing',
        message: `The optional package libsql, which keeps Trunkline's local files, cannot be loaded on ${process.platform}-${process.arch}.`,
        hint:
          'Run "npm install libsql@0.5.29" without --omit=optional. ' +
          'Binaries exist for Linux (x64, arm64, arm), macOS (arm64, x64) and Windows (x64).',
      },
      { cause },
    );
  }
}

const primaryCodes = { busy: 5, corrupt: 11, full: 13, protocol: 15, notDatabase: 26 } as const;

/** Another connection holds the lock: trying again in a moment is right. */
export function isBusy(error: unknown): boolean {
  const code = primaryCode(error);
  return code === primaryCodes.busy || code === primaryCodes.protocol;
}

/** Wraps what the SQLite library threw into an error that says which file and what to do. */
export function storeError(path: string, cause: unknown): TrunklineError {
  if (cause instanceof TrunklineError) return cause;
  const code = primaryCode(cause);
  if (code === primaryCodes.corrupt || code === primaryCodes.notDatabase) {
    return new EnvironmentError(
      {
        code: 'store_damaged',
        message: `${path} is damaged or is not a file of Trunkline's.`,
        hint: 'Move it away (with its -wal and -shm companions) while no Trunkline process is running; a new one is made at the next start.',
      },
      { cause },
    );
  }
  return new EnvironmentError(
    {
      code: code === primaryCodes.full ? 'disk_full' : 'store_failed',
      message: `${path} cannot be used: ${messageOf(cause)}.`,
      hint: 'Check that the disk has room and that this user may write the file and its folder.',
    },
    { cause },
  );
}

function primaryCode(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('rawCode' in error)) return undefined;
  // The low byte is the primary result code (sqlite.org/rescode.html).
  return typeof error.rawCode === 'number' ? error.rawCode & 0xff : undefined;
}
