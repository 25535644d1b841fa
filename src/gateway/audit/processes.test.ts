// Real processes on one log: killed at any instant, writing at once, on a disk that is full or may not be written.
import { spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { factsOf, temporaryHome } from '../../../test/support/audit-lab.ts';
import { useOtherProcesses } from '../../load/conformance/other-process.conformance.ts';
import { AuditStore, openGatewayDatabase } from '../../store/index.ts';
import { makeGatewayKeys, writeGatewayKeys } from '../secrets/gateway-keys.ts';
import type { AuditRecord } from './record.ts';
import { verifyAuditLog } from './verify.ts';
import type { Verification } from './verify.ts';

const sources = {
  log: fileURLToPath(new URL('log.ts', import.meta.url)),
  keys: fileURLToPath(new URL('../secrets/gateway-keys.ts', import.meta.url)),
  store: fileURLToPath(new URL('../../store/index.ts', import.meta.url)),
  base: fileURLToPath(new URL('../../base/index.ts', import.meta.url)),
};
const keys = makeGatewayKeys();
const { programFor, start } = useOtherProcesses(sources);

test('of a process killed at any instant every acknowledged record is there, with what was to be stored with it, and the chain holds', async () => {
  const home = temporaryHome();
  const acknowledged: Ack[] = [];
  for (const killAfter of [1, 2, 3, 7, 20, 45, 90, 140]) {
    const child = start(
      append({ home, count: 100_000, together: 1 + (killAfter % 5), durability: killAfter % 2 === 0 ? 'power' : 'process' }),
    );
    for await (const ack of acksOf(child)) {
      acknowledged.push(ack);
      // Not when it has said something, but at some instant after it: the lines already written are still read.
      if (ack.nth === killAfter) setTimeout(() => child.kill('SIGKILL'), Math.random() * 8);
    }
  }
  const { verification, callIds, stored } = await look(home);
  expect(verification.damages).toEqual([]);
  expect(acknowledged.length).toBeGreaterThan(300);
  for (const { seq, callId } of acknowledged) expect([seq, callIds.get(seq), stored.has(callId)]).toEqual([seq, callId, true]);
  expect(new Set(acknowledged.map(({ seq }) => seq)).size).toBe(acknowledged.length);
  // What a record was to bring with it is there exactly when the record is.
  expect([...stored].sort()).toEqual([...callIds.values()].sort());
});

test('many processes that append at once make one chain without a gap', async () => {
  const home = temporaryHome();
  const workers = [1, 2, 3, 4].map((together) =>
    start(append({ home, count: 60, together, durability: together % 2 === 0 ? 'power' : 'process' })),
  );
  const acks = (await Promise.all(workers.map(allAcksOf))).flat();
  expect(acks).toHaveLength(240);
  expect(acks.map(({ seq }) => seq).sort((a, b) => a - b)).toEqual(Array.from({ length: 240 }, (_, index) => index + 1));
  const { verification, callIds } = await look(home);
  expect(verification).toMatchObject({ records: 240, damages: [] });
  for (const { seq, callId } of acks) expect(callIds.get(seq)).toBe(callId);
});

test('when the disk is full nothing more is acknowledged, and what was acknowledged is there', async () => {
  if (process.platform === 'win32') return;
  const home = temporaryHome();
  const program = join(home, 'fill.mjs');
  writeFileSync(program, programFor(append({ home, count: 100_000, together: 3, durability: 'power', padding: 2_000 })));
  // Files larger than this many half kilobytes are refused, as they are by a full disk.
  const { stdout } = spawnSync('sh', ['-c', 'ulimit -f 3000 && exec "$0" "$1"', process.execPath, program], { encoding: 'utf8' });
  const lines = stdout.trimEnd().split('\n');
  const failed = lines.filter((line) => line.startsWith('failed'));
  expect(failed.length).toBeGreaterThan(0);
  expect(new Set(failed)).toEqual(new Set(['failed audit_unavailable']));
  const acks = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Ack);
  expect(acks.length).toBeGreaterThan(50);
  const { verification, callIds, stored } = await look(home);
  expect(verification.damages).toEqual([]);
  for (const { seq, callId } of acks) expect([callIds.get(seq), stored.has(callId)]).toEqual([callId, true]);
  expect(verification.records).toBe(acks.length);
});

test.each([
  ['a folder that may not be written', 0o555],
  ['a file that may not be written', 0o777],
])('in %s nothing is acknowledged', async (_what, folderMode) => {
  if (process.platform === 'win32') return;
  const home = temporaryHome();
  await allAcksOf(start(append({ home, count: 3, together: 1, durability: 'process' })));
  chmodSync(join(home, 'gateway.db'), 0o444);
  chmodSync(home, folderMode);
  const lines = await linesOf(start(append({ home, count: 3, together: 1, durability: 'process', asNobody: true })));
  chmodSync(home, 0o755);
  chmodSync(join(home, 'gateway.db'), 0o644);
  expect(lines).toEqual(['failed folder_unwritable']);
  expect((await look(home)).verification.records).toBe(3);
});

test('while another process holds the file for long nothing is acknowledged, and afterwards all goes on', async () => {
  const home = temporaryHome();
  await allAcksOf(start(append({ home, count: 1, together: 1, durability: 'process' })));
  const holder = start(`
    ${imports}
    const database = await openGatewayDatabase({ home: ${JSON.stringify(home)} });
    database.prepare('BEGIN IMMEDIATE').run();
    say('held');
    process.stdin.resume();
    setInterval(() => {}, 1000);
  `);
  const [line] = await linesOf(holder, 1);
  expect(line).toBe('held');
  const child = start(append({ home, count: 2, together: 2, durability: 'process' }));
  const seqs: number[] = [];
  for await (const said of linesFrom(child)) {
    // It says so just before it appends; whatever it acknowledges comes after the other one is gone.
    if (said === 'appending') setTimeout(() => holder.kill('SIGKILL'), 50);
    else {
      expect(holder.killed).toBe(true);
      seqs.push((JSON.parse(said) as Ack).seq);
    }
  }
  expect(seqs.sort((a, b) => a - b)).toEqual([2, 3]);
});

// ---------------------------------------------------------------------------------------------------------------------

type Ack = { readonly seq: number; readonly callId: string; readonly nth: number };

type Job = {
  readonly home: string;
  readonly count: number;
  readonly together: number;
  readonly durability: 'process' | 'power';
  readonly padding?: number;
  readonly asNobody?: boolean;
};

const imports = `
  import { randomBytes } from 'node:crypto';
  import { writeSync } from 'node:fs';
  const { openAuditLog } = await import(LOG);
  const { readGatewayKeys } = await import(KEYS);
  const { openGatewayDatabase } = await import(STORE);
  const { systemClock } = await import(BASE);
  const say = (line) => writeSync(1, line + '\\n');
`;

/** A program that appends and says each record that was acknowledged, after it was. Each brings a row of another table with it. */
function append({ home, count, together, durability, padding = 0, asNobody = false }: Job): string {
  return `
    ${imports}
    if (${asNobody} && process.getuid() === 0) process.setuid(65534);
    const keys = readGatewayKeys(Buffer.from(${JSON.stringify(writeGatewayKeys(keys).toString('base64'))}, 'base64'));
    const facts = ${JSON.stringify(factsOf())};
    try {
      const database = await openGatewayDatabase({ home: ${JSON.stringify(home)} });
      const log = await openAuditLog({ database, company: 'acme', keys, clock: systemClock, random: randomBytes, mayBegin: true });
      database.prepare('CREATE TABLE IF NOT EXISTS brought (call_id TEXT PRIMARY KEY) STRICT').run();
      const bring = database.prepare('INSERT INTO brought VALUES (?)');
      let nth = 0;
      const one = async () => {
        const callId = randomBytes(8).toString('hex').replaceAll(/\\d/g, 'x');
        const also = () => void bring.run(callId);
        const change = { before: 'p'.repeat(${padding}), after: null };
        const { seq } = await log.append({ ...facts, callId, change }, { durability: ${JSON.stringify(durability)}, also });
        say(JSON.stringify({ seq, callId, nth: (nth += 1) }));
      };
      say('appending');
      let failed = 0;
      for (let done = 0; done < ${count} && failed < 5; done += ${together}) {
        const ends = await Promise.allSettled(Array.from({ length: Math.min(${together}, ${count} - done) }, one));
        for (const end of ends) if (end.status === 'rejected') (failed += 1), say('failed ' + end.reason.code);
      }
      await log.close();
      database.close();
    } catch (error) {
      say('failed ' + error.code);
    }
  `;
}

async function* acksOf(child: ChildProcess): AsyncGenerator<Ack> {
  for await (const line of linesFrom(child)) if (line.startsWith('{')) yield JSON.parse(line) as Ack;
}

async function allAcksOf(child: ChildProcess): Promise<Ack[]> {
  const acks: Ack[] = [];
  for await (const ack of acksOf(child)) acks.push(ack);
  return acks;
}

async function linesOf(child: ChildProcess, count = Infinity): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of linesFrom(child)) if (lines.push(line) === count) break;
  return lines;
}

function linesFrom(child: ChildProcess): AsyncIterable<string> {
  if (child.stdout === null) throw new TypeError('its output is not read');
  return createInterface({ input: child.stdout });
}

type Looked = { readonly verification: Verification; readonly callIds: ReadonlyMap<number, string>; readonly stored: ReadonlySet<string> };

async function look(home: string): Promise<Looked> {
  const database = await openGatewayDatabase({ home });
  try {
    const store = new AuditStore({ database, company: 'acme' });
    const verification = await verifyAuditLog({ store, keys, indexes: true });
    const records = store.records({ after: 0, limit: 1_000_000 }).map(({ bytes }) => JSON.parse(bytes) as AuditRecord);
    const brought = database.prepare('SELECT call_id FROM brought').all() as { call_id: string }[];
    return {
      verification,
      callIds: new Map(records.map(({ seq, callId }) => [seq, callId])),
      stored: new Set(brought.map((row) => row.call_id)),
    };
  } finally {
    database.close();
  }
}
