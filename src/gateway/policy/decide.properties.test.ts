import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  anyAgent,
  anyAsk,
  anyCase,
  anyCapability,
  anyConstraint,
  anyGuardrail,
  anyPolicy,
  anyRequest,
  anyRule,
  agentOf,
  can,
  policyOf,
  requestOf,
} from './random-policies.conformance.ts';
import { endpoints } from '../../aircall/index.ts';
import { capabilities } from '../capabilities/capabilities.ts';
import { decide } from './decide.ts';
import type { Decision, DecisionRequest } from './decision.ts';
import type { Agent, Policy } from './types.ts';
import { grantAreas } from './words.ts';

const runs = { numRuns: 300 };

/** The policy with its first agent, and what the company says, changed. */
function changed(policy: Policy, agent: (old: Agent) => Agent, rest: Partial<Pick<Policy, 'guardrails' | 'webhookHosts'>> = {}): Policy {
  const agents = Object.values(policy.agents).map((each) => (each.id === 'ag_support' ? agent(each) : each));
  return policyOf(agents, { guardrails: policy.guardrails, webhookHosts: policy.webhookHosts, ...rest });
}

/** How far a decision lets an agent go. */
const reach: Readonly<Record<Decision['effect'], number>> = { deny: 0, dry_run: 1, needs_approval: 1, needs_confirm: 2, allow: 3 };

test('without grants and rules everything is denied, to everybody, whatever the request', () => {
  fc.assert(
    fc.property(anyCase, ({ policy, capability, request }) => {
      const bare = changed(policy, (agent) => ({ ...agent, grants: {}, rules: agent.rules.filter(({ effect }) => effect !== 'allow') }));
      expect(decide(bare, capability, request).effect).toBe('deny');
    }),
    runs,
  );
});

describe('what takes away never gives', () => {
  test.each<[string, (policy: Policy) => fc.Arbitrary<Policy>]>([
    [
      'a grant that is lowered',
      (policy) =>
        fc.constantFrom(...grantAreas).map((area) => changed(policy, (agent) => ({ ...agent, grants: lowered(agent.grants, area) }))),
    ],
    [
      'a rule that denies or asks',
      (policy) =>
        anyRule.map((rule) =>
          changed(policy, (agent) => ({
            ...agent,
            rules: [...agent.rules, { ...rule, effect: rule.effect === 'allow' ? 'deny' : rule.effect }],
          })),
        ),
    ],
    [
      'an allow rule that is taken away',
      (policy) => fc.constant(changed(policy, (agent) => ({ ...agent, rules: agent.rules.filter(({ effect }) => effect !== 'allow') }))),
    ],
    [
      'a guardrail',
      (policy) => anyGuardrail.map((guardrail) => changed(policy, (agent) => agent, { guardrails: [...policy.guardrails, guardrail] })),
    ],
    [
      'limits where there were none',
      (policy) =>
        fc
          .tuple(fc.constantFrom(...grantAreas), anyConstraint)
          .map(([area, constraint]) =>
            changed(policy, (agent) => ({ ...agent, constraints: { [area]: constraint, ...agent.constraints } })),
          ),
    ],
    ['a pause', (policy) => fc.constant(changed(policy, (agent) => ({ ...agent, status: 'paused' })))],
    ['a host less', (policy) => fc.constant(changed(policy, (agent) => agent, { webhookHosts: [] }))],
  ])('%s', (_what, taken) => {
    fc.assert(
      fc.property(
        anyCase.chain(({ policy, capability, request }) =>
          fc.record({
            before: fc.constant(policy),
            after: taken(policy),
            capability: fc.constant(capability),
            request: fc.constant(request),
          }),
        ),
        ({ before, after, capability, request }) => {
          const [was, is] = [decide(before, capability, request), decide(after, capability, request)];
          if (was.effect === 'deny') expect(is.effect).toBe('deny');
          // Losing the means to act outside ends the taint that came with it; nothing else lets an agent go further.
          if (was.rule.kind !== 'taint') expect(reach[is.effect]).toBeLessThanOrEqual(reach[was.effect]);
        },
      ),
      runs,
    );
  });

  function lowered(grants: Agent['grants'], area: (typeof grantAreas)[number]): Agent['grants'] {
    const { [area]: level, ...others } = grants;
    return level === 'full' ? { ...others, [area]: 'write' } : level === 'write' ? { ...others, [area]: 'read' } : others;
  }
});

test('other agents make no difference', () => {
  fc.assert(
    fc.property(anyCase, anyAgent(2), ({ policy, capability, request }, other) => {
      const with3 = policyOf([...Object.values(policy.agents), other], policy);
      const alone = policyOf(
        Object.values(policy.agents).filter(({ id }) => id === 'ag_support'),
        policy,
      );
      const plain = (decision: Decision) => ({ ...decision, policyVersion: '' });
      expect(plain(decide(with3, capability, request))).toEqual(plain(decide(policy, capability, request)));
      expect(plain(decide(alone, capability, request))).toEqual(plain(decide(policy, capability, request)));
    }),
    runs,
  );
});

test('the same question has the same answer, whether or not it was asked before', () => {
  fc.assert(
    fc.property(anyPolicy, fc.array(anyAsk, { minLength: 2, maxLength: 5 }), (policy, asks) => {
      const fresh = () => policyOf(Object.values(policy.agents), policy);
      const answers = asks.map(({ capability, request }) => decide(policy, capability, request));
      const again = [...asks].reverse().map(({ capability, request }) => decide(fresh(), capability, request));
      expect(again.reverse()).toEqual(answers);
      expect(asks.map(({ capability, request }) => decide(policy, capability, request))).toEqual(answers);
      expect(answers.every(({ policyVersion }) => policyVersion === policy.version)).toBe(true);
    }),
    { numRuns: 200 },
  );
});

test('what it says is complete: a code exactly where it is not let through, obligations exactly where it may be', () => {
  fc.assert(
    fc.property(anyCase, ({ policy, capability, request }) => {
      const { effect, code, obligations, trace, rule } = decide(policy, capability, request);
      expect(code === null).toBe(effect === 'allow' || effect === 'dry_run');
      if (effect === 'deny') expect(obligations).toEqual([]);
      expect(trace.map(({ outcome }) => outcome)).toEqual(
        trace.map((_step, index) => (index === trace.length - 1 && code !== null ? 'stop' : 'pass')),
      );
      if (code !== null) expect(trace.at(-1)).toMatchObject({ step: rule.kind, text: rule.text });
      expect(rule.text.length).toBeGreaterThan(0);
    }),
    runs,
  );
});

test('obligations leave nothing in the answer to chance', () => {
  fc.assert(
    fc.property(anyCase, ({ policy, capability, request }) => {
      const { effect, obligations } = decide(policy, capability, request);
      const agent = policy.agents['ag_support'];
      if (effect === 'deny' || agent === undefined) return;
      const without = obligations.flatMap((each) => (each.kind === 'without' ? [each.area] : []));
      for (const area of capability.embeds) {
        const level = agent.grants[area] ?? 'off';
        if (level === 'off' && area !== capability.area) expect(without).toContain(area);
        const limited = Object.keys(agent.constraints[area] ?? {}).some(
          (key) => !['hours', 'maximumRowsPerDay', 'maximumWritesPerDay'].includes(key),
        );
        if (limited) expect(without.includes(area) || obligations.some((each) => each.kind === 'rows' && each.area === area)).toBe(true);
      }
      for (const wanted of capability.classes) {
        const treatments = obligations.filter((each) => each.kind === 'fields' && each.area === wanted.area && each.class === wanted.class);
        expect(treatments).toHaveLength(1);
        const [first] = treatments;
        if (first?.kind !== 'fields') throw new Error('no treatment');
        if ((agent.grants[wanted.area] ?? 'off') === 'off' && wanted.area !== capability.area) expect(first.treatment).toBe('hide');
        if (wanted.class === 'media' && (agent.grants.recordings ?? 'off') === 'off') expect(first.treatment).toBe('hide');
      }
      expect(obligations.some((each) => each.kind === 'fields' && (each.class as string) === 'secret')).toBe(false);
      expect(obligations.some(({ kind }) => kind === 'text_apart')).toBe(agent.text === 'apart');
    }),
    runs,
  );
});

test('in a limited area nothing is let through that is neither filtered, nor looked at first, nor named', () => {
  const limitKeys = ['teams', 'numbers', 'users', 'tags', 'directions', 'newerThanSeconds'] as const;
  fc.assert(
    fc.property(anyCase, ({ policy, capability, request }) => {
      const decision = decide(policy, capability, request);
      if (decision.effect === 'deny') return;
      const limits = policy.agents['ag_support']?.constraints[capability.area] ?? {};
      for (const limit of limitKeys) {
        if (limits[limit] === undefined) continue;
        const checked = decision.obligations.some(
          (each) =>
            (each.kind === 'rows' && each.area === capability.area && capability.effect === 'read') ||
            (each.kind === 'look_first' && each.constraint[limit] !== undefined),
        );
        const named = capability.references.some(({ names }) => `${names}s` === limit);
        expect(checked || named).toBe(true);
      }
    }),
    runs,
  );
});

describe('values that make no sense', () => {
  const hostile = fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withNullPrototype: true,
    withObjectString: true,
    withSparseArray: true,
    withSet: true,
    withTypedArray: true,
    key: fc.oneof(
      fc.constantFrom('__proto__', 'constructor', 'toString', 'at', 'query', 'body', 'id', 'url', 'users', 'tags'),
      fc.string(),
    ),
  });

  test('never make it throw, and never let through what good values would not', () => {
    const policy = policyOf([agentOf({ grants: { calls: 'read' } })]);
    fc.assert(
      fc.property(hostile, hostile, anyCapability, hostile, (anything, other, capability, ofPolicy) => {
        const request = { ...requestOf(capability), arguments: anything, readTextAtMs: other } as DecisionRequest; // any value at all
        if (capability.area !== 'calls') expect(decide(policy, capability, request).effect).toBe('deny');
        else expect(decide(policy, capability, request).effect).toMatch(/^\w+$/);
        expect(decide(policy, capability, anything as DecisionRequest).effect).toBe('deny');
        expect(decide(ofPolicy as Policy, capability, requestOf(capability)).effect).toBe('deny');
        expect(decide(policy, anything as null, requestOf(capability)).effect).toBe('deny');
      }),
      runs,
    );
  });

  test('as an agent, deny unless they are one', () => {
    fc.assert(
      fc.property(
        hostile,
        fc.constantFrom('grants', 'rules', 'constraints', 'fields', 'status', 'expiresAt', 'taint', 'text'),
        anyCapability,
        (value, key, capability) => {
          const agents = { ag_support: { ...agentOf(), [key]: value } };
          const policy = { version: '', company: 'acme', agents, guardrails: [], webhookHosts: [] } as unknown as Policy; // any value at all
          expect(decide(policy, capability, requestOf(capability)).effect).toBe('deny');
        },
      ),
      runs,
    );
  });

  test('with a life of their own are refused', () => {
    const trap = new Proxy(
      {},
      {
        get: () => {
          throw new Error('a trap');
        },
        has: () => {
          throw new Error('a trap');
        },
      },
    );
    const request = { ...requestOf(can('calls.search')), arguments: trap } as DecisionRequest; // a value with a life of its own
    const policy = policyOf([agentOf({ grants: { calls: 'read' }, constraints: { calls: { users: ['1'] } } })]);
    expect(decide(policy, can('calls.search'), request)).toMatchObject({ effect: 'deny', rule: { id: 'request.unreadable' } });
  });

  test('good requests never end up there', () => {
    fc.assert(
      fc.property(anyCase, ({ policy, capability, request }) => {
        expect(decide(policy, capability, request).rule.id).not.toBe('request.unreadable');
      }),
      runs,
    );
  });
});

test('what is said holds nothing that an agent or a stranger wrote', () => {
  const marker = 'zq-outside-zq';
  fc.assert(
    fc.property(
      anyPolicy,
      anyCapability.chain((capability) => anyRequest(capability).map((request) => ({ capability, request }))),
      (policy, { capability, request }) => {
        const marked = JSON.parse(
          JSON.stringify(request.arguments, (_key, value: unknown) => (typeof value === 'string' ? `${value}${marker}` : value)),
        ) as DecisionRequest['arguments'];
        const { rule, trace, fix } = decide(policy, capability, { ...request, arguments: marked });
        expect(JSON.stringify({ rule, trace, fix })).not.toContain(marker);
      },
    ),
    runs,
  );
});

test('endpoints that agents never get are no capabilities, and all others are', () => {
  const ids = new Set(capabilities.map(({ id }) => id));
  const areas: readonly string[] = grantAreas;
  for (const { id, area, agents } of endpoints) {
    expect(ids.has(id)).toBe(areas.includes(area) && !('never' in agents));
  }
});
