// Where everything stands: what the destination says, and what the history of runs in the home folder knows besides.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { isObject } from '../base/index.ts';
import type { UnknownRecord } from '../base/index.ts';
import { createDestination, readDestination } from '../destinations/index.ts';
import type { LockWait } from '../load/index.ts';
import { openRuns } from '../store/index.ts';
import type { Run, StreamFacts } from '../store/index.ts';
import { defaultStreams, streams } from '../streams/index.ts';
import { pendingPackages, pipeline } from '../sync/index.ts';
import type { Settings } from './settings/resolve.ts';
import type { destinationSettings } from './wire.ts';
import type { World } from './world.ts';

export type StreamStatus = {
  readonly stream: string;
  /** Sync reads it without being asked for it by name. */
  readonly isExpected: boolean;
  /** Rows that are not marked deleted, and those that are; null when the table does not exist. */
  readonly rows: number | null;
  readonly gone: number | null;
  /** The data is at least as new as this, ISO-8601; null when it was never read to its end. */
  readonly freshAt: string | null;
  readonly lastOutcome: StreamFacts['outcome'] | null;
  /** What is due to be read again. */
  readonly due: string | null;
};

export type Status = {
  readonly destination: {
    readonly url: string;
    readonly known: boolean;
    readonly lastPackageAt: string | null;
    /** When the snapshot that was asked was made; null when the destination itself answered. */
    readonly snapshotAt: string | null;
  };
  readonly streams: readonly StreamStatus[];
  /** Newest first. */
  readonly runs: readonly Run[];
  /** Sealed packages that the destination has not confirmed. */
  readonly packagesWaiting: number;
};

type Asking = Pick<World, 'cwd' | 'signal' | 'clock'> & {
  readonly settings: Settings<(typeof destinationSettings)[number] | 'streams'>;
  readonly home: string;
  readonly onWait: (wait: LockWait) => void;
};

type Loaded = Pick<Status, 'destination'> & {
  readonly states: Readonly<Record<string, UnknownRecord>>;
  readonly counts: ReadonlyMap<string, { readonly rows: number; readonly gone: number }>;
  /** When each state was committed. */
  readonly stateAt: ReadonlyMap<string, string>;
};

const runsShown = 5;
const runsSearched = 200;

export async function collectStatus(context: Asking): Promise<Status> {
  const { settings, home, clock, cwd } = context;
  const loaded = await load(context);
  const runs = existsSync(home) ? await lastRuns(home, clock) : [];
  const expected = settings.streams ?? defaultStreams.map((stream) => stream.name);
  const all = streams.map((stream): StreamStatus => {
    const counts = loaded.counts.get(stream.shape.table);
    const state = loaded.states[stream.name];
    return {
      stream: stream.name,
      isExpected: expected.includes(stream.name),
      rows: counts?.rows ?? null,
      gone: counts?.gone ?? null,
      freshAt: newest(loaded.stateAt.get(stream.name) ?? null, readAt(runs, stream.name)),
      lastOutcome:
        runs.map((run) => run.streams.find((each) => each.stream === stream.name)?.outcome).find((outcome) => outcome !== undefined) ??
        null,
      due: dueOf(state),
    };
  });
  return {
    destination: loaded.destination,
    streams: all.filter((each) => each.isExpected || each.freshAt !== null || each.lastOutcome !== null),
    runs: runs.slice(0, runsShown),
    packagesWaiting: existsSync(home)
      ? (await pendingPackages({ home, destination: createDestination(settings.destination, { cwd, dataset: settings.dataset }) })).length
      : 0,
  };
}

async function load(context: Asking): Promise<Loaded> {
  const { clock, cwd, signal, settings, onWait } = context;
  const { dataset, memory, destination } = settings;
  const nothing: Loaded = {
    destination: { url: destination.label, known: false, lastPackageAt: null, snapshotAt: null },
    states: {},
    counts: new Map(),
    stateAt: new Map(),
  };
  let snapshotAgeMs: number | null = null;
  const ask = async (sql: string): Promise<readonly (readonly unknown[])[]> => {
    const answer = await readDestination(destination, sql, { cwd, dataset, memory, clock, signal, onWait });
    snapshotAgeMs = answer.snapshotAgeMs;
    const rows: (readonly unknown[])[] = [];
    for await (const row of answer.result.rows) rows.push(row);
    return rows;
  };
  if (!existsSync(resolve(cwd, destination.path))) return nothing;
  const found = await ask(
    `SELECT table_name FROM information_schema.tables WHERE table_schema = ${text(dataset)} AND table_type = 'BASE TABLE'`,
  );
  const tables = new Set(found.map(([table]) => String(table)));
  if (!tables.has('_trunkline_loads')) return nothing;

  const [last] = await ask(`SELECT max(committed_at) FROM _trunkline_loads WHERE pipeline = ${text(pipeline)}`);
  const states = await ask(`SELECT stream, state, updated_at FROM _trunkline_state WHERE pipeline = ${text(pipeline)}`);
  const roots = [...new Set(streams.map((stream) => stream.shape.table))].filter((table) => tables.has(table));
  const counts = roots.length === 0 ? [] : await ask(roots.map(countSql).join(' UNION ALL '));
  return {
    destination: {
      url: destination.label,
      known: true,
      lastPackageAt: last?.[0] == null ? null : isoOf(last[0]),
      snapshotAt: snapshotAgeMs === null ? null : new Date(clock.now() - snapshotAgeMs).toISOString(),
    },
    states: Object.fromEntries(states.map(([stream, state]) => [String(stream), isObject(state) ? state : {}])),
    counts: new Map(counts.map(([table, rows, gone]) => [String(table), { rows: Number(rows), gone: Number(gone) }])),
    stateAt: new Map(states.map(([stream, , updatedAt]) => [String(stream), isoOf(updatedAt)])),
  };
}

function countSql(table: string): string {
  return `SELECT ${text(table)}, count(*) - count(_deleted_at), count(_deleted_at) FROM "${table}"`;
}

function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

function isoOf(value: unknown): string {
  return new Date(String(value)).toISOString();
}

async function lastRuns(home: string, clock: World['clock']): Promise<readonly Run[]> {
  const runs = await openRuns({ home, clock });
  try {
    return runs.list({ limit: runsSearched });
  } finally {
    runs.close();
  }
}

/** A run that read a stream to its end shows it as it was when the run began, or newer. */
function readAt(runs: readonly Run[], stream: string): string | null {
  return runs.find((run) => run.streams.some((each) => each.stream === stream && each.outcome === 'done'))?.startedAt ?? null;
}

function newest(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b;
  return Date.parse(a) >= Date.parse(b) ? a : b;
}

function dueOf(state: UnknownRecord | undefined): string | null {
  const due = state?.['due'];
  return Array.isArray(due) && due.length > 0 ? 're-reads' : null;
}
