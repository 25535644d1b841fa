// A clock that is set back would let keys, links and approvals count that have ended, open rows that have become too old to be
// seen, and hours that are over. While it is behind, no key counts.
import { EnvironmentError } from '../../base/index.ts';
import type { Clock, Log } from '../../base/index.ts';
import type { KeyBook } from '../flow/parts.ts';
import { counted } from '../policy/limit-words.ts';

/** Clocks are corrected by less than this all the time. */
const toleranceMs = 60_000;

/**
 * Compares the clock with the one that never runs back, from now on, and with the last moment that was written down before. A jump
 * forward is none of its business: that ends what has an end, and a machine that slept makes one. Set back to the right time after
 * such a jump, it counts as set back, too: what was seen as the time cannot be unseen, and nobody but an operator knows which of
 * both is right.
 */
export class ClockWatch {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #lastMs: number;
  /** The clock less the one that never runs back, at its most. */
  #mostMs: number;
  #isTold = false;

  /** @param parts.lastMs a moment that has been; null when an operator says that it was wrong */
  constructor(parts: { readonly clock: Clock; readonly log: Log; readonly lastMs: number | null }) {
    this.#clock = parts.clock;
    this.#log = parts.log;
    this.#lastMs = parts.lastMs ?? -Infinity;
    this.#mostMs = this.#differenceMs();
  }

  /** By how many milliseconds the clock is behind where it ought to be; 0 when by nothing worth speaking of. */
  behindMs(): number {
    const differenceMs = this.#differenceMs();
    this.#mostMs = Math.max(this.#mostMs, differenceMs);
    const behindMs = Math.max(this.#mostMs - differenceMs, this.#lastMs - this.#clock.now());
    const isBehind = !(behindMs < toleranceMs);
    if (isBehind !== this.#isTold) {
      this.#isTold = isBehind;
      if (isBehind) this.#log.error(toldSetBack(behindMs));
      else this.#log.info('the clock is where it ought to be again');
    }
    return isBehind ? behindMs : 0;
  }

  /** Throws `EnvironmentError` while the clock is behind. */
  check(): void {
    const behindMs = this.behindMs();
    if (behindMs === 0) return;
    throw new EnvironmentError({
      code: 'clock_set_back',
      message: toldSetBack(behindMs),
      hint: 'Set the clock right. If it is right now and was wrong before: trunkline serve --trust-clock.',
    });
  }

  #differenceMs(): number {
    return this.#clock.now() - this.#clock.monotonic();
  }
}

/** The same book, in which no key counts while the clock is behind. */
export function refuseWhileBehind(book: KeyBook, watch: ClockWatch): KeyBook {
  return {
    find(presented, from) {
      const behindMs = watch.behindMs();
      if (behindMs === 0) return book.find(presented, from);
      return { kind: 'refused', keyId: null, agentId: null, reason: 'clock', text: toldSetBack(behindMs) };
    },
  };
}

function toldSetBack(behindMs: number): string {
  return `The clock of this machine was set back: it is ${counted(Math.round(behindMs / 60_000), 'minute')} behind what it has shown before, so nobody can say what has ended.`;
}
