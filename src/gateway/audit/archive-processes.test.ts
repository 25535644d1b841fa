// Real processes that archive: killed at each step and at any instant, beside others that write, on a disk that is full or may not be written.
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { factsOf, temporaryHome } from '../../../test/support/audit-lab.ts';
import { exitOf, useOtherProcesses } from '../../load/conformance/other-process.conformance.ts';
import { AuditStore, openGatewayDatabase } from '../../store/index.ts';
import { makeGatewayKeys, writeGatewayKeys } from '../secrets/gateway-keys.ts';
import type { ArchiveStep } from './archive.ts';
import { verifyWholeLog } from './verify-archive.ts';
import type { Verification } from './verify.ts';
import { verifyAuditLog } from './verify.ts';

const sources = {
  archive: fileURLToPath(new URL('archive.ts', import.meta.url)),
  log: fileURLToPath(new URL('log.ts', import.meta.url)),
  keys: fileURLToPath(new URL('../secrets/gateway-keys.ts', import.meta.url)),
  store: fileURLToPath(new URL('../../store/index.ts', import.meta.url)),
  base: fileURLToPath(new URL('../../base/index.ts', import.meta.url)),
};
const keys = makeGatewayKeys();
const { programFor, start } = useOtherProcesses(sources);

test.each<[step: ArchiveStep['step'], nth: number]>([
  ['written', 1],
  ['verified', 2],
  ['named', 1],
  ['named', 3],
  ['recorded', 1],
  ['recorded', 2],
  ['removing', 1],
  ['removing', 4],
])('killed right after “%s” (%i) the log is complete, and the next run takes up what it finds', async (step, nth) => {
  const lab = place();
  await ended(append({ ...lab, count: 1_200 }));
  expect(await ended(archive({ ...lab, killAt: { step, nth } }))).toMatchObject({ signal: 'SIGKILL' });
  const killed = await look(lab);
  expect(killed.damages).toEqual([]);
  const made = filesIn(lab.folder);
  const bytes = made.map((file) => readFileSync(join(lab.folder, file)));
  expect(await ended(archive(lab))).toMatchObject({ output: expect.stringContaining('done') as string });
  // A file that was there was taken up as it is.
  expect(made.map((file) => readFileSync(join(lab.folder, file)))).toEqual(bytes);
  expect(readdirSync(lab.folder)).toEqual(filesIn(lab.folder));
  const { damages, archived } = await look(lab);
  expect(damages).toEqual([]);
  expect(archived.records).toBeGreaterThanOrEqual(1_199);
  expect(archived).toMatchObject({ left: 0, verified: archived.records });
});

test('killed at any instant, again and again, and with records added in between, it loses nothing and makes nothing twice', async () => {
  const lab = place();
  await ended(append({ ...lab, count: 1_000 }));
  for (let round = 0; round < 8; round += 1) {
    const child = start(archive(lab));
    const end = exitOf(child);
    // From the first word it says.
    child.stdout?.once('data', () => setTimeout(() => child.kill('SIGKILL'), Math.random() * 60));
    await end;
    const { damages } = await look(lab);
    expect(damages).toEqual([]);
    await ended(append({ ...lab, count: 20 }));
  }
  await ended(archive(lab));
  const { damages, archived } = await look(lab);
  expect(damages).toEqual([]);
  expect(archived.left).toBe(0);
  expect(readdirSync(lab.folder)).toEqual(filesIn(lab.folder));
});

test('while one process archives, another goes on recording, and a third verifies', async () => {
  const lab = place();
  await ended(append({ ...lab, count: 2_000 }));
  const writing = ended(append({ ...lab, count: 600, together: 5 }));
  const archiving = ended(archive({ ...lab, segmentLength: 150 }));
  for (let done = false; !done;) {
    const finished = await Promise.race([archiving, new Promise<null>((resolve) => setTimeout(resolve, 1, null))]);
    done = finished !== null;
    const { damages } = await look(lab);
    expect(damages).toEqual([]);
  }
  expect((await writing).output).toContain('appended 600');
  await ended(archive(lab));
  expect((await look(lab)).damages).toEqual([]);
});

test('of processes that archive at once each record is in one file, and whoever comes late says so', async () => {
  const lab = place();
  await ended(append({ ...lab, count: 1_500 }));
  const ends = await Promise.all([1, 2, 3].map(() => ended(archive({ ...lab, segmentLength: 100 }))));
  for (const { output } of ends) expect(output).toMatch(/^done|^failed (archive_overtaken|folder_unwritable)/m);
  await ended(archive(lab));
  const { damages, archived } = await look(lab);
  expect(damages).toEqual([]);
  expect(archived.verified).toBe(archived.records);
});

test('when the disk of the folder is full it says so, nothing is taken out, and no half file is left', async () => {
  if (process.platform === 'win32') return;
  const lab = place();
  await ended(append({ ...lab, count: 3_000 }));
  const program = join(lab.home, 'archive.mjs');
  writeFileSync(program, programFor(archive({ ...lab, segmentLength: 100_000 })));
  // Files larger than this many half kilobytes are refused, as they are by a full disk.
  const { stdout } = spawnSync('sh', ['-c', 'ulimit -f 120 && exec "$0" "$1"', process.execPath, program], { encoding: 'utf8' });
  expect(stdout).toContain('failed disk_full There is no room left for archived records in');
  expect(readdirSync(lab.folder)).toEqual([]);
  expect(await look(lab)).toMatchObject({ records: 3_000, damages: [], archived: { records: 0 } });
});

test('a folder that may not be written is refused, and nothing is taken out', async () => {
  if (process.platform === 'win32') return;
  const lab = place();
  await ended(append({ ...lab, count: 100 }));
  // What writes the log may write it; only the folder is another's.
  if (process.getuid?.() === 0) for (const path of [lab.home, join(lab.home, 'gateway.db')]) chownSync(path, 65_534, 65_534);
  chmodSync(lab.folder, 0o555);
  const { output } = await ended(archive({ ...lab, asNobody: true }));
  chmodSync(lab.folder, 0o755);
  expect(output).toContain(`failed folder_unwritable Archived records cannot be kept in ${lab.folder} (EACCES).`);
  expect(await look(lab)).toMatchObject({ records: 100, damages: [], archived: { records: 0 } });
});

// ---------------------------------------------------------------------------------------------------------------------

type Place = { readonly home: string; readonly folder: string };

function place(): Place {
  const home = temporaryHome();
  const folder = join(temporaryHome(), 'archive');
  mkdirSync(folder);
  chmodSync(join(folder, '..'), 0o755);
  return { home, folder };
}

function opening(home: string): string {
  return `
    import { randomBytes } from 'node:crypto';
    import { writeSync } from 'node:fs';
    const { archiveRecords } = await import(ARCHIVE);
    const { openAuditLog } = await import(LOG);
    const { readGatewayKeys } = await import(KEYS);
    const { AuditStore, openGatewayDatabase } = await import(STORE);
    const { systemClock } = await import(BASE);
    const say = (line) => writeSync(1, line + '\\n');
    const keys = readGatewayKeys(Buffer.from(${JSON.stringify(writeGatewayKeys(keys).toString('base64'))}, 'base64'));
    const opened = async () => {
      const database = await openGatewayDatabase({ home: ${JSON.stringify(home)} });
      const log = await openAuditLog({ database, company: 'acme', keys, clock: systemClock, random: randomBytes, mayBegin: true });
      return { database, log, store: new AuditStore({ database, company: 'acme' }) };
    };
  `;
}

function append({ home, count, together = 50 }: Place & { readonly count: number; readonly together?: number }): string {
  return `
    ${opening(home)}
    const { database, log } = await opened();
    const facts = ${JSON.stringify(factsOf({ decision: null }))};
    let appended = 0;
    while (appended < ${count}) {
      const batch = Array.from({ length: Math.min(${together}, ${count} - appended) }, () => log.append(facts, { durability: 'process' }));
      appended += (await Promise.all(batch)).length;
    }
    await log.close();
    database.close();
    say('appended ' + appended);
  `;
}

type Job = Place & {
  readonly segmentLength?: number;
  readonly killAt?: { readonly step: string; readonly nth: number };
  readonly asNobody?: boolean;
};

function archive({ home, folder, segmentLength = 400, killAt = { step: '', nth: 0 }, asNobody = false }: Job): string {
  return `
    ${opening(home)}
    if (${asNobody} && process.getuid() === 0) process.setuid(65534);
    let left = ${killAt.nth};
    const onStep = ({ step }) => {
      if (step === ${JSON.stringify(killAt.step)} && (left -= 1) === 0) process.kill(process.pid, 'SIGKILL');
    };
    try {
      const { database, log, store } = await opened();
      say('begins');
      const newCallId = () => 'adm_' + randomBytes(12).toString('hex');
      const done = await archiveRecords({
        store, log, keys, newCallId, onStep,
        operator: 'olga', folder: ${JSON.stringify(folder)}, before: '2100-01-01T00:00:00.000Z',
        clock: systemClock, segmentLength: ${segmentLength},
      });
      await log.close();
      database.close();
      say('done ' + JSON.stringify(done));
    } catch (error) {
      say('failed ' + error.code + ' ' + error.message);
    }
  `;
}

function ended(program: string) {
  return exitOf(start(program));
}

function filesIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.jsonl.gz'))
    .sort();
}

/** The log with its files, once it is clear that each record is there: in the log, or in exactly one file the log tells about. */
async function look({ home, folder }: Place): Promise<Verification> {
  const database = await openGatewayDatabase({ home });
  try {
    const store = new AuditStore({ database, company: 'acme' });
    const verification = await verifyWholeLog({ store, keys, folder });
    expect((await verifyAuditLog({ store, keys })).damages).toEqual([]);
    const files = database.snapshot(() => store.segments.all().map(({ file }) => file));
    const seqs = files.flatMap(
      (file) =>
        gunzipSync(readFileSync(join(folder, file)))
          .toString()
          .match(/^\{"seq":\d+/gm) ?? [],
    );
    expect(seqs.map((text) => Number(text.slice(7)))).toEqual(Array.from({ length: seqs.length }, (_, index) => index + 1));
    return verification;
  } finally {
    database.close();
  }
}
