import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openGatewayLab } from './support/gateway-lab.ts';

test('the example of an agent tells which calls were missed yesterday, with masked numbers', async () => {
  const lab = await openGatewayLab({ simulator: { calls: 12_000 } });
  const agent = await lab.addAgent('Analyst', {
    grants: { calls: 'read' },
    fields: [{ area: 'calls', class: 'phone', treatment: 'mask' }],
  });
  const lines: string[] = [];
  const spy = vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
  vi.stubEnv('TRUNKLINE_URL', lab.url);
  vi.stubEnv('TRUNKLINE_AGENT_KEY', agent.key);
  // Yesterday is yesterday of the simulated company.
  vi.useFakeTimers({ toFake: ['Date'], now: lab.clock.now() });
  onTestFinished(() => {
    vi.useRealTimers();
    spy.mockRestore();
    vi.unstubAllEnvs();
  });
  await import('../examples/agent-missed-calls.mjs');
  const missed = lines.slice(0, -1);
  expect(missed).not.toEqual([]);
  expect(lines.at(-1)).toMatch(new RegExp(`^${missed.length} missed calls on \\d{4}-\\d{2}-\\d{2}\\.$`));
  for (const line of missed) expect(line).toMatch(/^\S+Z {2}call \d+ {2}from (?:\+\d{1,3} )?[•\d ]+ {2}\w*$/);
});

test.each([
  ['has no key', { TRUNKLINE_AGENT_KEY: '' }, /^Put the key that .* into TRUNKLINE_AGENT_KEY\.\n$/],
  [
    'finds nobody',
    { TRUNKLINE_URL: 'http://127.0.0.1:9' },
    /^Nobody lets this agent in at http:\/\/127\.0\.0\.1:9\. Start trunkline serve, .*\n$/,
  ],
  ['is given no address', { TRUNKLINE_URL: 'here' }, /^Nobody lets this agent in at here\. .*\n$/],
])('where it %s, the example says in one line what to do', (_what, env, line) => {
  const program = fileURLToPath(new URL('../examples/agent-missed-calls.mjs', import.meta.url));
  const given = { PATH: process.env['PATH'], TRUNKLINE_AGENT_KEY: 'acg_test_none', ...env };
  const { status, stdout, stderr } = spawnSync(process.execPath, [program], { env: given, encoding: 'utf8' });
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(line);
});
