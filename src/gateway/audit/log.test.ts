import { createHmac } from 'node:crypto';
import { closeSync, openSync, readdirSync, readlinkSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyFacts, factsOf, openAuditLab, outcomeOf } from '../../../test/support/audit-lab.ts';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { canonicalJson, TrunklineError } from '../../base/index.ts';
import { AuditUnavailable } from './errors.ts';
import type { AuditRecord } from './record.ts';

const processSafe = { durability: 'process' } as const;

test('a record is stored as canonical JSON, with its place, and its hash covers exactly the stored bytes and the hash before', async () => {
  const { log, store, keys, company } = await openAuditLab();
  expect(await log.append(factsOf(), processSafe)).toEqual({ seq: 1 });
  expect(await log.append(outcomeOf(), { durability: 'power' })).toEqual({ seq: 2 });
  const [first, second] = store.records({ after: 0, limit: 10 });
  const record = JSON.parse(first?.bytes ?? '') as AuditRecord;
  expect(record).toMatchObject({ ...factsOf(), v: 1, company, seq: 1, time: '2026-01-02T03:04:05.000Z', monoMs: 0 });
  expect(record.id).toMatch(/^01KDY[0-9A-HJKMNP-TV-Z]{21}$/);
  expect(first?.bytes).toBe(canonicalJson(record));
  for (const { prev, bytes, hash } of [first, second].filter((each) => each !== undefined)) {
    expect(hash).toBe(createHmac('sha256', keys.auditChain).update(prev).update(bytes).digest('hex'));
  }
  expect(second?.prev).toBe(first?.hash);
});

test('whatever is recorded comes back as it was given', async () => {
  const { log, store } = await openAuditLab();
  let done = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(anyFacts, { minLength: 1, maxLength: 8 }), async (facts) => {
      const stored = await Promise.all(facts.map((each) => log.append(each, processSafe)));
      expect(stored.map(({ seq }) => seq)).toEqual(facts.map((_, index) => done + index + 1));
      const records = store.records({ after: done, limit: 10 }).map(({ bytes }) => JSON.parse(bytes) as AuditRecord);
      done += facts.length;
      expect(records).toEqual(facts.map((each) => expect.objectContaining(each) as unknown));
      for (const [index, record] of records.entries()) {
        expect(store.records({ after: record.seq - 1, limit: 1 })[0]?.bytes).toBe(canonicalJson(records[index]));
      }
    }),
    { numRuns: 50 },
  );
});

test('appends of one turn are one transaction, and one whose `also` throws undoes only itself', async () => {
  const { log, store, database, tamper } = await openAuditLab();
  database.prepare('CREATE TABLE used (nonce TEXT PRIMARY KEY) STRICT').run();
  const use = (nonce: string) => () => void tamper('INSERT INTO used VALUES (?)', nonce);
  const refusal = new TrunklineError({ code: 'already_used', message: 'Used.' });
  const ends = await Promise.allSettled([
    log.append(factsOf({ callId: 'a' }), { ...processSafe, also: use('a') }),
    log.append(factsOf({ callId: 'b' }), {
      ...processSafe,
      also: () => {
        use('b')();
        throw refusal;
      },
    }),
    log.append(factsOf({ callId: 'c' }), { ...processSafe, also: use('c') }),
  ]);
  expect(ends).toEqual([
    { status: 'fulfilled', value: { seq: 1 } },
    { status: 'rejected', reason: refusal },
    { status: 'fulfilled', value: { seq: 2 } },
  ]);
  expect(store.records({ after: 0, limit: 10 }).map(({ bytes }) => (JSON.parse(bytes) as AuditRecord).callId)).toEqual(['a', 'c']);
  expect(database.prepare('SELECT nonce FROM used ORDER BY nonce').all()).toMatchObject([{ nonce: 'a' }, { nonce: 'c' }]);
});

test('a clock that is set back does not reorder records', async () => {
  const clock = new FakeClock();
  let setBackMs = 0;
  const { log, store } = await openAuditLab({ clock: { ...boundTo(clock), now: () => clock.now() - setBackMs } });
  await log.append(factsOf(), processSafe);
  setBackMs = 3_600_000;
  await log.append(factsOf(), processSafe);
  await clock.advance(3_600_001);
  await log.append(factsOf(), processSafe);
  const times = store.records({ after: 0, limit: 10 }).map(({ bytes }) => (JSON.parse(bytes) as AuditRecord).time);
  expect(times).toEqual(['2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.001Z']);
});

test('what an allowed request left without an outcome is listed until its outcome is recorded', async () => {
  const { log } = await openAuditLab();
  const denied = factsOf().decision;
  if (denied === null) throw new TypeError('the facts have a decision');
  await log.append(factsOf({ callId: 'denied', decision: { ...denied, effect: 'deny' } }), processSafe);
  await log.append(factsOf({ callId: 'open' }), processSafe);
  await log.append(factsOf({ callId: 'done' }), processSafe);
  await log.append(outcomeOf({ callId: 'done' }), processSafe);
  expect((await log.unfinished()).map(({ callId, seq }) => ({ callId, seq }))).toEqual([{ callId: 'open', seq: 2 }]);
  await log.append(outcomeOf({ callId: 'open' }), processSafe);
  expect(await log.unfinished()).toEqual([]);
});

test('a checkpoint is made after every thousandth record, after a minute of activity, and on closing', async () => {
  const made: number[] = [];
  const { log, fill, clock, store } = await openAuditLab({ onCheckpoint: ({ seq }) => made.push(seq) });
  await fill(1_010);
  expect(made).toEqual([1_000]);
  await clock.advance(59_999);
  await fill(1);
  expect(made).toEqual([1_000]);
  await clock.advance(1);
  await fill(1);
  expect(made).toEqual([1_000, 1_012]);
  await fill(3);
  await log.close();
  expect(made).toEqual([1_000, 1_012, 1_015]);
  expect(store.checkpoints({ after: 0, limit: 10 }).map(({ seq }) => seq)).toEqual(made);
});

test.each(['gateway.db', 'gateway.db-wal', 'gateway.db-shm'])('when %s is deleted under us nothing more is acknowledged', async (name) => {
  const { log, home } = await openAuditLab();
  await log.append(factsOf(), processSafe);
  rmSync(join(home, name));
  for (let attempt = 0; attempt < 2; attempt += 1) {
    const error: unknown = await log.append(factsOf(), processSafe).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AuditUnavailable);
    expect(error).toMatchObject({ code: 'audit_unavailable', message: expect.stringContaining('deleted or replaced') as string });
  }
});

test('when the file is replaced by another one under us nothing more is acknowledged', async () => {
  const { log, home } = await openAuditLab();
  const elsewhere = await openAuditLab();
  await elsewhere.fill(3);
  renameSync(join(elsewhere.home, 'gateway.db'), join(home, 'gateway.db'));
  await expect(log.append(factsOf(), { durability: 'power' })).rejects.toBeInstanceOf(AuditUnavailable);
});

test('after the end of the log was altered nothing is added to it', async () => {
  for (const sql of [
    'DELETE FROM audit_records WHERE seq = 3',
    'UPDATE audit_heads SET seq = 2, hash = (SELECT hash FROM audit_records WHERE seq = 2)',
    "UPDATE audit_heads SET time = '2020-01-01T00:00:00.000Z'",
    'DELETE FROM audit_heads',
  ]) {
    const { log, fill, tamper, store } = await openAuditLab();
    await fill(3);
    tamper(sql);
    const before = store.records({ after: 0, limit: 10 });
    await expect(log.append(factsOf(), processSafe)).rejects.toBeInstanceOf(AuditUnavailable);
    expect(store.records({ after: 0, limit: 10 })).toEqual(before);
  }
});

test('a log that is gone is not begun anew, except where there never was one', async () => {
  const { another, tamper, fill } = await openAuditLab();
  await fill(2);
  tamper('DELETE FROM audit_records');
  await expect(another()).rejects.toMatchObject({ code: 'audit_unavailable' });
  tamper('DELETE FROM audit_heads');
  await expect(another({ mayBegin: false })).rejects.toMatchObject({
    code: 'audit_unavailable',
    message: expect.stringContaining('is gone') as string,
  });
});

test('a record that has no canonical JSON is refused alone', async () => {
  const { log } = await openAuditLab();
  const [bad, good] = await Promise.allSettled([
    log.append(factsOf({ what: { ...factsOf().what, arguments: { count: Number.NaN } } }), processSafe),
    log.append(factsOf(), processSafe),
  ]);
  expect(bad).toMatchObject({ status: 'rejected', reason: { code: 'audit_unavailable' } });
  expect(good).toEqual({ status: 'fulfilled', value: { seq: 1 } });
});

test('after it was closed it takes nothing, and closing waits for what was appended', async () => {
  const { log, store } = await openAuditLab();
  const appended = log.append(factsOf(), { durability: 'power' });
  await Promise.all([log.close(), log.close()]);
  expect(await appended).toEqual({ seq: 1 });
  expect(store.newestCheckpoint()).toMatchObject({ seq: 1, head: store.record(1)?.hash });
  await expect(log.append(factsOf(), processSafe)).rejects.toBeInstanceOf(AuditUnavailable);
});

test('what the store cannot write is not acknowledged, and the next record is, once it can', async () => {
  const { log, store, tamper } = await openAuditLab();
  await log.append(factsOf(), processSafe);
  tamper('PRAGMA query_only = ON');
  for (const durability of ['process', 'power'] as const) {
    await expect(log.append(factsOf(), { durability })).rejects.toMatchObject({ code: 'audit_unavailable', retryable: false });
  }
  tamper('PRAGMA query_only = OFF');
  expect(await log.append(factsOf(), { durability: 'power' })).toEqual({ seq: 2 });
  expect(store.ends().lastSeq).toBe(2);
});

test('an error of the store inside `also` is about the file: nothing of the turn is acknowledged', async () => {
  const { log, store, tamper } = await openAuditLab();
  const also = () => void tamper('INSERT INTO audit_heads SELECT * FROM audit_heads');
  const ends = await Promise.allSettled([log.append(factsOf(), processSafe), log.append(factsOf(), { ...processSafe, also })]);
  expect(ends.map((end) => end.status === 'rejected' && (end.reason as AuditUnavailable).code)).toEqual([
    'audit_unavailable',
    'audit_unavailable',
  ]);
  expect(store.ends().lastSeq).toBe(0);
});

test('after a sync that failed nothing more is acknowledged', async () => {
  // Only Linux says which file a handle is of.
  if (process.platform !== 'linux') return;
  const { log, home } = await openAuditLab();
  await log.append(factsOf(), { durability: 'power' });
  const ours = readdirSync('/proc/self/fd').filter((fd) => linkOf(fd) === join(home, 'gateway.db-wal'));
  // The log's own handle was opened after SQLite's.
  closeSync(Math.max(...ours.map(Number)));
  // Takes the number that became free, and cannot be synced.
  openSync('/dev/null', 'r');
  await expect(log.append(factsOf(), { durability: 'power' })).rejects.toMatchObject({ code: 'audit_unavailable' });
  await expect(log.append(factsOf(), processSafe)).rejects.toMatchObject({
    message: expect.stringContaining('the disk did not take it') as string,
  });
});

function linkOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return '';
  }
}

function boundTo(clock: FakeClock) {
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    sleep: (delayMs: number, signal?: AbortSignal) => clock.sleep(delayMs, signal),
  };
}
