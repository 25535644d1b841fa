import { expect, onTestFinished, test } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { json, serve } from '../../test/support/http-server.ts';
import type { Answer, Received } from '../../test/support/http-server.ts';
import { createClient } from './aircall.ts';
import { BeyondTheCap, MalformedAnswer } from './errors.ts';
import { createInProcessBudget } from './in-process-budget.ts';

async function open(answer: Answer) {
  const server = await serve(answer);
  const clock = new FakeClock({ hurry: true });
  const budget = createInProcessBudget({ clock, requestsPerMinute: Number.POSITIVE_INFINITY });
  const aircall = createClient({ credential: { accessToken: 'token' }, baseUrl: server.url, clock, budget });
  onTestFinished(() => aircall.close());
  return { aircall, server, clock };
}

const ids = (from: number, count: number) => Array.from({ length: count }, (_none, index) => ({ id: from + index }));

/** Lists `total` rows, as Aircall does; `more` changes the meta. */
function list(
  key: string,
  total: number,
  more: (asked: { page: number; perPage: number; received: Received }) => object = () => ({}),
): Answer {
  return (received, response) => {
    const page = Number(received.query.get('page'));
    const perPage = Math.min(50, Number(received.query.get('per_page')));
    const rows = ids((page - 1) * perPage + 1, Math.max(0, Math.min(perPage, total - (page - 1) * perPage)));
    const meta = { count: rows.length, total, current_page: page, per_page: perPage, ...more({ page, perPage, received }) };
    json(response, 200, { meta, [key]: rows });
  };
}

async function collect<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const row of rows) collected.push(row);
  return collected;
}

const idsOf = (rows: readonly { readonly id: number | bigint }[]) => rows.map(({ id }) => Number(id));

test.each([0, 1, 49, 50, 51, 100, 131])('a list of %i rows comes whole, in the fewest requests', async (total) => {
  const { aircall, server } = await open(list('calls', total));
  expect(idsOf(await collect(aircall.calls.list()))).toEqual(idsOf(ids(1, total)));
  expect(server.received).toHaveLength(Math.max(1, Math.ceil(total / 50)));
  expect(server.received[0]?.path).toBe('/v1/calls?per_page=50&page=1');
});

test('filters go with every page', async () => {
  const { aircall, server } = await open(list('calls', 60));
  await collect(aircall.calls.list({ from: 1, to: 2, order: 'asc', fetchContact: true }));
  expect(server.received.map(({ path }) => path)).toEqual([
    '/v1/calls?per_page=50&order=asc&from=1&to=2&fetch_contact=true&page=1',
    '/v1/calls?per_page=50&order=asc&from=1&to=2&fetch_contact=true&page=2',
  ]);
});

test('a page tells its place, its size, and when it was asked for', async () => {
  const { aircall, clock } = await open(list('contacts', 131));
  const page = await aircall.contacts.list({ perPage: 20 }).page(2);
  expect(idsOf(page.rows)).toEqual(idsOf(ids(21, 20)));
  expect(page).toMatchObject({
    number: 2,
    endpoint: 'contacts.list',
    meta: { count: 20, total: 131, currentPage: 2, perPage: 20 },
    sentAtMs: clock.now(),
  });
  expect(page.serverTimeMs).toBeTypeOf('number');
  expect((await aircall.contacts.list().page(9)).rows).toEqual([]);
});

test('a size that Aircall lowers is what counts', async () => {
  const { aircall, server } = await open(list('calls', 131));
  expect(idsOf(await collect(aircall.calls.list({ perPage: 100 })))).toEqual(idsOf(ids(1, 131)));
  expect(server.received.map(({ query }) => query.get('per_page'))).toEqual(['100', '100', '100']);
});

test('a size that is repeated as asked but not served loses nothing', async () => {
  const { aircall } = await open(list('contacts', 153, () => ({ per_page: 51 })));
  expect(idsOf(await collect(aircall.contacts.list({ perPage: 51 })))).toEqual(idsOf(ids(1, 153)));
});

test('lists without links between their pages are walked all the same', async () => {
  const { aircall } = await open(list('webhooks', 70));
  expect(await collect(aircall.webhooks.list())).toHaveLength(70);
});

test('links are not followed, wherever they lead', async () => {
  const elsewhere = await serve((_received, response) => json(response, 200, {}));
  const link = `${elsewhere.url}/v1/calls?page=2&per_page=50`;
  const { aircall, server } = await open(list('calls', 70, () => ({ next_page_link: link, previous_page_link: link })));
  expect(await collect(aircall.calls.list())).toHaveLength(70);
  expect(server.received).toHaveLength(2);
  expect(elsewhere.received).toEqual([]);
});

test('a redirect is not followed: the credential is for Aircall only', async () => {
  const elsewhere = await serve((_received, response) => json(response, 200, {}));
  const { aircall, server } = await open((_received, response) => json(response, 302, {}, { location: `${elsewhere.url}/v1/calls` }));
  await expect(aircall.calls.list().page(1)).rejects.toMatchObject({ code: 'redirected', status: 302 });
  expect(server.received).toHaveLength(1);
  expect(elsewhere.received).toEqual([]);
});

test('rows are passed on exactly, unknown fields and large ids included', async () => {
  const body =
    '{"calls":[{"id":12345678901234567890,"brand_new":{"a":[1,null]},"note":"\\u0000\\ud800"}],"meta":{"count":1,"total":1,"current_page":1,"per_page":50}}';
  const { aircall } = await open((_received, response) => response.writeHead(200, { 'content-type': 'application/json' }).end(body));
  expect((await aircall.calls.list().page(1)).rows).toEqual([
    { id: 12345678901234567890n, brand_new: { a: [1, null] }, note: '\u0000\ud800' },
  ]);
});

test('nothing is requested before the list is iterated, and no page more than is taken', async () => {
  const { aircall, server } = await open(list('calls', 500));
  const calls = aircall.calls.list();
  expect(server.received).toEqual([]);
  for await (const call of calls) if (call.id === 51) break;
  expect(server.received).toHaveLength(2);
  await collect(calls);
  expect(server.received).toHaveLength(12);
});

// ---- the cap

const capBody = {
  error: 'Bad Request',
  data: null,
  message: 'BAD_REQUEST',
  errors: 'Your query is limited to 10k results and pagination is out of bound, please use timestamps or other filters.',
  troubleshoot: 'BAD_REQUEST',
  success: false,
};

test('a page beyond the cap is a mistake of its own, with the way out', async () => {
  const { aircall } = await open((_received, response) => json(response, 400, capBody));
  await expect(aircall.calls.list().page(201)).rejects.toBeInstanceOf(BeyondTheCap);
  await expect(aircall.calls.list().page(201)).rejects.toMatchObject({
    status: 400,
    retryable: false,
    hint: 'Cut the list by `from` and `to` (they act on started_at) into parts below that.',
  });
});

test.each([
  ['10,001 rows', 10_001],
  ['a total that may have been cut off at 10,000', 10_000],
])('%s are served up to the cap, then the rest is not passed over in silence', async (_name, total) => {
  const { aircall, server } = await open(list('calls', total));
  const seen: number[] = [];
  const walk = async () => {
    for await (const page of aircall.calls.list().pages()) seen.push(...idsOf(page.rows));
  };
  await expect(walk()).rejects.toBeInstanceOf(BeyondTheCap);
  expect(seen).toHaveLength(10_000);
  expect(server.received).toHaveLength(200);
});

test('9,999 rows come without complaint', async () => {
  const { aircall } = await open(list('calls', 9999));
  expect(await collect(aircall.calls.list())).toHaveLength(9999);
});

// ---- answers that contradict themselves

test('a server that sends the first page again and again is found out', async () => {
  const first = { calls: ids(1, 50), meta: { count: 50, total: 500, current_page: 1, per_page: 50 } };
  const { aircall, server } = await open((_received, response) => json(response, 200, first));
  await expect(collect(aircall.calls.list())).rejects.toThrow('it is page 1 instead of page 2');
  expect(server.received).toHaveLength(7);
});

test('so is one that sends the same rows under the right number', async () => {
  const { aircall } = await open((received, response) =>
    json(response, 200, { calls: ids(1, 50), meta: { total: 500, current_page: Number(received.query.get('page')), per_page: 50 } }),
  );
  await expect(collect(aircall.calls.list())).rejects.toThrow('page 2 is page 1 once more');
});

test('a page that was only wrong once is asked for again', async () => {
  const good = list('calls', 131);
  const { aircall } = await open((received, response, index) =>
    index === 1
      ? json(response, 200, { calls: ids(1, 50), meta: { total: 131, current_page: 1, per_page: 50 } })
      : good(received, response, index),
  );
  expect(idsOf(await collect(aircall.calls.list()))).toEqual(idsOf(ids(1, 131)));
});

test.each([
  ['grows with every page', ({ page }: { page: number }) => ({ total: page * 1000 })],
  ['is far too large', () => ({ total: 1e9 })],
  ['is far too large, with pages of one row', () => ({ total: 1e9, per_page: 1 })],
  ['is zero although there are rows', () => ({ total: 0 })],
])('a list ends although its total %s', async (_name, more) => {
  const { aircall, server } = await open(list('calls', 131, more));
  expect(idsOf(await collect(aircall.calls.list()))).toEqual(idsOf(ids(1, 131)));
  expect(server.received.length).toBeLessThanOrEqual(4);
});

test('an endless list ends at the cap', async () => {
  const { aircall, server } = await open((received, response) => {
    const page = Number(received.query.get('page'));
    json(response, 200, { calls: ids(page * 100, 50), meta: { total: page * 50 + 50, current_page: page, per_page: 50 } });
  });
  await expect(collect(aircall.calls.list())).rejects.toBeInstanceOf(BeyondTheCap);
  expect(server.received).toHaveLength(200);
});

test.each([
  ['no meta', { calls: [] }],
  ['no total', { calls: [], meta: { current_page: 1 } }],
  ['a total in words', { calls: [], meta: { total: 'many', current_page: 1 } }],
  ['a negative total', { calls: [], meta: { total: -1, current_page: 1 } }],
  ['no list', { meta: { total: 0, current_page: 1, per_page: 50 } }],
  ['a list that is none', { calls: {}, meta: { total: 0, current_page: 1, per_page: 50 } }],
  ['an array', []],
  ['null', null],
])('a list with %s is refused', async (_name, body) => {
  const { aircall } = await open((_received, response) => json(response, 200, body));
  await expect(aircall.calls.list().page(1)).rejects.toBeInstanceOf(MalformedAnswer);
});

test('where the documentation leaves the shape open, the rows are found and counted', async () => {
  const { aircall, server } = await open((received, response) =>
    json(response, 200, { phone_numbers: ids(1, received.query.get('page') === '1' ? 50 : 3) }),
  );
  expect(await collect(aircall.dialer.listNumbers(7))).toHaveLength(53);
  expect(server.received).toHaveLength(2);
});

// ---- lists turned by tokens

test('a list turned by tokens comes whole', async () => {
  const { aircall, server } = await open((received, response) => {
    const token = received.query.get('token');
    const next = token === null ? 'b/2' : token === 'b/2' ? 'c' : null;
    json(response, 200, { templates: [{ id: token ?? 'a' }], pageInfo: { nextToken: next, totalCount: 3 } });
  });
  const pages = await collect(aircall.messages.listWhatsappTemplates(7, { status: 'APPROVED' }).pages());
  expect(pages.map(({ rows, total }) => [rows, total])).toEqual([
    [[{ id: 'a' }], 3],
    [[{ id: 'b/2' }], 3],
    [[{ id: 'c' }], 3],
  ]);
  expect(server.received.map(({ path }) => path)).toEqual([
    '/v1/numbers/7/templates?status=APPROVED',
    '/v1/numbers/7/templates?status=APPROVED&token=b%2F2',
    '/v1/numbers/7/templates?status=APPROVED&token=c',
  ]);
});

test('tokens that go round in a circle are found out', async () => {
  const { aircall } = await open((received, response) =>
    json(response, 200, { templates: [{ id: 1 }], pageInfo: { nextToken: received.query.get('token') === 'a' ? 'b' : 'a' } }),
  );
  await expect(collect(aircall.messages.listWhatsappTemplates(7))).rejects.toThrow('the next page is one that was read before');
});
