// Where the gateway's own keys are kept between runs:
//
//   with a key-encryption key     sealed under it, in gateway.db
//   without                       in a file only this user may read, outside the home folder: whoever copies or alters the home
//                                 folder has the log, but not the key its chain is made with
//
// They are made at the first use. What was made is never made anew: without the old keys the log could not be verified and no
// agent's key would fit, so a missing or damaged keyring is an error.
import { isObject, UsageError } from '../../base/index.ts';
import type { AgentStore, StoredKeyring } from '../../store/index.ts';
import { isSealed, isWeakKek, kekIdOf, openEnvelope, rewrapEnvelope, sealEnvelope } from './envelope.ts';
import type { Envelope } from './envelope.ts';
import { makeGatewayKeys, readGatewayKeys, writeGatewayKeys } from './gateway-keys.ts';
import type { GatewayKeys } from './gateway-keys.ts';

/** The file that holds the keys where there is no key-encryption key; one for each keyring. */
export interface KeyFile {
  /** Null when there is none. */
  read(keyring: string): Buffer | null;
  /** Durable when it returns. */
  write(keyring: string, keys: Buffer): void;
  remove(keyring: string): void;
  path(keyring: string): string;
}

export type OpenKeyring = {
  readonly keys: GatewayKeys;
  /** Where they are kept; a path for the file. */
  readonly keptIn: { readonly kind: 'store' } | { readonly kind: 'file'; readonly path: string };
  /** What opening did to them; for a notice. */
  readonly change: 'made' | 'sealed' | 'rewrapped' | null;
};

export type KeyringParts = {
  readonly store: AgentStore;
  readonly company: string;
  readonly kek: Buffer | null;
  /** The key-encryption key before the present one: what is sealed under it is sealed under the present one from now on. */
  readonly previousKek: Buffer | null;
  readonly file: KeyFile;
  /** Gives so many random bytes. */
  readonly random: (size: number) => Buffer;
  readonly now: () => Date;
  readonly signal?: AbortSignal | undefined;
};

/** Throws `UsageError`: a weak, missing or other key-encryption key, a keyring that is gone or damaged. */
export async function openKeyring(parts: KeyringParts): Promise<OpenKeyring> {
  const { kek, store } = parts;
  if (kek !== null && isWeakKek(kek)) throw weakKek();
  for (;;) {
    const stored = store.keyring();
    const opened = stored === null ? await make(parts) : await open(parts, stored);
    // Null: another process was faster; what it left is looked at.
    if (opened !== null) return opened;
  }
}

async function make(parts: KeyringParts): Promise<OpenKeyring | null> {
  const { store, company, kek, file, random, now, signal } = parts;
  const keyring = random(8).toString('hex');
  const keys = makeGatewayKeys();
  const bytes = writeGatewayKeys(keys);
  const sealed = kek === null ? null : sealEnvelope({ secret: bytes, kek, boundTo: purpose(company, keyring) });
  if (sealed === null) file.write(keyring, bytes);
  const envelope = sealed === null ? null : JSON.stringify(sealed);
  const kept = await store.makeKeyring({ keyring, envelope, madeAt: now().toISOString() }, signal);
  if (kept.keyring !== keyring) {
    if (sealed === null) file.remove(keyring);
    return null;
  }
  return { keys, keptIn: placeOf(parts, kept), change: 'made' };
}

async function open(parts: KeyringParts, stored: StoredKeyring): Promise<OpenKeyring | null> {
  const { store, company, kek, previousKek, file, signal } = parts;
  const boundTo = purpose(company, stored.keyring);
  if (stored.envelope === null) {
    const bytes = file.read(stored.keyring);
    if (bytes === null) {
      // Another process may have sealed them since.
      if (store.keyring()?.envelope != null) return null;
      throw missing(file.path(stored.keyring));
    }
    const keys = understand(() => readGatewayKeys(bytes), file.path(stored.keyring));
    if (kek === null) return { keys, keptIn: placeOf(parts, stored), change: null };
    const envelope = JSON.stringify(sealEnvelope({ secret: bytes, kek, boundTo }));
    if (!(await store.replaceEnvelope({ from: stored, to: envelope }, signal))) return null;
    file.remove(stored.keyring);
    return { keys, keptIn: { kind: 'store' }, change: 'sealed' };
  }

  const envelope = understand(() => parseEnvelope(stored.envelope ?? ''), 'gateway.db');
  if (kek === null) throw kekGone('The gateway’s keys are sealed, and TRUNKLINE_KEK is not set.');
  if (envelope.kekId === kekIdOf(kek)) {
    const keys = understand(() => readGatewayKeys(openEnvelope(envelope, { kek, boundTo })), 'gateway.db');
    return { keys, keptIn: { kind: 'store' }, change: null };
  }
  if (previousKek === null || envelope.kekId !== kekIdOf(previousKek)) throw otherKek();
  const keys = understand(() => readGatewayKeys(openEnvelope(envelope, { kek: previousKek, boundTo })), 'gateway.db');
  const rewrapped = JSON.stringify(rewrapEnvelope(envelope, { from: previousKek, to: kek, boundTo }));
  if (!(await store.replaceEnvelope({ from: stored, to: rewrapped }, signal))) return null;
  return { keys, keptIn: { kind: 'store' }, change: 'rewrapped' };
}

/** The error for a key-encryption key that there was: a new one opens nothing. */
function kekGone(what: string): UsageError {
  return new UsageError({
    code: 'kek_missing',
    message: what,
    hint: 'Set TRUNKLINE_KEK (or TRUNKLINE_KEK_FILE, its file) to the key used before.',
  });
}

/** The error for a missing key-encryption key, with how to make one. */
export function kekMissing(what: string): UsageError {
  return new UsageError({
    code: 'kek_missing',
    message: what,
    hint: 'Make a key with `openssl rand -base64 32`, keep it safe, and set it as TRUNKLINE_KEK (or its file as TRUNKLINE_KEK_FILE).',
  });
}

function purpose(company: string, keyring: string): string {
  return JSON.stringify(['trunkline gateway keys', company, keyring, 1]);
}

function placeOf({ file }: KeyringParts, stored: StoredKeyring): OpenKeyring['keptIn'] {
  return stored.envelope === null ? { kind: 'file', path: file.path(stored.keyring) } : { kind: 'store' };
}

function parseEnvelope(text: string): Envelope {
  const value: unknown = JSON.parse(text);
  if (isObject(value) && typeof value['kekId'] === 'string' && isSealed(value['dataKey']) && isSealed(value['secret'])) {
    return { kekId: value['kekId'], dataKey: value['dataKey'], secret: value['secret'] };
  }
  throw new TypeError('not an envelope');
}

/** What fails while keys are read says nothing but where: a message of a parser could quote them. */
function understand<T>(work: () => T, place: string): T {
  try {
    return work();
  } catch {
    throw new UsageError({
      code: 'gateway_keys_damaged',
      message: `The gateway’s keys in ${place} cannot be opened: they were damaged or altered, or belong to another company.`,
      hint: 'Restore the file from a backup. Without these keys the log cannot be verified and no agent’s key fits.',
    });
  }
}

function missing(path: string): UsageError {
  return new UsageError({
    code: 'gateway_keys_missing',
    message: `The gateway’s keys are not where they were put, ${path}.`,
    hint: 'Restore that file, or run as the user who made it. Without these keys the log cannot be verified and no agent’s key fits.',
  });
}

function weakKek(): UsageError {
  return new UsageError({
    code: 'kek_weak',
    message: 'The key in TRUNKLINE_KEK was not drawn at random: it can be guessed.',
    hint: 'Make one with `openssl rand -base64 32`.',
  });
}

function otherKek(): UsageError {
  return new UsageError({
    code: 'kek_wrong',
    message: 'The gateway’s keys were sealed with another key than the one in TRUNKLINE_KEK.',
    hint: 'Set TRUNKLINE_KEK to the key used before. To change it, set the new one as TRUNKLINE_KEK and the old one as TRUNKLINE_KEK_PREVIOUS.',
  });
}
