// Real processes on one file: started at once, killed at any instant, blocked by one another.
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { openBudget } from './budget/budget.ts';
import { thisMachine } from './machine.ts';

const room = path.dirname(fileURLToPath(import.meta.url));
const project = path.resolve(room, '../..');
const built = path.join(project, `node_modules/.cache/trunkline-store-${process.pid}`);
const windowMs = 400;
const children = new Set<ChildProcess>();
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'trunkline-processes-'));
  mkdirSync(built, { recursive: true });
  copyFileSync(path.join(project, 'package.json'), path.join(built, 'package.json'));
  const compiler = path.join(project, 'node_modules/typescript/bin/tsc');
  const options = ['--ignoreConfig', '--target', 'es2023', '--module', 'nodenext', '--types', 'node', '--skipLibCheck'];
  const outcome = spawnSync(
    process.execPath,
    [
      compiler,
      path.join(room, 'index.ts'),
      ...options,
      '--rewriteRelativeImportExtensions',
      '--rootDir',
      path.join(project, 'src'),
      '--outDir',
      path.join(built, 'dist'),
    ],
    { cwd: project, encoding: 'utf8' },
  );
  expect(outcome.stdout).toBe('');
  writeFileSync(path.join(built, 'child.mjs'), childProgram);
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  rmSync(built, { recursive: true, force: true });
});

test('processes that share a budget never pass it, and all of them get on', async () => {
  const place = path.join(folder, 'shared');
  const sent: Sent[] = [];
  const workers = ['live', 'pipeline', 'backfill', 'backfill'].map((priority) =>
    start({ does: 'work', folder: place, priority, quota: 8, windowMs, timeoutMs: 1_000, requests: 12, workers: 4 }),
  );
  await Promise.all(workers.map((worker) => gather(worker, sent)));
  expect(sent).toHaveLength(48);
  expect(mostInAnyWindow(sent)).toBeLessThanOrEqual(8);
});

test('processes killed at any instant leave neither too many requests nor lost slots behind', async () => {
  const place = path.join(folder, 'killed');
  const sent: Sent[] = [];
  const job = { does: 'work', folder: place, priority: 'backfill', quota: 6, windowMs, timeoutMs: 50, workers: 3 } as const;
  for (let round = 0; round < 4; round += 1) {
    const [victim, witness] = [start({ ...job, requests: 1_000 }), start({ ...job, requests: 5 })];
    const dying = gather(victim, sent);
    await gather(witness, sent);
    await sleep(Math.random() * 100);
    victim.kill('SIGKILL');
    await dying;
  }
  expect(mostInAnyWindow(sent)).toBeLessThanOrEqual(6);
  const budget = await openBudget({ company: 'acme', quota: 6, reserve: 0, folder: place, windowMs });
  const slots = await Promise.all(Array.from({ length: 6 }, () => budget.acquire({ priority: 'backfill', timeoutMs: 50 })));
  expect(slots).toHaveLength(6);
  expect(budget.status().used).toBe(6);
  budget.close();
});

test('the slot of a killed holder counts until its request must be a window old', async () => {
  const place = path.join(folder, 'holder');
  const holder = start({ does: 'hold', folder: place, quota: 1, windowMs, timeoutMs: 300 });
  const [line = ''] = await linesOf(holder, 1);
  const askedMs = Number(line.split(' ')[1]);
  holder.kill('SIGKILL');
  const budget = await openBudget({ company: 'acme', quota: 1, reserve: 0, folder: place, windowMs });
  const slot = await budget.acquire({ priority: 'live', timeoutMs: 300 });
  expect(thisMachine.uptimeMs()).toBeGreaterThan(askedMs + 300 + windowMs);
  slot.end();
  budget.close();
});

test('a 429 that one process met stops another', async () => {
  const place = path.join(folder, 'refused');
  const budget = await openBudget({ company: 'acme', quota: 50, reserve: 0, folder: place, windowMs: 5_000 });
  expect(budget.status().blockedUntilMs).toBeNull();
  const other = start({ does: 'refuse', folder: place, quota: 50, windowMs: 5_000, timeoutMs: 1_000 });
  await linesOf(other, 1);
  expect(budget.status().blockedUntilMs).toBeGreaterThan(Date.now());
  const waits: number[] = [];
  const called = new AbortController();
  const waiting = budget.acquire({ priority: 'live', timeoutMs: 1_000, signal: called.signal, onWait: (waitMs) => waits.push(waitMs) });
  await Promise.resolve();
  called.abort();
  await expect(waiting).rejects.toMatchObject({ code: 'interrupted' });
  expect(waits).toHaveLength(1);
  budget.close();
});

test('a process that another one keeps from writing waits without holding up its event loop', async () => {
  const place = path.join(folder, 'locked');
  const budget = await openBudget({ company: 'acme', quota: 50, reserve: 0, folder: place });
  const other = start({ does: 'lock', folder: place });
  await linesOf(other, 1);
  let isGiven = false;
  const acquiring = budget.acquire({ priority: 'live', timeoutMs: 1_000 }).then((slot) => {
    isGiven = true;
    return slot;
  });
  // Timers go on firing while the lock is held.
  for (let tick = 0; tick < 20; tick += 1) await sleep(5);
  expect(isGiven).toBe(false);
  other.kill('SIGKILL');
  (await acquiring).end();
  budget.close();
});

test('databases opened by several processes at once get each migration once', async () => {
  const place = path.join(folder, 'migrated');
  const openers = [0, 1, 2].map(() => start({ does: 'migrate', folder: place, files: 12 }));
  const counts = await Promise.all(openers.map((opener) => linesOf(opener, 12)));
  expect(counts.flat()).toEqual(Array.from({ length: 36 }, () => 'steps 20'));
});

test('a process killed while it migrates leaves a file that the next one completes', async () => {
  const place = path.join(folder, 'half-migrated');
  for (let round = 0; round < 4; round += 1) {
    const opener = start({ does: 'migrate', folder: path.join(place, String(round)), files: 1_000 });
    await linesOf(opener, 1);
    await sleep(Math.random() * 40);
    opener.kill('SIGKILL');
    const again = start({ does: 'migrate', folder: path.join(place, String(round)), files: 40 });
    expect(new Set(await linesOf(again, 40))).toEqual(new Set(['steps 20']));
  }
});

test('where the SQLite package has no binary, opening says what to install, and nothing falls back', async () => {
  const bare = path.join(folder, 'bare');
  const library = path.join(bare, 'node_modules/libsql');
  cpSync(built, bare, { recursive: true });
  mkdirSync(library, { recursive: true });
  writeFileSync(path.join(library, 'index.js'), "require('@libsql/some-other-machine');");
  const child = spawn(process.execPath, [path.join(bare, 'child.mjs'), JSON.stringify({ does: 'complain', folder: bare, quota: 1 })], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.add(child);
  const [line = ''] = await linesOf(child, 1);
  expect(JSON.parse(line)).toMatchObject({ code: 'sqlite_missing', hint: expect.stringContaining('npm install libsql') as string });
});

test('a running process is alive, one that ended is dead, and a reused process id is not taken for it', async () => {
  const other = start({ does: 'wait', folder });
  const [line = ''] = await linesOf(other, 1);
  const identity = JSON.parse(line) as typeof thisMachine.self;
  expect(thisMachine.liveness(identity)).toBe(identity.started === '' ? 'unknown' : 'alive');
  expect(thisMachine.liveness(thisMachine.self)).toBe(thisMachine.self.started === '' ? 'unknown' : 'alive');
  if (identity.started !== '') expect(thisMachine.liveness({ ...identity, started: '1' })).toBe('dead');
  expect(thisMachine.liveness({ ...identity, kernel: 'another' })).toBe('unknown');
  expect(thisMachine.liveness({ ...identity, namespace: 'another' })).toBe('unknown');
  other.kill('SIGKILL');
  await new Promise((resolve) => {
    other.once('close', resolve);
  });
  expect(thisMachine.liveness(identity)).toBe('dead');
});

// ---------------------------------------------------------------------------------------------------------------------

type Job = {
  readonly does: 'work' | 'hold' | 'refuse' | 'lock' | 'migrate' | 'wait';
  readonly folder: string;
  readonly priority?: string;
  readonly quota?: number;
  readonly windowMs?: number;
  readonly timeoutMs?: number;
  readonly requests?: number;
  readonly workers?: number;
  readonly files?: number;
};

type Sent = { fromMs: number; untilMs: number };

/** What the children run: the built store, and one line of output for each thing that happened. */
const childProgram = `
import { writeSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openBudget } from './dist/store/budget/budget.js';
import { openDatabase } from './dist/store/database.js';
import { thisMachine } from './dist/store/machine.js';

const job = JSON.parse(process.argv[2]);
const say = (line) => writeSync(1, line + '\\n');
const budget = () => openBudget({ company: 'acme', reserve: 0, ...job });
const request = { priority: job.priority ?? 'backfill', timeoutMs: job.timeoutMs };

const jobs = {
  async work() {
    const shared = await budget();
    let begun = 0;
    await Promise.all(Array.from({ length: job.workers }, async () => {
      while (begun < job.requests) {
        const number = (begun += 1);
        const slot = await shared.acquire(request);
        say('given ' + thisMachine.uptimeMs() + ' ' + number);
        await sleep(Math.random() * 10);
        say('ended ' + thisMachine.uptimeMs() + ' ' + number);
        slot.end();
      }
    }));
    shared.close();
  },
  async hold() {
    const shared = await budget();
    const askedMs = thisMachine.uptimeMs();
    await shared.acquire(request);
    say('asked ' + askedMs);
    await sleep(60_000);
  },
  async refuse() {
    const shared = await budget();
    (await shared.acquire(request)).end({ refused: true });
    say('refused');
  },
  async lock() {
    // As many steps as the file has seen; none of them is run.
    const kind = { name: 'budget', applicationId: 0x544c4231, synchronous: 'off', migrations: ['', ''] };
    const database = await openDatabase({ path: path.join(job.folder, 'acme.db'), kind });
    await database.write(() => {
      say('locked');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000);
      return {};
    });
  },
  async migrate() {
    const migrations = Array.from({ length: 20 }, (_, step) =>
      (step === 0 ? 'CREATE TABLE steps (step INTEGER PRIMARY KEY) STRICT;' : '') + 'INSERT INTO steps VALUES (' + step + ')');
    for (let file = 0; file < job.files; file += 1) {
      const kind = { name: 'test', applicationId: 77, synchronous: 'off', migrations };
      const database = await openDatabase({ path: path.join(job.folder, file + '.db'), kind });
      say('steps ' + database.prepare('SELECT count(*) AS steps FROM steps').get().steps);
      database.close();
    }
  },
  async complain() {
    await budget().catch(({ code, hint }) => say(JSON.stringify({ code, hint })));
  },
  async wait() {
    say(JSON.stringify(thisMachine.self));
    await sleep(60_000);
  },
};
await jobs[job.does]();
`;

function start(job: Job): ChildProcess {
  const child = spawn(process.execPath, [path.join(built, 'child.mjs'), JSON.stringify(job)], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.add(child);
  return child;
}

/** The first lines of a child's output. Fails when it ends before it has written so many. */
async function linesOf(child: ChildProcess, count: number): Promise<string[]> {
  const found: string[] = [];
  if (child.stdout === null) return found;
  for await (const line of createInterface({ input: child.stdout })) {
    found.push(line);
    if (found.length === count) break;
  }
  expect(found).toHaveLength(count);
  return found;
}

/** Adds what a worker sent. What was under way when it was killed may have reached Aircall until then. */
async function gather(child: ChildProcess, sent: Sent[]): Promise<void> {
  const open = new Map<string, Sent>();
  if (child.stdout === null) return;
  for await (const line of createInterface({ input: child.stdout })) {
    const [what, time, number = ''] = line.split(' ');
    if (what === 'given') {
      const request = { fromMs: Number(time), untilMs: Number(time) };
      open.set(number, request);
      sent.push(request);
    } else {
      const request = open.get(number);
      if (request) request.untilMs = Number(time);
    }
  }
}

function mostInAnyWindow(sent: readonly Sent[]): number {
  return Math.max(...sent.map(({ fromMs }) => sent.filter((other) => other.fromMs <= fromMs && other.untilMs + windowMs > fromMs).length));
}
