// A credential kept on this machine, encrypted: `<home>/credential.json`, written by `connect`, readable by its owner only.
//
//   key-encryption key (TRUNKLINE_KEK) ──encrypts──► data key (random, new each time) ──encrypts──► the token
//
// Both steps are AES-256-GCM with a nonce of their own, so that a changed byte is noticed; the Aircall the token is for is
// bound to it.
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isObject, UsageError } from '../base/index.ts';

const fileName = 'credential.json';
const algorithm = 'aes-256-gcm';
const purpose = 'trunkline credential 1';

type Sealed = { readonly nonce: string; readonly text: string; readonly tag: string };

type CredentialFile = {
  readonly format: 1;
  readonly savedAt: string;
  /** The Aircall it is for. */
  readonly baseUrl: string;
  /** Names the key-encryption key without telling anything about it. */
  readonly kekId: string;
  readonly dataKey: Sealed;
  readonly credential: Sealed;
};

export type KeptCredential = { readonly accessToken: string; readonly baseUrl: string; readonly savedAt: string };

/** Encrypts a token and keeps it. Replaces the one that was there. */
export function keepCredential(options: { home: string; kek: Buffer; accessToken: string; baseUrl: string; now: Date }): string {
  const { home, kek, accessToken, baseUrl, now } = options;
  const dataKey = randomBytes(32);
  const file: CredentialFile = {
    format: 1,
    savedAt: now.toISOString(),
    baseUrl,
    kekId: idOf(kek),
    dataKey: seal(dataKey, kek, baseUrl),
    credential: seal(Buffer.from(accessToken, 'utf8'), dataKey, baseUrl),
  };
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const path = join(home, fileName);
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(file, null, 2)}\n`, { mode: 0o600 });
  chmodSync(draft, 0o600);
  renameSync(draft, path);
  return path;
}

/** The kept token, or null when there is none. Throws `UsageError` when it cannot be read with this key. */
export function readKeptCredential(home: string, kek: Buffer | null): KeptCredential | null {
  const path = join(home, fileName);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return null;
    throw damaged(path, error);
  }
  const file = parse(text, path);
  if (kek === null) throw kekMissing(`The credential in ${path} is encrypted, and TRUNKLINE_KEK is not set.`);
  if (file.kekId !== idOf(kek)) {
    throw new UsageError({
      code: 'kek_wrong',
      message: `The credential in ${path} was encrypted with another key than the one in TRUNKLINE_KEK.`,
      hint: 'Set TRUNKLINE_KEK to the key used with trunkline connect, or run trunkline connect again.',
    });
  }
  try {
    const dataKey = unseal(file.dataKey, kek, file.baseUrl);
    return { accessToken: unseal(file.credential, dataKey, file.baseUrl).toString('utf8'), baseUrl: file.baseUrl, savedAt: file.savedAt };
  } catch (error) {
    throw damaged(path, error);
  }
}

/** The error for a missing key-encryption key, with how to make one. */
export function kekMissing(what: string): UsageError {
  return new UsageError({
    code: 'kek_missing',
    message: what,
    hint: 'Make a key with `openssl rand -base64 32`, keep it safe, and set it as TRUNKLINE_KEK (or its file as TRUNKLINE_KEK_FILE).',
  });
}

function seal(secret: Buffer, key: Buffer, boundTo: string): Sealed {
  const nonce = randomBytes(12);
  const cipher = createCipheriv(algorithm, key, nonce).setAAD(Buffer.from(`${purpose} ${boundTo}`));
  const text = Buffer.concat([cipher.update(secret), cipher.final()]);
  return { nonce: nonce.toString('base64'), text: text.toString('base64'), tag: cipher.getAuthTag().toString('base64') };
}

function unseal(sealed: Sealed, key: Buffer, boundTo: string): Buffer {
  const decipher = createDecipheriv(algorithm, key, Buffer.from(sealed.nonce, 'base64'), { authTagLength: 16 })
    .setAAD(Buffer.from(`${purpose} ${boundTo}`))
    .setAuthTag(Buffer.from(sealed.tag, 'base64'));
  return Buffer.concat([decipher.update(Buffer.from(sealed.text, 'base64')), decipher.final()]);
}

function idOf(kek: Buffer): string {
  return createHash('sha256').update('trunkline kek ').update(kek).digest('hex').slice(0, 16);
}

function parse(text: string, path: string): CredentialFile {
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

function isSealed(value: unknown): value is Sealed {
  return isObject(value) && ['nonce', 'text', 'tag'].every((part) => typeof value[part] === 'string');
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
