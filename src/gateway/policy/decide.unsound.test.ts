// What no type allows and a store, a file or a later version could hand over all the same.
import { expect, test } from 'vitest';
import { agentOf, can, policyOf, requestOf, wednesdayMs } from './random-policies.conformance.ts';
import { decide } from './decide.ts';
import type { Agent } from './types.ts';

const mayRead = { grants: { calls: 'read' } } as const;

function ask(agent: Agent, capability: string, changes: Parameters<typeof requestOf>[1] = {}) {
  return decide(policyOf([agent]), can(capability), requestOf(can(capability), changes));
}

test('an agent of a status nobody knows is denied', () => {
  const agent = agentOf({ ...mayRead, status: 'asleep' as never }); // of a later version
  expect(ask(agent, 'calls.list')).toMatchObject({ effect: 'deny', code: 'agent_inactive' });
});

test('an agent that stands under the id of another is neither', () => {
  const policy = { ...policyOf(), agents: { ag_support: agentOf({ ...mayRead, id: 'ag_other' }) } };
  expect(decide(policy, can('calls.list'), requestOf(can('calls.list'))).rule.id).toBe('agent.unknown');
});

test('a policy that could still change is read anew for every request', () => {
  const agents: Record<string, Agent> = { ag_support: agentOf(mayRead) };
  const policy = { ...policyOf(), agents };
  expect(decide(policy, can('calls.list'), requestOf(can('calls.list'))).effect).toBe('allow');
  agents['ag_support'] = agentOf();
  expect(decide(policy, can('calls.list'), requestOf(can('calls.list'))).effect).toBe('deny');
});

test('anything but a clear no to a dry run is one', () => {
  for (const dryRun of [true, 'yes', 1, 0, '', null, undefined]) {
    const decision = ask(agentOf({ grants: { calls: 'full' } }), 'calls.comment', { dryRun: dryRun as never }); // not what the flow hands over
    expect(decision.effect).toBe('dry_run');
  }
});

test('what is no id in its one way of writing is within no limits', () => {
  const agent = agentOf({ ...mayRead, constraints: { calls: { users: ['5', '007', '-7', 'x'], tags: ['5'] } } });
  for (const user_id of ['007', '-7', 'x', '5 ', ' 5', '5.0', -5, 5.5, 2 ** 60, -5n, {}, ['5'], null, true]) {
    expect(ask(agent, 'calls.search', { arguments: { query: { user_id } } }).code).toBe('outside_constraint');
  }
  for (const user_id of ['5', 5, 5n]) expect(ask(agent, 'calls.search', { arguments: { query: { user_id } } }).effect).toBe('allow');
});

test('a phone number is none the less one for being written in digits alone', () => {
  const agent = agentOf({ ...mayRead, fields: [{ area: 'calls', class: 'phone', treatment: 'mask' }] });
  const decision = ask(agent, 'calls.search', { arguments: { query: { phone_number: '33123456789' } } });
  expect(decision.code).toBe('filter_not_allowed');
});

test('within one hour of the clock the hours can end', () => {
  const hours = { days: [3], from: '09:00', to: '11:30', timeZone: 'Europe/Paris' };
  const policy = policyOf([agentOf({ ...mayRead, constraints: { calls: { hours } } })]);
  const at = (minute: number) =>
    decide(policy, can('calls.list'), requestOf(can('calls.list'), { nowMs: wednesdayMs + minute * 60_000 })).effect;
  // Paris is an hour ahead of UTC in November: it is 11 o'clock there.
  expect([at(0), at(29), at(30), at(31), at(29)]).toEqual(['allow', 'allow', 'deny', 'deny', 'allow']);
});
