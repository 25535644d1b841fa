// Which DuckDB files hold nothing but the demo's simulated company. `<home>/demo.json` names them with the last package the
// demo committed: a file whose last package is another one has been loaded into since, and is not the demo's any more.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isObject } from '../base/index.ts';
import type { Destination } from '../load/index.ts';
import { pipeline } from '../sync/index.ts';

/** Package id by the absolute path of the file. */
type Demos = Readonly<Record<string, string>>;

/** What DuckDB and we keep beside a database file. */
const companions = (path: string) => ['', '.wal'].map((end) => `${path}${end}`).concat(path.replace(/\.duckdb$/, '.read.duckdb'));

/** Notes that the demo filled the file and nobody else has. */
export function rememberDemo(home: string, path: string, packageId: string): void {
  mkdirSync(home, { recursive: true, mode: 0o700 });
  writeDemos(home, { ...readDemos(home), [path]: packageId });
}

/** Whether the file holds the demo's company and nothing besides. */
export async function isDemo(home: string, path: string, destination: Destination): Promise<boolean> {
  const packageId = readDemos(home)[path];
  if (packageId === undefined || !existsSync(path)) return false;
  const session = await destination.open({});
  try {
    return (await session.recall(pipeline)).lastPackage?.packageId === packageId;
  } finally {
    await session.close();
  }
}

/** Removes a file of the demo's. */
export function removeDemo(home: string, path: string): void {
  for (const file of companions(path)) rmSync(file, { force: true });
  writeDemos(home, without(readDemos(home), path));
}

/** Moves a file of the demo's out of the way, beside itself, and returns its new path. */
export function moveDemoAside(home: string, path: string): string {
  const to = freeName(path);
  const names = companions(to);
  for (const [index, file] of companions(path).entries()) if (existsSync(file)) renameSync(file, names[index] ?? file);
  const demos = readDemos(home);
  writeDemos(home, { ...without(demos, path), [to]: demos[path] ?? '' });
  return to;
}

/** `aircall.duckdb` becomes `aircall-demo.duckdb`, or the next number that is free. */
export function freeName(path: string): string {
  const stem = path.replace(/\.duckdb$/, '');
  for (let number = 1; ; number += 1) {
    const candidate = `${stem}-demo${number === 1 ? '' : `-${number}`}.duckdb`;
    if (!existsSync(candidate)) return candidate;
  }
}

function readDemos(home: string): Demos {
  try {
    const json: unknown = JSON.parse(readFileSync(fileOf(home), 'utf8'));
    if (!isObject(json)) return {};
    return Object.fromEntries(Object.entries(json).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  } catch {
    // No file, or not one of ours: then no file is known to be the demo's, which is the safe side.
    return {};
  }
}

function writeDemos(home: string, demos: Demos): void {
  if (!existsSync(dirname(fileOf(home)))) return;
  writeFileSync(fileOf(home), `${JSON.stringify(demos, null, 2)}\n`, { mode: 0o600 });
}

function without(demos: Demos, path: string): Demos {
  return Object.fromEntries(Object.entries(demos).filter(([name]) => name !== path));
}

function fileOf(home: string): string {
  return join(home, 'demo.json');
}
