import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openShell } from '../../test/support/cli.ts';

test('the demo of agents tells the whole story within half a minute and leaves nothing behind', async () => {
  const shell = openShell();
  const startedMs = performance.now();
  const { code, stdout, stderr } = await shell.run('demo', '--agents');
  expect(performance.now() - startedMs).toBeLessThan(30_000);
  expect([code, stderr]).toEqual([0, '']);
  const [, granted = '', got = '', logged = '', proven = ''] = stdout.split(
    /\n\n(?=Two agents|What they get|What the log says|Can it be trusted)/,
  );
  expect(granted).toContain('Olga changed Support Agent: phone numbers in Contacts are masked.');
  expect(got).toMatch(/Support Agent: GET \/v1\/contacts\/\d+ → 200/);
  expect(got).toMatch(/"value":"\+\d+ •[• ]+ \d\d"/);
  expect(got).not.toMatch(/\+\d{6}/);
  expect(got).toMatch(/Billing Bot: DELETE \/v1\/contacts\/\d+ → 403/);
  expect(got).toContain('Ask an owner for Full use on Contacts.');
  expect(logged).toContain('Support Agent read contact');
  expect(logged).toMatch(/Billing Bot tried to delete contact \d+\. Denied/);
  expect(proven).toMatch(/✓ trunkline audit verify: \d+ records, as they were written/);
  expect(proven).toMatch(/✗ Records? \d+.* altered/);
  expect(stdout).not.toContain('acg_');
  expect(readdirSync(shell.cwd)).toEqual([]);
});
