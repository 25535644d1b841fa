// What the budget's file says, and the one transaction that changes it.
//
// A slot counts from the moment it is given until one window after its answer has ended. As a request reaches Aircall
// between the two, no rolling window at Aircall ever holds more of our requests than slots were counted at its end.
//
//   given ──────────── answer ended ────────────── + window
//   └ counts ────────────────────────────────────┘ free
//   given ── holder died                given + timeout + window
//   └ counts ──────────────────────────────────────────────────┘ free
import { priorities } from '../../base/index.ts';
import type { BudgetStatus, Priority, SlotOutcome } from '../../base/index.ts';
import type { Database } from '../database.ts';
import type { Machine, ProcessIdentity } from '../machine.ts';
import { advance } from './machine-time.ts';
import type { ClockReading, FileTime } from './machine-time.ts';
import { dueAfter, paceOf } from './pace.ts';
import { allot, isPaced } from './shares.ts';
import type { Credits, Line } from './shares.ts';

export type LedgerOptions = {
  readonly database: Database;
  readonly machine: Machine;
  readonly read: () => ClockReading;
  readonly quota: number;
  readonly reserve: number;
  readonly windowMs: number;
  readonly random: () => number;
};

export type EndedSlot = { readonly slotId: number; readonly outcome: SlotOutcome };

/** A request of this process that waits for its slot. `sinceMs` is null until the file has seen it. */
export type WaitingRequest = { readonly priority: Priority; readonly timeoutMs: number; readonly sinceMs: number | null };

export type Turn<Request> = {
  readonly nowMs: number;
  readonly granted: readonly { readonly request: Request; readonly slotId: number }[];
  /** When to look again; null when nothing waits. */
  readonly wakeInMs: number | null;
  /** How long a request that begins to wait now must expect to. */
  readonly expectedWaitMs: number;
};

/** A rate limit from the headers is believed this many windows after it was last seen. */
const limitMemoryWindows = 10;
/** Holders that were not seen for this many windows are forgotten. */
const holderMemoryWindows = 10;

type State = FileTime & {
  lastSlot: number;
  taken: number;
  blockedUntilMs: number;
  limitSeen: number | null;
  limitUntilMs: number;
  remaining: number | null;
  remainingSlot: number;
  remainingUntilMs: number;
  credits: Credits;
  agentMs: number;
  dueMs: number;
};

export class Ledger {
  readonly #options: LedgerOptions;
  readonly #sql: ReturnType<typeof prepareStatements>;
  readonly #holder: number;
  #seenMs = -Infinity;
  #announced = false;

  /** Enters this process as a holder. Returns undefined when another process holds the lock. */
  static enter(options: LedgerOptions): Ledger | undefined {
    const { database, machine, quota, reserve, windowMs } = options;
    return database.tryWrite(() => {
      const sql = prepareStatements(database);
      const state = readState(sql, options.read());
      writeState(sql, state);
      sql.forgetHolders.run(state.nowMs - holderMemoryWindows * windowMs);
      sql.forgetWaiters.run(state.nowMs - windowMs);
      const { kernel, namespace, pid, started } = machine.self;
      const { id } = sql.addHolder.get(null, kernel, namespace, pid, started, quota, reserve, state.nowMs) as { id: number };
      return new Ledger(options, sql, id);
    });
  }

  private constructor(options: LedgerOptions, sql: ReturnType<typeof prepareStatements>, holder: number) {
    this.#options = options;
    this.#sql = sql;
    this.#holder = holder;
  }

  /**
   * The transaction: moves the file's time on, records what ended, lets old slots go, and gives what is free to whom it
   * belongs. Returns undefined, with nothing done, when another process holds the lock.
   */
  turn<Request extends WaitingRequest>(ended: readonly EndedSlot[], waiting: readonly Request[]): Turn<Request> | undefined {
    const { database } = this.#options;
    const before = { seenMs: this.#seenMs, announced: this.#announced };
    const turn = database.tryWrite(() => this.#takeTurn(ended, waiting));
    if (turn === undefined) {
      this.#seenMs = before.seenMs;
      this.#announced = before.announced;
    }
    return turn;
  }

  /** The numbers of now, without waiting for anybody. */
  look(): Omit<BudgetStatus, 'blockedUntilMs'> & { readonly blockedForMs: number } {
    const stored = readState(this.#sql, this.#options.read());
    const { used } = this.#sql.countSlots.get(stored.nowMs) as { used: number };
    // What has freed since the last transaction is still among the slots taken.
    const state = { ...stored, taken: used };
    const free = this.#freeSlots(state);
    return {
      allowed: this.#allowed(state),
      used,
      free,
      nextInMs: free >= 1 ? 0 : this.#nextSlotInMs(state, 1),
      blockedForMs: Math.max(0, state.blockedUntilMs - state.nowMs),
    };
  }

  /** Gives up the place. Requests still under way count like those of a dead holder: they may have been sent. */
  leave(): boolean {
    const { database, windowMs } = this.#options;
    const left = database.tryWrite(() => {
      this.#sql.abandonSlots.run(windowMs, this.#holder);
      this.#sql.dropWaiters.run(this.#holder);
      this.#sql.dropHolder.run(this.#holder);
      return {};
    });
    return left !== undefined;
  }

  #takeTurn<Request extends WaitingRequest>(ended: readonly EndedSlot[], waiting: readonly Request[]): Turn<Request> {
    const { windowMs, random } = this.#options;
    const state = readState(this.#sql, this.#options.read());
    this.#showPresence(state);
    for (const { slotId, outcome } of ended) {
      if (outcome.unused === true) state.taken -= this.#sql.dropSlot.run(slotId);
      else this.#sql.endSlot.run(state.nowMs + windowMs, slotId);
    }
    state.taken -= this.#sql.freeSlots.run(state.nowMs);
    for (const slot of ended) this.#believe(state, slot);

    let free = this.#freeSlots(state);
    if (free < waiting.length && this.#freeAbandoned(state)) free = this.#freeSlots(state);
    const requests = waiting.map((request) => ({ request, priority: request.priority, sinceMs: request.sinceMs ?? state.nowMs }));
    const others = waiting.length > 0 ? this.#othersWaiting(state.nowMs) : [];
    const waitingLines = [...lines(requests), ...others.map((line) => line.asLine(free))];
    if (waitingLines.some(({ priority }) => priority === 'agent')) state.agentMs = state.nowMs;
    const limits = { allowed: this.#allowed(state), windowMs };
    const allotment = allot({ free, paced: paceOf(state, limits).now, credits: state.credits, lines: waitingLines });
    state.credits = allotment.credits;
    if (allotment.mine.some(isPaced)) {
      const first = this.#sql.nthToFree.get(state.nowMs, 0) as { frees_ms: number } | undefined;
      const freesInMs = first === undefined ? windowMs : first.frees_ms - state.nowMs;
      state.dueMs = dueAfter(state, { ...limits, free: free - allotment.mine.length, freesInMs });
    }
    const granted = allotment.mine.map((priority) => {
      const index = requests.findIndex((candidate) => candidate.priority === priority);
      const [first] = requests.splice(index, 1) as [(typeof requests)[number]];
      state.lastSlot += 1;
      state.taken += 1;
      this.#sql.addSlot.run(state.lastSlot, this.#holder, state.nowMs, first.request.timeoutMs);
      return { request: first.request, slotId: state.lastSlot };
    });

    const left = lines(requests);
    let wakeInMs: number | null = null;
    let expectedWaitMs = 0;
    if (left.length > 0) {
      const pauses = pausesFor(windowMs);
      // Slots lie free for others, who are about to take them: look again soon, as they may not.
      const pacedMs = left.every(({ priority }) => isPaced(priority)) ? paceOf(state, limits).dueInMs : 0;
      const soonMs = allotment.othersCount > 0 ? pauses.graceMs / 4 : Math.max(this.#nextSlotInMs(state, 1), pacedMs);
      wakeInMs = Math.min(Math.max(soonMs, 1) + random() * pauses.jitterMs, pauses.pollMs);
      const ahead = requests.length + others.reduce((sum, line) => sum + line.count, 0);
      expectedWaitMs = this.#nextSlotInMs(state, ahead);
    }
    this.#announce(left, state.nowMs + (wakeInMs ?? 0));
    writeState(this.#sql, state);
    return { nowMs: state.nowMs, granted, wakeInMs, expectedWaitMs };
  }

  #showPresence(state: State): void {
    const { machine, quota, reserve, windowMs } = this.#options;
    if (state.nowMs - this.#seenMs < windowMs / 60) return;
    this.#seenMs = state.nowMs;
    if (this.#sql.seeHolder.run(state.nowMs, this.#holder) > 0) return;
    const { kernel, namespace, pid, started } = machine.self;
    this.#sql.addHolder.get(this.#holder, kernel, namespace, pid, started, quota, reserve, state.nowMs);
  }

  /** Takes in what an answer told about the budget. */
  #believe(state: State, slot: EndedSlot): void {
    const { windowMs, random } = this.#options;
    const { refused = false, limit, remaining, resetAtMs } = slot.outcome;
    // The limit is one per minute: a reset much further away, or in the past, tells that the clocks disagree. A second is
    // added to it, because it is told in whole seconds.
    const resetInMs = resetAtMs === undefined ? Number.NaN : resetAtMs - state.wallMs;
    const untilMs = state.nowMs + (resetInMs > 0 && resetInMs <= windowMs * 1.1 ? resetInMs + windowMs / 60 : windowMs);
    if (isCount(limit) && limit > 0) {
      state.limitSeen = limit;
      state.limitUntilMs = state.nowMs + limitMemoryWindows * windowMs;
    }
    if (refused) {
      state.blockedUntilMs = Math.max(state.blockedUntilMs, untilMs + random() * (windowMs / 60));
      return;
    }
    if (!isCount(remaining)) return;
    // The answer of the younger request knows more. What was given out after it, Aircall may not have counted in it.
    const known = believedRemaining(state);
    const left = remaining - (state.lastSlot - slot.slotId);
    const isYounger = slot.slotId >= state.remainingSlot;
    if (left < this.#allowed(state) - state.taken) {
      if (!isYounger && left >= known) return;
      state.remaining = remaining;
      state.remainingSlot = slot.slotId;
      state.remainingUntilMs = untilMs;
    } else if (isYounger) {
      state.remaining = null;
      state.remainingSlot = slot.slotId;
    }
  }

  #freeSlots(state: State): number {
    if (state.blockedUntilMs > state.nowMs) return 0;
    return Math.max(0, Math.min(this.#allowed(state) - state.taken, believedRemaining(state)));
  }

  /** The lowest of what the processes that used the budget in this window were told, and of what Aircall told. */
  #allowed(state: State): number {
    const { quota, reserve, windowMs } = this.#options;
    const limit = state.limitSeen !== null && state.limitUntilMs > state.nowMs ? state.limitSeen : Number.MAX_SAFE_INTEGER;
    const { allowed } = this.#sql.lowest.get(limit, state.nowMs - windowMs) as { allowed: number | null };
    return Math.min(allowed ?? Infinity, Math.max(1, Math.min(quota, limit) - reserve));
  }

  /** Lets slots go whose holder died so long ago that even its request is a window old. */
  #freeAbandoned(state: State): boolean {
    const { machine, windowMs } = this.#options;
    const overdue = this.#sql.overdue.all(state.nowMs - windowMs, this.#holder) as (ProcessIdentity & { slot: number })[];
    const abandoned = overdue.filter((slot) => slot.pid === null || machine.liveness(slot) !== 'alive');
    for (const { slot } of abandoned) state.taken -= this.#sql.dropSlot.run(slot);
    return abandoned.length > 0;
  }

  #othersWaiting(nowMs: number): { count: number; asLine: (free: number) => Line }[] {
    const { graceMs } = pausesFor(this.#options.windowMs);
    const rows = this.#sql.otherWaiters.all(this.#holder, nowMs - graceMs, nowMs + graceMs) as {
      priority: string;
      waiting: number;
      since_ms: number;
    }[];
    return rows.flatMap((row) => {
      const priority = priorities.find((name) => name === row.priority);
      if (priority === undefined) return [];
      const asLine = (free: number): Line => ({
        priority,
        mine: false,
        sinceMs: Array.from({ length: Math.min(row.waiting, Math.ceil(free)) }, () => row.since_ms),
      });
      return [{ count: row.waiting, asLine }];
    });
  }

  /** How long until the n-th of the slots now missing can be had, as far as one can tell. */
  #nextSlotInMs(state: State, n: number): number {
    const { windowMs } = this.#options;
    let atMs = state.blockedUntilMs;
    const allowed = this.#allowed(state);
    const missing = state.taken - allowed + n;
    if (missing > 0) {
      const rounds = Math.floor((missing - 1) / allowed);
      const row = this.#sql.nthToFree.get(state.nowMs, (missing - 1) % allowed) as { frees_ms: number } | undefined;
      atMs = Math.max(atMs, (row?.frees_ms ?? state.nowMs + windowMs) + rounds * windowMs);
    }
    if (believedRemaining(state) < n) atMs = Math.max(atMs, state.remainingUntilMs);
    return Math.max(0, atMs - state.nowMs);
  }

  /** Shows the other processes who waits here. */
  #announce(left: readonly Line[], wakeMs: number): void {
    if (left.length === 0 && !this.#announced) return;
    this.#sql.dropWaiters.run(this.#holder);
    for (const line of left) this.#sql.addWaiters.run(this.#holder, line.priority, line.sinceMs.length, line.sinceMs[0] ?? 0, wakeMs);
    this.#announced = left.length > 0;
  }
}

/**
 * How processes that wait pace themselves. `pollMs`: the longest they sleep, as a slot can come free unexpectedly.
 * `graceMs`: how late one may wake and still find its slot kept. `jitterMs`: so that not all wake in the same instant.
 */
function pausesFor(windowMs: number): { pollMs: number; graceMs: number; jitterMs: number } {
  return { pollMs: Math.max(5, windowMs / 60), graceMs: Math.min(100, windowMs / 20), jitterMs: Math.min(5, windowMs / 200) };
}

/** What Aircall says is left, minus what was given out since; `Infinity` when it said nothing that matters. */
function believedRemaining(state: State): number {
  if (state.remaining === null || state.remainingUntilMs <= state.nowMs) return Infinity;
  return state.remaining - (state.lastSlot - state.remainingSlot);
}

function lines(requests: readonly { readonly priority: Priority; readonly sinceMs: number }[]): Line[] {
  return priorities
    .map((priority) => ({ priority, mine: true, sinceMs: requests.filter((r) => r.priority === priority).map((r) => r.sinceMs) }))
    .filter((line) => line.sinceMs.length > 0);
}

function isCount(value: number | undefined): value is number {
  return value !== undefined && Number.isInteger(value) && value >= 0;
}

function readState(sql: ReturnType<typeof prepareStatements>, reading: ClockReading): State {
  const row = sql.readState.get() as Record<string, number> & { credits: string; kernel: string };
  const stored = row as unknown as State & { credits: string };
  return { ...stored, credits: JSON.parse(row.credits) as Credits, ...advance(stored, reading) };
}

function writeState(sql: ReturnType<typeof prepareStatements>, state: State): void {
  sql.writeState.run(
    state.nowMs,
    state.uptimeMs,
    state.wallMs,
    state.kernel,
    state.lastSlot,
    state.taken,
    state.blockedUntilMs,
    state.limitSeen,
    state.limitUntilMs,
    state.remaining,
    state.remainingSlot,
    state.remainingUntilMs,
    JSON.stringify(state.credits),
    state.agentMs,
    state.dueMs,
  );
}

function prepareStatements(database: Database) {
  return {
    readState: database.prepare(
      `SELECT now_ms AS nowMs, uptime_ms AS uptimeMs, wall_ms AS wallMs, kernel, last_slot AS lastSlot, taken,
              blocked_until_ms AS blockedUntilMs, limit_seen AS limitSeen, limit_until_ms AS limitUntilMs,
              remaining, remaining_slot AS remainingSlot, remaining_until_ms AS remainingUntilMs, credits,
              agent_ms AS agentMs, due_ms AS dueMs
       FROM state`,
    ),
    writeState: database.prepare(
      `UPDATE state SET now_ms = ?, uptime_ms = ?, wall_ms = ?, kernel = ?, last_slot = ?, taken = ?, blocked_until_ms = ?,
              limit_seen = ?, limit_until_ms = ?, remaining = ?, remaining_slot = ?, remaining_until_ms = ?, credits = ?,
              agent_ms = ?, due_ms = ?`,
    ),
    addHolder: database.prepare('INSERT INTO holders VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id'),
    seeHolder: database.prepare('UPDATE holders SET seen_ms = ? WHERE id = ?'),
    dropHolder: database.prepare('DELETE FROM holders WHERE id = ?'),
    forgetHolders: database.prepare('DELETE FROM holders WHERE seen_ms < ? AND id NOT IN (SELECT holder FROM slots)'),
    lowest: database.prepare('SELECT min(max(1, min(quota, ?) - reserve)) AS allowed FROM holders WHERE seen_ms >= ?'),
    addSlot: database.prepare('INSERT INTO slots VALUES (?, ?, ?, ?, NULL)'),
    endSlot: database.prepare('UPDATE slots SET frees_ms = ? WHERE id = ? AND frees_ms IS NULL'),
    freeSlots: database.prepare('DELETE FROM slots WHERE frees_ms <= ?'),
    dropSlot: database.prepare('DELETE FROM slots WHERE id = ?'),
    abandonSlots: database.prepare('UPDATE slots SET frees_ms = sent_ms + timeout_ms + ? WHERE holder = ? AND frees_ms IS NULL'),
    countSlots: database.prepare('SELECT count(*) AS used FROM slots WHERE frees_ms IS NULL OR frees_ms > ?'),
    nthToFree: database.prepare('SELECT frees_ms FROM slots WHERE frees_ms > ? ORDER BY frees_ms LIMIT 1 OFFSET ?'),
    overdue: database.prepare(
      `SELECT slots.id AS slot, kernel, namespace, pid, started FROM slots LEFT JOIN holders ON holders.id = slots.holder
       WHERE frees_ms IS NULL AND sent_ms + timeout_ms <= ? AND slots.holder <> ?`,
    ),
    otherWaiters: database.prepare(
      'SELECT priority, waiting, since_ms FROM waiters WHERE holder <> ? AND wake_ms BETWEEN ? AND ? ORDER BY since_ms',
    ),
    addWaiters: database.prepare('INSERT INTO waiters VALUES (?, ?, ?, ?, ?)'),
    dropWaiters: database.prepare('DELETE FROM waiters WHERE holder = ?'),
    forgetWaiters: database.prepare('DELETE FROM waiters WHERE wake_ms < ?'),
  };
}
