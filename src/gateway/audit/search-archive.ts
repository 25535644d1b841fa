// Finding records in files of archived records, as search.ts does in the log. Each is proven genuine before it is given.
import { join } from 'node:path';
import { EnvironmentError, messageOf, throwIfAborted } from '../../base/index.ts';
import type { RecordFilter, StoredRecord, StoredSegment } from '../../store/index.ts';
import { linkOf } from './chain.ts';
import { segmentsAreProven } from './check-segment.ts';
import { parseRecord } from './export.ts';
import type { AuditRecord } from './record.ts';
import { searchRecords } from './search.ts';
import type { SearchOptions } from './search.ts';
import { packedLines } from './segment-file.ts';
import { parseSegmentLine } from './segment.ts';
import type { VerifyOptions } from './verify.ts';

export type ArchiveSearchOptions = SearchOptions & Pick<VerifyOptions, 'keys'> & { readonly folder: string };

/**
 * The records that fit, of the files and of the log, oldest first. A search goes through every file that may hold some, so it takes as long
 * as unpacking them. Throws `EnvironmentError` for a file that is missing or not what was archived, and at its end when more was archived
 * meanwhile: what moved from the log into a file then may be missing.
 */
export async function* searchWholeLog(options: ArchiveSearchOptions): AsyncGenerator<StoredRecord> {
  const { segments } = options.store;
  const before = segments.last()?.lastSeq;
  yield* search(options);
  if (segments.last()?.lastSeq !== before) throw archivedMeanwhile();
}

async function* search(options: ArchiveSearchOptions): AsyncGenerator<StoredRecord> {
  const { newest } = options;
  if (newest === undefined) {
    for (const segment of segmentsOf(options)) yield* fitting(options, segment);
    yield* searchRecords(options);
    return;
  }
  const kept: StoredRecord[] = [];
  for await (const record of searchRecords(options)) kept.push(record);
  for (const segment of segmentsOf(options).toReversed()) {
    const room = newest - kept.length;
    if (room <= 0) break;
    const found: StoredRecord[] = [];
    for await (const record of fitting(options, segment)) if (found.push(record) > room) found.shift();
    kept.unshift(...found);
  }
  yield* kept;
}

/** The files in which there may be records that fit. */
function segmentsOf(options: ArchiveSearchOptions): readonly StoredSegment[] {
  const { store, from, after = 0 } = options;
  if (!segmentsAreProven(options)) throw notArchived('What was noted about archived records', 'was altered.');
  return store.segments.all().filter(({ lastSeq, time }) => lastSeq > after && (from === undefined || time >= from));
}

async function* fitting(options: ArchiveSearchOptions, segment: StoredSegment): AsyncGenerator<StoredRecord> {
  const { filter, from, to, after = 0, signal } = options;
  throwIfAborted(signal);
  for await (const stored of genuine(options, segment)) {
    const record = parseRecord(stored);
    // Records stand in the order of their times.
    if (to !== undefined && record.time >= to) return;
    if (stored.seq > after && (from === undefined || record.time >= from) && fits(filter, record, stored.bytes)) yield stored;
  }
}

async function* genuine({ folder, keys }: ArchiveSearchOptions, segment: StoredSegment): AsyncGenerator<StoredRecord> {
  const { file, firstSeq, lastSeq } = segment;
  let { prev } = segment;
  let seq = firstSeq - 1;
  try {
    for await (const line of packedLines(join(folder, file))) {
      const parsed = parseSegmentLine(line);
      if (parsed.kind !== 'record') continue;
      const { record } = parsed;
      seq += 1;
      if (record.seq !== seq || record.prev !== prev || linkOf(keys.auditChain, prev, record.bytes) !== record.hash)
        throw notArchived(file, `is not what was archived, at record ${seq}.`);
      prev = record.hash;
      yield record;
    }
  } catch (error) {
    throw error instanceof Error && 'errno' in error ? notArchived(file, `cannot be read: ${messageOf(error)}.`, error) : error;
  }
  if (seq !== lastSeq || prev !== segment.hash) throw notArchived(file, `is not what was archived: it ends with record ${seq}.`);
}

function fits(filter: RecordFilter, { callId, who, what, phase, decision, sentence }: AuditRecord, bytes: string): boolean {
  const is = (wanted: string | undefined, found: string | null | undefined) => wanted === undefined || wanted === found;
  return (
    is(filter.callId, callId) &&
    is(filter.agentId, who.agent?.id) &&
    is(filter.capability, what.capability) &&
    is(filter.phase, phase) &&
    is(filter.effect, what.effect) &&
    is(filter.decision, decision?.effect) &&
    (filter.contains === undefined || bytes.includes(filter.contains)) &&
    (filter.sentence === undefined || lower(sentence).includes(lower(filter.sentence)))
  );
}

/** As SQLite does it: only ASCII letters (sqlite.org/lang_corefunc.html#lower). */
function lower(text: string): string {
  return text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

function archivedMeanwhile(): EnvironmentError {
  return new EnvironmentError({
    code: 'archived_meanwhile',
    message: 'Records were archived while they were searched, so that some may be missing in what was shown.',
    hint: 'Run it again when trunkline audit archive has ended.',
    retryable: true,
  });
}

function notArchived(what: string, why: string, cause?: unknown): EnvironmentError {
  return new EnvironmentError(
    {
      code: 'archive_unreadable',
      message: `${what} ${why}`,
      hint: 'Run trunkline audit verify --archive FOLDER: it says what is wrong with which file.',
    },
    { cause },
  );
}
