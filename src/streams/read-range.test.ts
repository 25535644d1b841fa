import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ListedPage, Lister, PageRequest } from './lister.ts';
import { type RangeEvent, readOldest, readRange } from './read-range.ts';
import { addWindow, missingFrom, type Window, type WindowSet } from './window.ts';

type Row = { readonly id: number; readonly at: number; readonly part: string };

/** A list as Aircall keeps one: capped by position, no order within a second, and able to change between two pages. */
class MovingList implements Lister {
  readonly positionalCap: number;
  readonly perPage: number;
  readonly concurrency = 3;
  readonly parts: readonly string[];
  rows: Row[];
  requests = 0;
  between: (list: MovingList) => void = () => {};
  totalOf: (total: number, request: PageRequest) => number = (total) => total;
  readonly #random: () => number;

  constructor(rows: readonly Row[], options: { random: () => number; perPage?: number; cap?: number; parts?: readonly string[] }) {
    this.rows = [...rows];
    this.#random = options.random;
    this.perPage = options.perPage ?? 5;
    this.positionalCap = options.cap ?? 20;
    this.parts = options.parts ?? [];
  }

  page(request: PageRequest): Promise<ListedPage> {
    const { window, page, order, part } = request;
    if (page * this.perPage > this.positionalCap) throw new Error('beyond the cap');
    if (this.requests > 0) this.between(this);
    this.requests += 1;
    const matching = this.rows
      .filter((row) => row.at >= window.from && row.at <= window.to && (part === undefined || row.part === part))
      .map((row) => ({ row, tie: this.#random() }))
      .toSorted((a, b) => (order === 'asc' ? a.row.at - b.row.at : b.row.at - a.row.at) || a.tie - b.tie)
      .map(({ row }) => row);
    const records = matching.slice((page - 1) * this.perPage, page * this.perPage);
    return Promise.resolve({ records, total: this.totalOf(matching.length, request), perPage: this.perPage, sentAtMs: this.requests });
  }

  moment(record: unknown): number {
    return (record as Row).at;
  }

  key(record: unknown): string {
    return String((record as Row).id);
  }
}

async function collect(events: AsyncIterable<RangeEvent>) {
  const yielded = new Map<number, Row>();
  const proven: { window: Window; total: number; seen: ReadonlyMap<string, number> }[] = [];
  const unproven: { window: Window; reason: string }[] = [];
  for await (const event of events) {
    if (event.kind === 'records') for (const row of event.records as Row[]) yielded.set(row.id, row);
    else if (event.kind === 'proven') proven.push(event);
    else unproven.push(event);
  }
  return { yielded, proven, unproven };
}

const seeded = (seed: number) => {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
};

const rowsArbitrary = (options: { maxLength: number; seconds: number }) =>
  fc
    .array(fc.record({ at: fc.integer({ min: 1, max: options.seconds }), part: fc.constantFrom('inbound', 'outbound') }), {
      maxLength: options.maxLength,
    })
    .map((rows) => rows.map((row, index) => ({ id: index + 1, ...row })));

const range = { from: 0, to: 1000 };

const union = (windows: readonly { window: Window }[]): WindowSet => {
  let set: WindowSet = [];
  for (const { window } of windows) set = addWindow(set, window);
  return set;
};

test('a list that holds still is read whole, past the cap, and proven from end to end', async () => {
  await fc.assert(
    fc.asyncProperty(rowsArbitrary({ maxLength: 120, seconds: 90 }), fc.integer(), async (rows, seed) => {
      const list = new MovingList(rows, { random: seeded(seed), perPage: 10, cap: 40 });
      const { yielded, proven, unproven } = await collect(readRange(list, range, { parallel: false }));
      expect(unproven).toEqual([]);
      expect([...yielded.keys()].toSorted((a, b) => a - b)).toEqual(rows.map(({ id }) => id));
      expect(missingFrom(union(proven), range)).toEqual([]);
      expect(proven.every(({ total, seen }) => total === seen.size)).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test('pages asked for ahead of time give the same proof', async () => {
  const rows = Array.from({ length: 95 }, (_, index) => ({ id: index, at: 1 + index * 3, part: 'inbound' }));
  const list = new MovingList(rows, { random: seeded(1), perPage: 10, cap: 40 });
  const { yielded, proven, unproven } = await collect(readRange(list, range, { parallel: true }));
  expect([yielded.size, unproven.length]).toEqual([95, 0]);
  expect(missingFrom(union(proven), range)).toEqual([]);
});

test('rows without ties cost about one request a page', async () => {
  const rows = Array.from({ length: 25_000 }, (_, index) => ({ id: index, at: 1 + index, part: 'inbound' }));
  const list = new MovingList(rows, { random: seeded(1), perPage: 50, cap: 10_000 });
  const { yielded } = await collect(readRange(list, { from: 0, to: 30_000 }, { parallel: true }));
  expect(yielded.size).toBe(25_000);
  expect(list.requests).toBeLessThanOrEqual(1.01 * 500 + 4);
});

test('what holds still while all around it appears, moves and vanishes is in every proof that covers it', async () => {
  await fc.assert(
    fc.asyncProperty(
      rowsArbitrary({ maxLength: 60, seconds: 50 }),
      fc.integer(),
      fc.double({ min: 0, max: 0.5, noNaN: true }),
      async (rows, seed, rate) => {
        const random = seeded(seed);
        const list = new MovingList(rows, { random, perPage: 5, cap: 20 });
        const touched = new Set<number>();
        let next = 10_000;
        let changes = 0;
        // One change between two pages, and an end to it: two that cancel out in the count cannot be told from none.
        list.between = () => {
          if (random() >= rate || changes >= 12) return;
          changes += 1;
          const index = Math.floor(random() * list.rows.length);
          const row = list.rows[index];
          const kind = random();
          if (kind < 0.3) list.rows.push({ id: (next += 1), at: 1 + Math.floor(random() * 50), part: 'inbound' });
          else if (row !== undefined) {
            touched.add(row.id);
            if (kind < 0.6) list.rows.splice(index, 1);
            else list.rows[index] = { ...row, at: row.at + (random() < 0.5 ? 1 : -1) };
          }
        };
        const { proven, unproven } = await collect(readRange(list, range, { parallel: false }));
        expect(list.requests).toBeLessThan(3000);
        const still = rows.filter(({ id }) => !touched.has(id));
        const lost = proven.flatMap(({ window, seen }) =>
          still.filter((row) => row.at >= window.from && row.at <= window.to && !seen.has(String(row.id))).map((row) => row.id),
        );
        expect(lost).toEqual([]);
        expect(missingFrom(union([...proven, ...unproven]), range)).toEqual([]);
      },
    ),
    { numRuns: 500 },
  );
});

test('a total that is wrong once is noticed and settled by reading again', async () => {
  const rows = Array.from({ length: 38 }, (_, index) => ({ id: index, at: 1 + index, part: 'inbound' }));
  for (const wrong of [0, 3, 37, 39, 500]) {
    const list = new MovingList(rows, { random: seeded(2), perPage: 5, cap: 100 });
    list.totalOf = (total) => (list.requests === 3 ? wrong : total);
    const { yielded, unproven } = await collect(readRange(list, range, { parallel: false }));
    expect([wrong, yielded.size, unproven.length]).toEqual([wrong, 38, 0]);
  }
});

test('a total that stays wrong ends as unproven, with every row that could be seen', async () => {
  const rows = Array.from({ length: 23 }, (_, index) => ({ id: index, at: 1 + index, part: 'inbound' }));
  const list = new MovingList(rows, { random: seeded(3), perPage: 5, cap: 100 });
  list.totalOf = (total) => total + 1;
  const { yielded, unproven } = await collect(readRange(list, range, { parallel: false }));
  expect(yielded.size).toBe(23);
  expect(unproven.length).toBeGreaterThan(0);
  expect(list.requests).toBeLessThan(500);
});

test('a total cut off at the cap does not hide what lies beyond', async () => {
  const rows = Array.from({ length: 130 }, (_, index) => ({ id: index, at: 1 + index, part: 'inbound' }));
  const list = new MovingList(rows, { random: seeded(4), perPage: 10, cap: 40 });
  list.totalOf = (total) => Math.min(total, 40);
  const { yielded, unproven } = await collect(readRange(list, range, { parallel: false }));
  expect([yielded.size, unproven.length]).toEqual([130, 0]);
});

test('a list that pays no heed to the bounds of time is given up, not asked for ever', async () => {
  const rows = Array.from({ length: 130 }, (_, index) => ({ id: index, at: 1 + index, part: 'inbound' }));
  const list = new MovingList(rows, { random: seeded(4), perPage: 10, cap: 40 });
  const page = list.page.bind(list);
  list.page = (request) => {
    if (list.requests > 1000) throw new Error('too many requests');
    return page({ ...request, window: { from: 0, to: 1000 } });
  };
  const { proven, unproven } = await collect(readRange(list, range, { parallel: false }));
  expect(proven).toEqual([]);
  expect(unproven.length).toBeGreaterThan(0);
  expect(list.requests).toBeLessThan(100);
});

test('a page served twice is noticed by the count and read again', async () => {
  const rows = Array.from({ length: 30 }, (_, index) => ({ id: index, at: 1 + index, part: 'inbound' }));
  const list = new MovingList(rows, { random: seeded(5), perPage: 5, cap: 100 });
  const page = list.page.bind(list);
  let served = 0;
  list.page = (request) => {
    served += 1;
    return page(served === 3 ? { ...request, page: request.page - 1 } : request);
  };
  const { yielded, unproven } = await collect(readRange(list, range, { parallel: false }));
  expect([yielded.size, unproven.length]).toEqual([30, 0]);
});

test('a second with more rows than can be reached is read part by part, or reported', async () => {
  const burst = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ id: index, at: 500, part: index % 2 === 0 ? 'inbound' : 'outbound' }));
  const parts = ['inbound', 'outbound'];
  const reachable = new MovingList(burst(36), { random: seeded(6), perPage: 10, cap: 20, parts });
  const read = await collect(readRange(reachable, range, { parallel: false }));
  expect([read.yielded.size, read.unproven.length]).toEqual([36, 0]);

  const hopeless = new MovingList(burst(200), { random: seeded(7), perPage: 10, cap: 20, parts });
  const given = await collect(readRange(hopeless, range, { parallel: false }));
  expect(given.unproven.map(({ window }) => window)).toEqual([{ from: 500, to: 500 }]);
  expect(hopeless.requests).toBeLessThan(200);
});

test('the oldest window is proven although rows leave it while it is read', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer(), fc.integer({ min: 1, max: 60 }), async (seed, count) => {
      const random = seeded(seed);
      const rows = Array.from({ length: count }, (_, index) => ({ id: index, at: 10 + Math.floor(random() * 80), part: 'inbound' }));
      const list = new MovingList(rows, { random, perPage: 5, cap: 100 });
      let horizon = 0;
      list.between = () => {
        horizon += Math.floor(random() * 6);
        list.rows = list.rows.filter((row) => row.at > horizon);
      };
      const { proven, unproven } = await collect(readOldest(list, { from: 0, to: 100 }));
      expect(unproven).toEqual([]);
      const left = new Set(list.rows.map(({ id }) => String(id)));
      const seen = new Set(proven.flatMap((one) => [...one.seen.keys()]));
      expect([...left].filter((id) => !seen.has(id))).toEqual([]);
    }),
    { numRuns: 300 },
  );
});
