// The line in which agents wait for their turn on the company's budget.
//
// As many turns are asked of the budget as requests wait here, class by class, so that the budget goes on deciding between
// classes and processes. Which request gets a turn is decided here, when it comes: agents share the turns of their class by
// their weights (start-time fair queueing). An agent's next request has a start on a common scale; the earliest goes first, and
// the one after it starts 1/weight later. Whoever comes back starts where the scale stands now, less burst/weight: so quiet
// times let it send a few at once, and no more than these.
//
// Between two moments in which two agents wait all the time, what they were given divided by their weights differs by less than
// 1/weight of the one plus 1/weight of the other (and what bursts they had left). Nobody waits for ever, and no turn is left
// lying while anybody waits.
import { Interrupted, throwIfAborted } from '../../base/index.ts';
import type { Budget, BudgetStatus, Priority, Slot, SlotRequest } from '../../base/index.ts';

/** Who asks, and how much of the turns are its own. */
export type Asker = { readonly agentId: string; readonly weight: number; readonly burst: number };

/** The place in the line, from 1, of how many; who leaves tells where it stood. */
export type Place = { readonly position: number; readonly waiting: number };

/** The request left the line before its turn came. It has cost nothing. */
export class LeftQueue extends Interrupted {
  readonly place: Place;

  constructor(place: Place, options?: { cause?: unknown }) {
    super(options);
    this.place = place;
  }
}

type Waiter = {
  readonly asker: Asker;
  /** Grows with every request: who came first. */
  readonly number: number;
  readonly grant: (slot: Slot) => void;
  readonly refuse: (error: unknown) => void;
};

type Member = {
  asker: Asker;
  /** Where its next request starts on the scale of the class. */
  start: number;
  readonly waiters: Waiter[];
};

type Ask = { readonly controller: AbortController; isCalledOff: boolean };

export class FairQueue {
  readonly #budget: Budget;
  readonly #lines = new Map<Priority, Line>();

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  /** The budget as this agent sees it. `acquire` rejects with {@link LeftQueue} when it is called off. */
  for(asker: Asker): Budget {
    return {
      acquire: (request) => this.#line(request.priority).acquire(asker, request),
      status: (): BudgetStatus => this.#budget.status(),
    };
  }

  /** How many requests wait: of this agent, and of all. */
  waiting(agentId: string): { readonly own: number; readonly all: number } {
    const lines = [...this.#lines.values()];
    const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
    return { own: sum(lines.map((line) => line.waitingOf(agentId))), all: sum(lines.map((line) => line.waiting)) };
  }

  #line(priority: Priority): Line {
    const line = this.#lines.get(priority) ?? new Line(this.#budget, priority);
    this.#lines.set(priority, line);
    return line;
  }
}

/** One class. */
class Line {
  readonly #budget: Budget;
  readonly #priority: Priority;
  readonly #members = new Map<string, Member>();
  /** Turns asked for and not given yet, oldest first: never more than requests that wait. */
  readonly #asks: Ask[] = [];
  /** How far the scale has come: where the last request began that got its turn. */
  #now = 0;
  #came = 0;
  #longestTimeoutMs = 0;

  constructor(budget: Budget, priority: Priority) {
    this.#budget = budget;
    this.#priority = priority;
  }

  get waiting(): number {
    return [...this.#members.values()].reduce((sum, { waiters }) => sum + waiters.length, 0);
  }

  waitingOf(agentId: string): number {
    return this.#members.get(agentId)?.waiters.length ?? 0;
  }

  acquire(asker: Asker, { timeoutMs, signal, onWait }: SlotRequest): Promise<Slot> {
    return new Promise((resolve, reject) => {
      throwIfAborted(signal);
      this.#came += 1;
      const settled = () => signal?.removeEventListener('abort', leave);
      const waiter: Waiter = {
        asker,
        number: this.#came,
        grant: (slot) => {
          settled();
          resolve(slot);
        },
        refuse: (error) => {
          settled();
          reject(error instanceof Error ? error : new TypeError('the budget failed'));
        },
      };
      const leave = () => {
        const place = this.#placeOf(waiter);
        this.#remove(waiter);
        this.#callOffTheRest();
        reject(new LeftQueue(place, { cause: signal?.reason }));
      };
      signal?.addEventListener('abort', leave, { once: true });
      this.#enter(waiter);
      // Any of the turns asked for may become this request's, so that each must count long enough for all.
      if (timeoutMs > this.#longestTimeoutMs) {
        this.#longestTimeoutMs = timeoutMs;
        const others = this.#asks.splice(0);
        for (const ask of others) callOff(ask);
        for (let again = 0; again < others.length; again += 1) this.#ask(undefined);
      }
      this.#ask(onWait);
    });
  }

  #enter(waiter: Waiter): void {
    const { asker } = waiter;
    const earliest = this.#now - asker.burst / asker.weight;
    const member = this.#members.get(asker.agentId) ?? { asker, start: earliest, waiters: [] };
    member.asker = asker;
    if (member.waiters.length === 0) member.start = Math.max(member.start, earliest);
    member.waiters.push(waiter);
    this.#members.set(asker.agentId, member);
  }

  #remove(waiter: Waiter): void {
    const { agentId } = waiter.asker;
    const member = this.#members.get(agentId);
    if (member === undefined) return;
    member.waiters.splice(member.waiters.indexOf(waiter), 1);
    this.#forgetRested();
  }

  /** Who would get a full burst anyway need not be remembered. */
  #forgetRested(): void {
    for (const [agentId, { asker, start, waiters }] of this.#members) {
      if (waiters.length === 0 && start <= this.#now - asker.burst / asker.weight) this.#members.delete(agentId);
    }
  }

  #ask(onWait: SlotRequest['onWait']): void {
    const ask: Ask = { controller: new AbortController(), isCalledOff: false };
    this.#asks.push(ask);
    const request = { priority: this.#priority, timeoutMs: this.#longestTimeoutMs, signal: ask.controller.signal, onWait };
    this.#budget.acquire(request).then(
      (slot) => {
        this.#drop(ask);
        this.#hand(slot);
      },
      (error: unknown) => {
        this.#drop(ask);
        if (!ask.isCalledOff) this.#takeNext()?.refuse(error);
      },
    );
  }

  #drop(ask: Ask): void {
    const index = this.#asks.indexOf(ask);
    if (index >= 0) this.#asks.splice(index, 1);
  }

  /** Gives a turn to whose it is. Where nobody is left to take it, it goes back unused. */
  #hand(slot: Slot): void {
    const waiter = this.#takeNext();
    if (waiter === null) slot.end({ unused: true });
    else waiter.grant(slot);
    this.#callOffTheRest();
  }

  #takeNext(): Waiter | null {
    const member = earliest([...this.#members.values()]);
    const waiter = member?.waiters.shift();
    if (member === null || waiter === undefined) return null;
    this.#now = Math.max(this.#now, member.start);
    member.start += 1 / member.asker.weight;
    this.#forgetRested();
    return waiter;
  }

  /** Requests have left: as many turns need not come any more. */
  #callOffTheRest(): void {
    for (let tooMany = this.#asks.length - this.waiting; tooMany > 0; tooMany -= 1) {
      const ask = this.#asks.pop();
      if (ask !== undefined) callOff(ask);
    }
  }

  /** How many would get their turn before it, did nobody else come. */
  #placeOf(waiter: Waiter): Place {
    const members = [...this.#members.values()].map((member) => ({ ...member, waiters: [...member.waiters] }));
    const { waiting } = this;
    for (let position = 1; position <= waiting; position += 1) {
      const member = earliest(members);
      if (member === null || member.waiters.shift() === waiter) return { position, waiting };
      member.start += 1 / member.asker.weight;
    }
    return { position: waiting, waiting };
  }
}

/** Of those who wait, the one whose next request starts first; of two, the one that came first. */
function earliest(members: readonly Member[]): Member | null {
  let best: Member | null = null;
  for (const member of members) {
    const head = member.waiters[0];
    if (head === undefined) continue;
    const first = best?.waiters[0];
    if (best === null || first === undefined || member.start < best.start || (member.start === best.start && head.number < first.number)) {
      best = member;
    }
  }
  return best;
}

function callOff(ask: Ask): void {
  ask.isCalledOff = true;
  ask.controller.abort();
}
