import { constants } from 'node:fs';
import { access, chmod, mkdir, open } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { EnvironmentError } from '../base/index.ts';

export type Surroundings = {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly platform?: NodeJS.Platform;
  readonly home?: string;
};

/**
 * Where this user's state lives that belongs to the machine and not to a project: `$XDG_STATE_HOME/trunkline`, else
 * `~/.local/state/trunkline`; on macOS `~/Library/Application Support/trunkline`, on Windows `%LOCALAPPDATA%\trunkline`.
 */
export function stateFolder(surroundings: Surroundings = {}): string {
  // oxlint-disable-next-line no-restricted-properties -- where the system keeps state is no setting of ours, and must be one place for all
  const { env = process.env, platform = process.platform, home = homedir() } = surroundings;
  const names = platform === 'win32' ? path.win32 : path.posix;
  const xdg = env['XDG_STATE_HOME'];
  // The specification says that a relative path is to be ignored (specifications.freedesktop.org/basedir-spec).
  if (xdg !== undefined && names.isAbsolute(xdg)) return names.join(xdg, 'trunkline');
  if (platform === 'win32') return names.join(env['LOCALAPPDATA'] ?? names.join(home, 'AppData', 'Local'), 'trunkline');
  if (platform === 'darwin') return names.join(home, 'Library', 'Application Support', 'trunkline');
  return names.join(home, '.local', 'state', 'trunkline');
}

/** Makes the folder, for this user only. Throws {@link EnvironmentError} when it cannot be made or written. */
export async function prepareFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw unwritable(folder, cause);
  }
}

/** Makes an empty file that only this user may read, or takes the existing one and closes it to others. */
export async function prepareFile(file: string): Promise<void> {
  try {
    // Only ever opens a file that did not exist. Closing a second handle on a database that this process has open would
    // drop its POSIX locks (sqlite.org/howtocorrupt.html, 2.2).
    await (await open(file, 'wx', 0o600)).close();
  } catch (cause) {
    if (!isExisting(cause)) throw unwritable(file, cause);
  }
  try {
    await chmod(file, 0o600);
    await access(file, constants.R_OK | constants.W_OK);
  } catch (cause) {
    throw unwritable(file, cause);
  }
}

function isExisting(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST';
}

function unwritable(place: string, cause: unknown): EnvironmentError {
  return new EnvironmentError(
    {
      code: 'folder_unwritable',
      message: `${place} cannot be written by this user.`,
      hint: 'Make it writable, or choose another place: XDG_STATE_HOME (LOCALAPPDATA on Windows) for the request budget, TRUNKLINE_HOME for the rest.',
    },
    { cause },
  );
}

/** Brings what was written to a file, or the names in a folder, to the disk. Windows syncs neither what is open for reading nor folders. */
export async function syncPath(path_: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(path_, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
