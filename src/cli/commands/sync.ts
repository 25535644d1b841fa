import { basename, resolve } from 'node:path';
import { historyStartMs } from '../../aircall/index.ts';
import { UsageError } from '../../base/index.ts';
import type { Log } from '../../base/index.ts';
import type { Destination } from '../../load/index.ts';
import { chooseStreams, planSync, sync } from '../../sync/index.ts';
import type { SyncOptions, SyncResult } from '../../sync/index.ts';
import { defineCommand, jsonOption, option } from '../command.ts';
import { explainRefusal } from '../credential.ts';
import { isDemo, moveDemoAside } from '../demo-file.ts';
import { exitCodeOfCode, exitCodes } from '../exit-codes.ts';
import { moment } from '../output/format.ts';
import { planLines } from '../output/plan.ts';
import { confirm } from '../output/prompt.ts';
import { openProgress } from '../output/progress.ts';
import { styleOf } from '../output/style.ts';
import { summaryLines } from '../output/summary.ts';
import { recordRun } from '../record-run.ts';
import { parseCount, parseMoment } from '../settings/parse.ts';
import type { WrittenMoment } from '../settings/parse.ts';
import type { Settings } from '../settings/resolve.ts';
import { aircallSettings, destinationOf, destinationSettings, fieldsOf, homeOf, logSettings, openAircall } from '../wire.ts';

const lastSecondOfDayMs = (24 * 3600 - 1) * 1000;

export const command = defineCommand({
  description:
    'Reads what changed at Aircall since the last time and loads it into the destination; the first time, everything Aircall still serves. ' +
    'It may be interrupted at any moment and goes on where it stood. Without stream names it reads all streams that cost no extra request per row.',
  examples: [
    { line: 'trunkline sync', does: 'Brings ./aircall.duckdb up to date.' },
    { line: 'trunkline sync calls users', does: 'Only these two streams.' },
    {
      line: 'trunkline sync --destination duckdb:/data/aircall.duckdb --start-date 2026-01-01',
      does: 'Another file, and no calls before that day.',
    },
    { line: 'trunkline sync --dry-run', does: 'Says what would be read and what it costs, and writes nothing.' },
    {
      line: 'trunkline sync calls --from 2026-03-01 --to 2026-03-07',
      does: 'Reads one week again; where the stream stands does not move.',
    },
    { line: 'trunkline sync --json > run.json', does: 'Progress on stderr, one JSON document about the run on stdout.' },
  ],
  arguments: [{ name: '[stream...]', meaning: 'Streams to read; trunkline streams lists them.' }],
  options: {
    full: option.switch('Read everything again. Deletes nothing.'),
    from: option.value('date', 'Read again from this moment on, without moving where the streams stand.', {
      parse: parseMoment,
      example: '2026-03-01',
    }),
    to: option.value('date', 'Until this moment; a day counts to its end. Default: now.', { parse: parseMoment, example: '2026-03-07' }),
    sweep: option.switch('Look for deletions everywhere now.'),
    maxMinutes: option.value('minutes', 'Time for re-reads that are merely due; new data is always read. Default: 5.', {
      parse: parseCount(0),
      example: '5',
    }),
    dryRun: option.switch('Say what would be read; write nothing.'),
    yes: option.switch('Confirm what would be asked or held: prices of opt-in streams, many deletions at once.'),
    adoptEmptyDestination: option.switch('Start anew in a destination that was emptied or replaced on purpose.'),
    json: jsonOption,
  },
  settings: [...aircallSettings, ...destinationSettings, 'startDate', 'streams', 'deletions', 'hashSalt', ...logSettings],
  async run(context) {
    const { settings, origins, options, file, stdout, stderr, env, clock, signal } = context;
    const wanted = context.arguments.length > 0 ? context.arguments : (settings.streams ?? undefined);
    const chosen = chooseStreams(wanted);
    const range = rangeOf(options, clock.now());
    const fields = fieldsOf(file, settings.hashSalt);
    const startAt = settings.startDate?.at;
    if (startAt !== undefined && startAt.getTime() > clock.now()) throw startsInFuture(startAt, origins.startDate?.name);
    const destination = destinationOf(context);
    const home = homeOf(context);

    const progress = openProgress({ settings, output: stderr, env, clock, streams: chosen.map((stream) => stream.name) });
    const open = await openAircall(context, progress.log);
    try {
      progress.begin(open.budget);
      if (startAt !== undefined && startAt.getTime() < historyStartMs(clock.now())) {
        progress.log.warn(
          `Aircall serves the calls of the last six months only; reading starts at ${moment(new Date(historyStartMs(clock.now())))}.`,
        );
      }
      const request: SyncOptions = {
        aircall: open.aircall,
        destination,
        home,
        streams: chosen.map((stream) => stream.name),
        startAt,
        full: options.full,
        range,
        sweep: options.sweep,
        confirmed: options.yes,
        confirm: context.isInteractive ? (question) => progress.aside(() => confirm(context, question, 'Confirm with --yes.')) : undefined,
        maximumMinutes: options.maxMinutes,
        deletions: settings.deletions,
        reread: file.reread,
        fields,
        callExtras: file.callExtras,
        requestsPerMinute: open.budget.status().allowed,
        adoptEmptyDestination: options.adoptEmptyDestination,
        signal,
        clock,
        log: progress.log,
      };
      const style = styleOf(stdout, env);
      const width = stdout.isTerminal ? stdout.columns() : 100;
      if (options.dryRun) {
        const plan = await planSync(request);
        progress.end();
        await stdout.write(options.json ? json({ plan }) : lines(planLines(plan, { budget: open.budget.status(), style, width })));
        return exitCodes.done;
      }
      await keepDemoApart(context, { home, destination, log: progress.log });
      const result = await recordRun(
        { home, streams: chosen.map((stream) => stream.name), clock, log: progress.log, exitCode: exitCodeOfResult },
        (observe) =>
          sync({
            ...request,
            onEvent: (event) => {
              observe(event);
              progress.onEvent(event);
            },
          }),
      );
      progress.end();
      await stdout.write(options.json ? json(result) : lines(summaryLines(result, { destination: settings.destination, style, width })));
      return exitCodeOfResult(result);
    } catch (error) {
      throw explainRefusal(error, open.credential.from);
    } finally {
      progress.end();
      await open.close();
    }
  },
});

/** The worst thing that happened decides. A refused credential of any stream is told apart, because only a person can mend it. */
export function exitCodeOfResult(result: SyncResult): number {
  if (result.outcome === 'interrupted') return exitCodes.interrupted;
  if (result.outcome === 'done') return exitCodes.done;
  const codes = result.streams.map((stream) => (stream.error === null ? exitCodes.incomplete : exitCodeOfCode(stream.error.code)));
  return codes.includes(exitCodes.credentialRefused) ? exitCodes.credentialRefused : exitCodes.incomplete;
}

/** A real company is never mixed with the demo's: the demo's file is moved aside. */
async function keepDemoApart(
  { cwd, settings }: { readonly cwd: string; readonly settings: Settings<'destination'> },
  { home, destination, log }: { readonly home: string; readonly destination: Destination; readonly log: Log },
): Promise<void> {
  const path = resolve(cwd, settings.destination.path);
  if (!(await isDemo(home, path, destination))) return;
  const to = moveDemoAside(home, path);
  log.warn(
    `${settings.destination.label} held the simulated company of trunkline demo. It is in ${basename(to)} now, and this sync begins a new file.`,
  );
}

function rangeOf(options: { readonly from: WrittenMoment | undefined; readonly to: WrittenMoment | undefined }, nowMs: number) {
  const { from, to } = options;
  if (from === undefined && to === undefined) return undefined;
  if (from === undefined) {
    throw new UsageError({
      code: 'range',
      message: '--to stands without --from.',
      hint: 'Give both, such as --from 2026-03-01 --to 2026-03-07.',
    });
  }
  const end = to === undefined ? new Date(nowMs) : to.isDay ? new Date(to.at.getTime() + lastSecondOfDayMs) : to.at;
  if (from.at.getTime() > end.getTime()) {
    throw new UsageError({
      code: 'range',
      message: `The range ends (${moment(end)}) before it begins (${moment(from.at)}).`,
      hint: 'Give --from the earlier moment, such as --from 2026-03-01 --to 2026-03-07.',
    });
  }
  return { from: from.at, to: end };
}

function startsInFuture(startAt: Date, where: string | undefined): UsageError {
  return new UsageError({
    code: 'setting_value',
    message: `The start date ${moment(startAt)}${where === undefined ? '' : ` (${where})`} lies in the future; nothing would be read.`,
    hint: 'Give a day in the past, such as --start-date 2026-01-31.',
  });
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function lines(all: readonly string[]): string {
  return `${all.join('\n')}\n`;
}
