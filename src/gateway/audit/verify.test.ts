import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyFacts, factsOf, openAuditLab, outcomeOf, temporaryHome } from '../../../test/support/audit-lab.ts';
import type { AuditLab } from '../../../test/support/audit-lab.ts';
import { AuditStore, openGatewayDatabase } from '../../store/index.ts';
import { makeGatewayKeys } from '../secrets/gateway-keys.ts';
import { genesisOf, headMac, linkOf, signCheckpoint } from './chain.ts';
import type { AuditKeys, Checkpoint } from './chain.ts';
import type { AuditRecord } from './record.ts';
import { verifyAuditLog } from './verify.ts';

const process = { durability: 'process' } as const;

test('a log as it was written is clean, over many runs and checkpoints, also one that is empty', async () => {
  const lab = await openAuditLab();
  expect(await damagesOf(lab)).toEqual([]);
  await lab.fill(2_345);
  const newest = await lab.log.checkpoint();
  const verification = await verifyAuditLog({ ...lab, kept: [present(newest)], indexes: true });
  expect(verification).toMatchObject({
    company: 'acme',
    records: 2_345,
    head: { seq: 2_345, hash: lab.store.head()?.hash },
    checkpoints: 4,
    damages: [],
  });
});

test('whatever was recorded, the log is clean', async () => {
  const lab = await openAuditLab();
  await fc.assert(
    fc.asyncProperty(fc.array(anyFacts, { minLength: 1, maxLength: 5 }), async (facts) => {
      await Promise.all(facts.map((each) => lab.log.append(each, process)));
      expect(await damagesOf(lab)).toEqual([]);
    }),
    { numRuns: 30 },
  );
});

test('a log that others append to while it is verified is clean', async () => {
  const lab = await openAuditLab();
  await lab.fill(3_000);
  for (let round = 0; round < 3; round += 1) {
    const filling = lab.fill(500, { together: 20 });
    expect(await damagesOf(lab)).toEqual([]);
    await filling;
  }
});

test('requests that were let through and have no outcome are listed, and are no damage', async () => {
  const lab = await openAuditLab();
  await lab.log.append(factsOf({ callId: 'done' }), process);
  await lab.log.append(factsOf({ callId: 'open' }), process);
  await lab.log.append(outcomeOf({ callId: 'done' }), process);
  const { damages, unfinished } = await verifyAuditLog(lab);
  expect({ damages, unfinished }).toEqual({ damages: [], unfinished: { count: 1, oldest: [{ callId: 'open', seq: 2 }] } });
});

test.each<[what: string, tamper: (lab: AuditLab) => unknown, expected: string[]]>([
  [
    'a flipped byte of what was recorded',
    ({ tamper }) => tamper("UPDATE audit_records SET bytes = replace(bytes, 'Allowed', 'Denied!') WHERE seq = 7"),
    ['altered 7-7 Record 7 was altered or replaced.'],
  ],
  [
    'the number inside the record only',
    ({ tamper }) => tamper(`UPDATE audit_records SET bytes = replace(bytes, '"seq":7,', '"seq":8,') WHERE seq = 7`),
    ['altered 7-7 Record 7 was altered or replaced.'],
  ],
  [
    'the link only',
    ({ tamper }) => tamper('UPDATE audit_records SET prev = ? WHERE seq = 7', 'a'.repeat(64)),
    ['altered 7-7 Record 7 was altered in the link to the one before; what was recorded is genuine.'],
  ],
  [
    'the hash only',
    ({ tamper }) => tamper('UPDATE audit_records SET hash = ? WHERE seq = 7', 'a'.repeat(64)),
    ['altered 7-7 Record 7 was altered in the hash; what was recorded is genuine.'],
  ],
  [
    'neighbours that were altered',
    ({ tamper }) => tamper(`UPDATE audit_records SET bytes = '{}' WHERE seq BETWEEN 7 AND 9`),
    ['altered 7-9 Records 7 to 9 were altered or replaced.'],
  ],
  [
    'a line break in what was recorded',
    ({ tamper }) => tamper('UPDATE audit_records SET bytes = bytes || char(10) WHERE seq = 7'),
    ['altered 7-7 Record 7 was altered or replaced.'],
  ],
  [
    'records that were deleted',
    ({ tamper }) => tamper('DELETE FROM audit_records WHERE seq IN (4, 5, 9)'),
    ['missing 4-5 Records 4 to 5 are missing.', 'missing 9-9 Record 9 is missing.'],
  ],
  ['the first record', ({ tamper }) => tamper('DELETE FROM audit_records WHERE seq = 1'), ['missing 1-1 Record 1 is missing.']],
  [
    'a record that was deleted, and the rest renumbered',
    ({ tamper }) => {
      tamper('DELETE FROM audit_records WHERE seq = 7');
      renumber(tamper, 8, -1);
    },
    [
      'moved 7-11 Records 7 to 11 stand one place before where they were written (as 8 to 12).',
      'cut_off 12-12 The end was cut off: the log ends with record 11, and the log noted that it had 12 records.',
    ],
  ],
  [
    'a record that was put in, and the rest renumbered',
    ({ tamper }) => {
      renumber(tamper, 7, 1);
      tamper(
        'INSERT INTO audit_records (company, seq, bytes, prev, hash) SELECT company, 7, bytes, hash, hash FROM audit_records WHERE seq = 6',
      );
    },
    [
      'inserted 7-7 Record 7 was inserted by somebody without the key.',
      'moved 8-13 Records 8 to 13 stand one place after where they were written (as 7 to 12).',
      'longer_than_end 13-13 Record 13 stands after the end of the log that was noted, record 12.',
    ],
  ],
  ['two records that were swapped', ({ tamper }) => swap(tamper, 5, 6), ['moved 5-5 Records 5 and 6 were swapped.']],
  ['two records far apart that were swapped', ({ tamper }) => swap(tamper, 3, 10), ['moved 3-3 Records 3 and 10 were swapped.']],
  [
    'a tail that was cut off',
    ({ tamper }) => tamper('DELETE FROM audit_records WHERE seq > 8'),
    ['cut_off 9-12 The end was cut off: the log ends with record 8, and the log noted that it had 12 records.'],
  ],
  [
    'a tail that was cut off with the end that was noted',
    ({ tamper, store }) => {
      tamper('DELETE FROM audit_records WHERE seq > 8');
      tamper('UPDATE audit_heads SET seq = 8, hash = ?', store.record(8)?.hash ?? '');
    },
    ['end_altered 8-8 What was noted about the end of the log was altered: records may be missing there.'],
  ],
  [
    'a tail that was replaced, with the chain made anew without the key',
    (lab) => rewrite(lab, 9, 12, { ...makeGatewayKeys() }),
    [
      'altered 9-12 Records 9 to 12 were altered or replaced.',
      'end_altered 12-12 What was noted about the end of the log was altered: records may be missing there.',
    ],
  ],
  [
    'all records that were replaced, with the chain made anew without the key',
    (lab) => rewrite(lab, 1, 12, { ...makeGatewayKeys() }),
    [
      'wrong_key 0-0 Neither the first records nor the end of the log were written with this key: it is another one, or the whole log was replaced.',
    ],
  ],
  [
    'a record behind the end',
    ({ tamper, store, keys }) => {
      const last = store.record(12);
      const bytes = (last?.bytes ?? '').replace('"seq":12', '"seq":13');
      tamper(
        'INSERT INTO audit_records (company, seq, bytes, prev, hash) VALUES (?, 13, ?, ?, ?)',
        'acme',
        bytes,
        last?.hash ?? '',
        linkOf(keys.auditChain, last?.hash ?? '', bytes),
      );
    },
    ['longer_than_end 13-13 Record 13 stands after the end of the log that was noted, record 12.'],
  ],
  [
    'the end that was noted, deleted',
    ({ tamper }) => tamper('DELETE FROM audit_heads'),
    ['gone 0-0 What was noted about the end of the log was deleted: records may be missing after record 12.'],
  ],
  [
    'everything, deleted',
    ({ tamper }) => ['records', 'heads', 'checkpoints'].map((table) => tamper(`DELETE FROM audit_${table}`)),
    ['gone 0-0 There is no log of acme: it was deleted, or nothing was ever recorded.'],
  ],
  [
    'all records, deleted',
    ({ tamper }) => tamper('DELETE FROM audit_records'),
    ['cut_off 1-12 The end was cut off: the log ends with record 0, and the log noted that it had 12 records.'],
  ],
])('%s', async (_what, tamper, expected) => {
  const lab = await openAuditLab();
  await lab.fill(12);
  tamper(lab);
  expect(await damagesOf(lab)).toEqual(expected);
});

test('a tail that was rewritten with the key of the chain, but without the key of checkpoints', async () => {
  const lab = await openAuditLab();
  await lab.fill(1_005);
  rewrite(lab, 900, 1_005, lab.keys);
  expect(await damagesOf(lab)).toEqual([
    'checkpoint_mismatch 1000-1000 Record 1000 is not the one of which a checkpoint was made on 2026-01-02T03:04:05.000Z: the log up to there was rewritten.',
  ]);
  const { privateKey, publicKey } = makeGatewayKeys().checkpoint;
  const forged = signCheckpoint({ privateKey, publicKey }, checkpointFacts(lab, 1_000));
  lab.tamper('UPDATE audit_checkpoints SET head = ?, signature = ? WHERE seq = 1000', forged.head, forged.signature);
  expect(await damagesOf(lab)).toEqual([
    'checkpoint_altered 1000-1000 The checkpoint of record 1000 was altered: its signature is not good.',
  ]);
  lab.tamper('UPDATE audit_checkpoints SET key_id = ? WHERE seq = 1000', forged.keyId);
  expect(await damagesOf(lab)).toMatchObject([
    expect.stringMatching(/^checkpoint_key 1000-1000 The checkpoint of record 1000 was signed with another key/),
  ]);
  lab.tamper('DELETE FROM audit_checkpoints');
  setHead(lab, 1_005, lab.keys, 0);
  expect(await damagesOf(lab)).toEqual([
    'checkpoint_missing 1000-1000 The checkpoint of record 1000 was taken away: somebody may have rewritten the log up to there.',
  ]);
});

test('a character that was moved from one column to the next', async () => {
  const lab = await openAuditLab();
  await lab.fill(12);
  lab.tamper('UPDATE audit_records SET hash = hash || substr(prev, 1, 1), prev = substr(prev, 2) WHERE seq = 7');
  expect((await damagesOf(lab)).map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual(['altered 7-7']);
});

test('of a long log from which one record was taken out, all that stand elsewhere are named', async () => {
  const lab = await openAuditLab();
  await lab.fill(2_500, { together: 250 });
  lab.tamper('DELETE FROM audit_records WHERE seq = 5');
  renumber(lab.tamper, 6, -1);
  expect(await damagesOf(lab)).toContain('moved 5-2499 Records 5 to 2499 stand one place before where they were written (as 6 to 2500).');
});

test('a signature in another spelling of the same bytes', async () => {
  const lab = await openAuditLab();
  await lab.fill(5);
  const { signature } = present(await lab.log.checkpoint());
  // Of the last digit of 64 bytes in base64 only two bits count.
  const last = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'.indexOf(signature.charAt(85));
  const other = 'BRhx'.charAt(Math.floor(last / 16));
  expect(Buffer.from(`${signature.slice(0, 85)}${other}==`, 'base64')).toEqual(Buffer.from(signature, 'base64'));
  lab.tamper('UPDATE audit_checkpoints SET signature = ?', `${signature.slice(0, 85)}${other}==`);
  expect((await damagesOf(lab)).map((line) => line.split(' ')[0])).toEqual(['checkpoint_altered']);
});

test('a checkpoint between the thousands that was taken away', async () => {
  const lab = await openAuditLab();
  await lab.fill(5);
  await lab.log.checkpoint();
  lab.tamper('DELETE FROM audit_checkpoints');
  expect(await damagesOf(lab)).toEqual(['checkpoint_missing 0-0 The log has 0 checkpoints, and noted that it had 1.']);
});

test('an older copy of the whole file that was put back is shown by a checkpoint kept elsewhere, and by nothing else', async () => {
  const lab = await openAuditLab();
  await lab.fill(8);
  const older = lab.database.prepare('SELECT * FROM audit_heads').get() as { hash: string; mac: string; time: string };
  await lab.fill(4);
  const kept = present(await lab.log.checkpoint());
  lab.tamper('DELETE FROM audit_records WHERE seq > 8');
  lab.tamper('DELETE FROM audit_checkpoints');
  lab.tamper('UPDATE audit_heads SET seq = 8, hash = ?, time = ?, checkpoints = 0, mac = ?', older.hash, older.time, older.mac);
  expect(await damagesOf(lab)).toEqual([]);
  expect(await damagesOf(lab, [kept])).toEqual([
    'cut_off 9-12 The end was cut off: the log ends with record 8, and a checkpoint says that it had 12 records.',
  ]);
  await lab.fill(4);
  expect(await damagesOf(lab)).toEqual([]);
  expect(await damagesOf(lab, [kept])).toEqual([
    'checkpoint_mismatch 12-12 Record 12 is not the one of which the checkpoint kept elsewhere was made on 2026-01-02T03:04:05.000Z: the log up to there was rewritten.',
  ]);
});

test('a log that was replaced with all its keys is shown by a checkpoint kept elsewhere', async () => {
  const [lab, other] = [await openAuditLab(), await openAuditLab()];
  await lab.fill(6);
  await other.fill(6);
  const kept = present(await other.log.checkpoint());
  expect((await damagesOf(lab, [kept])).map((line) => line.split(' ')[0])).toEqual(['checkpoint_key', 'checkpoint_mismatch']);
  expect(await damagesOf(lab, [{ ...kept, company: 'other' }])).toMatchObject([expect.stringContaining('of another company')]);
});

test('a log is not clean under another key', async () => {
  const lab = await openAuditLab();
  await lab.fill(12);
  expect((await verifyAuditLog({ ...lab, keys: makeGatewayKeys() })).damages.map(({ kind }) => kind)).toEqual(['wrong_key']);
});

test('any single changed character of any stored cell is found', async () => {
  const lab = await openAuditLab();
  await lab.fill(20);
  await lab.log.checkpoint();
  const cells = [
    ...['company', 'seq', 'bytes', 'prev', 'hash'].map((column) => ['audit_records', column] as const),
    ...['company', 'seq', 'hash', 'time', 'checkpoints', 'mac'].map((column) => ['audit_heads', column] as const),
    ...['company', 'seq', 'head', 'time', 'signature', 'key_id'].map((column) => ['audit_checkpoints', column] as const),
  ];
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...cells),
      fc.nat(),
      fc.nat(),
      fc.integer({ min: 1, max: 126 }),
      async ([table, column], pick, place, step) => {
        const rows = lab.database
          .prepare(`SELECT rowid_of, cell FROM (SELECT seq AS rowid_of, ${column} AS cell FROM ${table} ORDER BY seq)`)
          .all() as {
          rowid_of: number;
          cell: string | number;
        }[];
        const row = rows[pick % rows.length];
        if (row === undefined) throw new TypeError('there are rows');
        const seq = row.rowid_of;
        const changed = typeof row.cell === 'number' ? row.cell + 100 * step : withChanged(row.cell, place, step);
        lab.tamper(`UPDATE ${table} SET ${column} = ? WHERE seq = ?`, changed, seq);
        const damages = await damagesOf(lab);
        lab.tamper(`UPDATE ${table} SET ${column} = ? WHERE ${column} = ?`, row.cell, changed);
        expect(damages).not.toEqual([]);
        expect(await damagesOf(lab)).toEqual([]);
      },
    ),
    { numRuns: 300 },
  );
});

test('bytes of the file that were changed below SQLite are found, and so is a page that was wiped out', async () => {
  const lab = await openAuditLab();
  await lab.fill(60);
  lab.database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get();
  const file = readFileSync(join(lab.home, 'gateway.db'));
  const place = file.indexOf('Calls is set to Read', Math.floor(file.length / 2));
  expect(place).toBeGreaterThan(0);
  const flipped = Buffer.from(file);
  flipped.writeUInt8(file.readUInt8(place) ^ 1, place);
  expect(await damagesOfFile(lab, flipped)).toMatchObject([expect.stringMatching(/^altered (\d+)-\1 /)]);
  const wiped = Buffer.from(file);
  wiped.fill(0, Math.floor(place / 4096) * 4096, Math.floor(place / 4096 + 1) * 4096);
  expect(await damagesOfFile(lab, wiped)).toMatchObject([expect.stringMatching(/^unreadable /)]);
  expect(await damagesOfFile(lab, file)).toEqual([]);
});

test('an index that hides records from searches is found', async () => {
  const lab = await openAuditLab();
  await lab.fill(5);
  // What somebody does who changes the pages of an index: the schema is told of an index that holds less than it should.
  lab.tamper('PRAGMA writable_schema = ON');
  lab.tamper("UPDATE sqlite_schema SET sql = sql || ' WHERE seq > 3' WHERE name = 'audit_records_by_agent'");
  lab.tamper('PRAGMA writable_schema = RESET');
  lab.tamper('REINDEX audit_records_by_agent');
  lab.tamper('PRAGMA writable_schema = ON');
  lab.tamper("UPDATE sqlite_schema SET sql = replace(sql, ' WHERE seq > 3', '') WHERE name = 'audit_records_by_agent'");
  lab.tamper('PRAGMA writable_schema = RESET');
  expect(await damagesOf(lab)).toEqual([
    'unreadable 0-0 Searches pass over 3 of 5 records: they are missing in the index audit_records_by_agent. REINDEX mends that.',
  ]);
  expect((await verifyAuditLog({ ...lab, indexes: true })).damages.length).toBe(2);
  lab.tamper('REINDEX');
  expect(await damagesOf(lab)).toEqual([]);
});

test('of a log with damage everywhere the first hundred places are named and the others counted', async () => {
  const lab = await openAuditLab();
  await lab.fill(400);
  lab.tamper('DELETE FROM audit_records WHERE seq % 2 = 0 AND seq < 400');
  const { damages, moreDamages } = await verifyAuditLog(lab);
  expect([damages.length, moreDamages]).toEqual([100, 99]);
});

// ---------------------------------------------------------------------------------------------------------------------

async function damagesOf(lab: AuditLab, kept: readonly Checkpoint[] = []): Promise<string[]> {
  const { damages } = await verifyAuditLog({ ...lab, kept });
  return damages.map(({ kind, fromSeq, toSeq, text }) => `${kind} ${fromSeq}-${toSeq} ${text}`);
}

/** Of a copy of the log whose file holds these bytes. */
async function damagesOfFile({ keys, company }: AuditLab, bytes: Buffer): Promise<string[]> {
  const home = temporaryHome();
  writeFileSync(join(home, 'gateway.db'), bytes);
  const database = await openGatewayDatabase({ home });
  try {
    const { damages } = await verifyAuditLog({ store: new AuditStore({ database, company }), keys });
    return damages.map(({ kind, fromSeq, toSeq, text }) => `${kind} ${fromSeq}-${toSeq} ${text}`);
  } finally {
    database.close();
  }
}

function present<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new TypeError('nothing there');
  return value;
}

function renumber(tamper: AuditLab['tamper'], from: number, by: number): void {
  tamper('UPDATE audit_records SET seq = seq + 1000000 WHERE seq >= ?', from);
  tamper('UPDATE audit_records SET seq = seq - 1000000 + ? WHERE seq > 1000000', by);
}

function swap(tamper: AuditLab['tamper'], one: number, other: number): void {
  tamper('UPDATE audit_records SET seq = 1000000 WHERE seq = ?', one);
  tamper('UPDATE audit_records SET seq = ? WHERE seq = ?', one, other);
  tamper('UPDATE audit_records SET seq = ? WHERE seq = 1000000', other);
}

/** Changes what records say and makes chain and end anew with a key. */
function rewrite(lab: AuditLab, from: number, to: number, keys: AuditKeys): void {
  let prev = from === 1 ? genesisOf('acme') : present(lab.store.record(from - 1)).hash;
  for (let seq = from; seq <= to; seq += 1) {
    const bytes = present(lab.store.record(seq)).bytes.replace('Support Agent asked', 'Nobody asked');
    const hash = linkOf(keys.auditChain, prev, bytes);
    lab.tamper('UPDATE audit_records SET bytes = ?, prev = ?, hash = ? WHERE seq = ?', bytes, prev, hash, seq);
    prev = hash;
  }
  setHead(lab, to, keys, present(lab.store.head()).checkpoints);
}

function setHead(lab: AuditLab, seq: number, keys: AuditKeys, checkpoints: number): void {
  const last = present(lab.store.record(seq));
  const { deciding } = present(lab.store.head());
  const head = { seq, hash: last.hash, time: (JSON.parse(last.bytes) as AuditRecord).time, checkpoints, deciding };
  const mac = headMac(keys.auditChain, 'acme', head);
  lab.tamper('UPDATE audit_heads SET seq = ?, hash = ?, time = ?, checkpoints = ?, mac = ?', seq, head.hash, head.time, checkpoints, mac);
}

function checkpointFacts(lab: AuditLab, seq: number): Pick<Checkpoint, 'company' | 'seq' | 'head' | 'time'> {
  return { company: 'acme', seq, head: present(lab.store.record(seq)).hash, time: '2026-01-02T03:04:05.000Z' };
}

/** One character replaced by another one of printable ASCII. */
function withChanged(text: string, place: number, step: number): string {
  const at = place % text.length;
  const code = 32 + ((text.charCodeAt(at) - 32 + 1 + (step % 94)) % 95);
  return text.slice(0, at) + String.fromCharCode(code) + text.slice(at + 1);
}
