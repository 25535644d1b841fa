import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, copyFileSync, existsSync, mkdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openArchiveLab } from '../../../test/support/archive-lab.ts';
import type { ArchiveLab } from '../../../test/support/archive-lab.ts';
import { anyFacts, factsOf, openAuditLab, outcomeOf } from '../../../test/support/audit-lab.ts';
import { AuditStore } from '../../store/index.ts';
import { makeGatewayKeys } from '../secrets/gateway-keys.ts';
import { keptSince } from './archive.ts';
import type { ArchiveStep } from './archive.ts';
import { linkOf, segmentMac } from './chain.ts';
import type { AuditFacts, AuditRecord } from './record.ts';
import { searchWholeLog } from './search-archive.ts';
import type { ArchiveSearchOptions } from './search-archive.ts';
import { searchRecords } from './search.ts';
import { verifyAuditLog } from './verify.ts';

const settled = factsOf({ decision: null });

/** Records that nothing has to follow on. */
async function fill(lab: Pick<ArchiveLab, 'log'>, count: number): Promise<void> {
  for (let done = 0; done < count; done += 50) {
    const size = Math.min(50, count - done);
    await Promise.all(Array.from({ length: size }, () => lab.log.append(settled, { durability: 'process' })));
  }
}

async function archived(count = 350): Promise<ArchiveLab> {
  const lab = await openArchiveLab();
  await fill(lab, count);
  await lab.archive();
  return lab;
}

test('old records go into files of a size, and the chain goes through files and log', async () => {
  const lab = await openArchiveLab();
  await fill(lab, 1_250);
  const before = lab.store.records({ after: 0, limit: 2_000 });
  const done = await lab.archive({ segmentLength: 500 });
  expect(done).toMatchObject({ removed: 1_249, kept: { fromSeq: 1_250 }, heldBackBy: null });
  expect(done.segments.map(({ file, firstSeq, lastSeq }) => [file, firstSeq, lastSeq])).toEqual([
    ['audit-acme-0000000001-0000000500.jsonl.gz', 1, 500],
    ['audit-acme-0000000501-0000001000.jsonl.gz', 501, 1_000],
    ['audit-acme-0000001001-0000001249.jsonl.gz', 1_001, 1_249],
  ]);
  expect(lab.files()).toEqual(done.segments.map(({ file }) => file));
  const verification = await lab.whole({ indexes: true });
  expect(verification).toMatchObject({
    records: 4,
    damages: [],
    head: { seq: 1_253 },
    archived: { records: 1_249, segments: 3, left: 0, verified: 1_249 },
  });
  expect((await verifyAuditLog({ ...lab, indexes: true })).damages).toEqual([]);
  // Line for line what was stored, under the first line and with the checkpoints.
  const lines = lab.files().flatMap((file) => gunzipSync(lab.read(file)).toString().trimEnd().split('\n'));
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ trunkline: 'audit segment', version: 1, company: 'acme', firstSeq: 1, lastSeq: 500 });
  const stored = lines.filter((line) => line.startsWith('{"seq"'));
  expect(stored).toEqual(
    before.slice(0, 1_249).map(({ seq, prev, hash, bytes }) => `{"seq":${seq},"prev":"${prev}","hash":"${hash}","record":${bytes}}`),
  );
  expect(lines.filter((line) => line.startsWith('{"checkpoint"'))).toHaveLength(1);
  if (process.platform !== 'win32') for (const file of lab.files()) expect(statSync(join(lab.folder, file)).mode & 0o777).toBe(0o600);
});

test('the log tells in plain words who archived what, with the fingerprint of each file', async () => {
  const lab = await archived(150);
  const told = lab.store.records({ after: 150, limit: 10 }).map(({ bytes }) => JSON.parse(bytes) as AuditRecord);
  expect(told.map(({ phase, who, sentence }) => [phase, who.operator, sentence])).toEqual(
    lab.files().map((file, index) => {
      const sha256 = createHash('sha256').update(lab.read(file)).digest('hex');
      const range = index === 0 ? '1 to 100' : '101 to 149';
      return ['admin', 'olga', `olga archived records ${range}, the last of 2026-01-02T03:04:05.000Z, into ${file} (SHA-256 ${sha256}).`];
    }),
  );
  expect(told[0]?.change?.after).toMatchObject({ file: lab.files()[0], firstSeq: 1, lastSeq: 100, checkpoints: 0 });
});

test('a second run finds nothing to do, and says since when records are kept', async () => {
  const lab = await archived(150);
  const files = lab.files();
  const again = await lab.archive({ before: '2026-01-01T00:00:00.000Z' });
  expect(again).toEqual({ segments: [], removed: 0, kept: { fromSeq: 150, since: '2026-01-02T03:04:05.000Z' }, heldBackBy: null });
  expect(lab.files()).toEqual(files);
  expect(keptSince(lab.store)).toEqual(again.kept);
  expect((await lab.whole()).damages).toEqual([]);
});

test('what is younger stays, and so do the last record and what the newest checkpoint is of', async () => {
  const lab = await openArchiveLab();
  expect(await lab.archive()).toMatchObject({ segments: [], removed: 0 });
  expect(existsSync(lab.folder)).toBe(false);
  await fill(lab, 30);
  await lab.clock.advance(60_000);
  await fill(lab, 30);
  const done = await lab.archive({ before: new Date(lab.clock.now()).toISOString() });
  expect(done.segments.map(({ firstSeq, lastSeq }) => [firstSeq, lastSeq])).toEqual([[1, 30]]);
  await lab.archive();
  expect(lab.store.records({ after: 0, limit: 100 }).map(({ seq }) => seq)).toEqual([61, 62]);
  expect(await lab.damages()).toEqual([]);
});

test('a request without an outcome stays, with all that came after it, until the outcome is there', async () => {
  const lab = await openArchiveLab();
  await fill(lab, 10);
  await lab.log.append(factsOf({ callId: 'open' }), { durability: 'process' });
  await fill(lab, 10);
  const held = await lab.archive();
  expect(held.segments.map(({ lastSeq }) => lastSeq)).toEqual([10]);
  expect(held.heldBackBy).toEqual({ seq: 11, callId: 'open' });
  expect((await lab.log.unfinished()).map(({ callId }) => callId)).toEqual(['open']);
  expect((await lab.whole()).unfinished).toEqual({ count: 1, oldest: [{ callId: 'open', seq: 11 }] });
  await lab.log.append(outcomeOf({ callId: 'open' }), { durability: 'process' });
  expect((await lab.archive()).heldBackBy).toBe(null);
  expect((await lab.whole()).unfinished.count).toBe(0);
  expect(await lab.damages()).toEqual([]);
});

test('archived at any places, in between whatever is appended, the log and the files are clean and nothing is lost', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          append: fc.integer({ min: 0, max: 120 }),
          minutes: fc.integer({ min: 0, max: 3 }),
          age: fc.integer({ min: 0, max: 6 }),
          segmentLength: fc.integer({ min: 1, max: 90 }),
          checkpoint: fc.boolean(),
        }),
        { minLength: 1, maxLength: 6 },
      ),
      async (rounds) => {
        const lab = await openArchiveLab();
        mkdirSync(lab.folder, { recursive: true });
        const all = new Map<number, string>();
        for (const { append, minutes, age, segmentLength, checkpoint } of rounds) {
          await fill(lab, append);
          if (checkpoint) await lab.log.checkpoint();
          for (const { seq, hash } of lab.store.records({ after: 0, limit: 10_000 })) all.set(seq, hash);
          await lab.clock.advance(minutes * 30_000);
          const appending = fill(lab, 7);
          await lab.archive({ before: new Date(lab.clock.now() - age * 30_000).toISOString(), segmentLength });
          await appending;
          expect(await lab.damages()).toEqual([]);
          expect((await verifyAuditLog({ ...lab, indexes: true })).damages).toEqual([]);
        }
        const lines = lab.files().flatMap((file) => gunzipSync(lab.read(file)).toString().split('\n'));
        const inFiles = lines.filter((line) => line.startsWith('{"seq"')).map((line) => JSON.parse(line) as { seq: number; hash: string });
        const inLog = lab.store.records({ after: 0, limit: 10_000 });
        const found = [...inFiles, ...inLog].map(({ seq, hash }) => [seq, hash] as const);
        expect(found.map(([seq]) => seq)).toEqual(Array.from({ length: found.length }, (_, index) => index + 1));
        for (const [seq, hash] of all) expect(new Map(found).get(seq)).toBe(hash);
      },
    ),
    { numRuns: 12 },
  );
});

test('any changed byte of any file is found', async () => {
  const lab = await archived(250);
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.nat(), fc.integer({ min: 1, max: 255 }), async (pick, place, step) => {
      const file = lab.files()[pick % lab.files().length] ?? '';
      const bytes = lab.read(file);
      const changed = Buffer.from(bytes);
      // The first bytes, the header of gzip, more often than by chance.
      const at = place % 3 === 0 ? place % 18 : place % bytes.length;
      changed.writeUInt8((bytes.readUInt8(at) + step) % 256, at);
      lab.replace(file, changed);
      const found = await lab.damages();
      lab.replace(file, bytes);
      expect(found).not.toEqual([]);
    }),
    { numRuns: 100 },
  );
  expect(await lab.damages()).toEqual([]);
});

test('a file cut at any place is found', async () => {
  const lab = await archived(120);
  const file = lab.files()[0] ?? '';
  const bytes = lab.read(file);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: bytes.length - 1 }), async (length) => {
      lab.replace(file, bytes.subarray(0, length));
      expect((await lab.damages()).map((line) => line.split(' ')[0])).toEqual(['cut_off']);
    }),
    { numRuns: 100 },
  );
});

const last = (lab: ArchiveLab) => lab.files().at(-1) ?? '';
const nth = (lab: ArchiveLab, index: number) => lab.files()[index] ?? '';

test.each<[what: string, tamper: (lab: ArchiveLab) => unknown, expected: string[]]>([
  [
    'a file that is missing',
    (lab) => rmSync(join(lab.folder, nth(lab, 1))),
    ['segment_missing 101-200 The file with records 101 to 200 is missing.'],
  ],
  [
    'a record in a file that was altered',
    (lab) =>
      lab.repack(nth(lab, 1), (lines) => lines.map((line) => (line.startsWith('{"seq":150,') ? line.replace('Allowed', 'Denied') : line))),
    ['altered 150-150 Record 150 was altered or replaced.'],
  ],
  [
    'records in a file that were taken out',
    (lab) => lab.repack(nth(lab, 1), (lines) => lines.filter((line) => !/^\{"seq":15[0-4],/.test(line))),
    ['missing 150-154 Records 150 to 154 are missing.'],
  ],
  [
    'the first records of a file, taken out',
    (lab) => lab.repack(nth(lab, 1), (lines) => lines.toSpliced(1, 5)),
    ['missing 101-105 Records 101 to 105 are missing.'],
  ],
  [
    'two records in a file that were swapped',
    (lab) => lab.repack(nth(lab, 1), (lines) => lines.with(5, lines[6] ?? '').with(6, lines[5] ?? '')),
    ['missing 105-105 Record 105 is missing.', 'moved 105-105 Record 105 stands behind later ones, or for a second time.'],
  ],
  [
    'a file that ends too early, packed anew',
    (lab) => lab.repack(nth(lab, 1), (lines) => lines.slice(0, 61)),
    ['cut_off 161-200 It ends with record 160, and record 200 should be its last: it was cut off.'],
  ],
  [
    'a line that is no record',
    (lab) => lab.repack(nth(lab, 1), (lines) => lines.toSpliced(50, 0, 'something else')),
    ['altered 150-150 What stands in the place of record 150 is none.'],
  ],
  [
    'files that were swapped',
    (lab) => {
      const [one, other] = [lab.read(nth(lab, 0)), lab.read(nth(lab, 1))];
      lab.replace(nth(lab, 0), other);
      lab.replace(nth(lab, 1), one);
    },
    [
      'moved 1-100 It holds records 101 to 200, where 1 to 100 belong: files were swapped.',
      'moved 101-200 It holds records 1 to 100, where 101 to 200 belong: files were swapped.',
    ],
  ],
  [
    'a file that says it is another',
    (lab) => {
      const lines = gunzipSync(lab.read(nth(lab, 0)))
        .toString()
        .trimEnd()
        .split('\n');
      lab.repack(nth(lab, 1), ([header = '']) => [header, ...lines.slice(1)]);
    },
    ['moved 1-100 Records 1 to 100 stand behind later ones, or for a second time.', 'cut_off 101-200 It ends with record 100'],
  ],
  [
    'a file made anew without the key',
    (lab) => lab.repack(nth(lab, 1), (lines) => forged(lines, makeGatewayKeys())),
    ['wrong_key 101-200 No record in it bears the mark of this log’s key: somebody without the key made it.'],
  ],
  [
    'the end of a file made anew without the key',
    (lab) =>
      lab.repack(nth(lab, 1), (lines) => [
        ...lines.slice(0, 81),
        ...forged([lines[80] ?? '', ...lines.slice(81)], makeGatewayKeys()).slice(1),
      ]),
    ['altered 181-200 Records 181 to 200 were altered or replaced.'],
  ],
  [
    'a file that is no archive',
    (lab) => lab.repack(nth(lab, 1), () => ['{"hello":"world"}']),
    ['unreadable 101-200 It does not begin like a file of archived records.'],
  ],
  [
    'a file that is not packed',
    (lab) => lab.replace(nth(lab, 1), Buffer.from('hello')),
    ['unreadable 101-200 It is damaged and cannot be unpacked from its beginning on (Z_DATA_ERROR).'],
  ],
  [
    'a file packed anew, with nothing else changed',
    (lab) => lab.replace(nth(lab, 1), gzipSync(gunzipSync(lab.read(nth(lab, 1))), { level: 1 })),
    ['segment_altered 101-200 It is not the file that was archived (its SHA-256 is another), though every record in it is genuine.'],
  ],
  [
    'something behind the end of a file',
    (lab) => lab.replace(nth(lab, 1), Buffer.concat([lab.read(nth(lab, 1)), Buffer.from('more')])),
    ['unreadable'],
  ],
  [
    'a checkpoint in a file that was taken out',
    (lab) => lab.repack(last(lab), (lines) => lines.filter((line) => !line.startsWith('{"checkpoint"'))),
    ['checkpoint_missing 201-299 It holds 0 checkpoints, and 1 were archived.'],
  ],
  [
    'a checkpoint in a file that was altered',
    (lab) =>
      lab.repack(last(lab), (lines) =>
        lines.map((line) => line.replace('"time":"2026-01-02T03:04:05.000Z","keyId"', '"time":"2027-01-02T03:04:05.000Z","keyId"')),
      ),
    ['checkpoint_altered 250-250 The checkpoint of record 250 was altered: its signature is not good.'],
  ],
])('%s', async (_what, tamper, expected) => {
  const lab = await openArchiveLab();
  await fill(lab, 250);
  await lab.log.checkpoint();
  await fill(lab, 50);
  await lab.archive();
  expect(await lab.damages()).toEqual([]);
  tamper(lab);
  const found = await lab.damages();
  expect(found).toHaveLength(expected.length);
  for (const [index, line] of expected.entries()) expect(found[index]).toContain(line);
});

test('a file of another company is named as one, whatever it is called', async () => {
  const lab = await archived(150);
  const other = await openAuditLab({ company: 'other', keys: lab.keys });
  await fill(other, 150);
  const store = new AuditStore({ database: other.database, company: 'other' });
  const folder = join(lab.folder, 'other');
  await lab.archive({ store, log: other.log, folder });
  copyFileSync(join(folder, 'audit-other-0000000001-0000000100.jsonl.gz'), join(lab.folder, 'audit-acme-0000000001-0000000100.jsonl.gz'));
  expect(await lab.damages()).toEqual(['segment_foreign 1-100 It is of the log of another company.']);
});

test('a file of another copy of the log, genuine as it is, is not what the log goes on from', async () => {
  const lab = await archived(150);
  const other = await openAuditLab({ keys: lab.keys });
  await fill(other, 150);
  const store = new AuditStore({ database: other.database, company: 'acme' });
  const folder = join(lab.folder, 'other');
  await lab.archive({ store, log: other.log, folder });
  copyFileSync(join(folder, 'audit-acme-0000000001-0000000100.jsonl.gz'), join(lab.folder, 'audit-acme-0000000001-0000000100.jsonl.gz'));
  expect(await lab.damages()).toEqual([
    'forked 100-100 Record 100 is genuine, but not the one on which the log goes on: copies of the log were mixed.',
  ]);
});

test('an endless line is a finding and fills no memory', async () => {
  const lab = await archived(150);
  lab.repack(lab.files()[0] ?? '', ([header = '']) => [header, 'x'.repeat(40_000_000)]);
  expect(await lab.damages()).toEqual(['unreadable 1-100 It is damaged and cannot be unpacked from its beginning on (LINE).']);
});

test.each<[what: string, tamper: (lab: ArchiveLab) => unknown, kinds: string[]]>([
  [
    'records deleted and called archived with a row that the key did not make',
    (lab) => {
      const row = { firstSeq: 1, lastSeq: 20, prev: lab.store.record(1)?.prev ?? '', hash: lab.store.record(20)?.hash ?? '' };
      const segment = { ...row, time: '', checkpoints: 0, file: 'f', sha256: '' };
      insert(lab, { ...segment, mac: segmentMac(makeGatewayKeys().auditChain, 'acme', segment) });
      lab.tamper('DELETE FROM audit_records WHERE seq <= 20');
    },
    ['archive_altered', 'deciding_altered', 'missing'],
  ],
  [
    'more records deleted than were archived, with the row changed',
    (lab) => {
      lab.tamper('DELETE FROM audit_records WHERE seq <= 160');
      lab.tamper('UPDATE audit_segments SET last_seq = 160 WHERE last_seq = 149');
    },
    ['archive_altered', 'deciding_altered', 'missing'],
  ],
  [
    'the row of the last file, deleted',
    (lab) => lab.tamper('DELETE FROM audit_segments WHERE last_seq = 149'),
    ['deciding_altered', 'missing'],
  ],
  ['the row of the first file, deleted', (lab) => lab.tamper('DELETE FROM audit_segments WHERE last_seq = 100'), ['archive_altered']],
  ['all rows, deleted', (lab) => lab.tamper('DELETE FROM audit_segments'), ['deciding_altered', 'missing']],
  [
    'the fingerprint of a file, changed',
    (lab) => lab.tamper("UPDATE audit_segments SET sha256 = 'x' WHERE last_seq = 100"),
    ['archive_altered'],
  ],
  ['more records deleted than were archived', (lab) => lab.tamper('DELETE FROM audit_records WHERE seq <= 160'), ['missing']],
])('without the files, too: %s', async (what, tamper, kinds) => {
  const lab = await openArchiveLab();
  await fill(lab, 150);
  if (!what.startsWith('records deleted')) await lab.archive();
  await fill(lab, 150);
  tamper(lab);
  const { damages } = await verifyAuditLog(lab);
  // A checkpoint that went with a row is one that is missing.
  expect(new Set(damages.map(({ kind }) => kind).filter((kind) => !kind.startsWith('checkpoint')))).toEqual(new Set(kinds));
  if (kinds.includes('deciding_altered')) await expect(lab.log.check()).rejects.toMatchObject({ code: 'audit_unavailable' });
  await expect(lab.archive()).rejects.toMatchObject({ code: expect.stringMatching(/^(audit_unavailable|archive_refused)$/) as string });
});

test('any changed character of what is noted about files is found', async () => {
  const lab = await archived(150);
  const columns = ['company', 'first_seq', 'last_seq', 'prev', 'hash', 'time', 'checkpoints', 'file', 'sha256', 'mac'];
  for (const column of columns) {
    for (const which of ['max', 'min']) {
      const place = `rowid_of = (SELECT ${which}(last_seq) FROM audit_segments)`.replace('rowid_of', 'last_seq');
      const row = lab.database.prepare(`SELECT last_seq, ${column} AS cell FROM audit_segments WHERE ${place}`).get() as {
        last_seq: number;
        cell: string | number;
      };
      const changed = typeof row.cell === 'number' ? row.cell + 7 : `${row.cell.slice(0, -1)}#`;
      lab.tamper(`UPDATE audit_segments SET ${column} = ? WHERE last_seq = ?`, changed, row.last_seq);
      expect([column, (await verifyAuditLog(lab)).damages]).not.toEqual([column, []]);
      lab.tamper(`UPDATE audit_segments SET ${column} = ? WHERE ${column} = ?`, row.cell, changed);
      expect((await verifyAuditLog(lab)).damages).toEqual([]);
    }
  }
});

test('any changed character of what is kept is found, also of records that are archived and not yet taken out', async () => {
  const lab = await openArchiveLab();
  await fill(lab, 60);
  const stopped = new AbortController();
  const onStep = ({ step, seq }: ArchiveStep) => {
    if (step === 'recorded' && seq === 40) stopped.abort();
  };
  await expect(lab.archive({ segmentLength: 40, signal: stopped.signal, onStep })).rejects.toMatchObject({ code: 'interrupted' });
  lab.tamper('DELETE FROM audit_records WHERE seq <= 15');
  expect(await lab.whole({ indexes: true })).toMatchObject({ damages: [], records: 46, archived: { records: 40, left: 25, verified: 40 } });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('bytes', 'prev', 'hash', 'seq', 'company'),
      fc.integer({ min: 16, max: 61 }),
      fc.nat(),
      async (column, given, place) => {
        // An archived record that belongs to nobody any more is one that was taken out.
        const seq = column === 'company' ? Math.max(41, given) : given;
        const row = lab.database.prepare(`SELECT ${column} AS cell FROM audit_records WHERE seq = ?`).get(seq) as { cell: string | number };
        const at = place % String(row.cell).length;
        const changed =
          typeof row.cell === 'number'
            ? row.cell + 500
            : `${row.cell.slice(0, at)}${row.cell[at] === '#' ? '!' : '#'}${row.cell.slice(at + 1)}`;
        lab.tamper(`UPDATE audit_records SET ${column} = ? WHERE seq = ?`, changed, seq);
        const { damages } = await verifyAuditLog(lab);
        lab.tamper(`UPDATE audit_records SET ${column} = ? WHERE ${column} = ?`, row.cell, changed);
        expect([column, seq, damages]).not.toEqual([column, seq, []]);
      },
    ),
    { numRuns: 150 },
  );
  const found: number[] = [];
  for await (const { seq } of searchRecords({ store: lab.store, filter: {} })) found.push(seq);
  expect(found[0]).toBe(41);
  expect(await lab.archive()).toMatchObject({ removed: 25 + 20 });
  expect((await lab.whole()).damages).toEqual([]);
});

test('a damaged log is not archived, and stays as it is', async () => {
  const lab = await openArchiveLab();
  await fill(lab, 250);
  lab.tamper("UPDATE audit_records SET bytes = replace(bytes, 'Allowed', 'Denied') WHERE seq = 150");
  await expect(lab.archive()).rejects.toMatchObject({
    code: 'archive_refused',
    message: expect.stringContaining('Record 150 was altered or replaced.') as string,
  });
  // What was whole had gone before.
  expect(lab.files()).toEqual(['audit-acme-0000000001-0000000100.jsonl.gz']);
  expect(lab.store.records({ after: 0, limit: 1 })[0]?.seq).toBe(101);
  expect((await lab.damages()).map((line) => line.split(' ').slice(0, 2))).toEqual([['altered', '150-150']]);
});

test('a file that stands in the way and is not what belongs there stops it, with nothing taken out', async () => {
  const lab = await openArchiveLab();
  await fill(lab, 150);
  mkdirSync(lab.folder);
  writeFileSync(join(lab.folder, 'audit-acme-0000000001-0000000100.jsonl.gz'), 'hello');
  await expect(lab.archive()).rejects.toMatchObject({ code: 'archive_in_the_way' });
  rmSync(join(lab.folder, 'audit-acme-0000000001-0000000100.jsonl.gz'));
  writeFileSync(join(lab.folder, 'audit-acme-0000000001-0000000999.jsonl.gz'), 'hello');
  await expect(lab.archive()).rejects.toMatchObject({ code: 'archive_in_the_way' });
  expect((await verifyAuditLog(lab)).records).toBe(150);
  rmSync(join(lab.folder, 'audit-acme-0000000001-0000000999.jsonl.gz'));
  writeFileSync(join(lab.folder, 'audit-acme-0000000001-0000000100.jsonl.gz.999999999.tmp'), 'of a run that was killed');
  writeFileSync(join(lab.folder, 'notes.txt'), 'somebody’s');
  await lab.archive();
  expect(lab.files()).toEqual(['audit-acme-0000000001-0000000100.jsonl.gz', 'audit-acme-0000000101-0000000149.jsonl.gz', 'notes.txt']);
});

test('where the folder cannot be made or written nothing is taken out', async () => {
  const lab = await openArchiveLab();
  await fill(lab, 50);
  writeFileSync(join(lab.home, 'file'), '');
  await expect(lab.archive({ folder: join(lab.home, 'file', 'below') })).rejects.toMatchObject({ code: 'folder_unwritable' });
  if (process.platform !== 'win32' && process.getuid?.() !== 0) {
    mkdirSync(lab.folder);
    chmodSync(lab.folder, 0o500);
    await expect(lab.archive()).rejects.toMatchObject({ code: 'folder_unwritable' });
    chmodSync(lab.folder, 0o700);
  }
  expect(await verifyAuditLog(lab)).toMatchObject({ records: 50, damages: [] });
});

test('a checkpoint kept elsewhere is compared with the files, and without them said not to be', async () => {
  const lab = await openArchiveLab();
  await fill(lab, 40);
  const kept = await lab.log.checkpoint();
  if (kept === null) throw new TypeError('there is one');
  await fill(lab, 40);
  await lab.archive();
  expect(await verifyAuditLog({ ...lab, kept: [kept] })).toMatchObject({ damages: [], notCompared: [40] });
  expect(await lab.whole({ kept: [kept] })).toMatchObject({ damages: [], notCompared: [] });
  const other = { ...kept, head: 'a'.repeat(64) };
  const { damages } = await lab.whole({ kept: [other] });
  expect(damages.map(({ kind }) => kind)).toEqual(['checkpoint_altered', 'checkpoint_mismatch']);
});

test('a search does not go back before what is kept, however much was archived', async () => {
  const lab = await archived(350);
  const found: number[] = [];
  for await (const { seq } of searchRecords({ store: lab.store, filter: {}, newest: 1_000 })) found.push(seq);
  expect(found[0]).toBe(350);
  expect(lab.store.lastBefore('2026-01-01T00:00:00.000Z')).toBeLessThanOrEqual(349);
});

test('with the folder a search finds the same as before records were archived, whatever is searched for', async () => {
  await fc.assert(fc.asyncProperty(fc.array(anyFacts, { minLength: 40, maxLength: 40 }), searchesTheSame), { numRuns: 3 });
});

async function searchesTheSame(given: readonly AuditFacts[]): Promise<void> {
  const lab = await openArchiveLab();
  for (const [round, facts] of given.entries()) {
    await lab.log.append(facts, { durability: 'process' });
    await lab.log.append(outcomeOf({ callId: facts.callId, sentence: `Über ${round} ÄPFEL` }), { durability: 'process' });
    await lab.clock.advance(1_000);
  }
  const end = lab.store.ends().lastSeq;
  const moment = (seconds: number) => new Date(Date.UTC(2026, 0, 2, 3, 4, 5) + seconds * 1_000).toISOString();
  const searches = [
    {},
    { after: 30 },
    { newest: 7 },
    { newest: 70 },
    { from: moment(10), to: moment(20) },
    { from: moment(10), newest: 5 },
    { to: moment(5) },
    ...['intent', 'outcome', 'admin'].map((phase) => ({ filter: { phase } })),
    ...['allow', 'deny', 'error'].map((decision) => ({ filter: { decision } })),
    { filter: { agentId: 'ag_support', effect: 'read', capability: 'calls.list' }, newest: 3 },
    { filter: { callId: (JSON.parse(lab.store.record(9)?.bytes ?? '') as AuditRecord).callId } },
    { filter: { contains: '"surface":"rest"' } },
    ...['ÜBER 1', 'über 1', 'Über 1', 'äpfel', 'ÄPFEL', 'LISTED'].map((sentence) => ({ filter: { sentence } })),
  ];
  const found = async (search: Partial<ArchiveSearchOptions>): Promise<number[]> => {
    const seqs: number[] = [];
    const options = { store: lab.store, keys: lab.keys, folder: lab.folder, filter: {}, ...search };
    // Of the records that were there before.
    for await (const { seq } of searchWholeLog(options)) if (seq <= end) seqs.push(seq);
    return seqs;
  };
  const before = [];
  for (const search of searches) before.push(await found(search));
  await lab.archive({ segmentLength: 30, before: moment(35) });
  expect(lab.files().length).toBeGreaterThan(1);
  for (const [index, search] of searches.entries()) {
    // What archiving itself recorded is newer.
    const newest = 'newest' in search && !('filter' in search) ? { newest: (search.newest ?? 0) + lab.files().length } : {};
    expect([search, await found({ ...search, ...newest })]).toEqual([search, before[index]]);
  }
}

test('nothing is shown of a file that is not what was archived', async () => {
  const lab = await archived(150);
  const { store, keys, folder } = lab;
  const file = lab.files()[0] ?? '';
  const bytes = lab.read(file);
  const first = async () => searchWholeLog({ store, keys, folder, filter: {}, newest: 1_000 }).next();
  lab.repack(file, (lines) => forged(lines, makeGatewayKeys()));
  await expect(first()).rejects.toMatchObject({ code: 'archive_unreadable', message: `${file} is not what was archived, at record 1.` });
  lab.repack(file, (lines) => lines.slice(0, 20));
  await expect(first()).rejects.toMatchObject({ code: 'archive_unreadable' });
  lab.replace(file, bytes.subarray(0, 500));
  await expect(first()).rejects.toMatchObject({ code: 'archive_unreadable' });
  rmSync(join(folder, file));
  await expect(first()).rejects.toMatchObject({ code: 'archive_unreadable' });
  lab.replace(file, bytes);
  expect((await first()).value).toMatchObject({ seq: 1 });
  lab.tamper("UPDATE audit_segments SET file = 'other' WHERE first_seq = 1");
  await expect(first()).rejects.toMatchObject({ code: 'archive_unreadable' });
});

test('a log that is archived while it is verified is clean', async () => {
  const lab = await openArchiveLab();
  await fill(lab, 3_500);
  const other = await lab.another();
  const store = new AuditStore({ database: other.database, company: 'acme' });
  const archiving = lab.archive({ store, log: other.log, segmentLength: 700 });
  let isDone = false;
  void archiving.finally(() => (isDone = true));
  mkdirSync(lab.folder, { recursive: true });
  for (let rounds = 0; !isDone || rounds === 0; rounds += 1) expect(await lab.damages()).toEqual([]);
  await archiving;
  expect(await lab.damages()).toEqual([]);
});

test('a name of a company that is none of a file becomes one, and two companies never share it', async () => {
  for (const company of ['Acme & Søns', 'acme', '../up', 'ACME']) {
    const lab = await openAuditLab({ company });
    await fill(lab, 5);
    const { store, log, keys } = lab;
    const folder = join(lab.home, 'archive');
    const files = await openArchiveLab();
    const { segments } = await files.archive({ store, log, keys, folder });
    expect(segments[0]?.file).toMatch(/^audit-[a-z0-9_-]+-0000000001-0000000004\.jsonl\.gz$/);
    expect(segments[0]?.file.startsWith('audit-acme-0000000001')).toBe(company === 'acme');
  }
});

// ---------------------------------------------------------------------------------------------------------------------

/** The records after the first line with the chain made anew with other keys. */
function forged(lines: readonly string[], keys: ReturnType<typeof makeGatewayKeys>): string[] {
  let prev = randomBytes(32).toString('hex');
  const made = lines.slice(1).map((line) => {
    const [, seq = '', bytes = ''] = /^\{"seq":(\d+),.*?"record":(.*)\}$/.exec(line) ?? [];
    const hash = linkOf(keys.auditChain, prev, bytes);
    const written = `{"seq":${seq},"prev":"${prev}","hash":"${hash}","record":${bytes}}`;
    prev = hash;
    return written;
  });
  return [lines[0] ?? '', ...made];
}

function insert(lab: ArchiveLab, segment: Parameters<ArchiveLab['store']['segments']['insert']>[0]): void {
  lab.store.segments.insert(segment);
}

test('a search of files and log says so when more was archived meanwhile', async () => {
  const lab = await openArchiveLab();
  await fill(lab, 200);
  await lab.archive();
  await fill(lab, 200);
  const search = async (): Promise<void> => {
    for await (const { seq } of searchWholeLog({ ...lab, filter: {} })) if (seq === 1) await lab.archive();
  };
  await expect(search()).rejects.toMatchObject({ code: 'archived_meanwhile', retryable: true });
});

test.skipIf(process.platform === 'win32')('what is no file in the place of one is named, and holds nothing up', async () => {
  const lab = await openArchiveLab();
  await fill(lab, 50);
  await lab.archive();
  const path = join(lab.folder, lab.files()[0] ?? '');
  rmSync(path);
  execFileSync('mkfifo', [path]);
  expect((await lab.whole()).damages.map(({ kind }) => kind)).toEqual(['unreadable']);
  rmSync(path);
  symlinkSync('/dev/zero', path);
  expect((await lab.whole()).damages.map(({ kind }) => kind)).toEqual(['unreadable']);
  rmSync(path);
  expect(await lab.whole()).toMatchObject({ damages: [{ kind: 'segment_missing' }], archived: { verified: 0 } });
});
