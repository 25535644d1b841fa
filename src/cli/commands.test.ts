// The commands against a simulated Aircall over HTTP and real DuckDB files, in this process.
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type Ended, openShell, type Shell, type ShellOptions } from '../../test/support/cli.ts';
import { duckdb } from '../destinations/index.ts';
import { thisProcess } from '../load/index.ts';
import { startSimulator, type Simulator, type SimulatorOptions } from '../simulator/index.ts';
import { commands } from './commands.ts';

test('sync loads everything and proves it; run again it reads only what changed; status and its runs tell of both', async () => {
  const { simulator, shell } = await company();
  const first = await shell.run('sync');
  expect(first).toMatchObject({ code: 0 });
  expect(first.stdout).toMatch(/calls +\d+ +150 .* 150 +✓ 150 of 150/);
  expect(first.stdout).toContain('Complete.');
  expect(first.stderr).toContain('calls: reading for the first time.');

  const before = simulator.requests.count;
  const second = await shell.run('sync', '--json');
  expect(second.code).toBe(0);
  expect(JSON.parse(second.stdout)).toMatchObject({ outcome: 'done', requests: simulator.requests.count - before });

  const status = documentOf(await shell.run('status', '--json')) as { runs: { id: number; exit: number }[]; streams: { stream: string }[] };
  expect(status).toMatchObject({ destination: { known: true }, packagesWaiting: 0, tooOld: [] });
  expect(status.runs.map((run) => [run.id, run.exit])).toEqual([
    [2, 0],
    [1, 0],
  ]);
  expect(status.streams.find((each) => each.stream === 'calls')).toMatchObject({
    rows: 150,
    gone: 0,
    lastOutcome: 'done',
  });
  expect((await shell.run('status')).stdout).toMatch(/calls +150 /);
  expect((await shell.run('status', '1')).stdout).toMatch(/calls +done +\d+ +150/);
  expect((await shell.run('status', '99')).code).toBe(2);
});

test('status --fail-if-older is an alarm', async () => {
  const { shell } = await company();
  expect(await shell.run('status', '--fail-if-older', '2h')).toMatchObject({ code: 1 });
  await shell.run('sync');
  expect(await shell.run('status', '--fail-if-older', '2h')).toMatchObject({ code: 0, stderr: '' });
});

test('--dry-run says what would be read and writes nothing', async () => {
  const { shell } = await company();
  const { code, stdout } = await shell.run('sync', '--dry-run');
  expect(code).toBe(0);
  expect(stdout).toMatch(/calls +150 +3 /);
  expect(stdout).toContain('Nothing was written.');
  expect(existsSync(join(shell.cwd, 'aircall.duckdb'))).toBe(false);
});

test('a live display is drawn on a terminal and leaves stdout to the summary', async () => {
  const { shell } = await company({}, { columns: 80 });
  const { code, stdout, stderr } = await shell.run('sync', 'calls', 'users');
  expect(code).toBe(0);
  expect(stderr).toContain('\u001b[0J');
  expect(stderr).toMatch(/users.*12 rows/);
  expect(stdout).not.toContain('\u001b[0J');
});

test('an interrupted sync ends with 130 and goes on later', async () => {
  const stop = new AbortController();
  const { simulator, shell } = await company({ calls: 3000, latencyMs: 20 }, { signal: stop.signal });
  const running = shell.run('sync');
  await expect.poll(() => simulator.requests.count, { timeout: 30_000 }).toBeGreaterThan(15);
  stop.abort();
  expect((await running).code).toBe(130);
  const later = openShell({ env: shell.env });
  const { code } = await later.run(
    'sync',
    '--destination',
    `duckdb:${join(shell.cwd, 'aircall.duckdb')}`,
    '--home',
    join(shell.cwd, '.trunkline'),
  );
  expect(code).toBe(0);
});

test('query answers in every format', async () => {
  const { shell } = await company();
  await shell.run('sync', 'users');
  const sql = "SELECT 9007199254740993 AS big, 'a,b' AS text, NULL AS nothing, count(*) AS users FROM live_users";
  expect((await shell.run('query', sql)).stdout).toMatch(/big +text +nothing +users\n─.*\n9007199254740993 +a,b +NULL +12\n$/);
  expect((await shell.run('query', sql, '--format', 'json')).stdout).toBe(
    '[\n{"big":9007199254740993,"text":"a,b","nothing":null,"users":12}\n]\n',
  );
  expect((await shell.run('query', sql, '--format', 'csv')).stdout).toBe('big,text,nothing,users\r\n9007199254740993,"a,b",,12\r\n');
  expect((await shell.run('query', 'SELECT 1 AS a, 2 AS a WHERE false', '--format', 'json')).stdout).toBe('[]\n');
  expect((await shell.run('query', 'SELECT 1 AS a, 2 AS a;', '--format', 'json')).stdout).toBe('[\n{"a":1,"a_2":2}\n]\n');
  expect((await shell.run('query', sql, '--format', 'parquet')).stdout.slice(0, 4)).toBe('PAR1');
  await shell.run('query', sql, '--format', 'parquet', '--output', 'users.parquet');
  expect(readFileSync(join(shell.cwd, 'users.parquet')).subarray(0, 4).toString()).toBe('PAR1');
  expect(await shell.run('query', 'DELETE FROM users')).toMatchObject({ code: 2 });
  expect(await shell.run('query', "SELECT * FROM read_text('/etc/hostname')")).toMatchObject({ code: 2 });

  const piped = openShell({ stdin: 'SELECT 1 AS one\n' });
  expect((await piped.run('query', '-', '--destination', `duckdb:${join(shell.cwd, 'aircall.duckdb')}`, '--format', 'csv')).stdout).toBe(
    'one\r\n1\r\n',
  );
});

test('query before the first sync says what to do', async () => {
  const { code, stderr } = await openShell().run('query', 'SELECT 1');
  expect(code).toBe(4);
  expect(stderr).toContain('trunkline sync');
});

test('a destination leased by another run ends with 4 and names it', async () => {
  const { shell } = await company();
  await shell.run('sync', 'users');
  const session = await duckdb({ path: join(shell.cwd, 'aircall.duckdb') }).open({});
  await session.claim('main', { ...thisProcess('1.2.3'), host: 'elsewhere.example.com', pid: 4711 });
  const { code, stderr } = await shell.run('sync', 'users');
  expect(code).toBe(4);
  expect(stderr).toContain('4711');
  await session.close();
});

test('an emptied destination needs to be adopted', async () => {
  const { shell } = await company();
  await shell.run('sync', 'users');
  for (const name of readdirSync(shell.cwd)) if (name.startsWith('aircall.')) rmSync(join(shell.cwd, name));
  const { code, stderr } = await shell.run('sync', 'users');
  expect(code).toBe(2);
  expect(stderr).toContain('--adopt-empty-destination');
  expect((await shell.run('sync', 'users', '--adopt-empty-destination')).code).toBe(0);
});

test('drop says what cannot come back, asks, and the next sync reads anew', async () => {
  const { shell } = await company();
  await shell.run('sync', 'users', 'calls');
  expect(await shell.run('drop', 'users')).toMatchObject({ code: 2 });
  const asked = openShell({ answers: ['no'] });
  const at = ['--destination', `duckdb:${join(shell.cwd, 'aircall.duckdb')}`];
  const no = await asked.run('drop', 'users', ...at);
  expect(no.stderr).toMatch(/12 rows in 1 table\..*\n.*Drop users\?.*\n?Nothing was dropped/s);
  expect(await shell.run('drop', 'users', '--yes')).toMatchObject({ code: 0 });
  expect((await shell.run('query', 'SELECT count(*) FROM users')).code).toBe(2);
  expect(await shell.run('drop', 'users', '--yes')).toMatchObject({ code: 2 });
  expect((await shell.run('sync', 'users')).stdout).toMatch(/users +12 +12/);
});

test('check says what works and how to mend the rest', async () => {
  const { shell } = await company();
  const good = await shell.run('check');
  expect(good.code).toBe(0);
  expect(good.stdout).toMatch(/✓ credential .*AIRCALL_API_ID/);
  expect(good.stdout).toMatch(/budget .*110 requests a minute/);
  expect(good.stdout).toContain('TRUNKLINE_COMPANY');
  expect(good.stdout).toMatch(/✓ destination .*nothing was loaded yet/);
  expect(good.stdout).toMatch(/✓ fields /);
  shell.write('other.duckdb', 'this is no database');
  const bad = await shell.run('check', '--destination', 'duckdb:other.duckdb', '--json');
  expect(bad.code).toBe(4);
  expect((documentOf(bad) as { findings: unknown[] }).findings.at(-1)).toMatchObject({ check: 'destination', state: 'bad' });
});

test('init takes flags, probes, and writes settings and a secret that only the owner can read', async () => {
  const { simulator, shell } = await company();
  const { apiId, apiToken, baseUrl } = simulator;
  const folder = openShell({ env: { AIRCALL_BASE_URL: baseUrl } });
  folder.write('token.txt', `${apiToken}\n`);
  folder.write('.gitignore', 'node_modules\n.env');
  folder.write('.env', 'OTHER=1\n');
  const ended = await folder.run(
    'init',
    '--api-id',
    apiId,
    '--api-token-file',
    'token.txt',
    '--destination',
    'duckdb:./data/company.duckdb',
    '--since',
    '2026-01-31',
  );
  expect(ended).toMatchObject({ code: 0 });
  expect(ended.stdout + ended.stderr).not.toContain(apiToken);
  expect(JSON.parse(readFileSync(join(folder.cwd, 'trunkline.config.json'), 'utf8'))).toMatchObject({
    destination: 'duckdb:./data/company.duckdb',
    baseUrl,
    startDate: '2026-01-31',
  });
  expect(readFileSync(join(folder.cwd, '.env'), 'utf8')).toBe(`OTHER=1\nAIRCALL_API_ID=${apiId}\nAIRCALL_API_TOKEN=${apiToken}\n`);
  if (process.platform !== 'win32') expect(statSync(join(folder.cwd, '.env')).mode & 0o777).toBe(0o600);
  expect(readFileSync(join(folder.cwd, '.gitignore'), 'utf8')).toBe('node_modules\n.env\n.trunkline\n*.duckdb\n*.duckdb.wal\n');
  delete folder.env['AIRCALL_BASE_URL'];
  expect(await folder.run('check')).toMatchObject({ code: 0 });
  expect(await folder.run('init', '--api-id', apiId, '--api-token-file', 'token.txt')).toMatchObject({ code: 2 });
  expect(shell.cwd).not.toBe(folder.cwd);
});

test('init asks for what it was not given, and does not echo the token', async () => {
  const { simulator } = await company();
  const { apiId, apiToken, baseUrl } = simulator;
  const folder = openShell({ env: { AIRCALL_BASE_URL: baseUrl }, answers: [apiId, apiToken, ''] });
  const { code, stdout, stderr } = await folder.run('init');
  expect(code).toBe(0);
  expect(stderr).toContain('API token');
  expect(stdout + stderr).not.toContain(apiToken);
  expect(readFileSync(join(folder.cwd, '.env'), 'utf8')).toContain(apiToken);
  expect(JSON.parse(readFileSync(join(folder.cwd, 'trunkline.config.json'), 'utf8'))).toMatchObject({
    destination: 'duckdb:./aircall.duckdb',
  });
});

test('a credential in the environment is written nowhere', async () => {
  const { shell } = await company();
  const { code, stdout } = await shell.run('init');
  expect(code).toBe(0);
  expect(stdout).toContain('stays in the environment');
  expect(existsSync(join(shell.cwd, '.env'))).toBe(false);
});

test('demo loads a company, compares it, asks it three questions, and is never mixed with a real one', async () => {
  const { shell, simulator } = await company();
  const small = ['demo', '--calls', '200', '--contacts', '60'];
  const { code, stdout } = await shell.run(...small);
  expect(code).toBe(0);
  expect(stdout).toMatch(/calls +200 +200 +✓/);
  expect(stdout.match(/^ {2}SELECT /gm)).toHaveLength(3);
  expect(stdout).toContain('AIRCALL_API_ID');
  expect(stdout).toMatch(/the same first read takes about/);
  expect((await shell.run(...small)).code).toBe(0);
  expect(existsSync(join(shell.cwd, 'aircall-demo.duckdb'))).toBe(false);

  const real = await shell.run('sync');
  expect(real.code).toBe(0);
  expect(real.stderr).toContain('aircall-demo.duckdb');
  const rows = await shell.run('query', 'SELECT count(*) AS n FROM calls', '--format', 'csv');
  expect(rows.stdout).toBe(`n\r\n${simulator.truth().calls.size}\r\n`);
  const demo = await shell.run(
    'query',
    'SELECT count(*) AS n FROM live_calls',
    '--format',
    'csv',
    '--destination',
    'duckdb:aircall-demo.duckdb',
  );
  expect(demo.stdout).toBe('n\r\n200\r\n');
  expect((await shell.run(...small)).stdout).toContain('aircall-demo-2.duckdb');
});

test('simulator prints what to set, and serves until it is stopped', async () => {
  const stop = new AbortController();
  const shell = openShell({ signal: stop.signal });
  const running = shell.run('simulator', '--calls', '10', '--contacts', '5', '--json');
  setTimeout(() => stop.abort(), 200);
  const { code, stdout } = await running;
  expect(code).toBe(0);
  const printed = JSON.parse(stdout) as { baseUrl: string; apiId: string };
  expect(printed.baseUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(printed.apiId).not.toBe('');
});

test('streams and schema describe every table', async () => {
  const shell = openShell({ columns: 80 });
  const list = await shell.run('streams');
  expect(list.stdout).toContain('transcriptions');
  expect(
    Math.max(
      ...list.stdout
        .replace(/\u001b\[\d+m/g, '')
        .split('\n')
        .map((line) => line.length),
    ),
  ).toBeLessThanOrEqual(80);
  expect((await shell.run('streams', 'calls')).stdout).toContain('calls__tags');
  expect((documentOf(await shell.run('streams', 'calls', '--json')) as { streams: unknown[] }).streams[0]).toMatchObject({
    name: 'calls',
    optIn: false,
  });
  expect(await shell.run('streams', 'cals')).toMatchObject({ code: 2 });

  const sql = (await shell.run('schema', 'calls')).stdout;
  expect(sql).toContain('CREATE TABLE "aircall_data"."calls__tags" (\n  "_parent_id" BIGINT NOT NULL,');
  const schema = documentOf(await shell.run('schema', 'users', '--format', 'json-schema'));
  expect(schema).toMatchObject({ $defs: { users: { properties: { id: { type: 'integer' } } } } });
  expect((await shell.run('schema', 'calls', '--format', 'dbml')).stdout).toContain(
    'Ref: "aircall_data"."calls__tags".("_parent_id") > "aircall_data"."calls".("id")',
  );
  expect((await shell.run('schema', 'calls', '--format', 'mermaid')).stdout).toContain('calls ||--o{ calls__tags : has');
});

test('explain shows each setting and where it came from, and no secret', async () => {
  const env = { AIRCALL_API_TOKEN: 'hunter2', AIRCALL_BASE_URL: 'https://key:hunter2@api.example.com', TRUNKLINE_QUOTA: 'lots' };
  const shell = openShell({ env });
  shell.write('.env', 'TRUNKLINE_RESERVE=20\n');
  const { code, stdout } = await shell.run('explain');
  expect(code).toBe(2);
  expect(stdout).not.toContain('hunter2');
  expect(stdout).toMatch(/TRUNKLINE_RESERVE +20 +TRUNKLINE_RESERVE in \.env/);
  expect(stdout).toContain('TRUNKLINE_QUOTA is "lots"');
});

test.each(commands.map((entry) => entry.name))('%s --help has a description, options and examples', async (name) => {
  const { code, stdout } = await openShell().run(name, '--help');
  expect(code).toBe(0);
  expect(stdout).toMatch(new RegExp(`Usage: trunkline ${name}.*Examples:.*trunkline ${name}`, 's'));
  expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(110);
});

test('without a command the commands are listed', async () => {
  const listed = await openShell().run();
  expect(listed).toMatchObject({ code: 2, stdout: '' });
  const help = await openShell().run('--help');
  expect(help.code).toBe(0);
  for (const { name } of commands) expect(help.stdout).toContain(`\n  ${name} `);
});

async function company(sizes: SimulatorOptions = {}, options: ShellOptions = {}): Promise<{ simulator: Simulator; shell: Shell }> {
  const simulator = await startSimulator({ calls: 150, contacts: 60, requestsPerMinute: 'off', ...sizes });
  onTestFinished(() => simulator.close());
  const { apiId, apiToken, baseUrl } = simulator;
  const shell = openShell({
    ...options,
    env: { AIRCALL_API_ID: apiId, AIRCALL_API_TOKEN: apiToken, AIRCALL_BASE_URL: baseUrl, ...options.env },
  });
  return { simulator, shell };
}

function documentOf({ stdout }: Ended): unknown {
  return JSON.parse(stdout);
}
