// The request budget inside one process: a sliding window of 60 s. A slot counts from the moment it is granted until
// 60 s after its answer ended, so that however long an answer takes, Aircall never sees more requests in any 60 s than
// there are slots. Programs that share a company's budget between processes pass another implementation to the client.
import { Interrupted, priorities, systemClock, throwIfAborted } from '../base/index.ts';
import type { Budget, BudgetStatus, Clock, Priority, Slot, SlotOutcome, SlotRequest } from '../base/index.ts';
import { limits } from '../aircall/index.ts';
import { onAbort } from './abort.ts';

export type InProcessBudgetOptions = {
  /** Requests a minute that Aircall grants the company. Default: 120. `Infinity` counts nothing but still obeys a 429. */
  readonly requestsPerMinute?: number;
  /** How many of them are left to others: other programs, other integrations of the company. Default: 10. */
  readonly reserve?: number;
  readonly clock?: Clock;
  /** From 0 up to, not including, 1. */
  readonly random?: () => number;
};

const defaultReserve = 10;

/**
 * What each priority is sure to get of the slots while more urgent ones wait too. The most urgent gets the rest, and
 * whatever nobody waits for goes to whoever does.
 */
const guaranteedShares: Readonly<Record<Priority, number>> = { live: 0, interactive: 0.25, agent: 0.2, pipeline: 0.15, backfill: 0.1 };

/** After a 429 that names no end, up to this much is added to the wait, so that not everyone returns at once. */
const jitterMs = 5000;

export function createInProcessBudget(options: InProcessBudgetOptions = {}): Budget {
  return new InProcessBudget(options);
}

type Waiter = { readonly grant: () => void };

class InProcessBudget implements Budget {
  readonly #requestsPerMinute: number;
  readonly #reserve: number;
  readonly #clock: Clock;
  readonly #random: () => number;

  #allowed: number;
  #inFlight = 0;
  // All moments below are on the clock that never runs backwards.
  /** When the slots of answered requests free, earliest first. */
  readonly #frees: number[] = [];
  #blockedUntil = Number.NEGATIVE_INFINITY;
  /** By the headers of the last answer: so many requests until that moment. */
  #remaining = Number.POSITIVE_INFINITY;
  #remainingUntil = Number.NEGATIVE_INFINITY;

  readonly #waiting = new Map<Priority, Waiter[]>(priorities.map((priority) => [priority, []]));
  /** Slots a priority is owed because others were served while it waited. */
  readonly #owed = new Map<Priority, number>(priorities.map((priority) => [priority, 0]));
  #alarm: { readonly at: number; readonly controller: AbortController } | null = null;

  constructor({
    requestsPerMinute = limits.rate.requests,
    reserve = defaultReserve,
    clock = systemClock,
    random = Math.random,
  }: InProcessBudgetOptions) {
    this.#requestsPerMinute = requestsPerMinute;
    this.#reserve = reserve;
    this.#clock = clock;
    this.#random = random;
    this.#allowed = this.#afterReserve(requestsPerMinute);
  }

  acquire(request: SlotRequest): Promise<Slot> {
    const { priority, signal, onWait } = request;
    return new Promise((resolve, reject) => {
      throwIfAborted(signal);
      if (this.#nobodyWaits() && this.#delayMs() === 0) {
        resolve(this.#take());
        return;
      }
      const queue = this.#queue(priority);
      const stopListening =
        signal &&
        onAbort(signal, () => {
          queue.splice(queue.indexOf(waiter), 1);
          this.#pump();
          reject(new Interrupted({ cause: signal.reason }));
        });
      const waiter: Waiter = {
        grant: () => {
          stopListening?.();
          resolve(this.#take());
        },
      };
      const expectedMs = this.#expectedWaitMs(priority);
      queue.push(waiter);
      this.#pump();
      onWait?.(expectedMs);
    });
  }

  status(): BudgetStatus {
    const now = this.#clock.monotonic();
    this.#forgetFreed(now);
    return {
      allowed: this.#allowed,
      used: this.#inFlight + this.#frees.length,
      free: this.#freeNow(now),
      nextInMs: Math.min(this.#delayMs(), limits.rate.perMs),
      blockedUntilMs: this.#blockedUntil > now ? this.#clock.now() + (this.#blockedUntil - now) : null,
    };
  }

  #take(): Slot {
    this.#inFlight += 1;
    this.#remaining -= 1;
    let ended = false;
    return {
      end: (outcome = {}) => {
        if (ended) return;
        ended = true;
        this.#inFlight -= 1;
        if (outcome.unused === true) {
          this.#remaining += 1;
          this.#pump();
          return;
        }
        if (this.#allowed !== Number.POSITIVE_INFINITY) this.#frees.push(this.#clock.monotonic() + limits.rate.perMs);
        this.#learn(outcome);
        this.#pump();
      },
    };
  }

  #learn({ refused = false, limit, remaining, resetAtMs }: SlotOutcome): void {
    const now = this.#clock.monotonic();
    const inMs = resetAtMs === undefined ? 0 : resetAtMs - this.#clock.now();
    if (refused) {
      const waitMs = inMs > 0 ? inMs : limits.rate.blockedMs + this.#random() * jitterMs;
      this.#blockedUntil = Math.max(this.#blockedUntil, now + waitMs);
    }
    if (limit !== undefined) this.#allowed = Math.min(this.#afterReserve(limit), this.#afterReserve(this.#requestsPerMinute));
    if (remaining !== undefined) {
      // Aircall may or may not have counted those still on their way.
      this.#remaining = remaining - this.#reserve - this.#inFlight;
      this.#remainingUntil = now + (inMs > 0 ? inMs : limits.rate.perMs);
    }
  }

  /** Grants what can be granted, then sees to it that the next slot to free is noticed. */
  #pump(): void {
    while (!this.#nobodyWaits()) {
      const delayMs = this.#delayMs();
      if (delayMs > 0) {
        this.#wakeIn(delayMs);
        return;
      }
      this.#grantNext();
    }
    this.#alarm?.controller.abort();
    this.#alarm = null;
  }

  /** The most urgent goes first, except that a priority which is owed a slot gets it. */
  #grantNext(): void {
    const waiting = priorities.filter((priority) => this.#queue(priority).length > 0);
    const chosen = waiting.find((priority) => this.#owed.get(priority)! >= 1) ?? waiting[0]!;
    for (const priority of waiting) {
      const owed = this.#owed.get(priority)!;
      if (priority !== chosen) this.#owed.set(priority, owed + guaranteedShares[priority]);
      else this.#owed.set(priority, Math.max(0, owed - 1));
    }
    const queue = this.#queue(chosen);
    const waiter = queue.shift()!;
    if (queue.length === 0) this.#owed.set(chosen, 0);
    waiter.grant();
  }

  /** How long until a slot is free: 0 for now, `Infinity` when that takes an answer that is still on its way. */
  #delayMs(): number {
    const now = this.#clock.monotonic();
    this.#forgetFreed(now);
    const blockedMs = Math.max(0, this.#blockedUntil - now);
    const spentMs = this.#remaining < 1 ? Math.max(0, this.#remainingUntil - now) : 0;
    const excess = this.#inFlight + this.#frees.length - this.#allowed;
    const windowMs = excess < 0 ? 0 : (this.#frees[excess] ?? Number.POSITIVE_INFINITY) - now;
    return Math.max(blockedMs, spentMs, windowMs);
  }

  #freeNow(now: number): number {
    if (this.#blockedUntil > now) return 0;
    return Math.max(0, Math.min(this.#allowed - this.#inFlight - this.#frees.length, this.#remaining));
  }

  #expectedWaitMs(priority: Priority): number {
    const ahead = priorities
      .slice(0, priorities.indexOf(priority) + 1)
      .reduce((sum, moreUrgent) => sum + this.#queue(moreUrgent).length, 0);
    const now = this.#clock.monotonic();
    const place = this.#inFlight + this.#frees.length - this.#allowed + ahead;
    // Whoever stands behind all known frees waits about a whole window.
    const freesAt = this.#frees[place] ?? now + limits.rate.perMs;
    return Math.max(this.#blockedUntil - now, place < 0 ? 0 : freesAt - now, 0);
  }

  #wakeIn(delayMs: number): void {
    if (delayMs === Number.POSITIVE_INFINITY) return;
    const at = this.#clock.monotonic() + delayMs;
    if (this.#alarm !== null && this.#alarm.at <= at) return;
    this.#alarm?.controller.abort();
    const alarm = { at, controller: new AbortController() };
    this.#alarm = alarm;
    this.#clock.sleep(delayMs, alarm.controller.signal).then(
      () => {
        if (this.#alarm === alarm) this.#alarm = null;
        this.#pump();
      },
      () => {}, // Called off: somebody else has taken over, or nobody waits.
    );
  }

  #forgetFreed(now: number): void {
    while (this.#frees.length > 0 && this.#frees[0]! <= now) this.#frees.shift();
    if (this.#remainingUntil <= now) this.#remaining = Number.POSITIVE_INFINITY;
  }

  #afterReserve(requests: number): number {
    return Math.max(1, requests - this.#reserve);
  }

  #nobodyWaits(): boolean {
    return priorities.every((priority) => this.#queue(priority).length === 0);
  }

  #queue(priority: Priority): Waiter[] {
    return this.#waiting.get(priority)!;
  }
}
