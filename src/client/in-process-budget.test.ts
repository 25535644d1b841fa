import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { Interrupted, priorities } from '../base/index.ts';
import type { Budget, Priority, Slot } from '../base/index.ts';
import { createInProcessBudget } from './in-process-budget.ts';

const windowMs = 60_000;
const ask = (budget: Budget, priority: Priority = 'interactive') => budget.acquire({ priority, timeoutMs: 30_000 });

/** Asks without waiting and remembers in which order the answers came. */
function line(budget: Budget, order: string[], priority: Priority, name: string): void {
  void ask(budget, priority).then((slot) => {
    order.push(name);
    slot.end();
  });
}

test('never more requests in any 60 s than allowed, however long they take and whoever asks', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          pauseMs: fc.nat({ max: 20_000 }),
          durationMs: fc.nat({ max: 90_000 }),
          priority: fc.constantFrom(...priorities),
        }),
        { minLength: 1, maxLength: 60 },
      ),
      fc.integer({ min: 1, max: 8 }),
      async (requests, allowed) => {
        const clock = new FakeClock();
        const budget = createInProcessBudget({ requestsPerMinute: allowed + 2, reserve: 2, clock });
        const arrivals: number[] = [];
        let served = 0;
        for (const { pauseMs, durationMs, priority } of requests) {
          await clock.advance(pauseMs);
          void ask(budget, priority).then(async (slot) => {
            // It may reach Aircall at any moment between being granted and being answered.
            await clock.sleep(durationMs / 2);
            arrivals.push(clock.now());
            await clock.sleep(durationMs / 2);
            slot.end();
            served += 1;
          });
        }
        await clock.advance(requests.length * (90_000 + windowMs));
        expect(served).toBe(requests.length);
        for (const [index, at] of arrivals.entries()) {
          const later = arrivals.slice(index).filter((other) => other < at + windowMs);
          expect(later.length).toBeLessThanOrEqual(allowed);
        }
      },
    ),
    { numRuns: 40 },
  );
});

test('a slot frees 60 s after its answer, not after its request', async () => {
  const clock = new FakeClock();
  const budget = createInProcessBudget({ requestsPerMinute: 1, reserve: 0, clock });
  const first = await ask(budget);
  let granted = false;
  void ask(budget).then(() => (granted = true));
  await clock.advance(50_000);
  first.end();
  first.end();
  await clock.advance(59_999);
  expect(granted).toBe(false);
  await clock.advance(1);
  expect(granted).toBe(true);
  expect(budget.status()).toMatchObject({ allowed: 1, used: 1, blockedUntilMs: null });
});

test('the whole allowance can be used at once, and again a minute later', async () => {
  const clock = new FakeClock();
  const budget = createInProcessBudget({ clock });
  const grants: number[] = [];
  for (let index = 0; index < 330; index += 1) {
    void ask(budget, 'backfill').then((slot) => {
      grants.push(clock.monotonic());
      slot.end();
    });
  }
  await clock.advance(2 * windowMs);
  expect([0, windowMs, 2 * windowMs].map((at) => grants.filter((grant) => grant === at).length)).toEqual([110, 110, 110]);
});

test('the more urgent go first, the less urgent keep a share', async () => {
  const clock = new FakeClock();
  const budget = createInProcessBudget({ requestsPerMinute: 1, reserve: 0, clock });
  (await ask(budget)).end();
  const order: string[] = [];
  for (let index = 0; index < 40; index += 1) for (const priority of priorities.toReversed()) line(budget, order, priority, priority);
  await clock.advance(40 * windowMs);

  expect(order.slice(0, 2)).toEqual(['live', 'live']);
  const share = (priority: Priority) => order.filter((name) => name === priority).length / order.length;
  expect(share('live')).toBeGreaterThanOrEqual(0.28);
  expect(share('interactive')).toBeGreaterThanOrEqual(0.2);
  expect(share('agent')).toBeGreaterThanOrEqual(0.15);
  expect(share('pipeline')).toBeGreaterThanOrEqual(0.1);
  expect(share('backfill')).toBeGreaterThanOrEqual(0.07);
});

test('nobody starves while more urgent requests keep coming', async () => {
  const clock = new FakeClock();
  const budget = createInProcessBudget({ requestsPerMinute: 2, reserve: 0, clock });
  const order: string[] = [];
  const keepComing = () =>
    void ask(budget, 'live').then((slot) => {
      order.push('live');
      slot.end();
      keepComing();
    });
  keepComing();
  keepComing();
  await clock.advance(windowMs / 2);
  line(budget, order, 'backfill', 'backfill');
  await clock.advance(10 * windowMs);
  expect(order).toContain('backfill');
});

test('a 429 stops everyone until the reset', async () => {
  const clock = new FakeClock();
  const budget = createInProcessBudget({ clock });
  const slot = await ask(budget);
  slot.end({ refused: true, resetAtMs: clock.now() + 12_000 });
  expect(budget.status().blockedUntilMs).toBe(clock.now() + 12_000);

  const order: string[] = [];
  line(budget, order, 'live', 'live');
  await clock.advance(11_999);
  expect(order).toEqual([]);
  await clock.advance(1);
  expect(order).toEqual(['live']);
});

test('a 429 without a reset, or with one that has passed, stops everyone for 60 s and a little', async () => {
  for (const resetAtMs of [undefined, 0]) {
    const clock = new FakeClock();
    const budget = createInProcessBudget({ clock, random: () => 0.5, requestsPerMinute: Number.POSITIVE_INFINITY });
    (await ask(budget)).end({ refused: true, resetAtMs });
    const order: string[] = [];
    line(budget, order, 'live', 'live');
    await clock.advance(62_499);
    expect(order).toEqual([]);
    await clock.advance(1);
    expect(order).toEqual(['live']);
  }
});

test('headers are believed when they are lower', async () => {
  const clock = new FakeClock();
  const budget = createInProcessBudget({ clock });
  (await ask(budget)).end({ limit: 60 });
  expect(budget.status().allowed).toBe(50);
  (await ask(budget)).end({ limit: 6000 });
  expect(budget.status().allowed).toBe(110);

  (await ask(budget)).end({ remaining: 13, resetAtMs: clock.now() + 20_000 });
  const order: string[] = [];
  for (let index = 0; index < 5; index += 1) line(budget, order, 'agent', 'agent');
  await clock.advance(19_999);
  expect(order).toHaveLength(3);
  await clock.advance(1);
  expect(order).toHaveLength(5);
});

test('who has to wait is told how long, once; who need not, is not', async () => {
  const clock = new FakeClock();
  const budget = createInProcessBudget({ requestsPerMinute: 2, reserve: 0, clock });
  const waits: number[] = [];
  const onWait = (waitMs: number) => waits.push(waitMs);
  const acquire = () => budget.acquire({ priority: 'agent', timeoutMs: 1000, onWait });
  (await acquire()).end();
  await clock.advance(10_000);
  (await acquire()).end();
  expect(waits).toEqual([]);
  void acquire();
  void acquire();
  void acquire();
  await clock.advance(1);
  expect(waits).toEqual([50_000, 60_000, 60_000]);
});

test('a request that is called off leaves its place to the next', async () => {
  const clock = new FakeClock();
  const budget = createInProcessBudget({ requestsPerMinute: 1, reserve: 0, clock });
  (await ask(budget)).end();
  const controller = new AbortController();
  const calledOff = budget.acquire({ priority: 'live', timeoutMs: 1000, signal: controller.signal });
  const order: string[] = [];
  line(budget, order, 'backfill', 'backfill');
  controller.abort();
  await expect(calledOff).rejects.toBeInstanceOf(Interrupted);
  await expect(budget.acquire({ priority: 'live', timeoutMs: 1000, signal: controller.signal })).rejects.toBeInstanceOf(Interrupted);
  await clock.advance(windowMs);
  expect(order).toEqual(['backfill']);
});

test('a budget that is off counts nothing but obeys a 429', async () => {
  const clock = new FakeClock();
  const budget = createInProcessBudget({ requestsPerMinute: Number.POSITIVE_INFINITY, clock });
  const slots: Slot[] = [];
  for (let index = 0; index < 1000; index += 1) slots.push(await ask(budget));
  expect(budget.status().allowed).toBe(Number.POSITIVE_INFINITY);
  slots[0]?.end({ refused: true, resetAtMs: clock.now() + 5000 });
  expect(budget.status().blockedUntilMs).toBe(clock.now() + 5000);
});
