// The line of agents, against the real budget of one process on a clock of the test: nobody starves, nothing lies idle, weights
// hold, and however the line is used, no 60 s hold more than the budget allows.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import type { Budget, Slot } from '../../base/index.ts';
import { createInProcessBudget } from '../../client/index.ts';
import { FairQueue, LeftQueue } from './fair-queue.ts';
import type { Asker } from './fair-queue.ts';

const windowMs = 60_000;
const timeoutMs = 5000;

/** A budget that gives a turn when the test says so, and notes what becomes of it. */
class TurnByTurn implements Budget {
  readonly asked: { readonly priority: string; readonly timeoutMs: number; give: () => void; isOver: boolean }[] = [];
  readonly unused: number[] = [];
  given = 0;

  get open(): number {
    return this.asked.filter(({ isOver }) => !isOver).length;
  }

  acquire({ priority, timeoutMs: longest, signal }: Parameters<Budget['acquire']>[0]): Promise<Slot> {
    return new Promise((resolve, reject) => {
      const ask = { priority, timeoutMs: longest, isOver: false, give: () => {} };
      ask.give = () => {
        ask.isOver = true;
        this.given += 1;
        const number = this.given;
        resolve({ end: ({ unused = false } = {}) => void (unused && this.unused.push(number)) });
      };
      signal?.addEventListener('abort', () => {
        if (ask.isOver) return;
        ask.isOver = true;
        reject(new Error('called off'));
      });
      this.asked.push(ask);
    });
  }

  status() {
    return { allowed: 100, used: 0, blockedUntilMs: null };
  }

  /** The oldest that was not called off. */
  giveOne(): boolean {
    const next = this.asked.find(({ isOver }) => !isOver);
    next?.give();
    return next !== undefined;
  }
}

type Job = { readonly asker: Asker; readonly controller: AbortController; state: 'waits' | 'sent' | 'left'; error: unknown };

/** Who waits, in the order they came, and who was sent, in the order of their turns. */
class Desk {
  readonly budget = new TurnByTurn();
  readonly queue = new FairQueue(this.budget);
  readonly jobs: Job[] = [];
  readonly sent: Job[] = [];

  ask(asker: Asker): Job {
    const job: Job = { asker, controller: new AbortController(), state: 'waits', error: null };
    this.jobs.push(job);
    void this.queue
      .for(asker)
      .acquire({ priority: 'agent', timeoutMs, signal: job.controller.signal })
      .then(
        () => {
          job.state = 'sent';
          this.sent.push(job);
        },
        (error: unknown) => {
          job.state = 'left';
          job.error = error;
        },
      );
    return job;
  }

  async give(count = 1): Promise<void> {
    for (let turn = 0; turn < count; turn += 1) {
      this.budget.giveOne();
      await settle();
    }
  }

  sentOf({ agentId }: Asker): number {
    return this.sent.filter(({ asker }) => asker.agentId === agentId).length;
  }
}

const agent = (agentId: string, weight = 1, burst = 0): Asker => ({ agentId, weight, burst });

describe('whose turn it is', () => {
  test('two that wait take turns, however many requests one of them has', async () => {
    const desk = new Desk();
    const [greedy, modest] = [agent('greedy'), agent('modest')];
    for (let index = 0; index < 20; index += 1) desk.ask(greedy);
    for (let index = 0; index < 3; index += 1) desk.ask(modest);
    await desk.give(6);
    expect(desk.sent.map(({ asker }) => asker.agentId)).toEqual(['greedy', 'modest', 'greedy', 'modest', 'greedy', 'modest']);
    await desk.give(17);
    expect(desk.sentOf(greedy)).toBe(20);
  });

  test('one with weight 3 gets three turns where one with weight 1 gets one', async () => {
    const desk = new Desk();
    const [heavy, light] = [agent('heavy', 3), agent('light', 1)];
    for (let index = 0; index < 40; index += 1) for (const each of [heavy, light]) desk.ask(each);
    await desk.give(40);
    expect([desk.sentOf(heavy), desk.sentOf(light)]).toEqual([30, 10]);
  });

  test('one that was quiet goes ahead of its share by its burst, once, and by nothing for longer quiet', async () => {
    const desk = new Desk();
    const [busy, quiet] = [agent('busy'), agent('quiet', 1, 4)];
    for (let index = 0; index < 60; index += 1) desk.ask(busy);
    await desk.give(30);
    for (let index = 0; index < 20; index += 1) desk.ask(quiet);
    await desk.give(12);
    const order = desk.sent.slice(30).map(({ asker }) => asker.agentId);
    expect(order.slice(0, 4)).toEqual(['quiet', 'quiet', 'quiet', 'quiet']);
    expect(desk.sentOf(quiet)).toBe(8);
    // Not again, as it has not been quiet since.
    await desk.give(10);
    expect(desk.sentOf(quiet)).toBe(13);
  });

  test('a weight that is changed counts from the next request on', async () => {
    const desk = new Desk();
    for (let index = 0; index < 40; index += 1) for (const each of [agent('a'), agent('b')]) desk.ask(each);
    await desk.give(10);
    desk.ask(agent('a', 4));
    await desk.give(20);
    const later = desk.sent.slice(10).filter(({ asker }) => asker.agentId === 'a').length;
    expect(later).toBe(16);
  });

  test('classes have lines of their own, and each turn goes to its class', async () => {
    const budget = new TurnByTurn();
    const queue = new FairQueue(budget);
    const sent: string[] = [];
    for (const priority of ['agent', 'live'] as const) {
      void queue
        .for(agent('a'))
        .acquire({ priority, timeoutMs })
        .then(() => sent.push(priority));
    }
    budget.asked.find(({ priority }) => priority === 'live')?.give();
    await settle();
    expect(sent).toEqual(['live']);
    expect(queue.waiting('a')).toEqual({ own: 1, all: 1 });
  });
});

describe('who leaves', () => {
  test('costs nothing and asks for nothing any more, and is told where it stood', async () => {
    const desk = new Desk();
    const [first, second, third] = [agent('a'), agent('a'), agent('b')].map((asker) => desk.ask(asker));
    expect(desk.budget.open).toBe(3);
    second?.controller.abort(new Error('gone'));
    await settle();
    expect(desk.budget.open).toBe(2);
    expect(second?.error).toBeInstanceOf(LeftQueue);
    // b has one request and goes before a's second.
    expect(second?.error).toMatchObject({ code: 'interrupted', place: { position: 3, waiting: 3 }, cause: { message: 'gone' } });
    await desk.give(5);
    expect([first?.state, third?.state]).toEqual(['sent', 'sent']);
    expect(desk.budget).toMatchObject({ given: 2, unused: [] });
  });

  test('in the very moment its turn comes, gives the turn to the next, and where there is none, back', async () => {
    const desk = new Desk();
    const [one, two] = [desk.ask(agent('a')), desk.ask(agent('b'))];
    desk.budget.giveOne();
    one.controller.abort();
    await settle();
    expect([one.state, two.state]).toEqual(['left', 'sent']);
    const last = desk.ask(agent('a'));
    desk.budget.giveOne();
    last.controller.abort();
    await settle();
    expect(last.state).toBe('left');
    expect(desk.budget).toMatchObject({ given: 2, unused: [2], open: 0 });
    expect(desk.queue.waiting('a')).toEqual({ own: 0, all: 0 });
  });

  test('before it came is refused at once', async () => {
    const desk = new Desk();
    await expect(desk.queue.for(agent('a')).acquire({ priority: 'agent', timeoutMs, signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'interrupted',
    });
    expect(desk.budget.asked).toHaveLength(0);
  });
});

test('when the budget fails, everybody who waits learns why', async () => {
  const queue = new FairQueue({
    acquire: () => Promise.reject(new Error('the file broke')),
    status: () => ({ allowed: 1, used: 0, blockedUntilMs: null }),
  });
  const asked = ['a', 'b', 'a'].map((name) => queue.for(agent(name)).acquire({ priority: 'agent', timeoutMs }));
  const ended = await Promise.allSettled(asked);
  expect(ended.map((each) => (each.status === 'rejected' ? String(each.reason) : each.status))).toEqual(
    Array.from({ length: 3 }, () => 'Error: the file broke'),
  );
  expect(queue.waiting('a').all).toBe(0);
});

test('a turn counts long enough for whichever request gets it', async () => {
  const budget = new TurnByTurn();
  const queue = new FairQueue(budget);
  void queue.for(agent('a')).acquire({ priority: 'agent', timeoutMs: 1000 });
  void queue.for(agent('b')).acquire({ priority: 'agent', timeoutMs: 9000 });
  await settle();
  expect(budget.asked.filter(({ isOver }) => !isOver).map((ask) => ask.timeoutMs)).toEqual([9000, 9000]);
});

// ---- whatever happens

const members = fc.array(fc.record({ weight: fc.integer({ min: 1, max: 10 }), burst: fc.integer({ min: 0, max: 8 }) }), {
  minLength: 2,
  maxLength: 6,
});
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ does: fc.constant('ask' as const), who: fc.nat(5), times: fc.integer({ min: 1, max: 8 }) }) },
  { weight: 5, arbitrary: fc.record({ does: fc.constant('give' as const), times: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('leave' as const), which: fc.nat(40) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('giveAndLeave' as const), which: fc.nat(40) }) },
);

describe('whatever the others do', () => {
  test('an agent that waits gets its weighted share of all turns, less one of its own and the bursts of the others', async () => {
    await fc.assert(
      fc.asyncProperty(members, fc.array(step, { maxLength: 60 }), async (shares, steps) => {
        const desk = new Desk();
        const askers = shares.map(({ weight, burst }, index) => agent(`agent ${index}`, weight, burst));
        const [patient] = askers as [Asker];
        // It always has requests in line; the others come and go as they like.
        const keepWaiting = () => {
          while (desk.queue.waiting(patient.agentId).own < 8) desk.ask(patient);
        };
        // The others are there first, with more than they will ever get.
        for (const asker of askers.slice(1)) for (let index = 0; index < 60; index += 1) desk.ask(asker);
        keepWaiting();
        for (const now of steps) {
          const others = desk.jobs.filter(({ state, asker }) => state === 'waits' && asker !== patient);
          if (now.does === 'ask') {
            const asker = askers[1 + (now.who % (askers.length - 1))] as Asker;
            for (let index = 0; index < now.times; index += 1) desk.ask(asker);
          }
          if (now.does === 'give') await desk.give(now.times);
          if (now.does === 'leave') others[now.which % Math.max(1, others.length)]?.controller.abort();
          if (now.does === 'giveAndLeave') {
            desk.budget.giveOne();
            others[now.which % Math.max(1, others.length)]?.controller.abort();
          }
          await settle();
          keepWaiting();
          const own = desk.sentOf(patient);
          for (const other of askers.slice(1)) {
            const theirs = desk.sentOf(other);
            // For each of its own turns, and the one it waits for, another gets as many as its weight is greater; and its burst.
            const most = ((own + 1 + patient.burst) * other.weight) / patient.weight + other.burst + 1;
            expect(theirs, `${other.agentId} got ${theirs} while the patient one got ${own}`).toBeLessThanOrEqual(most + 1e-6);
          }
          // No turn lies about: what is asked of the budget is what waits.
          expect(desk.budget.open).toBe(desk.queue.waiting('').all);
        }
        expect(desk.budget.unused).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  test('agents that all wait are never further apart, by their weights, than one request each and their bursts', async () => {
    await fc.assert(
      fc.asyncProperty(members, fc.integer({ min: 10, max: 120 }), async (shares, turns) => {
        const desk = new Desk();
        const askers = shares.map(({ weight, burst }, index) => agent(`agent ${index}`, weight, burst));
        for (const asker of askers) for (let index = 0; index < turns; index += 1) desk.ask(asker);
        const [first] = askers as [Asker];
        let before = askers.map(() => 0);
        for (let turn = 0; turn < turns; turn += 1) {
          await desk.give();
          const counts = askers.map((asker) => desk.sentOf(asker));
          for (const [index, asker] of askers.entries()) {
            const apart = Math.abs((counts[index] ?? 0) / asker.weight - (counts[0] ?? 0) / first.weight);
            const allowed = 1 / asker.weight + 1 / first.weight + asker.burst / asker.weight + first.burst / first.weight;
            expect(apart).toBeLessThanOrEqual(allowed + 1e-6);
          }
          // Exactly one of them moved on.
          expect(counts.reduce((sum, count) => sum + count, 0)).toBe(before.reduce((sum, count) => sum + count, 0) + 1);
          before = counts;
        }
      }),
      { numRuns: 60 },
    );
  });

  test('no 60 s hold more than the budget allows, an idle budget is used, and what the queue hands back is used too', async () => {
    const life = fc.array(
      fc.oneof(
        { weight: 6, arbitrary: fc.record({ does: fc.constant('ask' as const), who: fc.nat(3), times: fc.integer({ min: 1, max: 4 }) }) },
        { weight: 4, arbitrary: fc.record({ does: fc.constant('pass' as const), ms: fc.oneof(fc.nat(2000), fc.nat(windowMs)) }) },
        { weight: 2, arbitrary: fc.record({ does: fc.constant('leave' as const), which: fc.nat(30) }) },
        { weight: 2, arbitrary: fc.record({ does: fc.constant('askAndLeave' as const), who: fc.nat(3) }) },
      ),
      { maxLength: 40 },
    );
    await fc.assert(
      fc.asyncProperty(life, fc.integer({ min: 1, max: 7 }), fc.integer({ min: 0, max: 3000 }), async (steps, allowed, latencyMs) => {
        const clock = new FakeClock();
        const budget = createInProcessBudget({ clock, requestsPerMinute: allowed, reserve: 0, random: () => 0 });
        const queue = new FairQueue(budget);
        const sentMs: number[] = [];
        let waiting: AbortController[] = [];
        const ask = (who: number): AbortController => {
          const controller = new AbortController();
          waiting.push(controller);
          const run = async () => {
            try {
              const slot = await queue
                .for(agent(`agent ${who}`, who + 1, who))
                .acquire({ priority: 'agent', timeoutMs, signal: controller.signal });
              sentMs.push(clock.monotonic());
              await clock.sleep(latencyMs);
              slot.end();
            } catch (error) {
              expect(error).toBeInstanceOf(LeftQueue);
            } finally {
              waiting = waiting.filter((other) => other !== controller);
            }
          };
          void run();
          return controller;
        };
        for (const now of steps) {
          if (now.does === 'ask') for (let index = 0; index < now.times; index += 1) ask(now.who);
          if (now.does === 'pass') await clock.advance(now.ms);
          if (now.does === 'leave') waiting[now.which % Math.max(1, waiting.length)]?.abort();
          if (now.does === 'askAndLeave') ask(now.who).abort();
          await settle();
          for (const fromMs of sentMs) {
            const inWindow = sentMs.filter((atMs) => atMs >= fromMs && atMs < fromMs + windowMs).length;
            expect(inWindow).toBeLessThanOrEqual(allowed);
          }
          // Work conserving: while anybody waits, nothing is free.
          if (queue.waiting('').all > 0) expect(budget.status().free).toBe(0);
        }
        // Everybody who stays is served: the line empties at the pace of the budget.
        const left = queue.waiting('').all;
        await clock.advance((windowMs + latencyMs) * (Math.ceil(left / allowed) + 1));
        expect(queue.waiting('').all).toBe(0);
      }),
      { numRuns: 60 },
    );
  });
});

/** Lets all promises that can settle do so. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
