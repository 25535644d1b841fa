import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { cedarProblems, compareWithCedar } from './cedar.conformance.ts';
import { agentOf, anyPolicy, policyOf } from './random-policies.conformance.ts';
import { capabilities } from '../capabilities/capabilities.ts';
import { toCedar } from './cedar.ts';

test('Cedar lets through exactly what we let through', () => {
  const { compared, allowed } = compareWithCedar(300);
  expect(compared).toBeGreaterThan(150);
  expect(allowed).toBeGreaterThan(20);
});

test('what is exported is valid by its own schema, whatever the policy', () => {
  fc.assert(
    fc.property(anyPolicy, (policy) => {
      expect(cedarProblems(toCedar(policy, capabilities))).toEqual([]);
    }),
    { numRuns: 8 },
  );
});

test('texts of people cannot become policy', () => {
  const name = 'A") ; permit(principal, action, resource); //\n\\';
  const { policies } = toCedar(policyOf([agentOf({ name, status: 'paused' })]), capabilities);
  const problems = cedarProblems({ policies, schema: toCedar(policyOf(), capabilities).schema, missing: [] });
  expect(problems).toEqual([]);
  for (const text of Object.values(policies)) expect(text).not.toMatch(/^permit/m);
});

test('what Cedar has no words for is named', () => {
  const hours = { days: [1], from: '09:00', to: '17:00', timeZone: 'Europe/Paris' };
  const { missing } = toCedar(policyOf([agentOf({ constraints: { calls: { hours } } })]), capabilities);
  expect(missing).toEqual(['the hours of Support Agent in calls', 'the hosts of webhooks and callbacks']);
});

test('an agent’s export reads like its policy', () => {
  const agent = agentOf({
    grants: { calls: 'write' },
    rules: [{ id: 'r1', capability: 'calls.comment', effect: 'deny', reason: 'Olga said so', expiresAt: null }],
    constraints: { calls: { teams: ['3'] } },
  });
  expect(toCedar(policyOf([agent]), capabilities).policies).toMatchObject({
    'ag_support.grant.calls':
      '@text("calls is set to write")\npermit(principal == Trunkline::Agent::"ag_support", action in [Trunkline::Action::"need:calls:read", Trunkline::Action::"need:calls:write"], resource);',
    'ag_support.rule.r1':
      '@text("deny: Olga said so")\nforbid(principal == Trunkline::Agent::"ag_support", action, resource) when { action == Trunkline::Action::"calls.comment" && true };',
    'ag_support.limit.calls.teams':
      '@text("Limits in calls")\nforbid(principal == Trunkline::Agent::"ag_support", action, resource) when { action in Trunkline::Action::"area:calls" && !(["3"].containsAll(context.teams)) };',
  });
});
