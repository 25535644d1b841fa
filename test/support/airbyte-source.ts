// The Airbyte source beside a simulated company, run as platforms run it: with files, in this process or in one of its own.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished } from 'vitest';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/index.ts';
import { type CatalogStream, parseMessage, type RecordMessage } from './airbyte-model.ts';
import { Attempt, configure, type ConfiguredCatalog, Platform, type SavedState, savedState } from './airbyte-platform.ts';
import { Dice } from './dice.ts';
import { type Ended, openShell, type Shell } from './cli.ts';
import { SwiftClock } from './swift-clock.ts';

export type ReadWish = {
  readonly catalog?: ConfiguredCatalog | undefined;
  /** Anything that may stand in a state file; text is written as it is. */
  readonly states?: unknown;
  readonly platform?: Platform | undefined;
  readonly config?: object | undefined;
  readonly flags?: readonly string[] | undefined;
};

export type ReadOutcome = { readonly attempt: Attempt; readonly code: number; readonly stdout: string; readonly stderr: string };

export type Source = {
  readonly simulator: Simulator;
  readonly clock: SwiftClock;
  readonly shell: Shell;
  readonly config: Readonly<Record<string, unknown>>;
  readonly secrets: readonly string[];
  readonly streams: readonly CatalogStream[];
  /** `trunkline airbyte …` in this process. */
  readonly airbyte: (...line: readonly string[]) => Promise<Ended>;
  /** A read to its end; from the platform's states unless others are given. */
  readonly read: (wish?: ReadWish) => Promise<ReadOutcome>;
  /** The same in a process of its own, from the built dist/. */
  readonly spawn: (wish?: ReadWish) => SpawnedRead;
};

export type SpawnedRead = {
  readonly pid: number;
  /** Resolves with everything written until then, once there are so many lines or the process has ended. */
  readonly lines: (count: number) => Promise<string>;
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly stdout: Readable;
  readonly ended: Promise<{
    readonly code: number | null;
    readonly signal: NodeJS.Signals | null;
    readonly stdout: string;
    readonly stderr: string;
  }>;
};

export type SourceOptions = {
  readonly simulator?: SimulatorOptions;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly signal?: AbortSignal;
  /** The system's time instead of the test's own. */
  readonly realTime?: boolean;
};

/** Everything that differs from a default is the test's wish. Closed when the test is over. */
export async function openSource(options: SourceOptions = {}): Promise<Source> {
  const clock = new SwiftClock();
  const simulator = await startSimulator({
    seed: 3,
    calls: 320,
    contacts: 130,
    requestsPerMinute: 'off',
    ...(options.realTime === true ? {} : { clock }),
    ...options.simulator,
  });
  onTestFinished(() => simulator.close());
  const { apiId, apiToken, baseUrl } = simulator;
  const config = { api_id: apiId, api_token: apiToken, base_url: baseUrl, quota: 0, ...options.config };
  const shell = openShell({
    ...(options.realTime === true ? {} : { clock }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  const basic = Buffer.from(`${apiId}:${apiToken}`).toString('base64');
  const secrets = [apiId, apiToken, basic, encodeURIComponent(basic), Buffer.from(apiToken).toString('base64').replace(/=+$/, '')];
  shell.write('config.json', config);
  const discovered = await shell.run('airbyte', 'discover', '--config', 'config.json');
  const streams = discovered.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map(parseMessage)
    .flatMap((message) => (message.type === 'CATALOG' ? message.catalog.streams : []));

  const nineStreams = streams.filter(({ name }) => ordinary.includes(name));
  const prepare = (folder: string, { catalog = configure(nineStreams), states, platform, config: other = config }: ReadWish) => {
    const saved = states ?? platform?.states();
    const write = (name: string, content: unknown) => {
      writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
      return join(folder, name);
    };
    return {
      catalog,
      line: [
        'airbyte',
        'read',
        '--config',
        write('config.json', other),
        '--catalog',
        write('catalog.json', catalog),
        ...(saved === undefined ? [] : ['--state', write('state.json', saved)]),
      ],
    };
  };

  return {
    simulator,
    clock,
    shell,
    config,
    secrets,
    streams,
    airbyte: (...line) => shell.run('airbyte', ...line),
    async read(wish = {}) {
      const { catalog, line } = prepare(shell.cwd, wish);
      const ended = await shell.run(...line, ...(wish.flags ?? []));
      const attempt = new Attempt({ catalog, secrets, ...(wish.platform === undefined ? {} : { platform: wish.platform }) });
      attempt.read(ended.stdout).end(ended.code);
      return { attempt, ...ended };
    },
    spawn(wish = {}) {
      const folder = mkdtempSync(join(tmpdir(), 'trunkline-airbyte-'));
      onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
      const { line } = prepare(folder, wish);
      return spawnLine([...line, ...(wish.flags ?? [])], folder);
    },
  };
}

/** The streams of Airbyte's own connector. */
export const ordinary = ['calls', 'company', 'contacts', 'numbers', 'tags', 'user_availability', 'users', 'teams', 'webhooks'];

export const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

function spawnLine(line: readonly string[], folder: string): SpawnedRead {
  const child = spawn(process.execPath, [program, ...line], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, XDG_STATE_HOME: folder },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let stdout = '';
  let stderr = '';
  let count = 0;
  const waiters = new Set<() => void>();
  const wake = () => {
    for (const waiter of waiters) waiter();
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    count += text.split('\n').length - 1;
    wake();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  let isOver = false;
  const ended = new Promise<Awaited<SpawnedRead['ended']>>((resolve) => {
    child.on('close', (code, signal) => {
      isOver = true;
      wake();
      resolve({ code, signal, stdout, stderr });
    });
  });
  return {
    pid: child.pid ?? 0,
    lines: (wanted) =>
      new Promise((resolve) => {
        const look = () => {
          if (count < wanted && !isOver) return;
          waiters.delete(look);
          resolve(stdout);
        };
        waiters.add(look);
        look();
      }),
    kill: (signal) => void child.kill(signal),
    stdout: child.stdout,
    ended,
  };
}

/** The last state of each stream in an output, merged as platforms merge them. */
export function lastStates(attempt: Attempt): readonly SavedState[] {
  const last = new Map<string, SavedState>();
  for (const message of attempt.messages) {
    if (message.type !== 'STATE') continue;
    const { type, stream } = message.state;
    last.set(stream.stream_descriptor.name, { type, stream: { ...stream, stream_state: stream.stream_state } });
  }
  return [...last.values()];
}

/** Each checkpoint of a stream alone reproduces the rest of the stream: at least as many records, among them every one of the rest. */
export async function expectResumableStates({ read, streams }: Pick<Source, 'read' | 'streams'>, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const catalog = configure(streams, 'incremental', [name]);
    const whole = await read({ catalog });
    expect(whole.attempt.violations, name).toEqual([]);
    const [key] = catalog.streams[0]!.stream.source_defined_primary_key[0]!;
    const keysOf = (records: readonly RecordMessage[]) => new Set(records.map(({ data }) => Number(data[key!])));
    let before = 0;
    for (const [index, { blob, records }] of whole.attempt.states(name).entries()) {
      before += records;
      if (records === 0) continue;
      const rest = await read({ catalog, states: [savedState(name, blob)] });
      const where = `${name} from state ${index}`;
      expect(rest.attempt.violations, where).toEqual([]);
      const after = whole.attempt.records(name).slice(before);
      const restKeys = keysOf(rest.attempt.records(name));
      expect(rest.attempt.records(name).length, where).toBeGreaterThanOrEqual(after.length);
      expect(
        [...keysOf(after)].filter((id) => !restKeys.has(id)),
        where,
      ).toEqual([]);
      expect(restKeys.size, where).toBeLessThan(keysOf(whole.attempt.records(name)).size);
    }
  }
}

/** Kills reads at random lines and goes on from what was committed; in the end a whole read makes the tables equal the truth. */
export async function killAndResume(source: Source, { kills, seed }: { readonly kills: number; readonly seed: number }): Promise<void> {
  const { simulator, streams, secrets, spawn } = source;
  const dice = new Dice(seed);
  const catalog = configure(streams, 'incremental', ordinary);
  const platform = new Platform();
  for (let kill = 1; kill <= kills; kill += 1) {
    const child = spawn({ catalog, platform });
    await child.lines(dice.chance(0.2) ? dice.between(1, 30) : dice.between(30, 1400));
    child.kill('SIGKILL');
    const { code, stdout } = await child.ended;
    const attempt = new Attempt({ catalog, secrets, platform, keepsUncommitted: dice.chance(0.5) }).read(stdout, { isCut: true });
    if (code !== null) attempt.end(code);
    expect(attempt.violations, `seed ${seed}, kill ${kill}`).toEqual([]);
  }
  const { code, stdout } = await spawn({ catalog, platform }).ended;
  const attempt = new Attempt({ catalog, secrets, platform }).read(stdout).end(code ?? -1);
  expect([attempt.violations, code], `seed ${seed}, the last read`).toEqual([[], 0]);
  expect(platform.differences(simulator.truth()), `seed ${seed}`).toEqual([]);
}
