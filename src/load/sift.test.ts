import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { calls } from './conformance/tables.conformance.ts';
import type { Capabilities } from './destination.ts';
import { misfit } from './fit.ts';
import { verifyPackage } from './manifest.ts';
import { openPackages } from './package-store.ts';
import { siftPackage } from './sift.ts';

const limits: Capabilities = { commitClass: 'A', identifierLength: 63, textLength: 10, refusedCharacters: ['\0'] };
const moment = '2026-10-01T08:00:00.000001Z';

test.each([
  ['bigint', ['9223372036854775807', '-9223372036854775808', 5, -0, 2 ** 53 - 1], ['9223372036854775808', 2 ** 53, 1.5, 'x', '', true, []]],
  ['integer', [2_147_483_647, -2_147_483_648, '12'], [2_147_483_648, 0.5, 'null']],
  ['double', [0.1, -1e308, 7], ['0.1', true, {}]],
  ['boolean', [true, false], ['true', 0, 1, 'yes']],
  [
    'timestamp',
    [moment, '2024-02-29T00:00:00Z', '0001-01-01T00:00:00Z', '9999-12-31T23:59:59.999999Z', '2026-10-01T08:00:00+02:00'],
    ['2026-02-29T00:00:00Z', '2026-10-01', '2026-13-01T00:00:00Z', '2026-10-01T24:00:00Z', 1_790_000_000, 'now'],
  ],
  ['text', ['', 'short', 'éééé', '😀'], ['half \ud800', 'with \0', '12345678901', 'ééééééé', 5]],
  ['json', [1, 'a', [null, { a: ['b'] }]], [{ a: 'half \ud800' }, { 'half \ud800': 1 }, ['\0']]],
] as const)('what fits a %s column and what does not', (type, fitting, odd) => {
  for (const value of [...fitting, null]) expect([value, misfit(value, type, limits)]).toEqual([value, null]);
  for (const value of odd) expect(misfit(value, type, limits)).toEqual(expect.any(String));
});

test('good lines pass as they are; bad values and bad lines go to quarantine with their reason', async () => {
  const home = mkdtempSync(join(tmpdir(), 'trunkline-sift-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const packages = await openPackages({ home, pipeline: 'main' });
  const draft = await packages.draft({ sequence: 1, source: 'api' });
  const good = `{ "id": 1, "raw": {"long": 12345678901234567890, "one": 1.0}, "_observed_at": "${moment}" }`;
  await draft.appendLines('calls', `${good}\n`, 1);
  await draft.appendLines(
    'calls',
    `{"id":2,"raw":{"long":12345678901234567890},"duration":"x","note":"\u2028","_observed_at":"${moment}"}\n`,
    1,
  );
  await draft.appendLines('calls', `{"id":3\n[]\n{"id":4}\n`, 3);
  await draft.delete({ table: 'calls', key: '5', deletedAt: 'once', observedAt: moment, mode: 'mark' });
  const sealed = await draft.seal({ tables: calls, stateBefore: {}, stateAfter: {} });

  const sifted = await siftPackage(sealed, limits);
  await verifyPackage(sifted.sealed);
  expect(sifted.found).toBe(5);
  const read = (kind: string) =>
    sifted.sealed.manifest.files
      .filter((file) => file.kind === kind)
      .flatMap((file) => readFileSync(join(sealed.folder, file.path), 'utf8').split('\n').slice(0, -1));
  expect(read('rows')).toEqual([
    good,
    `{"id":2,"raw":{"long":12345678901234567890},"duration":null,"note":"\u2028","_observed_at":"${moment}"}`,
  ]);
  expect(read('deletions')).toEqual([]);
  expect(read('quarantine').map((line) => JSON.parse(line) as unknown)).toEqual([
    { table: 'calls', key: '2', column: 'duration', reason: 'not a whole number', value: '"x"' },
    { table: 'calls', key: null, column: null, reason: 'the line is not a JSON object', value: '"{\\"id\\":3"' },
    { table: 'calls', key: null, column: null, reason: 'the line is not a JSON object', value: '"[]"' },
    { table: 'calls', key: null, column: null, reason: '_observed_at: missing', value: '"{\\"id\\":4}"' },
    expect.objectContaining({ table: 'deletions', reason: 'a moment is missing or wrong' }),
  ]);
  await sifted.remove();
  await verifyPackage(sealed);
});
