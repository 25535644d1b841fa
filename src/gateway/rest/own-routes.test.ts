import { expect, test } from 'vitest';
import { everything, openGatewayLab } from '../../../test/support/gateway-lab.ts';
import { connect } from '../../../test/support/mcp.ts';

const rule = { id: 'r1', capability: 'tags.create', effect: 'approve', reason: 'A test.', expiresAt: null } as const;

test('an agent asks over REST what it could ask with its tools, and is told the same', async () => {
  const lab = await openGatewayLab();
  const agent = await lab.addAgent('Tagger', { grants: everything(), rules: [rule] });
  const client = await connect(lab, agent, 'modern');
  const { approval_id: id } = (await lab.ask(agent, 'POST', '/v1/tags', { body: { name: 'Urgent', color: '#ff0000' } })).body;
  const tag = { arguments: { id: '7' } };
  const pairs = [
    [{ name: 'gateway_whoami', arguments: {} }, await lab.ask(agent, 'GET', '/gateway/whoami')],
    [{ name: 'gateway_budget', arguments: {} }, await lab.ask(agent, 'GET', '/gateway/budget')],
    [{ name: 'gateway_approval_status', arguments: { approval_id: id } }, await lab.ask(agent, 'GET', `/gateway/approvals/${id}`)],
    [
      { name: 'gateway_explain', arguments: { tool: 'aircall_tags_delete', ...tag } },
      await lab.ask(agent, 'POST', '/gateway/explain', { body: { capability: 'tags.delete', ...tag } }),
    ],
    [
      { name: 'gateway_explain', arguments: { tool: 'aircall_tags_delete', ...tag, dry_run: true } },
      await lab.ask(agent, 'POST', '/gateway/explain', { body: { capability: 'tags.delete', ...tag, dry_run: true } }),
    ],
  ] as const;
  for (const [call, { status, body }] of pairs) {
    expect(status).toBe(200);
    expect(body, call.name).toEqual((await client.callTool(call)).structuredContent);
  }
  expect(pairs[2][1].body).toMatchObject({ state: 'pending' });
  expect(pairs[3][1].body).toMatchObject({ effect: 'needs_confirm', capability: 'tags.delete' });
  expect(lab.upstream()).toEqual([]);
  const asked = lab.records().filter(({ where, what }) => where.surface === 'rest' && what.capability === null);
  expect(asked.map(({ sentence }) => sentence)).toEqual([
    'Tagger asked what it may do. Allowed: every agent may.',
    'Tagger asked for its share of the budget. Allowed: every agent may.',
    'Tagger asked how an approval stands. Allowed: every agent may.',
    'Tagger asked whether it may do “Delete a tag”. Allowed: every agent may.',
    'Tagger asked whether it may do “Delete a tag”. Allowed: every agent may.',
  ]);
});

test.each([
  ['GET', '/gateway/whoami?for=somebody', undefined, 400],
  ['GET', '/gateway/whoami', {}, 400],
  ['GET', `/gateway/approvals/${'A'.repeat(65)}`, undefined, 400],
  ['POST', '/gateway/explain', undefined, 400],
  ['POST', '/gateway/explain', { capability: 7 }, 400],
  ['POST', '/gateway/explain', { capability: 'tags.delete', arguments: 'id=7' }, 400],
  ['POST', '/gateway/explain', { capability: 'tags.delete', dry_run: 'yes' }, 400],
  ['POST', '/gateway/explain', { capability: 'tags.delete', agent: 'ag_other' }, 400],
  ['POST', '/gateway/whoami', {}, 404],
  ['GET', '/gateway/whoami/more', undefined, 404],
  ['GET', '/gateway/approvals', undefined, 404],
  ['GET', '/gateway', undefined, 404],
  ['GET', '/v1/gateway/whoami', undefined, 404],
])('%s %s with %j is refused and recorded', async (method, path, body, status) => {
  const lab = await openGatewayLab();
  const agent = await lab.addAgent('Tagger');
  const answer = await lab.ask(agent, method, path, body === undefined ? {} : { body });
  expect([answer.status, answer.body.code]).toEqual([status, status === 400 ? 'invalid_request' : 'unknown_capability']);
  expect(lab.records()).toMatchObject([{ decision: { effect: 'deny' } }]);
});

test('nobody is told anything without a key, nor an agent that is paused', async () => {
  const lab = await openGatewayLab();
  const agent = await lab.addAgent('Tagger', { status: 'paused' });
  expect((await lab.ask(null, 'GET', '/gateway/whoami')).status).toBe(401);
  expect((await lab.ask(agent, 'GET', '/gateway/whoami')).body.code).toBe('agent_inactive');
});
