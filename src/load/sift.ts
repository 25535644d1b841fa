// What to do with a package of which some line cannot be loaded: take the bad out, put it into quarantine, load the rest.
// Only a destination that stumbled calls this. It reads every line in JavaScript, which is slow and exact.
import { createReadStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { toUSVString } from 'node:util';
import { parse, stringify } from 'json-custom-numbers';
import { isObject } from '../base/index.ts';
import type { ColumnType, Quarantined, Table, TableSet } from '../rows/index.ts';
import type { Capabilities } from './destination.ts';
import { folderMode } from './durable-files.ts';
import { misfit } from './fit.ts';
import type { PackageFile, PackageFileKind, SealedPackage } from './package.ts';
import { escapeHalfPairs } from './surrogates.ts';
import { RowFiles } from './row-file.ts';
import { columnTypesOf, keyOf, rootNameOf } from './table-set.ts';

export type Sifted = {
  /** The same package with the good lines only. Its files last until `remove`. */
  readonly sealed: SealedPackage;
  /** How many values and lines were taken out. They are in its quarantine. */
  readonly found: number;
  readonly remove: () => Promise<void>;
};

type Line = Record<string, unknown>;
type Verdict = { readonly line: Line | null; readonly bad: readonly Quarantined[] };

/** Takes out of a sealed package what does not fit its own columns. The sealed files stay as they are. */
export async function siftPackage(sealed: SealedPackage, limits: Capabilities): Promise<Sifted> {
  const { manifest } = sealed;
  const folder = join(sealed.folder, 'sifted');
  const remove = () => rm(folder, { recursive: true, force: true });
  await remove();
  await mkdir(folder, { mode: folderMode });
  try {
    const files: PackageFile[] = [];
    const bad: Quarantined[] = [];
    for (const [at, file] of manifest.files.entries()) {
      const written = writer(folder, file.kind, file.table, at);
      for await (const text of linesOf(join(sealed.folder, file.path))) {
        const verdict = judge(text, file, manifest.tables, limits);
        bad.push(...verdict.bad);
        const kept = verdict.bad.length === 0 ? text : verdict.line && stringifyExact(verdict.line);
        if (kept !== null) await written.add(`${kept}\n`, 1, kept.length + 1);
      }
      files.push(...(await written.finish()));
    }
    const quarantine = writer(folder, 'quarantine', null, manifest.files.length);
    for (const item of bad) {
      const text = JSON.stringify(item);
      await quarantine.add(`${text}\n`, 1, text.length + 1);
    }
    files.push(...(await quarantine.finish()));
    const placed = files.map((file) => ({ ...file, path: `sifted/${file.path}` }));
    return { sealed: { folder: sealed.folder, manifest: { ...manifest, files: placed } }, found: bad.length, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

function writer(folder: string, kind: PackageFileKind, table: string | null, at: number): RowFiles {
  const everything = { rows: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY };
  return new RowFiles({ folder, kind, table, pathOf: () => `${at}.ndjson`, rotation: everything });
}

/** Lines as written: ended by `\n` and nothing else. */
async function* linesOf(path: string): AsyncGenerator<string, void> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of createReadStream(path)) {
    const lines = (rest + decoder.write(chunk as Buffer)).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}

function judge(text: string, file: PackageFile, tables: TableSet, limits: Capabilities): Verdict {
  const table = file.table ?? file.kind;
  const whole = (reason: string, key: string | null = null): Verdict => ({
    line: null,
    bad: [{ table, key, column: null, reason, value: JSON.stringify(text) }],
  });
  const line = parseExact(text);
  if (line === null) return whole('the line is not a JSON object');
  switch (file.kind) {
    case 'rows': {
      const shape = tables[table];
      return shape === undefined ? whole('of a table that the package does not describe') : judgeRow(line, shape, tables, limits, whole);
    }
    case 'patches': {
      const shape = tables[table];
      return shape === undefined ? whole('of a table that the package does not describe') : judgePatch(line, shape, tables, limits, whole);
    }
    case 'deletions': {
      const moments = [line['deletedAt'], line['observedAt']];
      if (moments.some((moment) => moment == null || misfit(moment, 'timestamp', limits) !== null))
        return whole('a moment is missing or wrong');
      return typeof line['key'] === 'string' && toUSVString(line['key']) === line['key']
        ? { line, bad: [] }
        : whole('the key is missing or wrong');
    }
    case 'quarantine': {
      const repaired = Object.entries(line).map(([name, value]) => [name, typeof value === 'string' ? toUSVString(value) : value]);
      return { line: Object.fromEntries(repaired) as Line, bad: [] };
    }
  }
}

type Whole = (reason: string, key?: string | null) => Verdict;

function judgeRow(line: Line, table: Table, tables: TableSet, limits: Capabilities, whole: Whole): Verdict {
  const root = tables[rootNameOf(tables, table) ?? table.name] ?? table;
  const types = columnTypesOf(table, root);
  const needed = table.parent === null ? [keyOf(root).name] : table.key;
  for (const column of [...needed, '_observed_at']) {
    const type: ColumnType = column === '_observed_at' ? 'timestamp' : (types[column] ?? 'text');
    const wrong = line[column] == null ? 'missing' : misfit(line[column], type, limits);
    if (wrong !== null) return whole(`${column}: ${wrong}`);
  }
  const key = String(line[table.parent === null ? keyOf(root).name : '_parent_id']);
  const bad: Quarantined[] = [];
  for (const [column, type] of Object.entries(types)) {
    const reason = misfit(line[column], type, limits);
    if (reason === null) continue;
    bad.push({ table: table.name, key, column, reason, value: stringifyExact(line[column]) });
    line[column] = null;
  }
  return { line, bad };
}

function judgePatch(line: Line, table: Table, tables: TableSet, limits: Capabilities, whole: Whole): Verdict {
  const { row, children = {}, eventAt } = line;
  if (!isObject(row) || !isObject(children)) return whole('not a patch');
  const key = keyOf(table);
  if (eventAt == null || misfit(eventAt, 'timestamp', limits) !== null) return whole('eventAt: missing or not a moment');
  if (row[key.name] == null || misfit(row[key.name], key.type, limits) !== null) return whole(`${key.name}: missing or wrong`);
  const bad: Quarantined[] = [];
  const rowKey = String(row[key.name]);
  const fitting = (values: Readonly<Record<string, unknown>>, of: Table): Line => {
    const types = columnTypesOf(of, table);
    const kept: Line = {};
    for (const [column, value] of Object.entries(values)) {
      const reason = misfit(value, types[column] ?? 'json', limits);
      if (reason === null) kept[column] = value;
      else bad.push({ table: of.name, key: rowKey, column, reason, value: stringifyExact(value) });
    }
    return kept;
  };
  const keptChildren = Object.entries(children).map(([name, rows]) => {
    const child = tables[name];
    return [name, child !== undefined && Array.isArray(rows) ? rows.filter(isObject).map((element) => fitting(element, child)) : rows];
  });
  return { line: { ...line, row: fitting(row, table), children: Object.fromEntries(keptChildren) as unknown }, bad };
}

function parseExact(text: string): Line | null {
  try {
    const value: unknown = parse(text, undefined, (_key, digits) => {
      const number = Number(digits);
      return Number.isSafeInteger(number) || !/^-?\d+$/.test(digits) ? number : BigInt(digits);
    });
    return isObject(value) ? { ...value } : null;
  } catch {
    return null;
  }
}

function stringifyExact(value: unknown): string {
  return escapeHalfPairs(stringify(value, undefined, undefined, (_key, inner, type) => (type === 'bigint' ? String(inner) : undefined)));
}
