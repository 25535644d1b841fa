// One call changes, and `trunkline sync` brings it: the whole command, from the start of its process to its end, over all
// default streams, with everything warm and the simulator on loopback.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { atMost, bench, format, medianText, root } from './support/bench.mjs';
import { startSimulatorProcess, withFolder } from './support/processes.mjs';

const program = join(root, 'dist/cli/main.js');

await bench({ name: 'one-change', does: 'the command `sync` when one call has changed' }, async ({ quick, say, figure }) => {
  const size = quick ? { calls: 1000, contacts: 300 } : { calls: 25_000, contacts: 12_000 };
  const simulator = await startSimulatorProcess({ seed: 41, ...size, requestsPerMinute: 'off' });
  await withFolder(async (folder) => {
    const { baseUrl, apiId, apiToken } = simulator.address;
    const env = {
      ...process.env,
      AIRCALL_BASE_URL: baseUrl,
      AIRCALL_API_ID: apiId,
      AIRCALL_API_TOKEN: apiToken,
      // Counted like any other, but never waited for.
      TRUNKLINE_QUOTA: '1000000',
      XDG_STATE_HOME: join(folder, 'state'),
    };
    /** @param {readonly string[]} args */
    const run = async (args) => {
      const startedAt = performance.now();
      const child = spawn(process.execPath, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
      let output = '';
      let errors = '';
      child.stdout.setEncoding('utf8').on('data', (/** @type {string} */ text) => (output += text));
      child.stderr.setEncoding('utf8').on('data', (/** @type {string} */ text) => (errors += text));
      const [code] = /** @type {[number | null]} */ (await once(child, 'close'));
      const seconds = (performance.now() - startedAt) / 1000;
      if (code !== 0) throw new Error(`node ${args.join(' ')} ended with ${String(code)}: ${output}${errors}`);
      return { seconds, output };
    };
    const sync = () => run([program, 'sync', '--json']);

    say(`first sync ${format((await sync()).seconds)} s`);
    // Twice more: what a first sync leaves to be done later is done, and the files are in memory.
    for (let warm = 0; warm < 2; warm += 1) {
      await simulator.changeOneCall();
      await sync();
    }
    /** @type {number[]} */
    const whole = [];
    /** @type {number[]} */
    const start = [];
    let requests = 0;
    for (let turn = 0; turn < (quick ? 2 : 9); turn += 1) {
      start.push((await run([program, '--version'])).seconds);
      await simulator.changeOneCall();
      await simulator.takeRequests();
      const { seconds, output } = await sync();
      whole.push(seconds);
      requests = (await simulator.takeRequests()).length;
      if (writtenCalls(output) < 1) throw new Error(`The change did not arrive: ${output}`);
    }
    figure({
      name: '`trunkline sync` after one call has changed',
      runs: whole,
      unit: 's',
      goal: atMost(1, ' s'),
      pair: `\`trunkline --version\`, which only starts, ${medianText(start, 's')}`,
      note: `${requests} requests; ${format(size.calls)} calls and ${format(size.contacts)} contacts in the file`,
    });
  });
  await simulator.close();
});

/**
 * Rows of calls that were written, as the JSON of the command says.
 * @param {string} output
 */
function writtenCalls(output) {
  const { streams } = /** @type {{ streams: readonly { stream: string, written: number }[] }} */ (JSON.parse(output));
  return streams.find(({ stream }) => stream === 'calls')?.written ?? 0;
}
