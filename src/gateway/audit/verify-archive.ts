// The whole log: what was archived, from the first record on, and what follows on it in the database.
import { readdir } from 'node:fs/promises';
import { messageOf, UsageError } from '../../base/index.ts';
import { checkSegment } from './check-segment.ts';
import { listed, verifyAuditLog } from './verify.ts';
import type { Damage, Verification, VerifyOptions } from './verify.ts';

/**
 * {@link verifyAuditLog}, and each file of archived records in the folder. One chain: every file begins where the one before ended, and the
 * database where the last did. Throws `UsageError` for a folder that cannot be read, `Interrupted`.
 */
export async function verifyWholeLog(options: VerifyOptions & { readonly folder: string }): Promise<Verification> {
  const { folder, store, onProgress } = options;
  // Before anything was archived there need not be a folder.
  if (store.segments.last() !== null) await mustBeReadable(folder);
  const kept = await verifyAuditLog(options);
  const damages: Damage[] = [];
  let { moreDamages, checkpoints } = kept;
  let verified = 0;
  const compared = new Set<number>();
  // As of after the database was looked at: what was archived meanwhile is looked at here.
  for (const segment of store.segments.all()) {
    const found = await checkSegment({ ...options, segment });
    damages.push(...found.damages);
    moreDamages += found.moreDamages;
    checkpoints += found.checkpoints;
    verified += found.records;
    for (const seq of found.compared) compared.add(seq);
    onProgress?.(kept.records + verified);
  }
  const all = [...kept.damages, ...damages].sort((a, b) => a.fromSeq - b.fromSeq);
  return {
    ...kept,
    checkpoints,
    damages: all.slice(0, listed),
    moreDamages: moreDamages + Math.max(0, all.length - listed),
    archived: { ...kept.archived, verified },
    notCompared: kept.notCompared.filter((seq) => !compared.has(seq)),
  };
}

async function mustBeReadable(folder: string): Promise<void> {
  try {
    await readdir(folder);
  } catch (cause) {
    throw new UsageError(
      {
        code: 'archive_unreadable',
        message: `The folder of archived records cannot be read: ${messageOf(cause)}.`,
        hint: 'Give the folder that trunkline audit archive wrote into, with --archive.',
      },
      { cause },
    );
  }
}
