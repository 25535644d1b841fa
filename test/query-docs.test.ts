// Every SQL statement in docs/query.md, and the query in the README, is run as it stands there.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { startSimulator } from '../src/simulator/index.ts';
import { openShell } from './support/cli.ts';

const read = (name: string) => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');
const statements = [
  ...[...read('docs/query.md').matchAll(/```sql\n([\s\S]*?)```/g)].flatMap(([, block = '']) => block.split(';')),
  ...[...(read('docs/query.md') + read('README.md')).matchAll(/trunkline query "([^"]+)"/g)].map(([, sql = '']) => sql),
]
  .map((sql) => sql.trim())
  .filter((sql) => sql !== '' && !sql.includes('...'));

test('the statements in the documentation answer', async () => {
  expect(statements.length).toBeGreaterThan(10);
  const simulator = await startSimulator({ seed: 2, calls: 800, contacts: 150, requestsPerMinute: 'off' });
  try {
    const { baseUrl, apiId, apiToken } = simulator;
    const shell = openShell({
      env: { AIRCALL_BASE_URL: baseUrl, AIRCALL_API_ID: apiId, AIRCALL_API_TOKEN: apiToken, TRUNKLINE_QUOTA: 'off' },
    });
    expect((await shell.run('sync')).code).toBe(0);
    for (const sql of statements) {
      const { code, stdout, stderr } = await shell.run('query', sql, '--format', 'json');
      expect([sql, code, stderr]).toEqual([sql, 0, '']);
      expect(Array.isArray(JSON.parse(stdout))).toBe(true);
    }
  } finally {
    await simulator.close();
  }
});
