// Answers are looked into as they come: what is not there is undefined and fails the expectation.
/* oxlint-disable typescript/no-unsafe-argument, typescript/no-unsafe-assignment, typescript/no-unsafe-call */
/* oxlint-disable typescript/no-unsafe-member-access, typescript/no-unsafe-return */
import { expect, test } from 'vitest';
import { simulated } from '../../test/support/simulated.ts';
import { endpoints } from '../aircall/index.ts';

const lists = endpoints.filter(({ pagination, at }) => pagination?.by === 'page' && at === undefined).map(({ path }) => path);

test('a page holds 20 rows unless asked for more, and never more than 50', async () => {
  const { get } = await simulated();
  const plain = await get('/v1/calls');
  expect(plain.body.calls).toHaveLength(20);
  expect(plain.body.meta).toMatchObject({ count: 20, total: 300, current_page: 1, per_page: 20 });
  const large = await get('/v1/calls?per_page=200');
  expect(large.body.calls).toHaveLength(50);
  expect(large.body.meta).toMatchObject({ count: 50, per_page: 50 });
  expect((await get('/v1/calls?per_page=0')).body.meta.per_page).toBe(20);
  expect((await get('/v1/calls?per_page=many')).body.meta.per_page).toBe(20);
});

test('contacts repeat a per_page above 50 and serve 50 all the same', async () => {
  const { get } = await simulated();
  const { body } = await get('/v1/contacts?per_page=51');
  expect(body.contacts).toHaveLength(50);
  expect(body.meta.per_page).toBe(51);
});

test('links between pages carry the defaults that apply and the filters sent, and are null at both ends', async () => {
  const { get, simulator } = await simulated();
  const first = await get('/v1/calls?per_page=50&from=1&fetch_contact=true&nonsense=1');
  expect(first.body.meta.previous_page_link).toBeNull();
  expect(first.body.meta.next_page_link).toBe(`${simulator.baseUrl}/v1/calls?fetch_contact=true&from=1&order=asc&page=2&per_page=50`);
  const last = await get('/v1/calls?per_page=50&page=6');
  expect(last.body.meta.next_page_link).toBeNull();
  expect(last.body.meta.previous_page_link).toBe(`${simulator.baseUrl}/v1/calls?order=asc&page=5&per_page=50`);
  const contacts = await get('/v1/contacts?order_by=updated_at&order=desc');
  expect(contacts.body.meta.next_page_link).toBe(`${simulator.baseUrl}/v1/contacts?order=desc&order_by=updated_at&per_page=20&page=2`);
});

test('a page past the end is empty and keeps the total', async () => {
  const { get } = await simulated();
  const { status, body } = await get('/v1/calls?per_page=50&page=7');
  expect(status).toBe(200);
  expect(body.calls).toEqual([]);
  expect(body.meta).toMatchObject({ count: 0, total: 300, next_page_link: null });
  expect(body.meta.previous_page_link).toContain('page=6');
});

test.each(lists)('%s refuses page * per_page beyond 10,000, however little there is', async (path) => {
  const { get } = await simulated();
  expect((await get(`${path}?page=200&per_page=50`)).status).toBe(200);
  const { status, text } = await get(`${path}?page=201&per_page=50`);
  expect(status).toBe(400);
  expect(text).toBe(
    '{"error":"Bad Request","data":null,"message":"BAD_REQUEST","errors":"Your query is limited to 10k results and pagination is out of bound, please use timestamps or other filters.","troubleshoot":"BAD_REQUEST","success":false}',
  );
});

test('the refusal of a page too far does not ask whether anything matches', async () => {
  const { get } = await simulated({ calls: 0 });
  expect((await get('/v1/calls?from=1&to=2&page=201&per_page=50')).status).toBe(400);
});

test('meta stands last, but first for contacts and webhooks, and webhooks have no links', async () => {
  const { get } = await simulated();
  for (const path of ['/v1/calls', '/v2/users', '/v1/teams', '/v1/numbers', '/v1/tags']) {
    const { text } = await get(path);
    expect(text.indexOf('"meta":{"count"')).toBeGreaterThan(20);
    expect(Object.keys(JSON.parse(text).meta)).toEqual([
      'count',
      'total',
      'current_page',
      'per_page',
      'next_page_link',
      'previous_page_link',
    ]);
  }
  expect((await get('/v1/contacts')).text).toMatch(/^\{"meta":\{"count":20,/);
  const webhooks = await get('/v1/webhooks');
  expect(webhooks.text).toMatch(/^\{"meta":\{"count":2,"total":2,"current_page":1,"per_page":20\},"webhooks":\[/);
});

test('unknown parameters are ignored, so that a misspelt filter lists everything', async () => {
  const { get } = await simulated();
  expect((await get('/v1/contacts/search?query=nobody')).body.meta.total).toBe(120);
  expect((await get('/v1/calls/search?userId=1')).body.meta.total).toBe(300);
});

test('content types differ: webhooks come without a charset', async () => {
  const { get } = await simulated();
  expect((await get('/v1/calls')).headers.get('content-type')).toBe('application/json; charset=utf-8');
  expect((await get('/v1/webhooks')).headers.get('content-type')).toBe('application/json');
});

test('every list of small resources turns its pages and its order', async () => {
  const { get } = await simulated({ users: 120 });
  const ids = async (query: string) => (await get(`/v2/users?${query}`)).body.users.map(({ id }: { id: number }) => id) as number[];
  const ascending = [...(await ids('per_page=50')), ...(await ids('per_page=50&page=2')), ...(await ids('per_page=50&page=3'))];
  expect(new Set(ascending).size).toBe(120);
  expect(await ids('per_page=50&order=desc')).toEqual(ascending.toReversed().slice(0, 50));
});
