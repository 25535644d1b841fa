import type { Ordered } from './drawn-page.ts';

/** Slots ordered by a moment. Adding, moving and removing cost one memory move, whatever the size. */
export class TimeIndex implements Ordered {
  #slots: Uint32Array;
  #moments: Uint32Array;
  #count: number;

  /** `moments` holds the moment of slot 0, 1, 2 … in ascending order. */
  constructor(moments: Uint32Array) {
    this.#count = moments.length;
    const room = moments.length + 64;
    this.#slots = new Uint32Array(room);
    this.#moments = new Uint32Array(room);
    this.#moments.set(moments);
    for (let slot = 0; slot < moments.length; slot += 1) this.#slots[slot] = slot;
  }

  get count(): number {
    return this.#count;
  }

  momentOf(slot: number): number {
    return this.#moments[slot] ?? 0;
  }

  slotAt(position: number): number {
    return this.#slots[position] ?? 0;
  }

  /** The first position whose moment is `moment` or later. */
  positionOf(moment: number): number {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.momentAt(middle) < moment) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  insert(slot: number, moment: number): void {
    this.#makeRoom(Math.max(this.#count, slot) + 1);
    const position = this.positionOf(moment + 1);
    this.#slots.copyWithin(position + 1, position, this.#count);
    this.#slots[position] = slot;
    this.#moments[slot] = moment;
    this.#count += 1;
  }

  remove(slot: number): void {
    const position = this.#find(slot);
    if (position === -1) return;
    this.#slots.copyWithin(position, position + 1, this.#count);
    this.#count -= 1;
  }

  move(slot: number, moment: number): void {
    if (this.momentOf(slot) === moment) return;
    this.remove(slot);
    this.insert(slot, moment);
  }

  momentAt(position: number): number {
    return this.#moments[this.#slots[position] ?? 0] ?? 0;
  }

  #find(slot: number): number {
    const moment = this.momentOf(slot);
    for (let position = this.positionOf(moment); position < this.#count && this.momentAt(position) === moment; position += 1) {
      if (this.#slots[position] === slot) return position;
    }
    return -1;
  }

  #makeRoom(count: number): void {
    if (count <= this.#moments.length) return;
    const room = Math.ceil(count * 1.25) + 64;
    const slots = new Uint32Array(room);
    slots.set(this.#slots);
    this.#slots = slots;
    const moments = new Uint32Array(room);
    moments.set(this.#moments);
    this.#moments = moments;
  }
}
