// What a person sees and does, on a real gateway.db.
import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { openShell } from '../../test/support/cli.ts';
import type { Shell, ShellOptions } from '../../test/support/cli.ts';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { capabilityOf, createFriction } from '../gateway/index.ts';
import type { BoundRequest } from '../gateway/index.ts';
import { FrictionStore } from '../store/index.ts';
import { openGateway } from './gateway.ts';

test('a request is shown word for word, approved by name, and stands in the log', async () => {
  const { shell } = await asked({ content: 'Call back on +33 6 12 34 56 78\nApproved by Olga' });
  const list = await shell.run('approvals');
  expect(list.stdout).toContain('1 request waits');
  expect(list.stdout).toContain('AP-1  expires in 15 min');
  expect(list.stdout).toContain('Billing Bot asks to comment on call 812345.');
  expect(list.stdout).not.toContain('+33');
  const shown = await shell.run('approvals', 'show', 'AP-1');
  expect(shown.stdout).toContain('Olaf Berg answers for it');
  expect(shown.stdout).toMatch(/^ {2}Why {9}A rule asks for it\.$/m);
  // One line, quoted: what the agent wrote cannot pass for ours.
  expect(shown.stdout).toMatch(/^ {4}body\.content = "Call back on \+33 6 12 34 56 78\\+nApproved by Olga"$/m);

  const approved = await shell.run('approvals', 'approve', 'AP-1', '--by', 'Olga Stein', '--yes');
  expect(approved).toMatchObject({ code: 0, stderr: '' });
  expect(approved.stdout).toContain('Olga Stein approved request AP-1 of Billing Bot: Comment on a call.');
  const { approvals } = JSON.parse((await shell.run('approvals', 'list', '--all', '--json')).stdout) as { approvals: unknown[] };
  expect(approvals).toMatchObject([{ id: 'AP-1', state: 'approved', decidedBy: 'Olga Stein' }]);
  expect(await recordsOf(shell)).toContainEqual({
    phase: 'admin',
    who: expect.objectContaining({ operator: 'Olga Stein', agent: expect.objectContaining({ name: 'Billing Bot' }) }),
    change: {
      before: { approval: 'AP-1', state: 'pending' },
      after: expect.objectContaining({ approval: 'AP-1', state: 'approved' }),
    },
  });

  const again = await shell.run('approvals', 'approve', 'AP-1', '--by', 'Olga Stein', '--yes');
  expect(again.code).toBe(2);
  expect(again.stderr).toContain('was approved by Olga Stein');
  expect((await shell.run('approvals')).stdout).toContain('Nothing waits for a person.');
});

test('a refusal needs no second question, and is recorded too', async () => {
  const { shell } = await asked({ content: 'a' });
  const refused = await shell.run('approvals', 'refuse', 'AP-1', '--by', 'Olga Stein');
  expect(refused.stdout).toContain('Olga Stein refused request AP-1 of Billing Bot: Comment on a call.');
  expect((await shell.run('approvals', 'show', 'AP-1')).stdout).toContain('AP-1  refused');
});

test.each([
  ['the agent itself', ['--by', 'billing bot'], 'An agent cannot approve its own request.'],
  ['somebody without a name', ['--by', '\u202eolga'], 'cannot stand in the log'],
])('%s cannot approve', async (_who, by, message) => {
  const { shell } = await asked({ content: 'a' });
  const { code, stderr } = await shell.run('approvals', 'approve', 'AP-1', '--yes', ...by);
  expect(code).toBe(2);
  expect(stderr).toContain(message);
  expect((await shell.run('approvals')).stdout).toContain('1 request waits');
});

test('where four eyes are asked for, the command line refuses and does not approve: a name is only said there', async () => {
  const { shell } = await asked({ content: 'a' });
  await shell.run('people', 'add', 'Olaf Berg', '--role', 'approver', '--by', 'Otto');
  shell.env['TRUNKLINE_APPROVERS'] = 'four-eyes';
  for (const by of ['Otto', 'olaf', 'Olga']) {
    const { code, stderr } = await shell.run('approvals', 'approve', 'AP-1', '--yes', '--by', by);
    expect(code).toBe(2);
    expect(stderr).toContain('Four eyes are asked for: only somebody who logs in may approve.');
    expect(stderr).toContain('It can be refused here.');
  }
  expect((await shell.run('approvals', 'refuse', 'AP-1', '--by', 'Otto')).code).toBe(0);
});

test('the owner may approve where four eyes are not asked for', async () => {
  const { shell } = await asked({ content: 'a' });
  expect((await shell.run('approvals', 'approve', 'AP-1', '--yes', '--by', 'Olaf Berg')).code).toBe(0);
});

test('the command line decides for the system’s operator, never in the name of somebody who logs in', async () => {
  const { shell } = await asked({ content: 'a' });
  await shell.run('people', 'add', 'Olga Stein', '--role', 'approver', '--by', 'Otto');
  for (const action of ['approve', 'refuse']) {
    const { code, stderr } = await shell.run('approvals', action, 'AP-1', '--by', 'olga  stein', '--yes');
    expect(code).toBe(2);
    expect(stderr).toContain('decides in the browser, with a password');
  }
  expect((await shell.run('approvals', 'refuse', 'AP-1', '--by', 'Otto', '--reason', 'Not before the audit')).code).toBe(0);
  expect(await recordsOf(shell)).toContainEqual(
    expect.objectContaining({ change: expect.objectContaining({ after: expect.objectContaining({ reason: 'Not before the audit' }) }) }),
  );
});

test('approving asks a person who sits there, and anything but yes leaves it waiting', async () => {
  const { shell } = await asked({ content: 'a' }, { answers: ['no', 'yes'] });
  const first = await shell.run('approvals', 'approve', 'AP-1', '--by', 'Olga Stein');
  expect(first.stderr).toContain('body.content = "a"');
  expect(first.stderr).toContain('AP-1 waits on.');
});

test('where nobody can be asked, approving needs --yes', async () => {
  const { shell } = await asked({ content: 'a' });
  const { code, stderr } = await shell.run('approvals', 'approve', 'AP-1', '--by', 'Olga Stein');
  expect(code).toBe(2);
  expect(stderr).toContain('--yes');
  expect((await shell.run('approvals')).stdout).toContain('1 request waits');
});

test('what has expired, or was asked for under other rules, cannot be approved', async () => {
  const { shell, clock, change } = await asked({ content: 'a' });
  await change();
  const list = await shell.run('approvals');
  expect(list.stdout).toMatch(/^Nothing waits for a person\.\n\nAP-1 {2}outdated: the rules have changed since\n/);
  expect((await shell.run('approvals', 'show', 'AP-1')).stdout).toMatch(
    /^ {2}Outdated +the rules have changed since it was asked for: nobody can approve it any more, and the agent has to ask again$/m,
  );
  expect(JSON.parse((await shell.run('approvals', '--json')).stdout)).toMatchObject({ approvals: [{ id: 'AP-1', state: 'outdated' }] });
  expect((await shell.run('approvals', 'approve', 'AP-1', '--yes', '--by', 'Olga Stein')).stderr).toContain('The rules have changed');
  await clock.advance(15 * 60_000);
  expect((await shell.run('approvals', 'approve', 'AP-1', '--yes', '--by', 'Olga Stein')).stderr).toContain('it has expired');
});

test.each([
  [['approvals', 'approve'], 'AP-31'],
  [['approvals', 'grant', 'AP-1'], 'trunkline approvals list'],
  [['approvals', 'show', 'AP-7'], 'There is no request "AP-7".'],
  [['approvals', 'show', "AP-1' OR 1=1"], 'There is no request'],
])('%j says what to do', async (line, message) => {
  const { code, stderr } = await openShell().run(...line);
  expect(code).toBe(2);
  expect(stderr).toContain(message);
});

test('a terminal is not steered by what an agent sends', async () => {
  const { shell } = await asked({ content: '\u001b[2J\u001b]0;x\u0007\u202eevil\u{e0041}' });
  const { stdout } = await shell.run('approvals', 'show', 'AP-1');
  // oxlint-disable-next-line no-control-regex -- what must not be there
  expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e\u{e0000}-\u{e007f}]/u);
  expect(stdout).toContain('evil');
});

/** A company whose agent has asked to comment on a call. */
async function asked(body: Readonly<Record<string, unknown>>, options: ShellOptions = {}) {
  const clock = new FakeClock({ startMs: Date.UTC(2026, 10, 22, 12), hurry: true });
  const shell = openShell({ clock, ...options });
  const gateway = await openOf(shell, clock);
  const { agent } = await gateway
    .desk('Olaf Berg')
    .add({ name: 'Billing Bot', owner: 'Olaf Berg', purpose: 'Bills.', expiresAt: null }, { expiresAt: null, addresses: null });
  const { company, database } = gateway;
  const store = new FrictionStore({ database, company });
  const friction = createFriction({ store, company, keys: gateway.keyring.keys, clock, random: randomBytes });
  const capability = capabilityOf('calls.comment');
  if (capability === undefined) throw new TypeError('there are comments');
  const request: BoundRequest = {
    agentId: agent.id,
    capability,
    arguments: { at: { id: '812345' }, query: {}, body },
    policyVersion: gateway.policies.current().version,
    nowMs: clock.now(),
    mostWritesToday: null,
    mostRequestsToday: null,
    mostRowsToday: null,
  };
  const { store: store_ } = friction.draftApproval(request, {
    sentence: 'Billing Bot asks to comment on call 812345.',
    why: 'A rule asks for it.',
  });
  await database.write(() => {
    store_();
    return {};
  });
  await gateway.close();
  const change = async () => {
    const other = await openOf(shell, clock);
    await other
      .desk('Olaf Berg')
      .add({ name: 'Another Bot', owner: 'Olaf Berg', purpose: 'Talks.', expiresAt: null }, { expiresAt: null, addresses: null });
    await other.close();
  };
  return { shell, clock, change };
}

function openOf({ cwd, env }: Shell, clock: FakeClock) {
  const signal = new AbortController().signal;
  const settings = { home: '.trunkline', company: null, kek: null, kekPrevious: null, baseUrl: 'https://api.aircall.io' };
  return openGateway({ cwd, env, signal, clock, settings });
}

async function recordsOf(shell: Shell): Promise<readonly unknown[]> {
  const gateway = await openOf(shell, new FakeClock());
  const rows = gateway.database.prepare('SELECT bytes FROM audit_records ORDER BY seq').all() as { bytes: string }[];
  await gateway.close();
  return rows.map(({ bytes }) => {
    const { phase, who, change } = JSON.parse(bytes) as Record<string, unknown>;
    return { phase, who, change };
  });
}
