// Packages sealed by the first release stay readable for ever. The fixture is never written again.
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { verifyPackage } from './manifest.ts';
import { openPackages } from './package-store.ts';
import { familiesOf, hashTables } from './table-set.ts';

const fixture = fileURLToPath(new URL('../../test/fixtures/v1', import.meta.url));

test('a package of format 1 is found waiting, whole and undamaged', async () => {
  const home = mkdtempSync(join(tmpdir(), 'trunkline-format-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  cpSync(fixture, home, { recursive: true });
  const packages = await openPackages({ home, pipeline: 'main' });
  const [sealed, ...others] = await packages.pending();
  expect(others).toEqual([]);
  if (sealed === undefined) throw new Error('the fixture is not there');
  await verifyPackage(sealed);
  const { manifest } = sealed;
  expect(manifest).toMatchObject({
    packageId: '01M3T9ZZZZGOLDEN0FORMAT0ONE',
    sequence: 1,
    pipeline: 'main',
    source: 'api',
    createdAt: '2026-10-01T08:30:00.000Z',
    state: { before: { calls: { frontier: 1 } }, after: { calls: { frontier: 2 }, contacts: null } },
  });
  expect(manifest.files.map(({ kind, table, rows }) => `${kind} ${table ?? '-'} ${rows}`)).toEqual([
    'rows calls 2',
    'rows calls__tags 1',
    'rows contacts 1',
    'patches calls 1',
    'deletions - 1',
    'quarantine - 1',
  ]);
  expect(familiesOf(manifest.tables).map(({ root, children }) => [root.name, ...children.map((child) => child.name)])).toEqual([
    ['calls', 'calls__tags'],
    ['contacts'],
  ]);
  expect(hashTables(manifest.tables)).toBe(manifest.schemaHash);
});
