import path from 'node:path';
import { createHash } from 'node:crypto';
import { EnvironmentError, Interrupted, messageOf, systemClock, throwIfAborted, UsageError } from '../../base/index.ts';
import type { Budget, BudgetStatus, Clock, Slot, SlotOutcome, SlotRequest } from '../../base/index.ts';
import { openDatabase, retryDelayMs } from '../database.ts';
import type { Database } from '../database.ts';
import { stateFolder } from '../folders.ts';
import { thisMachine } from '../machine.ts';
import type { Machine } from '../machine.ts';
import { Ledger } from './ledger.ts';
import type { EndedSlot, WaitingRequest } from './ledger.ts';
import { budgetDatabase } from './schema.ts';

export type OpenBudgetOptions = {
  /** Names the company: everyone who gives the same name shares one budget. */
  readonly company: string;
  /**
   * Requests a minute that Aircall grants the company; `off` gives slots without counting. While processes with different
   * quotas or reserves use the budget in the same minute, the lowest result counts for all of them.
   */
  readonly quota: number | 'off';
  /** How many of them are left to other integrations. */
  readonly reserve: number;
  /** Where the file lies. Default: `budget` in this user's state folder. */
  readonly folder?: string | undefined;
  /** Default: the system's. */
  readonly clock?: Clock | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Length of the window in milliseconds. Default: Aircall's minute. */
  readonly windowMs?: number | undefined;
  /** From 0 to below 1, for jitter. Default: `Math.random`. */
  readonly random?: (() => number) | undefined;
  /** Default: the machine we run on. */
  readonly machine?: Machine | undefined;
};

export interface OpenBudget extends Budget {
  /** Gives up the place in the file. Requests that still wait are rejected with `Interrupted`. Safe to call twice. */
  close(): void;
}

/**
 * Opens the request budget of a company, shared by every process of this user on this machine.
 *
 * In any rolling minute all of them together get at most quota minus reserve slots, whatever dies, and whatever happens
 * to the clock. `acquire` rejects with `Interrupted`, and with {@link EnvironmentError} when the file can no longer be
 * written: without it nobody may send.
 *
 * Throws `UsageError` for a quota or reserve that leaves nothing, {@link EnvironmentError} when the file cannot be opened.
 */
export async function openBudget(options: OpenBudgetOptions): Promise<OpenBudget> {
  const { company, quota, reserve, folder = path.join(stateFolder(), 'budget'), clock = systemClock, signal } = options;
  const { windowMs = 60_000, random = Math.random, machine = thisMachine } = options;
  if (quota === 'off') return unlimited;
  checkNumbers(quota, reserve);
  const database = await openDatabase({ path: path.join(folder, budgetFileName(company)), kind: budgetDatabase, signal });
  // The machine's uptime is the same for all its processes. What another clock measures can only be compared within ours.
  const { kernel } = machine.self;
  const read =
    clock === systemClock
      ? () => ({ uptimeMs: machine.uptimeMs(), wallMs: clock.now(), kernel })
      : () => ({ uptimeMs: clock.monotonic(), wallMs: clock.now(), kernel: `${kernel}/${process.pid}` });
  for (;;) {
    try {
      throwIfAborted(signal);
      const ledger = Ledger.enter({ database, machine, read, quota, reserve, windowMs, random });
      if (ledger !== undefined) return new SharedBudget({ database, ledger, clock });
      await systemClock.sleep(retryDelayMs(), signal);
    } catch (error) {
      database.close();
      throw error;
    }
  }
}

/** The name of a company's file: its own name where every file system takes it, else one made from it. */
export function budgetFileName(company: string): string {
  const isPlain = /^[a-z0-9][a-z0-9_-]{0,63}$/.test(company) && !/^(?:con|prn|aux|nul|com\d|lpt\d)$/.test(company);
  return `${isPlain ? company : `company-${createHash('sha256').update(company).digest('hex').slice(0, 16)}`}.db`;
}

/** Each try waits for the lock as long as SQLite does. Where all fail, our place is cleared like that of a process that died. */
const leaveTries = 20;

type Waiter = WaitingRequest & {
  sinceMs: number | null;
  readonly onWait: SlotRequest['onWait'];
  toldWait: boolean;
  readonly resolve: (slot: Slot) => void;
  readonly reject: (error: Error) => void;
};

class SharedBudget implements OpenBudget {
  readonly #database: Database;
  readonly #ledger: Ledger;
  readonly #clock: Clock;
  #waiters: Waiter[] = [];
  #ended: EndedSlot[] = [];
  #sleep: AbortController | undefined;
  #closed = false;
  #status: BudgetStatus;

  constructor(parts: { database: Database; ledger: Ledger; clock: Clock }) {
    this.#database = parts.database;
    this.#ledger = parts.ledger;
    this.#clock = parts.clock;
    this.#status = this.#look();
  }

  acquire(request: SlotRequest): Promise<Slot> {
    const { priority, timeoutMs, signal, onWait } = request;
    return new Promise((resolve, reject) => {
      throwIfAborted(signal);
      if (this.#closed)
        throw new EnvironmentError({ code: 'budget_closed', message: 'A request was to be sent after its budget was closed.' });
      const stop = () => {
        this.#waiters = this.#waiters.filter((other) => other !== waiter);
        reject(new Interrupted({ cause: signal?.reason }));
        this.#turn();
      };
      const settled = () => signal?.removeEventListener('abort', stop);
      const waiter: Waiter = {
        priority,
        timeoutMs,
        sinceMs: null,
        onWait,
        toldWait: false,
        resolve: (slot) => {
          settled();
          resolve(slot);
        },
        reject: (error) => {
          settled();
          reject(error);
        },
      };
      signal?.addEventListener('abort', stop, { once: true });
      // Behind others of its class it need not look: there is nothing for it until they have gone.
      const isBehind = this.#waiters.some((other) => other.priority === priority);
      this.#waiters.push(waiter);
      if (!isBehind) this.#turn();
    });
  }

  status(): BudgetStatus {
    if (!this.#closed) this.#status = this.#look();
    return this.#status;
  }

  close(): void {
    if (this.#closed) return;
    try {
      if (this.#ended.length > 0) this.#turn();
      this.#status = this.#look();
      for (let tries = 0; tries < leaveTries && !this.#ledger.leave(); tries += 1);
    } catch {
      // A broken file has no place to give up; whoever waits for a slot has been told.
    }
    this.#closed = true;
    this.#sleep?.abort();
    this.#database.close();
    this.#rejectAll(new Interrupted());
  }

  #end(slotId: number, outcome: SlotOutcome): void {
    if (this.#closed) return;
    this.#ended.push({ slotId, outcome });
    this.#turn();
  }

  /** Does what can be done now: records what ended, hands out what is free, and sleeps until there may be more. */
  #turn(): void {
    if (this.#closed) return;
    this.#sleep?.abort();
    this.#sleep = undefined;
    let turn;
    try {
      turn = this.#ledger.turn(this.#ended, this.#waiters);
    } catch (error) {
      // What ended stays noted for the next turn; until then those slots count, which is the safe side.
      this.#rejectAll(error instanceof Error ? error : new Error(messageOf(error)));
      return;
    }
    if (turn === undefined) {
      this.#sleepFor(retryDelayMs());
      return;
    }
    this.#ended = [];
    const granted = new Set(turn.granted.map(({ request }) => request));
    this.#waiters = this.#waiters.filter((waiter) => !granted.has(waiter));
    for (const waiter of this.#waiters) waiter.sinceMs ??= turn.nowMs;
    if (turn.wakeInMs !== null) this.#sleepFor(turn.wakeInMs);
    for (const { request, slotId } of turn.granted) request.resolve(this.#slot(slotId));
    for (const waiter of this.#waiters.filter((candidate) => !candidate.toldWait)) {
      waiter.toldWait = true;
      // Not from here: what a caller's function throws must not stop the hand-out.
      if (waiter.onWait) queueMicrotask(waiter.onWait.bind(null, turn.expectedWaitMs));
    }
  }

  #slot(slotId: number): Slot {
    let isOver = false;
    return {
      end: (outcome = {}) => {
        if (isOver) return;
        isOver = true;
        this.#end(slotId, outcome);
      },
    };
  }

  #sleepFor(delayMs: number): void {
    const sleep = new AbortController();
    this.#sleep = sleep;
    void this.#clock.sleep(delayMs, sleep.signal).then(
      () => this.#turn(),
      () => {},
    );
  }

  #look(): BudgetStatus {
    const { blockedForMs, ...numbers } = this.#database.read(() => this.#ledger.look());
    return { ...numbers, blockedUntilMs: blockedForMs > 0 ? this.#clock.now() + blockedForMs : null };
  }

  #rejectAll(error: Error): void {
    for (const waiter of this.#waiters.splice(0)) waiter.reject(error);
  }
}

const unlimited: OpenBudget = {
  async acquire({ signal }) {
    throwIfAborted(signal);
    return { end() {} };
  },
  status: () => ({ allowed: Infinity, used: 0, free: Infinity, nextInMs: 0, blockedUntilMs: null }),
  close() {},
};

function checkNumbers(quota: number, reserve: number): void {
  if (Number.isInteger(quota) && Number.isInteger(reserve) && reserve >= 0 && quota > reserve) return;
  throw new UsageError({
    code: 'budget_empty',
    message: `A quota of ${quota} requests a minute with a reserve of ${reserve} cannot be used.`,
    hint: 'Both are whole numbers, and the reserve is smaller than the quota: TRUNKLINE_QUOTA=120, TRUNKLINE_RESERVE=10.',
  });
}
