// Every case in which an agent gets no as an answer: by a real HTTP client, against a simulated Aircall. Each has its status and
// code, its record, and, where nothing may have happened, no request behind it.
import { expect, test, vi } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { everything, openGatewayLab } from '../../../test/support/gateway-lab.ts';
import type { Answer, AskOptions, GatewayLab, LabAgent, LabOptions } from '../../../test/support/gateway-lab.ts';
import { createInProcessBudget } from '../../client/index.ts';
import { setStatus } from '../agents/edits.ts';
import type { Agent } from '../policy/types.ts';

const free = { grants: everything(), taint: false } as const;

async function open(changes: Partial<Agent> = free, options: LabOptions = {}): Promise<{ lab: GatewayLab; agent: LabAgent }> {
  const lab = await openGatewayLab({ ...options, client: { retry: { attempts: 1 }, ...options.client } });
  return { lab, agent: await lab.addAgent('Worker', changes) };
}

const firstCall = ({ simulator }: GatewayLab): number => {
  for (const { id, endedAt } of simulator.company.calls.all()) if (endedAt !== null) return id;
  throw new Error('The company has no call that ended.');
};
const firstTag = ({ simulator }: GatewayLab): number => [...simulator.company.tags.all()].at(-1)!.id;

const deletions = (lab: GatewayLab): number => lab.upstream().filter((request) => request.startsWith('DELETE')).length;

function told(lab: GatewayLab): readonly string[] {
  return lab.records().map(({ phase, decision, outcome }) => {
    const decided = decision === null ? '' : ` ${decision.effect}${decision.code === null ? '' : ` ${decision.code}`}`;
    return `${phase}${decided}${outcome === null ? '' : ` → ${outcome.status}`}`;
  });
}

/** Of our own making, in Aircall's shape, and nothing else in the headers. */
function expectRefusal(answer: Answer, status: number, code: string): void {
  expect({ status: answer.status, code: answer.body?.code }).toEqual({ status, code });
  expect(answer.body).toMatchObject({ error: expect.any(String), troubleshoot: expect.any(String), decision_id: expect.any(String) });
  expect(Object.keys(answer.body)).toContain('fix');
  expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
  expect(answer.headers['x-gateway-decision']).toBe(answer.body.decision_id);
}

// ---- who

const strangers: readonly (readonly [string, (agent: LabAgent) => string | null])[] = [
  ['no key', () => null],
  ['an unknown key', ({ key }) => `Bearer ${key.slice(0, 9)}0000000000000000${key.slice(25)}`],
  ['a key with another secret', ({ key }) => `Bearer ${key.slice(0, -12)}AAA${key.slice(-9)}`],
  ['something that is no key', () => 'Bearer hello'],
  ['a scheme nobody knows', ({ key }) => `Token ${key}`],
  ['a key under the name of another agent', ({ key }) => `Basic ${Buffer.from(`ag_other:${key}`).toString('base64')}`],
  ['a key without a name in Basic', ({ key }) => `Basic ${Buffer.from(`:${key}`).toString('base64')}`],
  ['Basic without a colon', ({ key }) => `Basic ${Buffer.from(key).toString('base64')}`],
];

test.each(strangers)('with %s: 401, told how to come in, recorded, and nothing of the key in the log', async (_name, authorization) => {
  const { lab, agent } = await open();
  const answer = await lab.ask(agent, 'GET', '/v1/calls', { authorization: authorization(agent) });
  expectRefusal(answer, 401, 'unauthenticated');
  expect(answer.headers['www-authenticate']).toContain('Basic realm=');
  expect(told(lab)).toEqual(['auth deny unauthenticated']);
  expect(lab.records()[0]!.who).toMatchObject({ agent: null, ip: '127.0.0' });
  expect(JSON.stringify(lab.records())).not.toContain(agent.key.slice(26, 60));
  expect(lab.upstream()).toEqual([]);
});

test('a revoked key and an expired one are told apart in the log, and not in the answer', async () => {
  const { lab, agent } = await open();
  const short = await lab.desk.issueKey(agent.id, {
    terms: { expiresAt: new Date(lab.clock.now() + 1000).toISOString(), addresses: null },
    overlapMs: null,
  });
  const keyId = agent.key.split('_')[2]!;
  await lab.desk.revokeKey(keyId);
  await lab.clock.advance(2000);
  const revoked = await lab.ask(agent, 'GET', '/v1/calls');
  const expired = await lab.ask({ ...agent, key: short.key.key.reveal() }, 'GET', '/v1/calls');
  expectRefusal(revoked, 401, 'unauthenticated');
  expectRefusal(expired, 401, 'unauthenticated');
  expect(expired.body.troubleshoot).toBe(revoked.body.troubleshoot);
  const [first, second] = lab.records();
  expect(first!.decision!.rule.text).not.toBe(second!.decision!.rule.text);
  expect(first!.who.keyId).toBe(keyId);
});

test('an agent that is paused gets 403 at its next request', async () => {
  const { lab, agent } = await open();
  expect((await lab.ask(agent, 'GET', '/v1/tags')).status).toBe(200);
  await lab.desk.change((policy) => setStatus(policy, policy.agents[agent.id]!, 'paused'));
  expectRefusal(await lab.ask(agent, 'GET', '/v1/tags'), 403, 'agent_inactive');
  expectRefusal(await lab.ask(agent, 'GET', '/v1/%2e%2e/tags'), 403, 'agent_inactive');
  expect(told(lab).slice(2)).toEqual(['intent deny agent_inactive', 'intent deny agent_inactive']);
  expect(lab.upstream()).toHaveLength(1);
});

test('an agent that is revoked, and its keys with it, is a stranger at its next request', async () => {
  const { lab, agent } = await open();
  expect((await lab.ask(agent, 'GET', '/v1/tags')).status).toBe(200);
  await lab.desk.revoke(agent.id);
  expectRefusal(await lab.ask(agent, 'GET', '/v1/tags'), 401, 'unauthenticated');
  expect(lab.records().at(-1)!.who.keyId).toBe(agent.key.split('_')[2]);
  expect(lab.upstream()).toHaveLength(1);
});

test.each([
  ['another host', { host: 'evil.example' }],
  ['a web page', { origin: 'https://evil.example' }],
  ['no page in particular', { origin: 'null' }],
])('a request by %s is turned away before its key is looked at', async (_name, headers) => {
  const { lab, agent } = await open();
  expectRefusal(await lab.ask(agent, 'GET', '/v1/calls', { headers }), 403, 'bad_origin');
  expect(told(lab)).toEqual(['auth deny bad_origin']);
});

// ---- what it says

const malformed: readonly (readonly [string, string, string, AskOptions?])[] = [
  ['a doubled query key', 'GET', '/v1/calls?page=1&page=2'],
  ['an encoded slash', 'GET', '/v1/calls%2F1'],
  ['a double slash', 'GET', '/v1//calls'],
  ['a dot segment', 'GET', '/v1/users/../calls'],
  ['an encoded dot segment', 'GET', '/v1/users/%2e%2e/calls'],
  ['a doubly encoded path', 'GET', '/v1/calls/%2531'],
  ['matrix parameters', 'GET', '/v1/calls;x=1'],
  ['a backslash', 'GET', '/v1\\calls'],
  ['another method in the query', 'POST', '/v1/calls?_method=DELETE'],
  ['a body that is too large', 'POST', '/v1/tags', { body: JSON.stringify({ name: 'x'.repeat(256 * 1024) }) }],
  ['another content type', 'POST', '/v1/tags', { body: 'name=x', headers: { 'content-type': 'application/x-www-form-urlencoded' } }],
  ['a multipart body', 'POST', '/v1/tags', { body: '--x--', headers: { 'content-type': 'multipart/form-data; boundary=x' } }],
  ['JSON in UTF-16', 'POST', '/v1/tags', { body: '{}', headers: { 'content-type': 'application/json; charset=utf-16' } }],
  ['a compressed body', 'POST', '/v1/tags', { body: '{}', headers: { 'content-encoding': 'gzip' } }],
  ['no JSON', 'POST', '/v1/tags', { body: '{"name":' }],
  ['a list for a body', 'POST', '/v1/tags', { body: '[]' }],
  ['a name twice', 'POST', '/v1/tags', { body: '{"name":"a","n\\u0061me":"b","color":"#000000"}' }],
  ['deep nesting', 'POST', '/v1/tags', { body: `{"name":${'['.repeat(50)}${']'.repeat(50)}}` }],
  ['a body on a read', 'GET', '/v1/tags', { body: '{}' }],
  ['an overriding method', 'POST', '/v1/tags', { body: '{}', headers: { 'x-http-method-override': 'DELETE' } }],
  ['an overriding address', 'GET', '/v1/tags', { headers: { 'x-original-url': '/v1/calls' } }],
  ['another overriding address', 'GET', '/v1/tags', { headers: { 'x-rewrite-url': '/v1/calls' } }],
  ['a switch of protocols', 'GET', '/v1/tags', { headers: { connection: 'upgrade', upgrade: 'h2c' } }],
  ['a dry run spelt in another way', 'DELETE', '/v1/tags/1', { headers: { 'x-dry-run': 'yes' } }],
  ['a parameter nobody knows', 'GET', '/v1/calls?pages=1'],
  ['a value of another type', 'GET', '/v1/calls?page=one'],
  ['a missing field', 'POST', '/v1/tags', { body: { name: 'x' } }],
  ['a field nobody knows', 'POST', '/v1/tags', { body: { name: 'x', color: '#000000', admin: true } }],
  ['a key in the address', 'GET', '/v1/calls?api_token=acg_test_0'],
];

test.each(malformed.map(([name, method, path, options = {}]) => ({ name, method, path, options })))(
  '$name: 400, recorded without what was sent, and nothing reaches Aircall',
  async ({ method, path, options }) => {
    const { lab, agent } = await open();
    const answer = await lab.ask(agent, method, path, options);
    expectRefusal(answer, 400, 'invalid_request');
    expect(told(lab)).toEqual(['intent deny invalid_request']);
    expect(lab.upstream()).toEqual([]);
  },
);

test.each([
  ['GET', '/v1/nothing'],
  ['GET', '/'],
  ['GET', '/v1/calls/'],
  ['PATCH', '/v1/tags/1'],
  ['HEAD', '/v1/calls'],
  ['OPTIONS', '/v1/calls'],
  ['TRACE', '/v1/calls'],
  ['GET', '/v1/calls/abc'],
  ['POST', '/v1/oauth/token'],
  ['GET', '/v1/integrations/me'],
  ['GET', '/V1/calls'],
])('%s %s is no route: 404 and recorded', async (method, path) => {
  const { lab, agent } = await open();
  const answer = await lab.ask(agent, method, path);
  if (path === '/v1/calls/' || path === '/') expectRefusal(answer, 400, 'invalid_request');
  else {
    expect(answer.status).toBe(404);
    if (method !== 'HEAD') expectRefusal(answer, 404, 'unknown_capability');
    expect(told(lab)).toEqual(['intent deny unknown_capability']);
  }
  expect(lab.upstream()).toEqual([]);
});

// ---- whether

test('what is not granted: 403 with what would help', async () => {
  const { lab, agent } = await open({ grants: { tags: 'read' } });
  const answer = await lab.ask(agent, 'DELETE', `/v1/tags/${firstTag(lab)}`);
  expectRefusal(answer, 403, 'not_granted');
  expect(answer.body.fix).toBe('Ask an owner for Full use on Tags.');
  expect(lab.records()[0]!.sentence).toMatch(/^Worker tried to delete tag \d+\. Denied: Tags is set to Read/);
});

test('a rule and a company rule forbid: 403 with their text', async () => {
  const rule = { id: 'r1', capability: 'tags.delete', effect: 'deny', reason: 'Tags are forever', expiresAt: null } as const;
  const { lab, agent } = await open({ ...free, rules: [rule] });
  expectRefusal(await lab.ask(agent, 'DELETE', `/v1/tags/${firstTag(lab)}`), 403, 'forbidden_by_rule');
  await lab.changePolicy(() => ({ guardrails: [{ id: 'g1', forbids: { area: 'tags' }, text: 'Tags are left alone' }] }));
  const answer = await lab.ask(agent, 'GET', '/v1/tags');
  expectRefusal(answer, 403, 'forbidden_by_guardrail');
  expect(answer.body.troubleshoot).toBe('Company rule: Tags are left alone.');
  expect(lab.upstream()).toEqual([]);
});

test('outside the agent’s hours: 403', async () => {
  const hours = { days: [6, 7], from: '09:00', to: '17:00', timeZone: 'UTC' };
  const { lab, agent } = await open({ ...free, constraints: { calls: { hours } } });
  expectRefusal(await lab.ask(agent, 'GET', '/v1/calls'), 403, 'outside_hours');
});

test('searching by what is masked: 403', async () => {
  const { lab, agent } = await open({ ...free, fields: [{ area: null, class: 'phone', treatment: 'mask' }] });
  expectRefusal(await lab.ask(agent, 'GET', '/v1/calls/search?phone_number=%2B33155555501'), 403, 'filter_not_allowed');
  expect(JSON.stringify(lab.records())).not.toContain('33155555501');
});

test('a row outside the limits and one that does not exist look the same, cost the same, and are told apart in the log', async () => {
  const { lab, agent } = await open();
  const users = [...lab.simulator.company.calls.all()].filter(({ userId }) => userId !== null);
  const mine = users[0]!;
  const other = users.find(({ userId }) => userId !== mine.userId)!;
  await lab.changePolicy((policy) => ({
    agents: { ...policy.agents, [agent.id]: { ...policy.agents[agent.id]!, constraints: { calls: { users: [String(mine.userId)] } } } },
  }));
  expect((await lab.ask(agent, 'GET', `/v1/calls/${mine.id}`)).status).toBe(200);

  const shape = ({ status, headers, body }: Answer) => {
    const { date: _date, 'x-gateway-decision': _decision, 'x-aircallapi-remaining': _remaining, ...same } = headers;
    return { status, headers: same, body: { ...body, decision_id: '' } };
  };
  const asks: readonly (readonly [string, string, AskOptions?])[] = [
    ['GET', ''],
    ['PUT', '/archive'],
    ['POST', '/comments', { body: { content: 'Hello.' } }],
  ];
  for (const [method, path, options] of asks) {
    const before = lab.upstream().length;
    const hidden = await lab.ask(agent, method, `/v1/calls/${other.id}${path}`, options);
    const between = lab.upstream().length;
    const absent = await lab.ask(agent, method, `/v1/calls/987654321${path}`, options);
    expectRefusal(hidden, 404, 'not_found');
    expect(shape(hidden)).toEqual(shape(absent));
    expect(between - before).toBe(lab.upstream().length - between);
    // Nothing was done to it.
    expect(
      lab
        .upstream()
        .slice(before)
        .every((request) => request.startsWith('GET ')),
    ).toBe(true);
    const [, wasHidden, , wasAbsent] = lab.records().slice(-4);
    expect(wasHidden).toMatchObject({
      phase: 'outcome',
      outcome: { status: 'hidden' },
      decision: { effect: 'deny', code: 'outside_constraint' },
    });
    expect(wasAbsent).toMatchObject({ phase: 'outcome', outcome: { status: 'upstream_error', upstreamStatus: 404 } });
  }
  // A copy at hand for somebody else is no shortcut that tells it exists.
  const free_ = await lab.addAgent('Free', free);
  await lab.ask(free_, 'GET', `/v1/calls/${other.id}`);
  const before = lab.upstream().length;
  await lab.ask(agent, 'GET', `/v1/calls/${other.id}`);
  expect(lab.upstream().length).toBe(before + 1);
});

// ---- friction

test('an approval is asked for, waits, is refused by a person; another is approved once, and once only', async () => {
  const { lab, agent } = await open();
  const path = `/v1/calls/${firstCall(lab)}/recording`;
  const asked = await lab.ask(agent, 'DELETE', path);
  expectRefusal(asked, 403, 'approval_required');
  const id: string = asked.body.approval_id;
  expect(asked.body.fix).toBe(
    `Ask a person to approve request ${id}, then send the very same request again with it. The id goes into the header X-Approval-Id.`,
  );
  const withIt = { headers: { 'x-approval-id': id } };
  const pending = await lab.ask(agent, 'DELETE', path, withIt);
  expectRefusal(pending, 403, 'approval_pending');
  expect(pending.headers['retry-after']).toBe('30');
  expect(pending.body.fix).toMatch(/^Wait until a person has decided, .* The id goes into the header X-Approval-Id\.$/);
  await lab.decide(id, 'refuse');
  expectRefusal(await lab.ask(agent, 'DELETE', path, withIt), 403, 'approval_refused');
  expect(lab.upstream()).toEqual([]);

  const second: string = (await lab.ask(agent, 'DELETE', path)).body.approval_id;
  await lab.decide(second);
  const elsewhere = await lab.ask(agent, 'DELETE', path.replace('recording', 'voicemail'), { headers: { 'x-approval-id': second } });
  expect(elsewhere.status).toBe(403);
  expect((await lab.ask(agent, 'DELETE', path, { headers: { 'x-approval-id': second } })).status).toBe(204);
  expect((await lab.ask(agent, 'DELETE', path, { headers: { 'x-approval-id': second } })).body).toMatchObject({
    code: 'approval_expired',
    fix: 'Send the same request again without an approval, to ask a person anew.',
  });
  expect(lab.upstream()).toHaveLength(1);
  expect(lab.records().find(({ outcome }) => outcome?.status === 'ok')!.sentence).toMatch(
    /^Worker deleted the recording of call \d+\. Approved by Otto\. Allowed: /,
  );
});

test('an approval that nobody gave in time is worth nothing', async () => {
  const { lab, agent } = await open();
  const path = `/v1/calls/${firstCall(lab)}/recording`;
  const { approval_id: id } = (await lab.ask(agent, 'DELETE', path)).body;
  await lab.clock.advance(16 * 60_000);
  expectRefusal(await lab.ask(agent, 'DELETE', path, { headers: { 'x-approval-id': id } }), 403, 'approval_expired');
  expect(lab.upstream()).toEqual([]);
});

test('a deletion must be confirmed; a confirmation counts for the very request, once', async () => {
  const { lab, agent } = await open();
  const [one, two] = [...lab.simulator.company.tags.all()].slice(-2).map(({ id }) => id);
  const asked = await lab.ask(agent, 'DELETE', `/v1/tags/${one}`);
  expectRefusal(asked, 428, 'confirm_required');
  expect(asked.body.sentence).toBe(`Worker asks to delete tag ${one}.`);
  expect(asked.body.row.id).toBe(one);
  expect(asked.body.fix).toBe('Send the very same request again with the confirm token. The token goes into the header X-Confirm-Token.');
  const headers = { 'x-confirm-token': asked.body.confirm_token };
  expectRefusal(await lab.ask(agent, 'DELETE', `/v1/tags/${two}`, { headers }), 409, 'confirm_invalid');
  expectRefusal(await lab.ask(agent, 'DELETE', `/v1/tags/${one}`, { headers: { 'x-confirm-token': 'forged' } }), 409, 'confirm_invalid');
  expect(deletions(lab)).toBe(0);
  expect((await lab.ask(agent, 'DELETE', `/v1/tags/${one}`, { headers })).status).toBe(204);
  expectRefusal(await lab.ask(agent, 'DELETE', `/v1/tags/${one}`, { headers }), 409, 'confirm_invalid');
  expect(deletions(lab)).toBe(1);
  // There is nothing to confirm about what is not there.
  expectRefusal(await lab.ask(agent, 'DELETE', `/v1/tags/${one}`), 404, 'not_found');
});

test('ten confirmations at once act once', async () => {
  const { lab, agent } = await open(free, { settings: { maximumAtOnce: 20 } });
  const path = `/v1/tags/${firstTag(lab)}`;
  const headers = { 'x-confirm-token': (await lab.ask(agent, 'DELETE', path)).body.confirm_token };
  const answers = await Promise.all(Array.from({ length: 10 }, () => lab.ask(agent, 'DELETE', path, { headers })));
  expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([204, ...Array.from({ length: 9 }, () => 409)]);
  expect(deletions(lab)).toBe(1);
});

test('an idempotency key gives the first answer again, and refuses another request', async () => {
  const { lab, agent } = await open();
  const headers = { 'idempotency-key': 'k1' };
  const path = `/v1/calls/${firstCall(lab)}/comments`;
  const first = await lab.ask(agent, 'POST', path, { headers, body: { content: 'Once.' } });
  const again = await lab.ask(agent, 'POST', path, { headers, body: { content: 'Once.' } });
  expect([first.status, again.status]).toEqual([201, 201]);
  expect(again.body).toEqual(first.body);
  expect(again.headers['x-gateway-replayed']).toBe('1');
  expectRefusal(await lab.ask(agent, 'POST', path, { headers, body: { content: 'Twice.' } }), 422, 'idempotency_mismatch');
  expect(lab.upstream().filter((request) => request.startsWith('POST'))).toHaveLength(1);
  expect(lab.records().some(({ outcome, decision }) => outcome?.status === 'replayed' && decision?.idempotency === 'replay')).toBe(true);
});

test('under a key that still runs: 409; after a timeout the outcome is unknown, and stays so under that key', async () => {
  const { lab, agent } = await open(free, { client: { timeoutMs: 2000 } });
  lab.simulator.faults.next({ endpoint: 'calls.comment' }, { kind: 'hang', after: 'nothing' });
  const asked = { headers: { 'idempotency-key': 'k1' }, body: { content: 'Once.' } };
  const path = `/v1/calls/${firstCall(lab)}/comments`;
  const first = lab.ask(agent, 'POST', path, asked);
  await vi.waitUntil(() => lab.upstream().length === 1);
  expectRefusal(await lab.ask(agent, 'POST', path, asked), 409, 'idempotency_in_progress');
  const unknown = await first;
  expectRefusal(unknown, 504, 'outcome_unknown');
  expect(unknown.body.fix).toBe('Look before sending it again.');
  expectRefusal(await lab.ask(agent, 'POST', path, asked), 504, 'outcome_unknown');
  expect(lab.upstream()).toHaveLength(1);
  expect(told(lab)).toContain('outcome allow → unknown');
});

// ---- budget and caps

test('when the turn does not come in time: 429 with when to come back and the agent’s own share, and nothing is sent', async () => {
  const clock = new FakeClock();
  const budget = createInProcessBudget({ clock, requestsPerMinute: 12, reserve: 0 });
  const { lab, agent } = await open(free, { client: { budget } });
  const answers: Answer[] = [];
  for (let id = 1; id <= 12; id += 1) answers.push(await lab.ask(agent, 'GET', `/v1/tags/${id}`));
  expect(answers.map(({ headers }) => headers['x-aircallapi-remaining'])).toEqual(
    Array.from({ length: 12 }, (_, index) => String(11 - index)),
  );
  expect(answers[0]!.headers['x-aircallapi-limit']).toBe('12');
  const late = lab.ask(agent, 'GET', '/v1/tags/13');
  await vi.waitUntil(() => lab.clock.sleeps.filter((delayMs) => delayMs === 8000).length === 13);
  await lab.clock.advance(8000);
  const answer = await late;
  expectRefusal(answer, 429, 'budget_exhausted');
  expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
  expect(lab.upstream()).toHaveLength(12);
  expect(lab.records().at(-1)).toMatchObject({ phase: 'outcome', outcome: { status: 'budget_exhausted', requests: 0 } });
});

test('who waits in vain is told its place in the line, costs nothing, and leaves the line', async () => {
  const clock = new FakeClock();
  const budget = createInProcessBudget({ clock, requestsPerMinute: 1, reserve: 0 });
  const share = { weight: 1, burst: 0, maximumRequestsPerDay: 5 };
  const { lab, agent } = await open({ ...free, budget: share }, { client: { budget } });
  const other = await lab.addAgent('Other', { ...free, budget: share });
  expect((await lab.ask(other, 'GET', '/v1/tags')).status).toBe(200);
  const waits = () => lab.clock.sleeps.filter((delayMs) => delayMs === 8000).length;
  const late: Promise<Answer>[] = [];
  for (const [who, id] of [
    [agent, 2],
    [agent, 3],
    [other, 4],
  ] as const) {
    const before = waits();
    late.push(lab.ask(who, 'GET', `/v1/tags/${id}`));
    await vi.waitUntil(() => waits() === before + 1);
  }
  await lab.clock.advance(8000);
  const answers = await Promise.all(late);
  for (const answer of answers) expectRefusal(answer, 429, 'budget_exhausted');
  // The first leaves first: it was next. Each that leaves makes the line shorter.
  expect(answers.map(({ body }) => [Number(body.queue_position), Number(body.queue_length)])).toEqual([
    [1, 3],
    [1, 2],
    [1, 1],
  ]);
  expect(answers[0]!.body.troubleshoot).toContain('number 1 of 3 in line');
  expect(lab.upstream()).toHaveLength(1);
  // Of its five requests a day none is gone.
  expect(answers[0]!.headers['x-gateway-daily-remaining']).toBe('5');
  expect(lab.database.read(() => lab.database.prepare('SELECT requests FROM agent_requests ORDER BY requests').all())).toMatchObject([
    { requests: 0 },
    { requests: 1 },
  ]);
});

test('a daily cap on requests: 429 in every area, answers from the cache count, refusals do not, and tomorrow it goes on', async () => {
  const { lab, agent } = await open({
    ...free,
    grants: { tags: 'read', teams: 'read' },
    budget: { weight: 1, burst: 5, maximumRequestsPerDay: 3 },
  });
  const first = await lab.ask(agent, 'GET', '/v1/tags');
  expect([first.status, first.headers['x-gateway-daily-limit'], first.headers['x-gateway-daily-remaining']]).toEqual([200, '3', '2']);
  expectRefusal(await lab.ask(agent, 'GET', '/v1/contacts'), 403, 'not_granted');
  expect((await lab.ask(agent, 'GET', '/v1/tags')).headers).toMatchObject({
    'x-gateway-source': 'cache',
    'x-gateway-daily-remaining': '1',
  });
  expect((await lab.ask(agent, 'GET', '/v1/teams')).status).toBe(200);
  for (const path of ['/v1/teams', '/v1/tags']) expectRefusal(await lab.ask(agent, 'GET', path), 429, 'quota_exhausted');
  expect(lab.upstream()).toHaveLength(2);
  await lab.clock.advance(86_400_000);
  expect((await lab.ask(agent, 'GET', '/v1/teams')).status).toBe(200);
});

test('who has used up the day is told to come back when it ends (UTC), and that nothing is left until then', async () => {
  const budget = createInProcessBudget({ clock: new FakeClock(), requestsPerMinute: 40, reserve: 0 });
  const limits = { budget: { weight: 1, burst: 5, maximumRequestsPerDay: 1 } };
  const { lab, agent } = await open({ ...free, ...limits }, { client: { budget } });
  expect((await lab.ask(agent, 'GET', '/v1/tags')).headers['x-aircallapi-remaining']).toBe('0');
  const refused = await lab.ask(agent, 'GET', '/v1/tags');
  expectRefusal(refused, 429, 'quota_exhausted');
  expect(refused.body.troubleshoot).toBe('Worker has sent its 1 request for today.');
  const nextDayMs = lab.clock.now() + 12 * 3_600_000;
  expect(refused.headers).toMatchObject({
    'retry-after': String((nextDayMs - lab.clock.now()) / 1000),
    'x-aircallapi-limit': '40',
    'x-aircallapi-remaining': '0',
    'x-aircallapi-reset': String(nextDayMs / 1000),
  });
});

test('of many requests at once no more get through than the day has left', async () => {
  const { lab, agent } = await open({ ...free, budget: { weight: 1, burst: 5, maximumRequestsPerDay: 3 } });
  const answers = await Promise.all([1, 2, 3, 4, 5, 6].map((id) => lab.ask(agent, 'GET', `/v1/tags/${id}`)));
  expect(answers.filter(({ body }) => body.code === 'quota_exhausted')).toHaveLength(3);
  expect(lab.upstream()).toHaveLength(3);
});

test('who leaves once its request is on its way has used it up all the same', async () => {
  const { lab, agent } = await open({ ...free, budget: { weight: 1, burst: 5, maximumRequestsPerDay: 1 } });
  lab.simulator.faults.next({ endpoint: 'tags.list' }, { kind: 'hang', after: 'nothing', forMs: 1000 });
  const leaving = new AbortController();
  const asked = lab.ask(agent, 'GET', '/v1/tags', { signal: leaving.signal }).catch(() => 'left');
  await vi.waitUntil(() => lab.upstream().length === 1);
  leaving.abort();
  await asked;
  await vi.waitUntil(() => lab.records().length === 2);
  expectRefusal(await lab.ask(agent, 'GET', '/v1/tags'), 429, 'quota_exhausted');
  await lab.clock.advance(1000);
});

test('the rate headers tell the share of the agent by its weight among those that asked lately', async () => {
  const clock = new FakeClock();
  const budget = createInProcessBudget({ clock, requestsPerMinute: 40, reserve: 0 });
  const { lab, agent } = await open({ ...free, budget: { weight: 3, burst: 5, maximumRequestsPerDay: null } }, { client: { budget } });
  const other = await lab.addAgent('Other', free);
  const told = async (who: typeof agent, id: number) => {
    const { headers } = await lab.ask(who, 'GET', `/v1/tags/${id}`);
    return [headers['x-aircallapi-limit'], headers['x-aircallapi-remaining']];
  };
  expect(await told(agent, 1)).toEqual(['40', '39']);
  expect(await told(other, 2)).toEqual(['10', '9']);
  expect(await told(agent, 3)).toEqual(['30', '28']);
  await lab.clock.advance(61_000);
  await clock.advance(61_000);
  expect(await told(other, 4)).toEqual(['40', '39']);
});

test('a daily cap on writes: 429', async () => {
  const { lab, agent } = await open({ ...free, constraints: { tags: { maximumWritesPerDay: 1 } } });
  const body = (name: string) => ({ body: { name, color: '#00B388' } });
  expect((await lab.ask(agent, 'POST', '/v1/tags', body('Only one'))).status).toBe(201);
  const refused = await lab.ask(agent, 'POST', '/v1/tags', body('One more'));
  expectRefusal(refused, 429, 'quota_exhausted');
  expect(refused.headers['retry-after']).toBe('43200');
  expect(lab.upstream()).toHaveLength(1);
});

test('many requests of one agent at once: the ones above the limit get 429, others are not held up', async () => {
  const { lab, agent } = await open(free, { settings: { maximumAtOnce: 2 }, client: { timeoutMs: 2000 } });
  const other = await lab.addAgent('Other', free);
  lab.simulator.faults.next({ endpoint: 'tags.retrieve' }, { kind: 'hang', after: 'nothing' }, 2);
  const held = [1, 2].map((id) => lab.ask(agent, 'GET', `/v1/tags/${id}`));
  await vi.waitUntil(() => lab.upstream().length === 2);
  const refused = await lab.ask(agent, 'GET', '/v1/tags');
  expectRefusal(refused, 429, 'quota_exhausted');
  expect([refused.body.troubleshoot, refused.body.fix, refused.headers['retry-after']]).toEqual([
    'At most 2 requests of one agent run at once.',
    'Send the next one when one of them has ended.',
    '1',
  ]);
  expect((await lab.ask(other, 'GET', '/v1/tags')).status).toBe(200);
  await Promise.all(held);
  expect((await lab.ask(agent, 'GET', '/v1/tags')).status).toBe(200);
});

// ---- what Aircall says

type Upstream = {
  readonly name: string;
  readonly fault: Parameters<GatewayLab['simulator']['faults']['next']>[1];
  readonly status: number;
  readonly code: string;
  readonly outcome: string;
};

const upstream: readonly Upstream[] = [
  {
    name: '400',
    fault: { kind: 'status', status: 400, body: 'application' },
    status: 400,
    code: 'upstream_rejected',
    outcome: 'upstream_error',
  },
  {
    name: '422',
    fault: { kind: 'status', status: 422, body: 'stated' },
    status: 422,
    code: 'upstream_rejected',
    outcome: 'upstream_error',
  },
  { name: '401', fault: { kind: 'status', status: 401 }, status: 502, code: 'connection_invalid', outcome: 'upstream_error' },
  {
    name: '403 from the edge',
    fault: { kind: 'status', status: 403, body: 'edge' },
    status: 502,
    code: 'connection_invalid',
    outcome: 'upstream_error',
  },
  { name: '404', fault: { kind: 'status', status: 404, body: 'application' }, status: 404, code: 'not_found', outcome: 'upstream_error' },
  { name: '405', fault: { kind: 'status', status: 405, body: 'application' }, status: 409, code: 'wrong_state', outcome: 'upstream_error' },
  { name: '429', fault: { kind: 'tooMany' }, status: 429, code: 'budget_exhausted', outcome: 'budget_exhausted' },
  { name: '500', fault: { kind: 'status', status: 500 }, status: 502, code: 'upstream_unavailable', outcome: 'upstream_error' },
  { name: 'silence', fault: { kind: 'hang', after: 'nothing' }, status: 504, code: 'upstream_unavailable', outcome: 'timeout' },
  {
    name: 'a broken connection',
    fault: { kind: 'reset', after: 'nothing' },
    status: 502,
    code: 'upstream_unavailable',
    outcome: 'upstream_error',
  },
  { name: 'a page of HTML', fault: { kind: 'html', status: 200 }, status: 502, code: 'upstream_unavailable', outcome: 'upstream_error' },
  {
    name: 'a redirect',
    fault: { kind: 'status', status: 302, body: 'nothing' },
    status: 502,
    code: 'upstream_unavailable',
    outcome: 'upstream_error',
  },
];

test.each(upstream)('a read that Aircall answers with $name: $status $code, with an outcome', async ({ fault, status, code, outcome }) => {
  const { lab, agent } = await open(free, fault.kind === 'hang' ? { client: { timeoutMs: 100 } } : {});
  lab.simulator.faults.next({}, fault);
  const answer = await lab.ask(agent, 'GET', '/v1/tags');
  expectRefusal(answer, status, code);
  expect(told(lab)).toEqual(['intent allow', `outcome allow → ${outcome}`]);
  // Aircall's words stand apart, if at all.
  expect(answer.body.troubleshoot).not.toContain('went wrong');
  if (status === 429) expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
});

test('what the plan does not include: 403 not_in_plan', async () => {
  const { lab, agent } = await open(free, { simulator: { missingProducts: ['AI Assist'] } });
  const answer = await lab.ask(agent, 'GET', `/v1/calls/${firstCall(lab)}/summary`);
  expectRefusal(answer, 403, 'not_in_plan');
});

test.each(upstream.filter(({ name }) => ['500', 'silence', 'a broken connection', 'a page of HTML'].includes(name)))(
  'a write that ends in $name may have happened: 504 outcome_unknown, and it is sent once',
  async ({ fault }) => {
    const { lab, agent } = await open(free, fault.kind === 'hang' ? { client: { timeoutMs: 100 } } : {});
    lab.simulator.faults.next({ endpoint: 'tags.create' }, fault);
    const answer = await lab.ask(agent, 'POST', '/v1/tags', { body: { name: 'Maybe', color: '#00B388' } });
    expectRefusal(answer, 504, 'outcome_unknown');
    expect(told(lab)).toEqual(['intent allow', 'outcome allow → unknown']);
    expect(lab.upstream()).toHaveLength(1);
  },
);

test('when Aircall cannot be reached, a write is known not to have happened', async () => {
  const { lab, agent } = await open(free, { client: { baseUrl: 'http://127.0.0.1:9' } });
  const answer = await lab.ask(agent, 'POST', '/v1/tags', { body: { name: 'Never', color: '#00B388' } });
  expectRefusal(answer, 502, 'upstream_unavailable');
  expect(answer.body.troubleshoot).toBe('Aircall could not be reached. Nothing was sent.');
});
