// Files that survive a power cut: written under another name, flushed, renamed, and their folder flushed too.
import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncPath } from '../store/index.ts';
import { PackageUnwritable } from './errors.ts';

export const folderMode = 0o700;
export const fileMode = 0o600;

/** Writes a small file whole: readers see the old content or the new one, never a part. */
export async function writeDurably(path: string, text: string): Promise<void> {
  const unfinished = `${path}.tmp`;
  const handle = await open(unfinished, 'w', fileMode);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(unfinished, path);
  await syncPath(dirname(path));
}

export function isMissing(error: unknown): boolean {
  return codeOf(error) === 'ENOENT';
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

const fullCodes: readonly (string | undefined)[] = ['ENOSPC', 'EDQUOT', 'EFBIG'];

/** What a failed write of package files means for the operator. Other errors pass through unchanged. */
export function unwritable(error: unknown, folder: string): unknown {
  const code = codeOf(error);
  if (fullCodes.includes(code)) {
    return new PackageUnwritable(
      { reason: `no space is left in ${folder}.`, full: true, hint: 'Free some space and run again; nothing that was loaded is lost.' },
      { cause: error },
    );
  }
  if (code === undefined) return error;
  return new PackageUnwritable(
    {
      reason: `${folder} cannot be written (${code}).`,
      full: false,
      hint: 'Make the folder writable, or choose another one (TRUNKLINE_HOME).',
    },
    { cause: error },
  );
}
