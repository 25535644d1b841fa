// The connector as Flow's runtime starts it: a process of its own from the built dist/, or, where nothing is killed, the same
// command in this process.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { type Clock, systemClock } from '../../src/base/index.ts';
import { run } from '../../src/cli/index.ts';

export type Ended = {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** What stood after the last line end. */
  readonly rest: string;
  readonly stderr: string;
};

/** The two ends of a running connector. */
export interface Connector {
  write(text: string | Uint8Array): void;
  /** Closes its stdin. */
  end(): void;
  /** Its output, line by line, until it ends. */
  lines(): AsyncGenerator<string, void>;
  /** Bytes written so far. */
  readonly bytes: number;
  kill(signal: NodeJS.Signals): void;
  pause(): void;
  resume(): void;
  /** Closes our end of its stdout. */
  closeOutput(): void;
  readonly pid: number | undefined;
  /** What it has written to stderr so far. */
  log(): string;
  /** The process is over, whether or not everything it wrote has been read. */
  readonly exited: Promise<void>;
  readonly ended: Promise<Ended>;
}

export type ConnectorOptions = {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly arguments?: readonly string[];
  /** Killed with SIGKILL as soon as it has written so many bytes; not one more is read. */
  readonly killAfterBytes?: number | undefined;
  /** Time in this process; a process of its own has its own. */
  readonly clock?: Clock | undefined;
};

const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export function startProcess(options: ConnectorOptions = {}): Connector {
  const home = temporaryFolder();
  const child = spawn(process.execPath, [program, 'estuary', ...(options.arguments ?? [])], {
    cwd: home,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, XDG_STATE_HOME: home, LOG_LEVEL: 'info', ...options.env },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const output = new LineQueue();
  const limit = options.killAfterBytes ?? Infinity;
  let stderr = '';
  child.stdout.on('data', (piece: Buffer) => {
    const room = limit - output.bytes;
    output.push(piece.subarray(0, room));
    if (piece.length >= room) child.kill('SIGKILL');
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  // A connector that ends before it was asked everything is no failure of the runtime's.
  child.stdin.on('error', () => {});
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code, signal) => {
      const rest = output.end();
      resolve({ code, signal, rest, stderr });
    });
  });
  return {
    write: (text) => void child.stdin.write(text),
    end: () => void child.stdin.end(),
    lines: () => output.lines(),
    get bytes() {
      return output.bytes;
    },
    kill: (signal) => void child.kill(signal),
    pause: () => void child.stdout.pause(),
    resume: () => void child.stdout.resume(),
    closeOutput: () => void child.stdout.destroy(),
    pid: child.pid,
    log: () => stderr,
    exited: new Promise((resolve) => void child.on('exit', () => resolve())),
    ended,
  };
}

export function startHere(options: ConnectorOptions = {}): Connector {
  const home = temporaryFolder();
  const stdin = new PassThrough();
  const output = new LineQueue();
  const stopping = new AbortController();
  onTestFinished(() => stopping.abort('the test is over'));
  let stderr = '';
  const out = (write: (text: string) => void | Promise<void>) => ({
    isTerminal: false,
    columns: () => 80,
    write: async (text: string | Uint8Array) => {
      await write(typeof text === 'string' ? text : Buffer.from(text).toString());
    },
  });
  const ended = run(['estuary', ...(options.arguments ?? [])], {
    cwd: home,
    env: { XDG_STATE_HOME: home, LOG_LEVEL: 'info', ...options.env },
    stdin,
    stdout: out(async (text) => {
      output.push(Buffer.from(text));
      await output.taken();
    }),
    stderr: out((text) => {
      stderr += text;
    }),
    isInteractive: false,
    signal: stopping.signal,
    clock: options.clock ?? systemClock,
    program: { node: process.execPath, main: '/opt/trunkline/dist/cli/main.js' },
  }).then((code) => ({ code, signal: null, rest: output.end(), stderr }));
  return {
    write: (text) => void stdin.write(text),
    end: () => void stdin.end(),
    lines: () => output.lines(),
    get bytes() {
      return output.bytes;
    },
    kill: (signal) => stopping.abort(signal),
    pause: () => output.pause(),
    resume: () => output.resume(),
    closeOutput: () => {},
    pid: undefined,
    log: () => stderr,
    exited: ended.then(() => {}),
    ended,
  };
}

/** Bytes in, lines out. */
class LineQueue {
  bytes = 0;
  #pieces: Buffer[] = [];
  readonly #lines: string[] = [];
  #isOver = false;
  #wake: () => void = () => {};
  #paused: Promise<void> | null = null;
  #unpause: () => void = () => {};

  push(piece: Buffer): void {
    this.bytes += piece.length;
    this.#pieces.push(piece);
    if (!piece.includes(0x0a)) return;
    const text = Buffer.concat(this.#pieces);
    const end = text.lastIndexOf(0x0a);
    this.#pieces = [text.subarray(end + 1)];
    this.#lines.push(...new TextDecoder('utf-8', { fatal: true }).decode(text.subarray(0, end)).split('\n'));
    this.#wake();
  }

  /** What is left of a line that did not end. */
  end(): string {
    this.#isOver = true;
    this.#wake();
    return Buffer.concat(this.#pieces).toString();
  }

  async *lines(): AsyncGenerator<string, void> {
    for (;;) {
      const [line] = this.#lines;
      if (line !== undefined) {
        this.#lines.shift();
        yield line;
      } else if (this.#isOver) return;
      else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }

  pause(): void {
    this.#paused ??= new Promise((resolve) => {
      this.#unpause = resolve;
    });
  }

  resume(): void {
    this.#paused = null;
    this.#unpause();
  }

  taken(): Promise<void> {
    return this.#paused ?? Promise.resolve();
  }
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'trunkline-flow-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
