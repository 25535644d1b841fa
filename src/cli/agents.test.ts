import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openShell } from '../../test/support/cli.ts';
import type { Shell, ShellOptions } from '../../test/support/cli.ts';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { capabilityOf, createFriction, lookFacts } from '../gateway/index.ts';
import type { BoundRequest } from '../gateway/index.ts';
import { FrictionStore } from '../store/index.ts';
import { openGateway } from './gateway.ts';

const by = ['--by', 'Olga'] as const;

test('a new agent gets a key that is shown once, with what to do next', async () => {
  const shell = openShell();
  const added = await shell.run('agents', 'add', 'Support Agent', '--owner', 'olga', '--purpose', 'Answers what customers ask', ...by);
  expect(added.code).toBe(0);
  expect(added.stdout).toContain('Olga added Support Agent, owned by olga. It may do nothing yet.');
  const key = /acg_live_\S+/.exec(added.stdout)?.[0] ?? '';
  expect(key).toMatch(/^acg_live_[0-9a-z]{16}_[\w-]{43}_[0-9a-f]{8}$/);
  expect(added.stdout).toContain('trunkline agents grant "Support Agent" calls=read');
  expect(added.stderr).toContain('The gateway’s keys were made');
  for (const line of [['list'], ['show', 'Support Agent'], ['list', '--json'], ['export'], ['matrix']]) {
    const { stdout, stderr } = await shell.run('agents', ...line);
    expect(stdout + stderr).not.toContain(key.slice(26, 69));
  }
});

test.each([
  ['2s', '2026-11-22 12:00:02 UTC'],
  ['2d', '2026-11-24 12:00:00 UTC'],
  ['3d', '2026-11-25'],
])('a key that ends in %s is said to end on %s', async (span, end) => {
  const shell = openShell({ clock: new FakeClock({ startMs: Date.UTC(2026, 10, 22, 12) }) });
  const { stdout } = await shell.run('agents', 'add', 'Bot', '--owner', 'Olga Stein', '--key-expires', span, ...by);
  expect(stdout).toContain(` It ends on ${end}.\n`);
});

test('the key says for which Aircall it is', async () => {
  const shell = openShell({ env: { AIRCALL_BASE_URL: 'http://127.0.0.1:1' } });
  expect((await shell.run('agents', 'add', 'Bot', '--owner', 'olga', ...by)).stdout).toContain('acg_test_');
});

test('the gateway’s keys are in the state folder, not in the home folder; with a key-encryption key they are in no file', async () => {
  const shell = openShell();
  await shell.run('agents', 'list');
  const keys = join(shell.cwd, 'state', 'trunkline', 'gateway');
  const [name = ''] = readdirSync(keys);
  const kept = readFileSync(join(keys, name), 'utf8');
  for (const file of readdirSync(join(shell.cwd, '.trunkline'))) {
    const bytes = readFileSync(join(shell.cwd, '.trunkline', file));
    for (const value of Object.values(JSON.parse(kept) as Record<string, string | number>)) {
      if (typeof value === 'string') expect(bytes.includes(value) || bytes.includes(Buffer.from(value, 'base64'))).toBe(false);
    }
  }
  shell.env['TRUNKLINE_KEK'] = Buffer.from('Xw9Zk3q7yQ0u1m5tR8bN4cV6aS2dF0gH', 'utf8').toString('base64');
  expect((await shell.run('agents', 'list')).stderr).toContain('can be guessed');
  shell.env['TRUNKLINE_KEK'] = 'mZ4q1Jf0l8bH3nT9Vd2xYw7sKc5oRgUe6aPiQkSvB1M=';
  expect((await shell.run('agents', 'list')).stderr).toContain('now kept in gateway.db, sealed with TRUNKLINE_KEK');
  expect(readdirSync(keys)).toEqual([]);
});

test('what an agent may do is set, shown and taken away', async () => {
  const shell = await withAgent();
  const say = async (...line: string[]) => (await shell.run('agents', ...line, ...by)).stdout.trim();
  expect(await say('grant', 'bot', 'calls=read', 'tags=full')).toBe(
    'Olga changed Bot: Calls from Off to Read and Tags from Off to Full use.',
  );
  expect(await say('field', 'Bot', 'contacts.phone=mask')).toBe('Olga changed Bot: phone numbers in Contacts are masked.');
  expect(await say('field', 'Bot', 'email=hide')).toBe('Olga changed Bot: e-mail addresses everywhere are hidden.');
  expect(await say('rule', 'Bot', 'tags.delete=deny', '--reason', 'Tags stay')).toBe('Olga changed Bot: tags.delete is now denied.');
  expect(await say('constrain', 'Bot', 'calls', 'teams=7,8', 'newer-than=30d', 'max-rows=500', 'hours=1-5 09:00-17:00 Europe/Paris')).toBe(
    'Olga changed Bot: limits in Calls: only teams 7 and 8; only what is newer than 30 days; ' +
      'only from 09:00 to 17:00 (Europe/Paris) on Monday to Friday; at most 500 rows a day (was: none).',
  );
  expect(await say('set', 'Bot', '--weight', '3', '--daily-requests', '500')).toBe(
    'Olga changed Bot: weight 3 among agents (was: weight 1 among agents) and at most 500 requests a day (was: any number of requests a day).',
  );
  expect((await shell.run('agents', 'show', 'Bot')).stdout).toContain('weight 3, bursts of 5 requests, 500 requests a day');
  const tooHeavy = await shell.run('agents', 'set', 'Bot', '--weight', '101', ...by);
  expect([tooHeavy.code, tooHeavy.stderr]).toEqual([2, expect.stringContaining('from 1 to 100')]);
  expect(await say('set', 'Bot', '--weight', '1', '--daily-requests', 'off')).toContain('any number of requests a day');
  expect(await say('set', 'Bot', '--purpose', 'Tags calls', '--taint', 'on', '--text', 'in-place')).toContain('the purpose');
  const { agents } = JSON.parse((await shell.run('agents', 'list', '--json')).stdout) as { agents: unknown[] };
  expect(agents[0]).toMatchObject({
    grants: { calls: 'read', tags: 'full' },
    rules: [{ capability: 'tags.delete', effect: 'deny', reason: 'Tags stay', expiresAt: null }],
    fields: [
      { area: 'contacts', class: 'phone', treatment: 'mask' },
      { area: null, class: 'email', treatment: 'hide' },
    ],
    constraints: {
      calls: {
        teams: ['7', '8'],
        newerThanSeconds: 2_592_000,
        maximumRowsPerDay: 500,
        hours: { days: [1, 2, 3, 4, 5], from: '09:00', to: '17:00', timeZone: 'Europe/Paris' },
      },
    },
    taint: true,
    text: 'in_place',
    purpose: 'Tags calls',
  });
  const shown = (await shell.run('agents', 'show', 'Bot')).stdout;
  for (const part of ['Calls: Read', 'tags.delete: deny', 'only what is newer than 30 days', 'phone numbers in Contacts: masked'])
    expect(shown).toContain(part);
  expect(shown).toContain('on: after reading outside text, what it sends, deletes or does live needs a person for half an hour');
  expect(await say('set', 'Bot', '--taint', 'off')).toBe(
    'Olga changed Bot: what it sends, deletes or does live after reading outside text never needs a person for that reason (was: always needs a person).',
  );
  const taint = async () => /^ {2}taint +(.*)$/m.exec((await shell.run('agents', 'show', 'Bot')).stdout)?.[1];
  expect(await taint()).toBe('off: after reading outside text it may send, delete and act live without a person');
  await say('set', 'Bot', '--taint', 'auto');
  expect(await taint()).toBe('auto, off now: nothing it may use sends or acts live');
  await say('grant', 'Bot', 'messages=full', '--accept-combination');
  expect(await taint()).toMatch(/^auto, on now: after reading outside text/);
  await say('grant', 'Bot', 'messages=off');
  await say('constrain', 'Bot', 'calls', 'teams=none');
  await say('constrain', 'Bot', 'calls', 'none');
  await say('rule', 'Bot', 'tags.delete=none');
  await say('field', 'Bot', 'contacts.phone=default');
  const after = JSON.parse((await shell.run('agents', 'show', 'Bot', '--json')).stdout) as Record<string, unknown>;
  expect(after).toMatchObject({ constraints: {}, rules: [], fields: [{ area: null, class: 'email' }] });
});

test('whose tokens of the identity provider are an agent’s is set, shown, exported and taken back', async () => {
  const shell = await withAgent();
  const said = await shell.run('agents', 'identity', 'bot', '0oa1b2c3d4', ...by);
  expect(said).toMatchObject({ code: 0, stdout: 'Olga changed Bot: tokens of 0oa1b2c3d4 are this agent’s.\n' });
  expect((await shell.run('agents', 'show', 'Bot')).stdout).toMatch(/identity +0oa1b2c3d4/);
  expect((await shell.run('agents', 'export')).stdout).toContain('"0oa1b2c3d4"');
  expect((await shell.run('agents', 'identity', 'Bot', ...by)).stderr).toContain('There is nothing to change.');
  expect((await shell.run('agents', 'identity', 'Bot', 'none', ...by)).stdout).toContain('tokens of 0oa1b2c3d4 are no longer this agent’s');
  expect((await shell.run('agents', 'export')).stdout).not.toContain('subjects');
});

test('what is mistyped is named, with the nearest right word, and changes nothing', async () => {
  const shell = await withAgent();
  const before = (await shell.run('agents', 'export')).stdout;
  const cases: [string[], string][] = [
    [['grnt', 'Bot', 'calls=read'], 'Did you mean trunkline agents grant?'],
    [['grant', 'Bott', 'calls=read'], 'Did you mean "Bot"?'],
    [['grant', 'Bot', 'cals=read'], 'Did you mean calls?'],
    [['grant', 'Bot', 'calls=reed'], 'Did you mean read?'],
    [['grant', 'Bot', 'calls'], 'is not NAME=VALUE'],
    [['grant', 'Bot'], 'nothing to change'],
    [['grant', 'Bot', 'oauth=full'], '"oauth" is no area'],
    [['rule', 'Bot', 'calls.coment=deny'], 'Did you mean calls.comment?'],
    [['field', 'Bot', 'contacts.phon=mask'], 'Did you mean phone?'],
    [['field', 'Bot', 'secret=show'], '"secret" is no class of fields'],
    [['constrain', 'Bot', 'calls', 'teams=seven'], 'ids in digits'],
    [['constrain', 'Bot', 'calls', 'hours=9-5'], 'days, times and a time zone'],
    [['constrain', 'Bot', 'calls', 'hours=1-5 09:00-17:00 Europe/Pariss'], 'does not exist'],
    [['rotate', 'Bot', '--from', '10.0.0.0/99'], 'no address and no network'],
    [['rotate', 'Bot', '--key-expires', '2001-01-01'], 'has passed already'],
    [['add', 'Other'], 'has no owner'],
    [['add', 'a\nb', '--owner', 'olga'], 'stands in the log'],
    [['add', 'BOT', '--owner', 'olga'], 'an agent named Bot already'],
    [['guardrail', 'add', 'x'], 'forbids something'],
    [['webhook-hosts', 'https://a.example'], 'no name of a host'],
    [['pause', 'Bot', '--by', 'evil\u202e'], 'cannot stand in the log'],
  ];
  for (const [line, part] of cases) {
    const { code, stderr } = await shell.run('agents', ...line, ...(line.includes('--by') ? [] : by));
    expect([code, stderr.includes(part)], `${line.join(' ')}: ${stderr}`).toEqual([2, true]);
  }
  expect((await shell.run('agents', 'export')).stdout).toBe(before);
});

test('the dangerous combination is shown, and only done when somebody accepts it', async () => {
  const shell = await withAgent();
  await shell.run('agents', 'grant', 'Bot', 'calls=read', 'contacts=read', ...by);
  const refused = await shell.run('agents', 'grant', 'Bot', 'messages=full', ...by);
  expect([refused.code, refused.stderr.includes('--accept-combination')]).toEqual([2, true]);
  const accepted = await shell.run('agents', 'grant', 'Bot', 'messages=full', '--accept-combination', ...by);
  expect(accepted.stdout).toContain('accepting that it sees private data, reads outside text and has a way out');
});

test.each([
  ['yes', 0],
  ['no', 2],
])('at a terminal a person is asked about it, and %s is taken at its word', async (said, code) => {
  const shell = await withAgent({ answers: [said] });
  await shell.run('agents', 'grant', 'Bot', 'calls=read', 'contacts=read', ...by);
  expect((await shell.run('agents', 'grant', 'Bot', 'messages=full', ...by)).code).toBe(code);
});

test('a policy file is shown, asked about and applied; any error in it leaves the old policy', async () => {
  const shell = await withAgent();
  await shell.run('agents', 'grant', 'Bot', 'calls=read', ...by);
  const exported = (await shell.run('agents', 'export')).stdout;
  const now = async () => (await shell.run('agents', 'export')).stdout;
  shell.write('trunkline.policy.json', exported);
  expect((await shell.run('agents', 'apply', ...by)).stdout).toContain('as the file says already');

  const file = JSON.parse(exported) as { agents: Record<string, { owner: string; grants?: Record<string, string> }> };
  const changed = {
    ...file,
    agents: { ...file.agents, Bot: { ...file.agents['Bot'], grants: { calls: 'off', tags: 'full' } }, Fresh: { owner: 'paul' } },
  };
  shell.write('next.json', changed);
  const dry = await shell.run('agents', 'apply', 'next.json', '--dry-run', ...by);
  expect(dry.stdout).toContain('Bot: Calls from Read to Off');
  expect(dry.stdout).toContain('Bot: Tags from Off to Full use');
  expect(await shell.run('agents', 'apply', 'next.json', ...by)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--yes') as string,
  });
  expect(await now()).toBe(exported);

  const broken: [string, unknown][] = [
    ['an unknown field', { ...changed, agent: {} }],
    ['an unknown field deep inside', { ...changed, agents: { ...changed.agents, Bot: { owner: 'olga', levels: {} } } }],
    ['an unknown level', { ...changed, agents: { ...changed.agents, Bot: { owner: 'olga', grants: { calls: 'all' } } } }],
    ['a key in it', { ...changed, agents: { ...changed.agents, Bot: { owner: 'olga', key: 'acg_live_x' } } }],
    ['half of it', JSON.stringify(changed).slice(0, -9)],
    ['a guardrail that forbids nothing', { ...changed, guardrails: [{ id: 'x', forbids: {}, text: 'Nothing' }] }],
    [
      'a dangerous agent',
      { ...changed, agents: { Bot: { owner: 'olga', grants: { calls: 'read', contacts: 'read', messages: 'full' } } } },
    ],
  ];
  for (const [what, content] of broken) {
    shell.write('broken.json', content as object);
    const { code } = await shell.run('agents', 'apply', 'broken.json', '--yes', ...by);
    expect(code, what).toBe(2);
    expect(await now(), what).toBe(exported);
  }
  expect((await shell.run('agents', 'apply', 'missing.json', '--yes', ...by)).stderr).toContain('ENOENT');

  const applied = await shell.run('agents', 'apply', 'next.json', '--yes', ...by);
  expect(applied.stdout).toContain('Olga applied a policy file');
  expect(applied.stdout).toContain('Fresh has no key yet');
  expect(JSON.parse(await now())).toMatchObject({ agents: { Bot: { grants: { tags: 'full' } }, Fresh: { owner: 'paul' } } });
});

test('an agent that a policy file leaves out is revoked, with its keys', async () => {
  const shell = await withAgent();
  shell.write('trunkline.policy.json', { agents: {} });
  await shell.run('agents', 'apply', '--yes', ...by);
  const shown = (await shell.run('agents', 'show', 'Bot')).stdout;
  expect(shown).toContain('Bot  revoked');
  expect(shown).toContain('revoked by Olga');
});

test('what a decision would be is explained, step by step', async () => {
  const shell = await withAgent();
  await shell.run('agents', 'grant', 'Bot', 'calls=read', ...by);
  const denied = await shell.run('agents', 'explain', 'Bot', 'calls.comment', 'id=812345', 'content=hello');
  expect(denied.stdout).toContain('Denied: Calls is set to Read.');
  expect(denied.stdout).toContain('Ask an owner for Write on Calls.');
  expect((await shell.run('agents', 'explain', 'Bot', 'calls.retrieve', 'id=812345')).stdout).toContain('Allowed:');
  expect((await shell.run('agents', 'explain', 'Bot', 'calls.retrieve', 'id=x')).stdout).toContain('Denied:');
  expect((await shell.run('agents', 'explain', 'Bot', 'calls.retrieve', 'ids=1')).stderr).toContain('has no argument ids');
  const { decision } = JSON.parse((await shell.run('agents', 'explain', 'Bot', 'users.list', '--json')).stdout) as { decision: unknown };
  expect(decision).toMatchObject({ effect: 'deny', code: 'not_granted' });
});

test('with arguments, a decision is explained with what the agent has used today and when it read outside text', async () => {
  const clock = new FakeClock({ startMs: Date.UTC(2026, 10, 22, 12) });
  const shell = await withAgent({ clock });
  await shell.run('agents', 'grant', 'Bot', 'calls=read', 'tags=full', ...by);
  await shell.run('agents', 'constrain', 'Bot', 'calls', 'max-rows=50', ...by);
  await shell.run('agents', 'set', 'Bot', '--taint', 'on', ...by);
  const explain = async (...line: string[]) => (await shell.run('agents', 'explain', 'Bot', ...line)).stdout;
  expect(await explain('calls.retrieve', 'id=812345')).toContain('Allowed:');
  expect(await explain('tags.delete', 'id=7')).toContain('Needs to be confirmed:');
  await use(shell, clock, { rows: 50, textGiven: true });
  expect(await explain('calls.retrieve', 'id=812345')).toContain('Denied: Bot has had its 50 rows of Calls for today.');
  expect(await explain('tags.delete', 'id=7')).toContain('Needs approval: Bot has read outside text within the last half hour');
  // Without arguments it is about what the agent may do in principle.
  expect(await explain('calls.retrieve')).toContain('Allowed:');
  await clock.advance(31 * 60_000);
  expect(await explain('tags.delete', 'id=7')).toContain('Needs to be confirmed:');
});

test('who can do what, and what nobody used, at a glance', async () => {
  const shell = await withAgent();
  await shell.run('agents', 'grant', 'Bot', 'tags=full', ...by);
  const { stdout } = await shell.run('agents', 'matrix', '--area', 'tags');
  expect(stdout).toMatch(/tags\.list +yes/);
  expect(stdout).toMatch(/tags\.delete +confirm/);
  expect((await shell.run('agents', 'unused', ...by)).stdout).toContain('Bot: Tags is set to Full use, and was not used.');
  const { stdout: cedar } = await shell.run('agents', 'export', '--cedar');
  expect(cedar).toContain('permit(');
});

test('pausing, resuming, rotating and revoking say what they did', async () => {
  const clock = new FakeClock();
  const shell = await withAgent({ clock });
  const say = async (...line: string[]) => (await shell.run('agents', ...line, ...by)).stdout;
  expect(await say('pause', 'Bot')).toBe('Olga paused Bot.\n');
  expect(await say('resume', 'Bot')).toBe('Olga resumed Bot.\n');
  const rotated = JSON.parse(await say('rotate', 'Bot', '--keep', '24h', '--key-expires', '90d', '--from', '10.0.0.0/8', '--json')) as {
    key: { keyId: string; expiresAt: string };
  };
  expect(Date.parse(rotated.key.expiresAt) - clock.now()).toBe(90 * 86_400_000);
  const { keys } = JSON.parse(await say('show', 'Bot', '--json')) as {
    keys: { keyId: string; works: boolean; addresses: unknown; hash?: string }[];
  };
  expect(keys.length).toBe(2);
  expect(keys.find(({ keyId }) => keyId === rotated.key.keyId)).toMatchObject({ works: true, addresses: ['10.0.0.0/8'] });
  expect(JSON.stringify(keys)).not.toContain('hash');
  expect(await say('revoke', 'Bot', '--key', rotated.key.keyId)).toContain(`Olga revoked the key ${rotated.key.keyId} of Bot.`);
  expect(await say('revoke', 'Bot')).toContain('That is for good');
  expect((await shell.run('agents', 'resume', 'Bot', ...by)).stderr).toContain('for good');
});

test('company rules are listed, added and removed', async () => {
  const shell = await withAgent();
  expect(
    (
      await shell.run(
        'agents',
        'guardrail',
        'add',
        'keep',
        '--area',
        'recordings',
        '--effect',
        'delete',
        '--reason',
        'Recordings stay',
        ...by,
      )
    ).stdout,
  ).toContain('company rule keep');
  expect((await shell.run('agents', 'guardrail')).stdout).toContain('keep: Recordings stay');
  expect((await shell.run('agents', 'guardrail', 'remove', 'kep', ...by)).stderr).toContain('There are keep');
  expect((await shell.run('agents', 'guardrail', 'remove', 'keep', ...by)).code).toBe(0);
  expect((await shell.run('agents', 'webhook-hosts', '*.Acme.example', ...by)).stdout).toContain('*.acme.example only');
  expect((await shell.run('agents', 'webhook-hosts', 'none', ...by)).stdout).toContain('no host at all');
});

test('two companies in one home folder know nothing of one another', async () => {
  const shell = openShell();
  await shell.run('agents', 'add', 'Bot', '--owner', 'olga', '--company', 'one', ...by);
  await shell.run('agents', 'add', 'Other', '--owner', 'olga', '--company', 'two', ...by);
  expect((await shell.run('agents', 'list', '--company', 'two')).stdout).not.toContain('Bot');
  expect(await shell.run('agents', 'list')).toMatchObject({ code: 2, stderr: expect.stringContaining('one, two') as string });
});

test('where a key file was lost or opened to others, nothing goes on without a word', async () => {
  const shell = await withAgent();
  const { chmodSync, rmSync } = await import('node:fs');
  const keys = join(shell.cwd, 'state', 'trunkline', 'gateway');
  const file = join(keys, readdirSync(keys)[0] ?? '');
  if (process.platform !== 'win32') {
    chmodSync(file, 0o644);
    expect((await shell.run('agents', 'list')).stderr).toContain('others than its owner may read it');
  }
  rmSync(file);
  expect(await shell.run('agents', 'list')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('not where they were put') as string,
  });
});

/** As if the agent had looked at calls. */
async function use({ cwd, env }: Shell, clock: FakeClock, counted: { readonly rows: number; readonly textGiven: boolean }): Promise<void> {
  const settings = { home: '.trunkline', company: null, kek: null, kekPrevious: null, baseUrl: 'https://api.aircall.io' };
  const gateway = await openGateway({ cwd, env, signal: new AbortController().signal, clock, settings });
  const { company, database, keyring, policies } = gateway;
  const store = new FrictionStore({ database, company });
  const friction = createFriction({ store, company, keys: keyring.keys, clock, random: randomBytes });
  const policy = policies.current();
  const capability = capabilityOf('calls.list');
  const [agentId] = Object.keys(policy.agents);
  if (capability === undefined || agentId === undefined) throw new TypeError('an agent can list calls');
  const request: BoundRequest = {
    agentId,
    capability,
    arguments: { at: {}, query: {}, body: null },
    policyVersion: policy.version,
    nowMs: clock.now(),
    mostWritesToday: null,
    mostRequestsToday: null,
    mostRowsToday: null,
  };
  const facts = lookFacts({ callId: 'adm_test', operator: 'Olga', deed: 'looked at nothing', given: {} });
  await gateway.audit.append(facts, { durability: 'process', also: friction.count(request, { ...counted, wrote: false }) });
  await gateway.close();
}

async function withAgent(options: ShellOptions = {}): Promise<Shell> {
  const shell = openShell(options);
  const added = await shell.run('agents', 'add', 'Bot', '--owner', 'olga', ...by);
  expect(added).toMatchObject({ code: 0 });
  return shell;
}

test('what to put where is told for each client, with the address agents use and without a key', async () => {
  const shell = await withAgent();
  const { stdout } = await shell.run('agents', 'connect', 'Bot', '--public-url', 'https://trunkline.example.com/');
  expect(stdout).toContain(
    'claude mcp add --transport http --header "Authorization: Bearer $TRUNKLINE_AGENT_KEY" aircall https://trunkline.example.com/mcp',
  );
  expect(stdout).not.toContain('acg_');
  const told = JSON.parse((await shell.run('agents', 'connect', 'bot', '--json')).stdout) as {
    readonly url: string;
    readonly clients: readonly { readonly id: string; readonly text: string }[];
  };
  expect(told.url).toBe('http://127.0.0.1:4242');
  const settings = (id: string): unknown => JSON.parse(told.clients.find((client) => client.id === id)?.text ?? '');
  expect(settings('cursor')).toEqual({
    mcpServers: { aircall: { url: 'http://127.0.0.1:4242/mcp', headers: { Authorization: 'Bearer ${env:TRUNKLINE_AGENT_KEY}' } } },
  });
  expect(settings('vscode')).toMatchObject({ servers: { aircall: { type: 'http' } } });
  const wrong = await shell.run('agents', 'connect', 'Bot', '--client', 'curser');
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('Did you mean cursor?')]);
});

test('a client that starts a program is given paths alone, which work anywhere, and is told what else it takes', async () => {
  const program = { node: 'C:\\Program Files\\nodejs\\node.exe', main: 'C:\\Users\\Olga "O" Stein\\trunkline\\dist\\cli\\main.js' };
  const shell = await withAgent({ program, env: { TRUNKLINE_COMPANY: 'acme' } });
  const line = ['agents', 'connect', 'Bot', '--client', 'claude-desktop'] as const;
  const { clients } = JSON.parse((await shell.run(...line, '--json')).stdout) as { readonly clients: readonly { readonly text: string }[] };
  expect(JSON.parse(clients[0]?.text ?? '')).toEqual({
    mcpServers: {
      aircall: {
        command: program.node,
        args: [program.main, 'mcp', '--agent', 'Bot'],
        env: { TRUNKLINE_AGENT_KEY: 'the agent’s key', TRUNKLINE_HOME: join(shell.cwd, '.trunkline'), TRUNKLINE_COMPANY: 'acme' },
      },
    },
  });
  const { stdout } = await shell.run(...line);
  expect(stdout).not.toContain('npx');
  expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
    'Where trunkline serve does not run, put the Aircall credential beside the key, too (AIRCALL_API_ID and AIRCALL_API_TOKEN',
  );
});
