// A log with a folder beside it that old records go into.
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { archiveRecords, verifyWholeLog } from '../../src/gateway/index.ts';
import type { Archived, Verification } from '../../src/gateway/index.ts';
import type { AuditLab } from './audit-lab.ts';
import { openAuditLab, temporaryHome } from './audit-lab.ts';
import { FakeClock } from './fake-clock.ts';

type ArchiveOptions = Parameters<typeof archiveRecords>[0];

export type ArchiveLab = AuditLab & {
  readonly folder: string;
  /** Everything that is old, a hundred records to a file, unless said otherwise. */
  readonly archive: (options?: Partial<ArchiveOptions>) => Promise<Archived>;
  /** Of the log and the folder. */
  readonly whole: (options?: Partial<Parameters<typeof verifyWholeLog>[0]>) => Promise<Verification>;
  /** As `verify.test.ts` writes them, without the name of the file. */
  readonly damages: () => Promise<string[]>;
  readonly files: () => string[];
  readonly read: (file: string) => Buffer;
  /** Puts bytes in the place of a file, or packs lines anew. */
  readonly replace: (file: string, bytes: Buffer) => void;
  readonly repack: (file: string, change: (lines: string[]) => readonly string[]) => void;
};

export async function openArchiveLab(): Promise<ArchiveLab> {
  const lab = await openAuditLab();
  const { store, log, keys } = lab;
  const folder = join(temporaryHome(), 'archive');
  const read = (file: string) => readFileSync(join(folder, file));
  const replace = (file: string, bytes: Buffer) => writeFileSync(join(folder, file), bytes);
  const whole: ArchiveLab['whole'] = (options = {}) => verifyWholeLog({ store, keys, folder, ...options });
  return {
    ...lab,
    folder,
    archive: (options = {}) =>
      archiveRecords({
        store,
        log,
        keys,
        folder,
        operator: 'olga',
        before: '2100-01-01T00:00:00.000Z',
        clock: new FakeClock({ hurry: true }),
        newCallId: () => `adm_${randomBytes(12).toString('hex')}`,
        segmentLength: 100,
        ...options,
      }),
    whole,
    damages: async () =>
      (await whole()).damages.map(
        ({ kind, fromSeq, toSeq, text, file }) =>
          `${kind} ${fromSeq}-${toSeq} ${file === undefined ? text : text.replace(`${file}: `, '')}`,
      ),
    files: () => readdirSync(folder).sort(),
    read,
    replace,
    repack: (file, change) => {
      const lines = gunzipSync(read(file)).toString().trimEnd().split('\n');
      replace(file, gzipSync(`${change(lines).join('\n')}\n`));
    },
  };
}
