// `trunkline demo` in an empty folder: from the start of the process to its end.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { atMost, bench, root } from './support/bench.mjs';
import { withFolder } from './support/processes.mjs';

await bench({ name: 'demo', does: 'the command `demo`' }, async ({ quick, figure }) => {
  /** @type {number[]} */
  const runs = [];
  for (let run = 0; run < (quick ? 1 : 3); run += 1) {
    await withFolder(async (folder) => {
      const startedAt = performance.now();
      const child = spawn(process.execPath, [join(root, 'dist/cli/main.js'), 'demo'], {
        cwd: folder,
        env: { ...process.env, XDG_STATE_HOME: join(folder, 'state') },
        stdio: 'ignore',
      });
      const [code] = /** @type {[number | null]} */ (await once(child, 'close'));
      if (code !== 0) throw new Error(`demo ended with ${String(code)}.`);
      runs.push((performance.now() - startedAt) / 1000);
    });
  }
  figure({ name: '`trunkline demo` in an empty folder', runs, unit: 's', goal: atMost(30, ' s') });
});
