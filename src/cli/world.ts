// Everything a command may touch outside the rooms. main.ts makes one from the process, tests make their own.
import type { Readable } from 'node:stream';
import type { Clock } from '../base/index.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export type World = {
  readonly cwd: string;
  readonly env: Environment;
  readonly stdin: Readable;
  readonly stdout: Output;
  readonly stderr: Output;
  /** A person sits in front of it: stdin and stderr are terminals. Only then may a command ask. */
  readonly isInteractive: boolean;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly program: ProgramFiles;
};

/** What another program starts to start this one: absolute paths. */
export type ProgramFiles = {
  /** Of the Node.js that runs. */
  readonly node: string;
  /** Of the program's main file. */
  readonly main: string;
};

export interface Output {
  /** Resolves when the text was taken; awaiting it gives back-pressure. */
  write(text: string | Uint8Array): Promise<void>;
  readonly isTerminal: boolean;
  /** Width in character cells; changes when the window does. */
  readonly columns: () => number;
}
