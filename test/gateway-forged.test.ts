// Somebody who can write into gateway.db and has none of the gateway's keys: whatever row is changed, taken out, put in or put back,
// no agent gets anything by it, and it is said what was touched.
import { randomBytes } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { makePolicy, openAuditLog, verifyAuditLog } from '../src/gateway/index.ts';
import { AuditStore, openGatewayDatabase } from '../src/store/index.ts';
import type { Database } from '../src/store/index.ts';
import { FakeClock } from './support/fake-clock.ts';
import { everything, openGatewayLab } from './support/gateway-lab.ts';
import type { GatewayLab, LabAgent } from './support/gateway-lab.ts';

type World = {
  readonly lab: GatewayLab;
  readonly weak: LabAgent;
  readonly strong: LabAgent;
  /** The file, opened by somebody else. */
  readonly file: Database;
  readonly sql: (sql: string, ...values: (string | number | null)[]) => number;
};

async function open(): Promise<World> {
  const lab = await openGatewayLab();
  const strong = await lab.addAgent('Strong', { grants: everything('full') });
  const weak = await lab.addAgent('Weak', { grants: { tags: 'read' } });
  const file = await openGatewayDatabase({ home: lab.home });
  onTestFinished(() => file.close());
  return { lab, weak, strong, file, sql: (sql, ...values) => file.prepare(sql).run(...values) };
}

/** Nothing goes out for either agent, whatever is asked, and the log says which rows are not as they were. */
async function expectShut({ lab, weak, strong }: World, kind: string): Promise<void> {
  const before = lab.upstream().length;
  for (const agent of [weak, strong]) {
    for (const path of ['/v1/tags', '/v1/calls']) {
      const { status, text } = await lab.ask(agent, 'GET', path);
      expect(status, text).toBe(503);
      expect(text).not.toMatch(/"(?:tags|calls)":/);
    }
  }
  expect(lab.upstream()).toHaveLength(before);
  const { damages } = await verifyAuditLog({ store: new AuditStore({ database: lab.database, company: 'acme' }), keys: lab.keys });
  expect(damages).toMatchObject([{ kind: 'deciding_altered', text: expect.stringContaining(kind) as string }]);
  // A process that starts now does not start over it.
  await expect(lab.restart()).rejects.toMatchObject({ code: 'audit_unavailable', message: expect.stringContaining(kind) as string });
}

const keyIdOf = (agent: LabAgent): string => agent.key.split('_')[2] ?? '';

test('a well-formed policy that somebody puts on top is not obeyed', async () => {
  const world = await open();
  const { lab, weak, file, sql } = world;
  const { version: _old, ...parts } = lab.policies.current();
  const agent = parts.agents[weak.id];
  if (agent === undefined) throw new Error('no agent');
  const forged = makePolicy({ ...parts, agents: { ...parts.agents, [weak.id]: { ...agent, grants: everything('full') } } });
  const { number } = file.prepare('SELECT max(number) AS number FROM policies').get() as { number: number };
  sql(
    `INSERT INTO policies VALUES ('acme', ?, ?, ?, '2026-11-03T09:00:00.000Z', 'Olga', 'x')`,
    number + 1,
    forged.version,
    JSON.stringify(forged),
  );
  await expectShut(world, 'the policy in force');
});

test('the newest policy cannot be taken away, so that an older one would hold', async () => {
  const world = await open();
  world.sql('DELETE FROM policies WHERE number = (SELECT max(number) FROM policies)');
  await expectShut(world, 'the policy in force');
});

test.each<[string, (world: World) => number]>([
  [
    'handed to another agent',
    ({ weak, strong, sql }) => sql('UPDATE agent_keys SET agent_id = ? WHERE key_id = ?', strong.id, keyIdOf(weak)),
  ],
  [
    'given another hash',
    ({ weak, strong, sql }) =>
      sql('UPDATE agent_keys SET hash = (SELECT hash FROM agent_keys WHERE key_id = ?) WHERE key_id = ?', keyIdOf(weak), keyIdOf(strong)),
  ],
  [
    'given a later end',
    ({ weak, sql }) => sql(`UPDATE agent_keys SET expires_at = '2099-01-01T00:00:00.000Z' WHERE key_id = ?`, keyIdOf(weak)),
  ],
  ['allowed from elsewhere', ({ weak, sql }) => sql(`UPDATE agent_keys SET addresses = '["10.0.0.1"]' WHERE key_id = ?`, keyIdOf(weak))],
  [
    'made by hand',
    ({ sql }) =>
      sql(
        `INSERT INTO agent_keys SELECT company, 'k' || key_id, agent_id, hash, made_at, made_by, expires_at, NULL, NULL, NULL, NULL FROM agent_keys LIMIT 1`,
      ),
  ],
])('a key that was %s opens nothing', async (_what, forge) => {
  const world = await open();
  expect(forge(world)).toBe(1);
  await expectShut(world, 'the keys of agents');
});

test('a revoked key does not come back, not even as the very row it was', async () => {
  const world = await open();
  const { lab, weak, file, sql } = world;
  const columns = 'company, key_id, agent_id, hash, made_at, made_by, expires_at, revoked_at, revoked_by, addresses, last_used_at';
  file.prepare(`CREATE TEMP TABLE kept AS SELECT ${columns} FROM agent_keys WHERE key_id = '${keyIdOf(weak)}'`).run();
  await lab.desk.revokeKey(keyIdOf(weak));
  expect((await lab.ask(weak, 'GET', '/v1/tags')).status).toBe(401);
  expect(sql(`INSERT OR REPLACE INTO agent_keys SELECT ${columns} FROM kept`)).toBe(1);
  await expectShut(world, 'the keys of agents');
});

test('an approval is not given, and not given again, by writing it into the file', async () => {
  const world = await open();
  const { lab, strong, sql } = world;
  const path = `/v1/calls/${[...lab.simulator.company.calls.all()][0]?.id}/recording`;
  const { body } = await lab.ask(strong, 'DELETE', path);
  const headers = { 'x-approval-id': String(body.approval_id) };
  expect(body.code).toBe('approval_required');
  await lab.decide(String(body.approval_id));
  const done = await lab.ask(strong, 'DELETE', path, { headers });
  expect(done.status, done.text).toBeLessThan(300);
  const before = lab.upstream().length;
  expect(sql(`UPDATE approvals SET state = 'approved'`)).toBe(1);
  expect((await lab.ask(strong, 'DELETE', path, { headers })).status).toBe(503);
  expect(lab.upstream()).toHaveLength(before);
  await expectShut(world, 'the approvals given');
});

test('an approval that only waits is not given by writing it into the file', async () => {
  const world = await open();
  const { lab, strong, sql } = world;
  const path = `/v1/calls/${[...lab.simulator.company.calls.all()][0]?.id}/recording`;
  const { body } = await lab.ask(strong, 'DELETE', path);
  sql(`UPDATE approvals SET state = 'approved', decided_by = 'Otto', decided_ms = asked_ms, proof = digest`);
  const before = lab.upstream().length;
  const { status } = await lab.ask(strong, 'DELETE', path, { headers: { 'x-approval-id': String(body.approval_id) } });
  expect(status).toBeGreaterThanOrEqual(400);
  expect(lab.upstream()).toHaveLength(before);
  await expectShut(world, 'the approvals given');
});

test.each<[string, string]>([
  ['counters are set back', 'UPDATE agent_usage SET writes = 0, "rows" = 0'],
  ['counters are taken out', 'DELETE FROM agent_usage'],
  ['counters of another day are put before them', `INSERT INTO agent_usage SELECT company, day + 1, agent_id, area, 0, 0 FROM agent_usage`],
])('when %s, no agent goes on', async (_what, forge) => {
  const world = await open();
  expect((await world.lab.ask(world.weak, 'GET', '/v1/tags')).status).toBe(200);
  expect(world.sql(forge)).toBeGreaterThan(0);
  await expectShut(world, 'what agents used on the last day');
});

test('the count of an agent’s requests is not set back', async () => {
  const world = await open();
  expect((await world.lab.ask(world.weak, 'GET', '/v1/tags')).status).toBe(200);
  expect(world.sql('UPDATE agent_requests SET requests = 0')).toBe(1);
  await expectShut(world, 'the requests of the last day');
});

test('that an agent has read outside text cannot be undone', async () => {
  const world = await open();
  expect((await world.lab.ask(world.strong, 'GET', '/v1/contacts')).status).toBe(200);
  expect(world.sql('DELETE FROM agent_texts')).toBeGreaterThan(0);
  await expectShut(world, 'who has read outside text');
});

test('a person, or a login of one, that somebody writes into the file is nobody', async () => {
  for (const [forge, kind] of [
    [
      `INSERT INTO people VALUES ('acme', 'pe_1', 'Mallory', 'mallory', 'approver', NULL, 'x', 0, '2026', 'Olga')`,
      'the people who approve',
    ],
    [`INSERT INTO people_sessions VALUES ('acme', '${'a'.repeat(64)}', 'pe_1', 1, 9999999999999)`, 'the logins of people'],
  ] as const) {
    const world = await open();
    world.sql(forge);
    await expectShut(world, kind);
  }
});

test('what is undone to the last row is forgiven: nothing had been decided by it', async () => {
  const { lab, weak, sql } = await open();
  sql('UPDATE agent_keys SET revoked_by = ? WHERE key_id = ?', 'Mallory', keyIdOf(weak));
  expect((await lab.ask(weak, 'GET', '/v1/tags')).status).toBe(503);
  sql('UPDATE agent_keys SET revoked_by = NULL WHERE key_id = ?', keyIdOf(weak));
  expect((await lab.ask(weak, 'GET', '/v1/tags')).status).toBe(200);
});

test('a log does not begin anew over what was left of an old one', async () => {
  const { lab, sql } = await open();
  for (const table of ['policies', 'audit_records', 'audit_heads', 'audit_checkpoints', 'audit_open_calls']) sql(`DELETE FROM ${table}`);
  const options = { database: lab.database, company: 'acme', keys: lab.keys, clock: new FakeClock(), random: randomBytes, mayBegin: true };
  await expect(openAuditLog(options)).rejects.toMatchObject({
    code: 'audit_unavailable',
    message: expect.stringContaining('keys of agents') as string,
  });
});

test('when a key was last used may change without a record, as nothing is decided by it', async () => {
  const { lab, weak, sql } = await open();
  sql(`UPDATE agent_keys SET last_used_at = '2026-11-03T09:00:00.000Z'`);
  expect((await lab.ask(weak, 'GET', '/v1/tags')).status).toBe(200);
});
