// Takes old records out of the log into files, so that the chain goes through both. At every instant a record is in the log, or in a
// file that was proven whole and that the log tells about; a kill between any two steps leaves what the next run takes up.
//
//   write FILE.tmp ─► fsync ─► read back and verify ─► rename ─► fsync folder
//      ─► one transaction: a record that tells, and a row that says where what is kept begins; synced
//      ─► remove the records, a few at a time
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { EnvironmentError, throwIfAborted, TrunklineError } from '../../base/index.ts';
import type { Clock } from '../../base/index.ts';
import { isRunning, syncPath } from '../../store/index.ts';
import type { AuditStore, StoredSegment } from '../../store/index.ts';
import { genesisOf, segmentMac } from './chain.ts';
import type { AuditKeys } from './chain.ts';
import { checkSegment, segmentsAreProven } from './check-segment.ts';
import type { CheckedSegment } from './check-segment.ts';
import type { OpenAuditLog } from './log.ts';
import { lookFacts } from './look.ts';
import { writtenTime } from './record-bytes.ts';
import { codeOf, sha256Of, writePacked } from './segment-file.ts';
import { checkpointLine, headerLine, parseSegmentName, recordLine, segmentName } from './segment.ts';

export type ArchiveOptions = {
  readonly store: AuditStore;
  readonly log: OpenAuditLog;
  readonly keys: AuditKeys;
  readonly operator: string;
  /** Made when it is missing. */
  readonly folder: string;
  /** ISO-8601: records before this moment. */
  readonly before: string;
  readonly clock: Clock;
  readonly newCallId: () => string;
  /** How many records go into a file. */
  readonly segmentLength?: number;
  readonly signal?: AbortSignal | undefined;
  readonly onStep?: ((step: ArchiveStep) => void) | undefined;
};

/** What was just done, with the last record it was done to. */
export type ArchiveStep = { readonly step: 'written' | 'verified' | 'named' | 'recorded' | 'removing'; readonly seq: number };

export type Archived = {
  /** What went into files, oldest first. */
  readonly segments: readonly Omit<StoredSegment, 'mac'>[];
  /** How many records were taken out of the database. */
  readonly removed: number;
  /** Where the log begins now. */
  readonly kept: { readonly fromSeq: number; readonly since: string | null };
  /** The request without an outcome that is old enough, and holds back what comes after it; null when there is none. */
  readonly heldBackBy: { readonly seq: number; readonly callId: string } | null;
};

type Expected = Omit<StoredSegment, 'mac' | 'sha256'>;

const records = 100_000;
const readTogether = 250;
/** So that others who write wait for a moment only. */
const removedTogether = 250;

/**
 * Archives what is older than a moment, never the last record, nor a request whose outcome is still to come, nor what comes after it.
 * Other processes may append meanwhile. Throws `EnvironmentError` where the folder cannot be used, `TrunklineError` where the records
 * are not what was recorded, `AuditUnavailable`, `Interrupted`. Nothing is lost in any case, and running it again goes on.
 */
export async function archiveRecords(options: ArchiveOptions): Promise<Archived> {
  // Over the loss of what was archived before nothing more goes.
  if (!segmentsAreProven(options)) throw notProven();
  const archiving = new Archiving(options);
  // What a run that was cut short has left, first.
  let removed = await archiving.remove();
  const { until, heldBackBy } = await archiving.bounds();
  const segments: Omit<StoredSegment, 'mac'>[] = [];
  if (until > archiving.lastSeq()) await archiving.prepareFolder();
  while (until > archiving.lastSeq()) {
    segments.push(await archiving.next(until));
    removed += await archiving.remove();
  }
  return { segments, removed, kept: archiving.kept(), heldBackBy };
}

/** Since when the log is kept here: what came before is archived. Null for a log of which nothing is. */
export function keptSince(store: AuditStore): { readonly fromSeq: number; readonly since: string | null } | null {
  const last = store.segments.last();
  return last === null ? null : keptAfter(store, last.lastSeq);
}

class Archiving {
  readonly #options: ArchiveOptions;

  constructor(options: ArchiveOptions) {
    this.#options = options;
  }

  lastSeq(): number {
    return this.#options.store.segments.last()?.lastSeq ?? 0;
  }

  kept(): Archived['kept'] {
    return keptAfter(this.#options.store, this.lastSeq());
  }

  /** The last record that may go. */
  async bounds(): Promise<{ readonly until: number; readonly heldBackBy: Archived['heldBackBy'] }> {
    const { store, log, before } = this.#options;
    // Also shows that the log is whole at its end; and what the checkpoint is of stays.
    const checkpoint = await log.checkpoint();
    if (checkpoint === null) return { until: 0, heldBackBy: null };
    const old = Math.min(store.lastBefore(before), checkpoint.seq - 1);
    const [open] = await log.unfinished();
    if (open === undefined || open.seq > old) return { until: old, heldBackBy: null };
    return { until: open.seq - 1, heldBackBy: { seq: open.seq, callId: open.callId } };
  }

  async prepareFolder(): Promise<void> {
    const { folder, store } = this.#options;
    await inFolder(folder, async () => {
      const made = await mkdir(folder, { recursive: true, mode: 0o700 });
      // A folder that was just made is data of the one that holds it.
      for (let at = folder; made !== undefined && at.length >= made.length; at = dirname(at)) await syncPath(dirname(at));
      for (const name of await readdir(folder)) {
        const [, named = '', pid = ''] = /^(.+)\.(\d+)\.tmp$/.exec(name) ?? [];
        if (parseSegmentName(store.company, named) !== null && !isAnothers(Number(pid))) await rm(join(folder, name), { force: true });
      }
    });
  }

  /** Makes a file of the next records, or takes up the one that a run before has made, and notes it in the log. */
  async next(until: number): Promise<Omit<StoredSegment, 'mac'>> {
    const { folder, store, segmentLength = records } = this.#options;
    const firstSeq = this.lastSeq() + 1;
    const found = await this.#madeBefore(firstSeq, until);
    const expected = this.#expected(firstSeq, found ?? Math.min(until, firstSeq + segmentLength - 1));
    const checked = found === null ? await this.#write(expected) : await this.#check(expected, expected.file);
    if (checked.sha256 === null || checked.damages.length > 0) throw inTheWay(join(folder, expected.file), checked);
    const segment = { ...expected, sha256: checked.sha256 };
    await this.#note(segment);
    this.#options.onStep?.({ step: 'recorded', seq: store.segments.last()?.lastSeq ?? 0 });
    return segment;
  }

  /** Takes out of the database what is in files that the log tells about. */
  async remove(): Promise<number> {
    const { store, log, keys, clock, signal, onStep } = this.#options;
    const last = store.segments.last();
    if (last === null) return 0;
    const mayGo = () => {
      if (last.mac !== segmentMac(keys.auditChain, store.company, last)) throw notProven();
    };
    log.trust();
    let removed = 0;
    for (;;) {
      const startedAt = clock.monotonic();
      const count = await store.segments.remove({ lastSeq: last.lastSeq, limit: removedTogether, mayGo, signal });
      if (count === 0) return removed;
      removed += count;
      onStep?.({ step: 'removing', seq: last.lastSeq });
      // As long as it held the lock, others may have it.
      await clock.sleep(Math.max(1, clock.monotonic() - startedAt), signal);
    }
  }

  /** The last record of a file that begins with this one: a run before was cut short after naming it. */
  async #madeBefore(firstSeq: number, until: number): Promise<number | null> {
    const { folder, store } = this.#options;
    const names = await inFolder(folder, () => readdir(folder));
    const [found, other] = names.map((name) => parseSegmentName(store.company, name)).filter((each) => each?.firstSeq === firstSeq);
    if (found === undefined || found === null) return null;
    if (other !== undefined || found.lastSeq > until) throw reachesTooFar(join(folder, segmentName(store.company, found)));
    return found.lastSeq;
  }

  #mustBeNext(firstSeq: number): void {
    if (this.lastSeq() !== firstSeq - 1) throw overtaken();
  }

  /** What is to be in the file. Whether the records are genuine shows when the file is read back. */
  #expected(firstSeq: number, lastSeq: number): Expected {
    const { store } = this.#options;
    const last = store.record(lastSeq);
    this.#mustBeNext(firstSeq);
    if (last === null) throw notWhole(`Record ${lastSeq} is missing.`);
    return {
      firstSeq,
      lastSeq,
      prev: store.segments.last()?.hash ?? genesisOf(store.company),
      hash: last.hash,
      time: writtenTime(last.bytes) ?? '',
      checkpoints: store.segments.checkpoints({ firstSeq, lastSeq }),
      file: segmentName(store.company, { firstSeq, lastSeq }),
    };
  }

  async #write(expected: Expected): Promise<CheckedSegment> {
    const { folder, onStep } = this.#options;
    const path = join(folder, expected.file);
    const draft = `${expected.file}.${process.pid}.tmp`;
    const draftPath = join(folder, draft);
    try {
      await inFolder(folder, () => writePacked(draftPath, this.#texts(expected)));
      onStep?.({ step: 'written', seq: expected.lastSeq });
      const checked = await this.#check(expected, draft);
      this.#mustBeNext(expected.firstSeq);
      if (checked.damages[0] !== undefined) throw notWhole(checked.damages[0].text);
      onStep?.({ step: 'verified', seq: expected.lastSeq });
      await inFolder(folder, () => rename(draftPath, path));
      onStep?.({ step: 'named', seq: expected.lastSeq });
      return checked;
    } catch (error) {
      await rm(draftPath, { force: true }).catch(() => {});
      throw error;
    }
  }

  async #check(expected: Expected, file: string): Promise<CheckedSegment> {
    return checkSegment({ ...this.#options, segment: { ...expected, file } });
  }

  async *#texts({ firstSeq, lastSeq, prev, hash }: Expected): AsyncGenerator<string> {
    const { store, signal } = this.#options;
    yield headerLine({ company: store.company, firstSeq, lastSeq, prev, hash });
    for (let after = firstSeq - 1; after < lastSeq;) {
      throwIfAborted(signal);
      const limit = Math.min(readTogether, lastSeq - after);
      const block = store.records({ after, limit });
      const checkpoints = new Map(store.checkpoints({ after, limit }).map((each) => [each.seq, checkpointLine(each)]));
      yield block.map((record) => recordLine(record) + (checkpoints.get(record.seq) ?? '')).join('');
      after = block.at(-1)?.seq ?? lastSeq;
    }
  }

  /** The record that tells about the file, and the row that says where what is kept begins: one transaction, on the disk before anything goes. */
  async #note(segment: Omit<StoredSegment, 'mac'>): Promise<void> {
    const { store, log, keys, operator, folder, newCallId, before } = this.#options;
    const { firstSeq, lastSeq, time, file, sha256 } = segment;
    const path = join(folder, file);
    await inFolder(folder, async () => {
      if ((await sha256Of(path)) !== sha256) throw inTheWay(path, null);
      await syncPath(path);
      await syncPath(folder);
    });
    const deed = `archived records ${firstSeq} to ${lastSeq}, the last of ${time}, into ${file} (SHA-256 ${sha256})`;
    const facts = lookFacts({ callId: newCallId(), operator, deed, given: { before } });
    const { prev, hash, checkpoints } = segment;
    const change = { before: null, after: { file, sha256, firstSeq, lastSeq, prev, hash, checkpoints } };
    await log.append(
      { ...facts, change },
      {
        durability: 'power',
        also: () => {
          this.#mustBeNext(firstSeq);
          store.segments.insert({ ...segment, mac: segmentMac(keys.auditChain, store.company, segment) });
        },
      },
    );
  }
}

function keptAfter(store: AuditStore, seq: number): Archived['kept'] {
  const [first] = store.records({ after: seq, limit: 1 });
  return { fromSeq: seq + 1, since: first === undefined ? null : writtenTime(first.bytes) };
}

/** Our own number in an old name is that of another container. */
function isAnothers(pid: number): boolean {
  return pid !== process.pid && isRunning(pid);
}

async function inFolder<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const code = codeOf(cause);
    if (code === null) throw cause;
    const isFull = code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG';
    throw new EnvironmentError(
      {
        code: isFull ? 'disk_full' : 'folder_unwritable',
        message: isFull
          ? `There is no room left for archived records in ${folder}. Nothing was taken out of the log for the file that did not fit.`
          : `Archived records cannot be kept in ${folder} (${code}). Nothing was taken out of the log for the file that could not be made.`,
        hint: isFull
          ? 'Make room, or give another folder with --to, and run it again.'
          : 'Give a folder that this user may write, with --to.',
      },
      { cause },
    );
  }
}

function notWhole(what: string): TrunklineError {
  return new TrunklineError({
    code: 'archive_refused',
    message: `The records are not what was recorded, so they are not archived, and stay where they are. ${what}`,
    hint: 'Run trunkline audit verify: it says what was altered.',
  });
}

function notProven(): TrunklineError {
  return new TrunklineError({
    code: 'archive_refused',
    message: 'What was noted about archived records is not what Trunkline wrote. Nothing is taken out of the log.',
    hint: 'Run trunkline audit verify: it says what was altered.',
  });
}

function inTheWay(path: string, checked: CheckedSegment | null): EnvironmentError {
  const what = checked?.damages[0]?.text ?? 'It was changed just now.';
  return new EnvironmentError({
    code: 'archive_in_the_way',
    message: `${path} stands where archived records belong, and does not hold them. ${what} Nothing was taken out of the log.`,
    hint: 'Move it away and run it again, or give another folder with --to.',
  });
}

function reachesTooFar(path: string): EnvironmentError {
  return new EnvironmentError({
    code: 'archive_in_the_way',
    message: `${path} was made by a run that was cut short, and reaches beyond what is to be archived now. Nothing was taken out of the log.`,
    hint: 'Run it with the --before it was run with then, or move the file away.',
  });
}

function overtaken(): TrunklineError {
  return new TrunklineError({
    code: 'archive_overtaken',
    message: 'Another process has archived the same records at the same time. Its file counts.',
    hint: 'Run it again when the other one has ended.',
    retryable: true,
  });
}
