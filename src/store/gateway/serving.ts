// The place of the one process that serves a company's agents.
import { hostname } from 'node:os';
import { UsageError } from '../../base/index.ts';
import type { Clock } from '../../base/index.ts';
import type { Database } from '../database.ts';
import { thisMachine } from '../machine.ts';
import type { Machine } from '../machine.ts';

/** How often a process that serves says that it lives. */
export const servingSignEveryMs = 10_000;
/** Of another machine or container nothing else can be known: after so long a silence it is taken for dead. */
const silenceMs = 45_000;

export type ServingPlace = {
  /** Says that this process lives. False when another process has taken the place: then stop serving. */
  readonly sign: () => Promise<boolean>;
  /** Says where it can be reached from this machine. */
  readonly announce: (url: string) => Promise<void>;
  readonly leave: () => Promise<void>;
};

type Row = {
  readonly kernel: string;
  readonly namespace: string;
  readonly pid: number;
  readonly started: string;
  readonly host: string;
  readonly notedAtMs: number;
};

/** Throws `UsageError` naming the process that has the place. */
export async function takeServingPlace(parts: {
  readonly database: Database;
  readonly company: string;
  readonly clock: Clock;
  readonly machine?: Machine | undefined;
  readonly signal?: AbortSignal | undefined;
}): Promise<ServingPlace> {
  const { database, company, clock, machine = thisMachine, signal } = parts;
  const { kernel, namespace, pid, started } = machine.self;
  const find = database.prepare(
    'SELECT kernel, namespace, pid, started, host, noted_at_ms AS notedAtMs FROM gateway_serving WHERE company = ?',
  );
  const take = database.prepare('INSERT OR REPLACE INTO gateway_serving VALUES (?, ?, ?, ?, ?, ?, ?, NULL)');
  const mine = 'company = ? AND kernel = ? AND namespace = ? AND pid = ? AND started = ?';
  const note = database.prepare(`UPDATE gateway_serving SET noted_at_ms = ? WHERE ${mine}`);
  const announce = database.prepare(`UPDATE gateway_serving SET url = ? WHERE ${mine}`);
  const leave = database.prepare(`DELETE FROM gateway_serving WHERE ${mine}`);
  const self = [company, kernel, namespace, pid, started] as const;

  await database.write(() => {
    const row = find.get(company) as Row | undefined; // the columns just named
    if (row !== undefined && isHeld(row, machine, clock.now())) throw taken(row);
    take.run(...self, hostname(), clock.now());
    return {};
  }, signal);
  return {
    sign: async () => (await database.write(() => ({ changed: note.run(clock.now(), ...self) }))).changed === 1,
    announce: async (url) => {
      await database.write(() => ({ changed: announce.run(url, ...self) }));
    },
    leave: async () => {
      await database.write(() => ({ changed: leave.run(...self) }));
    },
  };
}

/** The process that serves the company now; null when none does. Its `url` is null when it cannot be reached from this machine. */
export function findServing(parts: {
  readonly database: Database;
  readonly company: string;
  readonly clock: Pick<Clock, 'now'>;
  readonly machine?: Machine | undefined;
}): { readonly pid: number; readonly url: string | null } | null {
  const { database, company, clock, machine = thisMachine } = parts;
  const find = database.prepare(
    'SELECT kernel, namespace, pid, started, host, noted_at_ms AS notedAtMs, url FROM gateway_serving WHERE company = ?',
  );
  const row = database.read(() => find.get(company)) as (Row & { readonly url: string | null }) | undefined; // the columns just named
  if (row === undefined || !isHeld(row, machine, clock.now())) return null;
  // What is said of another machine's, or of a container's, addresses leads nowhere here, or to somebody else.
  return { pid: row.pid, url: machine.liveness(row) === 'alive' ? row.url : null };
}

function isHeld(row: Row, machine: Machine, nowMs: number): boolean {
  switch (machine.liveness(row)) {
    case 'alive':
      return true;
    case 'dead':
      return false;
    case 'unknown':
      return Math.abs(nowMs - row.notedAtMs) < silenceMs;
  }
}

function taken({ pid, host }: Row): UsageError {
  return new UsageError({
    code: 'serving_already',
    message: `Another process serves these agents already: ${pid} on ${host}.`,
    hint: `Stop it first. One that was killed on another machine or in another container is forgotten after ${silenceMs / 1000} seconds.`,
  });
}
