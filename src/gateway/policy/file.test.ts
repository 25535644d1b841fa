import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { agentOf, anyPolicy, policyOf } from './random-policies.conformance.ts';
import { UsageError } from '../../base/index.ts';
import { diffPolicies } from './diff.ts';
import { applyPolicyFile, parsePolicyFile, policyFileJsonSchema, writePolicyFile } from './file.ts';
import { makePolicy, policyVersion } from './policy.ts';

function fail(text: string | object): UsageError {
  try {
    parsePolicyFile(typeof text === 'string' ? text : JSON.stringify(text));
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error('it was taken');
}

const noNewId = (): string => {
  throw new Error('nobody is new');
};

describe('the policy file', () => {
  test('says who may do what, and what is left out has its default', () => {
    const { agents, guardrails, webhookHosts } = parsePolicyFile(
      JSON.stringify({
        agents: {
          'Support Agent': {
            owner: 'olga@acme.example',
            grants: { calls: 'read', contacts: 'read' },
            rules: [
              { capability: 'calls.comment', effect: 'approve' },
              { capability: 'calls.comment', effect: 'approve', reason: 'Twice' },
            ],
            fields: [{ class: 'phone', treatment: 'mask' }],
          },
        },
        webhookHosts: ['Hooks.ACME.example.'],
      }),
    );
    expect(agents).toEqual([
      {
        name: 'Support Agent',
        owner: 'olga@acme.example',
        purpose: '',
        status: 'active',
        expiresAt: null,
        grants: { calls: 'read', contacts: 'read' },
        rules: [
          { id: 'calls.comment-approve', capability: 'calls.comment', effect: 'approve', reason: '', expiresAt: null },
          { id: 'calls.comment-approve-2', capability: 'calls.comment', effect: 'approve', reason: 'Twice', expiresAt: null },
        ],
        constraints: {},
        fields: [{ area: null, class: 'phone', treatment: 'mask' }],
        taint: null,
        text: 'apart',
        combinationAccepted: null,
      },
    ]);
    expect(guardrails).toEqual([]);
    expect(webhookHosts).toEqual(['hooks.acme.example']);
  });

  test('written and applied again, it changes nothing', () => {
    fc.assert(
      fc.property(anyPolicy, (policy) => {
        const applied = applyPolicyFile(parsePolicyFile(writePolicyFile(policy)), policy, noNewId);
        expect(policyVersion(applied)).toBe(policy.version);
      }),
    );
  });

  test('whose tokens are an agent’s stands in it, and goes through it unchanged', () => {
    const policy = policyOf([agentOf({ subjects: ['support-bot', 'Support-Bot'] })]);
    const applied = applyPolicyFile(parsePolicyFile(writePolicyFile(policy)), policy, noNewId);
    expect(policyVersion(applied)).toBe(policy.version);
    expect(writePolicyFile(policy)).toContain('"subjects"');
  });

  test.each([
    ['an unknown key', { agent: {} }, ['"agent" is unknown', 'Did you mean "agents"?']],
    ['a weight of nothing', { agents: { A: { owner: 'o', budget: { weight: 0 } } } }, ['"agents.A.budget.weight" must be at least 1']],
    [
      'an unknown part of a budget',
      { agents: { A: { owner: 'o', budget: { wait: 1 } } } },
      ['"agents.A.budget.wait"', 'weight, burst, maximumRequestsPerDay'],
    ],
    ['a subject that is empty', { agents: { A: { owner: 'o', subjects: [''] } } }, ['"agents.A.subjects.0" must be 1 to 255']],
    ['no subject at all', { agents: { A: { owner: 'o', subjects: [] } } }, ['must not be empty']],
    ['a subject twice', { agents: { A: { owner: 'o', subjects: ['s', 's'] } } }, ['same twice']],
    [
      'a subject of two agents',
      { agents: { A: { owner: 'o', subjects: ['r', 's'] }, B: { owner: 'o', subjects: ['s'] } } },
      ['"agents.B.subjects" hold one of A'],
    ],
    ['an unknown area', { agents: { A: { owner: 'o', grants: { call: 'read' } } } }, ['"agents.A.grants.call"', '"calls"']],
    ['an unknown level', { agents: { A: { owner: 'o', grants: { calls: 'reed' } } } }, ['"agents.A.grants.calls"', '"read"']],
    ['an unknown setting of an agent', { agents: { A: { owner: 'o', grant: {} } } }, ['"agents.A.grant"', '"grants"']],
    [
      'an unknown limit',
      { agents: { A: { owner: 'o', constraints: { calls: { team: ['1'] } } } } },
      ['"agents.A.constraints.calls.team"', '"teams"'],
    ],
    ['an unknown part of hours', { agents: { A: { owner: 'o', constraints: { calls: { hours: { zone: 'UTC' } } } } } }, ['hours.zone']],
    [
      'an unknown capability',
      { agents: { A: { owner: 'o', rules: [{ capability: 'calls.coment', effect: 'deny' }] } } },
      ['"agents.A.rules.0.capability"', '"calls.comment"'],
    ],
    [
      'an unknown effect',
      { guardrails: [{ id: 'g', forbids: { effect: 'delet' }, text: 'No' }] },
      ['"guardrails.0.forbids.effect"', '"delete"'],
    ],
    ['a guardrail that forbids nothing in particular', { guardrails: [{ id: 'g', forbids: {}, text: 'No' }] }, ['must name a capability']],
    ['an agent without an owner', { agents: { A: {} } }, ['"agents.A.owner"']],
    ['a list of ids that is empty', { agents: { A: { owner: 'o', constraints: { calls: { teams: [] } } } } }, ['must not be empty']],
    ['an id that is a number', { agents: { A: { owner: 'o', constraints: { calls: { teams: [7] } } } } }, ['must be text']],
    ['an id twice', { agents: { A: { owner: 'o', constraints: { calls: { teams: ['7', '7'] } } } } }, ['same twice']],
    [
      'hours without an end',
      { agents: { A: { owner: 'o', constraints: { calls: { hours: { days: [1], from: '09:00', to: '09:00', timeZone: 'UTC' } } } } } },
      ['hours'],
    ],
    [
      'a time zone that does not exist',
      {
        agents: { A: { owner: 'o', constraints: { calls: { hours: { days: [1], from: '09:00', to: '10:00', timeZone: 'Mars/Base' } } } } },
      },
      ['time zone that exists'],
    ],
    ['a moment without a zone', { agents: { A: { owner: 'o', expiresAt: '2027-01-01T00:00:00' } } }, ['must be a moment']],
    ['a webhook host with a path', { webhookHosts: ['hooks.example.com/x'] }, ['must be a host']],
    ['a webhook host that is a number', { webhookHosts: ['127.0.0.1'] }, ['must be a host']],
    ['a webhook host that is everything', { webhookHosts: ['*'] }, ['must be a host']],
    ['a name with markup', { agents: { 'A<b>': { owner: 'o' } } }, ['agents', 'a name that is none']],
    ['a name that objects have', '{"agents": {"constructor\\u200b": {"owner": "o"}}}', ['a name that is none']],
    [
      'a reason of two lines',
      { agents: { A: { owner: 'o', rules: [{ capability: 'calls.list', effect: 'deny', reason: 'a\nb' }] } } },
      ['one line'],
    ],
    ['two agents whose names differ in case', { agents: { A: { owner: 'o' }, a: { owner: 'o' } } }, ['the same name']],
    [
      'two guardrails of one id',
      { guardrails: [1, 2].map(() => ({ id: 'g', forbids: { effect: 'delete' }, text: 'No' })) },
      ['same id twice'],
    ],
    ['a status that is not for files', { agents: { A: { owner: 'o', status: 'revoked' } } }, ['"agents.A.status"']],
    [
      'a key that stands twice',
      '{"agents": {"A": {"owner": "o", "grants": {"calls": "read", "c\\u0061lls": "full"}}}}',
      ['twice in one object'],
    ],
    ['no JSON', '{"agents": {\n}', ['not valid JSON (line 2)']],
    ['a list', '[]', ['The policy file']],
    ['nothing', '', ['not valid JSON']],
  ])('refuses %s, and says where and what to do', (_what, text, parts) => {
    const error = fail(text);
    expect(error.code).toBe('policy_file');
    for (const part of parts) expect(`${error.message} ${error.hint}`).toContain(part);
    expect(error.message).toContain('policy file');
  });

  test('the same key in different objects is no repetition', () => {
    expect(
      parsePolicyFile('{"agents": {"A": {"owner": "o"}, "B": {"owner": "owner", "purpose": "x: \\"owner\\": y"}}}').agents,
    ).toHaveLength(2);
  });

  test('never throws anything but a refusal, whatever the JSON', () => {
    fc.assert(
      fc.property(fc.json(), fc.jsonValue(), (text, value) => {
        for (const each of [text, JSON.stringify({ agents: value }), JSON.stringify({ guardrails: value })]) {
          try {
            parsePolicyFile(each);
          } catch (error) {
            expect(error).toBeInstanceOf(UsageError);
          }
        }
      }),
    );
  });

  test('has a JSON Schema for editors', async () => {
    const text = `${JSON.stringify(policyFileJsonSchema(), null, 2)}\n`;
    await expect(text).toMatchFileSnapshot('../../../schema/trunkline.policy.schema.json');
  });
});

describe('applying a file', () => {
  const current = policyOf([
    agentOf({ grants: { calls: 'read' } }),
    agentOf({ id: 'ag_old', name: 'Old Agent', status: 'revoked' }),
    agentOf({ id: 'ag_second', name: 'Second Agent', grants: { tags: 'full' } }),
  ]);
  const file = (agents: object) => parsePolicyFile(JSON.stringify({ agents }));

  test('keeps the ids of known agents, gives new ones new ids, and revokes those that are gone', () => {
    const agents = { 'Support Agent': { owner: 'olga', grants: { calls: 'write' } }, 'New Agent': { owner: 'olga' } };
    const next = applyPolicyFile(file(agents), current, (name) => `ag_for_${name.toLowerCase().replace(' ', '_')}`);
    expect(next.agents['ag_support']).toMatchObject({ name: 'Support Agent', grants: { calls: 'write' }, status: 'active' });
    expect(next.agents['ag_for_new_agent']).toMatchObject({ id: 'ag_for_new_agent', name: 'New Agent', status: 'active' });
    expect(next.agents['ag_second']).toMatchObject({ status: 'revoked', grants: { tags: 'full' } });
    expect(next.agents['ag_old']).toEqual(current.agents['ag_old']);
  });

  test('no new agent takes the name of a revoked one, and none changes the case of its name', () => {
    expect(() => applyPolicyFile(file({ 'old agent': { owner: 'o' } }), current, () => 'ag_new')).toThrow('revoked agent');
    expect(() => applyPolicyFile(file({ 'support agent': { owner: 'o' } }), current, () => 'ag_new')).toThrow('Support Agent');
  });

  test('an id that is taken is never given to another', () => {
    expect(() => applyPolicyFile(file({ 'New Agent': { owner: 'o' } }), current, () => 'ag_support')).toThrow(TypeError);
  });
});

describe('the difference of two policies', () => {
  test('is told in plain English and as data', () => {
    const before = policyOf([
      agentOf({
        rules: [{ id: 'r', capability: 'calls.comment', effect: 'deny', reason: '', expiresAt: null }],
        constraints: { calls: { teams: ['3'] } },
      }),
      agentOf({ id: 'ag_second', name: 'Second Agent' }),
    ]);
    const after = policyOf(
      [
        agentOf({
          grants: { contacts: 'read' },
          rules: [{ id: 'r', capability: 'calls.comment', effect: 'allow', reason: 'Olga asked.', expiresAt: null }],
          constraints: { calls: { teams: ['3', '4'], maximumRowsPerDay: 100 } },
          fields: [{ area: 'contacts', class: 'phone', treatment: 'mask' }],
        }),
        agentOf({ id: 'ag_third', name: 'Third Agent', owner: 'otto', grants: { tags: 'full' } }),
      ],
      {
        guardrails: [{ id: 'keep', forbids: { area: 'recordings', effect: 'delete' }, text: 'Recordings stay' }],
        webhookHosts: ['hooks.acme.example'],
      },
    );
    const changes = diffPolicies(before, after);
    expect(changes.map(({ text }) => text)).toEqual([
      'Second Agent is revoked, for good.',
      'Support Agent: Contacts from Off to Read.',
      'Support Agent: rule r: “Comment on a call” is allowed (Olga asked) (was: “Comment on a call” is denied).',
      'Support Agent: Calls: only teams 3 and 4 (was: only team 3).',
      'Support Agent: Calls: at most 100 rows a day.',
      'Support Agent: phone numbers in Contacts masked (was: as by default).',
      'Third Agent is new, owned by otto.',
      'Third Agent: Tags from Off to Full use.',
      'New company rule keep: Recordings stay (forbids deleting in Recordings).',
      'Webhooks and callbacks may be pointed at hooks.acme.example.',
    ]);
    expect(changes[1]).toEqual({
      agent: { id: 'ag_support', name: 'Support Agent' },
      what: 'grant',
      key: 'contacts',
      before: 'off',
      after: 'read',
      direction: 'more',
      text: 'Support Agent: Contacts from Off to Read.',
    });
  });

  test('is empty for a policy and itself, and never empty for policies that decide differently', () => {
    fc.assert(
      fc.property(anyPolicy, anyPolicy, (one, other) => {
        expect(diffPolicies(one, one)).toEqual([]);
        if (one.version === other.version) return;
        const changes = diffPolicies(one, other);
        const said = JSON.stringify(
          [one, other].map((policy) => ({
            ...policy,
            version: null,
            agents: Object.values(policy.agents).map((agent) => effective(agent)),
          })),
        );
        const [first, second] = JSON.parse(said) as unknown[];
        if (changes.length === 0) expect(second).toEqual(first);
      }),
    );
  });

  test('names what changed about an agent that exists', () => {
    const change = (changes: Parameters<typeof agentOf>[0]) =>
      diffPolicies(policyOf(), policyOf([agentOf(changes)])).map(({ text }) => text);
    expect(change({ status: 'paused' })).toEqual(['Support Agent is paused.']);
    expect(change({ taint: false })).toEqual([
      'Support Agent: what it sends, deletes or does live after reading outside text never needs a person for that reason ' +
        '(was: needs a person if it may send or act live, the default).',
    ]);
    expect(change({ text: 'in_place' })).toEqual([
      'Support Agent: outside text stands in its place (was: outside text stands apart from the data).',
    ]);
    expect(change({ budget: { weight: 3, burst: 5, maximumRequestsPerDay: 500 } })).toEqual([
      'Support Agent: weight 3 among agents (was: weight 1 among agents).',
      'Support Agent: at most 500 requests a day (was: any number of requests a day).',
    ]);
    expect(change({ subjects: ['support-bot'] })).toEqual(['Support Agent: tokens of support-bot are this agent’s.']);
    expect(change({ owner: 'otto' })).toEqual(['Support Agent: owner otto (was: owner olga@acme.example).']);
    expect(change({ combinationAccepted: { by: 'otto', at: '2026-11-01T00:00:00Z' } })).toHaveLength(1);
    expect(change({ constraints: { calls: { hours: { days: [1, 2], from: '09:00', to: '17:00', timeZone: 'UTC' } } } })).toEqual([
      'Support Agent: Calls: only from 09:00 to 17:00 (UTC) on Monday and Tuesday.',
    ]);
  });
});

/** What of an agent a decision looks at: a grant of `off` is as good as none. */
function effective(agent: ReturnType<typeof agentOf>): object {
  const grants = Object.entries(agent.grants).filter(([, level]) => level !== 'off');
  const constraints = Object.entries(agent.constraints).filter(([, limits]) => Object.keys(limits).length > 0);
  return { ...agent, grants: Object.fromEntries(grants), constraints: Object.fromEntries(constraints) };
}

test('a policy cannot be changed once it is made, and its version is that of what it says', () => {
  const agents = { ag_support: agentOf({ grants: { calls: 'read' } }) };
  const policy = makePolicy({ company: 'acme', agents, guardrails: [], webhookHosts: [] });
  expect(() => Object.assign(policy.agents['ag_support']?.grants ?? {}, { calls: 'full' })).toThrow(TypeError);
  Object.assign(agents.ag_support.grants, { calls: 'full' });
  expect(policy.agents['ag_support']?.grants).toEqual({ calls: 'read' });
  const { version, ...parts } = policy;
  expect(policyVersion(parts)).toBe(version);
  expect(version).toMatch(/^[0-9a-f]{64}$/);
  expect(makePolicy({ webhookHosts: [], guardrails: [], agents: policy.agents, company: 'acme' }).version).toBe(version);
  expect(makePolicy({ ...parts, webhookHosts: ['a.example'] }).version).not.toBe(version);
});
