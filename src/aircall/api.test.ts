import { describe, expect, test } from 'vitest';
import { api, endpoints, legacy } from './api.ts';
import type { Endpoint, Parameter } from './endpoint.ts';
import { areas, effects } from './endpoint.ts';
import { events } from './events.ts';
import type { Entity, Field, Fields } from './field.ts';

const routes = `
GET /v1/calls
GET /v1/calls/:id
GET /v1/calls/search
POST /v1/calls/:id/transfers
POST /v1/calls/:id/comments
POST /v1/calls/:id/tags
PUT /v1/calls/:id/archive
DELETE /v1/calls/:id/recording
PUT /v1/calls/:id/unarchive
DELETE /v1/calls/:id/voicemail
POST /v1/calls/:id/pause_recording
POST /v1/calls/:id/resume_recording
POST /v1/calls/:id/insight_cards
GET /v1/calls/:id/transcription
GET /v1/calls/:id/realtime_transcription
GET /v1/calls/:id/sentiments
GET /v1/calls/:id/topics
GET /v1/calls/:id/summary
GET /v1/calls/:id/action_items
GET /v1/calls/:id/playbook_result
GET /v1/calls/:id/custom_summary_result
GET /v1/calls/:id/evaluations
GET /v1/calls/:id/predicted_csat
GET /v1/users
GET /v1/users/:id
POST /v1/users
PUT /v1/users/:id
DELETE /v1/users/:id
GET /v1/users/availabilities
GET /v1/users/:id/availability
POST /v1/users/:id/calls
POST /v1/users/:id/dial
GET /v2/users
GET /v2/users/:id
POST /v2/users
PUT /v2/users/:id
GET /v2/users/:id/numbers
GET /v1/users/:id/dialer_campaign
POST /v1/users/:id/dialer_campaign
DELETE /v1/users/:id/dialer_campaign
GET /v1/users/:id/dialer_campaign/phone_numbers
POST /v1/users/:id/dialer_campaign/phone_numbers
DELETE /v1/users/:id/dialer_campaign/phone_numbers/:phone_number_id
GET /v1/teams
GET /v1/teams/:id
POST /v1/teams/:team_id/users/:user_id
POST /v1/teams
DELETE /v1/teams/:id
DELETE /v1/teams/:team_id/users/:user_id
GET /v1/numbers
GET /v1/numbers/:id
PUT /v1/numbers/:id
GET /v1/numbers/:id/registration_status
GET /v1/contacts
GET /v1/contacts/:id
POST /v1/contacts
POST /v1/contacts/:id
DELETE /v1/contacts/:id
GET /v1/contacts/search
POST /v1/contacts/:id/phone_details
PUT /v1/contacts/:id/phone_details/:phone_number_id
DELETE /v1/contacts/:id/phone_details/:phone_number_id
POST /v1/contacts/:id/email_details
PUT /v1/contacts/:id/email_details/:email_id
DELETE /v1/contacts/:id/email_details/:email_id
GET /v1/tags
POST /v1/tags
DELETE /v1/tags/:id
GET /v1/tags/:id
PUT /v1/tags/:id
GET /v1/webhooks
POST /v1/webhooks
DELETE /v1/webhooks/:webhook_id
GET /v1/webhooks/:webhook_id
PUT /v1/webhooks/:webhook_id
GET /v1/company
GET /v1/integrations/me
POST /v1/integrations/enable
POST /v1/integrations/disable
GET /v1/ping
POST /v1/oauth/token
POST /v1/numbers/:id/messages/configuration
GET /v1/numbers/:id/messages/configuration
DELETE /v1/numbers/:id/messages/configuration
POST /v1/numbers/:id/messages/send
POST /v1/numbers/:id/messages/native/send
POST /v1/numbers/:id/messages/group/send
POST /v1/numbers/:id/messages/group/native/send
POST /v1/messages/whatsapp/send
POST /v1/messages/send/whatsapp/native
GET /v1/sms/templates
GET /v1/numbers/:id/templates
GET /v1/numbers/:id/whatsapp_status
POST /v1/outbound-calls/agents/:agent_id
POST /v1/analytics/report/export
GET /v1/analytics/report/export/:id
`
  .trim()
  .split('\n');

const core = [
  'calls.list calls.retrieve calls.search calls.transfer calls.comment calls.tag calls.archive calls.deleteRecording',
  'contacts.list contacts.retrieve contacts.create contacts.update contacts.delete',
  'users.listV1 users.retrieveV1 users.createV1 users.updateV1',
  'teams.list teams.retrieve teams.addUser',
  'numbers.list numbers.retrieve numbers.update',
  'tags.list tags.create tags.delete',
  'webhooks.list webhooks.create webhooks.delete',
]
  .join(' ')
  .split(' ');

const each = endpoints.map((endpoint) => [endpoint.id, endpoint] as const);

test('every one of the 96 documented routes is described exactly once', () => {
  expect(routes).toHaveLength(96);
  expect(endpoints.map(({ method, path }) => `${method} ${path}`).toSorted()).toEqual(routes.toSorted());
});

test('an endpoint is found under its own id, and every id is its own', () => {
  const placed = Object.entries(api).flatMap(([group, methods]) =>
    Object.entries(methods as Readonly<Record<string, Endpoint>>).map(([method, { id }]) => [id, `${group}.${method}`]),
  );
  for (const [id, place] of placed) expect(id).toBe(place);
  expect(new Set(endpoints.map(({ id }) => id)).size).toBe(endpoints.length);
});

test('the 29 endpoints every integration needs are marked', () => {
  expect(endpoints.filter((endpoint) => endpoint.core).map(({ id }) => id)).toEqual(expect.arrayContaining(core));
  expect(endpoints.filter((endpoint) => endpoint.core)).toHaveLength(29);
  expect(endpoints.filter((endpoint) => endpoint.core && endpoint.effect === 'read')).toHaveLength(13);
});

test('routes of old clients are no endpoints', () => {
  const described = new Set<string>(endpoints.map(({ path }) => path));
  for (const { path, replacedBy } of legacy) {
    expect(described.has(path)).toBe(false);
    expect(endpoints.some(({ id }) => id === replacedBy)).toBe(true);
  }
});

describe.each(each)('%s', (_, endpoint) => {
  test('describes the parameters of its path, in order', () => {
    const named = [...endpoint.path.matchAll(/:(\w+)/g)].map(([, name]) => name);
    expect(Object.keys(endpoint.at ?? {})).toEqual(named);
    expect(Object.values(endpoint.at ?? {}).every(({ required }) => required)).toBe(true);
  });

  test('has an effect that fits its method', () => {
    expect(effects).toContain(endpoint.effect);
    expect(areas).toContain(endpoint.area);
    expect(endpoint.effect === 'read').toBe(endpoint.method === 'GET');
    if (endpoint.effect === 'delete') expect(endpoint.method).toBe('DELETE');
    if (endpoint.method === 'DELETE') expect(endpoint.destructive).toBe(true);
    if (endpoint.method === 'GET') expect(endpoint).not.toHaveProperty('body');
  });

  test('says how its list is turned, if it is one', () => {
    const { answer, pagination, query = {} } = endpoint;
    expect(answer.envelope === 'list').toBe(pagination !== undefined);
    if (pagination?.by === 'page') {
      expect(query['page']?.default).toBe(1);
      expect(query['per_page']).toMatchObject({ default: pagination.defaultPerPage, maximum: pagination.maximumPerPage });
    }
    if (pagination?.by === 'token') expect(Object.keys(query)).toEqual(expect.arrayContaining([pagination.token, pagination.limit]));
  });

  test('filters by a moment of its rows exactly when it takes a period', () => {
    const { answer, timeFilter, query = {} } = endpoint;
    expect('from' in query && 'to' in query).toBe(timeFilter !== undefined);
    if (timeFilter === undefined || answer.envelope !== 'list' || endpoint.id === 'users.availabilities') return;
    expect(answer.of.fields[timeFilter.field]).toMatchObject({ kind: 'moment' });
  });

  test('gives every parameter a meaning and consistent bounds', () => {
    for (const [name, parameter] of parametersOf(endpoint)) checkParameter(name, parameter);
  });

  test('names flags after fields that its answer has', () => {
    const { answer } = endpoint;
    for (const { fills = [] } of Object.values(endpoint.query ?? {})) {
      for (const field of fills) expect(answer.envelope === 'none' ? {} : answer.of.fields).toHaveProperty(field);
    }
  });

  test('names an event that exists', () => {
    if (endpoint.event !== undefined) expect(events.map(({ name }) => name)).toContain(endpoint.event);
  });

  test('answers with a body exactly when its status allows one', () => {
    if (endpoint.answer.envelope !== 'none') expect(endpoint.status).not.toBe(204);
    else expect(endpoint.status === 204 || endpoint.answerUnconfirmed).toBe(true);
  });

  test('gives every field of its answer a meaning and a name without surprises', () => {
    if (endpoint.answer.envelope !== 'none') checkEntity(endpoint.answer.of);
  });
});

test('every event carries a record whose fields have meanings', () => {
  for (const { payload } of events) checkEntity(payload.of);
});

test('Aircall’s own names for the parameters of a query reach the wire', () => {
  expect(api.calls.search.query.tags.wire).toBe('tags[]');
});

test('calls leave out the start of a period, contacts do not', () => {
  expect(api.calls.list.timeFilter).toEqual({ field: 'started_at', from: 'exclusive', to: 'inclusive' });
  expect(api.calls.search.timeFilter).toEqual(api.calls.list.timeFilter);
  expect(api.contacts.list.timeFilter).toEqual({ field: 'created_at', from: 'inclusive', to: 'inclusive' });
});

test('webhooks have no links between pages, and put meta first as contacts do', () => {
  const odd = endpoints.flatMap(({ id, pagination }) => (pagination?.by === 'page' && !pagination.links ? [id] : []));
  const metaFirst = endpoints.flatMap(({ id, pagination }) => (pagination?.by === 'page' && pagination.metaFirst ? [id] : []));
  expect(odd).toEqual(['webhooks.list']);
  expect(metaFirst).toEqual(['contacts.list', 'contacts.search', 'webhooks.list']);
});

test('what opens a way out, rings a phone or disturbs a call is marked as such', () => {
  const idsOf = (effect: string) => endpoints.filter((endpoint) => endpoint.effect === effect).map(({ id }) => id);
  expect(idsOf('egress')).toEqual([
    'webhooks.create',
    'webhooks.update',
    'messages.createConfiguration',
    'messages.send',
    'messages.sendNative',
    'messages.sendGroup',
    'messages.sendGroupNative',
    'messages.sendWhatsapp',
    'messages.sendWhatsappNative',
  ]);
  expect(idsOf('live')).toEqual([
    'calls.transfer',
    'calls.pauseRecording',
    'calls.resumeRecording',
    'calls.pushInsightCard',
    'users.startCall',
    'users.dial',
    'aiVoice.startCall',
  ]);
});

test('tokens are secrets, signed links are media', () => {
  const classed = (wanted: string) =>
    [
      ...new Set(
        endpoints.flatMap(({ answer }) => (answer.envelope === 'none' ? [] : classesIn(answer.of.name, answer.of.fields, wanted))),
      ),
    ].toSorted();
  expect(classed('secret')).toEqual(['messaging_configuration.token', 'oauth_token.access_token', 'webhook.token']);
  expect(classed('media')).toEqual([
    'call.recording',
    'call.recording_short_url',
    'call.voicemail',
    'call.voicemail_short_url',
    'group_message.media_url',
    'message.media_url',
    'report_export.downloadUrl',
  ]);
});

test('an endpoint that stands in for another answers the same list or object', () => {
  for (const { standIn, answer } of endpoints) {
    if (standIn === undefined) continue;
    const other = endpoints.find(({ id }) => id === standIn);
    expect(other?.answer).toMatchObject({ envelope: answer.envelope, key: 'key' in answer ? answer.key : undefined });
  }
});

function parametersOf({ at = {}, query = {}, body = {} }: Endpoint): readonly [string, Parameter][] {
  return [at, query, body].flatMap((parameters) => Object.entries<Parameter>(parameters));
}

function checkParameter(name: string, parameter: Parameter): void {
  const { type, meaning, values, minimum, maximum, default: initial, fields, oneOf, required } = parameter;
  expect(meaning, name).toMatch(/\S\.$/);
  if (minimum !== undefined && maximum !== undefined) expect(minimum).toBeLessThanOrEqual(maximum);
  if (values !== undefined && initial !== undefined) expect(values).toContain(initial);
  if (typeof initial === 'number') expect(type).toBe('integer');
  if (typeof initial === 'boolean') expect(type).toBe('boolean');
  if (oneOf !== undefined) expect(required, `${name} is one of several`).toBeUndefined();
  if (fields === undefined) return;
  expect(type).toMatch(/^object/);
  for (const [inner, described] of Object.entries<Parameter>(fields)) checkParameter(`${name}.${inner}`, described);
}

function checkEntity({ name, meaning, key, fields }: Entity): void {
  expect(meaning, name).toMatch(/\S\.$/);
  if (key !== undefined) expect(fields, name).toHaveProperty(key);
  checkFields(name, fields);
}

function checkFields(place: string, fields: Fields): void {
  expect(Object.keys(fields).length, place).toBeGreaterThan(0);
  for (const [name, field] of Object.entries(fields)) checkField(`${place}.${name}`, field);
}

function checkField(place: string, field: Field): void {
  expect(place).toMatch(/^[\w.]+$/);
  expect(field.meaning, place).toMatch(/\S\.$/);
  if (field.kind === 'object') checkFields(place, field.fields);
  if (field.kind === 'list') checkField(place, field.of);
}

function classesIn(place: string, fields: Fields, wanted: string): readonly string[] {
  return Object.entries(fields).flatMap(([name, field]) => {
    const inner = field.kind === 'list' ? field.of : field;
    if (field.class === wanted || inner.class === wanted) return [`${place}.${name}`];
    return inner.kind === 'object' ? classesIn(`${place}.${name}`, inner.fields, wanted) : [];
  });
}
