// What a progress display knows, as plain data: events of a sync go in, the display reads it.
import type { BudgetStatus } from '../../base/index.ts';
import type { StreamResult, SyncEvent } from '../../sync/index.ts';

export type StreamProgress = {
  readonly stream: string;
  readonly rows: number;
  readonly expectedRows: number | null;
  readonly windows: number;
  readonly phase: string | null;
  /** Null while it waits for its turn. */
  readonly startedMs: number | null;
  /** The next stream has begun: all of this one is read, and perhaps not yet committed. */
  readonly isRead: boolean;
  readonly result: StreamResult | null;
};

export type Progress = {
  readonly startedMs: number;
  readonly streams: readonly StreamProgress[];
  readonly requests: number;
  readonly waiting: { readonly reason: Waiting['reason']; readonly untilMs: number; readonly holder: string | null } | null;
};

type Waiting = Extract<SyncEvent, { kind: 'waiting' }>;

/** Aircall lists at most this many rows a request. */
const rowsPerRequest = 50;
/** Less than this is too little to judge the pace by. */
const trustPaceAfterMs = 3000;

export function startProgress(streams: readonly string[], nowMs: number): Progress {
  return { startedMs: nowMs, streams: streams.map(untouched), requests: 0, waiting: null };
}

export function advance(progress: Progress, event: SyncEvent, nowMs: number): Progress {
  switch (event.kind) {
    case 'stream-started':
      return change(allRead(progress), event.stream, { startedMs: nowMs });
    case 'progress': {
      const { stream, rows, expectedRows, windows, phase, requests } = event;
      const moved = change(progress, stream, { rows, expectedRows, windows, phase });
      return { ...moved, requests: Math.max(progress.requests, requests), waiting: requests > progress.requests ? null : progress.waiting };
    }
    case 'stream-ended': {
      const { stream, rows, windows } = event.result;
      return { ...change(progress, stream, { result: event.result, rows, windows }), waiting: null };
    }
    case 'waiting':
      return { ...progress, waiting: { reason: event.reason, untilMs: nowMs + event.waitMs, holder: event.holder ?? null } };
    case 'package':
    case 'notice':
      return progress;
  }
}

/**
 * How long the rest takes, in milliseconds, or null while too little is known: the requests still to come at the pace so
 * far, or at the pace the budget allows, whichever is slower.
 */
export function timeToFinishMs(progress: Progress, budget: BudgetStatus, nowMs: number): number | null {
  const reading = progress.streams.filter((each) => each.startedMs !== null && !each.isRead && each.result === null);
  if (reading.length === 0 || reading.some((each) => each.expectedRows === null)) return null;
  const left = reading.reduce((sum, each) => sum + Math.ceil(Math.max(0, (each.expectedRows ?? 0) - each.rows) / rowsPerRequest), 0);
  const elapsedMs = nowMs - progress.startedMs;
  const atPaceMs = elapsedMs < trustPaceAfterMs || progress.requests === 0 ? 0 : (left * elapsedMs) / progress.requests;
  return Math.max(atPaceMs, waitForBudgetMs(left, budget));
}

/** How long `requests` take under a budget that is otherwise unused: what is free now, then so many a minute. */
export function waitForBudgetMs(requests: number, budget: BudgetStatus): number {
  if (budget.allowed === Infinity) return 0;
  const beyond = requests - Math.max(0, budget.allowed - budget.used);
  return beyond <= 0 ? 0 : (beyond / budget.allowed) * 60_000;
}

function change(progress: Progress, stream: string, facts: Partial<StreamProgress>): Progress {
  const known = progress.streams.some((each) => each.stream === stream);
  const streams = known ? progress.streams : [...progress.streams, untouched(stream)];
  return { ...progress, streams: streams.map((each) => (each.stream === stream ? { ...each, ...facts } : each)) };
}

function allRead(progress: Progress): Progress {
  return { ...progress, streams: progress.streams.map((each) => (each.startedMs === null ? each : { ...each, isRead: true })) };
}

function untouched(stream: string): StreamProgress {
  return { stream, rows: 0, expectedRows: null, windows: 0, phase: null, startedMs: null, isRead: false, result: null };
}
