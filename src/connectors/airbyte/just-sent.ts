// What was sent a short while ago. Records that stand on both sides of a border between two windows, or in a window that is
// read twice to prove it, are met again unchanged; destinations that only append would have them twice.
import { hash } from 'node:crypto';

const remembered = 20_000;

export class JustSent {
  readonly #atMost: number;
  readonly #hashes = new Map<string, string>();

  /** How many keys are remembered: those sent last. */
  constructor(atMost = remembered) {
    this.#atMost = atMost;
  }

  /** Whether the latest of this key's records is the same as this one. Remembers it if not. */
  has(key: string, body: string): boolean {
    const print = hash('sha1', body, 'base64');
    if (this.#hashes.get(key) === print) return true;
    this.#hashes.delete(key);
    this.#hashes.set(key, print);
    if (this.#hashes.size > this.#atMost) {
      const [oldest] = this.#hashes.keys();
      if (oldest !== undefined) this.#hashes.delete(oldest);
    }
    return false;
  }

  forget(key: string): void {
    this.#hashes.delete(key);
  }
}
