import { expect, test } from 'vitest';
import { openGatewayLab } from '../../../test/support/gateway-lab.ts';

test('an agent reads what it is granted, and the log has the intent and the outcome in plain English', async () => {
  const lab = await openGatewayLab();
  const agent = await lab.addAgent('Support Agent', { grants: { calls: 'read' } });
  const answer = await lab.ask(agent, 'GET', '/v1/calls?per_page=5');
  expect(answer.status).toBe(200);
  expect(answer.body.calls).toHaveLength(5);
  expect(lab.records().map(({ phase, sentence }) => `${phase}: ${sentence}`)).toEqual([
    'intent: Support Agent is about to list calls. Allowed: Calls is set to Read.',
    'outcome: Support Agent listed 5 calls (some values hidden or masked). Allowed: Calls is set to Read.',
  ]);
});

test('a longer page than there is becomes the longest there is, as Aircall does it', async () => {
  const lab = await openGatewayLab();
  const agent = await lab.addAgent('Reader', { grants: { calls: 'read' } });
  const answer = await lab.ask(agent, 'GET', '/v1/calls?per_page=100');
  expect([answer.status, answer.body.meta]).toEqual([200, expect.objectContaining({ per_page: 50 })]);
  expect(lab.records()[0]?.what.arguments).toEqual({ at: {}, query: { per_page: 50 } });
  for (const wrong of ['0', '-1', '1e3', '0x64', '100.0', '9'.repeat(30), '']) {
    expect((await lab.ask(agent, 'GET', `/v1/calls?per_page=${wrong}`)).status, wrong).toBe(400);
  }
});

test('paging is passed over where there are no pages, as Aircall does; every other unknown parameter is refused', async () => {
  const lab = await openGatewayLab();
  const agent = await lab.addAgent('Reader', { grants: { company: 'read', teams: 'read', tags: 'write' } });
  expect((await lab.ask(agent, 'GET', '/v1/company?per_page=50')).body).toMatchObject({ company: {} });
  expect((await lab.ask(agent, 'GET', '/v1/company?page=2&per_page=50&page=3')).status).toBe(200);
  for (const { what } of lab.records()) expect(what.arguments).toEqual({ at: {}, query: {} });
  for (const path of ['/v1/company?order=desc', '/v1/company?filter=x', '/v1/teams?per_pages=5', '/v1/teams?page=x']) {
    expect((await lab.ask(agent, 'GET', path)).status, path).toBe(400);
  }
  expect((await lab.ask(agent, 'POST', '/v1/tags?page=1', { body: { name: 'a', color: '#112233' } })).status).toBe(400);
});
