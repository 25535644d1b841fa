// The real program as processes against a simulated company: started, killed at chosen or random moments, run to its end.
// Needs a built dist/, which `npm test` sees to.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/index.ts';
import { type CompareOptions, type Difference, differences, queryFile, type Tables, tablesOfFile } from './compare.ts';
import type { Dice } from './dice.ts';
import { temporaryFolder } from './lab.ts';

const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export type Ended = { readonly code: number | null; readonly signal: string | null; readonly stdout: string; readonly stderr: string };

export type Running = {
  readonly pid: number;
  readonly ended: Promise<Ended>;
  /** What it has written to stderr so far. */
  stderr(): string;
  kill(signal: 'SIGKILL' | 'SIGINT' | 'SIGTERM'): void;
};

export type Place = {
  readonly simulator: Simulator;
  readonly folder: string;
  readonly home: string;
  readonly path: string;
  readonly tables: Tables;
  /** Starts the program; `folder` is where, by default the place's own. */
  start(line: readonly string[], change?: StartOptions): Running;
  /** Runs it to its end. */
  run(line: readonly string[], change?: StartOptions): Promise<Ended>;
  differences(options?: CompareOptions): Promise<readonly Difference[]>;
};

export type StartOptions = {
  readonly folder?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** A shell command line in which `$PROGRAM` stands for the program with its arguments. */
  readonly through?: string;
};

/** A company that answers over HTTP, and a folder for the program to work in. */
export async function openPlace(options: SimulatorOptions = {}): Promise<Place> {
  const simulator = await startSimulator({ seed: 5, calls: 600, contacts: 250, requestsPerMinute: 'off', ...options });
  onTestFinished(() => simulator.close());
  const folder = temporaryFolder();
  const path = join(folder, 'aircall.duckdb');
  const { apiId, apiToken, baseUrl } = simulator;
  const environment = {
    ...process.env,
    XDG_STATE_HOME: join(folder, 'state'),
    AIRCALL_API_ID: apiId,
    AIRCALL_API_TOKEN: apiToken,
    AIRCALL_BASE_URL: baseUrl,
    TRUNKLINE_DESTINATION: `duckdb:${path}`,
    TRUNKLINE_QUOTA: '6000',
  };
  const start = (line: readonly string[], { folder: cwd = folder, env = {}, through }: StartOptions = {}): Running => {
    const whole = { ...environment, ...env };
    const child =
      through === undefined
        ? spawn(process.execPath, [program, ...line], { cwd, env: whole })
        : spawn('/bin/bash', ['-c', through.replace('$PROGRAM', `exec ${[process.execPath, program, ...line].join(' ')}`)], {
            cwd,
            env: whole,
          });
    const outputs = { stdout: '', stderr: '' };
    child.stdout.on('data', (piece: Buffer) => (outputs.stdout += piece.toString()));
    child.stderr.on('data', (piece: Buffer) => (outputs.stderr += piece.toString()));
    const ended = new Promise<Ended>((resolve) => {
      child.once('close', (code, signal) => resolve({ code, signal, ...outputs }));
    });
    onTestFinished(async () => {
      child.kill('SIGKILL');
      await ended;
    });
    return { pid: child.pid!, ended, stderr: () => outputs.stderr, kill: (signal) => child.kill(signal) };
  };
  return {
    simulator,
    folder,
    home: join(folder, '.trunkline'),
    path,
    tables: tablesOfFile(path),
    start,
    run: (line, change) => start(line, change).ended,
    differences: (compare) => differences(path, simulator.truth(), compare),
  };
}

/** Everything is read again by every run, a second after the last one. */
export function rereadEverything(place: Place): void {
  const config = { reread: [{ name: 'everything', span: 'all', every: 1 }] };
  writeFileSync(join(place.folder, 'trunkline.config.json'), JSON.stringify(config));
}

/**
 * Folders of packages that are not done, with what is in each: sealed packages that wait, and drafts. The folder of a writer
 * who died before it had written its name does not count: a run of a minute later takes it away.
 */
export function unfinishedPackages(home: string): readonly string[] {
  return packageFolders(home)
    .filter((folder) => {
      const names = readdirSync(folder);
      return !names.includes('receipt.json') && (names.includes('manifest.json') || sizeOf(join(folder, 'draft.lock')) > 0);
    })
    .map((folder) => `${folder}: ${readdirSync(folder).join(', ')}`);
}

function packageFolders(home: string): readonly string[] {
  if (!existsSync(home)) return [];
  return readdirSync(home, { withFileTypes: true }).flatMap((entry) => {
    if (!entry.isDirectory()) return [];
    const path = join(home, entry.name);
    return /^\d{10}-/.test(entry.name) ? [path] : packageFolders(path);
  });
}

/** Holders of leases in the file. */
export async function leaseHolders(path: string): Promise<readonly unknown[]> {
  const rows = await queryFile(path, 'SELECT holder FROM aircall_data._trunkline_lease WHERE holder IS NOT NULL');
  return rows.map((row) => row['holder']);
}

/** Moments worth dying at. */
export const moments = ['any', 'request', 'draft', 'sealed', 'loading', 'done'] as const;
export type Moment = (typeof moments)[number];

/** Kills a run for good at about such a moment, or lets it end when the moment does not come. Tells whether it was killed. */
export async function killAt(place: Place, running: Running, moment: Moment, dice: Dice): Promise<boolean> {
  const delayMs = dice.chance(0.5) ? 0 : dice.between(0, 40);
  const requests = place.simulator.requests.count + dice.between(0, 60);
  const deadline = performance.now() + dice.between(50, 2500);
  const sizeBefore = databaseSize(place);
  const before = {
    draft: having(place.home, 'draft.lock'),
    sealed: having(place.home, 'manifest.json'),
    done: having(place.home, 'receipt.json'),
  };
  const news = (kind: keyof typeof before, file: string) => having(place.home, file).some((folder) => !before[kind].includes(folder));
  const isNow: Readonly<Record<Moment, () => boolean>> = {
    any: () => performance.now() >= deadline,
    request: () => place.simulator.requests.count >= requests,
    draft: () => news('draft', 'draft.lock'),
    sealed: () => news('sealed', 'manifest.json'),
    loading: () => news('sealed', 'manifest.json') && databaseSize(place) !== sizeBefore,
    done: () => news('done', 'receipt.json'),
  };
  let over = false;
  const ended = running.ended.then((end) => {
    over = true;
    return end;
  });
  // Looked at often: the moments are short. But not all the time: the company answers from this very process.
  while (!over) {
    if (safely(isNow[moment])) break;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  if (!over && delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
  running.kill('SIGKILL');
  return (await ended).signal === 'SIGKILL';
}

/** Folders of packages that have such a file. */
function having(home: string, name: string): readonly string[] {
  return packageFolders(home).filter((folder) => readdirSync(folder).includes(name));
}

/** With the log beside it. */
function databaseSize({ path }: Place): number {
  return sizeOf(path) + sizeOf(`${path}.wal`);
}

function sizeOf(path: string): number {
  return existsSync(path) ? statSync(path).size : 0;
}

/** Files come and go while they are looked at. */
function safely(look: () => boolean): boolean {
  try {
    return look();
  } catch {
    return false;
  }
}
