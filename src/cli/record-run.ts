// The history of runs, written while a sync goes on, so that `status` can tell what happened even to a run that was killed.
import { isTrunklineError, messageOf, version } from '../base/index.ts';
import type { Clock, Log } from '../base/index.ts';
import { openRuns } from '../store/index.ts';
import type { RunNote, StreamFacts } from '../store/index.ts';
import type { StreamResult, SyncEvent, SyncResult } from '../sync/index.ts';
import { exitCodeOf } from './exit-codes.ts';
import { plural } from './output/format.ts';

/** Runs `work` and notes its events and its end. What the history cannot take is logged and costs the run nothing. */
export async function recordRun(
  facts: {
    readonly home: string;
    readonly streams: readonly string[];
    readonly clock: Clock;
    readonly log: Log;
    readonly exitCode: (result: SyncResult) => number;
  },
  work: (observe: (event: SyncEvent) => void) => Promise<SyncResult>,
): Promise<SyncResult> {
  const { home, streams, clock, log, exitCode } = facts;
  const runs = await openRuns({ home, clock });
  const id = await runs.begin({ command: 'sync', streams, startedAt: new Date(clock.now()).toISOString(), version });
  let writing: Promise<void> = Promise.resolve();
  const write = (act: () => Promise<void>) => {
    writing = writing
      .then(act)
      .catch((error: unknown) => log.debug('the history of runs could not be written', { reason: messageOf(error) }));
  };
  let requests = 0;
  const observe = (event: SyncEvent) => {
    if (event.kind === 'progress') requests = Math.max(requests, event.requests);
    const note = noteOf(event);
    if (note !== null) write(() => runs.note(id, { ...note, requests }));
  };
  try {
    const result = await work(observe);
    write(() => runs.note(id, { requests: result.requests, streams: result.streams.map(streamFacts) }));
    write(() => runs.end(id, { exit: exitCode(result), summary: summaryOf(result) }));
    return result;
  } catch (error) {
    // Messages of foreign errors may hold anything; ours hold no secrets.
    const text = isTrunklineError(error) ? error.message : 'An internal error ended the run.';
    write(() => runs.end(id, { exit: exitCodeOf(error), summary: 'ended early', error: text }));
    throw error;
  } finally {
    await writing;
    runs.close();
  }
}

function noteOf(event: SyncEvent): RunNote | null {
  switch (event.kind) {
    case 'stream-started':
      return { streams: [{ ...untouched, stream: event.stream, outcome: 'running' }] };
    case 'stream-ended':
      return { streams: [streamFacts(event.result)] };
    case 'package': {
      const { packageId, sequence, committedAt } = event.receipt;
      return { packages: [{ packageId, sequence, committedAt, rows: event.rows, bytes: event.bytes }] };
    }
    case 'progress':
    case 'waiting':
    case 'notice':
      return null;
  }
  return null;
}

const untouched = { rows: 0, written: 0, deleted: 0, quarantined: 0, windows: 0, requests: 0, message: null };

function streamFacts(result: StreamResult): StreamFacts {
  const { stream, outcome, rows, written, deleted, quarantined, windows, requests, messages } = result;
  return { stream, outcome, rows, written, deleted, quarantined, windows, requests, message: messages[0] ?? null };
}

function summaryOf(result: SyncResult): string {
  const written = result.streams.reduce((sum, stream) => sum + stream.written, 0);
  return `${result.outcome}: ${plural(result.streams.length, 'stream')}, ${plural(written, 'row')} written, ${plural(result.requests, 'request')}`;
}
