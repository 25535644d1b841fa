// Every endpoint once on its happy path: the documented status, and the documented envelope and fields.
// Answers are looked into as they come: what is not there is undefined and fails the expectation.
/* oxlint-disable typescript/no-unsafe-argument, typescript/no-unsafe-assignment, typescript/no-unsafe-call */
/* oxlint-disable typescript/no-unsafe-member-access, typescript/no-unsafe-return */
import { expect, test } from 'vitest';
import { simulated } from '../../test/support/simulated.ts';
import type { Simulated } from '../../test/support/simulated.ts';
import { endpoints } from '../aircall/index.ts';
import type { Endpoint, Field, Fields } from '../aircall/index.ts';

/** What a request needs beside its method and path. */
type Happy = {
  readonly at?: Readonly<Record<string, string | number>>;
  readonly query?: string;
  readonly body?: unknown;
  readonly oauth?: true;
};

type Prepare = (world: Simulated) => Happy | Promise<Happy>;
/** Something that stands in a path. */
type Place = (world: Simulated) => { readonly at: Readonly<Record<string, string | number>> };

const phone = '+15550100444';

/** A call that ended long ago and was recorded. */
const recorded: Place = ({ simulator }) => ({
  at: { id: firstCall(simulator, (call) => call.hasRecording && call.endedAt! - call.answeredAt! > 30).id },
});
const open: Place = ({ simulator }) => ({
  at: { id: simulator.company.startCall({ direction: 'inbound', numberId: firstNumber(simulator).id, plan: { ringSeconds: 500 } }).id },
});
const someContact: Place = ({ simulator }) => ({ at: { id: [...simulator.company.contacts.all()][9]!.id } });
const someNumber: Place = ({ simulator }) => ({ at: { id: firstNumber(simulator).id } });
const someTeam: Place = ({ simulator }) => ({ at: { id: [...simulator.company.teams.all()][0]!.id } });
const someTag: Place = ({ simulator }) => ({ at: { id: [...simulator.company.tags.all()].at(-1)!.id } });
const someUser: Place = ({ simulator }) => ({ at: { id: [...simulator.company.users.all()][0]!.id } });
const someWebhook: Place = ({ simulator }) => ({ at: { webhook_id: [...simulator.company.webhooks.all()][0]!.webhookId } });
const asOauth: Prepare = () => ({ oauth: true });
const with_ =
  (prepare: Prepare, more: Happy): Prepare =>
  async (world) => ({ ...(await prepare(world)), ...more });

/** A contact with a detail, and the ids of both. */
const withDetail =
  (list: 'phone_numbers' | 'emails', at: string): Prepare =>
  async ({ ask }) => {
    const { body } = await ask('POST', '/v1/contacts', {
      phone_numbers: [{ label: 'Work', value: phone }],
      emails: [{ label: 'Work', value: 'ada@example.com' }],
    });
    return { at: { id: body.contact.id, [at]: body.contact[list][0].id } };
  };

/** A user whose campaign has one number. */
const withCampaign = async (world: Simulated) => {
  const user = someUser(world);
  await world.ask('POST', `/v1/users/${user.at['id']!}/dialer_campaign`, { phone_numbers: [phone] });
  return user;
};

const withConfiguration = async (world: Simulated) => {
  const number = someNumber(world);
  await world.ask('POST', `/v1/numbers/${number.at['id']!}/messages/configuration`, { callbackUrl: 'https://hooks.example.com/sms' });
  return number;
};

const available: Prepare = ({ simulator }) => {
  const { id } = [...simulator.company.users.all()][0]!;
  simulator.company.users.update(id, { availability: 'available' });
  simulator.company.numbers.update(firstNumber(simulator).id, { userIds: [id] });
  return { at: { id }, body: { to: phone, number_id: firstNumber(simulator).id } };
};

const newUser = { body: { email: 'new@example.com', first_name: 'New', last_name: 'Example' } };
const detail = { body: { label: 'Home', value: phone } };
const emailDetail = { body: { label: 'Home', value: 'b@example.com' } };
const names = (id: string) => (world: Simulated) => ({
  at: { id: [...world.simulator.company.users.all()][0]!.id },
  body: { [id]: 'Renamed' },
});

const happy: Readonly<Record<string, Prepare>> = {
  'calls.retrieve': recorded,
  'calls.transfer': (world) => ({ ...open(world), body: { user_id: someUser(world).at['id'] } }),
  'calls.comment': with_(recorded, { body: { content: 'A note' } }),
  'calls.tag': (world) => ({ ...recorded(world), body: { tags: [someTag(world).at['id']] } }),
  'calls.archive': recorded,
  'calls.unarchive': recorded,
  'calls.deleteRecording': recorded,
  'calls.deleteVoicemail': recorded,
  'calls.pauseRecording': open,
  'calls.resumeRecording': open,
  'calls.pushInsightCard': with_(open, { body: { contents: [{ type: 'title', text: 'Hello' }] } }),
  'contacts.retrieve': someContact,
  'contacts.create': () => ({ body: { phone_numbers: [{ label: 'Work', value: phone }] } }),
  'contacts.update': with_(someContact, { body: { first_name: 'Ada' } }),
  'contacts.delete': someContact,
  'contacts.addPhoneNumber': with_(someContact, detail),
  'contacts.updatePhoneNumber': with_(withDetail('phone_numbers', 'phone_number_id'), detail),
  'contacts.deletePhoneNumber': withDetail('phone_numbers', 'phone_number_id'),
  'contacts.addEmail': with_(someContact, emailDetail),
  'contacts.updateEmail': with_(withDetail('emails', 'email_id'), emailDetail),
  'contacts.deleteEmail': withDetail('emails', 'email_id'),
  'users.retrieve': ({ simulator }) => ({ at: { id: [...simulator.company.users.all()][0]!.email } }),
  'users.create': () => newUser,
  'users.update': names('first_name'),
  'users.numbers': someUser,
  'users.retrieveV1': someUser,
  'users.createV1': () => newUser,
  'users.updateV1': names('last_name'),
  'users.delete': someUser,
  'users.availability': someUser,
  'users.startCall': available,
  'users.dial': available,
  'teams.retrieve': someTeam,
  'teams.create': () => ({ body: { name: 'New team' } }),
  'teams.delete': someTeam,
  'teams.addUser': ({ simulator: { company } }) => ({
    at: { team_id: company.teams.add({ name: 'Empty' }).id, user_id: [...company.users.all()][0]!.id },
  }),
  'teams.removeUser': ({ simulator: { company } }) => {
    const { id } = [...company.users.all()][0]!;
    return { at: { team_id: company.teams.add({ name: 'Full', userIds: [id] }).id, user_id: id } };
  },
  'numbers.retrieve': someNumber,
  'numbers.update': with_(someNumber, { body: { priority: 1, messages: { welcome: 'https://media.example.com/hello.mp3' } } }),
  'numbers.registrationStatus': someNumber,
  'tags.retrieve': someTag,
  'tags.create': () => ({ body: { name: 'New tag', color: '#00FF00' } }),
  'tags.update': with_(someTag, { body: { name: 'Other' } }),
  'tags.delete': someTag,
  'webhooks.retrieve': someWebhook,
  'webhooks.create': () => ({ body: { url: 'https://hooks.example.com/new' } }),
  'webhooks.update': with_(someWebhook, { body: { active: false } }),
  'webhooks.delete': someWebhook,
  'dialer.retrieve': withCampaign,
  'dialer.create': with_(someUser, { body: { phone_numbers: [phone] } }),
  'dialer.delete': withCampaign,
  'dialer.listNumbers': withCampaign,
  'dialer.addNumbers': with_(withCampaign, { body: { phone_numbers: ['+15550100555'] } }),
  'dialer.deleteNumber': async (world) => {
    const user = await withCampaign(world);
    const { body } = await world.get(`/v1/users/${user.at['id']!}/dialer_campaign/phone_numbers`);
    return { at: { ...user.at, phone_number_id: body.numbers[0].id } };
  },
  'messages.createConfiguration': with_(someNumber, { body: { callbackUrl: 'https://hooks.example.com/sms' } }),
  'messages.retrieveConfiguration': withConfiguration,
  'messages.deleteConfiguration': withConfiguration,
  'messages.send': with_(withConfiguration, { body: { to: phone, body: 'Hello' } }),
  'messages.sendNative': with_(someNumber, { body: { to: phone, body: 'Hello' } }),
  'messages.sendGroup': with_(someNumber, { body: { participants: [phone], body: 'Hello' } }),
  'messages.sendGroupNative': with_(someNumber, { body: { participants: [phone], body: 'Hello' } }),
  'messages.sendWhatsapp': ({ simulator }) => ({ body: { lineId: firstNumber(simulator).id, to: phone, text: 'Hello' } }),
  'messages.sendWhatsappNative': ({ simulator }) => ({ body: { lineId: firstNumber(simulator).id, externalNumber: phone, text: 'Hello' } }),
  'messages.listWhatsappTemplates': someNumber,
  'messages.whatsappStatus': someNumber,
  'aiVoice.startCall': () => ({ at: { agent_id: 'agent-1' }, body: { contact_phone: phone, idempotency_key: 'once' } }),
  'analytics.createExport': () => ({
    body: { input: { reportName: 'CALLS_HISTORY', filter: { dateFilter: { relative: 'LAST_WEEK' } }, exportOptions: { format: 'CSV' } } },
  }),
  'analytics.retrieveExport': async ({ ask }) => {
    const { body } = await ask('POST', '/v1/analytics/report/export', { input: { reportName: 'CALLS_HISTORY' } });
    return { at: { id: body.exportID } };
  },
  'integrations.retrieve': asOauth,
  'integrations.enable': asOauth,
  'integrations.disable': asOauth,
  'oauth.exchangeCode': ({ simulator }) => {
    const { clientId, clientSecret } = simulator.oauth.client;
    const redirectUri = 'https://partner.example.com/callback';
    const location = simulator.oauth.authorize(
      { clientId, redirectUri, responseType: 'code', scope: 'public_api' },
      simulator.company.now() * 1000,
    );
    const code = new URL(location ?? '').searchParams.get('code');
    return {
      body: { grant_type: 'authorization_code', code, redirect_uri: redirectUri, client_id: clientId, client_secret: clientSecret },
    };
  },
};

test('there are 96 endpoints', () => {
  expect(endpoints).toHaveLength(96);
});

test.each(endpoints.map((endpoint) => [endpoint.id, endpoint] as const))('%s answers as documented', async (id, endpoint) => {
  const world = await simulated({ calls: 60, contacts: 30 });
  const isInsight = endpoint.area === 'conversation';
  const attempts: Prepare[] = isInsight ? insightAttempts(world) : [happy[id] ?? (() => ({}))];
  let reply = { status: 0, text: '', body: undefined as unknown };
  for (const prepare of attempts) {
    reply = await request(world, endpoint, await prepare(world));
    // The AI makes nothing of one call in ten.
    if (reply.status !== 404) break;
  }
  expect([reply.status, reply.text.slice(0, 200)]).toEqual([endpoint.status, expect.any(String)]);
  expectShape(endpoint, reply);
});

function insightAttempts({ simulator }: Simulated): Prepare[] {
  return [...simulator.company.calls.all()]
    .filter((call) => call.hasRecording && call.endedAt! - call.answeredAt! > 30 && call.endedAt! < simulator.company.now() - 100_000)
    .slice(0, 10)
    .map((call) => () => ({ at: { id: call.id }, query: 'fetch_playbook=true' }));
}

function request({ ask, simulator }: Simulated, { method, path }: Endpoint, { at = {}, query, body, oauth }: Happy) {
  const filled = path.replaceAll(/:(\w+)/g, (_, name: string) => String(at[name]));
  const headers = oauth === true ? { authorization: `Bearer ${simulator.accessToken}` } : {};
  return ask(method, query === undefined ? filled : `${filled}?${query}`, body, headers);
}

function expectShape({ answer, pagination }: Endpoint, { text, body }: { text: string; body: unknown }): void {
  if (answer.envelope === 'none') {
    expect(text).toBe('');
    return;
  }
  const record = body as Record<string, unknown>;
  if (answer.envelope === 'bare') expectFields(answer.of.fields, record);
  if (answer.envelope === 'one') expectFields(answer.of.fields, record[answer.key] as Record<string, unknown>);
  if (answer.envelope === 'list') {
    const rows = record[answer.key] as Record<string, unknown>[];
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) expectFields(answer.of.fields, row);
    expect(Object.keys(record)).toContain(pagination?.by === 'token' ? 'pageInfo' : 'meta');
  }
}

/** Every documented field that must be there is there, no other, and each is of its kind. */
function expectFields(fields: Fields, record: Readonly<Record<string, unknown>>): void {
  for (const [name, field] of Object.entries(fields)) {
    if (field.optional !== true) expect(Object.keys(record)).toContain(name);
    if (name in record) expect([name, record[name], isOfKind(field, record[name])]).toEqual([name, record[name], true]);
  }
  expect(Object.keys(record).filter((name) => !(name in fields))).toEqual([]);
}

function isOfKind(field: Field, value: unknown): boolean {
  if (value === null) return field.nullable === true;
  switch (field.kind) {
    case 'id':
      return Number.isInteger(value);
    case 'integer':
    case 'double':
      return typeof value === 'number';
    case 'boolean':
      return typeof value === 'boolean';
    case 'text':
      return typeof value === 'string' || ('orInteger' in field && Number.isInteger(value));
    case 'moment':
      if (field.wire === 'any') return typeof value === 'number' || typeof value === 'string';
      return field.wire === 'iso' ? typeof value === 'string' && !Number.isNaN(Date.parse(value)) : Number.isInteger(value);
    case 'list':
      return Array.isArray(value) && value.every((item) => isOfKind(field.of, item));
    case 'object': {
      // The author of a system tag is an empty object.
      if (Object.keys(value as object).length > 0) expectFields(field.fields, value as Record<string, unknown>);
      return true;
    }
    default:
      return true;
  }
}

function firstNumber(simulator: Simulated['simulator']) {
  return [...simulator.company.numbers.all()].find(({ recordsCalls }) => recordsCalls)!;
}

function firstCall(
  simulator: Simulated['simulator'],
  test: (call: { hasRecording: boolean; endedAt: number | null; answeredAt: number | null; id: number }) => boolean,
) {
  return [...simulator.company.calls.all()].find(test)!;
}
