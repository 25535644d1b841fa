// Proves one file of archived records to be what was archived, or names what was done to it.
import { basename, join } from 'node:path';
import { throwIfAborted } from '../../base/index.ts';
import type { StoredCheckpoint, StoredRecord, StoredSegment } from '../../store/index.ts';
import { checkpointEvery } from './log.ts';
import { codeOf, LineTooLong, packedLines, sha256Of } from './segment-file.ts';
import { parseSegmentLine } from './segment.ts';
import { Scan, subject } from './verify.ts';
import type { Damage, DamageKind, VerifyOptions } from './verify.ts';

export type CheckedSegment = {
  readonly damages: readonly Damage[];
  readonly moreDamages: number;
  readonly records: number;
  readonly checkpoints: number;
  /** Of the records whose checkpoints kept elsewhere were compared. */
  readonly compared: readonly number[];
  /** Null where the file cannot be read. */
  readonly sha256: string | null;
};

export type CheckSegmentOptions = VerifyOptions & {
  readonly folder: string;
  /** What is to be in the file. `sha256` absent: whatever it is. */
  readonly segment: Omit<StoredSegment, 'mac' | 'sha256'> & { readonly sha256?: string };
};

/** Reads the file as it unpacks. Throws `Interrupted`. */
export async function checkSegment(options: CheckSegmentOptions): Promise<CheckedSegment> {
  const reading = new Reading(options);
  const sha256 = await reading.sha256();
  if (sha256 !== null) await reading.lines();
  return reading.end(sha256);
}

/** Whether what was noted about files of archived records is what was written, each file following on the one before. */
export function segmentsAreProven(options: Pick<VerifyOptions, 'store' | 'keys'>): boolean {
  const scan = new Scan(options);
  scan.segments();
  return scan.isClean;
}

/** A record, until the next one is known, and the checkpoints after it. */
type Pending = { readonly record: StoredRecord; readonly checkpoints: StoredCheckpoint[] };

class Reading {
  readonly #options: CheckSegmentOptions;
  readonly #segment: CheckSegmentOptions['segment'];
  readonly #path: string;
  readonly #scan: Scan;
  readonly #places = new Set<number>();
  readonly #compared = new Set<number>();
  #records = 0;
  #pending: Pending | null = null;

  constructor(options: CheckSegmentOptions) {
    this.#options = options;
    this.#segment = options.segment;
    this.#path = join(options.folder, basename(options.segment.file));
    this.#scan = new Scan(options, options.segment);
  }

  async sha256(): Promise<string | null> {
    try {
      return await sha256Of(this.#path);
    } catch (error) {
      const code = codeOf(error);
      if (code === null) throw error;
      const { firstSeq, lastSeq } = this.#segment;
      if (code === 'ENOENT') this.#found('segment_missing', `The file with records ${firstSeq} to ${lastSeq} is missing.`);
      else this.#found('unreadable', `The file cannot be read (${code}).`);
      return null;
    }
  }

  async lines(): Promise<void> {
    let isFirst = true;
    try {
      for await (const line of packedLines(this.#path)) {
        if (isFirst && !this.#isOurs(line)) return;
        if (!isFirst) this.#line(line);
        isFirst = false;
      }
      this.#flush(undefined);
      this.#wholeness();
    } catch (error) {
      this.#flush(undefined);
      this.#broken(error);
    }
  }

  end(sha256: string | null): CheckedSegment {
    const { file, firstSeq, lastSeq, sha256: expected } = this.#segment;
    if (sha256 !== null && expected !== undefined && sha256 !== expected && this.#isClean())
      this.#found(
        'segment_altered',
        'It is not the file that was archived (its SHA-256 is another), though every record in it is genuine.',
      );
    const { damages, moreDamages, checkpoints } = this.#scan.verification();
    const [only] = damages;
    const isForged = damages.length === 1 && only?.kind === 'altered' && only.fromSeq === firstSeq && only.toSeq === lastSeq;
    const forged = 'No record in it bears the mark of this log’s key: somebody without the key made it.';
    return {
      damages: damages.map((each) =>
        isForged ? { ...each, kind: 'wrong_key', text: `${file}: ${forged}`, file } : { ...each, text: `${file}: ${each.text}`, file },
      ),
      moreDamages,
      checkpoints,
      records: this.#records,
      compared: [...this.#compared],
      sha256,
    };
  }

  #isOurs(line: string): boolean {
    const { store } = this.#options;
    const { firstSeq, lastSeq } = this.#segment;
    const parsed = parseSegmentLine(line);
    if (parsed.kind !== 'header') {
      this.#found('unreadable', 'It does not begin like a file of archived records.');
      return false;
    }
    const { header } = parsed;
    if (header.company !== store.company) this.#found('segment_foreign', 'It is of the log of another company.');
    else if (header.firstSeq !== firstSeq || header.lastSeq !== lastSeq)
      this.#found(
        'moved',
        `It holds records ${header.firstSeq} to ${header.lastSeq}, where ${firstSeq} to ${lastSeq} belong: files were swapped.`,
      );
    return this.#isClean();
  }

  #line(line: string): void {
    const parsed = parseSegmentLine(line);
    if (parsed.kind === 'record') {
      this.#flush(parsed.record);
      this.#pending = { record: parsed.record, checkpoints: [] };
    } else if (parsed.kind === 'checkpoint' && this.#pending !== null) {
      this.#pending.checkpoints.push(parsed.checkpoint);
    } else {
      const seq = (this.#pending?.record.seq ?? this.#scan.seq) + 1;
      this.#scan.found({ kind: 'altered', seq, text: (from) => `What stands in the place of record ${from} is none.` });
    }
  }

  #flush(next: StoredRecord | undefined): void {
    if (this.#pending === null) return;
    const { record, checkpoints } = this.#pending;
    this.#pending = null;
    if (record.seq > this.#scan.seq) this.#scan.look(record, next);
    else {
      const text = (from: number, to: number) => `${subject(from, to, 'stands', 'stand')} behind later ones, or for a second time.`;
      this.#scan.found({ kind: 'moved', seq: record.seq, text });
    }
    this.#records += 1;
    const hashes = new Map([[record.seq, record.hash]]);
    const { company } = this.#options.store;
    for (const each of checkpoints) {
      const checkpoint = { ...each, company };
      this.#places.add(each.seq);
      if (this.#scan.isSound(checkpoint, 'The checkpoint')) this.#scan.compare(checkpoint, hashes, 'a checkpoint');
    }
    for (const kept of this.#options.kept ?? []) {
      if (kept.company !== company || kept.seq !== record.seq) continue;
      this.#compared.add(kept.seq);
      this.#scan.compare(kept, hashes, 'the checkpoint kept elsewhere');
    }
    if (this.#records % 1_000 === 0) throwIfAborted(this.#options.signal);
  }

  /** Of a file that could be read to its end. */
  #wholeness(): void {
    const { firstSeq, lastSeq, hash, checkpoints } = this.#segment;
    const scan = this.#scan;
    if (scan.seq < lastSeq) {
      const text = () => `It ends with record ${scan.seq}, and record ${lastSeq} should be its last: it was cut off.`;
      scan.found({ kind: 'cut_off', seq: scan.seq + 1, toSeq: lastSeq, text });
    } else if (scan.seq > lastSeq) {
      const text = () => `It goes on to record ${scan.seq}, and record ${lastSeq} should be its last.`;
      scan.found({ kind: 'longer_than_end', seq: lastSeq + 1, toSeq: scan.seq, text });
    } else if (scan.hash !== hash && this.#isClean()) {
      const text = () => `Record ${lastSeq} is genuine, but not the one on which the log goes on: copies of the log were mixed.`;
      scan.found({ kind: 'forked', seq: lastSeq, text });
    }
    for (let seq = Math.ceil(firstSeq / checkpointEvery) * checkpointEvery; seq <= Math.min(lastSeq, scan.seq); seq += checkpointEvery)
      if (!this.#places.has(seq)) scan.checkpointMissing(seq);
    if (this.#places.size !== checkpoints && this.#isClean())
      this.#found('checkpoint_missing', `It holds ${this.#places.size} checkpoints, and ${checkpoints} were archived.`);
  }

  #broken(error: unknown): void {
    const scan = this.#scan;
    const code = error instanceof LineTooLong ? 'LINE' : codeOf(error);
    if (code === null) throw error;
    const { lastSeq } = this.#segment;
    const after = scan.seq < this.#segment.firstSeq ? 'from its beginning on' : `after record ${scan.seq}`;
    const place = { seq: Math.min(scan.seq + 1, lastSeq), toSeq: lastSeq };
    // What zlib says of an end that comes too early (nodejs.org/api/zlib.html, “Compressing HTTP requests and responses”).
    if (code === 'Z_BUF_ERROR') scan.found({ kind: 'cut_off', ...place, text: () => `It is cut off ${after}.` });
    else scan.found({ kind: 'unreadable', ...place, text: () => `It is damaged and cannot be unpacked ${after} (${code}).` });
  }

  #found(kind: DamageKind, text: string): void {
    const { firstSeq, lastSeq } = this.#segment;
    this.#scan.found({ kind, seq: firstSeq, toSeq: lastSeq, text: () => text });
  }

  #isClean(): boolean {
    return this.#scan.isClean;
  }
}
