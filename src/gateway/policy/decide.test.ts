import { describe, expect, test } from 'vitest';
import { agentOf, can, policyOf, requestOf, wednesdayMs } from './random-policies.conformance.ts';
import { capabilities } from '../capabilities/capabilities.ts';
import { decide, taintMs } from './decide.ts';
import type { Decision, DecisionRequest } from './decision.ts';
import { makePolicy } from './policy.ts';
import type { Agent, Guardrail } from './types.ts';

type Changes = Parameters<typeof requestOf>[1];

/** What one agent's policy says of one request. */
function ask(
  agent: Partial<Agent>,
  capability: string,
  request: Changes = {},
  rest: { guardrails?: readonly Guardrail[]; webhookHosts?: readonly string[] } = {},
): Decision {
  return decide(policyOf([agentOf(agent)], rest), can(capability), requestOf(can(capability), request));
}

function kinds(decision: Decision): string[] {
  return decision.trace.map(({ step }) => step);
}

describe('the agent', () => {
  const mayRead = { grants: { calls: 'read' } } as const;

  test('one that nobody knows is denied everything', () => {
    const decision = decide(policyOf([agentOf(mayRead)]), can('calls.list'), requestOf(can('calls.list'), { agentId: 'ag_other' }));
    expect(decision).toMatchObject({ effect: 'deny', code: 'agent_inactive', rule: { id: 'agent.unknown' }, obligations: [] });
  });

  test.each(['__proto__', 'constructor', 'toString', ''])('an id that every object has, %j, is nobody', (agentId) => {
    const decision = decide(policyOf([agentOf(mayRead)]), can('calls.list'), requestOf(can('calls.list'), { agentId }));
    expect(decision.rule.id).toBe('agent.unknown');
  });

  test('one that is paused or revoked is denied what it was granted', () => {
    expect(ask(mayRead, 'calls.list').effect).toBe('allow');
    expect(ask({ ...mayRead, status: 'paused' }, 'calls.list')).toMatchObject({ effect: 'deny', rule: { id: 'agent.paused' } });
    expect(ask({ ...mayRead, status: 'revoked' }, 'calls.list')).toMatchObject({
      effect: 'deny',
      rule: { id: 'agent.revoked' },
      fix: null,
    });
  });

  test('one whose end has come is denied, from that very millisecond', () => {
    const expiresAt = new Date(wednesdayMs).toISOString();
    expect(ask({ ...mayRead, expiresAt }, 'calls.list', { nowMs: wednesdayMs - 1 }).effect).toBe('allow');
    expect(ask({ ...mayRead, expiresAt }, 'calls.list').rule.id).toBe('agent.expired');
    expect(ask({ ...mayRead, expiresAt: 'some day' }, 'calls.list').rule.id).toBe('agent.expired');
  });

  test('is denied when the clock says nothing', () => {
    expect(ask(mayRead, 'calls.list', { nowMs: Number.NaN }).rule.id).toBe('agent.clock');
  });
});

describe('the catalogue', () => {
  test('a route that is not in it is denied, and so is a request that names another capability', () => {
    const policy = policyOf([agentOf({ grants: { calls: 'full' } })]);
    const request = requestOf(can('calls.list'));
    expect(decide(policy, null, { ...request, capability: null })).toMatchObject({ effect: 'deny', code: 'unknown_capability' });
    expect(decide(policy, null, request)).toMatchObject({ effect: 'deny', code: 'unknown_capability' });
    expect(decide(policy, can('calls.retrieve'), request)).toMatchObject({ effect: 'deny', code: 'unknown_capability' });
  });

  test.each([{ effect: 'erase' }, { need: 'none' }, { area: 'oauth' }, { friction: 'never' }])(
    'a capability with %j is none',
    (changes) => {
      const capability = { ...can('calls.list'), ...changes } as ReturnType<typeof can>; // a value of a later version
      const decision = decide(policyOf([agentOf({ grants: { calls: 'full' } })]), capability, requestOf(capability));
      expect(decision).toMatchObject({ effect: 'deny', code: 'unknown_capability' });
    },
  );

  test('arguments that do not fit are denied, whatever the grants; the reason is handed to the agent only', () => {
    const decision = ask({ grants: { calls: 'full' } }, 'calls.list', { invalid: '`page` must be a number.' });
    expect(decision).toMatchObject({ effect: 'deny', code: 'invalid_request', fix: '`page` must be a number.' });
    expect(decision.rule.text).not.toContain('page');
  });
});

describe('levels', () => {
  test('without a grant everything is denied', () => {
    for (const capability of capabilities) {
      expect(decide(policyOf(), capability, requestOf(capability))).toMatchObject({ effect: 'deny', code: 'not_granted' });
    }
  });

  test('each level permits what needs it, and no more', () => {
    const ranks = { off: 0, read: 1, write: 2, full: 3 };
    for (const capability of capabilities) {
      for (const level of ['off', 'read', 'write', 'full'] as const) {
        const policy = policyOf([agentOf({ grants: { [capability.area]: level } })], { webhookHosts: [] });
        const { effect } = decide(policy, capability, requestOf(capability, { approved: true, confirmed: true }));
        expect(effect).toBe(ranks[level] >= ranks[capability.need] ? 'allow' : 'deny');
      }
    }
  });

  test('a level nobody knows is off', () => {
    const grants = { calls: 'admin' } as unknown as Agent['grants']; // a value of a later version
    expect(ask({ grants }, 'calls.list').code).toBe('not_granted');
  });

  test('says what it would take', () => {
    expect(ask({ grants: { contacts: 'read' } }, 'contacts.delete')).toMatchObject({
      code: 'not_granted',
      rule: { id: 'grant.contacts', kind: 'grant', text: 'Contacts is set to Read. “Delete a contact” needs Full use.' },
      fix: 'Ask an owner for Full use on Contacts.',
    });
  });

  test('Read lets an agent plan a write as a dry run, and Off does not', () => {
    expect(ask({ grants: { contacts: 'read' } }, 'contacts.delete', { dryRun: true })).toMatchObject({ effect: 'dry_run', code: null });
    expect(ask({}, 'contacts.delete', { dryRun: true }).effect).toBe('deny');
    expect(ask({ grants: { contacts: 'full' } }, 'contacts.delete', { dryRun: true }).effect).toBe('dry_run');
    expect(ask({ grants: { contacts: 'read' } }, 'contacts.list', { dryRun: true }).effect).toBe('dry_run');
  });
});

describe('rules and guardrails', () => {
  const rule = { id: 'r1', capability: 'calls.list', reason: 'Asked for by Olga.', expiresAt: null } as const;

  test('deny beats allow, and beats the grant', () => {
    const rules = [
      { ...rule, id: 'r0', effect: 'allow' },
      { ...rule, effect: 'deny' },
    ] as const;
    expect(ask({ grants: { calls: 'full' }, rules }, 'calls.list')).toMatchObject({
      effect: 'deny',
      code: 'forbidden_by_rule',
      rule: { id: 'rule.r1', text: 'A rule denies “List calls” to Support Agent: Asked for by Olga.' },
    });
  });

  test('allow permits one capability of an area that is off', () => {
    const rules = [{ ...rule, effect: 'allow' }] as const;
    expect(ask({ rules }, 'calls.list')).toMatchObject({ effect: 'allow', rule: { id: 'rule.r1', kind: 'method_rule' } });
    expect(ask({ rules }, 'calls.retrieve').effect).toBe('deny');
    expect(ask({ rules: [{ ...rule, effect: 'allow', reason: '' }] }, 'calls.list').rule.text).toBe('A rule allows it.');
  });

  test('allow beside a level that is enough anyway is not what decided', () => {
    const rules = [{ ...rule, effect: 'allow' }] as const;
    expect(ask({ grants: { calls: 'read' }, rules }, 'calls.list').rule).toEqual({
      id: 'grant.calls',
      kind: 'grant',
      text: 'Calls is set to Read.',
    });
  });

  test('approve asks for a person, and does not widen', () => {
    const rules = [{ ...rule, effect: 'approve' }] as const;
    expect(ask({ rules }, 'calls.list', { approved: true }).code).toBe('not_granted');
    expect(ask({ rules, grants: { calls: 'read' } }, 'calls.list')).toMatchObject({ effect: 'needs_approval', code: 'approval_required' });
    expect(ask({ rules, grants: { calls: 'read' } }, 'calls.list', { approved: true }).effect).toBe('allow');
    expect(ask({ rules, grants: { calls: 'read' } }, 'calls.list', { confirmed: true }).effect).toBe('needs_approval');
  });

  test('a rule counts until its end; one whose end cannot be read counts only where it narrows', () => {
    const grants = { calls: 'read' } as const;
    const past = new Date(wednesdayMs).toISOString();
    const future = new Date(wednesdayMs + 1).toISOString();
    expect(ask({ grants, rules: [{ ...rule, effect: 'deny', expiresAt: past }] }, 'calls.list').effect).toBe('allow');
    expect(ask({ grants, rules: [{ ...rule, effect: 'deny', expiresAt: future }] }, 'calls.list').effect).toBe('deny');
    expect(ask({ rules: [{ ...rule, effect: 'allow', expiresAt: past }] }, 'calls.list').effect).toBe('deny');
    expect(ask({ rules: [{ ...rule, effect: 'allow', expiresAt: future }] }, 'calls.list').effect).toBe('allow');
    expect(ask({ grants, rules: [{ ...rule, effect: 'deny', expiresAt: 'soon' }] }, 'calls.list').effect).toBe('deny');
    expect(ask({ rules: [{ ...rule, effect: 'allow', expiresAt: 'soon' }] }, 'calls.list').effect).toBe('deny');
  });

  test('a rule of an effect nobody knows denies', () => {
    const rules = [{ ...rule, effect: 'ask' }] as unknown as Agent['rules']; // a value of a later version
    expect(ask({ grants: { calls: 'full' }, rules }, 'calls.list').code).toBe('forbidden_by_rule');
  });

  const guardrail: Guardrail = {
    id: 'keep',
    forbids: { area: 'recordings', effect: 'delete' },
    text: 'Recordings are never deleted by agents',
  };

  test('a guardrail beats grants, allow rules, approvals and dry runs', () => {
    const rules = [{ ...rule, capability: 'calls.deleteRecording', effect: 'allow' }] as const;
    const decision = ask(
      { grants: { recordings: 'full' }, rules },
      'calls.deleteRecording',
      { approved: true, confirmed: true, dryRun: true },
      { guardrails: [guardrail] },
    );
    expect(decision).toMatchObject({
      effect: 'deny',
      code: 'forbidden_by_guardrail',
      rule: { id: 'guardrail.keep', text: 'Company rule: Recordings are never deleted by agents.' },
    });
  });

  test('a guardrail forbids exactly what all its parts fit', () => {
    const full = { grants: { recordings: 'full', contacts: 'full' } } as const;
    const approved = { approved: true };
    const effect = (id: string, forbids: Guardrail['forbids']) =>
      ask(full, id, approved, { guardrails: [{ ...guardrail, forbids }] }).effect;
    expect(effect('contacts.delete', guardrail.forbids)).toBe('allow');
    expect(effect('calls.pauseRecording', guardrail.forbids)).toBe('allow');
    expect(effect('contacts.delete', { effect: 'delete' })).toBe('deny');
    expect(effect('contacts.delete', { capability: 'contacts.delete' })).toBe('deny');
    expect(effect('contacts.delete', { capability: 'contacts.delete', area: 'calls' })).toBe('allow');
  });

  test.each([{}, { effect: 'erase' }, { area: 'lake' }, null, { capabilty: 'contacts.delete' }])(
    'a guardrail that cannot be understood, %j, forbids everything',
    (forbids) => {
      const guardrails = [{ ...guardrail, forbids }] as unknown as Guardrail[]; // a value of a later version, or a slip of the pen
      expect(ask({ grants: { contacts: 'full' } }, 'contacts.list', {}, { guardrails }).code).toBe('forbidden_by_guardrail');
    },
  );

  test('lists that are no lists deny', () => {
    const request = requestOf(can('calls.list'));
    const broken = (agent: object, rest: object = {}) =>
      decide(
        makePolicy({
          company: 'acme',
          agents: { ag_support: { ...agentOf({ grants: { calls: 'read' } }), ...agent } },
          guardrails: [],
          webhookHosts: [],
          ...rest,
        }),
        can('calls.list'),
        request,
      ).effect;
    expect(broken({})).toBe('allow');
    for (const agent of [{ rules: {} }, { rules: [null] }, { rules: null }, { fields: 'x' }, { grants: null }, { constraints: [] }]) {
      expect(broken(agent)).toBe('deny');
    }
    expect(broken({}, { guardrails: {} })).toBe('deny');
    expect(broken({}, { guardrails: [7] })).toBe('deny');
  });
});

describe('limits on rows', () => {
  const calls = (constraint: Agent['constraints']['calls'] & object, changes: Partial<Agent> = {}): Partial<Agent> => ({
    grants: {
      calls: 'full',
      users: 'full',
      teams: 'full',
      messages: 'full',
      conversation: 'read',
      tags: 'full',
      numbers: 'full',
      contacts: 'full',
      dialer: 'full',
    },
    constraints: { calls: constraint },
    ...changes,
  });
  const approved = { approved: true };

  test('a list is filtered, and narrowed where Aircall has a filter for it', () => {
    const constraint = { teams: ['3'], users: ['5'], directions: ['inbound' as const], newerThanSeconds: 3600 };
    const decision = ask(calls(constraint), 'calls.search');
    expect(decision.effect).toBe('allow');
    expect(decision.obligations).toContainEqual({ kind: 'rows', area: 'calls', constraint });
    expect(decision.obligations).toContainEqual({
      kind: 'narrow',
      query: { user_id: '5', direction: 'inbound', from: wednesdayMs / 1000 - 3601 },
    });
  });

  test('nothing is narrowed that has several values, was asked for, or is asked for more narrowly', () => {
    const constraint = { users: ['5', '6'], directions: ['inbound' as const], tags: ['9'], newerThanSeconds: 3600 };
    const query = { direction: 'inbound', from: wednesdayMs / 1000 - 60 };
    const decision = ask(calls(constraint), 'calls.search', { arguments: { query } });
    expect(decision.obligations).toContainEqual({ kind: 'narrow', query: { tags: ['9'] } });
  });

  test('a period that reaches further back is cut, and one that lies further back is refused', () => {
    const agent = calls({ newerThanSeconds: 3600 });
    const at = (query: Record<string, unknown>) => ask(agent, 'calls.list', { arguments: { query } });
    const second = wednesdayMs / 1000;
    expect(at({ from: second - 9999 }).obligations).toContainEqual({ kind: 'narrow', query: { from: second - 3601 } });
    expect(at({ to: second - 3601 })).toMatchObject({ effect: 'deny', code: 'outside_constraint' });
    expect(at({ to: second - 3600 }).effect).toBe('allow');
  });

  test('filters and bodies may not name what is outside', () => {
    const agent = calls({ users: ['5'], teams: ['3'], tags: ['9'], directions: ['inbound'] });
    const outside = { effect: 'deny', code: 'outside_constraint' };
    expect(ask(agent, 'calls.search', { arguments: { query: { user_id: '6' } } })).toMatchObject(outside);
    expect(ask(agent, 'calls.search', { arguments: { query: { user_id: '5' } } }).effect).toBe('allow');
    expect(ask(agent, 'calls.search', { arguments: { query: { tags: ['9', '8'] } } })).toMatchObject(outside);
    expect(ask(agent, 'calls.search', { arguments: { query: { direction: 'outbound' } } })).toMatchObject(outside);
    expect(ask(agent, 'calls.transfer', { ...approved, arguments: { body: { user_id: '6' } } })).toMatchObject(outside);
    expect(ask(agent, 'calls.transfer', { ...approved, arguments: { body: { team_id: '4' } } })).toMatchObject(outside);
    expect(ask(agent, 'calls.transfer', { ...approved, arguments: { body: { user_id: '5' } } }).effect).toBe('allow');
    expect(ask(agent, 'calls.tag', { arguments: { body: { tags: ['9', '10'] } } })).toMatchObject(outside);
    expect(ask(agent, 'calls.tag', { arguments: { body: { tags: ['9'] } } }).effect).toBe('allow');
  });

  test('what an id names is held against the limits of its own area too', () => {
    const agent = calls({}, { constraints: { users: { users: ['5'] }, teams: { teams: ['3'] } } });
    expect(ask(agent, 'calls.search', { arguments: { query: { user_id: '6' } } }).code).toBe('outside_constraint');
    expect(ask(agent, 'teams.addUser', { arguments: { at: { team_id: '3', user_id: '6' } } }).code).toBe('outside_constraint');
    expect(ask(agent, 'teams.addUser', { arguments: { at: { team_id: '4', user_id: '5' } } }).code).toBe('outside_constraint');
    expect(ask(agent, 'teams.addUser', { ...approved, arguments: { at: { team_id: '3', user_id: '5' } } }).effect).toBe('allow');
    expect(ask(agent, 'users.dial', { ...approved, arguments: { at: { id: '6' }, body: {} } }).code).toBe('outside_constraint');
    expect(ask(agent, 'users.dial', { ...approved, arguments: { at: { id: '5' }, body: {} } }).effect).toBe('allow');
  });

  test('whom a write names beside its row is refused when the limits on such cannot be checked', () => {
    const agent = calls({}, { constraints: { users: { teams: ['3'] } } });
    expect(ask(agent, 'calls.transfer', { ...approved, arguments: { body: { user_id: '5' } } }).code).toBe('outside_constraint');
    expect(ask(agent, 'calls.search', { arguments: { query: { user_id: '5' } } }).effect).toBe('allow');
    expect(ask(agent, 'users.dial', { ...approved, arguments: { at: { id: '5' }, body: {} } }).obligations).toContainEqual({
      kind: 'look_first',
      capability: 'users.retrieve',
      id: '5',
      area: 'users',
      constraint: { teams: ['3'] },
    });
  });

  test('a write on a row looks at the row first; the limits of the row’s area and of the capability’s area hold together', () => {
    const agent = calls(
      { teams: ['3', '4'], newerThanSeconds: 60 },
      { constraints: { calls: { teams: ['3', '4'], newerThanSeconds: 60 }, conversation: { teams: ['4', '5'] } } },
    );
    expect(ask(agent, 'calls.comment').obligations).toContainEqual({
      kind: 'look_first',
      capability: 'calls.retrieve',
      id: '7',
      area: 'calls',
      constraint: { teams: ['3', '4'], newerThanSeconds: 60 },
    });
    expect(ask(agent, 'conversation.transcription').obligations).toContainEqual({
      kind: 'look_first',
      capability: 'calls.retrieve',
      id: '7',
      area: 'calls',
      constraint: { teams: ['4'], newerThanSeconds: 60 },
    });
  });

  test('an id beside that of the row shows nothing about the row', () => {
    const agent = calls({}, { constraints: { teams: { users: ['5'] } } });
    const decision = ask(agent, 'teams.addUser', { ...approved, arguments: { at: { team_id: '3', user_id: '5' } } });
    expect(decision.obligations).toContainEqual({
      kind: 'look_first',
      capability: 'teams.retrieve',
      id: '3',
      area: 'teams',
      constraint: { users: ['5'] },
    });
  });

  test('a write whose row is not named is refused', () => {
    for (const at of [{}, { id: '' }, { id: 7 }, Object.create({ id: '7' })]) {
      const request = { arguments: { at: at as Record<string, string> } }; // not what the schema lets through
      expect(ask(calls({ teams: ['3'] }), 'calls.comment', request).code).toBe('outside_constraint');
    }
  });

  test('a row that is only read needs no look before: the answer is filtered', () => {
    const { obligations } = ask(calls({ teams: ['3'] }), 'calls.retrieve');
    expect(obligations.map(({ kind }) => kind)).not.toContain('look_first');
    expect(obligations).toContainEqual({ kind: 'rows', area: 'calls', constraint: { teams: ['3'] } });
  });

  test('a user named by e-mail address is looked up, or seen in the answer; one named by id is compared', () => {
    const agent = calls({}, { constraints: { users: { users: ['5'] } } });
    const byEmail = { arguments: { at: { id: 'ann@acme.example' } } };
    expect(ask(agent, 'users.update', { arguments: { at: { id: 'ann@acme.example' }, body: {} } }).obligations).toContainEqual({
      kind: 'look_first',
      capability: 'users.retrieve',
      id: 'ann@acme.example',
      area: 'users',
      constraint: { users: ['5'] },
    });
    expect(ask(agent, 'users.retrieve', byEmail).obligations).toContainEqual({ kind: 'rows', area: 'users', constraint: { users: ['5'] } });
    expect(ask(agent, 'users.retrieve', { arguments: { at: { id: '6' } } }).code).toBe('outside_constraint');
  });

  test('what cannot be checked is refused: a new row, a list that does not say, a limit no row speaks of', () => {
    const agent = calls(
      {},
      { constraints: { users: { users: ['5'] }, tags: { tags: ['9'] }, contacts: { teams: ['3'] }, messages: { numbers: ['2'] } } },
    );
    const outside = { effect: 'deny', code: 'outside_constraint' };
    expect(ask(agent, 'users.create', { arguments: { body: { inviter_user_id: '5' } } })).toMatchObject(outside);
    expect(ask(agent, 'tags.create', { arguments: { body: { name: 'x', color: '#fff' } } })).toMatchObject(outside);
    expect(ask(agent, 'contacts.list')).toMatchObject(outside);
    expect(ask(agent, 'contacts.create', { arguments: { body: {} } })).toMatchObject(outside);
    expect(ask(agent, 'messages.listSmsTemplates')).toMatchObject(outside);
  });

  test('a message from a listed number is allowed, in the path and in the body, and from another refused', () => {
    const agent = calls({}, { constraints: { messages: { numbers: ['2'] } } });
    expect(ask(agent, 'messages.send', { ...approved, arguments: { at: { id: '2' }, body: {} } }).effect).toBe('allow');
    expect(ask(agent, 'messages.send', { ...approved, arguments: { at: { id: '3' }, body: {} } }).code).toBe('outside_constraint');
    expect(ask(agent, 'messages.sendWhatsapp', { ...approved, arguments: { body: { lineId: '2' } } }).effect).toBe('allow');
    expect(ask(agent, 'messages.sendWhatsapp', { ...approved, arguments: { body: { lineId: '3' } } }).code).toBe('outside_constraint');
    expect(ask(agent, 'messages.sendWhatsapp', { ...approved, arguments: { body: {} } }).code).toBe('outside_constraint');
  });

  test('an empty list lets nothing through, and a limit that cannot be read neither', () => {
    expect(ask(calls({ users: [] }), 'calls.list').code).toBe('outside_constraint');
    const disjoint = { calls: { teams: ['3'] }, conversation: { teams: ['4'] } };
    expect(ask(calls({}, { constraints: disjoint }), 'conversation.summary').code).toBe('outside_constraint');
    const broken = [{ teams: 'all' }, { team: ['3'] }, { newerThanSeconds: -1 }, { hours: {} }, { maximumRowsPerDay: '5' }, null, 7];
    for (const constraint of broken) {
      const agent = calls(constraint as never); // values of a later version, or slips of the pen
      expect(ask(agent, 'calls.list').code).toBe('outside_constraint');
    }
  });

  test('hours are those on the wall of the time zone, also past midnight', () => {
    const at = (hours: object, nowMs: number) => ask(calls({ hours } as never), 'calls.list', { nowMs }).effect; // the shape is checked by the code under test
    const day = { days: [3], from: '09:00', to: '11:00', timeZone: 'Europe/Paris' };
    const paris = (hour: number, minute: number) => Date.UTC(2026, 10, 18, hour - 1, minute);
    expect(at(day, paris(8, 59))).toBe('deny');
    expect(at(day, paris(9, 0))).toBe('allow');
    expect(at(day, paris(10, 59))).toBe('allow');
    expect(at(day, paris(11, 0))).toBe('deny');
    expect(at({ ...day, days: [4] }, paris(10, 0))).toBe('deny');
    const night = { days: [2], from: '22:00', to: '06:00', timeZone: 'Europe/Paris' };
    expect(at(night, paris(5, 59))).toBe('allow');
    expect(at(night, paris(6, 0))).toBe('deny');
    expect(at(night, paris(22, 30))).toBe('deny');
    expect(at({ ...day, days: [3], from: '00:00', to: '24:00' }, paris(23, 59))).toBe('allow');
    expect(at({ ...day, timeZone: 'Mars/Olympus' }, paris(10, 0))).toBe('deny');
    expect(ask(calls({ hours: night }), 'calls.list', { nowMs: paris(10, 0) }).code).toBe('outside_hours');
  });

  test('a winter day has its own hours when clocks go back', () => {
    const hours = { days: [7], from: '02:00', to: '03:00', timeZone: 'Europe/Paris' };
    const firstTwo = Date.UTC(2026, 9, 25, 0, 30);
    const secondTwo = Date.UTC(2026, 9, 25, 1, 30);
    expect(ask(calls({ hours }), 'calls.list', { nowMs: firstTwo }).effect).toBe('allow');
    expect(ask(calls({ hours }), 'calls.list', { nowMs: secondTwo }).effect).toBe('allow');
    expect(ask(calls({ hours }), 'calls.list', { nowMs: secondTwo + 3_600_000 }).effect).toBe('deny');
  });

  test('daily caps count rows for reads and acts for writes', () => {
    const agent = calls({ maximumRowsPerDay: 10, maximumWritesPerDay: 2 });
    const usage = (rowsToday: number, writesToday: number) => ({ usage: { requestsToday: 0, rowsToday, writesToday, commentsOnCall: 0 } });
    expect(ask(agent, 'calls.list', usage(9, 2)).effect).toBe('allow');
    expect(ask(agent, 'calls.list', usage(10, 0))).toMatchObject({ effect: 'deny', code: 'quota_exhausted' });
    expect(ask(agent, 'calls.comment', usage(10, 1)).effect).toBe('allow');
    expect(ask(agent, 'calls.comment', usage(0, 2)).code).toBe('quota_exhausted');
    expect(ask(agent, 'calls.list', usage(Number.NaN, 0)).code).toBe('quota_exhausted');
  });

  test('a call takes only so many comments of one agent', () => {
    const { mostPerObject } = can('calls.comment');
    expect(mostPerObject).toBeGreaterThan(0);
    const usage = (commentsOnCall: number) => ({ usage: { requestsToday: 0, rowsToday: 0, writesToday: 0, commentsOnCall } });
    expect(ask(calls({}), 'calls.comment', usage((mostPerObject ?? 0) - 1)).effect).toBe('allow');
    expect(ask(calls({}), 'calls.comment', usage(mostPerObject ?? 0)).code).toBe('quota_exhausted');
  });
});

describe('searching', () => {
  const grants = { calls: 'read', contacts: 'read', users: 'read', messages: 'read' } as const;
  const search = (fields: Agent['fields'], id: string, given: Partial<DecisionRequest['arguments']>) =>
    ask({ grants, fields }, id, { arguments: given });

  test('by phone number needs phone numbers to be shown', () => {
    const query = { phone_number: '+33123456789' };
    expect(search([], 'calls.search', { query }).effect).toBe('allow');
    for (const treatment of ['mask', 'tokenize', 'hide'] as const) {
      const decision = search([{ area: null, class: 'phone', treatment }], 'calls.search', { query });
      expect(decision).toMatchObject({ effect: 'deny', code: 'filter_not_allowed' });
      expect(JSON.stringify(decision)).not.toContain('123456789');
    }
  });

  test('by e-mail address or free text is no way round a masked phone number', () => {
    const fields = [{ area: 'contacts', class: 'phone', treatment: 'mask' }] as const;
    expect(search(fields, 'contacts.search', { query: { email: 'ann@acme.example' } }).code).toBe('filter_not_allowed');
    expect(search(fields, 'contacts.search', { query: { order: 'asc' } }).effect).toBe('allow');
    expect(search(fields, 'contacts.list', {}).effect).toBe('allow');
  });

  test('a masked phone number in contacts is masked in calls too, unless a rule says otherwise there', () => {
    const masked = { area: 'contacts', class: 'phone', treatment: 'mask' } as const;
    expect(search([masked], 'calls.search', { query: { phone_number: '+33123456789' } }).code).toBe('filter_not_allowed');
    const shown = { area: 'calls', class: 'phone', treatment: 'show' } as const;
    expect(search([masked, shown], 'calls.search', { query: { phone_number: '+33123456789' } }).effect).toBe('allow');
  });

  test('a user may be asked for by e-mail address only where those are shown, and by id always', () => {
    const fields = [{ area: 'users', class: 'email', treatment: 'hide' }] as const;
    expect(search([], 'users.retrieve', { at: { id: 'ann@acme.example' } }).effect).toBe('allow');
    expect(search(fields, 'users.retrieve', { at: { id: 'ann@acme.example' } }).code).toBe('filter_not_allowed');
    expect(search(fields, 'users.retrieve', { at: { id: '5' } }).effect).toBe('allow');
  });
});

describe('addresses', () => {
  const agent = { grants: { webhooks: 'full' } } as const;
  const create = (url: unknown, webhookHosts: readonly string[]) =>
    ask(agent, 'webhooks.create', { approved: true, arguments: { body: { url } } }, { webhookHosts });

  test('only listed hosts are allowed, also with an approval', () => {
    expect(create('https://hooks.acme.example/a?b=1', ['hooks.acme.example']).effect).toBe('allow');
    expect(create('https://hooks.acme.example/a', [])).toMatchObject({
      effect: 'deny',
      code: 'forbidden_by_rule',
      rule: { kind: 'address' },
    });
    expect(create('https://evil.example/', ['hooks.acme.example']).code).toBe('forbidden_by_rule');
    expect(create(7, ['hooks.acme.example']).code).toBe('forbidden_by_rule');
  });

  test('what the address was is not repeated', () => {
    expect(JSON.stringify(create('https://evil.example/', ['hooks.acme.example']))).not.toContain('evil');
  });

  test('an update without an address points nothing anywhere', () => {
    expect(ask(agent, 'webhooks.update', { approved: true, arguments: { body: { active: false } } }).effect).toBe('allow');
  });
});

describe('what stands between an agent and an act', () => {
  const grants = { calls: 'full', contacts: 'full', messages: 'full', webhooks: 'full' } as const;
  const aMinuteAgo = wednesdayMs - 60_000;

  test('a deletion has to be confirmed, and an approval confirms it', () => {
    expect(ask({ grants }, 'contacts.delete')).toMatchObject({ effect: 'needs_confirm', code: 'confirm_required' });
    expect(ask({ grants }, 'contacts.delete', { confirmed: true }).effect).toBe('allow');
    expect(ask({ grants }, 'contacts.delete', { approved: true }).effect).toBe('allow');
  });

  test('a message has to be approved, and a confirmation is no approval', () => {
    expect(ask({ grants }, 'messages.send')).toMatchObject({ effect: 'needs_approval', code: 'approval_required' });
    expect(ask({ grants }, 'messages.send', { confirmed: true }).effect).toBe('needs_approval');
    expect(ask({ grants }, 'messages.send', { approved: true }).effect).toBe('allow');
  });

  test('an allow rule lowers an approval to a confirmation, and no further', () => {
    const rule = (capability: string) => ({ id: 'r', capability, effect: 'allow', reason: '', expiresAt: null }) as const;
    expect(ask({ grants, rules: [rule('messages.send')] }, 'messages.send').effect).toBe('needs_confirm');
    expect(ask({ grants, rules: [rule('messages.send')] }, 'messages.send', { confirmed: true }).effect).toBe('allow');
    expect(ask({ grants, rules: [rule('contacts.delete')] }, 'contacts.delete').effect).toBe('needs_confirm');
  });

  test('after reading outside text, what acts outside or deletes needs a person for half an hour', () => {
    const at = (readTextAtMs: number | null, id = 'contacts.delete') => ask({ grants }, id, { confirmed: true, readTextAtMs });
    expect(at(aMinuteAgo)).toMatchObject({ effect: 'needs_approval', rule: { kind: 'taint' } });
    expect(at(wednesdayMs - taintMs).effect).toBe('needs_approval');
    expect(at(wednesdayMs - taintMs - 1).effect).toBe('allow');
    expect(at(wednesdayMs + 3_600_000).effect).toBe('needs_approval');
    expect(at(Number.NaN).effect).toBe('needs_approval');
    expect(at(aMinuteAgo, 'calls.transfer').effect).toBe('needs_approval');
    expect(at(aMinuteAgo, 'contacts.update').effect).toBe('allow');
    expect(at(aMinuteAgo, 'calls.list').effect).toBe('allow');
    expect(ask({ grants }, 'contacts.delete', { approved: true, readTextAtMs: aMinuteAgo }).effect).toBe('allow');
  });

  test('that can be switched on and off; left alone it follows from whether the agent can act outside', () => {
    const read = { confirmed: true, readTextAtMs: aMinuteAgo };
    const rule = { id: 'r', capability: 'messages.send', effect: 'allow', reason: '', expiresAt: null } as const;
    expect(ask({ grants: { contacts: 'full' } }, 'contacts.delete', read).effect).toBe('allow');
    expect(ask({ grants: { contacts: 'full' }, taint: true }, 'contacts.delete', read).effect).toBe('needs_approval');
    expect(ask({ grants: { contacts: 'full' }, rules: [rule] }, 'contacts.delete', read).effect).toBe('needs_approval');
    expect(ask({ grants, taint: false }, 'contacts.delete', read).effect).toBe('allow');
  });

  test('a dry run is not held up, as it does nothing', () => {
    expect(ask({ grants }, 'messages.send', { dryRun: true, readTextAtMs: aMinuteAgo }).effect).toBe('dry_run');
  });

  test('what is asked of the request holds already while it waits', () => {
    const decision = ask({ grants, constraints: { calls: { teams: ['3'] } } }, 'calls.transfer');
    expect(decision.effect).toBe('needs_confirm');
    expect(decision.obligations.map(({ kind }) => kind)).toContain('look_first');
  });
});

describe('what must be done to the answer', () => {
  test('every class in the answer has a treatment, and areas that are not granted are taken out', () => {
    const { obligations } = ask({ grants: { calls: 'read', tags: 'read' } }, 'calls.list');
    const treatments = obligations.flatMap((each) => (each.kind === 'fields' ? [`${each.area} ${each.class} ${each.treatment}`] : []));
    expect(treatments).toHaveLength(can('calls.list').classes.length);
    expect(treatments).toContain('calls phone show');
    expect(treatments).toContain('contacts email hide');
    expect(obligations).toContainEqual({ kind: 'without', area: 'contacts' });
    expect(obligations).toContainEqual({ kind: 'without', area: 'recordings' });
    expect(obligations).not.toContainEqual({ kind: 'without', area: 'tags' });
    expect(obligations).toContainEqual({ kind: 'text_apart' });
  });

  test('objects of another area are taken out when its limits let none through, or cannot be read', () => {
    const grants = { calls: 'read', teams: 'read' } as const;
    const without = { kind: 'without', area: 'teams' };
    expect(ask({ grants, constraints: { teams: { teams: ['3'] } } }, 'calls.list').obligations).toContainEqual({
      kind: 'rows',
      area: 'teams',
      constraint: { teams: ['3'] },
    });
    expect(ask({ grants, constraints: { teams: { teams: [] } } }, 'calls.list').obligations).toContainEqual(without);
    const broken = { teams: { team: '3' } } as unknown as Agent['constraints']; // a slip of the pen
    expect(ask({ grants, constraints: broken }, 'calls.list').obligations).toContainEqual(without);
  });

  test('media links are hidden whatever the rules say, until recordings may be read', () => {
    const fields = [{ area: null, class: 'media', treatment: 'show' }] as const;
    const media = (grants: Agent['grants']) =>
      ask({ grants, fields }, 'calls.list').obligations.flatMap((each) =>
        each.kind === 'fields' && each.class === 'media' ? [each.treatment] : [],
      );
    expect(media({ calls: 'read' })).toEqual(['hide']);
    expect(media({ calls: 'read', recordings: 'read' })).toEqual(['show']);
  });

  test('of rules that are equally specific the stricter holds; one for the area goes before one for all', () => {
    const phone = (fields: Agent['fields']) =>
      ask({ grants: { contacts: 'read' }, fields }, 'contacts.list').obligations.find(
        (each) => each.kind === 'fields' && each.class === 'phone',
      );
    const rule = (area: 'contacts' | null, treatment: 'show' | 'mask' | 'hide') => ({ area, class: 'phone', treatment }) as const;
    expect(phone([rule('contacts', 'mask'), rule('contacts', 'show')])).toMatchObject({ treatment: 'mask' });
    expect(phone([rule(null, 'hide'), rule('contacts', 'show')])).toMatchObject({ treatment: 'show' });
    expect(phone([rule(null, 'mask'), rule(null, 'show')])).toMatchObject({ treatment: 'mask' });
    const unknown = [{ area: 'contacts', class: 'phone', treatment: 'blur' }] as unknown as Agent['fields']; // a value of a later version
    expect(phone(unknown)).toMatchObject({ treatment: 'hide' });
  });
});

test('the steps are told in their order, up to the one that decided', () => {
  const order = [
    'agent',
    'catalogue',
    'schema',
    'guardrail',
    'method_rule',
    'grant',
    'constraint',
    'quota',
    'filter',
    'address',
    'taint',
    'friction',
  ];
  const grants = { calls: 'full' } as const;
  expect(kinds(ask({ grants }, 'calls.list'))).toEqual(order);
  expect(kinds(ask({}, 'calls.list'))).toEqual(order.slice(0, 6));
  const trace = ask({ grants }, 'calls.transfer').trace;
  expect(trace.map(({ outcome }) => outcome)).toEqual([...order.slice(1).map(() => 'pass'), 'stop']);
});
