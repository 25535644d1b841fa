import { expect, test } from 'vitest';
import type { Clock } from '../../base/index.ts';
import { silentLog } from '../../base/index.ts';
import type { KeyBook } from '../flow/parts.ts';
import { ClockWatch, refuseWhileBehind } from './clock-watch.ts';

const minute = 60_000;

function open({ lastMs = null }: { readonly lastMs?: number | null } = {}) {
  const at = { wallMs: Date.UTC(2026, 0, 2), steadyMs: 5000 };
  const clock: Clock = { now: () => at.wallMs, monotonic: () => at.steadyMs, sleep: () => Promise.resolve() };
  const told: string[] = [];
  const log = { ...silentLog, error: (message: string) => void told.push(message), info: (message: string) => void told.push(message) };
  const watch = new ClockWatch({ clock, log, lastMs });
  let asked = 0;
  const book: KeyBook = {
    find: () => {
      asked += 1;
      return { kind: 'known', keyId: 'k', agentId: 'ag_1' };
    },
  };
  const guarded = refuseWhileBehind(book, watch);
  const find = async () => (await guarded.find({ key: 'x', agentId: null }, { ip: null, nowMs: clock.now() })).kind;
  /** Time passes, and the clock is moved as well. */
  const pass = (ms: number, movedMs = 0) => {
    at.steadyMs += ms;
    at.wallMs += ms + movedMs;
  };
  return { watch, find, pass, told, asked: () => asked };
}

test('while the clock is behind, no key counts or is looked up; when it is right again, they do', async () => {
  const { watch, find, pass, told, asked } = open();
  expect(await find()).toBe('known');
  pass(1000, -10 * minute);
  expect(await find()).toBe('refused');
  expect(() => watch.check()).toThrow(expect.objectContaining({ code: 'clock_set_back' }) as Error);
  pass(5 * minute);
  expect(await find()).toBe('refused');
  expect(asked()).toBe(1);
  pass(0, 10 * minute);
  expect(await find()).toBe('known');
  watch.check();
  expect(told).toEqual([
    'The clock of this machine was set back: it is 10 minutes behind what it has shown before, so nobody can say what has ended.',
    'the clock is where it ought to be again',
  ]);
});

test.each([
  ['corrected by seconds', [-59_999], 'known'],
  ['set back by a minute', [-minute], 'refused'],
  ['set back in steps', [-30_000, -29_999], 'known'],
  ['set back in steps that come to a minute', [-30_000, -30_000], 'refused'],
  ['set ahead, as after a sleep', [90 * minute], 'known'],
  ['set ahead, and back to what it was', [90 * minute, -90 * minute], 'refused'],
  ['a time that is none', [Number.NaN], 'refused'],
])('%s', async (_what, moves, expected) => {
  const { find, pass } = open();
  let last = await find();
  for (const movedMs of moves) {
    pass(7000, movedMs);
    last = await find();
  }
  expect(last).toBe(expected);
});

test('what was written down before it began counts, too', async () => {
  const startMs = Date.UTC(2026, 0, 2);
  const { find, pass } = open({ lastMs: startMs + 5 * minute });
  expect(await find()).toBe('refused');
  pass(4 * minute);
  expect(await find()).toBe('refused');
  pass(minute);
  expect(await find()).toBe('known');
  expect(await open({ lastMs: startMs - minute }).find()).toBe('known');
});
