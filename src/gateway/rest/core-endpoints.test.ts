// An ordinary HTTP client does real work on every core endpoint, through the gateway, in a simulated company.
import { expect, test } from 'vitest';
import { everything, openGatewayLab } from '../../../test/support/gateway-lab.ts';
import type { Answer, GatewayLab } from '../../../test/support/gateway-lab.ts';
import { ruledClasses } from '../policy/words.ts';
import { capabilities } from '../capabilities/capabilities.ts';

/** What a person would do with one endpoint, and what must come back. */
type Work = {
  readonly method: string;
  readonly path: (lab: GatewayLab) => string;
  readonly body?: (lab: GatewayLab) => unknown;
  readonly status: number;
  readonly shows?: (answer: Answer, lab: GatewayLab) => void;
};

const first = <T>(all: Iterable<T>): T => {
  for (const one of all) return one;
  throw new Error('The company has none.');
};
const call = ({ simulator }: GatewayLab): number => {
  for (const { id, endedAt } of simulator.company.calls.all()) if (endedAt !== null) return id;
  throw new Error('The company has no call that ended.');
};
const contact = ({ simulator }: GatewayLab): number => first(simulator.company.contacts.all()).id;
const user = ({ simulator }: GatewayLab): number => first(simulator.company.users.all()).id;
const team = ({ simulator }: GatewayLab): number => first(simulator.company.teams.all()).id;
const number = ({ simulator }: GatewayLab): number => first(simulator.company.numbers.all()).id;
const tag = ({ simulator }: GatewayLab): number => [...simulator.company.tags.all()].at(-1)!.id;
const webhook = ({ simulator }: GatewayLab): string => first(simulator.company.webhooks.all()).webhookId;
const outsider = ({ simulator }: GatewayLab): number => {
  const inside = new Set(first(simulator.company.teams.all()).userIds);
  return [...simulator.company.users.all()].find(({ id }) => !inside.has(id))!.id;
};
const ringing = ({ simulator }: GatewayLab): number => simulator.company.startCall({ direction: 'inbound' }).id;
const rows = (key: string) => (answer: Answer) => expect(answer.body[key].length).toBeGreaterThan(0);

const works: Readonly<Record<string, Work>> = {
  'calls.list': { method: 'GET', path: () => '/v1/calls?per_page=3&order=desc', status: 200, shows: rows('calls') },
  'calls.retrieve': {
    method: 'GET',
    path: (lab) => `/v1/calls/${call(lab)}?fetch_contact=true`,
    status: 200,
    shows: (answer, lab) => expect(answer.body.call.id).toBe(call(lab)),
  },
  'calls.search': { method: 'GET', path: () => '/v1/calls/search?direction=inbound', status: 200, shows: rows('calls') },
  'calls.transfer': {
    method: 'POST',
    path: (lab) => `/v1/calls/${ringing(lab)}/transfers`,
    body: (lab) => ({ user_id: user(lab) }),
    status: 204,
  },
  'calls.comment': {
    method: 'POST',
    path: (lab) => `/v1/calls/${call(lab)}/comments`,
    body: () => ({ content: 'Called back.' }),
    status: 201,
    shows: (_answer, lab) => expect(lab.simulator.company.calls.get(call(lab))!.comments.at(-1)!.content).toBe('Called back.'),
  },
  'calls.tag': { method: 'POST', path: (lab) => `/v1/calls/${call(lab)}/tags`, body: (lab) => ({ tags: [tag(lab)] }), status: 201 },
  'calls.archive': { method: 'PUT', path: (lab) => `/v1/calls/${call(lab)}/archive`, status: 200 },
  'calls.deleteRecording': { method: 'DELETE', path: (lab) => `/v1/calls/${call(lab)}/recording`, status: 204 },
  'contacts.list': { method: 'GET', path: () => '/v1/contacts?order_by=updated_at', status: 200, shows: rows('contacts') },
  'contacts.retrieve': { method: 'GET', path: (lab) => `/v1/contacts/${contact(lab)}`, status: 200 },
  'contacts.create': {
    method: 'POST',
    path: () => '/v1/contacts',
    body: () => ({ first_name: 'Ada', phone_numbers: [{ label: 'Work', value: '+33155555501' }] }),
    status: 201,
    shows: (answer) => expect(answer.body.contact).toMatchObject({ first_name: 'Ada' }),
  },
  'contacts.update': {
    method: 'POST',
    path: (lab) => `/v1/contacts/${contact(lab)}`,
    body: () => ({ company_name: 'Acme' }),
    status: 200,
  },
  'contacts.delete': {
    method: 'DELETE',
    path: (lab) => `/v1/contacts/${contact(lab)}`,
    status: 204,
  },
  'users.listV1': { method: 'GET', path: () => '/v1/users', status: 200, shows: rows('users') },
  'users.retrieveV1': { method: 'GET', path: (lab) => `/v1/users/${user(lab)}`, status: 200 },
  'users.createV1': {
    method: 'POST',
    path: () => '/v1/users',
    body: () => ({ email: 'ada@acme.example', first_name: 'Ada', last_name: 'Byron' }),
    status: 201,
  },
  'users.updateV1': { method: 'PUT', path: (lab) => `/v1/users/${user(lab)}`, body: () => ({ first_name: 'Grace' }), status: 200 },
  'teams.list': { method: 'GET', path: () => '/v1/teams', status: 200, shows: rows('teams') },
  'teams.retrieve': { method: 'GET', path: (lab) => `/v1/teams/${team(lab)}`, status: 200 },
  'teams.addUser': { method: 'POST', path: (lab) => `/v1/teams/${team(lab)}/users/${outsider(lab)}`, status: 201 },
  'numbers.list': { method: 'GET', path: () => '/v1/numbers', status: 200, shows: rows('numbers') },
  'numbers.retrieve': { method: 'GET', path: (lab) => `/v1/numbers/${number(lab)}`, status: 200 },
  'numbers.update': { method: 'PUT', path: (lab) => `/v1/numbers/${number(lab)}`, body: () => ({ priority: 1 }), status: 200 },
  'tags.list': { method: 'GET', path: () => '/v1/tags', status: 200, shows: rows('tags') },
  'tags.create': { method: 'POST', path: () => '/v1/tags', body: () => ({ name: 'Asked twice', color: '#00B388' }), status: 201 },
  'tags.delete': { method: 'DELETE', path: (lab) => `/v1/tags/${tag(lab)}`, status: 204 },
  'webhooks.list': {
    method: 'GET',
    path: () => '/v1/webhooks',
    status: 200,
    shows: (answer) => {
      rows('webhooks')(answer);
      expect(answer.text).not.toContain('"token":"');
    },
  },
  'webhooks.create': {
    method: 'POST',
    path: () => '/v1/webhooks',
    body: () => ({ url: 'https://hooks.acme.example/aircall', events: ['call.created'] }),
    status: 201,
  },
  'webhooks.delete': { method: 'DELETE', path: (lab) => `/v1/webhooks/${webhook(lab)}`, status: 204 },
};

test('there is work for every core endpoint that agents may have', () => {
  const core = capabilities.filter(({ endpoint }) => endpoint.core === true).map(({ id }) => id);
  expect(Object.keys(works).sort()).toEqual(core.sort());
  expect(core).toHaveLength(29);
});

test.each(Object.entries(works))('%s works through the gateway for an agent with the grants, and is told in the log', async (id, work) => {
  const lab = await openGatewayLab();
  const fields = ruledClasses.map((ruled) => ({ area: null, class: ruled, treatment: 'show' as const }));
  const agent = await lab.addAgent('Worker', { grants: everything(), fields, text: 'in_place', taint: false });
  await lab.changePolicy(() => ({ webhookHosts: ['hooks.acme.example'] }));
  const path = work.path(lab);
  const body = work.body?.(lab);
  const answer = await lab.insist(agent, work.method, path, { body });
  expect(answer.text).not.toContain('"error"');
  expect(answer.status).toBe(work.status);
  work.shows?.(answer, lab);

  const told = lab.records();
  expect(told.slice(-2).map(({ phase, what }) => `${phase} ${what.capability ?? ''}`)).toEqual([`intent ${id}`, `outcome ${id}`]);
  expect(told.at(-1)!.outcome).toMatchObject({ status: 'ok', upstreamStatus: answer.status });
  expect(told.at(-1)!.callId).toBe(told.at(-2)!.callId);
  const acts = lab.simulator.requests.entries.filter(({ endpoint }) => endpoint === id);
  expect(acts).toHaveLength(1);
});

test.each(Object.entries(works))('%s is refused to an agent without grants, and nothing reaches Aircall', async (id, work) => {
  const lab = await openGatewayLab();
  const agent = await lab.addAgent('Nobody');
  const answer = await lab.ask(agent, work.method, work.path(lab), { body: work.body?.(lab) });
  expect(answer.status).toBe(403);
  expect(answer.body).toMatchObject({ error: 'Forbidden', code: 'not_granted' });
  expect(lab.upstream()).toEqual([]);
  expect(lab.records()).toMatchObject([{ phase: 'intent', what: { capability: id }, decision: { effect: 'deny', code: 'not_granted' } }]);
});
