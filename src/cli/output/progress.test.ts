import { describe, expect, test } from 'vitest';
import type { BudgetStatus, Clock } from '../../base/index.ts';
import { createLog } from '../../base/index.ts';
import type { StreamResult, SyncEvent } from '../../sync/index.ts';
import { liveLines } from './progress-lines.ts';
import { advance, startProgress, timeToFinishMs, waitForBudgetMs } from './progress-state.ts';
import { liveProgress, plainProgress } from './progress.ts';
import { styleOf } from './style.ts';
import { widthOf } from './width.ts';

const plain = styleOf({ write: async () => {}, isTerminal: false, columns: () => 80 }, {});
const budget: BudgetStatus = { allowed: 110, used: 12, blockedUntilMs: null };

const started: SyncEvent = { kind: 'stream-started', stream: 'calls', first: true };
const half: SyncEvent = { kind: 'progress', stream: 'calls', rows: 12_500, expectedRows: 25_000, windows: 3, requests: 255, phase: null };
const ended: SyncEvent = { kind: 'stream-ended', result: resultOf({ stream: 'users', rows: 12, written: 12, listed: 12, distinct: 12 }) };

describe('the live display', () => {
  test('shows per stream the rows, windows and share, and the requests used and left with the time to finish', () => {
    const progress = run([{ kind: 'stream-started', stream: 'users', first: false }, ended, started, half]);
    expect(liveLines(progress, { nowMs: 2000, budget, width: 90, style: plain })).toEqual([
      '✓ users     12 rows',
      '⠋ calls     ━━━━━━──────  50%  12,500 of 25,000 rows · 3 windows',
      '· contacts  ',
      '255 requests in 2 s · 98 of 110 left this minute · about 1 min 30 s to go, then the rest',
    ]);
  });

  test('counts a wait down', () => {
    const progress = run([started, half, { kind: 'waiting', reason: 'budget', waitMs: 42_000 }]);
    expect(liveLines(progress, { nowMs: 10_000, budget, width: 79, style: plain }).at(-1)).toBe(
      '⏸ Waiting for the request budget to refill, 32 s left',
    );
    const lock = run([started, { kind: 'waiting', reason: 'lock', waitMs: 0, holder: 'python (PID 4711)' }]);
    expect(liveLines(lock, { nowMs: 0, budget, width: 79, style: plain }).at(-1)).toContain('python (PID 4711)');
  });

  test.each([40, 60, 80, 120])('fits a terminal of %d columns', (width) => {
    const progress = run([started, half, { kind: 'waiting', reason: 'refused', waitMs: 60_000 }]);
    for (const line of liveLines(progress, { nowMs: 0, budget, width, style: plain })) expect(widthOf(line)).toBeLessThanOrEqual(width);
  });

  test('is redrawn in place, lines of the log go above it, and it disappears while a person is asked', async () => {
    const { output, text } = terminal();
    const clock = stoppedClock();
    const display = liveProgress({ streams: ['calls'], output, style: plain, clock, budget: { status: () => budget } });
    display.line('first');
    display.onEvent(started);
    display.line('second');
    const answer = await display.aside(async () => {
      display.onEvent(half);
      return 'yes';
    });
    display.end();
    display.end();
    expect(answer).toBe('yes');
    expect(text().split('\u001b[2A\u001b[0J').length).toBe(3);
    expect(text()).toContain('first\n');
    expect(text().endsWith(`left this minute · almost done\n`)).toBe(false);
    expect(text().trimEnd().split('\n').at(-2)).toContain('12,500 of 25,000 rows');
  });
});

describe('plain lines', () => {
  test('say when streams begin and end, and each wait once', () => {
    const lines: string[] = [];
    const log = createLog({ level: 'info', format: 'text', write: (line) => lines.push(line) });
    const display = plainProgress({ streams: ['users', 'calls'], clock: stoppedClock(), budget: { status: () => budget }, log });
    const wait: SyncEvent = { kind: 'waiting', reason: 'budget', waitMs: 30_000 };
    const failed: SyncEvent = {
      kind: 'stream-ended',
      result: resultOf({ stream: 'calls', outcome: 'failed', messages: ['Aircall answered 500.'] }),
    };
    for (const event of [started, half, wait, wait, ended, failed]) display.onEvent(event);
    expect(lines).toEqual([
      'calls: reading for the first time.',
      'The request budget is used up; waiting 30 s for it to refill.',
      'users: complete; 12 rows.',
      'warn: calls: failed; 0 rows. Aircall answered 500.',
    ]);
  });
});

describe('the time to finish', () => {
  test('follows the budget: what is free now, then so many a minute', () => {
    expect(waitForBudgetMs(98, budget)).toBe(0);
    expect(waitForBudgetMs(98 + 220, budget)).toBe(120_000);
    expect(waitForBudgetMs(10_000, { ...budget, allowed: Infinity })).toBe(0);
  });

  test('is unknown before Aircall has said how many rows there are', () => {
    expect(timeToFinishMs(run([started]), budget, 1000)).toBeNull();
  });

  test('follows the pace so far where that is slower', () => {
    expect(timeToFinishMs(run([started, half]), { ...budget, allowed: Infinity }, 10_000)).toBe((250 * 10_000) / 255);
  });
});

function run(events: readonly SyncEvent[]) {
  return events.reduce((progress, event) => advance(progress, event, 0), startProgress(['users', 'calls', 'contacts'], 0));
}

function resultOf(facts: Partial<StreamResult>): StreamResult {
  return {
    stream: 'calls',
    outcome: 'done',
    rows: 0,
    written: 0,
    deleted: 0,
    quarantined: 0,
    windows: 0,
    requests: 0,
    listed: 0,
    distinct: 0,
    liveRows: 0,
    secretsDropped: 0,
    messages: [],
    error: null,
    ...facts,
  };
}

function stoppedClock(): Clock {
  return { now: () => 0, monotonic: () => 0, sleep: () => Promise.resolve() };
}

function terminal() {
  let text = '';
  const output = {
    isTerminal: true,
    columns: () => 80,
    write: async (piece: string | Uint8Array) => {
      text += String(piece);
    },
  };
  return { output, text: () => text };
}
