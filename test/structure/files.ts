import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Files } from './shelves.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The TypeScript and JavaScript files below these folders of the repository, by path with `/`, in order. */
export function sourceFiles(...folders: readonly string[]): Files {
  const files = new Map<string, string>();
  for (const folder of folders) {
    if (!existsSync(join(root, folder))) continue;
    for (const below of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).sort()) {
      const path = `${folder}/${below.split(sep).join('/')}`;
      if (/\.m?[jt]s$/.test(path) && !path.includes('/node_modules/')) files.set(path, readFileSync(join(root, path), 'utf8'));
    }
  }
  return files;
}

/** A JSON file of the repository. */
export function jsonFile(path: string): unknown {
  return JSON.parse(readFileSync(join(root, path), 'utf8'));
}
