// The log that requests wait for. Appends of one turn of the event loop become one transaction; each has its own `also`, and one
// that fails undoes only itself.
//
//   append ─┐                    ┌─► seal, insert, also ─┐
//   append ─┼─► one transaction ─┼─► seal, insert, also ─┼─► head, commit ─┬─► resolve (process)
//   append ─┘                    └─► …                   ┘                 └─► one fdatasync ─► resolve (power)
import { messageOf } from '../../base/index.ts';
import type { Clock } from '../../base/index.ts';
import { AuditStore } from '../../store/index.ts';
import type { Database, StoredHead } from '../../store/index.ts';
import type { Also, AuditLog } from '../flow/parts.ts';
import { genesisOf, headMac, linkOf, signCheckpoint } from './chain.ts';
import type { AuditKeys, Checkpoint } from './chain.ts';
import { alteredRowsText, DecidingMarks, differingMarks } from './deciding-marks.ts';
import { AuditUnavailable } from './errors.ts';
import { withholdPersonalData } from './personal-data.ts';
import type { AuditFacts, AuditRecord } from './record.ts';
import { draftBytes } from './record-bytes.ts';
import type { RecordPlace } from './record-bytes.ts';
import { SyncedFiles } from './synced-files.ts';
import { createUlids } from './ulid.ts';

/** Every record whose number is a multiple of it is followed by a checkpoint. */
export const checkpointEvery = 1_000;
const checkpointAfterMs = 60_000;
/** How long a batch waits for another process that writes. */
const patienceMs = 10_000;
/** More records than this are not put into one transaction: others must get their turn. */
const largestBatch = 256;

export type AuditLogOptions = {
  readonly database: Database;
  readonly company: string;
  readonly keys: AuditKeys;
  readonly clock: Clock;
  /** Gives so many random bytes. */
  readonly random: (size: number) => Buffer;
  /**
   * Whether a log that does not exist may be begun: true only where nothing was ever recorded, as when there is no policy yet.
   * Otherwise a log that is gone was taken away, and nothing is recorded over its loss.
   */
  readonly mayBegin: boolean;
  /** Each new checkpoint, to be told to somewhere else: what is kept there shows what was done to the log here. */
  readonly onCheckpoint?: ((checkpoint: Checkpoint) => void) | undefined;
  /** Something that looked like personal data was kept out of a record: a mistake of who made it. With the number of places. */
  readonly onWithheld?: ((places: number) => void) | undefined;
};

export interface OpenAuditLog extends AuditLog {
  unfinished(): Promise<readonly AuditRecord[]>;
  /** A signed statement of where the log ends now; null for one without records. */
  checkpoint(): Promise<Checkpoint | null>;
  /**
   * Rejects when nothing can be recorded now: the log is broken, gone, or altered at its end. Writes nothing, but for a record that says
   * so where the last one could not be written and now one can.
   */
  check(): Promise<void>;
  /**
   * Throws `AuditUnavailable` when policy, keys, people or logins are not what was recorded. For what is shown without a record of its
   * own; cheap while nobody else has written.
   */
  trust(): void;
  /** The moment of the last record, in UNIX milliseconds; of an empty log, of its beginning. Throws as {@link trust}. */
  lastMs(): number;
  /** Waits for what was appended, makes a last checkpoint and lets the files go; the database stays open. */
  close(): Promise<void>;
}

/** Throws {@link AuditUnavailable}: the log is gone, was altered at its end, or its file cannot be used. */
export async function openAuditLog(options: AuditLogOptions): Promise<OpenAuditLog> {
  return unavailableOnError(async () => {
    const { database, company, keys, mayBegin, clock } = options;
    const store = new AuditStore({ database, company });
    if (mayBegin && store.head() === null) {
      await database.write(() => {
        const { head: noted, last } = store.end();
        if (noted === null && last === null) {
          // Whatever decides is set together with a record: before the first one there is nothing.
          const marks = new DecidingMarks({ key: keys.auditChain, company });
          const deciding = marks.of({});
          const found = marks.of(store.decidingRows());
          if (found !== deciding) throw alteredRows(differingMarks(deciding, found));
          const head = { seq: 0, hash: genesisOf(company), time: new Date(clock.now()).toISOString(), checkpoints: 0, deciding };
          store.setHead({ ...head, mac: headMac(keys.auditChain, company, head) });
        }
        return {};
      });
    }
    const files = await SyncedFiles.open(database.path);
    try {
      const log = new Log({ ...options, store, files });
      database.snapshot(() => log.trustedHead());
      return log;
    } catch (error) {
      await files.close();
      throw error;
    }
  });
}

type Pending = {
  readonly facts: Pick<AuditFacts, 'callId' | 'phase' | 'decision' | 'outcome'>;
  readonly draft: (place: RecordPlace) => string;
  readonly durability: 'process' | 'power';
  readonly also: Also | undefined;
  readonly resolve: (stored: { readonly seq: number }) => void;
  readonly reject: (error: unknown) => void;
};

/** Committed, and not yet known to be on the disk. */
type Waiting = Pending & { readonly seq: number };

type Stored = {
  readonly ends: readonly ({ readonly seq: number } | { readonly error: unknown })[];
  readonly checkpoints: readonly Checkpoint[];
};

class Log implements OpenAuditLog {
  readonly #options: AuditLogOptions & { readonly store: AuditStore; readonly files: SyncedFiles };
  readonly #ulid: (timeMs: number) => string;
  readonly #marks: DecidingMarks;
  readonly #queue: Pending[] = [];
  #flushing: Promise<void> | null = null;
  /** Power-safe appends that are committed and wait for the disk. */
  readonly #syncing = new Set<Promise<void>>();
  /** The head as last seen, known to bear the right HMAC. */
  #knownMac = '';
  /** As of which commits of others what decides was last seen to be what was recorded. */
  #knownCommits: number | null = null;
  #lastCheckpoint: { readonly seq: number; readonly timeMs: number } | null = null;
  /** What made the log unusable for the rest of this process; null while it is not. */
  #broken: AuditUnavailable | null = null;
  /** The last thing that was to be written could not be. */
  #isFailing = false;
  #closed: Promise<void> | null = null;

  constructor(options: AuditLogOptions & { readonly store: AuditStore; readonly files: SyncedFiles }) {
    this.#options = options;
    this.#ulid = createUlids(options.random);
    this.#marks = new DecidingMarks({ key: options.keys.auditChain, company: options.company });
  }

  append(
    facts: AuditFacts,
    { durability, also }: { readonly durability: 'process' | 'power'; readonly also?: Also | undefined },
  ): Promise<{ readonly seq: number }> {
    return new Promise((resolve, reject) => {
      if (this.#closed !== null) throw closed();
      if (this.#broken !== null) throw this.#broken;
      this.#queue.push({ ...this.#prepare(facts), durability, also, resolve, reject });
      this.#flushing ??= this.#flushAll();
    });
  }

  async unfinished(): Promise<readonly AuditRecord[]> {
    return unavailableOnError(() => this.#options.store.openCalls().map(({ bytes }) => JSON.parse(bytes) as AuditRecord)); // as written
  }

  async checkpoint(): Promise<Checkpoint | null> {
    return unavailableOnError(async () => {
      if (this.#broken !== null) throw this.#broken;
      const made = await this.#options.database.write(() => {
        const head = this.trustedHead();
        if (head.seq === 0) return { checkpoint: null };
        const { checkpoint, isNew } = this.#makeCheckpoint(head);
        if (isNew) this.#setHead({ ...head, checkpoints: head.checkpoints + 1 });
        return { checkpoint };
      });
      if (made.checkpoint !== null) this.#options.onCheckpoint?.(made.checkpoint);
      return made.checkpoint;
    });
  }

  async check(): Promise<void> {
    // A disk may have room for a byte and none for a record: only a record shows that it goes on.
    if (this.#isFailing) {
      const callId = `log_${this.#options.random(12).toString('hex')}`;
      await this.append(writableAgain(callId), { durability: 'process' });
    }
    await unavailableOnError(() => {
      if (this.#closed !== null) throw closed();
      if (this.#broken !== null) throw this.#broken;
      if (!this.#options.files.areInPlace()) throw this.#break(replacedFile());
      this.#options.database.snapshot(() => this.trustedHead());
    });
  }

  trust(): void {
    this.#readHead();
  }

  lastMs(): number {
    return Date.parse(this.#readHead().time);
  }

  #readHead(): StoredHead {
    try {
      return this.#options.database.snapshot(() => this.trustedHead({ lookAgain: false }));
    } catch (error) {
      throw asUnavailable(error);
    }
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    await this.#flushing;
    await Promise.allSettled(this.#syncing);
    try {
      const newest = this.#options.store.newestCheckpoint();
      const head = this.#options.store.head();
      if (this.#broken === null && head !== null && head.seq > (newest?.seq ?? 0)) await this.checkpoint();
    } catch {
      // The checkpoint only narrows what could be altered unseen; the records themselves are safe.
    }
    await this.#options.files.close();
  }

  #prepare(given: AuditFacts): Pick<Pending, 'facts' | 'draft'> {
    try {
      const { facts, withheld } = withholdPersonalData(given);
      if (withheld > 0) this.#options.onWithheld?.(withheld);
      return { facts, draft: draftBytes(facts) };
    } catch (error) {
      throw asUnavailable(error);
    }
  }

  async #flushAll(): Promise<void> {
    await nextTurn();
    while (this.#queue.length > 0) await this.#flush(this.#queue.splice(0, largestBatch));
    this.#flushing = null;
  }

  async #flush(batch: readonly Pending[]): Promise<void> {
    try {
      if (this.#broken !== null) throw this.#broken;
      const { ends, checkpoints } = await this.#commit(batch);
      this.#isFailing = false;
      // A commit into a file that is no longer there is one that nobody will ever find.
      if (!this.#options.files.areInPlace()) throw this.#break(replacedFile());
      for (const { seq, time } of checkpoints) this.#lastCheckpoint = { seq, timeMs: Date.parse(time) };
      const waiting: Waiting[] = [];
      for (const [index, pending] of batch.entries()) {
        const end = ends[index];
        if (end === undefined || 'error' in end) pending.reject(end?.error);
        else if (pending.durability === 'process') pending.resolve(end);
        else waiting.push({ ...pending, seq: end.seq });
      }
      if (waiting.length > 0) this.#sync(waiting);
      for (const checkpoint of checkpoints) this.#options.onCheckpoint?.(checkpoint);
    } catch (error) {
      const unavailable = asUnavailable(error);
      this.#isFailing = true;
      for (const pending of batch) pending.reject(unavailable);
    }
  }

  async #commit(batch: readonly Pending[]): Promise<Stored> {
    const { database } = this.#options;
    const work = () => this.#store(batch);
    const stored = database.tryWrite(work);
    if (stored !== undefined) return stored;
    const patience = AbortSignal.timeout(patienceMs);
    try {
      return await database.write(work, patience);
    } catch (error) {
      if (!patience.aborted) throw error;
      throw new AuditUnavailable(
        {
          why: 'another process has been writing to its file for a long time.',
          hint: 'Look for a program that holds gateway.db open, such as a backup or a database browser.',
          retryable: true,
        },
        { cause: error },
      );
    }
  }

  /** The inside of the transaction. May be run again after it was rolled back. */
  #store(batch: readonly Pending[]): Stored {
    const { store } = this.#options;
    const checkpoints: Checkpoint[] = [];
    const mayDecide = batch.some(({ also }) => also !== undefined);
    let head: Omit<StoredHead, 'mac'> = this.trustedHead({ lookAgain: mayDecide });
    const firstSeq = head.seq;
    const mark = (): void => {
      checkpoints.push(this.#makeCheckpoint(head).checkpoint);
      head = { ...head, checkpoints: head.checkpoints + 1 };
    };
    const ends = batch.map(({ draft, facts, also }) => {
      let next = head;
      try {
        if (also === undefined) next = this.#insert(facts, draft, head);
        else
          store.attempt(() => {
            next = this.#insert(facts, draft, head);
            runAlso(also);
          });
      } catch (error) {
        // Only what `also` refuses undoes one record alone; all else is about the file.
        if (!(error instanceof AlsoRefused) || isFromSqlite(error.error)) throw error instanceof AlsoRefused ? error.error : error;
        return { error: error.error };
      }
      head = next;
      if (head.seq % checkpointEvery === 0) mark();
      return { seq: head.seq };
    });
    if (head.seq > firstSeq) {
      if (checkpoints.at(-1)?.seq !== head.seq && this.#isCheckpointDue(head)) mark();
      // What came with a record may have changed what decides; they are one transaction.
      if (mayDecide) head = { ...head, deciding: this.#marks.of(store.decidingRows()) };
      this.#setHead(head);
    }
    return { ends, checkpoints };
  }

  #insert(facts: Pending['facts'], draft: Pending['draft'], head: Omit<StoredHead, 'mac'>): Omit<StoredHead, 'mac'> {
    const { store, company, clock, keys } = this.#options;
    const now = new Date(clock.now());
    // A clock that was set back does not reorder records: they wait where they are until it has caught up.
    const time = now.toISOString() > head.time ? now.toISOString() : head.time;
    const seq = head.seq + 1;
    const id = this.#ulid(Date.parse(time));
    const bytes = draft({ company, seq, id, time, monoMs: Math.floor(clock.monotonic()) });
    const hash = linkOf(keys.auditChain, head.hash, bytes);
    store.insert({ seq, bytes, prev: head.hash, hash });
    // What the gateway answers by itself has its outcome in the same record.
    if (facts.phase === 'intent' && facts.decision?.effect === 'allow' && facts.outcome === null) store.openCall(facts.callId, seq);
    else if (facts.phase === 'outcome') store.closeCall(facts.callId);
    return { ...head, seq, hash, time };
  }

  /** The stored head, once it is known to be genuine, the records to end where it says, and what decides to be what was recorded. With
   * `lookAgain: false` the last is not asked again while nobody else has committed anything. */
  trustedHead({ lookAgain = true }: { readonly lookAgain?: boolean } = {}): StoredHead {
    const { store, company, keys } = this.#options;
    // What decides is compared unless it is known that nobody else has written since it last was.
    const commits = lookAgain ? null : store.otherCommits();
    const mustCompare = lookAgain || commits !== this.#knownCommits;
    const { head, last, deciding } = mustCompare ? store.endAndDecidingRows() : { ...store.end(), deciding: null };
    if (head === null) throw gone();
    if (head.mac !== this.#knownMac) {
      if (head.mac !== headMac(keys.auditChain, company, head)) throw altered('its end is not what was written, or its key is another.');
      this.#knownMac = head.mac;
    }
    if ((last?.seq ?? 0) !== head.seq || (last?.hash ?? genesisOf(company)) !== head.hash)
      throw altered('records at its end are missing or altered.');
    if (deciding !== null) {
      const marks = this.#marks.of(deciding);
      if (marks !== head.deciding) throw alteredRows(differingMarks(head.deciding, marks));
      if (commits !== null) this.#knownCommits = commits;
    }
    return head;
  }

  #setHead({ seq, hash, time, checkpoints, deciding }: Omit<StoredHead, 'mac'>): void {
    const { store, company, keys } = this.#options;
    const head = { seq, hash, time, checkpoints, deciding };
    store.setHead({ ...head, mac: headMac(keys.auditChain, company, head) });
  }

  #makeCheckpoint({ seq, hash }: Omit<StoredHead, 'mac'>): { readonly checkpoint: Checkpoint; readonly isNew: boolean } {
    const { store, company, keys, clock } = this.#options;
    const timeMs = clock.now();
    const checkpoint = signCheckpoint(keys.checkpoint, { company, seq, head: hash, time: new Date(timeMs).toISOString() });
    return { checkpoint, isNew: store.insertCheckpoint(checkpoint) };
  }

  #isCheckpointDue(head: Omit<StoredHead, 'mac'>): boolean {
    const now = this.#options.clock.now();
    // The minute begins when this process first writes.
    this.#lastCheckpoint ??= { seq: 0, timeMs: now };
    return head.seq > this.#lastCheckpoint.seq && Math.abs(now - this.#lastCheckpoint.timeMs) >= checkpointAfterMs;
  }

  #sync(waiting: readonly Waiting[]): void {
    const synced = this.#options.files.sync().then(
      () => {
        for (const { resolve, seq } of waiting) resolve({ seq });
      },
      (error: unknown) => {
        // After a failed sync nobody knows what reached the disk, and the next one would not tell (wiki.postgresql.org/wiki/Fsync_Errors).
        const broken = this.#break(unsynced(error));
        for (const { reject } of waiting) reject(broken);
      },
    );
    this.#syncing.add(synced);
    void synced.finally(() => this.#syncing.delete(synced));
  }

  #break(error: AuditUnavailable): AuditUnavailable {
    this.#broken ??= error;
    return this.#broken;
  }
}

function writableAgain(callId: string): AuditFacts {
  return {
    callId,
    phase: 'system',
    who: { agent: null, keyId: null, owner: null, operator: null, client: null, ip: null },
    what: { capability: null, area: null, effect: null, arguments: null, argumentsDigest: null },
    where: { surface: 'cli', method: null, route: null, protocol: null, tool: null, traceId: null },
    decision: null,
    outcome: null,
    sentence: 'The log can be written again, after it could not.',
    change: null,
  };
}

class AlsoRefused extends Error {
  readonly error: unknown;

  constructor(error: unknown) {
    super('also refused', { cause: error });
    this.error = error;
  }
}

function runAlso(also: Also): void {
  try {
    also();
  } catch (error) {
    throw new AlsoRefused(error);
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

async function unavailableOnError<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asUnavailable(error);
  }
}

function asUnavailable(error: unknown): AuditUnavailable {
  if (error instanceof AuditUnavailable) return error;
  const hint = 'Check that the disk has room and that this user may write gateway.db and its folder.';
  return new AuditUnavailable({ why: messageOf(error), hint }, { cause: error });
}

/** An error of the store itself, thrown inside `also` or outside: it is about the file, not about one record. */
function isFromSqlite(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'rawCode' in error;
}

function gone(): AuditUnavailable {
  return new AuditUnavailable({
    why: 'the log is gone, although there was one.',
    hint: 'Restore gateway.db from a backup. A newest checkpoint kept elsewhere tells what is missing.',
  });
}

function altered(what: string): AuditUnavailable {
  return new AuditUnavailable({ why: what, hint: 'Run trunkline audit verify: it says what was altered.' });
}

function alteredRows(kinds: readonly string[]): AuditUnavailable {
  return new AuditUnavailable({
    why: `what it is bound to was altered. ${alteredRowsText(kinds)}`,
    hint: 'No agent may do anything now. Restore gateway.db from a backup, with its -wal and -shm companions, while no Trunkline process is running.',
  });
}

function replacedFile(): AuditUnavailable {
  return new AuditUnavailable({
    why: 'gateway.db, or its companion -wal or -shm, was deleted or replaced while it was open.',
    hint: 'Restore the file and start again.',
  });
}

function unsynced(cause: unknown): AuditUnavailable {
  return new AuditUnavailable(
    {
      why: `the disk did not take it (${messageOf(cause)}).`,
      hint: 'Check the disk, then start again: what was written last may be lost.',
    },
    { cause },
  );
}

function closed(): AuditUnavailable {
  return new AuditUnavailable({ why: 'it was closed.', hint: 'Nothing to do: the program is ending.' });
}
