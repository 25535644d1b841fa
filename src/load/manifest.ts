// Reading sealed packages back: manifests are parsed once, files are compared with what was written.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isObject, throwIfAborted } from '../base/index.ts';
import { isMissing } from './durable-files.ts';
import { LoadRefused } from './errors.ts';
import { packageFileKinds, type Manifest, type PackageFile, type SealedPackage } from './package.ts';

/** Reads the manifest of a sealed package. Throws `LoadRefused` when it is damaged or of a format this version does not know. */
export async function readManifest(folder: string): Promise<SealedPackage> {
  let manifest: unknown;
  try {
    manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'));
  } catch (error) {
    throw damaged(folder, 'its manifest cannot be read', error);
  }
  if (isObject(manifest) && typeof manifest['format'] === 'number' && manifest['format'] > 1) {
    throw new LoadRefused({
      code: 'package_format',
      message: `Package ${basename(folder)} was written by a newer version (format ${manifest['format']}).`,
      hint: 'Use that version of Trunkline, or a later one.',
    });
  }
  if (!isManifest(manifest)) throw damaged(folder, 'its manifest is not complete');
  return { folder, manifest };
}

/** Compares every file with its size and hash in the manifest. Throws `LoadRefused` naming the first that differs. */
export async function verifyPackage(sealed: SealedPackage, signal?: AbortSignal): Promise<void> {
  for (const file of sealed.manifest.files) {
    throwIfAborted(signal);
    const path = join(sealed.folder, file.path);
    try {
      if ((await stat(path)).size !== file.bytes) throw damaged(sealed.folder, `${file.path} has not the size it was written with`);
    } catch (error) {
      if (isMissing(error)) throw damaged(sealed.folder, `${file.path} is missing`, error);
      throw error;
    }
    if ((await hashOf(path)) !== file.sha256) throw damaged(sealed.folder, `${file.path} has changed since it was written`);
  }
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

function damaged(folder: string, what: string, cause?: unknown): LoadRefused {
  return new LoadRefused(
    {
      code: 'package_damaged',
      message: `Package ${basename(folder)} is damaged: ${what}.`,
      hint: `Delete its folder; what it held is read again from Aircall.`,
    },
    { cause },
  );
}

function isManifest(value: unknown): value is Manifest {
  return (
    isObject(value) &&
    value['format'] === 1 &&
    typeof value['packageId'] === 'string' &&
    Number.isSafeInteger(value['sequence']) &&
    typeof value['pipeline'] === 'string' &&
    typeof value['source'] === 'string' &&
    typeof value['createdAt'] === 'string' &&
    typeof value['schemaHash'] === 'string' &&
    isObject(value['tables']) &&
    Object.values(value['tables']).every(isTable) &&
    Array.isArray(value['files']) &&
    value['files'].every(isPackageFile) &&
    isObject(value['state']) &&
    isObject(value['state']['before']) &&
    isObject(value['state']['after'])
  );
}

function isTable(value: unknown): boolean {
  return (
    isObject(value) &&
    typeof value['name'] === 'string' &&
    (value['parent'] === null || typeof value['parent'] === 'string') &&
    Array.isArray(value['key']) &&
    isObject(value['columns']) &&
    Object.values(value['columns']).every((column) => isObject(column) && typeof column['type'] === 'string')
  );
}

function isPackageFile(value: unknown): value is PackageFile {
  return (
    isObject(value) &&
    packageFileKinds.some((kind) => kind === value['kind']) &&
    (value['table'] === null || typeof value['table'] === 'string') &&
    typeof value['path'] === 'string' &&
    !value['path'].split('/').includes('..') &&
    Number.isSafeInteger(value['rows']) &&
    Number.isSafeInteger(value['bytes']) &&
    Number.isSafeInteger(value['longestLine']) &&
    typeof value['sha256'] === 'string'
  );
}
