// Every answer to every open question makes an observable difference: the same story told under the assumed answer and
// under the other one must not come out the same.
// Answers are looked into as they come: what is not there is undefined and fails the expectation.
/* oxlint-disable typescript/no-unsafe-argument, typescript/no-unsafe-assignment, typescript/no-unsafe-call */
/* oxlint-disable typescript/no-unsafe-member-access, typescript/no-unsafe-return */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { askOf, noonMs, simulated } from '../../test/support/simulated.ts';
import type { Reply, Simulated } from '../../test/support/simulated.ts';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { assumedSwitches, flippedSwitches } from '../aircall/index.ts';
import type { SwitchName, SwitchSettings } from '../aircall/index.ts';
import type { SimulatorOptions } from './options.ts';
import { startSimulator } from './simulator.ts';

const noon = noonMs / 1000;
const phone = '+15550100444';

/** What a story was like, as something to compare. */
type Story = (switches: SwitchSettings) => Promise<unknown>;

const small: SimulatorOptions = { calls: 80, contacts: 60, users: 6, numbers: 4 };

/** A story told by one request or more to a small company. */
function told(tell: (world: Simulated) => Promise<unknown>, options: SimulatorOptions = small): Story {
  return async (switches) => tell(await simulated({ ...options, switches }));
}

const answerOf = ({ status, text, headers }: Reply) => [status, text, headers.get('x-aircallapi-reset'), headers.get('retry-after')];

const gets = (path: string, options?: SimulatorOptions) => told(async ({ get }) => answerOf(await get(path)), options);
const statusOf = (path: string) => told(async ({ get }) => (await get(path)).status);

const call = ({ simulator }: Simulated) => [...simulator.company.calls.all()].find(({ hasRecording }) => hasRecording)!;
const user = ({ simulator }: Simulated) => [...simulator.company.users.all()][0]!;
const contact = ({ simulator }: Simulated) => [...simulator.company.contacts.all()][5]!;
const number = ({ simulator }: Simulated) => [...simulator.company.numbers.all()][0]!;
const webhookEvents = (name: string, world: Simulated) =>
  world.simulator.company.events.filter((event) => event.name === name).map(({ data }) => data);

const consent = (world: Simulated) => {
  const { clientId, clientSecret } = world.simulator.oauth.client;
  const redirectUri = 'https://partner.example.com/callback';
  const location = world.simulator.oauth.authorize(
    { clientId, redirectUri, responseType: 'code', scope: 'public_api' },
    world.simulator.company.now() * 1000,
  );
  const { searchParams } = new URL(location ?? '');
  const body = { grant_type: 'authorization_code', redirect_uri: redirectUri, client_id: clientId, client_secret: clientSecret };
  return {
    error: searchParams.get('error'),
    exchange: (more: object = {}) => world.ask('POST', '/v1/oauth/token', { ...body, code: searchParams.get('code'), ...more }),
  };
};

/** The first answer and the refusal of the third request of a minute that allows two. */
const tooMany: Story = told(
  async ({ get }) => {
    const first = await get('/v1/ping');
    await get('/v1/ping');
    return [...answerOf(first).slice(2), ...answerOf(await get('/v1/ping'))];
  },
  { ...small, requestsPerMinute: 2 },
);

/** Whether requests at these seconds of a minute that allows two are granted. */
const granted = (seconds: readonly number[], path = '/v1/ping'): Story =>
  told(
    async ({ get, simulator }) => {
      const statuses: number[] = [];
      for (const after of seconds) {
        simulator.company.advance(after);
        statuses.push((await get(path)).status);
      }
      return statuses;
    },
    { ...small, requestsPerMinute: 2 },
  );

const writes = (method: string, path: (world: Simulated) => string, body?: unknown): Story =>
  told(async (world) => {
    const { status, text } = await world.ask(method, path(world), body);
    return [status, text];
  });

const finishedCall: Story = told(async (world) => {
  const { company } = world.simulator;
  company.startCall({
    direction: 'inbound',
    numberId: [...company.numbers.all()].find(({ recordsCalls }) => recordsCalls)!.id,
    contactId: contact(world).id,
    plan: { ringSeconds: 5, talkSeconds: 60 },
  });
  company.advance(600);
  return company.events.map(({ name, data }) => [name, data]);
});

const stories: { readonly [N in SwitchName]: Story } = {
  wrongKeyAnswer: told(async ({ ask }) => answerOf(await ask('GET', '/v1/ping', undefined, { authorization: 'Basic eDp5' }))),
  revokedTokenAnswer: told(async ({ ask }) => answerOf(await ask('GET', '/v1/ping', undefined, { authorization: 'Bearer x' }))),
  oauthErrorBody: told(async (world) => (await consent(world).exchange({ code: 'wrong' })).text),
  oauthCodeLife: told(async (world) => {
    const { exchange } = consent(world);
    world.simulator.company.advance(120);
    return (await exchange()).status;
  }),
  oauthTokenTime: told(async (world) => Object.keys((await consent(world).exchange()).body)),
  oauthConsentRefused: told(async (world) => {
    world.simulator.oauth.consents = false;
    return consent(world).error;
  }),

  rateQuota: async (switches) => {
    const simulator = await startSimulator({ ...small, clock: new FakeClock({ startMs: noonMs }), switches });
    onTestFinished(() => simulator.close());
    const ask = askOf(simulator);
    for (let request = 0; request < 60; request += 1) await ask('GET', '/v1/ping');
    return (await ask('GET', '/v1/ping')).status;
  },
  rateWindow: granted([0, 50, 15, 1, 1]),
  rateHeaders: tooMany,
  rateResetUnit: tooMany,
  rateBlock: granted([0, 0, 30, 31, 40]),
  rateCounting: granted([0, 0, 0], '/v1/calls/1'),
  retryAfterHeader: tooMany,
  tooManyRequestsBody: tooMany,

  totalAboveCap: told(async ({ get }) => (await get('/v1/calls')).body.meta.total, { ...small, calls: 10_100 }),
  nextLinkAtCap: told(async ({ get }) => (await get('/v1/calls?per_page=50&page=200')).body.meta.next_page_link === null, {
    ...small,
    calls: 10_100,
  }),
  capScope: statusOf('/v2/users?page=201&per_page=50'),
  contactsPerPageAbove50: told(async ({ get }) => (await get('/v1/contacts?per_page=55')).body.contacts.length),
  perPageBelowOne: gets('/v1/calls?per_page=0'),
  creationTimeFilter: told(async (world) => (await world.get(`/v2/users?from=${user(world).createdAt}`)).body.meta.total),
  sameSecondOrder: told(async ({ simulator, get }) => {
    const start = noon - 1_000;
    for (let added = 0; added < 40; added += 1) simulator.company.calls.add({ startedAt: start });
    return (await get(`/v1/calls?per_page=50&from=${start - 1}`)).body.calls.map(({ id }: { id: number }) => id);
  }),
  falseFlag: gets('/v1/calls?per_page=50&fetch_contact=false'),
  missingContentType: told(async (world) => (await world.ask('PUT', `/v1/calls/${call(world).id}/archive`)).status),
  whatsappTemplatesKey: told(async (world) => Object.keys((await world.get(`/v1/numbers/${number(world).id}/templates`)).body)),
  dialerNumbersKey: told(async (world) => {
    const path = `/v1/users/${user(world).id}/dialer_campaign`;
    await world.ask('POST', path, { phone_numbers: [phone] });
    return Object.keys((await world.get(`${path}/phone_numbers`)).body);
  }),

  horizonEdge: told(
    async ({ simulator, get }) => {
      for (let days = 178; days <= 190; days += 1) simulator.company.calls.add({ startedAt: noon - days * 86_400 + 60 });
      return (await get('/v1/calls')).body.meta.total;
    },
    { ...small, calls: 0 },
  ),

  notFoundBody: gets('/v1/calls/1'),
  wrongMethodBody: writes('PUT', () => '/v1/calls'),
  duplicateEmailStatus: told(async ({ simulator, ask }) => {
    const { email } = simulator.company.users.add({ name: 'Ada Example', email: 'ada@example.com' });
    return (await ask('POST', '/v2/users', { email, first_name: 'Ada', last_name: 'Example' })).status;
  }),
  duplicateTeamStatus: told(async ({ simulator, ask }) => {
    const { name } = simulator.company.teams.add({ name: 'Twins' });
    return (await ask('POST', '/v1/teams', { name })).status;
  }),

  usersV1: statusOf('/v1/users'),
  usersV1Others: statusOf('/v1/users/availabilities'),
  usersV2: statusOf('/v2/users'),
  usersV1ExtraFields: told(async ({ get }) => Object.keys((await get('/v1/users')).body.users[0])),
  substatusSpelling: gets('/v2/users'),
  substatusRule: told(async (world) => {
    world.simulator.company.users.update(user(world).id, { availabilityStatus: 'available' });
    return (await world.ask('PUT', `/v2/users/${user(world).id}`, { substatus: 'on_a_break' })).status;
  }),

  callIdsFollowTime: told(async ({ get }) => (await get('/v1/calls?per_page=50')).body.calls.map(({ id }: { id: number }) => id)),
  callTagTime: gets('/v1/calls?per_page=50'),
  noteTimes: gets('/v1/calls?per_page=50'),
  ivrOptionId: gets('/v1/calls?per_page=50&order=desc&fetch_call_timeline=true', { ...small, calls: 400 }),
  outboundMissedReason: gets('/v1/calls?per_page=50'),
  realtimeTranscription: told(async (world) => (await world.get(`/v1/calls/${call(world).id}/realtime_transcription`)).text),

  contactDedupe: told(async ({ ask, simulator }) => {
    const body = { first_name: 'Ada', phone_numbers: [{ label: 'Work', value: phone }] };
    const first = (await ask('POST', '/v1/contacts', body)).body.contact;
    simulator.company.advance(5);
    const second = (await ask('POST', '/v1/contacts', body)).body.contact;
    return [first.id === second.id, second.updated_at - first.updated_at];
  }),
  detailEditsTouchUpdatedAt: told(async (world) => {
    await world.ask('POST', `/v1/contacts/${contact(world).id}/email_details`, { label: 'Work', value: 'ada@example.com' });
    return (await world.get(`/v1/contacts/${contact(world).id}`)).body.contact.updated_at;
  }),
  detailEditsEvent: told(async (world) => {
    await world.ask('POST', `/v1/contacts/${contact(world).id}/email_details`, { label: 'Work', value: 'ada@example.com' });
    return webhookEvents('contact.updated', world).length;
  }),
  detailAnswer: writes('POST', (world) => `/v1/contacts/${contact(world).id}/email_details`, { label: 'Work', value: 'ada@example.com' }),
  contactPut: writes('PUT', (world) => `/v1/contacts/${contact(world).id}`, { first_name: 'Ada' }),
  contactDescription: gets('/v1/contacts'),
  contactPhoneForm: gets('/v1/contacts'),

  tagExtraFields: gets('/v1/tags'),
  webhookDirectLink: gets('/v1/webhooks'),
  dialerCampaignEnvelope: told(async (world) => {
    const path = `/v1/users/${user(world).id}/dialer_campaign`;
    await world.ask('POST', path, { phone_numbers: [phone] });
    return (await world.get(path)).text;
  }),
  registrationStatusBody: told(async (world) => (await world.get(`/v1/numbers/${number(world).id}/registration_status`)).text),
  configurationAnswer: writes('POST', (world) => `/v1/numbers/${number(world).id}/messages/configuration`, { type: 'x' }),
  messageTimes: writes('POST', (world) => `/v1/numbers/${number(world).id}/messages/native/send`, { to: phone, body: 'Hi' }),
  integrationPath: told(async ({ ask, simulator }) => {
    const headers = { authorization: `Bearer ${simulator.accessToken}` };
    return [
      (await ask('GET', '/v1/integrations/me', undefined, headers)).status,
      (await ask('GET', '/v1/integration', undefined, headers)).status,
    ];
  }),

  createStatus: writes('POST', () => '/v1/tags', { name: 'New', color: '#00FF00' }),
  commentAnswer: writes('POST', (world) => `/v1/calls/${call(world).id}/comments`, { content: 'A note' }),
  tagCallAnswer: told(async (world) => {
    const { id } = world.simulator.company.tags.add({ name: 'New', color: '#00FF00' });
    return (await world.ask('POST', `/v1/calls/${call(world).id}/tags`, { tags: [id] })).text;
  }),
  deleteRecordingStatus: writes('DELETE', (world) => `/v1/calls/${call(world).id}/recording`),
  insightCardStatus: writes(
    'POST',
    (world) => `/v1/calls/${world.simulator.company.startCall({ plan: { ringSeconds: 900 } }).id}/insight_cards`,
    {
      contents: [{ type: 'title', text: 'Hi' }],
    },
  ),
  dialerWriteStatus: writes('POST', (world) => `/v1/users/${user(world).id}/dialer_campaign`, { phone_numbers: [phone] }),
  integrationWriteStatus: told(
    async ({ ask, simulator }) =>
      (await ask('POST', '/v1/integrations/disable', undefined, { authorization: `Bearer ${simulator.accessToken}` })).status,
  ),
  configurationWriteStatus: writes('POST', (world) => `/v1/numbers/${number(world).id}/messages/configuration`, { type: 'x' }),
  exportStatus: writes('POST', () => '/v1/analytics/report/export', { input: { reportName: 'CALLS_HISTORY' } }),
  unconfirmedFields: told(async (world) => {
    const reply = await world.ask('PUT', `/v1/numbers/${number(world).id}`, { name: 'Renamed' });
    return [reply.status, reply.body.number?.name];
  }),
  messageAuthorField: writes('POST', (world) => `/v1/numbers/${number(world).id}/messages/native/send`, {
    to: phone,
    body: 'Hi',
    agentId: 1,
  }),

  teamEvents: told(async (world) => {
    await world.ask('POST', '/v1/teams', { name: 'New' });
    return webhookEvents('team.created', world).length;
  }),
  callTaggedEvents: told(async (world) => {
    const { tags } = world.simulator.company;
    const ids = [tags.add({ name: 'One', color: '#000001' }).id, tags.add({ name: 'Two', color: '#000002' }).id];
    await world.ask('POST', `/v1/calls/${call(world).id}/tags`, { tags: ids });
    return webhookEvents('call.tagged', world).length;
  }),
  contactEventTimes: told(async (world) => {
    world.simulator.company.contacts.add({ firstName: 'Ada' });
    return webhookEvents('contact.created', world);
  }),
  callEventListingFields: finishedCall,
  conversationCallId: finishedCall,
  realtimePayload: finishedCall,

  redirects: deliveredTo((attempt) => (attempt === 1 ? 302 : 200), { steps: 1 }),
  retrySpacing: deliveredTo(() => 500, { steps: 12 }),
  disabledAfter: deliveredTo(() => 500, { steps: 60, events: 3, with: { retrySpacing: 'even' } }),
  eventsWhileDisabled: deliveredTo((attempt) => (attempt <= 10 ? 500 : 200), {
    steps: 15,
    with: { retrySpacing: 'even', disabledAfter: 'ten' },
  }),
};

type Telling = { readonly steps: number; readonly events?: number; readonly with?: Partial<SwitchSettings> };

/**
 * Tells of events to a webhook that answers as told, lets some times 30 seconds pass, and says what arrived by the end and
 * when the webhook was off. One more event happens while it is off.
 */
function deliveredTo(answer: (attempt: number) => number, { steps, events = 1, with: fixed = {} }: Telling): Story {
  return async (switches) => {
    const arrived: string[] = [];
    const server = createServer((incoming, outgoing) => {
      incoming.resume();
      arrived.push(incoming.url ?? '');
      const status = answer(arrived.length);
      outgoing.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { simulator, clock } = await simulated({ ...small, webhooks: 0, delivers: true, switches: { ...switches, ...fixed } });
    const { company } = simulator;
    const { port } = server.address() as AddressInfo;
    const { webhookId } = company.webhooks.add({ url: `http://127.0.0.1:${port}/`, events: ['contact.created'] });
    for (let event = 0; event < events; event += 1) company.contacts.add({ firstName: 'Ada' });
    const offAt: number[] = [];
    for (let step = 0; step < steps; step += 1) {
      await simulator.delivered();
      if (company.webhooks.get(webhookId)?.active === false) {
        if (offAt.length === 0) company.contacts.add({ firstName: 'Grace' });
        offAt.push(step);
      }
      await clock.advance(30_000);
    }
    await simulator.delivered();
    return [arrived.length, arrived.includes('/elsewhere'), offAt];
  };
}

test.each(flippedSwitches().map((flip) => [flip.name, flip.answer, flip.settings] as const))(
  '%s: %s makes a difference',
  async (name, _answer, settings) => {
    const story = stories[name];
    const [assumed, other] = [await story(assumedSwitches), await story(settings)];
    expect(other).not.toEqual(assumed);
  },
);

test('without a flip the same story comes out the same', async () => {
  for (const name of ['substatusSpelling', 'callEventListingFields', 'sameSecondOrder', 'rateHeaders'] as const) {
    expect(await stories[name](assumedSwitches)).toEqual(await stories[name](assumedSwitches));
  }
});
