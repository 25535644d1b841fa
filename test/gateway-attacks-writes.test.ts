// An agent that wants a write to happen twice, to somebody else's row, without its record, or in no record at all; and one that wants
// the gateway to stop.
import { expect, test, vi } from 'vitest';
import { everything, openGatewayLab } from './support/gateway-lab.ts';

const color = '#ff0000';
const writesTo = (lines: readonly string[]) => lines.filter((line) => !line.startsWith('GET '));

test('of twenty requests at once with one idempotency key, one token or one approval, one acts', async () => {
  const lab = await openGatewayLab({ settings: { maximumAtOnce: 50 } });
  const rules = [{ id: 'r', capability: 'teams.create', effect: 'approve', reason: '', expiresAt: null }] as const;
  const agent = await lab.addAgent('Hasty', { grants: everything(), rules, taint: false });
  const at = `/v1/contacts/${[...lab.simulator.company.contacts.all()][0]!.id}`;
  const { confirm_token: token } = (await lab.ask(agent, 'DELETE', at)).body;
  const { approval_id: approval } = (await lab.ask(agent, 'POST', '/v1/teams', { body: { name: 'New' } })).body;
  await lab.decide(approval);
  const tries = Array.from({ length: 20 }, () => [
    lab.ask(agent, 'POST', '/v1/tags', { body: { name: 'Once', color }, headers: { 'idempotency-key': 'k' } }),
    lab.ask(agent, 'DELETE', at, { headers: { 'x-confirm-token': token } }),
    lab.ask(agent, 'POST', '/v1/teams', { body: { name: 'New' }, headers: { 'x-approval-id': approval } }),
  ]);
  await Promise.all(tries.flat());
  expect(writesTo(lab.upstream()).sort()).toEqual([`DELETE ${at}`, 'POST /v1/tags', 'POST /v1/teams']);
});

test('a token, an approval and a key are worth nothing for another agent, another row, or another spelling of the same', async () => {
  const lab = await openGatewayLab();
  const one = await lab.addAgent('One', { grants: everything(), taint: false });
  const two = await lab.addAgent('Two', { grants: everything(), taint: false });
  const [first, second] = [...lab.simulator.company.contacts.all()].map(({ id }) => id);
  const { confirm_token: token } = (await lab.ask(one, 'DELETE', `/v1/contacts/${first}`)).body;
  const spent = { headers: { 'x-confirm-token': String(token) } };
  expect((await lab.ask(two, 'DELETE', `/v1/contacts/${first}`, spent)).status).toBe(409);
  expect((await lab.ask(one, 'DELETE', `/v1/contacts/${second}`, spent)).status).toBe(409);
  expect((await lab.ask(one, 'DELETE', `/v1/tags/${first}`, spent)).status).toBe(409);
  for (const odd of [
    `0${first}`,
    `+${first}`,
    `${first}.0`,
    `${first}e0`,
    `%30${first}`,
    `${first}%20`,
    `-${first}`,
    '1e3',
    '9'.repeat(30),
    '0x1',
  ]) {
    const { status } = await lab.ask(one, 'DELETE', `/v1/contacts/${odd}`, spent);
    expect([400, 404], odd).toContain(status);
  }
  expect(writesTo(lab.upstream())).toEqual([]);
});

test('ids in a body mean what they say in one spelling only, and none outside the limits gets through', async () => {
  const lab = await openGatewayLab();
  const { company } = lab.simulator;
  const [user, other] = [...company.users.all()].map(({ id }) => id);
  const [number, otherNumber] = [...company.numbers.all()].map(({ id }) => id);
  const agent = await lab.addAgent('Bound', {
    grants: everything(),
    taint: false,
    constraints: { users: { users: [String(user)] }, numbers: { numbers: [String(number)] } },
  });
  const call = [...company.calls.all()][0]!.id;
  const named: readonly unknown[] = [
    other,
    String(other),
    `0${user}`,
    `${user}.0`,
    `+${user}`,
    user! + 0.5,
    [user],
    { id: user },
    `${user} `,
    -user!,
    true,
  ];
  for (const user_id of named) {
    const { status } = await lab.insist(agent, 'POST', `/v1/calls/${call}/transfers`, { body: { user_id } });
    expect([400, 404], JSON.stringify(user_id)).toContain(status);
  }
  // Two names for two things, and one thing twice.
  for (const body of [
    '{"user_id":1,"user_id":2}',
    `{"user_id":${user},"team_id":1}`,
    `{"user_id":${user},"User_Id":${other}}`,
    `{"user_id":${user}e0}x`,
  ]) {
    expect((await lab.insist(agent, 'POST', `/v1/calls/${call}/transfers`, { body })).status, body).toBe(400);
  }
  expect(
    (await lab.insist(agent, 'POST', `/v1/users/${user}/calls`, { body: { number_id: otherNumber, to: '+33155501234' } })).status,
  ).toBe(404);
  expect((await lab.insist(agent, 'POST', `/v1/users/${other}/calls`, { body: { number_id: number, to: '+33155501234' } })).status).toBe(
    404,
  );
  expect((await lab.ask(agent, 'PUT', `/v2/users/${user}`, { body: { default_number_id: otherNumber } })).status).toBe(404);
  expect((await lab.ask(agent, 'PUT', `/v1/users/${user}`, { body: { default_number_id: otherNumber } })).status).toBe(404);
  const email = [...company.users.all()].find(({ id }) => id === other)!.email;
  expect((await lab.ask(agent, 'PUT', `/v2/users/${email}`, { body: { wrap_up_time: 5 } })).status).toBe(404);
  expect(writesTo(lab.upstream())).toEqual([]);
});

test('a client that leaves in the middle of a write does not make it unrecorded, nor free to be sent again', async () => {
  const lab = await openGatewayLab({ client: { timeoutMs: 500, retry: { attempts: 1 } } });
  const agent = await lab.addAgent('Leaver', { grants: everything(), taint: false });
  lab.simulator.faults.next({ method: 'POST' }, { kind: 'hang', after: 'nothing' });
  const gone = new AbortController();
  const key = { 'idempotency-key': 'leaver' };
  const asked = lab.ask(agent, 'POST', '/v1/tags', { body: { name: 'Left', color }, headers: key, signal: gone.signal }).catch(() => null);
  await vi.waitUntil(() => writesTo(lab.upstream()).length === 1, 3000);
  gone.abort();
  await asked;
  // The gateway waits on, so as to know the end; here it never comes.
  await vi.waitUntil(() => lab.records().some(({ phase }) => phase === 'outcome'), 3000);
  expect(lab.records().find(({ phase }) => phase === 'outcome')).toMatchObject({ outcome: { status: 'unknown' } });
  const again = await lab.ask(agent, 'POST', '/v1/tags', { body: { name: 'Left', color }, headers: key });
  expect(again.body.code).toBe('outcome_unknown');
  expect(writesTo(lab.upstream())).toHaveLength(1);
});

test('while it closes, what came before ends and is recorded, and what comes after reaches nothing', async () => {
  const lab = await openGatewayLab({ settings: { maximumAtOnce: 50 } });
  const agent = await lab.addAgent('Late', { grants: everything(), taint: false });
  const early = Array.from({ length: 5 }, (_, index) => lab.ask(agent, 'POST', '/v1/tags', { body: { name: `T${index}`, color } }));
  await vi.waitUntil(() => writesTo(lab.upstream()).length > 0);
  const closed = lab.gateway.close();
  const late = await Promise.all(Array.from({ length: 5 }, () => lab.ask(agent, 'POST', '/v1/tags', { body: { name: 'Late', color } })));
  await closed;
  for (const { body } of late) expect(body.code).toBe('shutting_down');
  await Promise.all(early);
  const of = (phase: string) => lab.records().filter((record) => record.phase === phase && record.decision?.effect === 'allow');
  expect(of('outcome')).toHaveLength(of('intent').length);
  expect(writesTo(lab.upstream())).toHaveLength(of('intent').length);
  // Those that come when the last of the others has ended, and the log is closed, are turned away without being counted.
  const told = lab.records().flatMap(({ phase, sentence }) => (phase === 'system' ? [sentence] : []));
  expect(told.filter((sentence) => !/^The gateway turned away [1-5] requests? while it stopped\.$/.test(sentence))).toEqual([]);
});

test('the largest and the oddest bodies are answered, and the gateway lives on', async () => {
  const lab = await openGatewayLab();
  const agent = await lab.addAgent('Heavy', { grants: everything(), taint: false });
  const bodies = [
    `{"name":"${'a'.repeat(250_000)}","color":"${color}"}`,
    `{"name":"${'\\u0041'.repeat(40_000)}","color":"${color}"}`,
    `{"name":${'['.repeat(100_000)}`,
    `{"name":${'{"a":'.repeat(40_000)}`,
    `[${'1,'.repeat(120_000)}1]`,
    `{${Array.from({ length: 15_000 }, (_, index) => `"a${index}":1`).join(',')}}`,
    `{"name":1e999,"color":"${color}"}`,
    `{"name":${'9'.repeat(100_000)}}`,
    `{"name":"\\u0000","color":"${color}"}`,
    `{"constructor":{"prototype":{"polluted":1}},"name":"a","color":"${color}"}`,
    'null',
    '"text"',
    ' '.repeat(250_000),
  ];
  for (const body of bodies) {
    const { status, text } = await lab.ask(agent, 'POST', '/v1/tags', { body });
    expect(status, body.slice(0, 30)).toBe(400);
    expect(text.length).toBeLessThan(2000);
  }
  expect(Reflect.get({}, 'polluted')).toBeUndefined();
  expect(writesTo(lab.upstream())).toEqual([]);
  expect((await lab.ask(agent, 'POST', '/v1/tags', { body: { name: 'Fine', color } })).status).toBe(201);
});

test('an agent that asks for ever is told so in few records, and its refusals push nobody else’s out', async () => {
  const lab = await openGatewayLab();
  const loud = await lab.addAgent('Loud');
  const quiet = await lab.addAgent('Quiet');
  for (let index = 0; index < 60; index += 1) await lab.ask(loud, 'GET', `/v1/calls/${index + 1}`);
  await lab.ask(quiet, 'GET', '/v1/calls/1');
  const of = (id: string) => lab.records().filter(({ who }) => who.agent?.id === id);
  expect(of(loud.id)).toHaveLength(10);
  expect(of(quiet.id)).toHaveLength(1);
  await lab.gateway.close();
  expect(of(loud.id)).toHaveLength(11);
  expect(of(loud.id).at(-1)?.decision?.times).toBe(50);
});

test('nobody is asked to approve more than they can read, and a second asking is the first', async () => {
  const lab = await openGatewayLab();
  const agent = await lab.addAgent('Pushy', { grants: everything(), taint: false });
  const at = (id: number) => `/v1/calls/${id}/recording`;
  const ids = new Set<string>();
  for (let index = 1; index <= 25; index += 1) {
    const { body } = await lab.ask(agent, 'DELETE', at(index));
    if (body.code === 'approval_required') ids.add(body.approval_id);
    else expect(body.code).toBe('quota_exhausted');
  }
  expect(ids.size).toBe(20);
  expect(lab.approvals.countWaiting()).toBe(20);
  const { approval_id: again } = (await lab.ask(agent, 'DELETE', at(1))).body;
  expect(ids.has(again)).toBe(true);
  expect(lab.upstream()).toEqual([]);
});

test('deleting a user waits for a person, whatever the agent confirms', async () => {
  const lab = await openGatewayLab();
  const agent = await lab.addAgent('Cleaner', { grants: everything(), taint: false });
  const { id } = lab.simulator.company.users.all()[Symbol.iterator]().next().value!;
  const first = await lab.ask(agent, 'DELETE', `/v1/users/${id}`);
  expect(first).toMatchObject({ status: 403, body: { code: 'approval_required' } });
  const early = { headers: { 'x-approval-id': String(first.body.approval_id) } };
  expect((await lab.ask(agent, 'DELETE', `/v1/users/${id}`, early)).body.code).toBe('approval_pending');
  expect(writesTo(lab.upstream())).toEqual([]);
  await lab.decide(first.body.approval_id);
  expect((await lab.ask(agent, 'DELETE', `/v1/users/${id}`, early)).status).toBe(204);
});
