import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Runs once before all tests. The settings of whoever runs them must not reach them: no test may speak with a real
 * account or touch the budget of a real company. `TRUNKLINE_TEST_…` passes, it is meant for tests.
 */
export function setup(): () => void {
  for (const name of Object.keys(process.env)) {
    if (/^(?:AIRCALL|TRUNKLINE)_/.test(name) && !name.startsWith('TRUNKLINE_TEST_')) delete process.env[name];
  }
  const home = mkdtempSync(join(tmpdir(), 'trunkline-test-state-'));
  process.env['XDG_STATE_HOME'] = home;
  process.env['LOCALAPPDATA'] = home;
  return () => rmSync(home, { recursive: true, force: true });
}
