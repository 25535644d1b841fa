// The whole story: an agent is stopped, a person approves on a phone, the agent does it, once, and the log tells.
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startSimulator } from '../src/simulator/index.ts';
import { openBrowser, phone, photograph } from './support/browser.ts';
import { openShell } from './support/cli.ts';

test('a deletion that an agent asks for is approved by a person in the browser, done once, and told by the log', async () => {
  const simulator = await startSimulator({ calls: 5, contacts: 5, requestsPerMinute: 'off' });
  onTestFinished(() => simulator.close());
  const { baseUrl, apiId, apiToken } = simulator;
  const env = { AIRCALL_BASE_URL: baseUrl, AIRCALL_API_ID: apiId, AIRCALL_API_TOKEN: apiToken };
  const shell = openShell({ env });
  const added = await shell.run('agents', 'add', 'Tidy Bot', '--owner', 'Olaf', '--purpose', 'Tidies contacts.', '--by', 'Otto', '--json');
  const { key } = JSON.parse(added.stdout) as { key: { key: string } };
  await shell.run('agents', 'grant', 'Tidy Bot', 'contacts=full', '--by', 'Otto', '--accept-combination');
  await shell.run('agents', 'rule', 'Tidy Bot', 'contacts.delete=approve', '--by', 'Otto');
  const person = await shell.run('people', 'add', 'Olga Stein', '--role', 'approver', '--areas', 'contacts', '--by', 'Otto', '--json');
  const { password } = JSON.parse(person.stdout) as { password: string };

  const stopping = new AbortController();
  const server = openShell({ env, signal: stopping.signal });
  Object.assign(server.env, shell.env);
  const ended = server.run('serve', '--listen', '127.0.0.1:0', '--home', join(shell.cwd, '.trunkline'));
  onTestFinished(async () => {
    stopping.abort();
    await ended;
  });
  await expect.poll(() => server.shown().stdout, { timeout: 20_000 }).toMatch(/for people {2}http/);
  const url = /at (http:\/\/127\.0\.0\.1:\d+) until/.exec(server.shown().stdout)?.[1] ?? '';

  const [id = ''] = [...simulator.truth({ streams: ['contacts'] }).contacts.keys()].map(String);
  const remove = async (approval?: string) => {
    const headers = { authorization: `Bearer ${key.key}`, ...(approval === undefined ? {} : { 'x-approval-id': approval }) };
    const answer = await fetch(`${url}/v1/contacts/${id}`, { method: 'DELETE', headers });
    const text = await answer.text();
    return { status: answer.status, body: text === '' ? {} : (JSON.parse(text) as Readonly<Record<string, unknown>>) };
  };
  const asked = await remove();
  expect(asked).toMatchObject({ status: 403, body: { code: 'approval_required' } });
  const approval = /AP-\d+/.exec(JSON.stringify(asked.body))?.[0] ?? '';
  expect((await remove(approval)).body).toMatchObject({ code: 'approval_pending' });

  const { page, complaints } = await openBrowser({ ...phone, dark: true });
  await page.goto(`${url}/approvals/${approval}`);
  const enter = async (word: string) => {
    await page.getByLabel('Your name').fill('Olga Stein');
    await page.getByLabel('Password').fill(word);
    await page.getByRole('button', { name: 'Log in' }).click();
  };
  await enter(password);
  await page.getByLabel('Password now').fill(password);
  await page.getByLabel('New password', { exact: true }).fill('what my cat thinks of mondays');
  await page.getByLabel('New password again').fill('what my cat thinks of mondays');
  await page.getByRole('button', { name: 'Change it' }).click();
  await page.getByText('Your password was changed').waitFor();
  // Straight to what she came for.
  await enter('what my cat thinks of mondays');
  await page.getByRole('button', { name: 'Approve' }).waitFor();
  await photograph(page, 'story');
  expect(await page.locator('.sentence').textContent()).toContain(`contact ${id}`);
  expect(await page.locator('main').textContent()).toContain('This cannot be undone');
  await page.getByRole('button', { name: 'Approve' }).click();
  await page.getByRole('status').waitFor();
  expect(complaints).toEqual([]);

  expect((await remove(approval)).status).toBe(204);
  expect((await remove(approval)).status).not.toBe(204);
  await page.reload();
  expect(await page.getByRole('status').textContent()).toContain('and the agent has used that');
  expect(simulator.truth({ streams: ['contacts'] }).contacts.has(id)).toBe(false);

  const { stdout: log } = await shell.run('audit', 'search', '--json');
  for (const part of [
    'Otto made Olga Stein an approver for Contacts.',
    'Olga Stein chose a new password, which ended all logins.',
    `Olga Stein approved request ${approval} of Tidy Bot: Delete a contact.`,
  ]) {
    expect(log).toContain(part);
  }
  expect(log).not.toMatch(/cat thinks/);
  expect((await shell.run('audit', 'verify')).code).toBe(0);
});
