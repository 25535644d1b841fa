// Proves the log untouched, or names what was done to it. Records come in runs of a thousand, checked in one go; only a run in
// which something is wrong is looked at record by record.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { isTrunklineError, throwIfAborted } from '../../base/index.ts';
import type { AuditStore, StoredCheckpoint, StoredHead, StoredRecord, StoredSegment } from '../../store/index.ts';
import { checkpointKeyId, genesisOf, hashOf, headMac, isSignedBy, linkOf, segmentMac } from './chain.ts';
import type { AuditKeys, Checkpoint } from './chain.ts';
import { alteredRowsText, DecidingMarks, differingMarks } from './deciding-marks.ts';
import { checkpointEvery } from './log.ts';
import { writtenSeq } from './record-bytes.ts';

/** Permanent: scripts compare them. */
export type DamageKind =
  /** The records do not bear the mark of this key at all: another key, or another log. */
  | 'wrong_key'
  | 'altered'
  | 'inserted'
  /** Gone, and their places are empty. */
  | 'missing'
  /** Genuine, but written at another place: swapped, or renumbered after others were taken out or put in. */
  | 'moved'
  /** Both genuine, but one does not follow on the other: two copies of the log were mixed. */
  | 'forked'
  /** The log was there, and is not: not even its end. */
  | 'gone'
  | 'end_altered'
  /** What decides what agents may do, such as policy and keys, is not what was recorded. */
  | 'deciding_altered'
  /** The end that was noted is before the last record. */
  | 'longer_than_end'
  /** Records are missing at the end. */
  | 'cut_off'
  | 'checkpoint_missing'
  | 'checkpoint_altered'
  /** Signed with a key that is not this log's. */
  | 'checkpoint_key'
  /** The log is not the one of which the checkpoint was made. */
  | 'checkpoint_mismatch'
  /** What was noted about archived records is not what was written: records may have been taken out and not archived. */
  | 'archive_altered'
  /** The file of archived records is not in the folder. */
  | 'segment_missing'
  /** It is not the file that was archived, though each record in it is genuine. */
  | 'segment_altered'
  /** It is of the log of another company. */
  | 'segment_foreign'
  /** SQLite itself cannot read the file, its indexes do not agree with its tables, or a file of archived records cannot be unpacked. */
  | 'unreadable';

export type Damage = {
  readonly kind: DamageKind;
  /** The records it is about; equal for one, both 0 where it is about the log as a whole. */
  readonly fromSeq: number;
  readonly toSeq: number;
  /** One sentence for people. */
  readonly text: string;
  /** The file of archived records that it is in. */
  readonly file?: string;
};

export type Verification = {
  readonly company: string;
  readonly records: number;
  /** The last record's number and hash; of an empty log 0 and what its first record will link to. */
  readonly head: { readonly seq: number; readonly hash: string };
  /** How many checkpoints were compared, those kept elsewhere included. */
  readonly checkpoints: number;
  /** In the order of the records. Empty: the log is as it was written. */
  readonly damages: readonly Damage[];
  /** Damages beyond those listed. */
  readonly moreDamages: number;
  /** Records from the first to this one are in files. `left` of them are still here, too; `verified` those that were looked at there; null where no folder was given. */
  readonly archived: {
    readonly records: number;
    readonly segments: number;
    /** Of the last of them. */
    readonly until: string | null;
    readonly left: number;
    readonly verified: number | null;
  };
  /** Records whose checkpoints kept elsewhere were not compared, as they are archived and no folder was given. */
  readonly notCompared: readonly number[];
  /** Requests that went to Aircall and whose end was not recorded: not a damage. The oldest of them, and how many. */
  readonly unfinished: { readonly count: number; readonly oldest: readonly { readonly callId: string; readonly seq: number }[] };
};

export type VerifyOptions = {
  readonly store: AuditStore;
  readonly keys: { readonly auditChain: AuditKeys['auditChain']; readonly checkpoint: Pick<AuditKeys['checkpoint'], 'publicKey'> };
  /** Checkpoints that were kept elsewhere. */
  readonly kept?: readonly Checkpoint[];
  /** Also compare the indexes, by which searches go, with the records. Slow. */
  readonly indexes?: boolean;
  readonly signal?: AbortSignal | undefined;
  /** With the number of records so far, about every 100,000. */
  readonly onProgress?: ((records: number) => void) | undefined;
};

const runLength = 1_000;
/** Damages beyond these are only counted. */
export const listed = 100;
const progressEvery = 100_000;

/**
 * Reads once what the log holds at the start, from the first record that is not archived. Other processes may append and archive
 * meanwhile. Throws `Interrupted`.
 */
export async function verifyAuditLog(options: VerifyOptions): Promise<Verification> {
  const scan = new Scan(options);
  try {
    scan.kept();
    await scan.records();
    scan.segments();
    scan.ends();
    scan.indexedCounts();
    if (options.indexes === true) scan.indexes();
  } catch (error) {
    if (!isTrunklineError(error) || (error.code !== 'store_damaged' && error.code !== 'store_failed')) throw error;
    scan.found({
      kind: 'unreadable',
      seq: scan.seq + 1,
      text: () => `SQLite cannot read the file from record ${scan.seq + 1} on: ${error.message}`,
    });
  }
  return scan.verification();
}

/** One observation; neighbours of the same kind become one damage. */
type Finding = {
  readonly kind: DamageKind;
  readonly seq: number;
  readonly toSeq?: number;
  /** Neighbours with different shifts stay apart. */
  readonly shift?: number;
  readonly text: (fromSeq: number, toSeq: number) => string;
};

type Found = { kind: DamageKind; fromSeq: number; toSeq: number; shift: number; text: Finding['text'] };

/** One look at records in their order, wherever they stand. */
export class Scan {
  /** The last record looked at, and its stored hash. */
  seq = 0;
  #hash: string;
  /** The record before is genuine and in its place. */
  #sound = true;
  readonly #options: VerifyOptions;
  readonly #company: string;
  readonly #keyId: string;
  readonly #kept: readonly Checkpoint[];
  /** In a file of archived records none is passed over. */
  readonly #inFile: boolean;
  readonly #notCompared = new Set<number>();
  readonly #found: Found[] = [];
  #more = 0;
  #records = 0;
  #checkpoints = 0;
  #stopped = false;
  readonly #open = new Map<string, number>();

  /** @param file where a file of archived records begins; absent for what is in the database. */
  constructor(options: VerifyOptions, file?: Pick<StoredSegment, 'firstSeq' | 'prev'>) {
    this.#options = options;
    this.#company = options.store.company;
    this.seq = file === undefined ? 0 : file.firstSeq - 1;
    this.#hash = file?.prev ?? genesisOf(this.#company);
    this.#inFile = file !== undefined;
    this.#keyId = checkpointKeyId(options.keys.checkpoint.publicKey);
    this.#kept = [...(options.kept ?? [])].sort((a, b) => a.seq - b.seq);
  }

  async records(): Promise<void> {
    const { store, signal, onProgress } = this.#options;
    const { lastSeq } = store.ends();
    while (!this.#stopped && this.seq < lastSeq) {
      throwIfAborted(signal);
      const after = this.seq;
      const hashes = this.#quickRun(after) ?? this.#slowRun(after);
      if (hashes.size === 0) return;
      this.#compareCheckpoints(after, hashes);
      if (Math.floor(this.#records / progressEvery) > Math.floor((this.#records - hashes.size) / progressEvery))
        onProgress?.(this.#records);
      await nextTurn();
    }
  }

  kept(): void {
    for (const checkpoint of this.#kept) this.#checkKept(checkpoint);
  }

  get hash(): string {
    return this.#hash;
  }

  get isClean(): boolean {
    return this.#found.length === 0;
  }

  /** What was noted about files of archived records: each under its own HMAC, and one following on the other. */
  segments(): void {
    if (this.#stopped) return;
    let [seq, hash] = [0, genesisOf(this.#company)];
    for (const segment of this.#options.store.segments.all()) {
      const { firstSeq, lastSeq, prev } = segment;
      if (!this.#isGenuineSegment(segment) || firstSeq !== seq + 1 || prev !== hash) {
        const text = (from: number, to: number) =>
          `What was noted about archived records (${from} to ${to}) was altered: somebody may have taken out records that are in no archive.`;
        this.found({ kind: 'archive_altered', seq: seq + 1, toSeq: Math.max(seq + 1, lastSeq), shift: lastSeq, text });
      }
      [seq, hash] = [lastSeq, segment.hash];
    }
  }

  /** What was noted about the end, against the records. Those that were added since the start stand before that end, too. */
  ends(): void {
    const { store } = this.#options;
    if (this.#stopped) return;
    const later = store.checkpoints({ after: this.seq, limit: runLength });
    const { head, lastSeq, checkpoints, deciding } = this.#endsNow();
    if (head === null) {
      this.found({ kind: 'gone', seq: 0, text: () => goneText(this.#company, this.seq) });
    } else if (!this.#isGenuine(head)) {
      const text = () => 'What was noted about the end of the log was altered: records may be missing there.';
      this.found({ kind: 'end_altered', seq: head.seq, text });
    } else {
      if (head.seq < lastSeq) {
        const text = (from: number, to: number) =>
          `${subject(from, to, 'stands', 'stand')} after the end of the log that was noted, record ${head.seq}.`;
        this.found({ kind: 'longer_than_end', seq: head.seq + 1, toSeq: lastSeq, text });
      } else if (head.seq > lastSeq) {
        this.found({ kind: 'cut_off', seq: lastSeq + 1, toSeq: head.seq, text: cutOffText('the log noted that it had') });
      } else if (head.seq === this.seq && head.hash !== this.#hash && this.#sound) {
        this.found({ kind: 'forked', seq: head.seq, text: () => 'The last record is not the one that was noted as the end of the log.' });
      }
      if (head.seq === lastSeq && head.checkpoints !== checkpoints) {
        const text = () => `The log has ${checkpoints} checkpoints, and noted that it had ${head.checkpoints}.`;
        this.found({ kind: 'checkpoint_missing', seq: 0, text });
      }
      const kinds = differingMarks(head.deciding, deciding);
      if (kinds.length > 0) this.found({ kind: 'deciding_altered', seq: 0, text: () => alteredRowsText(kinds) });
    }
    for (const { seq } of this.#soundOf(later)) {
      if (seq > lastSeq) this.found({ kind: 'cut_off', seq: lastSeq + 1, toSeq: seq, text: cutOffText('a checkpoint says that it had') });
    }
  }

  /** Whether records were taken out of an index, so that searches pass them over. */
  indexedCounts(): void {
    if (this.#stopped) return;
    const counts = this.#options.store.indexedCounts();
    const most = Math.max(...counts.map(({ count }) => count));
    for (const [place, { index, count }] of counts.entries()) {
      if (count === most) continue;
      const text = () =>
        `Searches pass over ${most - count} of ${most} records: they are missing in the index ${index}. REINDEX mends that.`;
      this.found({ kind: 'unreadable', seq: 0, shift: place, text });
    }
  }

  indexes(): void {
    const words = this.#options.store.integrity();
    if (words !== null) this.found({ kind: 'unreadable', seq: 0, text: () => `SQLite finds the file inconsistent: ${words}` });
    const stray = this.#options.store.count() - this.#records;
    if (stray > 0)
      this.found({ kind: 'unreadable', seq: 0, text: () => `${stray} records are in the file and cannot be found by their number.` });
  }

  found({ kind, seq, toSeq = seq, shift = 0, text }: Finding): void {
    const last = this.#found.findLast((each) => each.kind === kind && each.shift === shift);
    if (last !== undefined && last.toSeq + 1 >= seq && last.fromSeq <= seq) {
      last.toSeq = Math.max(last.toSeq, toSeq);
      return;
    }
    if (this.#found.length >= listed) this.#more += 1;
    else this.#found.push({ kind, fromSeq: seq, toSeq, shift, text });
  }

  verification(): Verification {
    const damages = swapsIn(this.#found).map(({ kind, fromSeq, toSeq, text }) => ({ kind, fromSeq, toSeq, text: text(fromSeq, toSeq) }));
    return {
      company: this.#company,
      records: this.#records,
      head: { seq: this.seq, hash: this.#hash },
      checkpoints: this.#checkpoints,
      damages: damages.sort((a, b) => a.fromSeq - b.fromSeq),
      moreDamages: this.#more,
      archived: this.#archived(),
      notCompared: [...this.#notCompared],
      unfinished: { count: this.#open.size, oldest: [...this.#open].slice(0, 20).map(([callId, seq]) => ({ callId, seq })) },
    };
  }

  /** The hashes of the next records by their numbers, when all is well with them; null when not. */
  #quickRun(after: number): Map<number, string> | null {
    const { store, keys } = this.#options;
    const { count, firstSeq, lastSeq, odd, lines } = store.run({ after, limit: runLength });
    if (count === 0) return new Map();
    if (firstSeq !== after + 1 || lastSeq !== after + count || odd !== 0 || !this.#sound) return null;
    const texts = lines.split('\n');
    if (texts.length !== count) return null;
    const hashes = new Map<number, string>();
    let prev = this.#hash;
    let seq = after;
    for (const text of texts) {
      if (!text.startsWith(prev, 64)) return null;
      const hash = text.slice(0, 64);
      if (hashOf(keys.auditChain, text.slice(64)) !== hash) return null;
      prev = hash;
      seq += 1;
      hashes.set(seq, hash);
    }
    if (writtenSeq(texts.at(-1) ?? '') !== lastSeq) return null;
    for (const [index, text] of texts.entries()) this.#noteOpen(text.slice(128), firstSeq + index);
    this.seq = lastSeq;
    this.#hash = prev;
    this.#records += count;
    return hashes;
  }

  /** The same, one by one, naming what is wrong. */
  #slowRun(after: number): Map<number, string> {
    const rows = this.#options.store.records({ after, limit: runLength });
    const hashes = new Map<number, string>();
    if (after === 0 && rows.length > 0 && !this.#knowsKey(rows)) return hashes;
    for (const [index, row] of rows.entries()) {
      this.look(row, rows[index + 1] ?? this.#options.store.records({ after: row.seq, limit: 1 })[0]);
      hashes.set(row.seq, row.hash);
    }
    this.#records += rows.length;
    return hashes;
  }

  /** `next`: the record that comes after it, which tells what was done to this one. */
  look(row: StoredRecord, next: StoredRecord | undefined): void {
    const { seq, bytes, prev, hash } = row;
    if (seq !== this.seq + 1) this.#passArchived(row);
    const { auditChain: key } = this.#options.keys;
    const follows = seq === this.seq + 1;
    if (!follows)
      this.found({ kind: 'missing', seq: this.seq + 1, toSeq: seq - 1, text: (from, to) => `${subject(from, to, 'is', 'are')} missing.` });
    const before = this.#hash;
    const wasSound = this.#sound;
    const own = linkOf(key, prev, bytes);
    const nextStands = next !== undefined && next.seq === seq + 1;
    this.#sound = false;
    if (own === hash) {
      const written = writtenSeq(bytes);
      if (written !== seq) {
        const shift = written - seq;
        this.found({ kind: 'moved', seq, shift, text: (from, to) => movedText(from, to, shift) });
      } else {
        this.#sound = true;
        if (follows && prev !== before && wasSound) {
          const text = (from: number) =>
            `Record ${from} does not follow on record ${from - 1}, though each of them is genuine: copies of the log were mixed.`;
          this.found({ kind: 'forked', seq, text });
        }
      }
      this.#noteOpen(bytes, seq);
    } else if (follows && linkOf(key, before, bytes) === hash) {
      this.found({
        kind: 'altered',
        seq,
        shift: 1,
        text: (from, to) => `${subject(from, to, 'was', 'were')} altered in the link to the one before; what was recorded is genuine.`,
      });
    } else if (nextStands && next.prev === own) {
      this.found({
        kind: 'altered',
        seq,
        shift: 2,
        text: (from, to) => `${subject(from, to, 'was', 'were')} altered in the hash; what was recorded is genuine.`,
      });
    } else if (follows && nextStands && next.prev === before && writtenSeq(next.bytes) === seq) {
      this.found({
        kind: 'inserted',
        seq,
        text: (from, to) => `${subject(from, to, 'was', 'were')} inserted by somebody without the key.`,
      });
    } else {
      this.found({ kind: 'altered', seq, text: (from, to) => `${subject(from, to, 'was', 'were')} altered or replaced.` });
    }
    this.seq = seq;
    this.#hash = hash;
  }

  /** Where what is missing before a record is archived. Asked when something is missing: it may just have gone. */
  #passArchived({ seq, prev }: StoredRecord): void {
    const end = this.#inFile ? null : this.#archiveEnd();
    if (end === null || end.lastSeq < seq - 1) return;
    this.seq = seq - 1;
    // Of what is archived and not yet removed the oldest may be gone.
    this.#hash = end.lastSeq === this.seq ? end.hash : prev;
    this.#sound = true;
  }

  /** The last of what was archived, where that is genuine. */
  #archiveEnd(): StoredSegment | null {
    const last = this.#options.store.segments.last();
    return last !== null && this.#isGenuineSegment(last) ? last : null;
  }

  #archived(): Verification['archived'] {
    const end = this.#archiveEnd();
    if (end === null) return { records: 0, segments: 0, until: null, left: 0, verified: null };
    const { segments } = this.#options.store;
    return { records: end.lastSeq, segments: segments.all().length, until: end.time, left: segments.left(end.lastSeq), verified: null };
  }

  #isGenuineSegment(segment: StoredSegment): boolean {
    return segment.mac === segmentMac(this.#options.keys.auditChain, this.#company, segment);
  }

  /** Whether anything at all bears the mark of this key; when not, looking further would only name everything. */
  #knowsKey(rows: readonly StoredRecord[]): boolean {
    const { keys, store } = this.#options;
    const head = store.head();
    if (head !== null && this.#isGenuine(head)) return true;
    if (rows.some(({ prev, bytes, hash }) => linkOf(keys.auditChain, prev, bytes) === hash)) return true;
    const text = () =>
      'Neither the first records nor the end of the log were written with this key: it is another one, or the whole log was replaced.';
    this.found({ kind: 'wrong_key', seq: 0, text });
    this.#stopped = true;
    return false;
  }

  /** The head as it stands in the same moment as the rest. */
  #endsNow(): { readonly head: StoredHead | null; readonly lastSeq: number; readonly checkpoints: number; readonly deciding: string } {
    const { store, keys } = this.#options;
    const marks = new DecidingMarks({ key: keys.auditChain, company: this.#company });
    for (;;) {
      const head = store.head();
      const deciding = marks.of(store.decidingRows());
      const { headSeq, headCheckpoints, lastSeq, checkpoints } = store.ends();
      if ((head?.seq ?? null) === headSeq && (head?.checkpoints ?? null) === headCheckpoints)
        return { head, lastSeq, checkpoints, deciding };
    }
  }

  #isGenuine(head: StoredHead): boolean {
    return head.mac === headMac(this.#options.keys.auditChain, this.#company, head);
  }

  #compareCheckpoints(after: number, hashes: ReadonlyMap<number, string>): void {
    const stored = this.#options.store.checkpoints({ after, limit: hashes.size + 1 }).filter(({ seq }) => seq <= this.seq);
    for (const each of stored) {
      const checkpoint = { ...each, company: this.#company };
      if (this.isSound(checkpoint, 'The checkpoint')) this.compare(checkpoint, hashes, 'a checkpoint');
    }
    const archivedSeq = this.#archiveEnd()?.lastSeq ?? 0;
    for (const checkpoint of this.#kept) {
      const { company, seq } = checkpoint;
      if (company !== this.#company || seq <= after || seq > this.seq) continue;
      if (seq <= archivedSeq && !hashes.has(seq)) this.#notCompared.add(seq);
      else this.compare(checkpoint, hashes, 'the checkpoint kept elsewhere');
    }
    const places = new Set(stored.map(({ seq }) => seq));
    const from = Math.max(after, archivedSeq);
    for (let seq = Math.floor(from / checkpointEvery + 1) * checkpointEvery; seq <= this.seq; seq += checkpointEvery) {
      if (!places.has(seq)) this.checkpointMissing(seq);
    }
  }

  checkpointMissing(seq: number): void {
    const text = () => `The checkpoint of record ${seq} was taken away: somebody may have rewritten the log up to there.`;
    this.found({ kind: 'checkpoint_missing', seq, text });
  }

  /** `hashes`: those of records by their numbers, as far as they are known. */
  compare(checkpoint: Checkpoint, hashes: ReadonlyMap<number, string>, what: string): void {
    const { seq, head, time } = checkpoint;
    this.#checkpoints += 1;
    if (hashes.get(seq) === head) return;
    const text = () => `Record ${seq} is not the one of which ${what} was made on ${time}: the log up to there was rewritten.`;
    this.found({ kind: 'checkpoint_mismatch', seq, text });
  }

  #checkKept(checkpoint: Checkpoint): void {
    if (checkpoint.company !== this.#company) {
      const text = () => 'The checkpoint kept elsewhere is of the log of another company.';
      this.found({ kind: 'checkpoint_mismatch', seq: checkpoint.seq, text });
      return;
    }
    // Compared all the same: where the keys were replaced with the log, what was kept is the only thing that tells.
    this.isSound(checkpoint, 'The checkpoint kept elsewhere');
  }

  isSound(checkpoint: Checkpoint, what: string): boolean {
    const { seq, keyId } = checkpoint;
    if (keyId !== this.#keyId) {
      const text = () => `${what} of record ${seq} was signed with another key than this log’s (${this.#keyId}).`;
      this.found({ kind: 'checkpoint_key', seq, text });
      return false;
    }
    if (isSignedBy(this.#options.keys.checkpoint.publicKey, checkpoint)) return true;
    this.found({ kind: 'checkpoint_altered', seq, text: () => `${what} of record ${seq} was altered: its signature is not good.` });
    return false;
  }

  /** Those of records that are not there: the genuine ones of the file, and what was kept elsewhere. */
  #soundOf(later: readonly StoredCheckpoint[]): readonly Checkpoint[] {
    const stored = later.map((each) => ({ ...each, company: this.#company })).filter((each) => this.isSound(each, 'The checkpoint'));
    const kept = this.#kept.filter(({ seq, company }) => seq > this.seq && company === this.#company);
    this.#checkpoints += stored.length + kept.length;
    return [...stored, ...kept].sort((a, b) => a.seq - b.seq);
  }

  /** Only for a notice, so a look at the text is enough: names stand in a fixed order in it. */
  #noteOpen(bytes: string, seq: number): void {
    const phase = bytes.indexOf(phaseMember) + phaseMember.length;
    const isIntent =
      bytes.startsWith('intent"', phase) &&
      bytes.startsWith(noOutcome, phase - phaseMember.length - noOutcome.length) &&
      bytes.includes('"effect":"allow","idempotency":');
    if (!isIntent && !bytes.startsWith('outcome"', phase)) return;
    const callId = bytes.slice(callIdAt, bytes.indexOf('"', callIdAt));
    if (isIntent) this.#open.set(callId, seq);
    else this.#open.delete(callId);
  }
}

/** Two records that stand in one another's places are one damage. */
function swapsIn(found: readonly Found[]): readonly Found[] {
  const single = found.filter(({ kind, fromSeq, toSeq }) => kind === 'moved' && fromSeq === toSeq);
  const partner = new Map<Found, Found>();
  for (const one of single) {
    const other = single.find((each) => one.shift > 0 && each.fromSeq === one.fromSeq + one.shift && each.shift === -one.shift);
    if (other !== undefined) partner.set(one, other);
  }
  const seconds = new Set(partner.values());
  return found
    .filter((each) => !seconds.has(each))
    .map((each) => {
      const other = partner.get(each);
      return other === undefined ? each : { ...each, text: () => `Records ${each.fromSeq} and ${other.fromSeq} were swapped.` };
    });
}

const phaseMember = ',"phase":"';
const noOutcome = '"outcome":null';
const callIdAt = '{"callId":"'.length;

/** `Record 7 is`, `Records 7 to 9 are`. */
export function subject(from: number, to: number, one: string, many: string): string {
  return from === to ? `Record ${from} ${one}` : `Records ${from} to ${to} ${many}`;
}

function movedText(from: number, to: number, shift: number): string {
  const places = Math.abs(shift) === 1 ? 'one place' : `${Math.abs(shift)} places`;
  return `${subject(from, to, 'stands', 'stand')} ${places} ${shift > 0 ? 'before' : 'after'} where ${from === to ? 'it was' : 'they were'} written (as ${from + shift}${from === to ? '' : ` to ${to + shift}`}).`;
}

function cutOffText(who: string) {
  return (from: number, to: number) => `The end was cut off: the log ends with record ${from - 1}, and ${who} ${to} records.`;
}

function goneText(company: string, count: number): string {
  if (count === 0) return `There is no log of ${company}: it was deleted, or nothing was ever recorded.`;
  return `What was noted about the end of the log was deleted: records may be missing after record ${count}.`;
}
