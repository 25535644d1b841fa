// Answers are looked into as they come: what is not there is undefined and fails the expectation.
/* oxlint-disable typescript/no-unsafe-argument, typescript/no-unsafe-assignment, typescript/no-unsafe-call */
/* oxlint-disable typescript/no-unsafe-member-access, typescript/no-unsafe-return */
import { expect, test } from 'vitest';
import { noonMs, simulated } from '../../test/support/simulated.ts';
import type { Loose, Simulated } from '../../test/support/simulated.ts';
import { call as callEntity } from '../aircall/index.ts';

const noon = noonMs / 1000;

async function idsOf({ get }: Simulated, query: string, path = '/v1/calls'): Promise<number[]> {
  return (await get(`${path}?per_page=50&${query}`)).body.calls.map(({ id }: { id: number }) => id);
}

/** A company whose only calls are those the test adds, one for each start. */
async function withCalls(starts: readonly number[]) {
  const world = await simulated({ calls: 0 });
  return { ...world, calls: starts.map((startedAt) => world.simulator.company.calls.add({ startedAt, direction: 'inbound' })) };
}

test('from is exclusive, to inclusive', async () => {
  const world = await withCalls([noon - 300, noon - 200, noon - 100]);
  const [first, second, third] = world.calls.map(({ id }) => id);
  expect(await idsOf(world, `from=${noon - 300}`)).toEqual([second, third]);
  expect(await idsOf(world, `from=${noon - 301}`)).toEqual([first, second, third]);
  expect(await idsOf(world, `to=${noon - 200}`)).toEqual([first, second]);
  expect(await idsOf(world, `from=${noon - 200}&to=${noon - 100}`)).toEqual([third]);
  expect(await idsOf(world, `from=${noon - 100}&to=${noon - 300}`)).toEqual([]);
  expect(await idsOf(world, 'order=desc')).toEqual([third, second, first]);
});

test('a date where seconds should be is read as its year', async () => {
  const { get } = await simulated();
  expect((await get('/v1/calls?to=2026-05-13')).body.meta.total).toBe(0);
  expect((await get('/v1/calls?from=2026-05-13')).body.meta.total).toBe(300);
});

test('calls older than six calendar months are not served, and an older window is empty rather than an error', async () => {
  const world = await withCalls([Date.UTC(2025, 10, 13, 11, 59, 59) / 1000, Date.UTC(2025, 10, 13, 12, 0, 0) / 1000]);
  const [old, young] = world.calls.map(({ id }) => String(id));
  expect((await idsOf(world, '')).map(String)).toEqual([young]);
  const window = await world.get(`/v1/calls?from=1&to=${noon - 300 * 86_400}`);
  expect([window.status, window.body.calls]).toEqual([200, []]);
  expect((await world.get(`/v1/calls/${old!}`)).status).toBe(404);
  expect((await world.get(`/v1/calls/${young!}`)).status).toBe(200);
  expect([...world.simulator.truth().calls.keys()]).toEqual([young]);
  expect(world.simulator.truth({ calls: 'ever' }).calls.size).toBe(2);
  world.simulator.company.advance(1);
  expect(await idsOf(world, '')).toEqual([]);
});

test('rows of the same second have no stable order, and every other order is kept', async () => {
  const world = await withCalls([noon - 100, ...Array.from({ length: 30 }, () => noon - 50), noon - 10]);
  const orders = new Set<string>();
  for (let request = 0; request < 5; request += 1) {
    const ids = await idsOf(world, '');
    expect([ids[0], ids.at(-1)]).toEqual([world.calls[0]?.id, world.calls.at(-1)?.id]);
    expect(new Set(ids)).toEqual(new Set(world.calls.map(({ id }) => id)));
    orders.add(ids.join());
  }
  expect(orders.size).toBeGreaterThan(1);
});

test('ties that cross a page border are lost and doubled by a naive walk', async () => {
  const world = await withCalls(Array.from({ length: 100 }, () => noon - 50));
  const seen = [...(await idsOf(world, 'page=1')), ...(await idsOf(world, 'page=2'))];
  expect(seen).toHaveLength(100);
  expect(new Set(seen).size).toBeLessThan(100);
});

test('what a request does not ask for stays null or absent', async () => {
  const { get } = await simulated({ calls: 400 });
  const plain = (await get('/v1/calls?per_page=50')).body.calls;
  const full = (await get('/v1/calls?per_page=50&fetch_contact=true&fetch_short_urls=true&fetch_call_timeline=true&fetch_aiva_conv=true'))
    .body.calls;
  expect(plain.every((call: object) => 'contact' in call && !('ivr_options_selected' in call) && !('ai_voice_agents' in call))).toBe(true);
  expect(plain.filter(({ contact, recording_short_url }: Loose) => contact !== null || recording_short_url !== null)).toEqual([]);
  expect(full.some(({ contact }: Loose) => contact !== null)).toBe(true);
  expect(full.some(({ recording_short_url }: Loose) => recording_short_url !== null)).toBe(true);
  expect(full.every(({ ai_voice_agents }: Loose) => Array.isArray(ai_voice_agents))).toBe(true);
});

test('menu choices are served for numbers with a flow and for about two months', async () => {
  const { get } = await simulated({ calls: 400 });
  const old = (await get('/v1/calls?per_page=50&fetch_call_timeline=true')).body.calls;
  const recent = (await get('/v1/calls?per_page=50&order=desc&fetch_call_timeline=true')).body.calls;
  expect(old.filter((call: object) => 'ivr_options_selected' in call)).toEqual([]);
  for (const call of recent) expect('ivr_options_selected' in call).toBe(call.number.flow_editor_enabled);
});

test('a call has the keys of the documentation in their order', async () => {
  const { get } = await simulated();
  const { calls } = (await get('/v1/calls?per_page=50')).body;
  const documented = Object.keys(callEntity.fields);
  for (const call of calls) {
    expect(documented.filter((name) => name in call)).toEqual(Object.keys(call));
    expect(Object.keys(call.number)).toEqual(Object.keys(callEntity.fields.number.fields));
    if (call.user !== null) expect(Object.keys(call.user)).toEqual(Object.keys(callEntity.fields.user.fields));
    expect(call.number.priority).toBeNull();
    expect(call.answered_at === null || call.answered_at >= call.started_at).toBe(true);
    expect(call.duration).toBe(call.ended_at - call.started_at);
  }
});

test('the past holds the variety that readers have to cope with', async () => {
  const { simulator } = await simulated({ calls: 4_000, users: 20 });
  const calls = [...simulator.truth({ streams: ['calls'] }).calls.values()] as Loose[];
  const share = (test: (call: Loose) => boolean) => calls.filter(test).length / calls.length;
  expect(share((call) => call.raw_digits === 'anonymous')).toBeGreaterThan(0.005);
  expect(share((call) => call.missed_call_reason !== null)).toBeGreaterThan(0.1);
  expect(share((call) => call.voicemail !== null)).toBeGreaterThan(0.01);
  expect(share((call) => call.recording !== null)).toBeGreaterThan(0.3);
  expect(share((call) => call.transferred_to !== null)).toBeGreaterThan(0.005);
  expect(share((call) => call.conference_participants !== undefined)).toBeGreaterThan(0.001);
  expect(share((call) => call.comments.length > 0)).toBeGreaterThan(0.02);
  expect(share((call) => call.comments.some((comment: Loose) => comment.posted_by === null))).toBeGreaterThan(0.005);
  expect(share((call) => call.tags.some((tag: Loose) => Object.keys(tag.tagged_by).length === 0))).toBeGreaterThan(0.005);
  expect(share((call) => call.direction === 'outbound' && call.answered_at === null && call.missed_call_reason === null)).toBeGreaterThan(
    0.02,
  );
  const starts = calls.map((call) => call.started_at);
  expect(new Set(starts).size).toBeLessThan(starts.length);
  const weekend = share((call) => [0, 6].includes(new Date(call.started_at * 1000).getUTCDay()));
  expect(weekend).toBeLessThan(0.1);
  expect(calls.map((call) => call.id)).not.toEqual(calls.map((call) => call.id).toSorted((a, b) => a - b));
  expect(Math.min(...calls.map((call) => call.id))).toBeGreaterThan(2 ** 31);
});

test('the search narrows by direction, user, phone number and all tags at once', async () => {
  const world = await simulated({ calls: 0 });
  const { company } = world.simulator;
  const [ada, bob] = [...company.users.all()];
  const [blue, red] = [company.tags.add({ name: 'Blue', color: '#0000FF' }), company.tags.add({ name: 'Red', color: '#FF0000' })];
  const tagged = (id: number) => ({ id, createdAt: noon, taggedBy: null });
  const one = company.calls.add({ direction: 'inbound', userId: ada!.id, externalNumber: '+15550100111', tags: [tagged(blue.id)] });
  const two = company.calls.add({
    direction: 'outbound',
    userId: bob!.id,
    externalNumber: '+15550100222',
    tags: [tagged(blue.id), tagged(red.id)],
  });
  const found = (query: string) => idsOf(world, query, '/v1/calls/search');
  expect(new Set(await found(''))).toEqual(new Set([one.id, two.id]));
  expect(await found('direction=outbound')).toEqual([two.id]);
  expect(await found(`user_id=${ada!.id}`)).toEqual([one.id]);
  expect(await found('phone_number=%2B15550100111')).toEqual([one.id]);
  expect(await found('phone_number=+15550100111')).toEqual([]);
  expect(new Set(await found(`tags[]=${blue.id}`))).toEqual(new Set([one.id, two.id]));
  expect(await found(`tags[]=${blue.id}&tags[]=${red.id}`)).toEqual([two.id]);
  expect(await found(`tags[]=${blue.id},${red.id}`)).toEqual([]);
  company.tags.remove(red.id);
  expect(await found(`tags[]=${red.id}`)).toEqual([]);
});

test('a transferred call is found under the number it went to, and no other', async () => {
  const world = await simulated({ calls: 0 });
  const { company } = world.simulator;
  const [from, to] = [...company.numbers.all()];
  const target = company.users.add({ name: 'Hedy Example', email: 'hedy@example.com', defaultNumberId: to!.id });
  const call = company.calls.add({ direction: 'inbound', numberId: from!.id, transferredTo: target.id });
  const found = (e164: string) => idsOf(world, `phone_number=${encodeURIComponent(e164)}`, '/v1/calls/search');
  expect(await found(from!.e164)).toEqual([]);
  expect(await found(to!.e164)).toEqual([call.id]);
});

test('deleting a tag strips it from every call', async () => {
  const world = await simulated({ calls: 600 });
  const before = [...world.simulator.truth({ streams: ['calls'] }).calls.values()] as Loose[];
  const { id } = before.flatMap((call) => call.tags).find((tag) => tag.tagged_by.id !== undefined);
  expect((await world.ask('DELETE', `/v1/tags/${id}`)).status).toBe(204);
  const after = [...world.simulator.truth({ streams: ['calls'] }).calls.values()] as Loose[];
  expect(after.flatMap((call) => call.tags).filter((tag) => tag.id === id)).toEqual([]);
});

test('people in calls are shown as they are now, or as they were, as chosen', async () => {
  for (const embedding of ['live', 'as-created'] as const) {
    const { simulator } = await simulated({ calls: 200, embedding });
    const { company } = simulator;
    const calls = () => [...simulator.truth({ streams: ['calls'] }).calls.values()] as Loose[];
    const some = calls().find((call) => call.user !== null && call.contact !== null);
    company.users.update(some.user.id, { name: 'Renamed Example' });
    company.contacts.remove(some.contact.id);
    const after = calls().find((call) => call.id === some.id);
    expect(after.user.name === 'Renamed Example').toBe(embedding === 'live');
    expect(after.contact === null).toBe(embedding === 'live');
  }
});
