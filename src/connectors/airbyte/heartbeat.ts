// Signs of life while nothing comes: platforms give up a source that wrote neither record nor state for hours.
import type { Clock } from '../../base/index.ts';

export type HeartbeatOptions = {
  readonly clock: Clock;
  readonly everyMs: number;
  /** Milliseconds since the last sign. */
  readonly silentForMs: () => number;
  readonly beat: () => Promise<void>;
};

/** The same items; `beat` is run whenever there was no sign for `everyMs`, also while the next item is waited for. */
export async function* withHeartbeat<T>(items: AsyncIterable<T>, options: HeartbeatOptions): AsyncGenerator<T, void> {
  const { clock, everyMs, silentForMs, beat } = options;
  const iterator = items[Symbol.asyncIterator]();
  let isOver = false;
  try {
    for (;;) {
      const next = iterator.next();
      next.catch(() => {}); // Thrown below, where it is awaited.
      for (let item: IteratorResult<T> | null = null; item === null;) {
        const waiting = new AbortController();
        const alarm = clock.sleep(Math.max(0, everyMs - silentForMs()), waiting.signal).then(
          () => null,
          () => null, // Called off: the item came first.
        );
        try {
          item = await Promise.race([next, alarm]);
        } finally {
          waiting.abort();
        }
        if (item === null) await beat();
        else if (item.done === true) {
          isOver = true;
          return;
        } else {
          yield item.value;
          // What is read may bring nothing new for a long time.
          if (silentForMs() >= everyMs) await beat();
        }
      }
    }
  } finally {
    if (!isOver) await iterator.return?.();
  }
}
