// Who in this process has which DuckDB file open. DuckDB loses data without a word when one process opens a file twice,
// and an open file keeps every other process out. So: one instance per real path, opened late and closed after each use.
// Writers are alone; readers may be together.
//
// The operating system drops a process's lock on a file when *any* handle on it is closed. Nobody in this process may open
// a database file by other means while an instance has it: such work goes through `withFileClosed`.
import { realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { DuckDBInstance } from '@duckdb/node-api';
import { throwIfAborted, type Clock } from '../../base/index.ts';
import { DestinationLocked, type LockWait } from '../../load/index.ts';
import { loadBinding } from './binding.ts';
import { asOurs, lockHolder } from './duckdb-errors.ts';
import { type Company, Turns } from './turns.ts';

export type Waiting = {
  /** What a person may read: `duckdb:./aircall.duckdb`. */
  readonly label: string;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  readonly onWait?: ((wait: LockWait) => void) | undefined;
  /** How long to wait for other holders before `DestinationLocked`. */
  readonly lockWaitMs: number;
};

export type OpenedFile = { readonly instance: DuckDBInstance; readonly close: () => void };

type Entry = {
  readonly turns: Turns;
  /** Instances of readers that are done while others still read: closing one would unlock the file for all. */
  retired: DuckDBInstance[];
  readers: number;
};

const entries = new Map<string, Entry>();
const firstDelayMs = 20;
const longestDelayMs = 1000;
/** From so many retired instances on, a new reader waits until those before it are done. */
const retiredAtMost = 4;

/** Opens a file for writing, creating it. Nobody else in this process has it until `close`. */
export async function openToWrite(path: string, settings: Readonly<Record<string, string>>, waiting: Waiting): Promise<OpenedFile> {
  const { real, leave } = await takeTurn(path, () => 'alone', waiting);
  try {
    const instance = await openWhenFree(real, settings, waiting);
    return { instance, close: once(() => closeAll([instance], leave)) };
  } catch (error) {
    leave();
    throw error;
  }
}

/**
 * Opens an existing file for reading, each reader with an instance of its own, so that what one of them does to its
 * instance never reaches another.
 */
export async function openToRead(path: string, settings: Readonly<Record<string, string>>, waiting: Waiting): Promise<OpenedFile> {
  const crowded = (entry: Entry) => entry.retired.length >= retiredAtMost;
  const { real, entry, leave } = await takeTurn(path, (found) => (crowded(found) ? 'alone' : 'together'), waiting);
  entry.readers += 1;
  const retire = (instance: DuckDBInstance | null) => {
    if (instance !== null) entry.retired.push(instance);
    entry.readers -= 1;
    const closing = entry.readers === 0 ? entry.retired : [];
    if (entry.readers === 0) entry.retired = [];
    closeAll(closing, leave);
  };
  try {
    const instance = await openWhenFree(real, { ...settings, access_mode: 'READ_ONLY' }, waiting);
    return { instance, close: once(() => retire(instance)) };
  } catch (error) {
    retire(null);
    throw error;
  }
}

/** Runs something while no instance of this process has the file. */
export async function withFileClosed<T>(path: string, waiting: Waiting, work: () => Promise<T>): Promise<T> {
  const { leave } = await takeTurn(path, () => 'alone', waiting);
  try {
    return await work();
  } finally {
    leave();
  }
}

async function takeTurn(
  path: string,
  companyFor: (entry: Entry) => Company,
  waiting: Waiting,
): Promise<{ real: string; entry: Entry; leave: () => void }> {
  throwIfAborted(waiting.signal);
  const real = await realPathOf(path);
  const entry: Entry = entries.get(real) ?? { turns: new Turns(), retired: [], readers: 0 };
  entries.set(real, entry);
  const end = await waitForTurn(entry.turns, companyFor(entry), waiting);
  const leave = () => {
    end();
    if (entry.turns.idle && entries.get(real) === entry) entries.delete(real);
  };
  return { real, entry, leave };
}

async function waitForTurn(turns: Turns, company: Company, waiting: Waiting): Promise<() => void> {
  const done = new AbortController();
  const signal = waiting.signal === undefined ? done.signal : AbortSignal.any([done.signal, waiting.signal]);
  const turn = turns.enter(company, signal);
  const watch = async (): Promise<never> => {
    const startedMs = waiting.clock.monotonic();
    for (let delayMs = firstDelayMs; ; delayMs = Math.min(delayMs * 2, longestDelayMs)) {
      await waiting.clock.sleep(delayMs, signal);
      const waitedMs = waiting.clock.monotonic() - startedMs;
      const holder = turns.inside === 'together' ? 'a query of this process' : 'another load of this process';
      if (waitedMs >= waiting.lockWaitMs) throw new DestinationLocked({ label: waiting.label, holder, waitedMs });
      waiting.onWait?.({ holder, waitedMs });
    }
  };
  try {
    return await Promise.race([turn, watch()]);
  } catch (error) {
    // It may have come to our turn in the same moment.
    turn.then(
      (end) => end(),
      () => {},
    );
    throw error;
  } finally {
    done.abort();
  }
}

async function openWhenFree(path: string, settings: Readonly<Record<string, string>>, waiting: Waiting): Promise<DuckDBInstance> {
  const { DuckDBInstance: Instance } = loadBinding();
  const startedMs = waiting.clock.monotonic();
  for (let delayMs = firstDelayMs; ; delayMs = Math.min(delayMs * 2, longestDelayMs)) {
    throwIfAborted(waiting.signal);
    try {
      return await Instance.create(path, { ...settings });
    } catch (error) {
      const holder = lockHolder(error);
      if (holder === null) throw asOurs(error, waiting.label);
      const waitedMs = waiting.clock.monotonic() - startedMs;
      if (waitedMs >= waiting.lockWaitMs) throw new DestinationLocked({ label: waiting.label, holder, waitedMs }, { cause: error });
      waiting.onWait?.({ holder, waitedMs });
    }
    await waiting.clock.sleep(delayMs, waiting.signal);
  }
}

function closeAll(instances: readonly DuckDBInstance[], leave: () => void): void {
  try {
    for (const instance of instances) instance.closeSync();
  } finally {
    leave();
  }
}

function once(work: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    work();
  };
}

/** The path that all names of a file have in common, also of a file that is not there yet. */
async function realPathOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    try {
      return join(await realpath(dirname(path)), basename(path));
    } catch {
      return path;
    }
  }
}
