import { expect, test } from 'vitest';
import { api, tag } from '../aircall/index.ts';
import { silentLog, systemClock, type JsonObject } from '../base/index.ts';
import type { Aircall, Listing, Page } from '../client/index.ts';
import { defaultReread } from './reread.ts';
import { ServerTime } from './server-time.ts';
import type { Item, ReadContext } from './stream.ts';
import { wholeList } from './whole-list.ts';

type Row = { readonly id: number };

/** A list of three to a page whose rows stand in another order at every request, as rows of one second do. */
class RestlessList implements Listing<Row> {
  rows: Row[];
  requests = 0;
  between: (list: RestlessList) => void = () => {};
  #turn = 0;

  constructor(count: number) {
    this.rows = Array.from({ length: count }, (_, index) => ({ id: index + 1 }));
  }

  async *pages(): AsyncGenerator<Page<Row>, void> {
    for (let number = 1; (number - 1) * 3 < this.rows.length; number += 1) yield await this.page(number);
  }

  page(number: number): Promise<Page<Row>> {
    if (this.requests > 0) this.between(this);
    this.requests += 1;
    this.#turn = (this.#turn * 7 + 3) % 11;
    const turned = [...this.rows.slice(this.#turn % this.rows.length), ...this.rows.slice(0, this.#turn % this.rows.length)];
    const rows = turned.slice((number - 1) * 3, number * 3);
    const meta = { count: rows.length, total: this.rows.length, currentPage: number, perPage: 3 };
    return Promise.resolve({ rows, meta, number, endpoint: 'tags.list', sentAtMs: this.requests, serverTimeMs: null });
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Row, void> {
    for await (const { rows } of this.pages()) yield* rows;
  }
}

async function read(list: RestlessList, state: JsonObject | null = null) {
  const stream = wholeList({
    name: 'tags',
    summary: 'Tags.',
    shape: { table: 'tags', key: 'id', fields: tag.fields },
    endpoint: api.tags.list,
    list: () => list,
    retrieve: (_aircall, key) => Promise.resolve(list.rows.find(({ id }) => String(id) === key)),
  });
  const context: ReadContext = {
    // The list above answers instead.
    aircall: {} as Aircall,
    request: {},
    state,
    startAt: null,
    full: false,
    range: null,
    sweep: false,
    confirmed: false,
    confirm: () => Promise.resolve(false),
    requestsPerMinute: Infinity,
    reread: defaultReread,
    outOfTime: () => false,
    known: null,
    serverTime: new ServerTime(systemClock),
    callExtras: { contact: true, timeline: true, aiVoice: true },
    clock: systemClock,
    log: silentLog,
  };
  const items: Item[] = [];
  for await (const item of stream.read(context)) items.push(item);
  const rows = items.flatMap((item) => (item.kind === 'records' ? (item.records as Row[]) : []));
  return { items, ids: [...new Set(rows.map(({ id }) => id))].toSorted((a, b) => a - b) };
}

test('a list whose rows change places between pages is complete once several walks have seen as many rows as it counts', async () => {
  const list = new RestlessList(11);
  const { items, ids } = await read(list);
  expect(ids).toEqual(list.rows.map(({ id }) => id));
  expect(items).toContainEqual({ kind: 'closed', label: 'tags', total: 11, distinct: 11 });
  expect(items.filter(({ kind }) => kind === 'incomplete')).toEqual([]);
  expect(list.requests).toBeGreaterThan(4);
});

test('walks between which the count moved are not taken together', async () => {
  const list = new RestlessList(11);
  list.between = ({ rows, requests }) => {
    if (requests % 2 === 0) rows.push({ id: 1000 + requests });
  };
  const { items } = await read(list);
  expect(items.some(({ kind }) => kind === 'closed')).toBe(false);
  expect(items.filter(({ kind }) => kind === 'incomplete')).toHaveLength(1);
});
