// A credential kept on this machine, encrypted: `<home>/credential.json`, written by `connect`, readable by its owner only. It is an
// envelope under the key-encryption key (TRUNKLINE_KEK), bound to the Aircall the token is for.
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isObject, UsageError } from '../base/index.ts';
import type { Envelope } from '../gateway/index.ts';

const fileName = 'credential.json';
const purpose = 'trunkline credential 1';

type CredentialFile = {
  readonly format: 1;
  readonly savedAt: string;
  /** The Aircall it is for. */
  readonly baseUrl: string;
  readonly kekId: string;
  readonly dataKey: Envelope['dataKey'];
  readonly credential: Envelope['secret'];
};

export type KeptCredential = { readonly accessToken: string; readonly baseUrl: string; readonly savedAt: string };

/** Encrypts a token and keeps it. Replaces the one that was there. */
export async function keepCredential(options: {
  home: string;
  kek: Buffer;
  accessToken: string;
  baseUrl: string;
  now: Date;
}): Promise<string> {
  const { home, kek, accessToken, baseUrl, now } = options;
  const { sealEnvelope } = await loadEnvelopes();
  const envelope = sealEnvelope({ secret: Buffer.from(accessToken, 'utf8'), kek, boundTo: `${purpose} ${baseUrl}` });
  return write(home, { baseUrl, savedAt: now.toISOString() }, envelope);
}

/**
 * The kept token, or null when there is none. One that is encrypted with the previous key is encrypted with the present one. Throws
 * `UsageError` when it cannot be read with either.
 */
export async function readKeptCredential(
  home: string,
  keys: { readonly kek: Buffer | null; readonly previousKek: Buffer | null },
): Promise<KeptCredential | null> {
  const { kek, previousKek } = keys;
  const path = join(home, fileName);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return null;
    throw damaged(path, error);
  }
  const { isSealed, kekIdOf, openEnvelope, rewrapEnvelope } = await loadEnvelopes();
  const file = parse(text, path, isSealed);
  if (kek === null) throw await kekMissing(`The credential in ${path} is encrypted, and TRUNKLINE_KEK is not set.`);
  const isPrevious = file.kekId !== kekIdOf(kek) && previousKek !== null && file.kekId === kekIdOf(previousKek);
  if (file.kekId !== kekIdOf(kek) && !isPrevious) {
    throw new UsageError({
      code: 'kek_wrong',
      message: `The credential in ${path} was encrypted with another key than the one in TRUNKLINE_KEK.`,
      hint: 'Set TRUNKLINE_KEK to the key used with trunkline connect, or run trunkline connect again.',
    });
  }
  const { kekId, dataKey, credential: secret, baseUrl, savedAt } = file;
  const boundTo = `${purpose} ${baseUrl}`;
  try {
    let envelope: Envelope = { kekId, dataKey, secret };
    if (isPrevious) {
      envelope = rewrapEnvelope(envelope, { from: previousKek, to: kek, boundTo });
      write(home, { baseUrl, savedAt }, envelope);
    }
    return { accessToken: openEnvelope(envelope, { kek, boundTo }).toString('utf8'), baseUrl, savedAt };
  } catch (error) {
    throw damaged(path, error);
  }
}

/** The error for a missing key-encryption key, with how to make one. */
export async function kekMissing(what: string): Promise<UsageError> {
  return (await loadEnvelopes()).kekMissing(what);
}

/** Loaded only where there is something to seal or to open: the gateway is large, and most commands do without it. */
function loadEnvelopes() {
  return import('../gateway/index.ts');
}

function write(home: string, facts: Pick<CredentialFile, 'baseUrl' | 'savedAt'>, envelope: Envelope): string {
  const { kekId, dataKey, secret } = envelope;
  const file: CredentialFile = { format: 1, ...facts, kekId, dataKey, credential: secret };
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const path = join(home, fileName);
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(file, null, 2)}\n`, { mode: 0o600 });
  chmodSync(draft, 0o600);
  renameSync(draft, path);
  return path;
}

function parse(text: string, path: string, isSealed: (value: unknown) => boolean): CredentialFile {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw damaged(path, error);
  }
  if (!isObject(json) || json['format'] !== 1 || typeof json['kekId'] !== 'string' || typeof json['baseUrl'] !== 'string')
    throw damaged(path);
  if (!isSealed(json['dataKey']) || !isSealed(json['credential'])) throw damaged(path);
  return json as CredentialFile; // each part was just looked at
}

function damaged(path: string, cause?: unknown): UsageError {
  return new UsageError(
    {
      code: 'credential_file',
      message: `The credential in ${path} cannot be read; the file is damaged.`,
      hint: 'Run trunkline connect again.',
    },
    { cause },
  );
}
