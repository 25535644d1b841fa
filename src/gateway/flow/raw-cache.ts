// Answers of reads, as Aircall gave them, for a few seconds: many agents that ask for the same page cost one request. What is
// kept is unfiltered, so nothing of it may leave without the filter of the agent that asks.
import { Interrupted } from '../../base/index.ts';
import type { Clock } from '../../base/index.ts';
import type { UpstreamAnswer } from './parts.ts';

export type RawCacheOptions = {
  readonly clock: Clock;
  /** 0: only what is asked for at the same moment is shared. */
  readonly ttlMs: number;
  /** Of all answers together, roughly. */
  readonly maximumBytes: number;
};

/** Asks Aircall. The signal aborts when nobody wants the answer any more. */
export type Load = (options: { readonly signal: AbortSignal; readonly onSend: () => void }) => Promise<UpstreamAnswer>;

export type Cached = {
  readonly answer: UpstreamAnswer;
  readonly from: 'live' | 'cache';
  readonly ageMs: number;
  /** Requests that this very question cost: 0 where it shared an answer. */
  readonly requests: number;
};

type Entry = { readonly answer: UpstreamAnswer; readonly sizeBytes: number; readonly atMs: number };
type Flight = { readonly promise: Promise<UpstreamAnswer>; readonly controller: AbortController; waiting: number; hasEnded: boolean };

export class RawCache {
  readonly #options: RawCacheOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #flights = new Map<string, Flight>();
  #sizeBytes = 0;
  /** Grows with every `clear`: an answer asked for before it is not kept. */
  #age = 0;

  constructor(options: RawCacheOptions) {
    this.#options = options;
  }

  /** `onSend` is called when a request leaves for this question. Rejects as `load` does, or with `Interrupted`. */
  async get(key: string, load: Load, options: { readonly signal: AbortSignal; readonly onSend: () => void }): Promise<Cached> {
    const { signal, onSend } = options;
    const nowMs = this.#options.clock.monotonic();
    const entry = this.#entries.get(key);
    if (entry !== undefined && nowMs - entry.atMs < this.#options.ttlMs) {
      return { answer: entry.answer, from: 'cache', ageMs: nowMs - entry.atMs, requests: 0 };
    }
    const running = this.#flights.get(key);
    // One that was called off brings nothing to whoever comes now.
    if (running !== undefined && !running.controller.signal.aborted)
      return { answer: await join(running, signal), from: 'live', ageMs: 0, requests: 0 };
    let requests = 0;
    const flight = this.#start(key, load, () => {
      requests += 1;
      onSend();
    });
    const answer = await join(flight, signal);
    return { answer, from: 'live', ageMs: 0, requests };
  }

  /** Forgets everything, also what is on its way: something has changed. */
  clear(): void {
    this.#age += 1;
    this.#entries.clear();
    this.#flights.clear();
    this.#sizeBytes = 0;
  }

  #start(key: string, load: Load, onSend: () => void): Flight {
    const age = this.#age;
    const controller = new AbortController();
    const flight: Flight = {
      controller,
      waiting: 0,
      hasEnded: false,
      promise: load({ signal: controller.signal, onSend }).then(
        (answer) => {
          flight.hasEnded = true;
          if (this.#flights.get(key) === flight) this.#flights.delete(key);
          if (age === this.#age) this.#keep(key, answer);
          return answer;
        },
        (error: unknown) => {
          flight.hasEnded = true;
          if (this.#flights.get(key) === flight) this.#flights.delete(key);
          throw error;
        },
      ),
    };
    this.#flights.set(key, flight);
    return flight;
  }

  #keep(key: string, answer: UpstreamAnswer): void {
    const { ttlMs, maximumBytes, clock } = this.#options;
    if (ttlMs <= 0) return;
    const atMs = clock.monotonic();
    this.#drop(key);
    for (const [old, { atMs: since }] of this.#entries) {
      if (atMs - since < ttlMs) break;
      this.#drop(old);
    }
    const sizeBytes = sizeOf(answer.body, maximumBytes);
    if (sizeBytes > maximumBytes / 4) return;
    this.#entries.set(key, { answer, sizeBytes, atMs });
    this.#sizeBytes += sizeBytes;
    for (const oldest of this.#entries.keys()) {
      if (this.#sizeBytes <= maximumBytes) break;
      this.#drop(oldest);
    }
  }

  #drop(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#sizeBytes -= entry.sizeBytes;
  }
}

/** Waits for a shared answer. Whoever is the last to leave calls it off. */
async function join(flight: Flight, signal: AbortSignal): Promise<UpstreamAnswer> {
  flight.waiting += 1;
  let leave: () => void = () => {};
  const left = new Promise<never>((_resolve, reject) => {
    leave = () => reject(new Interrupted({ cause: signal.reason }));
    if (signal.aborted) leave();
    else signal.addEventListener('abort', leave, { once: true });
  });
  try {
    return await Promise.race([flight.promise, left]);
  } finally {
    signal.removeEventListener('abort', leave);
    flight.waiting -= 1;
    if (flight.waiting === 0 && !flight.hasEnded) flight.controller.abort();
  }
}

/** About how many bytes a value takes; stops counting above the limit. */
function sizeOf(value: unknown, limit: number): number {
  let size = 0;
  const open: unknown[] = [value];
  while (open.length > 0 && size <= limit) {
    const each = open.pop();
    size += 16;
    if (typeof each === 'string') size += each.length * 2;
    else if (typeof each === 'object' && each !== null) {
      for (const [name, inner] of Object.entries(each)) {
        size += name.length;
        open.push(inner);
      }
    }
  }
  return size;
}
