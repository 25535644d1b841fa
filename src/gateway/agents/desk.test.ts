import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { AgentStore, AuditStore, openGatewayDatabase } from '../../store/index.ts';
import type { Database } from '../../store/index.ts';
import { openAuditLog } from '../audit/log.ts';
import type { AuditRecord } from '../audit/record.ts';
import { makeGatewayKeys } from '../secrets/gateway-keys.ts';
import { AgentDesk } from './desk.ts';
import {
  addGuardrail,
  dropGuardrail,
  dropRule,
  replacePolicy,
  setConstraint,
  setField,
  setLevels,
  setRule,
  setStatus,
  setSubjects,
  setText,
  setWebhookHosts,
} from './edits.ts';
import type { Edited } from './edits.ts';
import { openKeyBook } from './key-book.ts';
import { PolicyStore } from './policy-store.ts';
import type { Agent, Policy } from '../policy/types.ts';

const terms = { expiresAt: null, addresses: null };
const support = { name: 'Support Agent', owner: 'olga', purpose: 'Answers what customers ask.', expiresAt: null };

test('a new agent may do nothing, has one key that works, and the log says who added it', async () => {
  const { desk, policies, book, records } = await open();
  const { agent, key, sentence } = await desk.add(support, terms);
  expect(policies.current().agents[agent.id]).toEqual(agent);
  expect(agent).toMatchObject({ status: 'active', grants: {}, rules: [] });
  expect(book.find({ key: key.key.reveal(), agentId: null }, { ip: null, nowMs: 0 })).toMatchObject({ kind: 'known', agentId: agent.id });
  expect(sentence).toBe('Olga added Support Agent, owned by olga. It may do nothing yet.');
  expect(records().at(-1)).toMatchObject({
    phase: 'admin',
    sentence,
    who: { operator: 'Olga', agent: { id: agent.id, name: 'Support Agent' } },
  });
});

const edits: readonly [string, (policy: Policy, agent: Agent) => Edited, string, unknown, unknown][] = [
  [
    'levels',
    (policy, agent) => setLevels(policy, agent, { tags: 'full', calls: 'read' }),
    'Olga changed Support Agent: Tags from Read to Full use.',
    { tags: 'read' },
    { tags: 'full' },
  ],
  [
    'a rule',
    (policy, agent) => setRule(policy, agent, { id: 'r1', capability: 'calls.comment', effect: 'deny', reason: '', expiresAt: null }),
    'Olga changed Support Agent: calls.comment is now denied.',
    null,
    { id: 'r1', capability: 'calls.comment', effect: 'deny', reason: '', expiresAt: null },
  ],
  [
    'limits',
    (policy, agent) => setConstraint(policy, agent, 'calls', { teams: ['7'], maximumRowsPerDay: 100 }),
    'Olga changed Support Agent: limits in Calls: only team 7; at most 100 rows a day (was: none).',
    { calls: null },
    { calls: { teams: ['7'], maximumRowsPerDay: 100 } },
  ],
  [
    'how a field is shown',
    (policy, agent) => setField(policy, agent, { area: 'contacts', class: 'phone' }, 'mask'),
    'Olga changed Support Agent: phone numbers in Contacts are masked.',
    null,
    { area: 'contacts', class: 'phone', treatment: 'mask' },
  ],
  [
    'its owner',
    (policy, agent) => setText(policy, agent, { owner: 'paul' }),
    'Olga changed Support Agent: owner paul (was: owner olga).',
    { owner: 'olga' },
    { owner: 'paul' },
  ],
  [
    'what reading outside text leads to',
    (policy, agent) => setText(policy, agent, { taint: false }),
    'Olga changed Support Agent: what it sends, deletes or does live after reading outside text never needs a person for that reason ' +
      '(was: needs a person if it may send or act live, the default).',
    { taint: null },
    { taint: false },
  ],
  [
    'what it is for, which is free text,',
    (policy, agent) => setText(policy, agent, { purpose: 'Calls Ms Moss back' }),
    'Olga changed Support Agent: the purpose changed.',
    { purpose: support.purpose },
    { purpose: 'Calls Ms Moss back' },
  ],
  [
    'whose tokens are its own',
    (policy, agent) => setSubjects(policy, agent, ['support-bot', '0oa1b2c3d4', 'support-bot']),
    'Olga changed Support Agent: tokens of 0oa1b2c3d4 are this agent’s and tokens of support-bot are this agent’s.',
    { subjects: [] },
    { subjects: ['0oa1b2c3d4', 'support-bot'] },
  ],
  [
    'a pause',
    (policy, agent) => setStatus(policy, agent, 'paused'),
    'Olga paused Support Agent.',
    { status: 'active' },
    { status: 'paused' },
  ],
  [
    'a company rule',
    (policy) => addGuardrail(policy, { id: 'keep', forbids: { effect: 'delete' }, text: 'Agents delete nothing' }),
    'Olga added the company rule keep.',
    null,
    { id: 'keep', forbids: { effect: 'delete' }, text: 'Agents delete nothing' },
  ],
  [
    'hosts of webhooks',
    (policy) => setWebhookHosts(policy, ['*.acme.example']),
    'Olga allowed webhooks to *.acme.example only.',
    { webhookHosts: [] },
    { webhookHosts: ['*.acme.example'] },
  ],
];

test.each(edits)('changing %s is recorded with before and after, in a sentence, and counts at the next look', async (...given) => {
  const [, edit, sentence, before, after] = given;
  const { desk, policies, records } = await open();
  const { agent } = await desk.add(support, terms);
  await desk.change((policy) => setLevels(policy, policy.agents[agent.id]!, { tags: 'read', calls: 'read' }));
  const earlier = policies.current();
  const changed = await desk.change((policy) => edit(policy, policy.agents[agent.id]!));
  expect(changed.sentence).toBe(sentence);
  expect(policies.current()).toEqual(changed.policy);
  expect(changed.policy.version).not.toBe(earlier.version);
  expect(records().at(-1)).toMatchObject({
    phase: 'admin',
    sentence,
    who: { operator: 'Olga' },
    change: { before, after: { value: after, policyVersion: changed.policy.version } },
  });
  expect(policies.ofVersion(earlier.version)).toEqual(earlier);
});

test('what was set can be taken away again', async () => {
  const { desk, policies } = await open();
  const { agent } = await desk.add(support, terms);
  const start = policies.current();
  const now = () => policies.current().agents[agent.id]!;
  await desk.change((policy) => setLevels(policy, now(), { calls: 'read' }));
  await desk.change((policy) => setRule(policy, now(), { id: 'r', capability: 'calls.list', effect: 'deny', reason: '', expiresAt: null }));
  await desk.change((policy) => setConstraint(policy, now(), 'calls', { teams: ['7'] }));
  await desk.change((policy) => setField(policy, now(), { area: null, class: 'email' }, 'hide'));
  await desk.change((policy) => setSubjects(policy, now(), ['support-bot']));
  await desk.change((policy) => addGuardrail(policy, { id: 'keep', forbids: { area: 'calls' }, text: 'Nothing' }));
  await desk.change((policy) => setLevels(policy, now(), { calls: 'off' }));
  await desk.change((policy) => dropRule(policy, now(), 'calls.list'));
  await desk.change((policy) => setConstraint(policy, now(), 'calls', null));
  await desk.change((policy) => setField(policy, now(), { area: null, class: 'email' }, null));
  await desk.change((policy) => setSubjects(policy, now(), []));
  await desk.change((policy) => dropGuardrail(policy, 'keep'));
  expect(policies.current()).toEqual(start);
});

test('a change and its record are one: whichever cannot be stored takes the other with it', async () => {
  const { desk, database, policies, records, agents } = await open();
  const { agent } = await desk.add(support, terms);
  const before = { policy: policies.current(), records: records().length, keys: agents.keys().length };
  const edit = (policy: Policy) => setLevels(policy, policy.agents[agent.id]!, { calls: 'read' });
  const failures: [string, string][] = [
    ['no_more_policies', "BEFORE INSERT ON policies BEGIN SELECT RAISE(ABORT, 'full'); END"],
    ['no_more_records', "BEFORE INSERT ON audit_records BEGIN SELECT RAISE(ABORT, 'full'); END"],
    ['no_more_heads', "BEFORE UPDATE ON audit_heads BEGIN SELECT RAISE(ABORT, 'full'); END"],
  ];
  for (const [name, trigger] of failures) {
    database.prepare(`CREATE TRIGGER ${name} ${trigger}`).run();
    await expect(desk.change(edit), name).rejects.toThrow();
    database.prepare(`DROP TRIGGER ${name}`).run();
  }
  database.prepare("CREATE TRIGGER no_more_keys BEFORE INSERT ON agent_keys BEGIN SELECT RAISE(ABORT, 'full'); END").run();
  await expect(desk.add({ ...support, name: 'Other' }, terms)).rejects.toThrow();
  await expect(desk.issueKey(agent.id, { terms, overlapMs: 0 })).rejects.toThrow();
  database.prepare('DROP TRIGGER no_more_keys').run();
  expect({ policy: policies.current(), records: records().length, keys: agents.keys().length }).toEqual(before);
  await desk.change(edit);
  expect(records().length).toBe(before.records + 1);
});

test('changes by several processes at once all count, one after the other', async () => {
  const bench = await open();
  const { agent } = await bench.desk.add(support, terms);
  const areas = ['calls', 'contacts', 'tags', 'users', 'teams', 'numbers'] as const;
  const desks = await Promise.all(areas.map(() => bench.elsewhere()));
  await Promise.all(
    areas.map((area, index) => desks[index]!.desk.change((policy) => setLevels(policy, policy.agents[agent.id]!, { [area]: 'read' }))),
  );
  expect(bench.policies.current().agents[agent.id]!.grants).toEqual(Object.fromEntries(areas.map((area) => [area, 'read'])));
  expect(bench.records().length).toBe(1 + areas.length);
  expect(bench.agents.policyNumber()).toBe(1 + areas.length);
});

test('pausing, resuming and revoking count at the next look of another process; revoking ends all keys, for good', async () => {
  const { desk, elsewhere, keysOf } = await open();
  const { agent, key } = await desk.add(support, terms);
  const other = await elsewhere();
  const status = () => other.policies.current().agents[agent.id]!.status;
  const find = () => other.book.find({ key: key.key.reveal(), agentId: null }, { ip: null, nowMs: 0 });
  expect([status(), find().kind]).toEqual(['active', 'known']);
  await desk.change((policy) => setStatus(policy, policy.agents[agent.id]!, 'paused'));
  expect([status(), find().kind]).toEqual(['paused', 'known']);
  await desk.change((policy) => setStatus(policy, policy.agents[agent.id]!, 'active'));
  expect(status()).toBe('active');
  await desk.issueKey(agent.id, { terms, overlapMs: null });
  await desk.revoke(agent.id);
  expect(status()).toBe('revoked');
  expect(find()).toMatchObject({ reason: 'revoked' });
  expect(keysOf(agent.id).every((each) => each.revokedAt !== null)).toBe(true);
  for (const attempt of [
    () => desk.revoke(agent.id),
    () => desk.change((policy) => setStatus(policy, policy.agents[agent.id]!, 'active')),
    () => desk.change((policy) => setLevels(policy, policy.agents[agent.id]!, { calls: 'read' })),
    () => desk.issueKey(agent.id, { terms, overlapMs: null }),
  ]) {
    await expect(attempt()).rejects.toMatchObject({ code: 'agent_revoked' });
  }
});

test('a new key lets the old one go on for a while and no longer than it would have', async () => {
  const { desk, clock, keysOf, book } = await open();
  const soon = new Date(clock.now() + 1000).toISOString();
  const { agent, key: first } = await desk.add(support, terms);
  const { key: short } = await desk.issueKey(agent.id, { terms: { ...terms, expiresAt: soon }, overlapMs: null });
  const { key: last } = await desk.issueKey(agent.id, { terms, overlapMs: 3_600_000 });
  const at = (key: typeof first, afterMs: number) =>
    book.find({ key: key.key.reveal(), agentId: null }, { ip: null, nowMs: clock.now() + afterMs }).kind;
  expect([at(first, 3_599_999), at(first, 3_600_000)]).toEqual(['known', 'refused']);
  expect([at(short, 999), at(short, 1000)]).toEqual(['known', 'refused']);
  expect(at(last, 1e12)).toBe('known');
  await desk.revokeKey(last.keyId);
  expect(at(last, 0)).toBe('refused');
  await expect(desk.revokeKey(last.keyId)).rejects.toMatchObject({ code: 'key_revoked' });
  await expect(desk.revokeKey('nobody')).rejects.toMatchObject({ code: 'key_missing' });
  expect(keysOf(agent.id).length).toBe(3);
});

test('the dangerous combination is refused until somebody accepts it, and the acceptance does not outlive it', async () => {
  const { desk, policies, records } = await open();
  const { agent } = await desk.add(support, terms);
  const now = () => policies.current().agents[agent.id]!;
  await desk.change((policy) => setLevels(policy, now(), { calls: 'read', contacts: 'read' }));
  const more = (policy: Policy) => setLevels(policy, now(), { messages: 'full' });
  const error: unknown = await desk.change(more).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'dangerous_combination' });
  expect((error as Error).message).toContain('Messages');
  expect(now().grants).not.toHaveProperty('messages');
  const { sentence } = await desk.change(more, { acceptsCombination: true });
  expect(sentence).toContain('accepting that it sees private data, reads outside text and has a way out');
  expect(now().combinationAccepted).toMatchObject({ by: 'Olga' });
  expect(JSON.stringify(records().at(-1)?.change)).toContain('combinationAccepted');
  await desk.change((policy) => setLevels(policy, now(), { tags: 'read' }));
  expect(now().combinationAccepted).not.toBeNull();
  await desk.change((policy) => setLevels(policy, now(), { messages: 'off' }));
  expect(now().combinationAccepted).toBeNull();
  await expect(desk.change(more)).rejects.toMatchObject({ code: 'dangerous_combination' });
});

test('a whole policy, a company rule that goes, or a host that is allowed make no dangerous combination unseen either', async () => {
  const { desk, policies } = await open();
  const { agent } = await desk.add(support, terms);
  const dangerous = { ...agent, grants: { calls: 'read', contacts: 'read', messages: 'full' } } as const;
  const apply = (policy: Policy) => replacePolicy(policy, { ...policy, agents: { [agent.id]: dangerous } }, ['x']);
  await expect(desk.change(apply)).rejects.toMatchObject({ code: 'dangerous_combination' });
  await desk.change((policy) => addGuardrail(policy, { id: 'no-messages', forbids: { area: 'messages' }, text: 'No messages' }));
  await desk.change(apply);
  await expect(desk.change((policy) => dropGuardrail(policy, 'no-messages'))).rejects.toMatchObject({ code: 'dangerous_combination' });
  const { sentence } = await desk.change((policy) => dropGuardrail(policy, 'no-messages'), { acceptsCombination: true });
  expect(sentence).toContain('accepting that Support Agent sees private data');
  expect(policies.current().agents[agent.id]!.combinationAccepted).toMatchObject({ by: 'Olga' });
  await desk.change((policy) => setStatus(policy, policy.agents[agent.id]!, 'paused'));
});

test('an agent that sees nothing private, or no outside text, or has no way out, needs no acceptance', async () => {
  const { desk, policies } = await open();
  const { agent } = await desk.add(support, terms);
  const now = () => policies.current().agents[agent.id]!;
  await desk.change((policy) => setField(policy, now(), { area: null, class: 'freetext' }, 'hide'));
  await desk.change((policy) => setLevels(policy, now(), { calls: 'read', contacts: 'read', messages: 'full' }));
  expect(now().combinationAccepted).toBeNull();
  await expect(desk.change((policy) => setField(policy, now(), { area: null, class: 'freetext' }, null))).rejects.toMatchObject({
    code: 'dangerous_combination',
  });
});

test.each(['', ' ', 'a\nb', 'x'.repeat(61), 'Bot\u202e', '<b>', 'a"b', ' a', 'a '])('%j is no name of an agent', async (name) => {
  const { desk, records } = await open();
  await expect(desk.add({ ...support, name }, terms)).rejects.toMatchObject({ code: 'agent_name' });
  expect(records()).toEqual([]);
});

test('a subject is of one agent only, until that one is revoked', async () => {
  const { desk, policies } = await open();
  const { agent: first } = await desk.add(support, terms);
  const { agent: second } = await desk.add({ ...support, name: 'Other Agent' }, terms);
  const give = (id: string, ...subjects: string[]) => desk.change((policy) => setSubjects(policy, policy.agents[id]!, subjects));
  await give(first.id, 'bot-a', 'bot-b');
  await expect(give(second.id, 'bot-b')).rejects.toThrow('Support Agent has one of these already');
  await give(second.id, 'Bot-b');
  await desk.revoke(first.id);
  await give(second.id, 'bot-b');
  expect(policies.current().agents[second.id]?.subjects).toEqual(['bot-b']);
});

test.each(['', ' ', 'a b', 'a\nb', 'ä', 'x'.repeat(256)])('%j is no subject', async (subject) => {
  const { desk } = await open();
  const { agent } = await desk.add(support, terms);
  await expect(desk.change((policy) => setSubjects(policy, policy.agents[agent.id]!, [subject]))).rejects.toThrow('visible characters');
});

test('two agents cannot have names that only differ in case', async () => {
  const { desk } = await open();
  await desk.add(support, terms);
  await expect(desk.add({ ...support, name: 'SUPPORT agent' }, terms)).rejects.toMatchObject({ code: 'agent_exists' });
});

test('a change that changes nothing is refused and not recorded', async () => {
  const { desk, records } = await open();
  const { agent } = await desk.add(support, terms);
  await expect(desk.change((policy) => setLevels(policy, policy.agents[agent.id]!, { calls: 'off' }))).rejects.toMatchObject({
    code: 'no_change',
  });
  expect(records().length).toBe(1);
});

test('a whole policy is replaced at once', async () => {
  const { desk, policies, records } = await open();
  const { agent } = await desk.add(support, terms);
  await desk.change((policy) =>
    replacePolicy(policy, { ...policy, agents: { [agent.id]: { ...agent, grants: { tags: 'read' } } } }, [
      'Support Agent: Tags from Off to Read',
    ]),
  );
  expect(policies.current().agents[agent.id]!.grants).toEqual({ tags: 'read' });
  expect(records().at(-1)).toMatchObject({
    sentence: 'Olga applied a policy file with 1 change.',
    change: { after: { value: { changes: ['Support Agent: Tags from Off to Read'] } } },
  });
});

test('an agent that a whole policy revokes loses its keys in the same step', async () => {
  const { desk, book, keysOf } = await open();
  const { agent, key } = await desk.add(support, terms);
  await desk.change((policy) => replacePolicy(policy, { ...policy, agents: { [agent.id]: { ...agent, status: 'revoked' } } }, ['gone']));
  expect(book.find({ key: key.key.reveal(), agentId: null }, { ip: null, nowMs: 0 })).toMatchObject({ reason: 'revoked' });
  expect(keysOf(agent.id)[0]).toMatchObject({ revokedBy: 'Olga' });
});

test('a policy that was altered in the file, or is gone, allows nothing', async () => {
  const { desk, database, elsewhere } = await open();
  const { agent } = await desk.add(support, terms);
  const raw = (sql: string) => database.prepare(sql).run();
  const original = (database.prepare('SELECT policy FROM policies').get() as { policy: string }).policy;
  const damages = [
    `UPDATE policies SET policy = replace(policy, '"grants":{}', '"grants":{"calls":"full"}')`,
    `UPDATE policies SET policy = 'null'`,
    `UPDATE policies SET policy = substr(policy, 2)`,
    `UPDATE policies SET policy = replace(policy, 'example-co', 'other-co')`,
  ];
  for (const damage of damages) {
    raw(damage);
    const { policies } = await elsewhere();
    expect(() => policies.current(), damage).toThrow(expect.objectContaining({ code: 'policy_unreadable' }) as Error);
    database.prepare('UPDATE policies SET policy = ?').run(original);
    expect(policies.current().agents[agent.id]).toEqual(agent);
  }
  const { policies } = await elsewhere();
  policies.current();
  raw('DELETE FROM policies');
  expect(() => policies.current()).toThrow(expect.objectContaining({ code: 'policy_unreadable' }) as Error);
});

test('a policy store that cannot be read throws', async () => {
  const { policies, database } = await open();
  database.close();
  expect(() => policies.current()).toThrow(/after it was closed/);
});

test('no file and no record holds a key', async () => {
  const { desk, home } = await open();
  const { agent, key } = await desk.add(support, terms);
  const { key: other } = await desk.issueKey(agent.id, { terms, overlapMs: null });
  for (const each of [key, other]) {
    const secret = each.key.reveal().slice(26, 69);
    for (const name of readdirSync(home)) {
      const bytes = readFileSync(join(home, name));
      expect(bytes.includes(secret) || bytes.includes(Buffer.from(secret, 'base64url')), name).toBe(false);
    }
  }
});

async function open() {
  const home = mkdtempSync(join(tmpdir(), 'trunkline-'));
  const clock = new FakeClock();
  const keys = makeGatewayKeys();
  const company = 'example-co';
  const opened: (() => Promise<void>)[] = [];
  onTestFinished(async () => {
    for (const close of opened) await close();
    rmSync(home, { recursive: true, force: true });
  });
  const bench = async () => {
    const database: Database = await openGatewayDatabase({ home });
    const agents = new AgentStore({ database, company });
    const policies = new PolicyStore({ store: agents, company });
    const mayBegin = agents.policyNumber() === 0;
    const audit = await openAuditLog({ database, company, keys, clock, random: randomBytes, mayBegin });
    opened.push(async () => {
      await audit.close();
      database.close();
    });
    const pepper = keys.agentKey;
    const desk = new AgentDesk({
      store: agents,
      policies,
      audit,
      pepper,
      environment: 'test',
      operator: 'Olga',
      clock,
      random: randomBytes,
    });
    const log = new AuditStore({ database, company });
    const records = () => log.records({ after: 0, limit: 1000 }).map(({ bytes }) => JSON.parse(bytes) as AuditRecord); // as the log writes them
    return { database, agents, policies, audit, desk, records, book: openKeyBook({ store: agents, pepper }) };
  };
  const first = await bench();
  return { ...first, home, clock, elsewhere: bench, keysOf: (agentId: string) => first.agents.keys(agentId) };
}
