// What is due to be read again, against a list in which one second cannot be proven complete.
import { expect, test } from 'vitest';
import { silentLog, systemClock, type JsonObject } from '../base/index.ts';
import type { Aircall, Listing } from '../client/index.ts';
import { calls } from './calls.ts';
import { ServerTime } from './server-time.ts';
import type { Item, ReadContext } from './stream.ts';

const day = 86_400;

test('a second that cannot be proven when it is read again does not keep older calls waiting, nor is it tried by every run', async () => {
  const now = Math.floor(Date.now() / 1000);
  const odd = now - 5 * day;
  // A call every six hours of ten days, and one second of which Aircall counts one call more than it shows.
  const listed = Array.from({ length: 40 }, (_, index) => ({ id: index + 1, started_at: now - 60 - index * (day / 4), status: 'done' }));
  listed.push({ id: 100, started_at: odd, status: 'done' });
  const asked: { from: number; to: number }[] = [];
  const list = ({ from = 0, to = now, order = 'asc' }: { from?: number; to?: number; order?: 'asc' | 'desc' }): Listing<unknown> => {
    const inside = listed.filter(({ started_at }) => started_at > from && started_at <= to);
    const rows = inside.toSorted((a, b) => (order === 'asc' ? a.started_at - b.started_at : b.started_at - a.started_at));
    const total = rows.length + (odd > from && odd <= to ? 1 : 0);
    const page = (number: number) => {
      asked.push({ from, to });
      const meta = { count: rows.length, total, currentPage: number, perPage: 50 };
      return Promise.resolve({
        rows: number === 1 ? rows : [],
        meta,
        number,
        endpoint: 'calls.list',
        sentAtMs: now * 1000,
        serverTimeMs: null,
      });
    };
    async function* pages() {
      yield await page(1);
    }
    async function* all() {
      yield* rows;
    }
    return { page, pages, [Symbol.asyncIterator]: all };
  };
  const serverTime = new ServerTime(systemClock);
  serverTime.observe(now * 1000);

  const run = async (state: JsonObject) => {
    asked.length = 0;
    const context: ReadContext = {
      // Nothing but the list of calls is asked for.
      aircall: { calls: { list, search: list } } as unknown as Aircall,
      request: {},
      state,
      startAt: null,
      full: false,
      range: null,
      sweep: false,
      confirmed: false,
      confirm: () => Promise.resolve(false),
      requestsPerMinute: Infinity,
      reread: [{ name: 'last hour', span: 3600, every: 0 }],
      outOfTime: () => false,
      known: null,
      serverTime,
      callExtras: { contact: true, timeline: true, aiVoice: true },
      clock: systemClock,
      log: silentLog,
    };
    const items: Item[] = [];
    for await (const item of calls.read(context)) items.push(item);
    const last = items.findLast((item) => item.kind === 'checkpoint')!;
    return { items, state: last.state, requests: asked.length, incomplete: items.some(({ kind }) => kind === 'incomplete') };
  };

  const due = [[now - 8 * day, now - 3 * day]];
  const first = await run({ version: 1, closed: [[0, now - 60]], frontier: now - 60, open: null, rereads: {}, due, unproven: [] });
  expect(first.incomplete).toBe(true);
  expect(first.state['due']).toEqual([[odd, odd]]);
  const second = await run(first.state);
  expect(second.incomplete).toBe(true);
  const third = await run(second.state);
  expect(third.incomplete).toBe(false);
  expect(third.requests).toBe(1);
  expect(third.items.some(({ kind }) => kind === 'due')).toBe(true);
});
