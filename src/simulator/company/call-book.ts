// All calls: those of the past are drawn when asked for, those that changed or came since are kept.
import { callIdOf, callSid, callSlotOf, drawCall } from './call-generator.ts';
import type { Cast } from './call-generator.ts';
import type { CallState } from './state.ts';
import { TimeIndex } from './time-index.ts';

export class CallBook {
  /** Orders slots by `started_at`. */
  readonly index: TimeIndex;
  /** Counts changes; whoever kept something worked out from the calls compares it. */
  version = 0;
  readonly #cast: Cast;
  readonly #drawnCount: number;
  /** When each call of the past was drawn to start, whatever happened to it since. */
  readonly #drawnMoments: Uint32Array;
  readonly #kept = new Map<number, CallState>();
  /** What vanished, as it was last. */
  readonly #removed = new Map<number, CallState>();
  #nextSlot: number;

  constructor(cast: Cast, moments: Uint32Array) {
    this.#cast = cast;
    this.#drawnCount = moments.length;
    this.#drawnMoments = moments;
    this.index = new TimeIndex(moments);
    this.#nextSlot = moments.length + (moments.length & 1);
  }

  get count(): number {
    return this.index.count;
  }

  /** Reserves the place of a new call. */
  reserve(): { readonly slot: number; readonly id: number; readonly sid: string } {
    const slot = this.#nextSlot++;
    return { slot, id: callIdOf(this.#cast, slot), sid: callSid(this.#cast.seed, slot) };
  }

  get(id: number): CallState | undefined {
    const slot = callSlotOf(this.#cast, id);
    return slot === -1 || this.#removed.has(slot) ? undefined : this.#at(slot);
  }

  /** The call in a slot that an index or a page named. */
  atSlot(slot: number): CallState {
    const call = this.#at(slot);
    if (call === undefined) throw new RangeError('There is no call in this slot.');
    return call;
  }

  /** The calls that were removed, as they were last. */
  vanished(): IterableIterator<CallState> {
    return this.#removed.values();
  }

  /** Adds a call in the slot it was given, or replaces it. */
  put(call: CallState): void {
    const isKnown = !this.#removed.has(call.slot) && this.#at(call.slot) !== undefined;
    this.#kept.set(call.slot, call);
    this.#removed.delete(call.slot);
    if (isKnown) this.index.move(call.slot, call.startedAt);
    else this.index.insert(call.slot, call.startedAt);
    this.version += 1;
  }

  /** Whether there was such a call. */
  remove(id: number): boolean {
    const call = this.get(id);
    if (call === undefined) return false;
    this.index.remove(call.slot);
    this.#kept.delete(call.slot);
    this.#removed.set(call.slot, call);
    this.version += 1;
    return true;
  }

  #at(slot: number): CallState | undefined {
    const kept = this.#kept.get(slot);
    if (kept !== undefined) return kept;
    return slot < this.#drawnCount ? drawCall(this.#cast, slot, this.#drawnMoments[slot] ?? 0) : undefined;
  }
}
