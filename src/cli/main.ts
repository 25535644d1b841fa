#!/usr/bin/env node
// The program. The only file that touches the process: everything else is handed what it needs.
import * as module from 'node:module';
import { Console } from 'node:console';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../base/index.ts';
import { exitCodes } from './exit-codes.ts';
import type { Output } from './world.ts';

// Stdout belongs to the answer of a command, which may be a protocol; what a library has to say goes where errors go.
globalThis.console = new Console(process.stderr);
// Node 22 and newer can keep compiled code between runs; the rest is imported after that, so that it profits.
(module as { readonly enableCompileCache?: () => void }).enableCompileCache?.();
const { run } = await import('./run.ts');

const stopping = new AbortController();
/** Of a connector every line counts: a platform that stops listening has not been given all. Other commands just end. */
const unheard = ['airbyte', 'estuary'].includes(process.argv[2] ?? '') ? exitCodes.incomplete : exitCodes.done;
/** After the signal. */
const lastFlushMs = 1000;
process.exitCode = await run(process.argv.slice(2), {
  cwd: process.cwd(),
  env: process.env,
  stdin: process.stdin,
  stdout: outputOf(process.stdout),
  stderr: outputOf(process.stderr),
  isInteractive: process.stdin.isTTY && process.stderr.isTTY,
  signal: stopSignal(),
  clock: systemClock,
  program: { node: process.execPath, main: fileURLToPath(import.meta.url) },
});
// What is left open (an idle connection kept alive, a timer) must not hold the process, nor a reader that takes nothing any more
// although it wants an end.
const isUnread = await Promise.race([
  Promise.all([flushed(process.stdout), flushed(process.stderr)]).then(() => false),
  systemClock
    .sleep(flushPatienceMs(), stopping.signal)
    .catch(() => systemClock.sleep(lastFlushMs))
    .then(() => true),
]);
if (isUnread && !stopping.signal.aborted && process.exitCode === exitCodes.done) {
  process.stderr.write('error: the client does not read what it is answered\n');
  process.exitCode = exitCodes.incomplete;
}
process.exit();

/** Readers may be as slow as they like. Only the client of `mcp` has closed its end already, and may read nothing any more. */
function flushPatienceMs(): number {
  if (process.argv[2] !== 'mcp') return Infinity;
  return process.exitCode === exitCodes.done ? 10_000 : lastFlushMs;
}

/** The first SIGINT or SIGTERM ends the work in good order; a second one ends the process at once. */
function stopSignal(): AbortSignal {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stopping.signal.aborted) process.exit(exitCodes.interrupted);
      stopping.abort(signal);
      if (process.stderr.isTTY) process.stderr.write('\nStopping; press Ctrl-C again to end at once. Everything sealed so far is safe.\n');
    });
  }
  return stopping.signal;
}

function outputOf(stream: NodeJS.WriteStream): Output {
  // A reader that has seen enough (`| head`) closes the pipe. Without stdout there is nothing left to do; the work goes on
  // where only nobody reads its progress any more.
  let isHeard = true;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    if (stream === process.stdout) process.exit(unheard);
    isHeard = false;
    // Whoever waits for the reader to take more need not any longer.
    stream.emit('drain');
  });
  return {
    isTerminal: stream.isTTY,
    columns: () => stream.columns ?? 80,
    write: (text) =>
      new Promise((resolve) => {
        if (!isHeard || stream.write(text)) resolve();
        else stream.once('drain', resolve);
      }),
  };
}

/** Resolves when everything written has left the process: where pipes are asynchronous, exiting would cut them. */
function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write('', () => resolve());
  });
}
