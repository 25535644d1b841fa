// The gateway's own keys where there is no key-encryption key: a file for this user only, in the user's state folder and not in the
// home folder of the project, so that who gets hold of the one does not have the other.
import { chmodSync, closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { UsageError } from '../base/index.ts';
import type { KeyFile } from '../gateway/index.ts';

/** @param folder the user's state folder. */
export function openKeyFile(options: { readonly folder: string; readonly company: string }): KeyFile {
  const { folder, company } = options;
  const name = /^[a-z0-9][a-z0-9_-]{0,40}$/.test(company) ? `${company}-` : '';
  const path = (keyring: string) => join(folder, 'gateway', `${name}${keyring}.key`);
  return {
    path,
    read(keyring) {
      const file = path(keyring);
      try {
        const { mode } = statSync(file);
        if (process.platform !== 'win32' && (mode & 0o077) !== 0) throw open(file);
        return readFileSync(file);
      } catch (error) {
        if (error instanceof UsageError) throw error;
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
        throw unusable(file, error);
      }
    },
    write(keyring, keys) {
      const file = path(keyring);
      const draft = `${file}.${process.pid}`;
      try {
        mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
        const handle = openSync(draft, 'wx', 0o600);
        try {
          writeSync(handle, keys);
          fsyncSync(handle);
        } finally {
          closeSync(handle);
        }
        chmodSync(draft, 0o600);
        renameSync(draft, file);
      } catch (error) {
        throw unusable(file, error);
      }
    },
    remove(keyring) {
      rmSync(path(keyring), { force: true });
    },
  };
}

function open(file: string): UsageError {
  return new UsageError({
    code: 'gateway_keys_open',
    message: `${file} holds the gateway’s keys, and others than its owner may read it.`,
    hint: `Run chmod 600 on it, and think about who could have read it.`,
  });
}

function unusable(file: string, cause: unknown): UsageError {
  const reason = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
  return new UsageError(
    {
      code: 'gateway_keys_file',
      message: `The file of the gateway’s keys, ${file}, cannot be used${reason}.`,
      hint: 'Make its folder one this user may write (XDG_STATE_HOME says where), or set TRUNKLINE_KEK: then the keys are sealed in gateway.db.',
    },
    { cause },
  );
}
