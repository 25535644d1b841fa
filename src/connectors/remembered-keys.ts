// The keys a stream has delivered, where nobody can be asked what the destination holds: what a sweep for deletions is compared
// with. They are kept in the state of the stream, written as differences, which are short.
import { isObject, type JsonObject } from '../base/index.ts';
import type { Known } from '../streams/index.ts';

/** Beyond this a state would become too large for platforms. Then nothing is remembered, and deletions go unnoticed. */
const rememberedAtMost = 100_000;

export class RememberedKeys implements Known {
  /** By key: the second by which the stream is swept. Null: too many. */
  #moments: Map<number, number> | null = new Map();
  readonly #atMost: number;

  /** From what `format` gave. What cannot be read is forgotten: unknown keys are never taken for deleted ones. */
  constructor(stored: unknown, atMost = rememberedAtMost) {
    this.#atMost = atMost;
    if (!isObject(stored)) return;
    if (stored['tooMany'] === true) this.#moments = null;
    const { keys, at } = stored;
    if (!Array.isArray(keys) || !Array.isArray(at) || keys.length !== at.length) return;
    let key = 0;
    let second = 0;
    for (const [index, step] of (keys as readonly unknown[]).entries()) {
      key += Number(step);
      second += Number(at[index]);
      if (Number.isSafeInteger(key) && Number.isSafeInteger(second)) this.#moments?.set(key, second);
    }
  }

  format(): JsonObject {
    if (this.#moments === null) return { tooMany: true };
    const sorted = [...this.#moments].toSorted(([a, at], [b, bt]) => at - bt || a - b);
    return {
      keys: sorted.map(([key], index) => key - (sorted[index - 1]?.[0] ?? 0)),
      at: sorted.map(([, second], index) => second - (sorted[index - 1]?.[1] ?? 0)),
    };
  }

  /** Keys that are no whole numbers are not remembered. `second`: UNIX seconds. */
  add(key: string, second: number): void {
    const number = Number(key);
    if (this.#moments === null || !Number.isSafeInteger(number) || !Number.isSafeInteger(second)) return;
    this.#moments.set(number, second);
    if (this.#moments.size > this.#atMost) this.#moments = null;
  }

  delete(key: string): void {
    this.#moments?.delete(Number(key));
  }

  /** Keys and their seconds, in no order; none when there are too many. */
  entries(): Iterable<readonly [key: number, second: number]> {
    return this.#moments ?? [];
  }

  get isFull(): boolean {
    return this.#moments === null;
  }

  has(): boolean {
    return false;
  }

  async *keys(between?: { readonly from: number; readonly to: number }): AsyncIterable<string> {
    for (const [key, second] of this.#moments ?? []) {
      if (between === undefined || (second >= between.from && second <= between.to)) yield String(key);
    }
  }

  async *query(): AsyncIterable<readonly unknown[]> {}

  settle(): Promise<void> {
    return Promise.resolve();
  }
}
