import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { UsageError } from '../../base/index.ts';
import { openRuns } from '../../store/index.ts';
import type { Run } from '../../store/index.ts';
import { defineCommand, jsonOption, option } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { ago, bytes, count, duration, moment } from '../output/format.ts';
import { lockNotice } from '../output/lock-notice.ts';
import { styleOf } from '../output/style.ts';
import type { Style } from '../output/style.ts';
import { tableLines } from '../output/table.ts';
import { parseSpan } from '../settings/parse.ts';
import { collectStatus } from '../status.ts';
import type { Status, StreamStatus } from '../status.ts';
import { destinationSettings } from '../wire.ts';

type Look = { readonly nowMs: number; readonly style: Style; readonly width: number };

export const command = defineCommand({
  description:
    'Says per stream how many rows there are, how fresh they are, what is due and what waits, and what the last runs did. With the number of ' +
    'a run: that run, its streams and its packages.',
  examples: [
    { line: 'trunkline status', does: 'Where everything stands.' },
    { line: 'trunkline status 12', does: 'Run 12 in full.' },
    { line: 'trunkline status --fail-if-older 2h', does: 'Ends with 1 when a stream was not read for two hours: an alarm for cron.' },
    { line: 'trunkline status --json', does: 'Everything for a program.' },
  ],
  arguments: [{ name: '[run]', meaning: 'The number of a run.' }],
  options: {
    failIfOlder: option.value('span', 'End with 1 when a stream is older than this: 90s, 15m, 2h, 3d.', {
      parse: parseSpan,
      example: '2h',
    }),
    json: jsonOption,
  },
  settings: [...destinationSettings, 'home', 'streams'],
  async run(context) {
    const { settings, options, stdout, stderr, env, clock, cwd } = context;
    const look: Look = { nowMs: clock.now(), style: styleOf(stdout, env), width: stdout.isTerminal ? stdout.columns() : 100 };
    const home = resolve(cwd, settings.home);
    const number = context.arguments[0];
    if (number !== undefined) {
      const run = await findRun(number, home);
      await stdout.write(options.json ? json({ run }) : text(runLines(run, look)));
      return exitCodes.done;
    }
    const status = await collectStatus({ ...context, home, onWait: lockNotice(stderr) });
    const old = options.failIfOlder === undefined ? [] : olderThan(status.streams, look.nowMs - options.failIfOlder);
    await stdout.write(options.json ? json({ ...status, tooOld: old.map((each) => each.stream) }) : text(statusLines(status, look)));
    for (const { stream, freshAt } of old) {
      await stderr.write(`${stream}: ${freshAt === null ? 'was never read to its end' : `was read last ${ago(freshAt, look.nowMs)}`}.\n`);
    }
    return old.length > 0 ? exitCodes.incomplete : exitCodes.done;
  },
});

function olderThan(streams: readonly StreamStatus[], limitMs: number): readonly StreamStatus[] {
  return streams.filter(
    (each) => each.isExpected && each.lastOutcome !== 'off' && (each.freshAt === null || Date.parse(each.freshAt) < limitMs),
  );
}

async function findRun(number: string, home: string): Promise<Run> {
  const missing = (hint: string) => new UsageError({ code: 'unknown_run', message: `There is no run "${number}".`, hint });
  if (!/^\d{1,9}$/.test(number)) throw missing('Runs are numbered; trunkline status lists the last ones.');
  if (!existsSync(home)) throw missing('Nothing was run in this folder yet: trunkline sync.');
  const runs = await openRuns({ home });
  try {
    const run = runs.get(Number(number));
    if (run === undefined) throw missing('trunkline status lists the last ones.');
    return run;
  } finally {
    runs.close();
  }
}

function statusLines(status: Status, { nowMs, style, width }: Look): string[] {
  const { destination, streams, runs, packagesWaiting } = status;
  const head = [
    `${style.bold(destination.url)}${destination.lastPackageAt === null ? '' : `  last package ${ago(destination.lastPackageAt, nowMs)}`}`,
  ];
  if (!destination.known) head.push('Nothing was loaded yet. Load it with trunkline sync.');
  if (destination.snapshotAt !== null)
    head.push(`A sync is writing; counts are of the snapshot made ${ago(destination.snapshotAt, nowMs)}.`);
  const table = tableLines({
    columns: [
      { title: 'Stream', minimum: 8 },
      { title: 'Rows', align: 'right' },
      { title: 'Gone', align: 'right' },
      { title: 'Read', minimum: 10 },
      { title: 'Last', minimum: 8 },
      { title: 'Due', minimum: 10 },
    ],
    rows: streams.map((each) => [
      each.stream,
      each.rows === null ? '-' : count(each.rows),
      each.gone === null ? '-' : count(each.gone),
      each.freshAt === null ? 'never' : ago(each.freshAt, nowMs),
      each.lastOutcome ?? '',
      each.due ?? '',
    ]),
    width,
    style,
  });
  const lastRuns = tableLines({
    columns: [
      { title: 'Run', align: 'right' },
      { title: 'Began', minimum: 10 },
      { title: 'Took' },
      { title: 'Requests', align: 'right', minimum: 8 },
      { title: 'End', minimum: 12 },
    ],
    rows: runs.map((run) => [String(run.id), ago(run.startedAt, nowMs), tookOf(run), count(run.requests), endOf(run)]),
    width,
    style,
  });
  return [
    ...head,
    '',
    ...(table ?? []),
    ...(packagesWaiting > 0
      ? ['', `${style.yellow('!')} ${count(packagesWaiting)} sealed packages wait; the next sync loads them first.`]
      : []),
    ...(runs.length > 0 ? ['', ...(lastRuns ?? [])] : []),
  ];
}

function runLines(run: Run, { style, width }: Look): string[] {
  const streams = tableLines({
    columns: [
      { title: 'Stream', minimum: 8 },
      { title: 'Outcome' },
      { title: 'Read', align: 'right' },
      { title: 'Written', align: 'right' },
      { title: 'Gone', align: 'right' },
      { title: 'Set aside', align: 'right' },
      { title: 'Requests', align: 'right' },
      { title: 'Message', minimum: 10 },
    ],
    rows: run.streams.map((each) => [
      each.stream,
      each.outcome,
      count(each.rows),
      count(each.written),
      count(each.deleted),
      count(each.quarantined),
      count(each.requests),
      each.message ?? '',
    ]),
    width,
    style,
  });
  const packages = tableLines({
    columns: [
      { title: 'Package' },
      { title: 'Sequence', align: 'right' },
      { title: 'Rows', align: 'right' },
      { title: 'Size', align: 'right' },
      { title: 'Committed' },
    ],
    rows: run.packages.map((each) => [
      each.packageId,
      String(each.sequence),
      count(each.rows),
      bytes(each.bytes),
      moment(each.committedAt),
    ]),
    width,
    style,
  });
  return [
    `${style.bold(`Run ${run.id}`)}: ${run.command}, Trunkline ${run.version} on ${run.host} (process ${run.pid})`,
    `Began ${moment(run.startedAt)}${run.endedAt === null ? '' : `, took ${tookOf(run)}`}: ${endOf(run)}`,
    ...(run.error === null ? [] : [`${style.red('✗')} ${run.error}`]),
    '',
    ...(streams ?? []),
    ...(run.packages.length > 0 ? ['', ...(packages ?? [])] : []),
  ];
}

function tookOf(run: Run): string {
  return run.endedAt === null ? '' : duration(Date.parse(run.endedAt) - Date.parse(run.startedAt));
}

function endOf(run: Run): string {
  if (run.status === 'running') return 'still running';
  if (run.status === 'died') return 'died; the next sync goes on';
  return `${run.summary ?? ''} (exit ${run.exit ?? '?'})`;
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function text(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`;
}
