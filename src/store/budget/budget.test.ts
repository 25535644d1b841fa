import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { Interrupted, priorities } from '../../base/index.ts';
import type { Clock, Priority, Slot, SlotOutcome } from '../../base/index.ts';
import type { Machine, ProcessIdentity } from '../machine.ts';
import { openDatabase } from '../database.ts';
import { budgetFileName, openBudget } from './budget.ts';
import type { OpenBudget } from './budget.ts';
import { budgetDatabase } from './schema.ts';
import { guaranteedShares } from './shares.ts';

const windowMs = 60_000;
const timeoutMs = 5_000;
const root = mkdtempSync(path.join(tmpdir(), 'trunkline-budget-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('one process', () => {
  test('gives what the quota leaves after the reserve, and not one more within the window', async () => {
    const world = new World();
    const one = await world.start({ quota: 7, reserve: 2 });
    expect(await take(one, 5)).toHaveLength(5);
    const sixth = one.ask();
    await world.pass(windowMs * 3);
    expect(sixth.slot).toBeUndefined();
    expect(one.budget.status()).toMatchObject({ allowed: 5, used: 5, blockedUntilMs: null });
    world.end();
  });

  test('a slot frees one window after its answer ended', async () => {
    const world = new World();
    const one = await world.start({ quota: 1, reserve: 0 });
    const [slot] = await take(one, 1);
    await world.pass(4_000);
    slot?.end();
    slot?.end();
    const next = one.ask();
    await world.pass(windowMs - 1);
    expect(next.slot).toBeUndefined();
    await world.pass(20);
    expect(next.slot).toBeDefined();
    world.end();
  });

  test('tells once how long the wait will be', async () => {
    const world = new World();
    const one = await world.start({ quota: 2, reserve: 0 });
    const slots = await take(one, 2);
    slots[0]?.end();
    await world.pass(10_000);
    slots[1]?.end();
    const [first, second] = [one.ask(), one.ask()];
    await world.pass(30_000);
    expect(first.waits).toEqual([50_000]);
    expect(second.waits).toHaveLength(1);
    world.end();
  });

  test('a request that is called off leaves the line and takes no slot', async () => {
    const world = new World();
    const one = await world.start({ quota: 1, reserve: 0 });
    const [slot] = await take(one, 1);
    const called = one.ask('backfill', new AbortController());
    const patient = one.ask();
    called.controller?.abort();
    await world.pass(0);
    expect(called.error).toBeInstanceOf(Interrupted);
    slot?.end();
    await world.pass(windowMs + 20);
    expect(patient.slot).toBeDefined();
    const late = one.ask('live', called.controller);
    await world.pass(0);
    expect(late.error).toBeInstanceOf(Interrupted);
    world.end();
  });

  test('after close, whoever waits is interrupted and nobody gets a slot', async () => {
    const world = new World();
    const one = await world.start({ quota: 1, reserve: 0 });
    const [slot] = await take(one, 1);
    const waiting = one.ask();
    one.budget.close();
    one.budget.close();
    slot?.end();
    const late = one.ask();
    await world.pass(0);
    expect(waiting.error).toBeInstanceOf(Interrupted);
    expect(late.error).toMatchObject({ code: 'budget_closed' });
    expect(one.budget.status().used).toBe(1);
    world.end();
  });

  test('when its file breaks, nobody gets a slot and everybody learns why', async () => {
    const world = new World();
    const one = await world.start({ quota: 1, reserve: 0 });
    const [slot] = await take(one, 1);
    const waiting = one.ask();
    const vandal = await openDatabase({ path: path.join(world.folder, 'acme.db'), kind: budgetDatabase });
    await vandal.write(() => ({ changes: vandal.prepare('DROP TABLE slots').run() }));
    vandal.close();
    await world.pass(2_000);
    slot?.end();
    const late = one.ask('live');
    await world.pass(0);
    for (const { error } of [waiting, late]) expect(error).toMatchObject({ code: 'store_failed' });
    expect(() => one.budget.status()).toThrow(path.join(world.folder, 'acme.db'));
    one.budget.close();
  });

  test('a budget that is off gives every slot at once and counts nothing', async () => {
    const budget = await openBudget({ company: 'off', quota: 'off', reserve: 10, folder: path.join(root, 'never-made') });
    const slots = await Promise.all(Array.from({ length: 500 }, () => budget.acquire({ priority: 'backfill', timeoutMs })));
    slots[0]?.end({ refused: true });
    expect(budget.status()).toMatchObject({ allowed: Infinity, used: 0, blockedUntilMs: null });
    await expect(budget.acquire({ priority: 'live', timeoutMs, signal: AbortSignal.abort() })).rejects.toBeInstanceOf(Interrupted);
  });

  test('a quota that leaves nothing is refused', async () => {
    for (const [quota, reserve] of [
      [10, 10],
      [0, 0],
      [1.5, 0],
      [10, -1],
      [Number.NaN, 0],
    ] as const) {
      await expect(openBudget({ company: 'x', quota, reserve, folder: root })).rejects.toMatchObject({ code: 'budget_empty' });
    }
  });
});

describe('what Aircall tells', () => {
  test('a 429 stops every process for a window when it names no reset', async () => {
    const world = new World();
    const [one, two] = [await world.start({ quota: 50, reserve: 0 }), await world.start({ quota: 50, reserve: 0 })];
    const [slot] = await take(one, 1);
    slot?.end({ refused: true });
    const waiting = two.ask('live');
    await world.pass(windowMs - 1);
    expect(waiting.slot).toBeUndefined();
    expect(two.budget.status().blockedUntilMs).toBeGreaterThan(world.wallMs);
    await world.pass(windowMs / 60 + 20);
    expect(waiting.slot).toBeDefined();
    expect(two.budget.status().blockedUntilMs).toBeNull();
    world.end();
  });

  test('a 429 that names its reset stops until then, and a reset that cannot be true is not believed', async () => {
    for (const [resetInMs, expectedMs] of [
      [20_000, 21_000],
      [61_000, 62_000],
      [-5_000, windowMs],
      [3_600_000, windowMs],
    ] as const) {
      const world = new World();
      const one = await world.start({ quota: 50, reserve: 0 });
      const [slot] = await take(one, 1);
      slot?.end({ refused: true, resetAtMs: world.wallMs + resetInMs });
      const waiting = one.ask();
      await world.pass(expectedMs - 1);
      expect(waiting.slot).toBeUndefined();
      await world.pass(windowMs / 60 + 20);
      expect(waiting.slot).toBeDefined();
      world.end();
    }
  });

  test('what the headers say is left is believed when it is less than our own count, until their reset', async () => {
    const world = new World();
    const one = await world.start({ quota: 100, reserve: 0 });
    const two = await world.start({ quota: 100, reserve: 0 });
    const [slot] = await take(one, 1);
    slot?.end({ limit: 100, remaining: 3, resetAtMs: world.wallMs + 30_000 });
    const asked = Array.from({ length: 6 }, (_, index) => (index % 2 === 0 ? one : two).ask());
    await world.pass(29_000);
    expect(asked.filter((request) => request.slot)).toHaveLength(3);
    expect(asked.find((request) => request.waits.length > 0)?.waits).toEqual([31_000]);
    await world.pass(2_100);
    expect(asked.filter((request) => request.slot)).toHaveLength(6);
    world.end();
  });

  test('headers that only show our own requests hold nothing back', async () => {
    const world = new World();
    const one = await world.start({ quota: 20, reserve: 0 });
    for (let sent = 1; sent <= 20; sent += 1) {
      const [slot] = await take(one, 1);
      slot?.end({ limit: 20, remaining: 20 - sent, resetAtMs: world.wallMs + windowMs });
    }
    const next = one.ask();
    await world.pass(windowMs + 20);
    expect(next.slot).toBeDefined();
    world.end();
  });

  test('an answer that overtakes an older one is not undone by it', async () => {
    const world = new World();
    const one = await world.start({ quota: 100, reserve: 0 });
    const [older, younger] = await take(one, 2);
    younger?.end({ remaining: 1 });
    older?.end({ remaining: 40 });
    const asked = Array.from({ length: 3 }, () => one.ask());
    await world.pass(1_000);
    expect(asked.filter((request) => request.slot)).toHaveLength(1);
    world.end();
  });

  test('a limit below our quota is believed, and one above it is not', async () => {
    const world = new World();
    const one = await world.start({ quota: 100, reserve: 10 });
    const [first, second] = await take(one, 2);
    first?.end({ limit: 60 });
    expect(one.budget.status().allowed).toBe(50);
    second?.end({ limit: 6_000 });
    expect(one.budget.status().allowed).toBe(90);
    world.end();
  });
});

describe('several processes', () => {
  test('the lowest quota counts while processes overlap, and no longer after', async () => {
    const world = new World();
    const big = await world.start({ quota: 100, reserve: 0 });
    const small = await world.start({ quota: 12, reserve: 2 });
    expect(big.budget.status().allowed).toBe(10);
    small.budget.close();
    expect(big.budget.status().allowed).toBe(100);
    world.end();
  });

  test('the slot of a process that died counts until its request is a window old, and then frees', async () => {
    const world = new World();
    const [one, two] = [await world.start({ quota: 1, reserve: 0 }), await world.start({ quota: 1, reserve: 0 })];
    await take(one, 1);
    world.crash(one);
    const waiting = two.ask();
    await world.pass(timeoutMs + windowMs - 1);
    expect(waiting.slot).toBeUndefined();
    await world.pass(windowMs / 60 + 20);
    expect(waiting.slot).toBeDefined();
    world.end();
  });

  test('a request still under way when its budget closes counts until it must be a window old', async () => {
    const world = new World();
    const [one, two] = [await world.start({ quota: 1, reserve: 0 }), await world.start({ quota: 1, reserve: 0 })];
    await take(one, 1);
    one.leave();
    const waiting = two.ask();
    await world.pass(timeoutMs + windowMs - 1);
    expect(waiting.slot).toBeUndefined();
    await world.pass(20);
    expect(waiting.slot).toBeDefined();
    world.end();
  });

  test('the slot of a process that lives counts as long as its answer is missing', async () => {
    const world = new World();
    const [one, two] = [await world.start({ quota: 1, reserve: 0 }), await world.start({ quota: 1, reserve: 0 })];
    await take(one, 1);
    const waiting = two.ask();
    await world.pass(timeoutMs + windowMs * 5);
    expect(waiting.slot).toBeUndefined();
    world.end();
  });

  test('neither a clock set back nor one set forward frees a slot early or keeps it longer', async () => {
    for (const jumpMs of [-86_400_000, 86_400_000]) {
      const world = new World();
      const one = await world.start({ quota: 3, reserve: 0 });
      for (const slot of await take(one, 3)) slot.end();
      world.wallOffsetMs += jumpMs;
      const two = await world.start({ quota: 3, reserve: 0 });
      const asked = [one.ask(), two.ask()];
      await world.pass(windowMs - 1);
      expect(asked.filter((request) => request.slot)).toHaveLength(0);
      await world.pass(50);
      expect(asked.filter((request) => request.slot)).toHaveLength(2);
      world.end();
    }
  });

  test('after a restart of the machine with a wrong clock, slots count at least their window', async () => {
    for (const jumpMs of [-86_400_000, 0, 86_400_000]) {
      const world = new World();
      const one = await world.start({ quota: 2, reserve: 0 });
      for (const slot of await take(one, 2)) slot.end();
      await world.restart(30_000);
      world.wallOffsetMs += jumpMs;
      const two = await world.start({ quota: 2, reserve: 0 });
      const waiting = two.ask();
      await world.pass(29_000);
      expect(waiting.slot).toBeUndefined();
      await world.pass(31_100);
      expect(waiting.slot).toBeDefined();
      world.end();
    }
  });
});

describe('fairness', () => {
  test('an urgent request goes before all that wait', async () => {
    const world = new World();
    const [one, two] = [await world.start({ quota: 1, reserve: 0 }), await world.start({ quota: 1, reserve: 0 })];
    const [slot] = await take(one, 1);
    const slow = Array.from({ length: 30 }, () => one.ask('backfill'));
    await world.pass(3_000);
    const urgent = two.ask('live');
    slot?.end();
    await world.pass(windowMs + 200);
    expect(urgent.slot).toBeDefined();
    expect(slow.filter((request) => request.slot)).toHaveLength(0);
    world.end();
  });

  test('a waiting process that died holds nobody up', async () => {
    const world = new World();
    const [one, two] = [await world.start({ quota: 1, reserve: 0 }), await world.start({ quota: 1, reserve: 0 })];
    const [slot] = await take(one, 1);
    slot?.end();
    const lost = two.ask('live');
    await world.pass(1_000);
    world.crash(two);
    const patient = one.ask('backfill');
    await world.pass(windowMs - 1_000 + 200);
    expect(lost.slot).toBeUndefined();
    expect(patient.slot).toBeDefined();
    world.end();
  });

  test('every class gets its guaranteed share while all of them wait, in whichever processes, however small the budget', async () => {
    const place = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 5, maxLength: 5 });
    const classes = fc.subarray([...priorities], { minLength: 2 });
    await fc.assert(
      fc.asyncProperty(place, classes, fc.integer({ min: 1, max: 6 }), fc.nat(), async (places, busy, quota, seed) => {
        const world = new World(seed);
        const processes = [0, 1, 2].map(() => world.start({ quota, reserve: 0 }));
        const started = await Promise.all(processes);
        const counts = new Map<Priority, number>();
        for (const [index, priority] of busy.entries()) {
          for (let worker = 0; worker < quota; worker += 1) {
            void work(world, started[places[index] ?? 0] as Process, { priority, latencyMs: 1, counts });
          }
        }
        const rounds = Math.ceil(40 / quota);
        await world.pass(windowMs * rounds);
        const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
        expect(total).toBeGreaterThanOrEqual(quota * rounds * 0.95);
        for (const priority of busy) {
          expect(counts.get(priority) ?? 0).toBeGreaterThanOrEqual(Math.floor((total * guaranteedShares[priority]) / 100) - 2);
        }
        const [most = 'live'] = busy;
        expect(counts.get(most)).toBe(Math.max(...counts.values()));
        world.end();
      }),
      { numRuns: 8 },
    );
  });

  test('processes of one class take turns', async () => {
    const world = new World();
    const counts = [new Map<Priority, number>(), new Map<Priority, number>(), new Map<Priority, number>()];
    for (const count of counts) {
      const one = await world.start({ quota: 10, reserve: 0 });
      for (let worker = 0; worker < 4; worker += 1) void work(world, one, { priority: 'backfill', latencyMs: 200, counts: count });
    }
    await world.pass(windowMs * 12);
    for (const count of counts) expect(count.get('backfill')).toBeGreaterThanOrEqual(36);
    world.end();
  });
});

describe('while agents are about', () => {
  test('a backfill gets its slots spread over the minute, so that an agent that comes later waits a second and not a minute', async () => {
    const world = new World();
    const [gateway, filler] = [await world.start({ quota: 60, reserve: 0 }), await world.start({ quota: 60, reserve: 0 })];
    const counts = new Map<Priority, number>();
    gateway.ask('agent').slot?.end();
    await world.pass(10);
    for (let worker = 0; worker < 8; worker += 1) void work(world, filler, { priority: 'backfill', latencyMs: 100, counts });
    await world.pass(20_000);
    // A quarter at once, then one about every second and a half: what is left, until the first slot frees.
    expect(counts.get('backfill')).toBeGreaterThanOrEqual(25);
    expect(counts.get('backfill')).toBeLessThanOrEqual(36);
    for (let round = 0; round < 40; round += 1) {
      const late = gateway.ask('agent');
      await world.pass(3_000);
      expect(late.slot).toBeDefined();
      late.slot?.end();
    }
    world.end();
  });

  test('as many slots are given as without', async () => {
    const world = new World();
    const [gateway, filler] = [await world.start({ quota: 120, reserve: 10 }), await world.start({ quota: 120, reserve: 10 })];
    const counts = new Map<Priority, number>();
    void work(world, gateway, { priority: 'agent', latencyMs: 20_000, counts });
    for (let worker = 0; worker < 8; worker += 1) void work(world, filler, { priority: 'backfill', latencyMs: 300, counts });
    const minutes = 10;
    await world.pass(windowMs * minutes);
    const total = (counts.get('backfill') ?? 0) + (counts.get('agent') ?? 0);
    expect(total).toBeGreaterThanOrEqual(0.98 * 110 * minutes);
    world.end();
  });

  test('live and interactive requests are not held back, and two minutes after the last agent nobody is', async () => {
    const world = new World();
    const one = await world.start({ quota: 40, reserve: 0 });
    const slots = Array.from({ length: 20 }, () => one.ask('agent'));
    await world.pass(10);
    expect(slots.filter(({ slot }) => slot)).toHaveLength(10);
    const urgent = Array.from({ length: 10 }, (_, index) => one.ask(index % 2 === 0 ? 'live' : 'interactive'));
    await world.pass(10);
    expect(urgent.filter(({ slot }) => slot)).toHaveLength(10);
    await world.pass(windowMs);
    for (const { slot } of [...slots, ...urgent]) slot?.end();
    await world.pass(windowMs * 2 + 100);
    expect(await take(one, 40)).toHaveLength(40);
    world.end();
  });

  test('a slot that is handed back unused is free at once', async () => {
    const world = new World();
    const one = await world.start({ quota: 1, reserve: 0 });
    const [slot] = await take(one, 1);
    const next = one.ask();
    slot?.end({ unused: true });
    await world.pass(0);
    expect(next.slot).toBeDefined();
    expect(one.budget.status()).toMatchObject({ used: 1, free: 0, nextInMs: windowMs });
    next.slot?.end({ unused: true });
    await world.pass(0);
    expect(one.budget.status()).toMatchObject({ used: 0, free: 1, nextInMs: 0 });
    world.end();
  });
});

describe('full use', () => {
  test('a backfill alone uses 98% of what is allowed or more, at 300 ms an answer', async () => {
    for (const processCount of [1, 3]) {
      const world = new World();
      const counts = new Map<Priority, number>();
      for (let index = 0; index < processCount; index += 1) {
        const one = await world.start({ quota: 120, reserve: 10 });
        for (let worker = 0; worker < 8; worker += 1) void work(world, one, { priority: 'backfill', latencyMs: 300, counts });
      }
      const minutes = 20;
      await world.pass(windowMs * minutes);
      expect(counts.get('backfill')).toBeGreaterThanOrEqual(0.98 * 110 * minutes);
      world.end();
    }
  });

  test('a process that waits looks again no more than a few times a second', async () => {
    const world = new World();
    const one = await world.start({ quota: 1, reserve: 0 });
    const [slot] = await take(one, 1);
    slot?.end();
    one.ask();
    const before = world.sleepCount;
    await world.pass(windowMs - 1);
    expect(world.sleepCount - before).toBeLessThanOrEqual(65);
    world.end();
  });
});

describe('any interleaving', () => {
  const outcome: fc.Arbitrary<SlotOutcome> = fc.oneof(
    { weight: 6, arbitrary: fc.constant({}) },
    { weight: 1, arbitrary: fc.record({ refused: fc.constant(true) }) },
    { weight: 2, arbitrary: fc.record({ limit: fc.integer({ min: 0, max: 9 }), remaining: fc.integer({ min: 0, max: 9 }) }) },
  );
  const step = fc.oneof(
    { weight: 8, arbitrary: fc.record({ does: fc.constant('ask' as const), who: fc.nat(3), priority: fc.constantFrom(...priorities) }) },
    { weight: 8, arbitrary: fc.record({ does: fc.constant('end' as const), which: fc.nat(20), outcome }) },
    { weight: 6, arbitrary: fc.record({ does: fc.constant('pass' as const), ms: fc.oneof(fc.nat(500), fc.nat(windowMs)) }) },
    { weight: 1, arbitrary: fc.record({ does: fc.constant('crash' as const), who: fc.nat(3) }) },
    { weight: 1, arbitrary: fc.record({ does: fc.constant('close' as const), who: fc.nat(3) }) },
    { weight: 1, arbitrary: fc.record({ does: fc.constant('callOff' as const), which: fc.nat(20) }) },
    { weight: 1, arbitrary: fc.record({ does: fc.constant('setClock' as const), byMs: fc.integer({ min: -200_000, max: 200_000 }) }) },
    { weight: 1, arbitrary: fc.record({ does: fc.constant('restart' as const), ms: fc.nat(90_000) }) },
  );

  test('never holds more slots in any window than are allowed, and serves everybody in the end', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 6 }), fc.nat(), async (steps, quota, seed) => {
        const world = new World(seed);
        const places = await Promise.all([0, 1, 2, 3].map(() => world.start({ quota, reserve: 0 })));
        const at = (index: number): Process => places[index] as Process;
        for (const now of steps) {
          if (now.does === 'ask') at(now.who).ask(now.priority, new AbortController());
          if (now.does === 'end') world.open[now.which % Math.max(1, world.open.length)]?.end(now.outcome);
          if (now.does === 'pass') await world.pass(now.ms);
          if (now.does === 'callOff') world.waiting[now.which % Math.max(1, world.waiting.length)]?.controller?.abort();
          if (now.does === 'setClock') world.wallOffsetMs += now.byMs;
          if (now.does === 'crash' || now.does === 'close') {
            if (now.does === 'crash') world.crash(at(now.who));
            else at(now.who).leave();
            places[now.who] = await world.start({ quota, reserve: 0 });
          }
          if (now.does === 'restart') {
            await world.restart(now.ms);
            for (const index of places.keys()) places[index] = await world.start({ quota, reserve: 0 });
          }
          // What is given is sent at once, before its process can go.
          await settle();
          world.checkNeverMoreThan(quota);
        }
        // From here on every answer arrives.
        for (let minute = 0; minute < 200 && world.waiting.length > 0; minute += 1) {
          for (const slot of world.open) slot.end();
          await world.pass(windowMs / 2);
          world.checkNeverMoreThan(quota);
        }
        expect(world.waiting).toHaveLength(0);
        world.end();
      }),
      { numRuns: 80 },
    );
  });
});

test('a company keeps its own name as a file name only where every file system takes it', () => {
  expect(budgetFileName('acme-2')).toBe('acme-2.db');
  const odd = ['Acme', '../acme', 'a/b', 'con', 'com1', '', '.', 'ä', 'a'.repeat(65)].map(budgetFileName);
  expect(new Set(odd).size).toBe(odd.length);
  for (const name of odd) expect(name).toMatch(/^company-[0-9a-f]{16}\.db$/);
});

// ---------------------------------------------------------------------------------------------------------------------
// A world with its own time, in which processes start, die and share one file.

type Request = {
  priority: Priority;
  slot?: Slot;
  error?: unknown;
  waits: number[];
  process: Process;
  controller?: AbortController | undefined;
};
type Sent = { fromMs: number; untilMs: number };

type Process = {
  readonly budget: OpenBudget;
  readonly identity: ProcessIdentity;
  readonly ask: (priority?: Priority, controller?: AbortController) => Request;
  readonly leave: () => void;
};

class World {
  readonly folder = mkdtempSync(path.join(root, 'world-'));
  nowMs = 1_000_000;
  upSinceMs = 400_000;
  kernel = 1;
  wallOffsetMs = 1_700_000_000_000;
  sleepCount = 0;
  readonly dead = new Set<number>();
  waiting: Request[] = [];
  open: Slot[] = [];
  readonly #sent: Sent[] = [];
  #timers: { atMs: number; pid: number; resolve: () => void }[] = [];
  readonly #processes: Process[] = [];
  #pids = 0;
  #seed: number;

  constructor(seed = 1) {
    this.#seed = seed;
  }

  get wallMs(): number {
    return this.nowMs + this.wallOffsetMs;
  }

  /** A window may hold so many requests: each lies somewhere between being given its slot and the end of its answer. */
  checkNeverMoreThan(allowed: number): void {
    for (const { fromMs } of this.#sent) {
      const together = this.#sent.filter((other) => other.fromMs <= fromMs && other.untilMs + windowMs > fromMs).length;
      expect(together).toBeLessThanOrEqual(allowed);
    }
  }

  async start(options: { quota: number; reserve: number }): Promise<Process> {
    this.#pids += 1;
    const identity = { kernel: `kernel-${this.kernel}`, namespace: '', pid: this.#pids, started: '1' };
    const machine: Machine = {
      self: identity,
      uptimeMs: () => this.nowMs - this.upSinceMs,
      liveness: (other) => (other.kernel !== `kernel-${this.kernel}` ? 'unknown' : this.dead.has(other.pid) ? 'dead' : 'alive'),
    };
    const budget = await openBudget({
      ...options,
      company: 'acme',
      folder: this.folder,
      clock: this.#clockOf(identity.pid),
      machine,
      random: () => this.#random(),
    });
    const process: Process = {
      budget,
      identity,
      ask: (priority = 'backfill', controller) => this.#ask(process, priority, controller),
      leave: () => {
        budget.close();
        this.#abandon(process);
      },
    };
    this.#processes.push(process);
    return process;
  }

  /** kill -9: nothing of the process runs any more. */
  crash(process: Process): void {
    this.dead.add(process.identity.pid);
    this.#timers = this.#timers.filter((timer) => timer.pid !== process.identity.pid);
    this.#abandon(process);
  }

  async restart(downMs: number): Promise<void> {
    for (const process of this.#processes) this.crash(process);
    this.nowMs += downMs;
    this.upSinceMs = this.nowMs - Math.min(downMs, 5_000);
    this.kernel += 1;
  }

  async pass(ms: number): Promise<void> {
    const untilMs = this.nowMs + ms;
    await settle();
    for (;;) {
      const next = this.#timers.filter((timer) => timer.atMs <= untilMs).toSorted((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined) break;
      this.nowMs = Math.max(this.nowMs, next.atMs);
      this.#timers = this.#timers.filter((timer) => timer !== next);
      next.resolve();
      await settle();
    }
    this.nowMs = untilMs;
  }

  sleep(ms: number): Promise<void> {
    return this.#clockOf(0).sleep(ms);
  }

  end(): void {
    this.#timers = [];
    for (const { budget } of this.#processes) budget.close();
  }

  #ask(process: Process, priority: Priority, controller: AbortController | undefined): Request {
    const request: Request = { priority, waits: [], process, controller };
    this.waiting.push(request);
    const asking = async (): Promise<void> => {
      try {
        const onWait = (waitMs: number): unknown => request.waits.push(waitMs);
        const slot = await process.budget.acquire({ priority, timeoutMs, signal: controller?.signal, onWait });
        request.slot = this.#track(process, slot);
      } catch (error) {
        request.error = error;
      }
      this.waiting = this.waiting.filter((other) => other !== request);
    };
    void asking();
    return request;
  }

  #track(process: Process, slot: Slot): Slot {
    const sent: Sent & { process: Process } = { fromMs: this.nowMs, untilMs: Infinity, process };
    this.#sent.push(sent);
    const tracked: Slot & { process: Process } = {
      process,
      end: (outcome) => {
        if (sent.untilMs === Infinity) sent.untilMs = this.nowMs;
        this.open = this.open.filter((other) => other !== tracked);
        slot.end(outcome);
      },
    };
    this.open.push(tracked);
    return tracked;
  }

  /** The requests of a process that is gone may still reach Aircall until they time out. */
  #abandon(process: Process): void {
    this.waiting = this.waiting.filter((request) => request.process !== process);
    this.open = this.open.filter((slot) => (slot as Slot & { process: Process }).process !== process);
    for (const sent of this.#sent as (Sent & { process: Process })[]) {
      if (sent.process === process && sent.untilMs === Infinity) sent.untilMs = sent.fromMs + timeoutMs;
    }
  }

  #clockOf(pid: number): Clock {
    return {
      now: () => this.wallMs,
      monotonic: () => this.nowMs - this.upSinceMs,
      sleep: (delayMs, signal) => {
        this.sleepCount += 1;
        return new Promise((resolve, reject) => {
          if (this.dead.has(pid)) return;
          const timer = { atMs: this.nowMs + delayMs, pid, resolve };
          this.#timers.push(timer);
          signal?.addEventListener('abort', () => {
            this.#timers = this.#timers.filter((other) => other !== timer);
            reject(new Interrupted());
          });
        });
      },
    };
  }

  #random(): number {
    // A small linear congruential generator: the same seed gives the same world.
    this.#seed = (Math.imul(this.#seed, 1_664_525) + 1_013_904_223) >>> 0;
    return this.#seed / 2 ** 32;
  }
}

/** Asks for slots one after the other for ever, each answered after the latency. */
async function work(
  world: World,
  process: Process,
  job: { priority: Priority; latencyMs: number; counts: Map<Priority, number> },
): Promise<void> {
  for (;;) {
    const slot = await process.budget.acquire({ priority: job.priority, timeoutMs }).catch(() => undefined);
    if (slot === undefined) return; // The world has ended.
    job.counts.set(job.priority, (job.counts.get(job.priority) ?? 0) + 1);
    await world.sleep(job.latencyMs);
    slot.end();
  }
}

async function take(process: Process, count: number): Promise<Slot[]> {
  const asked = Array.from({ length: count }, () => process.ask());
  await settle();
  return asked.flatMap((request) => request.slot ?? []);
}

/** Lets all promises that can settle do so. */
function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
