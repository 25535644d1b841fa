import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Files } from './shelves.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The TypeScript and JavaScript files below these folders of the repository, by path with `/`, in order. */
export function sourceFiles(...folders: readonly string[]): Files {
  const paths = folders.flatMap(pathsIn).filter((path) => /\.m?[jt]s$/.test(path) && !path.includes('/node_modules/'));
  return new Map(paths.map((path) => [path, textFile(path)]));
}

/** All paths below a folder of the repository, with `/`, in order; none where there is no such folder. */
export function pathsIn(folder: string): readonly string[] {
  if (!existsSync(join(root, folder))) return [];
  const below = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
  return below.sort().map((path) => `${folder}/${path.split(sep).join('/')}`);
}

export function textFile(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

export function jsonFile(path: string): unknown {
  return JSON.parse(textFile(path));
}
