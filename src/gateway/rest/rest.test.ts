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
