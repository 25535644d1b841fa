// Answers are looked into as they come: what is not there is undefined and fails the expectation.
/* oxlint-disable typescript/no-unsafe-argument, typescript/no-unsafe-assignment, typescript/no-unsafe-call */
/* oxlint-disable typescript/no-unsafe-member-access, typescript/no-unsafe-return */
import { expect, test } from 'vitest';
import { simulated } from '../../test/support/simulated.ts';
import type { Loose, Simulated } from '../../test/support/simulated.ts';
import { events } from '../aircall/index.ts';

const anyCall = ({ simulator }: Simulated) =>
  [...simulator.company.calls.all()].find(({ comments, hasRecording }) => comments.length === 0 && hasRecording)!;
const ringing = ({ simulator }: Simulated, more: object = {}) =>
  simulator.company.startCall({ direction: 'inbound', plan: { ringSeconds: 100, talkSeconds: 100 }, ...more });

test('a call takes five comments, without emojis and without an author', async () => {
  const world = await simulated();
  const { id } = anyCall(world);
  const path = `/v1/calls/${id}/comments`;
  for (let count = 0; count < 5; count += 1) {
    const { status, body } = await world.ask('POST', path, { content: `Note ${count} 👍🏽 #1 🇫🇷` });
    expect([status, body.comment.content, body.comment.posted_by]).toEqual([201, `Note ${count}  #1`, null]);
  }
  const sixth = await world.ask('POST', path, { content: 'One too many' });
  expect([sixth.status, sixth.body]).toEqual([400, { error: 'Bad Request', troubleshoot: 'Maximum of 5 notes can be added to a Call.' }]);
  expect((await world.get(`/v1/calls/${id}`)).body.call.comments).toHaveLength(5);
});

test('tags are added to those a call has', async () => {
  const world = await simulated();
  const { id } = anyCall(world);
  const tags = [...world.simulator.company.tags.all()].slice(-2).map((tag) => tag.id);
  for (const tag of [tags[0], tags[1], tags[0]])
    expect((await world.ask('POST', `/v1/calls/${id}/tags`, { tags: [tag] })).status).toBe(201);
  const names = (await world.get(`/v1/calls/${id}`)).body.call.tags.map((tag: Loose) => tag.id);
  expect(names.filter((tag: number) => tags.includes(tag)).toSorted()).toEqual(tags);
  expect((await world.ask('POST', `/v1/calls/${id}/tags`, { tags: [1] })).status).toBe(400);
});

test('a transfer needs exactly one target and a call that lasts', async () => {
  const world = await simulated();
  const { company } = world.simulator;
  const [user] = [...company.users.all()];
  const [team] = [...company.teams.all()];
  const transfer = (id: number, body: object) => world.ask('POST', `/v1/calls/${id}/transfers`, body);
  const call = ringing(world);
  expect((await transfer(call.id, { user_id: user!.id, team_id: team!.id })).status).toBe(400);
  expect((await transfer(call.id, {})).status).toBe(400);
  expect((await transfer(call.id, { user_id: user!.id, dispatching_strategy: 'random' })).status).toBe(400);
  expect((await transfer(anyCall(world).id, { user_id: user!.id })).status).toBe(400);
  expect((await transfer(call.id, { number: '+15550100777' })).status).toBe(204);
  expect((await transfer(call.id, { team_id: team!.id, dispatching_strategy: 'longest_idle' })).status).toBe(204);
  expect((await world.get(`/v1/calls/${call.id}`)).body.call.transferred_to.id).toBe(team!.userIds[0]);
  company.advance(100);
  expect((await transfer(call.id, { number: '+15550100777' })).status).toBe(400);
});

test('405 speaks of how things stand: recording off, user unavailable or on a call', async () => {
  const world = await simulated();
  const { company } = world.simulator;
  const silent = company.numbers.add({ name: 'Silent', e164: '+15550100990', recordsCalls: false });
  const call = ringing(world, { numberId: silent.id });
  expect((await world.ask('POST', `/v1/calls/${call.id}/pause_recording`)).body).toEqual({
    error: 'Method Not Allowed',
    troubleshoot: 'Recording is disabled on this number',
    success: false,
  });
  const user = company.users.add({ name: 'Ada Example', email: 'ada@example.com', availability: 'offline' });
  const dial = () => world.ask('POST', `/v1/users/${user.id}/dial`, { to: '+15550100777' });
  expect([(await dial()).status, (await dial()).body.troubleshoot]).toEqual([405, 'The user is currently unavailable']);
  company.users.update(user.id, { availability: 'available' });
  company.numbers.update(silent.id, { userIds: [user.id] });
  expect((await dial()).status).toBe(204);
  expect((await world.ask('POST', `/v1/users/${user.id}/calls`, { to: '+15550100777', number_id: silent.id })).status).toBe(204);
  expect((await dial()).body.troubleshoot).toBe('The user is already on a call');
  const { calls } = (await world.get('/v1/calls?order=desc')).body;
  const started = calls.find(({ raw_digits }: Loose) => raw_digits === '+1 555-010-0777');
  expect(started).toMatchObject({ direction: 'outbound', ended_at: null });
});

test('a deleted recording takes everything with it that was made of it', async () => {
  const world = await simulated();
  const { id } = anyCall(world);
  expect((await world.get(`/v1/calls/${id}/transcription`)).status).toBe(200);
  expect((await world.ask('DELETE', `/v1/calls/${id}/recording`)).status).toBe(204);
  expect((await world.get(`/v1/calls/${id}`)).body.call).toMatchObject({ recording: null, asset: null });
  expect((await world.get(`/v1/calls/${id}/transcription`)).status).toBe(404);
});

test('a product that was not bought is a 403 of the application', async () => {
  const world = await simulated({ missingProducts: ['AI Assist'] });
  const { status, body } = await world.get(`/v1/calls/${anyCall(world).id}/summary`);
  expect([status, Object.keys(body)]).toEqual([403, ['error', 'troubleshoot', 'success']]);
});

test('phone numbers queued already are refused by name, and the others are added', async () => {
  const world = await simulated();
  const path = `/v1/users/${[...world.simulator.company.users.all()][0]!.id}/dialer_campaign`;
  expect((await world.get(path)).status).toBe(404);
  expect((await world.ask('POST', path, { phone_numbers: ['+15550100123'] })).status).toBe(204);
  const again = await world.ask('POST', path, { phone_numbers: ['+15550100123', '+15550100124'] });
  expect([again.status, again.body]).toEqual([
    422,
    { error: 'Unprocessable Entity', success: false, errors: { dialer_campaign: ['+15550100123 already imported, but not called'] } },
  ]);
  const { body } = await world.get(`${path}/phone_numbers`);
  expect(body.numbers.map(({ number }: Loose) => number)).toEqual(['+15550100123', '+15550100124']);
});

test('webhooks: leaving out events means all of them, on every update too; tokens are always readable', async () => {
  const world = await simulated({ webhooks: 0 });
  const made = await world.ask('POST', '/v1/webhooks', { url: 'https://hooks.example.com/a', events: ['call.ended'] });
  expect(made.status).toBe(201);
  expect(Object.keys(made.body.webhook)).toEqual(['direct_link', 'url', 'active', 'events', 'token', 'created_at', 'webhook_id']);
  const path = `/v1/webhooks/${made.body.webhook.webhook_id}`;
  const eventsOf = async (query: string, body: object) => (await world.ask('PUT', `${path}${query}`, body)).body.webhook.events;
  expect(await eventsOf('?events_action=add', { events: ['call.created'] })).toEqual(['call.ended', 'call.created']);
  expect(await eventsOf('?events_action=remove', { events: ['call.ended'] })).toEqual(['call.created']);
  expect(await eventsOf('', { active: false })).toHaveLength(events.length);
  const { body } = await world.get(path);
  expect(body.webhook).toMatchObject({ active: false, token: made.body.webhook.token, id: expect.any(Number) });
  expect((await world.get(`/v1/webhooks/${body.webhook.id}`)).body.webhook.webhook_id).toBe(made.body.webhook.webhook_id);
  expect((await world.ask('POST', '/v1/webhooks', { url: 'http://hooks.example.com' })).status).toBe(400);
  expect((await world.ask('POST', '/v1/webhooks', { url: 'https://hooks.example.com', events: ['call.exploded'] })).status).toBe(400);
});

test('a company has a hundred webhooks at most, and each credential sees its own', async () => {
  const world = await simulated({ webhooks: 99 });
  const authorization = `Bearer ${world.simulator.accessToken}`;
  const create = (headers: Record<string, string> = {}) =>
    world.ask('POST', '/v1/webhooks', { url: 'https://hooks.example.com/b' }, headers);
  expect((await create({ authorization })).status).toBe(201);
  expect((await create()).status).toBe(400);
  expect((await world.get('/v1/webhooks')).body.meta.total).toBe(99);
  expect((await world.ask('GET', '/v1/webhooks', undefined, { authorization })).body.meta.total).toBe(1);
});

test('tags: names are unique, colours hexadecimal, descriptions ignored, updates partial', async () => {
  const { ask } = await simulated();
  const made = await ask('POST', '/v1/tags', { name: 'Urgent 🔥', color: '#FF0000', description: 'mine' });
  expect(made.body.tag).toEqual({ id: made.body.tag.id, name: 'Urgent', color: '#FF0000', description: null });
  expect((await ask('POST', '/v1/tags', { name: 'Urgent', color: '#FF0000' })).status).toBe(400);
  expect((await ask('POST', '/v1/tags', { name: 'Other', color: 'red' })).status).toBe(400);
  expect((await ask('PUT', `/v1/tags/${made.body.tag.id}`, { color: '#00FF00' })).body.tag).toMatchObject({
    name: 'Urgent',
    color: '#00FF00',
  });
});

test('an idempotency key is never carried out twice', async () => {
  const { ask } = await simulated();
  const start = (key: string, to: string) => ask('POST', '/v1/outbound-calls/agents/a1', { contact_phone: to, idempotency_key: key });
  const first = await start('k1', '+15550100801');
  expect(first.body).toMatchObject({ idempotency_key: 'k1', status: 'PENDING', virtual_agent_id: 'a1' });
  expect(first.body.id).toMatch(/^[0-9A-Z]{26}$/);
  expect((await start('k1', '+15550100802')).status).toBe(409);
  expect((await start('k2', '+15550100801')).status).toBe(400);
});

test('a report is pending, then ready, or failed', async () => {
  const { ask, get, simulator } = await simulated();
  const ask_ = async (exportName: string) =>
    (
      await ask('POST', '/v1/analytics/report/export', {
        input: { reportName: 'CALLS_HISTORY', exportOptions: { format: 'CSV', exportName } },
      })
    ).body;
  const [good, bad] = [await ask_('weekly'), await ask_('will fail')];
  expect(good).toMatchObject({ status: 'PENDING', downloadUrl: null });
  simulator.company.advance(60);
  expect((await get(`/v1/analytics/report/export/${good.exportID}`)).body.status).toBe('COMPLETED');
  expect((await get(`/v1/analytics/report/export/${bad.exportID}`)).body).toMatchObject({ status: 'FAILED', downloadUrl: null });
  expect(simulator.company.events.map(({ name }) => name)).toEqual(['analytics.report_created', 'analytics.report_failed']);
});

test('messages need a configuration, or go to the conversation', async () => {
  const world = await simulated();
  const number = [...world.simulator.company.numbers.all()][0]!;
  const path = `/v1/numbers/${number.id}/messages`;
  expect((await world.ask('POST', `${path}/send`, { to: '+15550100777', body: 'Hi' })).status).toBe(400);
  const { body } = await world.ask('POST', `${path}/configuration`, { callbackUrl: 'https://hooks.example.com/sms' });
  expect(body.token).toMatch(/^[0-9a-f]{32}$/);
  const sent = await world.ask('POST', `${path}/send`, { to: '+15550100777', body: 'Hi' });
  expect(sent.body).toMatchObject({ status: 'pending', direction: 'outbound', raw_digits: '+1 555-010-0777', body: 'Hi', channel: null });
  expect((await world.ask('POST', `${path}/send`, { to: '+15550100777', body: 'x'.repeat(1601) })).status).toBe(400);
  expect(
    (await world.ask('POST', `${path}/group/send`, { participants: ['+15550100777'], body: 'a', mediaUrl: ['https://example.com/a'] }))
      .status,
  ).toBe(400);
  expect((await world.ask('DELETE', `${path}/configuration`)).status).toBe(204);
  expect((await world.get(`${path}/configuration`)).status).toBe(404);
});

test('templates of WhatsApp are turned by tokens', async () => {
  const world = await simulated();
  const path = `/v1/numbers/${[...world.simulator.company.numbers.all()][0]!.id}/templates`;
  const first = (await world.get(`${path}?limit=5`)).body;
  const second = (await world.get(`${path}?limit=5&token=${first.pageInfo.nextToken}`)).body;
  expect([first.templates.length, second.templates.length, second.pageInfo.nextToken, first.pageInfo.totalCount]).toEqual([5, 2, null, 7]);
});

test('SMS templates come a hundred to a page', async () => {
  const { get } = await simulated();
  expect((await get('/v1/sms/templates?per_page=100')).body.meta.per_page).toBe(100);
  expect((await get('/v1/sms/templates?search=hours')).body.templates).toHaveLength(1);
});

test('numbers take messages and priority, and a status only where no flow decides', async () => {
  const world = await simulated();
  for (const flowEditorEnabled of [true, false]) {
    const { id } = world.simulator.company.numbers.add({
      name: 'New',
      e164: '+15550100991',
      flowEditorEnabled,
      availabilityStatus: 'open',
    });
    const { body } = await world.ask('PUT', `/v1/numbers/${id}`, {
      availability_status: 'closed',
      priority: null,
      messages: { welcome: 'https://media.example.com/hello.mp3' },
    });
    expect(body.number.availability_status).toBe(flowEditorEnabled ? 'open' : 'closed');
    expect(body.number.priority).toBeNull();
    expect(body.number.messages.welcome).toBe('https://media.example.com/hello.mp3');
  }
});

test('bodies that are no JSON, or miss what is required, are refused with a hint', async () => {
  const { simulator, ask } = await simulated();
  const { body } = await ask('POST', '/v1/contacts', { first_name: 'Ada' });
  expect(body).toEqual({ error: 'Bad Request', troubleshoot: 'phone_numbers is required' });
  const response = await fetch(`${simulator.baseUrl}/v1/tags`, {
    method: 'POST',
    headers: { authorization: `Bearer ${simulator.accessToken}` },
    body: '{"name":',
  });
  expect(response.status).toBe(400);
});

test('deliveries carry the token of the webhook and leave out relations that do not exist', async () => {
  const world = await simulated({ calls: 0 });
  const call = ringing(world, { externalNumber: null, contactId: null });
  const [created] = world.simulator.company.events;
  const data = JSON.parse(created!.data) as Record<string, unknown>;
  expect([created!.name, created!.resource, data['id'], data['call_uuid']]).toEqual(['call.created', 'call', call.id, call.sid]);
  expect(Object.keys(data)).not.toContain('user');
  expect(Object.keys(data)).not.toContain('contact');
  expect(data['raw_digits']).toBe('anonymous');
});
