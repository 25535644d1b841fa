// Runs command lines in this process, with a folder of their own and captured output.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { onTestFinished } from 'vitest';
import { systemClock, type Clock } from '../../src/base/index.ts';
import { run } from '../../src/cli/index.ts';
import type { Output, World } from '../../src/cli/index.ts';

export type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string };

export type Shell = {
  readonly cwd: string;
  /** What stands in the environment; may be changed between runs. */
  readonly env: Record<string, string | undefined>;
  readonly write: (name: string, content: string | object) => void;
  readonly run: (...line: readonly string[]) => Promise<Ended>;
  /** What the last command has written so far. */
  readonly shown: () => Pick<Ended, 'stdout' | 'stderr'>;
  /** Types a line at the last command. */
  readonly type: (line: string) => void;
};

export type ShellOptions = {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
  /** Answers to questions, in order; their presence makes stdin and stderr terminals. */
  readonly answers?: readonly string[];
  /** Width of a terminal on stdout and stderr; absent: no terminal. */
  readonly columns?: number;
  readonly stdin?: string;
  readonly program?: World['program'];
};

/** A folder that goes when the test ends, and a way to run commands in it. */
export function openShell(options: ShellOptions = {}): Shell {
  const cwd = mkdtempSync(join(tmpdir(), 'trunkline-'));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  const env: Record<string, string | undefined> = { XDG_STATE_HOME: join(cwd, 'state'), LOCALAPPDATA: join(cwd, 'state'), ...options.env };
  let last = openTerminal(options);
  return {
    cwd,
    env,
    write: (name, content) => writeFileSync(join(cwd, name), typeof content === 'string' ? content : JSON.stringify(content)),
    shown: () => last.shown(),
    type: (line) => void last.stdin.write(`${line}\n`),
    async run(...line) {
      const terminal = openTerminal(options);
      last = terminal;
      const { stdin, output } = terminal;
      const code = await run(line, {
        cwd,
        env,
        stdin,
        stdout: output('stdout'),
        stderr: output('stderr'),
        isInteractive: options.answers !== undefined,
        signal: options.signal ?? new AbortController().signal,
        clock: options.clock ?? systemClock,
        program: options.program ?? { node: '/usr/bin/node', main: '/opt/trunkline/dist/cli/main.js' },
      });
      return { code, ...terminal.shown() };
    },
  };
}

function openTerminal(options: ShellOptions) {
  const stdin = new PassThrough();
  const answers = [...(options.answers ?? [])];
  if (options.answers === undefined) stdin.end(options.stdin ?? '');
  const isTerminal = options.columns !== undefined || options.answers !== undefined;
  const outputs = { stdout: '', stderr: '' };
  let answered = '';
  const output = (name: keyof typeof outputs): Output => ({
    isTerminal,
    columns: () => options.columns ?? 80,
    write: async (text) => {
      outputs[name] += typeof text === 'string' ? text : Buffer.from(text).toString();
      if (name !== 'stderr') return;
      // A question has just been asked: its reader listens once the prompt has been written.
      const shown = withoutCommands(outputs.stderr);
      if (answers.length === 0 || shown === answered || !/[?:\])] $/.test(shown)) return;
      answered = shown;
      const answer = answers.shift() ?? '';
      setImmediate(() => stdin.write(`${answer}\n`));
    },
  });
  return { stdin, output, shown: () => ({ ...outputs }) };
}

/** Without the terminal's commands for colours and for moving the cursor. */
function withoutCommands(text: string): string {
  // oxlint-disable-next-line no-control-regex -- the escape character is what these commands begin with
  return text.replaceAll(/\u001b\[[0-9;]*[A-Za-z]/g, '');
}
