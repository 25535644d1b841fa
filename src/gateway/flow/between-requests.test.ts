// What one request leaves behind for the next: outside text that was read, rows that were given, answers that were kept.
import { expect, test } from 'vitest';
import { everything, openGatewayLab } from '../../../test/support/gateway-lab.ts';
import type { GatewayLab, LabOptions } from '../../../test/support/gateway-lab.ts';

const tag = (name: string) => ({ body: { name, color: '#00B388' } });
const codeOf = ({ status, body }: Awaited<ReturnType<GatewayLab['ask']>>): readonly unknown[] => [status, body.code];

test('an agent that was given outside text needs a person to delete; one that was not, does not', async () => {
  const lab = await openGatewayLab();
  const reader = await lab.addAgent('Reader', { grants: { tags: 'read' } });
  const agent = await lab.addAgent('Worker', { grants: everything(), taint: true });
  const [{ id }] = (await lab.ask(reader, 'GET', '/v1/tags')).body.tags;
  const asked = await lab.ask(agent, 'DELETE', `/v1/tags/${id}`);
  expect(codeOf(asked)).toEqual([428, 'confirm_required']);
  expect((await lab.ask(agent, 'GET', '/v1/contacts')).status).toBe(200);
  expect(codeOf(await lab.ask(agent, 'DELETE', `/v1/tags/${id}`))).toEqual([403, 'approval_required']);
});

test('what the limits of an agent hide and what does not exist are answered alike, to the last letter', async () => {
  const lab = await openGatewayLab();
  const limited = await lab.addAgent('Limited', { grants: { numbers: 'read' }, constraints: { numbers: { numbers: ['1'] } } });
  const free = await lab.addAgent('Free', { grants: { numbers: 'read' } });
  const [hidden, missing] = [await lab.ask(limited, 'GET', '/v1/numbers/999999999'), await lab.ask(free, 'GET', '/v1/numbers/999999999')];
  expect(hidden.status).toBe(404);
  const withoutId = ({ text, body }: typeof hidden) => text.replaceAll(String(body.decision_id), '');
  expect(withoutId(hidden)).toBe(withoutId(missing));
});

test('rows that were given count towards the limit of the day', async () => {
  const lab = await openGatewayLab();
  const agent = await lab.addAgent('Reader', { grants: { tags: 'read' }, constraints: { tags: { maximumRowsPerDay: 1 } } });
  expect((await lab.ask(agent, 'GET', '/v1/tags')).status).toBe(200);
  expect(codeOf(await lab.ask(agent, 'GET', '/v1/tags'))).toEqual([429, 'quota_exhausted']);
});

test('a kept answer is not given to who would have to ask a person now', async () => {
  const lab = await openGatewayLab();
  const agent = await lab.addAgent('Worker', { grants: everything(), taint: false });
  const request = { ...tag('Once'), headers: { 'idempotency-key': 'k' } };
  expect((await lab.ask(agent, 'POST', '/v1/tags', request)).status).toBe(201);
  const rule = { id: 'ask', capability: 'tags.create', effect: 'approve', expiresAt: null, reason: '' } as const;
  await lab.changePolicy(({ agents }) => ({
    agents: Object.fromEntries(Object.entries(agents).map(([id, each]) => [id, { ...each, rules: [rule] }])),
  }));
  expect(codeOf(await lab.ask(agent, 'POST', '/v1/tags', request))).toEqual([403, 'approval_required']);
  expect(lab.upstream()).toHaveLength(1);
});

test('what is recorded of a write outlives a loss of power, also where that of a read need not', async () => {
  const kept: string[] = [];
  const over: LabOptions['over'] = (parts) => ({
    ...parts,
    audit: {
      ...parts.audit,
      unfinished: () => parts.audit.unfinished(),
      append: (facts, options) => {
        kept.push(`${facts.what.effect ?? ''} ${facts.phase} ${options.durability}`);
        return parts.audit.append(facts, options);
      },
    },
  });
  const lab = await openGatewayLab({ over });
  const agent = await lab.addAgent('Worker', { grants: everything(), taint: false });
  kept.length = 0;
  await lab.ask(agent, 'GET', '/v1/tags');
  await lab.ask(agent, 'POST', '/v1/tags', tag('New'));
  expect(kept).toEqual(['read intent process', 'read outcome process', 'add intent power', 'add outcome power']);
});

test('after a failure of ours behind a write the key does not act again', async () => {
  const over: LabOptions['over'] = (parts) => ({
    ...parts,
    upstream: {
      ...parts.upstream,
      send: async (endpoint, given, options) => {
        await parts.upstream.send(endpoint, given, options);
        throw new TypeError('of ours');
      },
    },
  });
  const lab = await openGatewayLab({ over });
  const agent = await lab.addAgent('Worker', { grants: everything(), taint: false });
  const request = { ...tag('Once'), headers: { 'idempotency-key': 'k' } };
  expect((await lab.ask(agent, 'POST', '/v1/tags', request)).status).toBe(500);
  expect((await lab.ask(agent, 'POST', '/v1/tags', request)).body.code).toBe('outcome_unknown');
  expect(lab.upstream()).toHaveLength(1);
});
