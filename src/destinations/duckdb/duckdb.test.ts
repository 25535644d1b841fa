import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openPackages, thisProcess } from '../../load/index.ts';
import type { TableSet } from '../../rows/index.ts';
import { duckdb } from './index.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trunkline-duckdb-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const tables: TableSet = {
  calls: {
    name: 'calls',
    parent: null,
    key: ['id'],
    path: [],
    columns: { id: { type: 'bigint', path: ['id'], origin: 'declared' }, status: { type: 'text', path: ['status'], origin: 'declared' } },
  },
  calls__tags: {
    name: 'calls__tags',
    parent: 'calls',
    key: ['_parent_id', '_index'],
    path: ['tags'],
    columns: { name: { type: 'text', path: ['name'], origin: 'declared' } },
  },
};

test('rows, children and state land together', async () => {
  const packages = await openPackages({ home: folder, pipeline: 'main' });
  const draft = await packages.draft({ sequence: 1, source: 'api' });
  const observed = '2026-10-01T08:00:00.000001Z';
  await draft.append('calls', { id: '9007199254740993', status: 'done', _observed_at: observed });
  await draft.append('calls__tags', { _parent_id: '9007199254740993', _index: 0, name: 'vip', _observed_at: observed });
  const sealed = await draft.seal({ tables, stateBefore: {}, stateAfter: { calls: { frontier: 5 } } });

  const session = await duckdb({ path: join(folder, 'a.duckdb') }).open({});
  expect((await session.recall('main')).known).toBe(false);
  const lease = await session.claim('main', thisProcess('1.0.0'));
  const receipt = await session.load(sealed, lease);
  expect(receipt.tables).toEqual({ calls: { received: 1, written: 1, older: 0 }, calls__tags: { received: 1, written: 1, older: 0 } });
  expect(await session.load(sealed, lease)).toEqual(receipt);
  const recalled = await session.recall('main');
  expect(recalled).toMatchObject({ known: true, states: { calls: { frontier: 5 } }, lastPackage: { sequence: 1 }, damage: [] });
  const result = await session.query(
    'SELECT c.id, c._observed_at, t.name FROM live_calls c JOIN live_calls__tags t ON t._parent_id = c.id',
  );
  const rows = [];
  for await (const row of result.rows) rows.push(row);
  expect(rows).toEqual([[9007199254740993n, observed, 'vip']]);
  const keys = [];
  for await (const key of session.liveKeys('calls')) keys.push(key);
  expect(keys).toEqual(['9007199254740993']);
  await session.release(lease);
  await packages.done(sealed, receipt);
  expect(await packages.pending()).toEqual([]);
});
