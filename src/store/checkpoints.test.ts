import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { createLog } from '../base/index.ts';
import { checkpointAside } from './checkpoints.ts';
import { openDatabase } from './database.ts';
import type { Database, DatabaseKind } from './database.ts';

const root = mkdtempSync(path.join(tmpdir(), 'trunkline-checkpoints-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const kind: DatabaseKind = {
  name: 'test',
  applicationId: 4_711,
  synchronous: 'normal',
  migrations: ['CREATE TABLE notes (text TEXT) STRICT'],
};

function writeNotes(database: Database, count: number): void {
  const insert = database.prepare('INSERT INTO notes VALUES (?)');
  for (let note = 0; note < count; note += 1) database.tryWrite(() => ({ written: insert.run('x'.repeat(4000)) }));
}

function countNotes(database: Database): unknown {
  return (database.prepare('SELECT count(*) AS count FROM notes').get() as { count: number }).count;
}

test('the thread brings what was committed into the database file, and no row is lost with it', async () => {
  const file = path.join(root, 'aside.db');
  const lines: string[] = [];
  const database = await openDatabase({ path: file, kind });
  const end = checkpointAside(database, createLog({ level: 'debug', format: 'text', write: (line) => lines.push(line) }));
  // Too few for SQLite to do it by itself.
  writeNotes(database, 200);
  const before = statSync(file).size;
  await vi.waitFor(() => expect(statSync(file).size).toBeGreaterThan(before + 200 * 4000), { timeout: 20_000, interval: 50 });
  writeNotes(database, 5);
  expect(countNotes(database)).toBe(205);
  await end();
  await end();
  database.close();
  const again = await openDatabase({ path: file, kind });
  expect(countNotes(again)).toBe(205);
  again.close();
  expect(lines).toEqual([]);
});

test('when the thread cannot open the file, that is said once, and commits do it again', async () => {
  const folder = path.join(root, 'gone');
  const lines: string[] = [];
  const database = await openDatabase({ path: path.join(folder, 'a.db'), kind });
  rmSync(folder, { recursive: true });
  const end = checkpointAside(database, createLog({ level: 'debug', format: 'text', write: (line) => lines.push(line) }));
  await vi.waitFor(() => expect(lines).toHaveLength(1), { timeout: 20_000, interval: 50 });
  expect(lines[0]).toContain('checkpoints are made by the commits again');
  await end();
  database.close();
});
