// How progress looks: the lines of the live display, and the sentences of the plain one.
import type { BudgetStatus } from '../../base/index.ts';
import type { StreamOutcome } from '../../sync/index.ts';
import { count, duration, plural } from './format.ts';
import { timeToFinishMs } from './progress-state.ts';
import type { Progress, StreamProgress } from './progress-state.ts';
import type { Style } from './style.ts';
import { padEnd, padStart, truncate } from './width.ts';

const spinner = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const spinnerStepMs = 100;
const barCells = 12;

type Moment = { readonly nowMs: number; readonly budget: BudgetStatus };

/** The live display: one line a stream, then requests, then what is waited for. Each line fits the width. */
export function liveLines(progress: Progress, options: Moment & { readonly width: number; readonly style: Style }): string[] {
  const { nowMs, budget, width, style } = options;
  const names = Math.max(0, ...progress.streams.map((each) => each.stream.length));
  const streams = progress.streams.map((each) => {
    const details = detailsOf(each);
    const room = Math.max(0, width - names - 4);
    const mark = markOf(each, nowMs);
    return `${style[mark.colour](mark.sign)} ${style.bold(padEnd(each.stream, names))}  ${paintBar(truncate(details, room), style)}`;
  });
  const lines = [...streams, style.dim(truncate(requestsLine(progress, { nowMs, budget }), width))];
  const waiting = waitingText(progress, nowMs);
  if (waiting !== null) lines.push(style.yellow(truncate(`⏸ ${waiting}`, width)));
  return lines;
}

/** `312 requests in 48 s · 98 of 110 left this minute · about 2 min to go`. */
export function requestsLine(progress: Progress, { nowMs, budget }: Moment): string {
  const left =
    budget.allowed === Infinity
      ? 'no limit'
      : `${count(Math.max(0, budget.allowed - budget.used))} of ${count(budget.allowed)} left this minute`;
  const finishMs = timeToFinishMs(progress, budget, nowMs);
  const more = progress.streams.some((each) => each.startedMs === null) ? ', then the rest' : '';
  const finish = finishMs === null ? [] : [finishMs < 1000 ? 'almost done' : `about ${duration(roughly(finishMs))} to go${more}`];
  return [`${plural(progress.requests, 'request')} in ${duration(nowMs - progress.startedMs)}`, left, ...finish].join(' · ');
}

/** What is waited for, with the time that is left, or null. */
function waitingText(progress: Progress, nowMs: number): string | null {
  const { waiting } = progress;
  if (waiting === null) return null;
  const leftMs = waiting.untilMs - nowMs;
  const left = leftMs > 0 ? `, ${duration(Math.ceil(leftMs / 1000) * 1000)} left` : '';
  switch (waiting.reason) {
    case 'budget':
      return leftMs < 1000 ? null : `Waiting for the request budget to refill${left}`;
    case 'refused':
      return `Aircall answered "too many requests": another program uses the same company's limit. Waiting${left}`;
    case 'retry':
      return leftMs < 1000 ? null : `A request to Aircall failed. Trying again${left}`;
    case 'lock':
      return `The destination is open in ${waiting.holder ?? 'another program'}. Waiting until it closes it`;
    case 'destination':
      return `The destination does not answer. Trying again${left}`;
  }
}

/** `25,000 of 25,000 rows · 4 windows`, without colour; with the outcome where it is not what was hoped for. */
function detailsOf(stream: StreamProgress): string {
  const bar = stream.result !== null || stream.isRead ? '' : barOf(stream);
  const parts = factsOf(stream);
  if (stream.result !== null && stream.result.outcome !== 'done') parts.push(outcomeWords[stream.result.outcome]);
  return `${bar}${parts.join(' · ')}`;
}

/** What is known about a stream: rows, windows, what became of them. */
export function factsOf(stream: StreamProgress): string[] {
  if (stream.startedMs === null && stream.result === null) return [];
  const { rows, expectedRows, windows, phase, isRead, result } = stream;
  const isOver = isRead || result !== null;
  const parts = [isOver || expectedRows === null ? plural(rows, 'row') : `${count(rows)} of ${count(Math.max(rows, expectedRows))} rows`];
  if (windows > 0) parts.push(plural(windows, 'window'));
  if (result !== null) {
    if (result.written !== rows) parts.push(`${count(result.written)} written`);
    if (result.deleted > 0) parts.push(`${count(result.deleted)} gone`);
    if (result.quarantined > 0) parts.push(`${count(result.quarantined)} set aside`);
  } else if (isRead) parts.push('read');
  else if (phase !== null) parts.push(phase);
  return parts;
}

export const outcomeWords: Readonly<Record<StreamOutcome, string>> = {
  done: 'complete',
  incomplete: 'incomplete',
  failed: 'failed',
  off: 'off',
};

function markOf(
  stream: StreamProgress,
  nowMs: number,
): { readonly sign: string; readonly colour: 'dim' | 'cyan' | 'green' | 'yellow' | 'red' } {
  if (stream.startedMs === null && stream.result === null) return { sign: '·', colour: 'dim' };
  if (stream.result === null && stream.isRead) return { sign: '✓', colour: 'dim' };
  if (stream.result === null) return { sign: spinner[Math.floor(nowMs / spinnerStepMs) % spinner.length] ?? '·', colour: 'cyan' };
  switch (stream.result.outcome) {
    case 'done':
      return { sign: '✓', colour: 'green' };
    case 'incomplete':
      return { sign: '!', colour: 'yellow' };
    case 'failed':
      return { sign: '✗', colour: 'red' };
    case 'off':
      return { sign: '-', colour: 'dim' };
  }
}

function barOf({ rows, expectedRows }: StreamProgress): string {
  if (expectedRows === null || expectedRows === 0) return '';
  const share = Math.min(1, rows / expectedRows);
  const filled = Math.round(share * barCells);
  return `${'━'.repeat(filled)}${'─'.repeat(barCells - filled)} ${padStart(`${Math.floor(share * 100)}%`, 4)}  `;
}

function paintBar(text: string, style: Style): string {
  return text.replace(
    /^(━*)(─*)/,
    (_, filled: string, rest: string) => (filled === '' ? '' : style.cyan(filled)) + (rest === '' ? '' : style.dim(rest)),
  );
}

/** Without false precision: whole ten seconds above a minute, whole minutes above ten. */
function roughly(ms: number): number {
  const step = ms > 600_000 ? 60_000 : ms > 60_000 ? 10_000 : 1000;
  return Math.ceil(ms / step) * step;
}
