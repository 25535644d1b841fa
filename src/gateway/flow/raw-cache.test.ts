import { expect, test } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { Interrupted } from '../../base/index.ts';
import type { UpstreamAnswer } from './parts.ts';
import { RawCache } from './raw-cache.ts';
import type { Load } from './raw-cache.ts';

function open({ ttlMs = 5000, maximumBytes = 100_000 } = {}) {
  const clock = new FakeClock();
  const cache = new RawCache({ clock, ttlMs, maximumBytes });
  const waiting: {
    readonly answer: (body: UpstreamAnswer['body']) => void;
    readonly fail: (error: Error) => void;
    readonly signal: AbortSignal;
  }[] = [];
  const load: Load = ({ signal, onSend }) => {
    onSend();
    return new Promise((resolve, reject) => waiting.push({ answer: (body) => resolve({ status: 200, body }), fail: reject, signal }));
  };
  const ask = (key: string, signal = new AbortController().signal) => cache.get(key, load, { signal, onSend: () => {} });
  return { clock, cache, waiting, ask };
}

test('the same question at the same time is asked once, and whoever fails, fails for all', async () => {
  const { waiting, ask } = open();
  const both = [ask('a'), ask('a')];
  const other = ask('b');
  expect(waiting).toHaveLength(2);
  waiting[0]!.answer({ n: 1 });
  waiting[1]!.fail(new Error('no'));
  expect((await Promise.all(both)).map(({ requests, from }) => [requests, from])).toEqual([
    [1, 'live'],
    [0, 'live'],
  ]);
  await expect(other).rejects.toThrow('no');
  // A failure is not kept.
  void ask('b').catch(() => {});
  expect(waiting).toHaveLength(3);
});

test('one who leaves does not take the answer from the others; the last to leave calls it off', async () => {
  const { waiting, ask } = open();
  const [one, two] = [new AbortController(), new AbortController()];
  const first = ask('a', one.signal);
  const second = ask('a', two.signal);
  one.abort();
  await expect(first).rejects.toThrow(Interrupted);
  expect(waiting[0]!.signal.aborted).toBe(false);
  two.abort();
  await expect(second).rejects.toThrow(Interrupted);
  expect(waiting[0]!.signal.aborted).toBe(true);
});

test('whoever comes after the last one has left asks anew, though the first is not over yet', async () => {
  const { waiting, ask } = open();
  const one = new AbortController();
  const first = ask('a', one.signal);
  one.abort();
  await expect(first).rejects.toThrow(Interrupted);
  const late = ask('a');
  expect(waiting).toHaveLength(2);
  waiting[0]!.fail(new Interrupted());
  const third = ask('a');
  waiting[1]!.answer({ n: 2 });
  expect((await Promise.all([late, third])).map(({ answer, requests }) => [answer.body, requests])).toEqual([
    [{ n: 2 }, 1],
    [{ n: 2 }, 0],
  ]);
});

test('what was asked before a change is not kept after it, and nobody joins it', async () => {
  const { cache, waiting, ask } = open();
  const before = ask('a');
  cache.clear();
  const after = ask('a');
  expect(waiting).toHaveLength(2);
  waiting[0]!.answer('old');
  await before;
  waiting[1]!.answer('new');
  await after;
  expect(await ask('a')).toMatchObject({ answer: { body: 'new' }, from: 'cache' });

  const late = ask('b');
  cache.clear();
  waiting[2]!.answer('old');
  await late;
  void ask('b');
  expect(waiting).toHaveLength(4);
});

test('it holds no more than it may, and nothing that is large', async () => {
  const { waiting, ask } = open({ maximumBytes: 4000 });
  const keep = async (key: string, body: string) => {
    const asked = ask(key);
    waiting.at(-1)!.answer(body);
    await asked;
  };
  await keep('large', 'x'.repeat(1000));
  for (const key of ['1', '2', '3', '4', '5', '6']) await keep(key, 'x'.repeat(400));
  const count = waiting.length;
  expect((await ask('6')).from).toBe('cache');
  void ask('1');
  void ask('large');
  expect(waiting.length).toBe(count + 2);
});

test('after its time an answer is asked for again', async () => {
  const { clock, waiting, ask } = open();
  const asked = ask('a');
  waiting[0]!.answer(1);
  await asked;
  await clock.advance(4999);
  expect(await ask('a')).toMatchObject({ from: 'cache', ageMs: 4999, requests: 0 });
  await clock.advance(1);
  void ask('a');
  expect(waiting).toHaveLength(2);
});
