// Whether a path can be a DuckDB file of ours, found out without DuckDB and before anything is asked of Aircall.
import { constants } from 'node:fs';
import { access, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { UsageError } from '../../base/index.ts';
import { DestinationUnreachable } from '../../load/index.ts';

/**
 * Throws `UsageError` for a path that cannot be used, `DestinationUnreachable` for a file that is not a DuckDB database.
 * Opens the file: only while no instance of this process has it.
 */
export async function checkFile(path: string, label: string): Promise<void> {
  if (path.includes('?')) throw unusable(label, 'DuckDB cannot take a question mark in a path', 'Choose another path.');
  const found = await stat(path).catch((error: unknown) => {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error))) return null;
    throw unusable(label, `it cannot be looked at (${codeOf(error)})`, 'Choose another path.', error);
  });
  if (found === null) {
    await checkFolder(dirname(path), label);
    return;
  }
  if (found.isDirectory()) throw unusable(label, 'it is a folder', 'Name a file in it, such as aircall.duckdb.');
  await access(path, constants.R_OK | constants.W_OK).catch((error: unknown) => {
    throw unusable(label, 'the file cannot be read and written', 'Change its permissions, or choose another path.', error);
  });
  // DuckDB writes its log beside the file.
  await checkFolder(dirname(path), label);
  if (found.size > 0 && !(await looksLikeDuckdb(path))) {
    throw new DestinationUnreachable({ label, reason: 'the file is not a DuckDB database.', hint: 'Choose another path.' });
  }
}

async function checkFolder(folder: string, label: string): Promise<void> {
  const found = await stat(folder).catch(() => null);
  if (found === null) throw unusable(label, 'its folder does not exist', 'Create the folder, or choose another path.');
  if (!found.isDirectory()) throw unusable(label, 'what should be its folder is a file', 'Choose another path.');
  await access(folder, constants.W_OK | constants.X_OK).catch((error: unknown) => {
    throw unusable(label, 'its folder cannot be written', 'Make the folder writable, or choose another path.', error);
  });
}

/** Bytes 8 to 11 of a DuckDB file say DUCK. */
async function looksLikeDuckdb(path: string): Promise<boolean> {
  const handle = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(12), 0, 12, 0);
    return bytesRead === 12 && buffer.toString('latin1', 8, 12) === 'DUCK';
  } finally {
    await handle.close();
  }
}

function unusable(label: string, why: string, hint: string, cause?: unknown): UsageError {
  return new UsageError({ code: 'destination_path', message: `The destination ${label} cannot be used: ${why}.`, hint }, { cause });
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}
