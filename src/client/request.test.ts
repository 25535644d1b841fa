import { expect, test } from 'vitest';
import { api, endpoints } from '../aircall/index.ts';
import type { Endpoint, Parameter, Parameters } from '../aircall/index.ts';
import { UsageError } from '../base/index.ts';
import { buildRequest, camelCase } from './request.ts';

const pathOf = (endpoint: Endpoint, at: readonly unknown[], input = {}) => buildRequest(endpoint, { at, input }).path;
const bodyOf = (endpoint: Endpoint, at: readonly unknown[], input = {}) => buildRequest(endpoint, { at, input }).body;

test('parameters go where the description says, under the names Aircall knows', () => {
  const from = new Date('2026-01-02T03:04:05.678Z');
  expect(pathOf(api.calls.search, [], { from, to: 1767322999, fetchContact: true, tags: [1, 12345678901234567890n], order: 'desc' })).toBe(
    '/v1/calls/search?order=desc&from=1767323045&to=1767322999&tags%5B%5D=1&tags%5B%5D=12345678901234567890&fetch_contact=true',
  );
  expect(bodyOf(api.calls.transfer, [7], { teamId: '12345678901234567890', dispatchingStrategy: 'random' })).toBe(
    '{"team_id":12345678901234567890,"dispatching_strategy":"random"}',
  );
  const update = buildRequest(api.webhooks.update, { at: ['a-b'], input: { eventsAction: 'add', events: ['call.ended'], active: true } });
  expect(update).toMatchObject({ path: '/v1/webhooks/a-b?events_action=add', body: '{"events":["call.ended"],"active":true}' });
});

test('a flag that is off, null or undefined is not sent in a query', () => {
  expect(pathOf(api.calls.list, [], { fetchContact: false, from: undefined, to: null })).toBe('/v1/calls');
});

test('false and null are values of their own in a body', () => {
  expect(bodyOf(api.webhooks.update, ['1'], { active: false })).toBe('{"active":false}');
  expect(bodyOf(api.numbers.update, [1], { priority: null })).toBe('{"priority":null}');
});

test('a method without parameters sends no body', () => {
  expect(buildRequest(api.calls.archive, { at: [7], input: {} })).toEqual({ path: '/v1/calls/7/archive', body: null, keyed: false });
});

test('what stands inside an object is renamed where it is described and kept where it is not', () => {
  const input = {
    reportName: 'CALLS_HISTORY',
    filter: { dateFilter: { relative: 'TODAY' }, timezone: 'Etc/UTC', teamIds: [1] },
    somethingNew: true,
  };
  expect(JSON.parse(bodyOf(api.analytics.createExport, [], { input }) ?? '')).toEqual({ input });
  expect(bodyOf(api.contacts.create, [], { phoneNumbers: [{ label: 'Work', value: '+15550100123' }], firstName: 'Test' })).toBe(
    '{"phone_numbers":[{"label":"Work","value":"+15550100123"}],"first_name":"Test"}',
  );
});

test('what goes into the path cannot leave its place', () => {
  expect(pathOf(api.users.retrieve, ['one+two@example.com'])).toBe('/v2/users/one%2Btwo@example.com');
  expect(pathOf(api.users.retrieve, ['../calls?x=1#y'])).toBe('/v2/users/..%2Fcalls%3Fx%3D1%23y');
  for (const id of ['', '.', '..', undefined, null, {}, 1.5, Number.NaN])
    expect(() => pathOf(api.users.retrieve, [id])).toThrow(UsageError);
  for (const id of ['1/2', '-1', 'abc', 2 ** 53, -1]) expect(() => pathOf(api.calls.retrieve, [id])).toThrow(UsageError);
  expect(pathOf(api.calls.retrieve, [12345678901234567890n])).toBe('/v1/calls/12345678901234567890');
});

test('a misspelt parameter is refused, because Aircall would ignore it and answer with everything', () => {
  expect(() => pathOf(api.calls.search, [], { phone: '+15550100123' })).toThrow(/there is no parameter `phone`.*phoneNumber/);
  expect(() => pathOf(api.calls.list, [], { fetch_contact: true })).toThrow(UsageError);
  expect(() => pathOf(api.calls.list, [], { order: 'ascending' })).toThrow(/`order` must be one of asc, desc/);
  expect(() => bodyOf(api.calls.comment, [7], { content: 'a', author: 1 })).toThrow(/Nothing was sent/);
});

test('moments are dates or whole seconds; milliseconds are noticed', () => {
  for (const from of [Date.now(), 1.5, Number.NaN, '2026-01-01', new Date('nonsense')]) {
    expect(() => pathOf(api.calls.list, [], { from })).toThrow(/UNIX seconds/);
  }
});

test('required parameters, exclusive ones and those that need another are checked before anything is sent', () => {
  expect(() => bodyOf(api.calls.comment, [7])).toThrow(/`content` is required/);
  expect(() => bodyOf(api.contacts.create, [], { phoneNumbers: [{ label: 'Work' }] })).toThrow(/`phoneNumbers.value` is required/);
  expect(() => bodyOf(api.calls.transfer, [7])).toThrow(/exactly one of `userId`, `teamId`, `number`/);
  expect(() => bodyOf(api.calls.transfer, [7], { userId: 1, teamId: 2 })).toThrow(/exactly one of/);
  expect(() => bodyOf(api.calls.transfer, [7], { userId: 1, dispatchingStrategy: 'random' })).toThrow(/only taken together with `teamId`/);
  expect(() => bodyOf(api.analytics.createExport, [], { input: { reportName: 'CALLS_HISTORY', filter: { dateFilter: {} } } })).toThrow(
    /exactly one of `input.filter.dateFilter.relative`/,
  );
});

test('no message repeats a value', () => {
  const secret = '+1 555-010-0123';
  const attempts = [
    () => pathOf(api.calls.list, [], { order: secret }),
    () => pathOf(api.calls.retrieve, [secret]),
    () => pathOf(api.calls.list, [], { from: secret }),
    () => bodyOf(api.calls.transfer, [7], { userId: secret }),
  ];
  for (const attempt of attempts) expect(attempt).toThrow(/^(?!.*555).*Nothing was sent\.$/);
});

test('every endpoint takes its own parameters, and only by names in camelCase', () => {
  for (const endpoint of endpoints) {
    const at = Object.values(endpoint.at ?? {}).map(sample);
    const request = buildRequest(endpoint, { at, input: { ...sampleOf(endpoint.query, endpoint), ...sampleOf(endpoint.body, endpoint) } });
    expect(request.path.split('?')[0], endpoint.id).not.toContain(':');
    const sent = Object.keys(JSON.parse(request.body ?? '{}') as object);
    expect(sent.sort(), endpoint.id).toEqual(namesOf(endpoint.body).sort());
  }
});

/** Parameters by name, of each exclusive group the first. */
function chosen(parameters: Parameters = {}): [string, Parameter][] {
  const groups = new Set<string>();
  return Object.entries(parameters).filter(([, { oneOf, onlyWith }]) => {
    if (onlyWith !== undefined || (oneOf !== undefined && groups.has(oneOf))) return false;
    if (oneOf !== undefined) groups.add(oneOf);
    return true;
  });
}

const namesOf = (parameters?: Parameters) => chosen(parameters).map(([name, { wire }]) => wire ?? name);

function sampleOf(parameters: Parameters | undefined, { pagination }: Endpoint): object {
  const turning = pagination?.by === 'token' ? pagination.token : 'page';
  return Object.fromEntries(
    chosen(parameters)
      .filter(([name]) => name !== turning)
      .map(([name, parameter]) => [camelCase(name), sample(parameter)]),
  );
}

function sample(parameter: Parameter): unknown {
  if (parameter.format === 'unix-seconds') return new Date(0);
  if (parameter.values !== undefined) return parameter.values[0];
  const samples = { id: 1, integer: 1, text: 'a', boolean: true, 'id[]': [1], 'text[]': ['a'] } as const;
  if (parameter.type === 'object' || parameter.type === 'object[]') {
    const inside = Object.fromEntries(chosen(parameter.fields).map(([name, field]) => [camelCase(name), sample(field)]));
    return parameter.type === 'object' ? inside : [inside];
  }
  return samples[parameter.type];
}
