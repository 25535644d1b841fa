// Answers are looked into as they come: what is not there is undefined and fails the expectation.
/* oxlint-disable typescript/no-unsafe-argument, typescript/no-unsafe-assignment, typescript/no-unsafe-call */
/* oxlint-disable typescript/no-unsafe-member-access, typescript/no-unsafe-return */
import { expect, test } from 'vitest';
import { noonMs, simulated } from '../../test/support/simulated.ts';
import type { Loose } from '../../test/support/simulated.ts';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { streamNames } from './company/drift.ts';
import { rawJson } from './raw-json.ts';
import { startSimulator } from './simulator.ts';

const noon = noonMs / 1000;

test('the same seed gives the same company byte for byte, another seed another one', async () => {
  const texts: string[] = [];
  for (const seed of [5, 5, 6]) {
    const { get } = await simulated({ seed });
    const pages = await Promise.all(
      ['/v1/contacts?per_page=50', '/v2/users', '/v1/teams', '/v1/numbers', '/v1/tags', '/v1/webhooks'].map(
        async (path) => (await get(path)).text,
      ),
    );
    const calls = (await get('/v1/calls?per_page=50&fetch_contact=true')).text;
    texts.push([...pages, calls].join('\n').replaceAll(/127\.0\.0\.1:\d+/g, 'HOST'));
  }
  expect(texts[0]).toBe(texts[1]);
  expect(texts[0]).not.toBe(texts[2]);
});

test('a company of a million calls starts at once and serves any of its windows', async () => {
  const { simulator, get } = await simulated({ calls: 1_000_000, contacts: 100 });
  const { body } = await get('/v1/calls?per_page=50&page=200');
  expect(body.meta.total).toBe(1_000_000);
  const { id } = body.calls[17];
  expect((await get(`/v1/calls/${id}`)).body.call.id).toBe(id);
  expect(simulator.company.calls.count).toBe(1_000_000);
});

test('the truth of every stream is what the API serves', async () => {
  const { simulator, get } = await simulated({ calls: 45, contacts: 40, users: 30 });
  const truth = simulator.truth();
  const paths = {
    calls: '/v1/calls?fetch_contact=true&fetch_short_urls=true&fetch_call_timeline=true&fetch_aiva_conv=true&',
    contacts: '/v1/contacts?',
    users: '/v2/users?',
    user_availability: '/v1/users/availabilities?',
    teams: '/v1/teams?',
    numbers: '/v1/numbers?',
    tags: '/v1/tags?',
    webhooks: '/v1/webhooks?',
    company: '/v1/company?',
  };
  for (const stream of streamNames) {
    const { body } = await get(`${paths[stream]}per_page=50`);
    const rows = stream === 'company' ? [body.company] : (body[stream] ?? body.users);
    const key = (row: Loose) => String(stream === 'company' ? 1 : (row.webhook_id ?? row.id));
    expect(Object.fromEntries(truth[stream])).toEqual(Object.fromEntries(rows.map((row: Loose) => [key(row), row])));
  }
});

test('the truth of users is the version the account serves', async () => {
  const { simulator } = await simulated({ switches: { usersV2: 'missing' } });
  const [user] = [...simulator.truth({ streams: ['users'] }).users.values()];
  expect(user).not.toHaveProperty('substatus');
});

test('a call rings, is answered, ends, and is rewritten afterwards without a timestamp that tells', async () => {
  const { simulator, get } = await simulated({ calls: 0 });
  const { company } = simulator;
  const number = [...company.numbers.all()].find(({ recordsCalls }) => recordsCalls)!;
  const { id } = company.startCall({
    direction: 'outbound',
    numberId: number.id,
    plan: { ringSeconds: 5, talkSeconds: 60, settleAfterSeconds: 120, startShift: 1, leavesVoicemail: false },
  });
  const call = async () => (await get(`/v1/calls/${id}`)).body.call;
  expect(await call()).toMatchObject({ status: 'initial', started_at: noon, answered_at: null, ended_at: null, duration: 0 });
  company.advance(5);
  expect(await call()).toMatchObject({ status: 'answered', answered_at: noon + 5, ended_at: null });
  company.advance(60);
  const hungUp = await call();
  expect(hungUp).toMatchObject({
    status: 'done',
    ended_at: noon + 65,
    duration: 65,
    cost: '0.0',
    pricing_type: null,
    recording: null,
    asset: null,
  });
  company.advance(30);
  expect(await call()).toMatchObject({ asset: `https://assets.aircall.io/calls/${id}/recording`, pricing_type: null });
  company.advance(90);
  expect(await call()).toMatchObject({
    started_at: noon + 1,
    answered_at: noon + 5,
    ended_at: noon + 65,
    duration: 64,
    cost: '1.0',
    pricing_type: 'out_of_bundle',
  });
  expect(company.events.map(({ name }) => name).filter((name) => name.startsWith('call.'))).toEqual([
    'call.created',
    'call.answered',
    'call.hungup',
    'call.ended',
    'call.comm_assets_generated',
  ]);
});

test('an inbound call nobody takes is missed, and may leave a voicemail', async () => {
  const { simulator, get } = await simulated({ calls: 0 });
  const { id } = simulator.company.startCall({
    direction: 'inbound',
    plan: { ringSeconds: 17, talkSeconds: null, leavesVoicemail: true, settleAfterSeconds: 900 },
  });
  simulator.company.advance(17 + 30);
  const { call } = (await get(`/v1/calls/${id}`)).body;
  expect(call).toMatchObject({
    status: 'done',
    missed_call_reason: 'agents_did_not_answer',
    answered_at: null,
    user: null,
    asset: `https://assets.aircall.io/calls/${id}/voicemail`,
  });
  expect(call.voicemail).toContain('https://storage.example.test/voicemails/');
});

test('signed links differ from second to second, the page of the asset does not', async () => {
  const { simulator, get } = await simulated();
  const { id } = [...simulator.company.calls.all()].find(({ hasRecording }) => hasRecording)!;
  const first = (await get(`/v1/calls/${id}`)).body.call;
  simulator.company.advance(1);
  const second = (await get(`/v1/calls/${id}`)).body.call;
  expect(first.recording).toMatch(
    /^https:\/\/storage\.example\.test\/recordings\/call-\d+\.mp3\?X-Amz-.*X-Amz-Expires=3600.*X-Amz-Signature=[0-9a-f]{64}$/,
  );
  expect(second.recording).not.toBe(first.recording);
  expect(second.asset).toBe(first.asset);
});

test('open calls of the start end as time passes', async () => {
  const { simulator, get } = await simulated({ openCalls: 3 });
  const open = async () =>
    (await get('/v1/calls?per_page=50&order=desc')).body.calls.filter(({ ended_at }: Loose) => ended_at === null).length;
  expect(await open()).toBeGreaterThan(0);
  simulator.company.advance(3_600);
  expect(await open()).toBe(0);
});

test('records can carry anything: drift, digits beyond every integer, NUL, lone surrogates', async () => {
  const { simulator, get } = await simulated({ calls: 3, contacts: 3 });
  const { company } = simulator;
  const [call] = [...company.calls.all()];
  company.calls.update(call!.id, {
    overrides: {
      duration: 'ninety',
      new_list: [{ a: 1 }],
      huge: rawJson('123456789012345678901234567890'),
      large: 2n ** 62n,
      nul: 'a\u0000b',
      lone: '\ud800',
      direction: undefined,
    },
  });
  const { text } = await get(`/v1/calls/${call!.id}`);
  expect(text).toContain('"huge":123456789012345678901234567890');
  expect(text).toContain('"large":4611686018427387904');
  expect(text).toContain(String.raw`"nul":"a\u0000b","lone":"\ud800"`);
  const record = simulator.truth().calls.get(String(call!.id))!;
  expect(record).toMatchObject({ duration: 'ninety', huge: 123456789012345678901234567890n, large: 2n ** 62n, new_list: [{ a: 1 }] });
  expect(record).not.toHaveProperty('direction');

  const lift = company.drift({ stream: 'contacts', fields: (record) => ({ first_name: { given: record['first_name'] } }) });
  expect((await get('/v1/contacts')).body.contacts.every(({ first_name }: Loose) => 'given' in first_name)).toBe(true);
  lift();
  expect(
    (await get('/v1/contacts')).body.contacts.every(({ first_name }: Loose) => typeof first_name === 'string' || first_name === null),
  ).toBe(true);
});

test('a drift with a share meets the same records every time', async () => {
  const { simulator, get } = await simulated();
  simulator.company.drift({ stream: 'calls', share: 0.5, fields: { odd: true } });
  const odd = async () =>
    (await get('/v1/calls?per_page=50')).body.calls.filter((call: object) => 'odd' in call).map(({ id }: Loose) => id);
  const first = await odd();
  expect(first.length).toBeGreaterThan(5);
  expect(first.length).toBeLessThan(45);
  expect(await odd()).toEqual(first);
});

test('ids beyond 2^53 travel digit by digit', async () => {
  const { simulator, get } = await simulated({ calls: 1 });
  const [call] = [...simulator.company.calls.all()];
  simulator.company.calls.update(call!.id, { overrides: { id: rawJson('9007199254740993') } });
  expect((await get('/v1/calls')).text).toContain('"id":9007199254740993,');
  expect([...simulator.truth().calls.keys()]).toEqual(['9007199254740993']);
});

test('deleting a user is carried out a little later and takes them out of teams and numbers', async () => {
  const { simulator, ask, get } = await simulated();
  const team = [...simulator.company.teams.all()].find(({ userIds }) => userIds.length > 0)!;
  const id = team.userIds[0]!;
  expect((await ask('DELETE', `/v1/users/${id}`)).status).toBe(204);
  expect((await get(`/v2/users/${id}`)).status).toBe(200);
  simulator.company.advance(2);
  expect((await get(`/v2/users/${id}`)).status).toBe(404);
  expect((await get(`/v1/teams/${team.id}`)).body.team.users.map((user: Loose) => user.id)).not.toContain(id);
});

test('a new user gets the documented defaults, the next extension, and a contact', async () => {
  const { ask, get, simulator } = await simulated({ users: 3 });
  const before = simulator.company.contacts.count;
  const { body } = await ask('POST', '/v2/users', { email: 'ada@example.com', first_name: 'Ada', last_name: 'Example' });
  expect(body.user).toMatchObject({
    name: 'Ada Example',
    language: 'en-US',
    time_zone: 'Etc/UTC',
    wrap_up_time: 0,
    extension: '004',
    availability_status: 'available',
    available: false,
    default_number_id: null,
    substatus: 'always_opened',
  });
  expect(simulator.company.contacts.count).toBe(before + 1);
  expect((await get('/v2/users/ada@example.com')).body.user.id).toBe(body.user.id);
  const { body: updated } = await ask('PUT', '/v2/users/ada@example.com', { first_name: 'Grace' });
  expect(updated.user).toMatchObject({ name: 'Grace Example', language: 'en-US' });
});

test('options that cannot be used are refused before anything starts', async () => {
  const clock = new FakeClock();
  await expect(startSimulator({ clock, calls: -1 })).rejects.toMatchObject({ code: 'simulator_option_invalid' });
  await expect(startSimulator({ clock, requestsPerMinute: 0 })).rejects.toMatchObject({ code: 'simulator_option_invalid' });
  await expect(startSimulator({ clock, switches: { rateWindow: 'yearly' } as never })).rejects.toThrow('rateWindow cannot be yearly');
  await expect(startSimulator({ clock, switches: { moonPhase: 'full' } as never })).rejects.toThrow('There is no switch moonPhase');
});

test('an answer carries the time of the company as its date', async () => {
  const { simulator, get } = await simulated();
  simulator.company.advance(86_400);
  expect((await get('/v1/ping')).headers.get('date')).toBe('Thu, 14 May 2026 12:00:00 GMT');
});
