// What was archived, and what verifying says of it, as a person reads it.
import type { Archived, Verification } from '../../gateway/index.ts';
import { count, moment, plural } from './format.ts';

export function archivedLines(
  { segments, removed, kept, heldBackBy }: Archived,
  { folder, shrunk }: { readonly folder: string; readonly shrunk: boolean },
): readonly string[] {
  const [first, last] = [segments.at(0), segments.at(-1)];
  const lines: string[] = [];
  if (first === undefined || last === undefined) lines.push('Nothing to archive: no record that may go is as old.');
  else {
    const range = `${count(first.firstSeq)} to ${count(last.lastSeq)}`;
    lines.push(`Archived records ${range}, until ${moment(last.time)}, into ${plural(segments.length, 'file')} in ${folder}:`);
    lines.push(...segments.map(({ file, sha256 }) => `  ${file}  SHA-256 ${sha256}`));
  }
  if (removed > 0) lines.push(`${plural(removed, 'record')} taken out of the log${shrunk ? '' : '; the room is used again'}.`);
  if (shrunk) lines.push('gateway.db is as small as what it holds.');
  lines.push(`The log goes from record ${count(kept.fromSeq)}${kept.since === null ? '' : ` (${moment(kept.since)})`} on.`);
  if (heldBackBy !== null) {
    lines.push(
      `Record ${count(heldBackBy.seq)} is a request without an outcome, so it and what came after it stay. When trunkline serve starts ` +
        'it records what became of such requests.',
    );
  }
  return lines;
}

/** Since when records are in the log, where what was asked for reaches back before that; else null. */
export function keptLine(
  kept: Archived['kept'] | null,
  asked: { readonly from?: string | undefined; readonly after?: number },
): string | null {
  if (kept === null || (asked.after ?? 0) >= kept.fromSeq - 1) return null;
  const { fromSeq, since } = kept;
  if (asked.from !== undefined && since !== null && asked.from >= since) return null;
  const when = since === null ? '' : `, and before ${moment(since)},`;
  return `What came before record ${count(fromSeq)}${when} is archived in files, and was not looked at here.`;
}

export function archiveLines({ archived, notCompared }: Verification): readonly string[] {
  const { records, segments, until, left, verified } = archived;
  const lines: string[] = [];
  if (records > 0) {
    const files = plural(segments, 'file');
    const range = `Records 1 to ${count(records)} (until ${until === null ? '?' : moment(until)})`;
    if (verified === null) lines.push(`${range} are archived in ${files}, which were not looked at: --archive FOLDER verifies them, too.`);
    else lines.push(`${range} are archived in ${files}: ${plural(verified, 'record')} were verified there.`);
  }
  if (left > 0) lines.push(`${plural(left, 'archived record')} still in the log: the next trunkline audit archive takes them out.`);
  for (const seq of notCompared)
    lines.push(
      `The checkpoint kept elsewhere, of record ${count(seq)}, was not compared: that record is archived, and --archive FOLDER was not given.`,
    );
  return lines;
}
