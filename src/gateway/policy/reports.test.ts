import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { agentOf, anyCase, anyPolicy, can, policyOf, requestOf, wednesdayMs } from './random-policies.conformance.ts';
import { capabilities, capabilityOf } from '../capabilities/capabilities.ts';
import { decide } from './decide.ts';
import type { DecisionRequest } from './decision.ts';
import { matrix } from './matrix.ts';
import { replay } from './replay.ts';
import type { PastRecord } from './replay.ts';
import type { Agent, Policy } from './types.ts';
import { unused } from './unused.ts';

describe('the matrix', () => {
  test('says for each agent and capability how far it goes', () => {
    const rules = [{ id: 'r', capability: 'calls.list', effect: 'deny', reason: '', expiresAt: null }] as const;
    const agents = [
      agentOf({ grants: { calls: 'write', contacts: 'read', messages: 'full' }, rules, constraints: { calls: { teams: ['3'] } } }),
      agentOf({ id: 'ag_idle', name: 'Idle Agent' }),
      agentOf({ id: 'ag_gone', name: 'Gone Agent', status: 'revoked', grants: { calls: 'full' } }),
    ];
    const [idle, support, ...others] = matrix(policyOf(agents), capabilities, wednesdayMs);
    expect(others).toEqual([]);
    expect(idle?.agent.name).toBe('Idle Agent');
    expect(new Set(Object.values(idle?.effects ?? {}))).toEqual(new Set(['deny']));
    expect(support).toMatchObject({
      limited: ['calls'],
      effects: {
        'calls.list': 'deny',
        'calls.retrieve': 'allow',
        'calls.comment': 'allow',
        'calls.transfer': 'dry_run',
        'contacts.delete': 'dry_run',
        'contacts.list': 'allow',
        'messages.send': 'needs_approval',
        'messages.deleteConfiguration': 'needs_confirm',
        'tags.list': 'deny',
      },
    });
    expect(Object.keys(support?.effects ?? {})).toHaveLength(capabilities.length);
  });

  test('never says less than a request can reach', () => {
    const order = ['deny', 'dry_run', 'needs_approval', 'needs_confirm', 'allow'];
    fc.assert(
      fc.property(anyCase, ({ policy, capability, request }) => {
        const plain = { ...request, confirmed: false, approved: false };
        const [row] = matrix(policy, [capability], request.nowMs).filter(({ agent }) => agent.id === request.agentId);
        const { effect } = decide(policy, capability, plain);
        if (effect !== 'deny') expect(order.indexOf(row?.effects[capability.id] ?? 'deny')).toBeGreaterThanOrEqual(order.indexOf(effect));
      }),
      { numRuns: 200 },
    );
  });
});

/** The record of a request as the log would hold it, decided by a policy. */
function recordOf(policy: Policy, capabilityId: string, changes: Parameters<typeof requestOf>[1] = {}): PastRecord {
  const capability = can(capabilityId);
  const request = requestOf(capability, changes);
  return { ...pastOf(policy, request), phase: 'intent' };
}

function pastOf(policy: Policy, request: DecisionRequest): PastRecord {
  const capability = can(request.capability ?? '');
  const { effect, code, rule, policyVersion } = decide(policy, capability, request);
  const presented = { approvalId: request.approved ? 'ap_1' : null, approver: null, confirmed: request.confirmed, idempotency: null };
  return {
    callId: 'call',
    time: new Date(request.nowMs).toISOString(),
    phase: 'intent',
    who: { agent: { id: request.agentId, name: 'Support Agent' }, keyId: null, owner: null, operator: null, client: null, ip: null },
    what: {
      capability: capability.id,
      area: capability.area,
      effect: capability.effect,
      arguments: structuredClone(request.arguments) as PastRecord['what']['arguments'], // plain data
      argumentsDigest: null,
    },
    decision: { effect, code, rule, obligations: [], policyVersion, ...presented, times: 1 },
    outcome: null,
  };
}

function outcomeOf(record: PastRecord, rowsReturned: number, textGiven: boolean): PastRecord {
  const durationMs = { total: 1, queue: 0, upstream: 1 };
  const outcome = {
    status: 'ok',
    upstreamStatus: 200,
    rowsReturned,
    rowsHidden: 0,
    fieldsMasked: 0,
    textGiven,
    source: 'live',
    ageMs: 0,
    requests: 1,
    durationMs,
  } as const;
  return { ...record, phase: 'outcome', outcome };
}

describe('replaying the log', () => {
  const before = policyOf([agentOf({ grants: { calls: 'write', contacts: 'full' } })]);
  const with_ = (agent: Partial<Agent>) => policyOf([agentOf({ grants: { calls: 'write', contacts: 'full' }, ...agent })]);

  test('names the requests that would end otherwise, and why', async () => {
    const records = [recordOf(before, 'calls.list'), recordOf(before, 'calls.comment'), recordOf(before, 'tags.list')];
    const after = with_({ grants: { calls: 'read', tags: 'read' } });
    const { requests, flips } = await replay(records, after, capabilityOf);
    expect(requests).toBe(3);
    expect(flips).toEqual([
      expect.objectContaining({
        capability: 'calls.comment',
        before: 'allow',
        after: 'deny',
        text: 'Calls is set to Read. “Comment on a call” needs Write.',
      }),
      expect.objectContaining({ capability: 'tags.list', before: 'deny', after: 'allow' }),
    ]);
  });

  test('by the policy of that time nothing flips, whatever was asked', async () => {
    await fc.assert(
      fc.asyncProperty(anyCase, async ({ policy, capability, request }) => {
        // Counts and text that was read come from the records, and here there are none.
        const plain = { ...request, usage: { requestsToday: 0, rowsToday: 0, writesToday: 0, commentsOnCall: 0 }, readTextAtMs: null };
        const { effect, code, rule } = decide(policy, capability, plain);
        if (rule.kind === 'address' || effect === 'dry_run' || code === 'quota_exhausted' || (plain.approved && effect !== 'allow')) return;
        if (plain.dryRun) return;
        const { flips } = await replay([pastOf(policy, plain)], policy, capabilityOf);
        expect(flips).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  test('counts rows and writes of a day, and knows when text was read', async () => {
    const list = recordOf(before, 'calls.list');
    const records = [
      list,
      outcomeOf(list, 10, true),
      recordOf(before, 'calls.list'),
      recordOf(before, 'contacts.delete', { confirmed: true }),
    ];
    const capped = await replay(records, with_({ constraints: { calls: { maximumRowsPerDay: 10 } } }), capabilityOf);
    expect(capped.flips.map(({ capability, after }) => [capability, after])).toEqual([['calls.list', 'deny']]);
    const tainted = await replay(records, with_({ taint: true }), capabilityOf);
    expect(tainted.flips.map(({ capability, after }) => [capability, after])).toEqual([['contacts.delete', 'needs_approval']]);
    const comments = [recordOf(before, 'calls.comment'), recordOf(before, 'calls.comment')];
    const written = await replay(comments, with_({ constraints: { calls: { maximumWritesPerDay: 1 } } }), capabilityOf);
    expect(written.flips).toHaveLength(1);
  });

  test('leaves out what the policy did not decide', async () => {
    const record = recordOf(before, 'calls.list');
    const budget: PastRecord = { ...record, decision: record.decision && { ...record.decision, effect: 'deny', code: 'budget_exhausted' } };
    const stranger: PastRecord = { ...record, who: { ...record.who, agent: null } };
    const admin: PastRecord = { ...record, phase: 'admin', decision: null };
    expect(await replay([budget, stranger, admin], with_({ grants: {} }), capabilityOf)).toEqual({ requests: 0, flips: [] });
  });
});

describe('what was not used', () => {
  const policy = policyOf([
    agentOf({
      grants: { calls: 'full', contacts: 'read', tags: 'write' },
      rules: [
        { id: 'used', capability: 'users.list', effect: 'allow', reason: '', expiresAt: null },
        { id: 'idle', capability: 'teams.list', effect: 'allow', reason: '', expiresAt: null },
        { id: 'wall', capability: 'calls.transfer', effect: 'deny', reason: '', expiresAt: null },
      ],
    }),
  ]);

  test('names grants that could be lower, and rules that nothing needed, but none that denies', async () => {
    const records = [
      recordOf(policy, 'calls.comment'),
      recordOf(policy, 'calls.transfer'),
      recordOf(policy, 'contacts.list'),
      recordOf(policy, 'users.list'),
    ];
    const report = await unused(policy, records, wednesdayMs - 1000);
    expect(report.map(({ text }) => text)).toEqual([
      'Support Agent: Calls is set to Full use, but Write would have been enough.',
      'Support Agent: Tags is set to Write, and was not used.',
      'Support Agent: the rule idle for “List teams” was not used.',
    ]);
  });

  test('what lies further back does not count', async () => {
    const report = await unused(policy, [recordOf(policy, 'contacts.list', { nowMs: wednesdayMs - 2000 })], wednesdayMs - 1000);
    expect(report.map(({ key }) => key)).toEqual(['calls', 'contacts', 'tags', 'used', 'idle']);
  });

  test('a policy of random agents has a report, and it never asks for more', async () => {
    await fc.assert(
      fc.asyncProperty(anyPolicy, async (random) => {
        for (const { what, level, enough } of await unused(random, [], 0)) {
          if (what === 'grant') expect([level === 'off', enough]).toEqual([false, 'off']);
        }
      }),
      { numRuns: 30 },
    );
  });
});
