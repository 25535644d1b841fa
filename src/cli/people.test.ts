// Who may approve, at the command line, on a real gateway.db.
import { expect, test } from 'vitest';
import { openShell } from '../../test/support/cli.ts';
import type { Shell } from '../../test/support/cli.ts';

test('somebody is added with a password that is shown once, listed, given other areas and removed; the log tells it all', async () => {
  const shell = openShell();
  expect((await shell.run('people')).stdout).toContain('Nobody can approve in the browser yet.');
  const added = await shell.run('people', 'add', 'Olga Stein', '--role', 'approver', '--areas', 'contacts,calls', '--by', 'Otto');
  expect(added.code).toBe(0);
  const password = /First password {2}((?:[0-9a-z]{4}-){4}[0-9a-z]{4})\n/.exec(added.stdout)?.[1] ?? '';
  expect(password).not.toBe('');
  expect((await shell.run('people')).stdout).toMatch(
    /^Olga Stein {2}approver for Calls and Contacts; has not chosen a password yet; added on /,
  );
  expect((await shell.run('people', 'set', 'olga stein', '--areas', 'all', '--by', 'Otto')).stdout).toContain(
    'Otto made Olga Stein an approver for all areas, no longer for Calls and Contacts.',
  );
  const other = await shell.run('people', 'password', 'Olga Stein', '--by', 'Otto', '--json');
  expect(JSON.parse(other.stdout)).toMatchObject({ password: expect.stringMatching(/-/), person: { name: 'Olga Stein', areas: 'all' } });
  expect((await shell.run('people', 'remove', 'Olga Stein', '--yes', '--by', 'Otto')).stdout).toContain('Otto removed Olga Stein');
  const log = await shell.run('audit', 'search', '--json');
  expect(log.stdout).toContain('Otto made Olga Stein an approver for Calls and Contacts.');
  expect(log.stdout).toContain('Otto gave Olga Stein a new password, which ended all logins.');
  expect(log.stdout).not.toContain(password);
  expect((await shell.run('audit', 'verify')).code).toBe(0);
});

test('a password of one’s own is asked for twice', async () => {
  const shell = openShell({ answers: ['a sentence of my own', 'a sentence of my own'] });
  const added = await shell.run('people', 'add', 'Olga Stein', '--role', 'approver', '--ask', '--by', 'Otto');
  expect(added.stdout).toBe('Otto made Olga Stein an approver for all areas.\n');
  expect(added.stdout + added.stderr).not.toContain('a sentence of my own');
});

test.each([
  [['add', 'Olga Stein'], '--role approver'],
  [['add', 'Olga Stein', '--role', 'owner'], 'approver'],
  [['add', '\u202eOlga', '--role', 'approver'], 'That name cannot stand in the log.'],
  [['add', 'Olga Stein', '--role', 'approver', '--areas', 'call'], 'Did you mean calls?'],
  [['add', 'Olga Stein', '--role', 'approver', '--ask'], 'Leave --ask out'],
  [['password', 'Nobody'], 'There is nobody named "Nobody".'],
  [['remove'], 'Nobody is named.'],
  [['promote', 'Olga'], 'trunkline people list'],
])('people %j says what to do, and changes nothing', async (line, message) => {
  const shell = openShell();
  const { code, stderr } = await shell.run('people', ...line, '--by', 'Otto');
  expect(code).toBe(2);
  expect(stderr).toContain(message);
  expect((await shell.run('people', '--json')).stdout).toContain('"people": []');
});

test('two people cannot be taken for one another', async () => {
  const shell = openShell();
  await add(shell, 'Zoë Stein');
  const { code, stderr } = await shell.run('people', 'add', 'zoe. STEIN', '--role', 'approver', '--by', 'Otto');
  expect([code, stderr.includes('There is somebody named zoe. STEIN already, or named almost like that.')]).toEqual([2, true]);
});

async function add(shell: Shell, name: string): Promise<void> {
  expect(await shell.run('people', 'add', name, '--role', 'approver', '--by', 'Otto')).toMatchObject({ code: 0 });
}
