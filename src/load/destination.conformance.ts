// What every destination must do. A destination's own test file calls `testDestination` with a way to make empty places.
//
// The items are those of a loading tool's contract: types and text, names, merging, children, patches, deletions, the
// commit and every way to break it, changes of shape, recall. Two things are not part of this interface and so not here:
// tables that only ever grow, and tables that keep every version of a row.
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Clock, systemClock } from '../base/index.ts';
import type { TableSet } from '../rows/index.ts';
import { Bench, expectLikeModel, type MakePlace, type Place, rowsOf, temporaryFolder } from './conformance/bench.conformance.ts';
import { contentOf, drawFrom, seal } from './conformance/content.conformance.ts';
import { boundaries, type Orders } from './conformance/kill-child.conformance.ts';
import { type Content, MergeModel } from './conformance/merge-model.conformance.ts';
import { type Compiled, compile, exitOf } from './conformance/other-process.conformance.ts';
import { at, calls, dayOfTests, table, users } from './conformance/tables.conformance.ts';
import { openPackages } from './package-store.ts';
import { thisProcess } from './process-identity.ts';

const killChild = fileURLToPath(new URL('conformance/kill-child.conformance.ts', import.meta.url));
const testTables = fileURLToPath(new URL('conformance/tables.conformance.ts', import.meta.url));

export type ConformanceOptions = {
  /** A source file that exports `open(argument, options): Destination`, for other processes. */
  readonly elsewhere: string;
  /** How thorough: `quick` for every change, `long` for hundreds of kills and thousands of packages. */
  readonly length: 'quick' | 'long';
};

export function testDestination(makePlace: MakePlace, options: ConformanceOptions): void {
  const many = (quick: number, long: number) => (options.length === 'quick' ? quick : long);
  const call = (id: number | string, observed: number, values: object = {}) => ({
    id,
    status: 'done',
    ...values,
    _observed_at: at(observed),
  });

  describe('types and text', () => {
    test('every type keeps its least and greatest values and null', async () => {
      const bench = await Bench.open(await makePlace());
      const row = (id: string, values: object) => ({ id, _observed_at: at(1), ...values });
      await bench.load({
        tables: calls,
        rows: {
          calls: [
            row('-9223372036854775808', {
              duration: -2147483648,
              score: -1.7976931348623157e308,
              archived: false,
              started_at: '1901-02-03T04:05:06.000007Z',
            }),
            row('9007199254740993', { duration: 0, score: 5e-324, archived: true, started_at: '2026-10-01T08:00:00.123456Z' }),
            row('9223372036854775807', { duration: 2147483647, score: 0.1, archived: true, started_at: '9999-12-31T23:59:59.999999Z' }),
            row('1', { duration: null, score: null, archived: null, started_at: null, note: null, raw: null, status: null }),
          ],
        },
      });
      expect(await bench.rows('SELECT id, duration, score, archived, started_at, note, raw FROM calls ORDER BY id')).toEqual([
        [-9223372036854775808n, -2147483648, -1.7976931348623157e308, false, '1901-02-03T04:05:06.000007Z', null, null],
        [1n, null, null, null, null, null, null],
        [9007199254740993n, 0, 5e-324, true, '2026-10-01T08:00:00.123456Z', null, null],
        [9223372036854775807n, 2147483647, 0.1, true, '9999-12-31T23:59:59.999999Z', null, null],
      ]);
    });

    test('text arrives as it was sent', async () => {
      const bench = await Bench.open(await makePlace());
      const texts = [
        '', ' ', 'NULL', '\\N', 'null', "it's", '"quoted"', 'back\\slash', '%s {} :x $1 ? ; --', 'tab\tline\nreturn\rfeed\f', '😀 e\u0301 \u200d\u200b',
        'שלום עולם', '\u202eright-to-left', 'a \ufeff mark', '\u2028\u2029', '{"json": 1}', '[1', '1e5', 'true', '2026-01-01', 'x'.repeat(1_000_000),
      ]; // prettier-ignore
      await bench.load({ tables: calls, rows: { calls: texts.map((note, id) => call(id, 1, { note, raw: { note } })) } });
      const rows = await bench.rows('SELECT note, raw FROM calls ORDER BY id');
      expect(rows.map(([note]) => note)).toEqual(texts);
      expect(rows.map(([, raw]) => (raw as { note: string }).note)).toEqual(texts);
    });

    test('a NUL character arrives, or is a character the destination says it refuses', async () => {
      const place = await makePlace();
      if (place.destination().capabilities.refusedCharacters.includes('\0')) return;
      const bench = await Bench.open(place);
      await bench.load({ tables: calls, rows: { calls: [call(1, 1, { note: 'a\0b', raw: { note: 'a\0b' } })] } });
      expect(await bench.rows('SELECT note, raw FROM calls')).toEqual([['a\0b', { note: 'a\0b' }]]);
    });

    test('nested JSON keeps its order, nulls, long integers and depth', async () => {
      const bench = await Bench.open(await makePlace());
      const raw = { z: 1, a: [null, { deep: [[[{ x: 'é' }]]] }], big: 'y'.repeat(100_000), empty: {}, none: [] };
      const packages = bench.packages;
      const draft = await packages.draft({ sequence: 1, source: 'api' });
      await draft.appendLines('calls', `{"id":1,"raw":${JSON.stringify(raw)},"_observed_at":"${at(1)}"}\n`, 1);
      await draft.appendLines('calls', `{"id":2,"raw":{"long":12345678901234567890},"_observed_at":"${at(1)}"}\n`, 1);
      await bench.session.load(await draft.seal({ tables: calls, stateBefore: {}, stateAfter: {} }), bench.lease);
      const rows = await bench.rows('SELECT raw FROM calls ORDER BY id');
      expect(JSON.stringify(rows[0]?.[0])).toBe(JSON.stringify(raw));
      expect(rows[1]?.[0]).toEqual({ long: 12345678901234567890n });
    });
  });

  describe('names', () => {
    test('reserved and long names are only names', async () => {
      const bench = await Bench.open(await makePlace());
      const long = `field_${'x'.repeat(50)}`;
      const tables: TableSet = { order: table('order', { id: 'bigint', select: 'text', group: 'text', [long]: 'text' }) };
      await bench.load({ tables, rows: { order: [{ id: 1, select: 'a', group: 'b', [long]: 'c', _observed_at: at(1) }] } });
      expect(await bench.rows(`SELECT "select", "group", "${long}" FROM "order"`)).toEqual([['a', 'b', 'c']]);
    });
  });

  describe('merging rows', () => {
    test('a newer observation replaces the row, and a missing field becomes null', async () => {
      const bench = await Bench.open(await makePlace());
      await bench.load({ tables: calls, rows: { calls: [call(1, 1, { note: 'old', duration: 5 }), call(2, 1)] } });
      const receipt = await bench.load({ tables: calls, rows: { calls: [call(1, 2, { note: 'new' }), call(3, 2)] } });
      expect(receipt.tables['calls']).toEqual({ received: 2, written: 2, older: 0 });
      expect(await bench.rows('SELECT id, note, duration FROM calls ORDER BY id')).toEqual([
        [1n, 'new', null],
        [2n, null, null],
        [3n, null, null],
      ]);
    });

    test('of two lines of one package the newer wins, whatever their order', async () => {
      const bench = await Bench.open(await makePlace());
      const receipt = await bench.load({
        tables: calls,
        rows: {
          calls: [call(1, 3, { note: 'third' }), call(1, 1, { note: 'first' }), call(1, 2, { note: 'second' })],
          calls__tags: [
            { _parent_id: 1, _index: 0, name: 'of the first', _observed_at: at(1) },
            { _parent_id: 1, _index: 0, name: 'of the third', _observed_at: at(3) },
          ],
        },
      });
      expect(receipt.tables['calls']).toEqual({ received: 3, written: 1, older: 2 });
      expect(await bench.rows('SELECT note FROM calls')).toEqual([['third']]);
      expect(await bench.rows('SELECT name FROM calls__tags')).toEqual([['of the third']]);
    });

    test('a line that comes twice is one row, with its children once', async () => {
      const bench = await Bench.open(await makePlace());
      const tag = { _parent_id: 1, _index: 0, name: 'vip', _observed_at: at(1) };
      await bench.load({ tables: calls, rows: { calls: [call(1, 1), call(1, 1), call(2, 1)], calls__tags: [tag, tag] } });
      expect(await bench.rows('SELECT id FROM calls ORDER BY id')).toEqual([[1n], [2n]]);
      expect(await bench.rows('SELECT name FROM calls__tags')).toEqual([['vip']]);
    });

    test('an older observation that arrives later is counted and changes nothing, children included', async () => {
      const bench = await Bench.open(await makePlace());
      const tag = (name: string, observed: number) => ({ _parent_id: 1, _index: 0, name, _observed_at: at(observed) });
      await bench.load({ tables: calls, rows: { calls: [call(1, 5, { note: 'new' })], calls__tags: [tag('new', 5)] } });
      const receipt = await bench.load({ tables: calls, rows: { calls: [call(1, 4, { note: 'old' })], calls__tags: [tag('old', 4)] } });
      expect(receipt.tables).toEqual({ calls: { received: 1, written: 0, older: 1 }, calls__tags: { received: 1, written: 0, older: 1 } });
      expect(await bench.rows('SELECT note, name FROM calls JOIN calls__tags ON _parent_id = calls.id')).toEqual([['new', 'new']]);
    });

    test('the package that wrote a row is named in it', async () => {
      const bench = await Bench.open(await makePlace());
      const first = await bench.load({ tables: calls, rows: { calls: [call(1, 1), call(2, 1)] } });
      const second = await bench.load({ tables: calls, rows: { calls: [call(2, 2)] } });
      expect(await bench.rows('SELECT _load_id FROM calls ORDER BY id')).toEqual([[first.packageId], [second.packageId]]);
    });
  });

  describe('children', () => {
    const tags = (id: number, observed: number, ...names: string[]) =>
      names.map((name, index) => ({ _parent_id: id, _index: index, name, _observed_at: at(observed) }));
    const hint = (id: number, parent: number, value: string, observed: number) => ({
      _parent_id: id,
      _parent_index: parent,
      _index: 0,
      value,
      _observed_at: at(observed),
    });

    test('lists shrink, grow and become empty on every level', async () => {
      const bench = await Bench.open(await makePlace());
      await bench.load({
        tables: calls,
        rows: {
          calls: [call(1, 1), call(2, 1)],
          calls__tags: [...tags(1, 1, 'a', 'b'), ...tags(2, 1, 'x')],
          calls__tags__hints: [hint(1, 0, 'h', 1), hint(2, 0, 'i', 1)],
        },
      });
      await bench.load({
        tables: calls,
        rows: { calls: [call(1, 2)], calls__tags: tags(1, 2, 'b', 'c', 'd'), calls__tags__hints: [hint(1, 2, 'j', 2)] },
      });
      expect(await bench.rows('SELECT _parent_id, _index, name FROM calls__tags ORDER BY ALL')).toEqual([
        [1n, 0, 'b'],
        [1n, 1, 'c'],
        [1n, 2, 'd'],
        [2n, 0, 'x'],
      ]);
      expect(await bench.rows('SELECT _parent_id, _parent_index, value FROM calls__tags__hints ORDER BY ALL')).toEqual([
        [1n, 2, 'j'],
        [2n, 0, 'i'],
      ]);
      await bench.load({ tables: calls, rows: { calls: [call(1, 3)] } });
      expect(await bench.rows('SELECT name FROM calls__tags')).toEqual([['x']]);
      expect(await bench.rows('SELECT value FROM calls__tags__hints')).toEqual([['i']]);
    });

    test('views of what lives leave out deleted parents and their children', async () => {
      const bench = await Bench.open(await makePlace());
      await bench.load({ tables: calls, rows: { calls: [call(1, 1), call(2, 1)], calls__tags: [...tags(1, 1, 'a'), ...tags(2, 1, 'b')] } });
      await bench.load({ tables: calls, deletions: [{ table: 'calls', key: '1', deletedAt: at(2), observedAt: at(2), mode: 'mark' }] });
      expect(await bench.rows('SELECT id FROM live_calls')).toEqual([[2n]]);
      expect(await bench.rows('SELECT name FROM live_calls__tags')).toEqual([['b']]);
      expect(await bench.rows('SELECT count(*) FROM calls__tags')).toEqual([[2n]]);
    });
  });

  describe('patches', () => {
    const patch = (id: number, event: number, row: object, children: object = {}) => ({
      row: { id, ...row },
      children: children as Record<string, object[]>,
      eventAt: at(event),
    });
    const patched = (...patches: ReturnType<typeof patch>[]): Content => ({ tables: calls, patches: { calls: patches as never } });

    test('an event changes the columns it carries and sets null only where it says so', async () => {
      const bench = await Bench.open(await makePlace());
      await bench.load({
        tables: calls,
        rows: {
          calls: [call(1, 1, { note: 'kept', duration: 5, status: 'initial' })],
          calls__tags: [{ _parent_id: 1, _index: 0, name: 'kept', _observed_at: at(1) }],
        },
      });
      const receipt = await bench.load(patched(patch(1, 2, { status: 'answered', duration: null })));
      expect(receipt.tables['calls']).toEqual({ received: 1, written: 1, older: 0 });
      expect(await bench.rows('SELECT status, note, duration, _event_at, _observed_at FROM calls')).toEqual([
        ['answered', 'kept', null, at(2), at(1)],
      ]);
      expect(await bench.rows('SELECT name FROM calls__tags')).toEqual([['kept']]);
    });

    test('an event replaces the child tables it carries and no others', async () => {
      const bench = await Bench.open(await makePlace());
      const rows = {
        calls: [call(1, 1)],
        calls__tags: [
          { _parent_id: 1, _index: 0, name: 'old', _observed_at: at(1) },
          { _parent_id: 1, _index: 1, name: 'older', _observed_at: at(1) },
        ],
        calls__tags__hints: [{ _parent_id: 1, _parent_index: 0, _index: 0, value: 'kept', _observed_at: at(1) }],
      };
      await bench.load({ tables: calls, rows });
      await bench.load(patched(patch(1, 2, {}, { calls__tags: [{ _index: 0, id: '9007199254740993', name: 'new' }] })));
      expect(await bench.rows('SELECT id, name FROM calls__tags')).toEqual([[9007199254740993n, 'new']]);
      expect(await bench.rows('SELECT value FROM calls__tags__hints')).toEqual([['kept']]);
      await bench.load(patched(patch(1, 3, {}, { calls__tags: [] })));
      expect(await bench.rows('SELECT count(*) FROM calls__tags')).toEqual([[0n]]);
    });

    test('a column with an order never goes back, whichever event comes first', async () => {
      const bench = await Bench.open(await makePlace());
      await bench.load({ tables: calls, rows: { calls: [call(1, 1, { status: 'answered' }), call(2, 1, { status: 'initial' })] } });
      await bench.load(
        patched(
          patch(1, 5, { status: 'initial', note: 'late news' }),
          patch(2, 5, { status: 'done' }),
          patch(2, 6, { status: 'answered' }),
        ),
      );
      expect(await bench.rows('SELECT status, note FROM calls ORDER BY id')).toEqual([
        ['answered', 'late news'],
        ['done', null],
      ]);
    });

    test('an event older than one that named the same column loses that column only', async () => {
      const bench = await Bench.open(await makePlace());
      await bench.load({ tables: calls, rows: { calls: [call(1, 1)] } });
      await bench.load(patched(patch(1, 5, { note: 'newer' })));
      await bench.load(patched(patch(1, 4, { note: 'older', duration: 7 })));
      expect(await bench.rows('SELECT note, duration, _event_at FROM calls')).toEqual([['newer', 7, at(5)]]);
    });

    test('an event of an unknown key makes a partial row, which a listing completes', async () => {
      const bench = await Bench.open(await makePlace());
      await bench.load(patched(patch(7, 5, { note: 'from the event' })));
      expect(await bench.rows('SELECT id, note, _observed_at FROM calls')).toEqual([[7n, 'from the event', null]]);
      await bench.load({ tables: calls, rows: { calls: [call(7, 3, { note: 'from before', duration: 9 })] } });
      expect(await bench.rows('SELECT note, duration, _observed_at, _event_at FROM calls')).toEqual([['from the event', 9, at(3), at(5)]]);
    });

    test('a row asked for after the event wins whole; one asked for before fills only what no event named', async () => {
      const bench = await Bench.open(await makePlace());
      const tag = (name: string, observed: number) => ({ _parent_id: 1, _index: 0, name, _observed_at: at(observed) });
      await bench.load({ tables: calls, rows: { calls: [call(1, 1)], calls__tags: [tag('first', 1)] } });
      await bench.load(patched(patch(1, 5, { note: 'event' }, { calls__tags: [{ _index: 0, name: 'event' }] })));
      await bench.load({ tables: calls, rows: { calls: [call(1, 4, { note: 'before', duration: 4 })], calls__tags: [tag('before', 4)] } });
      expect(await bench.rows('SELECT note, duration, name FROM calls JOIN calls__tags ON _parent_id = calls.id')).toEqual([
        ['event', 4, 'event'],
      ]);
      await bench.load({ tables: calls, rows: { calls: [call(1, 6, { note: 'after' })], calls__tags: [tag('after', 6)] } });
      expect(await bench.rows('SELECT note, duration, name FROM calls JOIN calls__tags ON _parent_id = calls.id')).toEqual([
        ['after', null, 'after'],
      ]);
      await bench.load(patched(patch(1, 5, { note: 'event again' })));
      expect(await bench.rows('SELECT note FROM calls')).toEqual([['after']]);
    });
  });

  describe('lasting lists', () => {
    const choices = table(
      'calls__choices',
      { title: 'text' },
      { parent: 'calls', key: ['_parent_id', '_index'], path: ['choices'], lasting: true },
    );
    const hints = table(
      'calls__choices__hints',
      { value: 'text' },
      { parent: 'calls__choices', key: ['_parent_id', '_parent_index', '_index'], path: ['choices', 'hints'] },
    );
    const tables: TableSet = { ...calls, [choices.name]: choices, [hints.name]: hints };
    const choice = (id: number, index: number, title: string, observed: number) => ({
      _parent_id: id,
      _index: index,
      title,
      _observed_at: at(observed),
    });

    test('rows of a list that a later row does not bring stay, with what is below them; a list that comes is replaced whole', async () => {
      const bench = await Bench.open(await makePlace());
      const hint = { _parent_id: 1, _parent_index: 0, _index: 0, value: 'below', _observed_at: at(1) };
      await bench.load({
        tables,
        rows: {
          calls: [call(1, 1), call(2, 1)],
          [choices.name]: [choice(1, 0, 'sales', 1), choice(1, 1, 'support', 1), choice(2, 0, 'other', 1)],
          [hints.name]: [hint],
        },
      });
      await bench.load({ tables, rows: { calls: [call(1, 2, { note: 'no list any more' })] } });
      expect(await bench.rows('SELECT _parent_id, title FROM calls__choices ORDER BY ALL')).toEqual([
        [1n, 'sales'],
        [1n, 'support'],
        [2n, 'other'],
      ]);
      expect(await bench.rows('SELECT value FROM calls__choices__hints')).toEqual([['below']]);
      await bench.load({ tables, rows: { calls: [call(1, 3), call(2, 3)], [choices.name]: [choice(1, 0, 'sales again', 3)] } });
      expect(await bench.rows('SELECT _parent_id, title FROM calls__choices ORDER BY ALL')).toEqual([
        [1n, 'sales again'],
        [2n, 'other'],
      ]);
      expect(await bench.rows('SELECT count(*) FROM calls__choices__hints')).toEqual([[0n]]);
    });
  });

  describe('deletions', () => {
    const gone = (id: number, observed: number, mode: 'mark' | 'remove'): Content => ({
      tables: calls,
      deletions: [{ table: 'calls', key: String(id), deletedAt: at(observed), observedAt: at(observed), mode }],
    });
    const withTag = (id: number, observed: number): Content => ({
      tables: calls,
      rows: { calls: [call(id, observed)], calls__tags: [{ _parent_id: id, _index: 0, name: 'x', _observed_at: at(observed) }] },
    });

    test('a marked row stays with its children, and lives again when it is seen again', async () => {
      const bench = await Bench.open(await makePlace());
      await bench.load(withTag(1, 1));
      expect((await bench.load(gone(1, 2, 'mark'))).deleted).toBe(1);
      expect(await bench.rows('SELECT _deleted_at, name FROM calls JOIN calls__tags ON _parent_id = calls.id')).toEqual([[at(2), 'x']]);
      await bench.load(withTag(1, 3));
      expect(await bench.rows('SELECT _deleted_at FROM calls')).toEqual([[null]]);
    });

    test('a removed row goes with its children and with what events named', async () => {
      const bench = await Bench.open(await makePlace());
      await bench.load(withTag(1, 1));
      await bench.load({ tables: calls, patches: { calls: [{ row: { id: 1, note: 'event' }, children: {}, eventAt: at(2) }] } });
      expect((await bench.load(gone(1, 3, 'remove'))).deleted).toBe(1);
      expect(await bench.rows('SELECT (SELECT count(*) FROM calls), (SELECT count(*) FROM calls__tags)')).toEqual([[0n, 0n]]);
      await bench.load(withTag(1, 4));
      expect(await bench.rows('SELECT note FROM calls')).toEqual([[null]]);
    });

    test.each(['mark', 'remove'] as const)(
      'a row observed after the absence stays, one observed before does not come back (%s)',
      async (mode) => {
        const bench = await Bench.open(await makePlace());
        await bench.load(withTag(1, 5));
        expect((await bench.load(gone(1, 4, mode))).deleted).toBe(0);
        expect(await bench.rows('SELECT count(*) FROM live_calls')).toEqual([[1n]]);
        await bench.load(gone(1, 8, mode));
        await bench.load(withTag(1, 7));
        await bench.load(gone(2, 8, mode));
        await bench.load(gone(2, 3, mode));
        await bench.load(withTag(2, 7));
        expect(await bench.rows('SELECT id FROM live_calls')).toEqual([]);
      },
    );

    test('the keys of living rows can be listed, also those of a span of time', async () => {
      const bench = await Bench.open(await makePlace());
      const rows = [1, 2, 3, 4].map((id) => call(id, 1, { started_at: at(id * 10) }));
      await bench.load({
        tables: calls,
        rows: { calls: rows },
        deletions: [{ table: 'calls', key: '2', deletedAt: at(2), observedAt: at(2), mode: 'mark' }],
      });
      const keys = async (between?: { column: string; from: string; to: string }) =>
        (await all(bench.session.liveKeys('calls', between))).toSorted();
      expect(await keys()).toEqual(['1', '3', '4']);
      expect(await keys({ column: 'started_at', from: at(20), to: at(30) })).toEqual(['3']);
      expect(await all(bench.session.liveKeys('nothing_like_it'))).toEqual([]);
    });
  });

  describe('the commit', () => {
    test('random packages in random order leave what a simple model says', async () => {
      const walk = fc.record({
        seed: fc.nat(),
        packages: fc.integer({ min: 1, max: many(5, 30) }),
        keys: fc.integer({ min: 1, max: 6 }),
        lines: fc.integer({ min: 1, max: 25 }),
      });
      await fc.assert(
        fc.asyncProperty(walk, async ({ seed, packages, keys, lines }) => {
          const bench = await Bench.open(await makePlace());
          const model = new MergeModel();
          for (let sequence = 1; sequence <= packages; sequence += 1) {
            const content = contentOf(drawFrom(seed + sequence), sequence, { keys, lines });
            model.apply(content, (await bench.load(content)).packageId);
          }
          await expectLikeModel(bench.session, model, { ...calls, ...users });
        }),
        { numRuns: many(8, 150) },
      );
    });

    test('a sealed package loads once, also when it is loaded twice at the same time', async () => {
      const place = await makePlace();
      const bench = await Bench.open(place);
      const sealed = await bench.seal({ tables: calls, rows: { calls: [call(1, 1), call(2, 1)] } });
      const other = await place.destination().open({});
      const [first, second] = await Promise.all([bench.session.load(sealed, bench.lease), other.load(sealed, bench.lease)]);
      expect(second).toEqual(first);
      expect(await bench.session.load(sealed, bench.lease)).toEqual(first);
      expect(await bench.rows('SELECT count(*) FROM calls')).toEqual([[2n]]);
      expect(await bench.rows('SELECT count(*) FROM _trunkline_loads')).toEqual([[1n]]);
    });

    test('when one table of a package cannot be loaded, nothing of the package is there', async () => {
      const place = await makePlace();
      const bench = await Bench.open(place);
      await bench.load({
        tables: { ...calls, ...users },
        rows: { calls: [call(1, 1)], users: [{ id: 1, name: 'a', _observed_at: at(1) }] },
        state: { n: 1 },
      });
      await place.byHand(`ALTER TABLE ${place.named('users')} ALTER COLUMN name TYPE DATE USING NULL`);
      const before = await bench.dump(calls);
      const next: Content = {
        tables: { ...calls, ...users },
        rows: { calls: [call(2, 2)], users: [{ id: 2, name: 'b', _observed_at: at(2) }] },
        state: { n: 2 },
      };
      await expect(bench.load(next)).rejects.toMatchObject({ code: 'altered_table', table: 'users', column: 'name' });
      expect(await bench.dump(calls)).toEqual(before);
      expect((await bench.session.recall('main')).states).toEqual({ calls: { n: 1 } });
    });

    test('a reader never sees an empty table or a state that its rows do not imply', async () => {
      const place = await makePlace();
      const bench = await Bench.open(place);
      const content = (n: number): Content => ({
        tables: calls,
        rows: { calls: Array.from({ length: 20 }, (_unused, id) => call(id, n, { duration: n })) },
        state: { n },
      });
      await bench.load(content(1));
      const reader = await place.destination().open({});
      let loading = true;
      const seen = new Set<number>();
      const watching = (async () => {
        while (loading) {
          const [row] = await rowsOf(
            reader,
            "SELECT count(*), min(duration), max(duration), (SELECT max(state->>'n') FROM _trunkline_state) FROM calls",
          );
          expect(row).toEqual([20n, row?.[1], row?.[1], String(row?.[1])]);
          seen.add(Number(row?.[1]));
        }
      })();
      for (let n = 2; n <= many(8, 60); n += 1) await bench.load(content(n));
      loading = false;
      await watching;
      expect(seen.size).toBeGreaterThan(1);
    });

    test('nothing but our tables is left behind, by success or failure', async () => {
      const place = await makePlace();
      const bench = await Bench.open(place);
      await bench.load({ tables: calls, rows: { calls: [call(1, 1)] } });
      await place.byHand(`ALTER TABLE ${place.named('calls')} ALTER COLUMN archived TYPE DATE USING NULL`);
      await expect(bench.load({ tables: calls, rows: { calls: [call(1, 2)] } })).rejects.toThrow();
      const names = await bench.rows('SELECT table_name FROM information_schema.tables ORDER BY 1');
      const ours = ['calls', 'calls__tags', 'calls__tags__hints', 'live_calls', 'live_calls__tags', 'live_calls__tags__hints'];
      const books = [
        '_trunkline_lease',
        '_trunkline_loads',
        '_trunkline_patches',
        '_trunkline_quarantine',
        '_trunkline_schema',
        '_trunkline_state',
      ];
      expect(names.flat()).toEqual([...books, ...ours].toSorted());
    });

    test('a load that is called off leaves everything as it was, and the package loads later', async () => {
      const place = await makePlace();
      const calling = new AbortController();
      const bench = await Bench.open(place, { signal: calling.signal, onStep: ({ step }) => step === 'merging' && calling.abort() });
      const sealed = await bench.seal({ tables: calls, rows: { calls: [call(1, 1)] } });
      await expect(bench.session.load(sealed, bench.lease)).rejects.toMatchObject({ code: 'interrupted' });
      const later = await place.destination().open({});
      expect((await later.recall('main')).lastPackage).toBeNull();
      await later.load(sealed, bench.lease);
      expect(await rowsOf(later, 'SELECT count(*) FROM calls')).toEqual([[1n]]);
    });

    test('a package out of its turn is refused by number', async () => {
      const bench = await Bench.open(await makePlace());
      const first = await bench.seal({ tables: calls, rows: { calls: [call(1, 1)] } });
      const second = await bench.seal({ tables: calls, rows: { calls: [call(2, 2)] } });
      await expect(bench.session.load(second, bench.lease)).rejects.toMatchObject({ code: 'package_order' });
      await bench.session.load(first, bench.lease);
      await bench.session.load(second, bench.lease);
    });

    test('a file that changed since it was sealed is refused by name', async () => {
      const bench = await Bench.open(await makePlace());
      const sealed = await bench.seal({ tables: calls, rows: { calls: [call(1, 1)] } });
      await writeFile(join(sealed.folder, 'rows/calls.0001.ndjson'), `${JSON.stringify(call(2, 1))}\n`);
      await expect(bench.session.load(sealed, bench.lease)).rejects.toMatchObject({ code: 'package_damaged' });
      await rm(join(sealed.folder, 'rows/calls.0001.ndjson'));
      await expect(bench.session.load(sealed, bench.lease)).rejects.toThrow('rows/calls.0001.ndjson is missing');
    });
  });

  describe('one writer', () => {
    const holder = (run: string) => ({ ...thisProcess('1.0.0'), run });

    test('a second writer is refused and told who the first one is', async () => {
      const place = await makePlace();
      const bench = await Bench.open(place);
      const other = await place.destination({ clock: dayOfTests }).open({});
      await expect(other.claim('main', holder('other'))).rejects.toMatchObject({
        code: 'lease_held',
        retryable: true,
        message: expect.stringContaining(String(process.pid)) as string,
      });
      await expect(other.claim('another pipeline', holder('other'))).resolves.toMatchObject({ pipeline: 'another pipeline' });
      await bench.session.release(bench.lease);
      await expect(other.claim('main', holder('other'))).resolves.toMatchObject({ fence: bench.lease.fence + 1 });
    });

    test('a writer whose lease ran out goes on while nobody took it, and no longer when somebody did', async () => {
      const place = await makePlace();
      const clock = movable();
      const bench = await Bench.open(place, { clock, leaseMs: 60_000 });
      const first = await bench.seal({ tables: calls, rows: { calls: [call(1, 1)] } });
      const second = await bench.seal({ tables: calls, rows: { calls: [call(2, 1)] } });
      clock.advance(600_000);
      await bench.session.load(first, bench.lease);
      const renewed = await bench.session.renew(bench.lease);
      expect(Date.parse(renewed.expiresAt)).toBe(clock.now() + 60_000);
      clock.advance(600_000);
      const other = await place.destination({ clock }).open({});
      await other.claim('main', { ...holder('other'), host: 'elsewhere.example.com' });
      await expect(bench.session.load(second, bench.lease)).rejects.toMatchObject({
        code: 'lease_lost',
        retryable: false,
        message: expect.stringContaining('elsewhere.example.com') as string,
      });
      await expect(bench.session.renew(bench.lease)).rejects.toMatchObject({ code: 'lease_lost' });
      await bench.session.release(bench.lease);
      expect(await bench.rows('SELECT id FROM calls')).toEqual([[1n]]);
      await expect(bench.session.claim('main', holder('third'))).rejects.toMatchObject({
        code: 'lease_held',
        until: expect.any(String) as string,
      });
    });

    test('a clock that is set back does not keep the lease of a machine that is gone', async () => {
      const place = await makePlace();
      const clock = movable();
      const session = await place.destination({ clock, leaseMs: 60_000 }).open({});
      await session.claim('main', { ...holder('gone'), host: 'elsewhere.example.com' });
      await expect(session.claim('main', holder('next'))).rejects.toMatchObject({ code: 'lease_held' });
      clock.advance(-86_400_000);
      await expect(session.claim('main', holder('next'))).resolves.toMatchObject({ fence: 2 });
      // That of a process which is seen to live is still respected.
      clock.advance(-86_400_000);
      await expect(session.claim('main', holder('last'))).rejects.toMatchObject({ code: 'lease_held' });
    });

    test('the lease of a process that has ended on this machine is taken over at once', async () => {
      const place = await makePlace();
      const session = await place.destination().open({});
      await session.claim('main', { ...holder('dead'), startedAt: 'before the last boot' });
      await expect(session.claim('main', holder('living'))).resolves.toMatchObject({ fence: 2 });
    });
  });

  describe('killed', () => {
    let compiled: Compiled;
    beforeAll(() => {
      compiled = compile([killChild, options.elsewhere]);
    });
    afterAll(() => compiled.remove());

    const run = (place: Place, orders: Orders) => {
      const child = compiled.urlOf(killChild);
      return compiled.start(
        `import { dayOfTests } from ${JSON.stringify(compiled.urlOf(testTables))};
         import { runOrders } from ${JSON.stringify(child)}; import { open } from ${JSON.stringify(compiled.urlOf(options.elsewhere))};
         await runOrders(${JSON.stringify(orders)}, open(${JSON.stringify(place.elsewhere)}, { clock: dayOfTests }));`,
      );
    };

    test('at every boundary a package is there whole or not at all, and the next start goes on', async () => {
      const place = await makePlace();
      const orders = { home: await temporaryFolder(), seed: 11, sizes: { keys: 5, lines: 20 } };
      // Each process goes on where the one before it was killed, and is killed at the next boundary itself.
      for (const [at, boundary] of boundaries.entries()) {
        const sequence = at + 1;
        const exit = await exitOf(run(place, { ...orders, until: sequence, killAt: { sequence, boundary } }));
        expect(exit).toEqual({ code: null, signal: 'SIGKILL', output: '' });
        expect(await expectWholePackages(place, orders)).toBe(
          ['committed', 'settled', 'done'].includes(boundary) ? sequence : sequence - 1,
        );
      }
      const exit = await exitOf(run(place, { ...orders, until: boundaries.length, killAt: null }));
      expect(exit).toEqual({ code: 0, signal: null, output: '' });
      expect(await expectWholePackages(place, orders)).toBe(boundaries.length);
      const packages = await openPackages({ home: orders.home, pipeline: 'main' });
      expect(await packages.pending()).toEqual([]);
      expect(await packages.receipts()).toHaveLength(boundaries.length);
    });

    test('at any instant a package is there whole or not at all', async () => {
      const place = await makePlace();
      const orders = { home: await temporaryFolder(), seed: 23, sizes: { keys: 40, lines: 400 } };
      for (let kills = 0; kills < many(3, 200); kills += 1) {
        await rm(join(orders.home, 'begun'), { force: true });
        const child = run(place, { ...orders, until: 1_000_000, killAt: null });
        const exited = exitOf(child);
        while (!existsSync(join(orders.home, 'begun'))) await systemClock.sleep(10);
        await systemClock.sleep(120 + Math.random() * 400);
        child.kill('SIGKILL');
        expect(await exited).toMatchObject({ signal: 'SIGKILL', output: '' });
        await expectWholePackages(place, orders);
      }
    });
  });

  describe('shape', () => {
    const grown: TableSet = {
      ...calls,
      calls: table('calls', { ...typesOf(calls, 'calls'), mood: 'text', score: 'text' }),
      calls__ratings: table('calls__ratings', { value: 'integer' }, { parent: 'calls', key: ['_parent_id', '_index'], path: ['ratings'] }),
    };

    test('new columns, new child tables and wider types come with rows from before and after', async () => {
      const bench = await Bench.open(await makePlace());
      await bench.load({ tables: calls, rows: { calls: [call(1, 1, { score: 2.5 })] } });
      await bench.load({
        tables: grown,
        rows: {
          calls: [call(2, 2, { score: 'high', mood: 'good' })],
          calls__ratings: [{ _parent_id: 2, _index: 0, value: 5, _observed_at: at(2) }],
        },
      });
      expect(await bench.rows('SELECT id, score, mood FROM live_calls ORDER BY id')).toEqual([
        [1n, '2.5', null],
        [2n, 'high', 'good'],
      ]);
      expect(await bench.rows('SELECT value FROM live_calls__ratings')).toEqual([[5]]);
      // A package drafted with the narrower type is still welcome.
      await bench.load({ tables: calls, rows: { calls: [call(3, 3, { score: 7.25 })] } });
      expect(await bench.rows('SELECT score FROM calls WHERE id = 3')).toEqual([['7.25']]);
      expect((await bench.session.recall('main')).tables['calls']?.columns['score']?.type).toBe('text');
    });

    test.each([
      ['integer', 'bigint', 5, '9007199254740993', [5n, 9007199254740993n]],
      ['integer', 'double', 5, 2.5, [5, 2.5]],
      ['bigint', 'text', '9007199254740993', 'many', ['9007199254740993', 'many']],
      ['boolean', 'text', true, 'perhaps', ['true', 'perhaps']],
      ['timestamp', 'text', at(5), 'yesterday', [at(5), 'yesterday']],
      ['text', 'json', 'plain', { a: [1] }, ['plain', { a: [1] }]],
      ['timestamp', 'json', at(5), [1], [at(5), [1]]],
    ] as const)('%s widens to %s without loss', async (from, to, before, after, expected) => {
      const bench = await Bench.open(await makePlace());
      const tables = (type: typeof from | typeof to): TableSet => ({ things: table('things', { id: 'bigint', value: type }) });
      await bench.load({ tables: tables(from), rows: { things: [{ id: 1, value: before, _observed_at: at(1) }] } });
      await bench.load({ tables: tables(to), rows: { things: [{ id: 2, value: after, _observed_at: at(1) }] } });
      expect((await bench.rows('SELECT value FROM things ORDER BY id')).flat()).toEqual(expected);
    });

    test('a type that neither fits into the other is refused by name', async () => {
      const bench = await Bench.open(await makePlace());
      await bench.load({ tables: { things: table('things', { id: 'bigint', value: 'boolean' }) } });
      const conflicting = bench.load({ tables: { things: table('things', { id: 'bigint', value: 'timestamp' }) } });
      await expect(conflicting).rejects.toMatchObject({ code: 'type_conflict', table: 'things', column: 'value' });
    });

    test('a table and a column dropped by hand are reported and come back', async () => {
      const place = await makePlace();
      const bench = await Bench.open(place);
      const tag = { _parent_id: 1, _index: 0, name: 'x', _observed_at: at(1) };
      await bench.load({
        tables: { ...calls, ...users },
        rows: { calls: [call(1, 1)], calls__tags: [tag], users: [{ id: 1, name: 'a', _observed_at: at(1) }] },
      });
      for (const view of ['live_calls__tags', 'live_calls__tags__hints', 'live_calls'])
        await place.byHand(`DROP VIEW ${place.named(view)}`);
      await place.byHand(`DROP TABLE ${place.named('calls')}`);
      await place.byHand(`ALTER TABLE ${place.named('users')} DROP COLUMN name`);
      const { damage, known } = await bench.session.recall('main');
      expect(known).toBe(true);
      expect(damage.map(({ table: of, column, found }) => `${of} ${column ?? '-'} ${found}`).toSorted()).toEqual([
        'calls - missing',
        'users name missing',
      ]);
      await bench.load({
        tables: { ...calls, ...users },
        rows: { calls: [call(1, 2)], calls__tags: [{ ...tag, _observed_at: at(2) }], users: [{ id: 2, name: 'b', _observed_at: at(2) }] },
      });
      expect(await bench.rows('SELECT name FROM users ORDER BY id')).toEqual([[null], ['b']]);
      expect(await bench.rows('SELECT count(*) FROM live_calls__tags')).toEqual([[1n]]);
      expect((await bench.session.recall('main')).damage).toEqual([]);
    });

    test('a column changed by hand to a type that holds ours is used as it is; another one is reported and refused', async () => {
      const place = await makePlace();
      const bench = await Bench.open(place);
      await bench.load({ tables: calls, rows: { calls: [call(1, 1, { duration: 5, archived: true })] } });
      await place.byHand(`ALTER TABLE ${place.named('calls')} ALTER COLUMN duration TYPE VARCHAR`);
      await bench.load({ tables: calls, rows: { calls: [call(2, 2, { duration: 6 })] } });
      expect(await bench.rows('SELECT duration FROM calls ORDER BY id')).toEqual([['5'], ['6']]);
      await place.byHand(`ALTER TABLE ${place.named('calls')} ALTER COLUMN archived TYPE DATE USING NULL`);
      expect((await bench.session.recall('main')).damage).toMatchObject([{ table: 'calls', column: 'archived', found: 'altered' }]);
      await expect(bench.load({ tables: calls, rows: { calls: [call(3, 3)] } })).rejects.toMatchObject({
        code: 'altered_table',
        column: 'archived',
      });
    });

    test('views and columns that somebody added survive', async () => {
      const place = await makePlace();
      const bench = await Bench.open(place);
      await bench.load({ tables: calls, rows: { calls: [call(1, 1), call(2, 1)] } });
      await place.byHand(`ALTER TABLE ${place.named('calls')} ADD COLUMN mine VARCHAR`);
      await place.byHand(`UPDATE ${place.named('calls')} SET mine = 'kept'`);
      await place.byHand(`CREATE VIEW ${place.named('my_view')} AS SELECT id, score FROM ${place.named('calls')}`);
      await bench.load({ tables: grown, rows: { calls: [call(2, 2, { score: 'high' })] } });
      expect(await bench.rows('SELECT mine FROM calls WHERE id = 1')).toEqual([['kept']]);
      expect(await bench.rows('SELECT score FROM my_view ORDER BY id')).toEqual([[null], ['high']]);
    });

    test('streams can be forgotten: tables, state, quarantine and shape, others stay', async () => {
      const bench = await Bench.open(await makePlace());
      const draft = await bench.packages.draft({ sequence: 1, source: 'api' });
      await draft.append('calls', call(1, 1));
      await draft.append('users', { id: 1, name: 'a', _observed_at: at(1) });
      await draft.quarantine({ table: 'calls', key: '1', column: 'note', reason: 'not a text', value: '5' });
      await bench.session.load(
        await draft.seal({ tables: { ...calls, ...users }, stateBefore: {}, stateAfter: { calls: { n: 1 }, users: { n: 1 } } }),
        bench.lease,
      );
      await bench.session.drop('main', [{ stream: 'calls', tables: Object.keys(calls) }], bench.lease);
      const recalled = await bench.session.recall('main');
      expect(recalled).toMatchObject({ states: { users: { n: 1 } }, damage: [] });
      expect(Object.keys(recalled.tables)).toEqual(['users']);
      expect(await bench.rows('SELECT count(*) FROM _trunkline_quarantine')).toEqual([[0n]]);
      expect(
        (
          await bench.rows("SELECT table_name FROM information_schema.tables WHERE table_name NOT LIKE '\\_%' ESCAPE '\\' ORDER BY 1")
        ).flat(),
      ).toEqual(['live_users', 'users']);
    });
  });

  describe('poison', () => {
    test('a value that does not fit costs the value, a line without a key the line, and the next package is not blocked', async () => {
      const bench = await Bench.open(await makePlace());
      const draft = await bench.packages.draft({ sequence: 1, source: 'api' });
      await draft.append('calls', call(1, 1, { note: 'fine' }));
      await draft.append('calls', call(2, 1, { started_at: 'yesterday', note: 'half \ud800 pair', duration: 3 }));
      await draft.append('calls', { status: 'done', _observed_at: at(1) });
      await draft.append('calls', call('9223372036854775808', 1));
      await draft.appendLines('calls', `{"id": 3, "status":\n`, 1);
      await draft.append('calls__tags', { _parent_id: 2, _index: 0, id: 'seven', name: 'kept', _observed_at: at(1) });
      const sealed = await draft.seal({ tables: calls, stateBefore: {}, stateAfter: { calls: { n: 1 } } });
      const receipt = await bench.session.load(sealed, bench.lease);
      expect(receipt.quarantined).toBe(6);
      expect(await bench.rows('SELECT id, note, duration, started_at FROM calls ORDER BY id')).toEqual([
        [1n, 'fine', null, null],
        [2n, null, 3, null],
      ]);
      expect(await bench.rows('SELECT id, name FROM calls__tags')).toEqual([[null, 'kept']]);
      expect(await bench.rows('SELECT table_name, row_key, column_name FROM _trunkline_quarantine ORDER BY ALL')).toEqual([
        ['calls', '2', 'note'],
        ['calls', '2', 'started_at'],
        ['calls', null, null],
        ['calls', null, null],
        ['calls', null, null],
        ['calls__tags', '2', 'id'],
      ]);
      expect(await bench.session.load(sealed, bench.lease)).toEqual(receipt);
      const next = await seal(bench.packages, 2, { tables: calls, rows: { calls: [call(4, 1)] } });
      await bench.session.load(next, bench.lease);
    });

    test('patches with values that do not fit keep the rest', async () => {
      const bench = await Bench.open(await makePlace());
      const receipt = await bench.load({
        tables: calls,
        patches: {
          calls: [
            {
              row: { id: 1, duration: 'long', note: 'kept' },
              children: { calls__tags: [{ _index: 0, id: 'seven', name: 'kept' }] },
              eventAt: at(1),
            },
            { row: { note: 'without a key' }, children: {}, eventAt: at(1) },
          ],
        },
      });
      expect(receipt.quarantined).toBe(3);
      expect(await bench.rows('SELECT calls.id, note, duration, name FROM calls JOIN calls__tags ON _parent_id = calls.id')).toEqual([
        [1n, 'kept', null, 'kept'],
      ]);
    });

    test('quarantine comes with the package and goes after thirty days', async () => {
      const place = await makePlace();
      const clock = movable();
      const bench = await Bench.open(place, { clock });
      const draft = async (sequence: number) => {
        const packages = await openPackages({ home: await temporaryFolder(), pipeline: 'main', clock });
        const begun = await packages.draft({ sequence, source: 'api' });
        await begun.quarantine({ table: 'calls', key: null, column: null, reason: `package ${sequence}`, value: '{"a":"\ud800"}' });
        return begun.seal({ tables: calls, stateBefore: {}, stateAfter: {} });
      };
      expect((await bench.session.load(await draft(1), bench.lease)).quarantined).toBe(1);
      clock.advance(29 * 86_400_000);
      await bench.session.load(await draft(2), bench.lease);
      expect(await bench.rows('SELECT reason FROM _trunkline_quarantine ORDER BY 1')).toEqual([['package 1'], ['package 2']]);
      clock.advance(2 * 86_400_000);
      await bench.session.load(await draft(3), bench.lease);
      expect(await bench.rows('SELECT reason FROM _trunkline_quarantine ORDER BY 1')).toEqual([['package 2'], ['package 3']]);
    });
  });

  describe('quarantine', () => {
    test('what still does not fit when it is read again is noted once, with the latest package; anything else is added', async () => {
      const bench = await Bench.open(await makePlace());
      const load = async (sequence: number, values: readonly string[]) => {
        const draft = await bench.packages.draft({ sequence, source: 'api' });
        for (const value of values) {
          await draft.quarantine({ table: 'calls', key: '1', column: 'note', reason: 'not a text', value });
          await draft.quarantine({ table: 'calls', key: null, column: null, reason: 'no key', value });
        }
        const receipt = await bench.session.load(await draft.seal({ tables: calls, stateBefore: {}, stateAfter: {} }), bench.lease);
        expect(receipt.quarantined).toBe(2 * values.length);
      };
      await load(1, ['5', '6']);
      await load(2, ['5']);
      await load(3, ['5', '5']);
      const noted = await bench.rows(
        'SELECT row_key, value, count(*), count(DISTINCT package_id) FROM _trunkline_quarantine GROUP BY ALL ORDER BY ALL',
      );
      expect(noted).toEqual([
        ['1', '5', 2n, 1n],
        ['1', '6', 1n, 1n],
        [null, '5', 2n, 1n],
        [null, '6', 1n, 1n],
      ]);
    });
  });

  describe('recall', () => {
    test('a new destination is not known; a new machine knows everything of a known one', async () => {
      const place = await makePlace();
      const fresh = await place.destination().open({});
      expect(await fresh.recall('main')).toEqual({ known: false, states: {}, lastPackage: null, tables: {}, damage: [] });
      const bench = await Bench.open(place);
      const receipt = await bench.load({ tables: calls, rows: { calls: [call(1, 1)] }, state: { frontier: 17, list: ['a', null] } });
      await bench.load({ tables: users, state: { page: 'é' } });
      expect(await fresh.recall('main')).toEqual({
        known: true,
        states: { calls: { frontier: 17, list: ['a', null] }, users: { page: 'é' } },
        lastPackage: {
          packageId: expect.not.stringMatching(receipt.packageId) as string,
          sequence: 2,
          committedAt: expect.any(String) as string,
        },
        tables: { ...calls, ...users },
        damage: [],
      });
      await bench.load({ tables: users, state: null });
      expect(Object.keys((await fresh.recall('main')).states)).toEqual(['calls']);
    });

    test('two pipelines share a dataset and know nothing of each other’s state', async () => {
      const place = await makePlace();
      const one = await Bench.open(place, { pipeline: 'one' });
      const two = await Bench.open(place, { pipeline: 'two' });
      await one.load({ tables: calls, rows: { calls: [call(1, 1)] }, state: { of: 'one' } });
      await two.load({ tables: calls, rows: { calls: [call(2, 1)] }, state: { of: 'two' } });
      expect((await one.session.recall('one')).states).toEqual({ calls: { of: 'one' } });
      expect((await one.session.recall('two')).states).toEqual({ calls: { of: 'two' } });
      expect(await one.rows('SELECT count(*) FROM calls')).toEqual([[2n]]);
    });

    test('two datasets in one place are apart', async () => {
      const place = await makePlace();
      const one = await Bench.open(place);
      const two = await Bench.open(place, { dataset: 'another' });
      await one.load({ tables: calls, rows: { calls: [call(1, 1)] } });
      await two.load({ tables: calls, rows: { calls: [call(2, 1)] } });
      expect(await one.rows('SELECT id FROM calls')).toEqual([[1n]]);
      expect(await two.rows('SELECT id FROM calls')).toEqual([[2n]]);
    });

    test('a destination whose bookkeeping was dropped is not known', async () => {
      const place = await makePlace();
      const bench = await Bench.open(place);
      await bench.load({ tables: calls, rows: { calls: [call(1, 1)] } });
      await place.byHand(`DROP TABLE ${place.named('_trunkline_state')}`);
      expect((await bench.session.recall('main')).known).toBe(false);
    });
  });

  describe('queries', () => {
    test('rows can be limited, left early, or not read at all', async () => {
      const bench = await Bench.open(await makePlace());
      await bench.load({ tables: calls, rows: { calls: Array.from({ length: 50 }, (_unused, id) => call(id, 1)) } });
      const limited = await bench.session.query('SELECT id FROM calls ORDER BY id', { maximumRows: 3 });
      expect(limited.columns).toEqual([{ name: 'id', type: expect.any(String) as string }]);
      expect(await all(limited.rows)).toEqual([[0n], [1n], [2n]]);
      for await (const row of (await bench.session.query('SELECT a.id FROM calls a, calls b, calls c')).rows) {
        expect(row).toHaveLength(1);
        break;
      }
      const unread = await bench.session.query('SELECT id FROM calls');
      await unread.rows[Symbol.asyncIterator]().return?.();
      await bench.load({ tables: calls, rows: { calls: [call(1, 2)] } });
    });

    test('a query that is called off ends', async () => {
      const bench = await Bench.open(await makePlace());
      await bench.load({ tables: calls, rows: { calls: Array.from({ length: 300 }, (_unused, id) => call(id, 1)) } });
      const calling = new AbortController();
      const slow = async () => {
        const result = await bench.session.query(
          'SELECT count(*) FROM calls a, calls b, calls c, calls d WHERE a.id + b.id + c.id = d.id',
          { signal: calling.signal },
        );
        return all(result.rows);
      };
      setTimeout(() => calling.abort(), 50);
      await expect(slow()).rejects.toMatchObject({ code: 'interrupted' });
      await bench.load({ tables: calls, rows: { calls: [call(1, 2)] } });
    });

    test.each([
      'INSERT INTO calls (id) VALUES (5)',
      'DELETE FROM calls',
      'DROP TABLE calls',
      'UPDATE calls SET note = NULL',
      'CREATE TABLE x (a INTEGER)',
    ])('a query cannot write: %s', async (sql) => {
      const bench = await Bench.open(await makePlace());
      await bench.load({ tables: calls, rows: { calls: [call(1, 1, { note: 'kept' })] } });
      await expect(bench.rows(sql)).rejects.toMatchObject({ code: 'query_refused' });
      expect(await bench.rows('SELECT note FROM calls')).toEqual([['kept']]);
    });
  });

  describe('scale', () => {
    test('many packages do not slow each other down and stay countable', async () => {
      const bench = await Bench.open(await makePlace());
      const count = many(12, 2_000);
      for (let n = 1; n <= count; n += 1) await bench.load({ tables: calls, rows: { calls: [call(n % 10, n)] }, state: { n } });
      expect(await bench.rows('SELECT count(*) FROM calls')).toEqual([[10n]]);
      expect(await bench.rows('SELECT count(*), max(sequence) FROM _trunkline_loads')).toEqual([[BigInt(count), BigInt(count)]]);
    });
  });
}

/** Checks that the tables are exactly what the committed packages make of them. Returns how many those are. */
async function expectWholePackages(place: Place, orders: Pick<Orders, 'seed' | 'sizes'>): Promise<number> {
  const session = await place.destination().open({});
  const { lastPackage, states } = await session.recall('main');
  const committed = lastPackage?.sequence ?? 0;
  if (committed === 0) return 0;
  expect(states).toEqual({ calls: { sequence: committed } });
  const ids = await rowsOf(session, 'SELECT package_id FROM _trunkline_loads ORDER BY sequence');
  expect(ids).toHaveLength(committed);
  const model = new MergeModel();
  let tables: TableSet = {};
  for (let sequence = 1; sequence <= committed; sequence += 1) {
    const content = contentOf(drawFrom(orders.seed + sequence), sequence, orders.sizes);
    model.apply(content, String(ids[sequence - 1]?.[0]));
    tables = content.tables;
  }
  await expectLikeModel(session, model, tables);
  return committed;
}

async function all<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

function typesOf(tables: TableSet, name: string) {
  return Object.fromEntries(Object.entries(tables[name]?.columns ?? {}).map(([column, { type }]) => [column, type]));
}

/** A clock whose date is moved by hand. */
function movable(): Clock & { advance: (byMs: number) => void } {
  let nowMs = Date.UTC(2026, 9, 1);
  return {
    ...systemClock,
    now: () => nowMs,
    advance: (byMs) => {
      nowMs += byMs;
    },
  };
}
