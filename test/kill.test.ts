// The program, killed for good at random moments, interrupted in good order, and started twice at once.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { leaseHolders, openPlace, unfinishedPackages } from './support/child-runs.ts';
import { liveAndBeKilled } from './support/killed-life.ts';
import { temporaryFolder } from './support/lab.ts';

test.for([1, 2])(
  'killed ten times at random moments (life %i), the program ends with tables that equal the truth',
  { timeout: 300_000 },
  (seed) => liveAndBeKilled(seed, { kills: 10, size: 300 }),
);

test.for(['SIGINT', 'SIGTERM'] as const)('%s ends with 130, gives back the lease, and everything sealed is safe', async (signal) => {
  const place = await openPlace({ latencyMs: 15 });
  const running = place.start(['sync']);
  await expect.poll(() => place.simulator.requests.count, { timeout: 30_000, interval: 5 }).toBeGreaterThan(12);
  running.kill(signal);
  expect(await running.ended).toMatchObject({ code: 130 });
  expect(await leaseHolders(place.path)).toEqual([]);
  expect(unfinishedPackages(place.home)).toEqual([]);
  expect(await place.run(['sync'])).toMatchObject({ code: 0 });
  expect(await place.differences()).toEqual([]);
});

test.for(['the same folder', 'another folder'])('a second sync at once, in %s, ends with 4 and names the first', async (where) => {
  const place = await openPlace({ latencyMs: 30 });
  const first = place.start(['sync']);
  await expect.poll(() => place.simulator.requests.count, { timeout: 30_000, interval: 5 }).toBeGreaterThan(3);
  // Until the second one has ended the first one does not get on, however slowly that starts.
  const lift = place.simulator.faults.always({}, { kind: 'status', status: 503 });
  const second = await place.run(['sync'], where === 'the same folder' ? {} : { folder: temporaryFolder() });
  lift();
  expect(second.code).toBe(4);
  expect(second.stderr).toContain(`process ${first.pid} `);
  expect(await first.ended).toMatchObject({ code: 0 });
  expect(await place.differences()).toEqual([]);
  expect(unfinishedPackages(place.home)).toEqual([]);
});

test('a DuckDB file that another program has open is waited for, naming that program', async () => {
  const place = await openPlace();
  expect(await place.run(['sync'])).toMatchObject({ code: 0 });
  const other = await openElsewhere(place.path);
  const running = place.start(['sync', '--full']);
  await expect.poll(running.stderr, { timeout: 30_000 }).toContain(`PID ${other.pid}`);
  await other.close();
  expect(await running.ended).toMatchObject({ code: 0 });
  expect(await place.differences()).toEqual([]);
});

test('when the disk fills up while a package is written, the run says so, and the next one repairs', async () => {
  const place = await openPlace();
  // No file may grow beyond 100 blocks of 1,024 bytes.
  const full = await place.run(['sync'], { through: 'ulimit -f 100; $PROGRAM' });
  expect(full.code).not.toBe(0);
  expect(full.stderr).toMatch(/no space/i);
  expect(full.stderr).not.toMatch(/\bat .+:\d+:\d+/);
  expect(await place.run(['sync'])).toMatchObject({ code: 0 });
  expect(await place.differences()).toEqual([]);
  expect(unfinishedPackages(place.home)).toEqual([]);
});

test('when the disk is too full for the tables, what was committed stays in the log, the run says so, and the next one goes on', async () => {
  const place = await openPlace({ calls: 600, contacts: 300 });
  // Enough for each file of the package and for the log, too little for the tables.
  const full = await place.run(['sync'], { through: 'ulimit -f 1500; $PROGRAM' });
  expect(full).toMatchObject({ code: 0 });
  expect(full.stderr).toContain('The copy for other readers could not be made: There is no space left for duckdb:');
  expect(await place.differences()).toEqual([]);
  const requests = place.simulator.requests.count;
  expect(await place.run(['sync'])).toMatchObject({ code: 0 });
  // What was read is not read again.
  expect(place.simulator.requests.count - requests).toBeLessThan(requests * 0.8);
  expect(await place.differences()).toEqual([]);
  expect(unfinishedPackages(place.home)).toEqual([]);
});

/** Another program, with the file open for writing. */
async function openElsewhere(path: string) {
  const script = `
    import { DuckDBInstance } from '@duckdb/node-api';
    const instance = await DuckDBInstance.create(${JSON.stringify(path)});
    console.log('open');
    process.stdin.on('data', () => { instance.closeSync(); process.exit(); });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { cwd: fileURLToPath(new URL('..', import.meta.url)) });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = new Promise((resolve) => child.once('close', resolve));
  await new Promise((resolve) => child.stdout.once('data', resolve));
  return {
    pid: child.pid,
    close: async () => {
      child.stdin.write('close\n');
      await ended;
    },
  };
}
