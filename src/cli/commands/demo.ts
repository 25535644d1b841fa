import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { limits } from '../../aircall/index.ts';
import { createClient, createInProcessBudget } from '../../client/index.ts';
import { createDestination, parseDestinationUrl } from '../../destinations/index.ts';
import type { Session } from '../../load/index.ts';
import { startSimulator } from '../../simulator/index.ts';
import type { Truth } from '../../simulator/index.ts';
import { defaultStreams } from '../../streams/index.ts';
import { sync } from '../../sync/index.ts';
import type { SyncResult } from '../../sync/index.ts';
import { defineCommand, option } from '../command.ts';
import { freeName, isDemo, rememberDemo, removeDemo } from '../demo-file.ts';
import { exitCodes } from '../exit-codes.ts';
import { asCell } from '../output/cells.ts';
import { count, duration, plural } from '../output/format.ts';
import { waitForBudgetMs } from '../output/progress-state.ts';
import { openProgress } from '../output/progress.ts';
import { styleOf } from '../output/style.ts';
import type { Style } from '../output/style.ts';
import { tableLines } from '../output/table.ts';
import { parseCount } from '../settings/parse.ts';
import { logSettings } from '../wire.ts';
import { exitCodeOfResult } from './sync.ts';

const grantedPerMinute = 6000;
const dataset = 'aircall_data';

type Question = { readonly asks: string; readonly sql: string };

const questions: readonly Question[] = [
  {
    asks: 'How many calls come in and go out, and how many are answered?',
    sql: `SELECT direction, count(*) AS calls,
       round(100.0 * count(answered_at) / count(*), 1) AS answered_percent,
       round(avg(duration) FILTER (answered_at IS NOT NULL) / 60, 1) AS minutes
FROM live_calls GROUP BY direction ORDER BY calls DESC`,
  },
  {
    asks: 'Who answered the most calls in the last 30 days?',
    sql: `SELECT users.name, count(*) AS calls, round(sum(duration) / 3600.0, 1) AS hours
FROM live_calls AS calls JOIN live_users AS users ON users.id = calls.user__id
WHERE answered_at > (SELECT max(started_at) FROM live_calls) - INTERVAL 30 DAY
GROUP BY users.name ORDER BY calls DESC LIMIT 5`,
  },
  {
    asks: 'Which tags do calls carry most, in all and in the last month?',
    sql: `SELECT tags.name AS tag, count(*) AS calls,
       count(*) FILTER (started_at > now() - INTERVAL 1 MONTH) AS last_month
FROM live_calls__tags AS tags JOIN live_calls AS calls ON calls.id = tags._parent_id
GROUP BY tag ORDER BY calls DESC LIMIT 5`,
  },
];

export const command = defineCommand({
  description:
    'Shows everything without an account: starts a simulated Aircall company on this machine, reads all of it into a DuckDB file in this folder ' +
    'past the cap of 10,000 rows a query, compares what arrived with what there was, and asks three questions in SQL.',
  examples: [
    { line: 'trunkline demo', does: '25,000 calls and 12,000 contacts into aircall.duckdb, in under half a minute.' },
    { line: 'trunkline demo --calls 1000 --contacts 500', does: 'A smaller company.' },
    {
      line: 'trunkline demo --agents',
      does: 'The agent gateway instead: two agents, what each gets, what the log says, and what shows that it is true.',
    },
  ],
  options: {
    calls: option.value('count', 'Calls of the company. Default: 25000.', { parse: parseCount(0), example: '25000' }),
    contacts: option.value('count', 'Contacts of the company. Default: 12000.', { parse: parseCount(0), example: '12000' }),
    agents: option.switch('Show the agent gateway, on a simulated company of its own.'),
  },
  settings: ['home', ...logSettings],
  async run(context) {
    const { cwd, env, clock, settings, options, stdout, stderr, signal } = context;
    if (options.agents) {
      const { showAgents } = await import('../agents-demo.ts');
      return showAgents(context);
    }
    const { calls = 25_000, contacts = 12_000 } = options;
    const style = styleOf(stdout, env);
    const width = stdout.isTerminal ? stdout.columns() : 100;
    const home = resolve(cwd, settings.home);
    const say = (lines: readonly string[]) => stdout.write(`${lines.join('\n')}\n`);

    const path = await demoPath(cwd, home);
    const url = parseDestinationUrl(`duckdb:${path}`);
    const destination = createDestination(url, { cwd, dataset });
    await say([
      style.bold('Trunkline demo'),
      `A simulated company: ${plural(calls, 'call')}, ${plural(contacts, 'contact')}. Nothing leaves this machine.`,
    ]);
    const startedMs = clock.monotonic();
    const simulator = await startSimulator({ calls, contacts, requestsPerMinute: grantedPerMinute });
    const packages = await mkdtemp(join(tmpdir(), 'trunkline-demo-'));
    try {
      const budget = createInProcessBudget({ requestsPerMinute: grantedPerMinute, reserve: 0, clock });
      const { apiId, apiToken, baseUrl } = simulator;
      const aircall = createClient({ credential: { apiId, apiToken }, baseUrl, budget, priority: 'pipeline', clock, signal });
      const streams = defaultStreams.map((stream) => stream.name);
      const progress = openProgress({ settings, output: stderr, env, clock, streams });
      let result: SyncResult;
      try {
        progress.begin(budget);
        result = await sync({ aircall, destination, home: packages, signal, clock, log: progress.log, onEvent: progress.onEvent });
      } finally {
        progress.end();
        await aircall.close();
      }
      if (result.outcome !== 'done') return exitCodeOfResult(result);
      const lastPackage = result.packages.at(-1);
      if (lastPackage !== undefined) rememberDemo(home, resolve(cwd, path), lastPackage.packageId);

      const atRealRateMs = waitForBudgetMs(result.requests, { allowed: limits.rate.requests, used: 0, blockedUntilMs: null });
      await say([
        '',
        style.bold(`What arrived in ./${basename(path)}`),
        ...arrived(result, simulator.truth(), style, width),
        '',
        `${plural(result.requests, 'request')} in ${duration(clock.monotonic() - startedMs)}. The simulator grants ${count(grantedPerMinute)} a minute;`,
        `with the ${limits.rate.requests} that Aircall grants, the same first read takes about ${duration(atRealRateMs)}, and every later one only what changed.`,
      ]);
      const session = await destination.open({ signal });
      try {
        for (const question of questions) await say(await answer(session, question, style, width));
      } finally {
        await session.close();
      }
      await say(nextSteps(path, style));
      return exitCodes.done;
    } finally {
      await simulator.close();
      await rm(packages, { recursive: true, force: true });
    }
  },
});

/** `aircall.duckdb`, replacing an earlier demo; beside it where that name holds anything else. */
async function demoPath(cwd: string, home: string): Promise<string> {
  const path = resolve(cwd, 'aircall.duckdb');
  if (!existsSync(path)) return 'aircall.duckdb';
  const destination = createDestination(parseDestinationUrl(`duckdb:${path}`), { cwd, dataset });
  if (!(await isDemo(home, path, destination))) return basename(freeName(path));
  removeDemo(home, path);
  return 'aircall.duckdb';
}

function arrived(result: SyncResult, truth: Truth, style: Style, width: number): readonly string[] {
  const there: Readonly<Record<string, ReadonlyMap<string, unknown>>> = truth;
  const rows = result.streams.map(({ stream, liveRows }) => {
    const expected = there[stream]?.size ?? 0;
    return [stream, count(liveRows ?? 0), count(expected), liveRows === expected ? '✓' : `✗ ${count(expected - (liveRows ?? 0))} missing`];
  });
  return (
    tableLines({
      columns: [{ title: 'Stream' }, { title: 'In the file', align: 'right' }, { title: 'At the company', align: 'right' }, { title: '' }],
      rows,
      width,
      style,
      indent: 2,
    }) ?? []
  );
}

async function answer(session: Session, { asks, sql }: Question, style: Style, width: number): Promise<readonly string[]> {
  const { columns, rows } = await session.query(sql);
  const cells: string[][] = [];
  for await (const row of rows) cells.push(row.map(asCell));
  const table = tableLines({
    columns: columns.map(({ name, type }) => ({ title: name, align: type === 'VARCHAR' ? ('left' as const) : ('right' as const) })),
    rows: cells,
    width,
    style,
    indent: 2,
  });
  return ['', style.bold(asks), ...sql.split('\n').map((line) => style.dim(`  ${line}`)), '', ...(table ?? [])];
}

function nextSteps(path: string, style: Style): readonly string[] {
  const command = (line: string) => `  ${style.cyan(line)}`;
  const elsewhere = basename(path) === 'aircall.duckdb' ? '' : ` --destination duckdb:./${basename(path)}`;
  return [
    '',
    style.bold('Ask it more'),
    command(`npx trunkline query "SELECT * FROM live_calls LIMIT 1"${elsewhere}`),
    '',
    style.bold('Your own account'),
    '  In the Aircall Dashboard, under Integrations & API, API keys, make a key. Then:',
    command('export AIRCALL_API_ID=…  AIRCALL_API_TOKEN=…'),
    command('npx trunkline check'),
    command('npx trunkline sync'),
    ...(elsewhere === '' ? ['  The demo is moved to aircall-demo.duckdb then; the two are never mixed.'] : []),
    '',
  ];
}
