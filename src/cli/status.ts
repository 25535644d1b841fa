// Where everything stands: what the destination says, and what the history of runs in the home folder knows besides.
import { existsSync } from 'node:fs';
import { UsageError } from '../base/index.ts';
import type { JsonObject } from '../base/index.ts';
import type { Session } from '../load/index.ts';
import { openRuns } from '../store/index.ts';
import type { Run, StreamFacts } from '../store/index.ts';
import { defaultStreams, streams } from '../streams/index.ts';
import { pendingPackages, pipeline } from '../sync/index.ts';
import { reading } from './read-destination.ts';
import type { Settings } from './settings/resolve.ts';
import { destinationOf } from './wire.ts';
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
};

type Loaded = Pick<Status, 'destination'> & {
  readonly states: Readonly<Record<string, JsonObject>>;
  readonly counts: ReadonlyMap<string, { readonly rows: number; readonly gone: number }>;
  /** When each state was committed. */
  readonly stateAt: ReadonlyMap<string, string>;
};

const runsShown = 5;
const runsSearched = 200;

export async function collectStatus(context: Asking): Promise<Status> {
  const { settings, home, clock } = context;
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
    packagesWaiting: existsSync(home) ? (await pendingPackages({ home, destination: destinationOf(context) })).length : 0,
  };
}

async function load(context: Asking): Promise<Loaded> {
  const url = context.settings.destination.label;
  const nothing: Loaded = {
    destination: { url, known: false, lastPackageAt: null, snapshotAt: null },
    states: {},
    counts: new Map(),
    stateAt: new Map(),
  };
  try {
    return await reading(context, async (session, { snapshotAt }) => {
      const { known, states, lastPackage, tables } = await session.recall(pipeline);
      if (!known) return nothing;
      const roots = Object.values(tables).filter((table) => table.parent === null);
      return {
        destination: { url, known, lastPackageAt: lastPackage?.committedAt ?? null, snapshotAt: snapshotAt?.toISOString() ?? null },
        states,
        counts: await countRows(
          session,
          roots.map((table) => table.name),
        ),
        stateAt: await stateTimes(session),
      };
    });
  } catch (error) {
    if (error instanceof UsageError && error.code === 'nothing_loaded') return nothing;
    throw error;
  }
}

async function countRows(session: Session, tables: readonly string[]): Promise<Map<string, { rows: number; gone: number }>> {
  if (tables.length === 0) return new Map();
  // Names come from our own bookkeeping; quoted all the same, as a found table may be called anything.
  const parts = tables.map(
    (table) =>
      `SELECT '${table.replaceAll("'", "''")}', count(*) - count(_deleted_at), count(_deleted_at) FROM "${table.replaceAll('"', '""')}"`,
  );
  const { rows } = await session.query(parts.join(' UNION ALL '));
  const counts = new Map<string, { rows: number; gone: number }>();
  for await (const [table, live, gone] of rows) counts.set(String(table), { rows: Number(live), gone: Number(gone) });
  return counts;
}

async function stateTimes(session: Session): Promise<Map<string, string>> {
  const { rows } = await session.query(`SELECT stream, updated_at FROM _trunkline_state WHERE pipeline = '${pipeline}'`);
  const times = new Map<string, string>();
  for await (const [stream, updatedAt] of rows) times.set(String(stream), new Date(String(updatedAt)).toISOString());
  return times;
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

function dueOf(state: JsonObject | undefined): string | null {
  const due = state?.['due'];
  return Array.isArray(due) && due.length > 0 ? 're-reads' : null;
}
