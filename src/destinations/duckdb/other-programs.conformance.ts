// Another program that has a DuckDB file open, for tests about locks.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

/** Starts a program that opens the file and keeps it open until it is killed. */
export async function holdOpen(path: string, mode: 'READ_WRITE' | 'READ_ONLY' = 'READ_WRITE'): Promise<ChildProcess> {
  const program = `
    import { DuckDBInstance } from '@duckdb/node-api';
    const instance = await DuckDBInstance.create(${JSON.stringify(path)}, { access_mode: '${mode}' });
    console.log('open');
    setInterval(() => instance, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  await once(child.stdout, 'data');
  return child;
}
