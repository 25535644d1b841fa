import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { startSimulator } from '../src/simulator/index.ts';

test('the example of a program syncs and lists the longest calls of the week', async () => {
  const simulator = await startSimulator({ calls: 400, contacts: 20, requestsPerMinute: 'off' });
  const folder = mkdtempSync(join(tmpdir(), 'trunkline-'));
  const lines: string[] = [];
  const spy = vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
  const workingFolder = process.cwd();
  process.chdir(folder);
  onTestFinished(async () => {
    process.chdir(workingFolder);
    spy.mockRestore();
    vi.unstubAllEnvs();
    await simulator.close();
    rmSync(folder, { recursive: true, force: true });
  });
  vi.stubEnv('AIRCALL_API_ID', simulator.apiId);
  vi.stubEnv('AIRCALL_API_TOKEN', simulator.apiToken);
  vi.stubEnv('AIRCALL_BASE_URL', simulator.baseUrl);
  await import('../examples/sync-and-read.ts');
  expect(lines.slice(0, 2)).toEqual(['users: 12 rows read', expect.stringMatching(/^calls: \d+ rows read$/)]);
  expect(lines[2]).toMatch(/^done after \d+ requests$/);
  expect(lines.slice(3)).toEqual(Array.from({ length: lines.length - 3 }, () => expect.stringMatching(/^call \d+: \d+ s, /) as unknown));
});
