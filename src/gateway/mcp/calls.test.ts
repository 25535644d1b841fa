import { expect, test } from 'vitest';
import { everything, openGatewayLab } from '../../../test/support/gateway-lab.ts';
import type { GatewayLab } from '../../../test/support/gateway-lab.ts';
import { connect, eras } from '../../../test/support/mcp.ts';
import type { Loose } from '../../../test/support/simulated.ts';
import { decisionKey } from './tool-result.ts';

test.each(eras)('what is not granted is refused with a sentence and what would help, and recorded (%s)', async (era) => {
  const lab = await openGatewayLab();
  const client = await connect(lab, await lab.addAgent('Reader', { grants: { calls: 'read' } }), era);
  const before = lab.upstream().length;
  const result = await client.callTool({ name: 'aircall_contacts_delete', arguments: { id: '1' } });
  expect(result).toMatchObject({
    isError: true,
    structuredContent: { code: 'not_granted', fix: 'Ask an owner for Full use on Contacts.', decision_id: expect.any(String) as string },
  });
  expect(result.content).toEqual([{ type: 'text', text: JSON.stringify(result.structuredContent) }]);
  expect(lab.upstream().length).toBe(before);
  const record = lab.records().at(-1);
  expect(record).toMatchObject({
    where: { surface: 'mcp', tool: 'aircall_contacts_delete' },
    decision: { effect: 'deny', code: 'not_granted' },
  });
  expect(result._meta?.[decisionKey]).toMatchObject({ id: record?.callId, effect: 'deny', rule: 'grant.contacts' });
});

test.each(eras)('a tool that does not exist is an error of the protocol, and decided and recorded all the same (%s)', async (era) => {
  const lab = await openGatewayLab();
  const client = await connect(lab, await lab.addAgent('Reader', { grants: everything() }), era);
  await expect(client.callTool({ name: 'aircall_oauth_token', arguments: {} })).rejects.toMatchObject({
    code: -32602,
    message: expect.stringContaining('Unknown tool: aircall_oauth_token') as string,
  });
  await expect(client.callTool({ name: 'x <b>\n', arguments: {} })).rejects.toMatchObject({ code: -32602 });
  expect(lab.records().slice(-2)).toMatchObject([
    { decision: { code: 'unknown_capability' } },
    { decision: { code: 'unknown_capability' } },
  ]);
  expect(JSON.stringify(lab.records())).not.toContain('oauth_token');
});

test('arguments that do not fit are explained as arguments, and the log names what they were for', async () => {
  const lab = await openGatewayLab();
  const client = await connect(lab, await lab.addAgent('Doer', { grants: everything() }), 'modern');
  const call = async (name: string, given: Record<string, unknown>) =>
    (await client.callTool({ name, arguments: given })).structuredContent as Readonly<Record<string, unknown>>;
  const unknown = 'The arguments have a name that is not known here.';
  const fix = async (...asked: Parameters<typeof call>) => (await call(...asked))['fix'];
  expect(await fix('aircall_tags_create', { name: 'N', color: '#ff0000', bogus: 'Secret' })).toBe(`${unknown} The tool takes name, color.`);
  expect(lab.records().at(-1)?.sentence).toBe(
    `Doer sent a request for “Create a tag” that cannot be read. Denied: ${unknown} The tool takes name, color.`,
  );
  expect(await fix('aircall_company_retrieve', { bogus: 1 })).toBe(`${unknown} The tool takes none of Aircall’s.`);
  expect(await fix('aircall_contacts_search', { phone_number: ['+33100000001'] })).toBe('`phone_number` must be text.');
  // The gateway's own arguments, too.
  expect(await call('aircall_tags_create', { dry_run: 'yes' })).toMatchObject({ message: 'dry_run must be true or false.' });
  expect(lab.records().at(-1)?.sentence).toBe(
    'Doer sent a request for “Create a tag” that cannot be read. Denied: dry_run must be true or false.',
  );
  expect(JSON.stringify(lab.records())).not.toMatch(/bogus|Secret/);
});

test.each(eras)(
  'without elicitation a deletion takes two calls: a plan with a token, and the same call with it, once (%s)',
  async (era) => {
    const lab = await openGatewayLab();
    const client = await connect(lab, await lab.addAgent('Cleaner', { grants: everything() }), era);
    const id = String(anyContact(lab));
    const first = await client.callTool({ name: 'aircall_contacts_delete', arguments: { id } });
    expect(first).toMatchObject({
      isError: true,
      structuredContent: { code: 'confirm_required', plan: { sentence: `Cleaner asks to delete contact ${id}.` } },
    });
    expect((first.structuredContent as Loose).fix).toMatch(/with the confirm token\. The token goes into the argument confirm_token\.$/);
    expect(deletions(lab)).toBe(0);
    const { confirm_token: token } = first.structuredContent as Loose;
    const otherwise = await client.callTool({
      name: 'aircall_contacts_delete',
      arguments: { id: String(Number(id) + 1), confirm_token: token },
    });
    expect(otherwise.structuredContent).toMatchObject({ code: 'confirm_invalid' });
    const second = await client.callTool({ name: 'aircall_contacts_delete', arguments: { id, confirm_token: token } });
    expect(second).not.toMatchObject({ isError: true });
    expect(second.structuredContent).toMatchObject({ data: null });
    const third = await client.callTool({ name: 'aircall_contacts_delete', arguments: { id, confirm_token: token } });
    expect(third.structuredContent).toMatchObject({ code: 'confirm_invalid' });
    expect(deletions(lab)).toBe(1);
  },
);

test.each(eras)('what needs a person waits for one, and then happens once (%s)', async (era) => {
  const lab = await openGatewayLab();
  const rules = [{ id: 'r', capability: 'tags.create', effect: 'approve', reason: 'A test.', expiresAt: null }] as const;
  const client = await connect(lab, await lab.addAgent('Tagger', { grants: everything(), rules }), era);
  const call = (more: object = {}) =>
    client.callTool({ name: 'aircall_tags_create', arguments: { name: 'Urgent', color: '#ff0000', ...more } });
  const status = (id: unknown) => client.callTool({ name: 'gateway_approval_status', arguments: { approval_id: id } });
  const asked = (await call()).structuredContent as Loose;
  expect(asked).toMatchObject({ code: 'approval_required', approval_id: expect.stringMatching(/^AP-/) as string });
  expect(asked.fix).toMatch(/send the very same request again with it\. The id goes into the argument approval_id\.$/);
  const { approval_id: id } = asked;
  expect((await status(id)).structuredContent).toMatchObject({ state: 'pending', capability: 'tags.create' });
  expect((await call({ approval_id: id })).structuredContent).toMatchObject({ code: 'approval_pending', retry_after_s: 30 });
  await lab.decide(id);
  expect((await status(id)).structuredContent).toMatchObject({ state: 'approved' });
  expect((await call({ approval_id: id, name: 'Other' })).structuredContent).toMatchObject({ code: 'approval_refused' });
  expect((await call({ approval_id: id })).structuredContent).toMatchObject({ data: { tag: { name: null, color: '#ff0000' } } });
  expect((await status(id)).structuredContent).toMatchObject({ state: 'used' });
  expect((await call({ approval_id: id })).structuredContent).toMatchObject({ code: 'approval_expired' });
  expect(lab.upstream().filter((line) => line === 'POST /v1/tags')).toHaveLength(1);
  // Somebody else’s approval looks like none.
  const other = await connect(lab, await lab.addAgent('Other', {}), era);
  expect((await other.callTool({ name: 'gateway_approval_status', arguments: { approval_id: id } })).structuredContent).toMatchObject({
    state: 'unknown',
  });
});

test.each(eras)('an agent is told that the rules have changed since it asked, before and when it uses the approval (%s)', async (era) => {
  const lab = await openGatewayLab();
  const rules = [{ id: 'r', capability: 'tags.create', effect: 'approve', reason: 'A test.', expiresAt: null }] as const;
  const client = await connect(lab, await lab.addAgent('Tagger', { grants: everything(), rules }), era);
  const call = (more: object = {}) =>
    client.callTool({ name: 'aircall_tags_create', arguments: { name: 'Urgent', color: '#ff0000', ...more } });
  const status = async (id: unknown) =>
    (await client.callTool({ name: 'gateway_approval_status', arguments: { approval_id: id } })).structuredContent;
  const { approval_id: id } = (await call()).structuredContent as Loose;
  const { approval_id: other } = (await call({ color: '#00ff00' })).structuredContent as Loose;
  await lab.decide(id);
  expect(await status(id)).toMatchObject({ state: 'approved', fix: null });
  await lab.addAgent('Another');
  const fix = 'Send the same request again without an approval, to ask a person anew.';
  const text = expect.stringContaining('The rules have changed since it was asked for') as string;
  expect(await status(id)).toMatchObject({ state: 'outdated', text, fix });
  expect(await status(other)).toMatchObject({ state: 'outdated', text, fix });
  expect((await call({ approval_id: id })).structuredContent).toMatchObject({
    code: 'approval_expired',
    message: `The rules have changed since approval ${String(id)} was asked for.`,
    fix,
  });
  const anew = (await call()).structuredContent as Loose;
  expect(anew).toMatchObject({ code: 'approval_required' });
  expect(anew.approval_id).not.toBe(id);
});

test.each(eras)('a dry run tells the plan and does nothing; a call sent twice with one key happens once (%s)', async (era) => {
  const lab = await openGatewayLab();
  const client = await connect(lab, await lab.addAgent('Tagger', { grants: everything() }), era);
  const call = (more: object) => client.callTool({ name: 'aircall_tags_create', arguments: { name: 'Urgent', color: '#ff0000', ...more } });
  // The client checks answers against the schemas of the tools it has listed.
  await client.listTools();
  expect((await call({ dry_run: true })).structuredContent).toMatchObject({
    plan: {
      act: { effect: 'allow', verdict: 'It would be allowed.' },
      request: { method: 'POST', path: '/v1/tags', headers: { authorization: '***' } },
    },
  });
  expect(lab.upstream()).toEqual([]);
  expect((await call({ dry_run: 'yes' })).structuredContent).toMatchObject({ code: 'invalid_request' });
  expect(lab.upstream()).toEqual([]);
  const first = await call({ idempotency_key: 'one' });
  const second = await call({ idempotency_key: 'one' });
  expect((second.structuredContent as Loose).data).toEqual((first.structuredContent as Loose).data);
  expect(second.structuredContent).toMatchObject({ replayed: true });
  expect((await call({ idempotency_key: 'one', name: 'Else' })).structuredContent).toMatchObject({ code: 'idempotency_mismatch' });
  expect(lab.upstream()).toHaveLength(1);
});

test('an agent is told its limits and the rules of the company in whole sentences', async () => {
  const lab = await openGatewayLab();
  const agent = await lab.addAgent('Reader', {
    grants: { calls: 'read' },
    constraints: { calls: { teams: ['7'], newerThanSeconds: 2_592_000, maximumRowsPerDay: 1 } },
    budget: { weight: 1, burst: 5, maximumRequestsPerDay: 1 },
  });
  await lab.changePolicy(() => ({
    guardrails: [
      { id: 'keep', forbids: { area: 'recordings', effect: 'delete' }, text: 'keep: forbidden to all agents' },
      { id: 'no-webhooks', forbids: { area: 'webhooks' }, text: 'Agents leave webhooks alone.' },
    ],
  }));
  const client = await connect(lab, agent, eras[0]);
  const { summary } = (await client.callTool({ name: 'gateway_whoami', arguments: {} })).structuredContent as { summary: string };
  for (const sentence of [
    'In Calls: only team 7; only what is newer than 30 days; at most 1 row a day.',
    'Company rule: keep: forbidden to all agents (forbids deleting in Recordings).',
    'Company rule: Agents leave webhooks alone (forbids everything in Webhooks).',
    'You may send at most 1 request a day (UTC).',
  ])
    expect(summary).toContain(` ${sentence}`);
});

test.each(eras)('an agent is told who it is, what would be decided and what it has left; each is recorded (%s)', async (era) => {
  const lab = await openGatewayLab();
  const agent = await lab.addAgent('Reader', { grants: { calls: 'read' }, constraints: { calls: { directions: ['inbound'] } } });
  const client = await connect(lab, agent, era);
  const told = async (name: string, given: object = {}): Promise<{ readonly [name: string]: unknown }> =>
    (await client.callTool({ name, arguments: { ...given } })).structuredContent as { readonly [name: string]: unknown }; // an object in every case
  expect((await told('gateway_whoami'))['summary']).toContain('You have Read on Calls.');
  expect((await told('gateway_whoami'))['summary']).toContain('In Calls: only inbound calls.');
  expect(await told('gateway_explain', { tool: 'aircall_calls_list', arguments: { per_page: 5 } })).toMatchObject({ effect: 'allow' });
  expect(await told('gateway_explain', { tool: 'aircall_calls_list', arguments: { direction: 'outbound' } })).toMatchObject({
    effect: 'deny',
  });
  expect(await told('gateway_explain', { tool: 'aircall_calls_list', arguments: { per_page: 'x' } })).toMatchObject({
    code: 'invalid_request',
  });
  expect(await told('gateway_explain', { tool: 'aircall_nothing' })).toMatchObject({ code: 'unknown_capability' });
  expect(await told('gateway_budget')).toHaveProperty('limited');
  const wrong = await client.callTool({ name: 'gateway_whoami', arguments: { for: 'somebody else' } });
  expect(wrong).toMatchObject({ isError: true, structuredContent: { code: 'invalid_request' } });
  expect(lab.upstream()).toEqual([]);
  const tools = lab.records().flatMap(({ where: { tool } }) => (tool === null ? [] : [tool]));
  expect(new Set(tools)).toEqual(new Set(['gateway_whoami', 'gateway_explain', 'gateway_budget']));
});

test('a client that can ask its person confirms in one call, with an answer that works once', async () => {
  const lab = await openGatewayLab();
  const agent = await lab.addAgent('Cleaner', { grants: everything() });
  const asked: string[] = [];
  const client = await connect(lab, agent, 'modern', { capabilities: { elicitation: {} } }, (each) => {
    each.setRequestHandler('elicitation/create', ({ params }) => {
      asked.push(params.message);
      return { action: 'accept', content: { confirm: true } };
    });
  });
  const id = String(anyContact(lab));
  const result = await client.callTool({ name: 'aircall_contacts_delete', arguments: { id } });
  expect(result.structuredContent).toMatchObject({ data: null });
  expect(asked).toEqual([expect.stringMatching(/^Cleaner asks to delete contact \d+\. It deletes, and nothing brings it back\.\n/)]);
  expect(asked[0]).toContain(`\nAs it is now:\n- id: ${id}\n`);
  expect(asked[0]).toMatch(/\n- phone_numbers: \[.+\]\n[^]*\nDo it\?$/);
  expect(deletions(lab)).toBe(1);
  expect(lab.records().at(-1)?.sentence).toMatch(/^Cleaner deleted contact \d+\. It was confirmed first\. Allowed: /);
  expect(lab.records().filter(({ decision }) => decision?.confirmed === true).length).toBeGreaterThan(0);
});

test.each([{ action: 'decline' as const }, { action: 'cancel' as const }, { action: 'accept' as const, content: { confirm: false } }])(
  'a person who says no is obeyed: $action',
  async (answer) => {
    const lab = await openGatewayLab();
    const agent = await lab.addAgent('Cleaner', { grants: everything() });
    const client = await connect(lab, agent, 'modern', { capabilities: { elicitation: {} } }, (each) => {
      each.setRequestHandler('elicitation/create', () => answer);
    });
    const result = await client.callTool({ name: 'aircall_contacts_delete', arguments: { id: String(anyContact(lab)) } });
    expect(result).toMatchObject({
      isError: true,
      structuredContent: { code: 'confirm_required', message: 'It was not confirmed. Nothing was done.' },
    });
    expect(deletions(lab)).toBe(0);
    expect(lab.records().at(-1)).toMatchObject({
      what: { capability: 'contacts.delete' },
      decision: { effect: 'needs_confirm', rule: { id: 'friction.declined' } },
      sentence: expect.stringMatching(
        /^Cleaner asked to delete contact \d+\. The confirmation it asked for was not given; nothing was done\.$/,
      ) as string,
    });
  },
);

test('a client that can open pages is sent to the one where a person approves', async () => {
  const lab = await openGatewayLab({ mcp: { approvalUrl: (id) => `https://gateway.example/approvals/${id}` } });
  const rules = [{ id: 'r', capability: 'tags.create', effect: 'approve', reason: 'A test.', expiresAt: null }] as const;
  const agent = await lab.addAgent('Tagger', { grants: everything(), rules });
  const urls: string[] = [];
  const client = await connect(lab, agent, 'modern', { capabilities: { elicitation: { url: {} } } }, (each) => {
    each.setRequestHandler('elicitation/create', async ({ params }) => {
      if (params.mode !== 'url') throw new Error('a form');
      urls.push(params.url);
      await lab.decide(/AP-\d+$/.exec(params.url)?.[0] ?? '');
      return { action: 'accept' };
    });
  });
  const made = await client.callTool({ name: 'aircall_tags_create', arguments: { name: 'Urgent', color: '#ff0000' } });
  expect(made.isError).not.toBe(true);
  expect(urls).toEqual([expect.stringMatching(/^https:\/\/gateway\.example\/approvals\/AP-\d+$/)]);
  expect(lab.upstream().filter((line) => line === 'POST /v1/tags')).toHaveLength(1);
});

test('lists are private to the agent, and change when its access does', async () => {
  const lab = await openGatewayLab();
  const agent = await lab.addAgent('Reader', { grants: { calls: 'read' } });
  let told = 0;
  const client = await connect(lab, agent, 'modern');
  const listening = await client.listen({ toolsListChanged: true });
  client.setNotificationHandler('notifications/tools/list_changed', () => void (told += 1));
  const before = await client.listTools();
  expect(before).toMatchObject({ cacheScope: 'private' });
  await lab.changePolicy(({ agents }) => {
    const { [agent.id]: one } = agents;
    if (one === undefined) throw new Error('no agent');
    return { agents: { ...agents, [agent.id]: { ...one, grants: { calls: 'read', tags: 'read' } } } };
  });
  await lab.clock.advance(2_000);
  await expect.poll(() => told).toBe(1);
  expect((await client.listTools()).tools.map(({ name }) => name)).toContain('aircall_tags_list');
  await listening.close();
});

test('the pages say which resource this is, without a word about anything else', async () => {
  const lab = await openGatewayLab();
  const refused = await fetch(`${lab.url}/mcp`, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } });
  expect(refused.status).toBe(401);
  expect(refused.headers.get('www-authenticate')).toBe(
    `Bearer realm="gateway", error="invalid_token", resource_metadata="${lab.url}/.well-known/oauth-protected-resource/mcp"`,
  );
  expect(await refused.json()).toMatchObject({ jsonrpc: '2.0', id: null, error: { data: { code: 'unauthenticated' } } });
  expect(lab.records()).toMatchObject([{ phase: 'auth', where: { surface: 'mcp' } }]);
});

function anyContact(lab: GatewayLab): number {
  return Number([...lab.simulator.company.contacts.all()][0]?.id);
}

function deletions(lab: GatewayLab): number {
  return lab.upstream().filter((line) => line.startsWith('DELETE ')).length;
}
