import { expect, test } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { withHeartbeat } from './heartbeat.ts';

/** A source whose items come when the test says so. */
function manual<T>() {
  const waiting: ((result: IteratorResult<T>) => void)[] = [];
  let isReturned = false;
  const items: AsyncIterable<T> = {
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise((resolve) => waiting.push(resolve)),
      return: () => {
        isReturned = true;
        return Promise.resolve({ done: true, value: undefined });
      },
    }),
  };
  const give = (result: IteratorResult<T>) => waiting.shift()!(result);
  return { items, give, isReturned: () => isReturned };
}

test('beats come while an item is waited for, and none while there are other signs', async () => {
  const clock = new FakeClock();
  const { items, give } = manual<number>();
  let lastSignMs = clock.monotonic();
  let beats = 0;
  const got: number[] = [];
  const beat = () => {
    beats += 1;
    lastSignMs = clock.monotonic();
    return Promise.resolve();
  };
  const reading = (async () => {
    for await (const item of withHeartbeat(items, { clock, everyMs: 1000, silentForMs: () => clock.monotonic() - lastSignMs, beat })) {
      got.push(item);
      if (item > 0) lastSignMs = clock.monotonic();
    }
  })();
  await clock.advance(2500);
  expect(beats).toBe(2);
  give({ done: false, value: 1 });
  await clock.advance(900);
  expect(beats).toBe(2);
  // Items that bring nothing new are no signs.
  give({ done: false, value: 0 });
  await clock.advance(200);
  expect(beats).toBe(3);
  give({ done: true, value: undefined });
  await reading;
  expect(got).toEqual([1, 0]);
});

test('who stops early ends the source, and its errors arrive', async () => {
  const options = { clock: new FakeClock(), everyMs: 1000, silentForMs: () => 0, beat: () => Promise.resolve() };
  const { items, give, isReturned } = manual<number>();
  const stopping = (async () => {
    for await (const item of withHeartbeat(items, options)) return item;
    return null;
  })();
  await options.clock.advance(1);
  give({ done: false, value: 7 });
  expect(await stopping).toBe(7);
  expect(isReturned()).toBe(true);

  async function* broken(): AsyncGenerator<number> {
    yield 1;
    throw new RangeError('broken');
  }
  const failing = (async () => {
    for await (const item of withHeartbeat(broken(), options)) expect(item).toBe(1);
  })();
  await expect(failing).rejects.toThrow(RangeError);
});
