/** What will happen at which second. Nothing happens by itself: `runUntil` is asked before every answer. */
export class Agenda {
  // Sorted by time, soonest last; equal times keep the order they were added in.
  readonly #entries: { readonly at: number; readonly run: (at: number) => void }[] = [];

  add(at: number, run: (at: number) => void): void {
    let place = this.#entries.length;
    while (place > 0 && (this.#entries[place - 1]?.at ?? 0) <= at) place -= 1;
    this.#entries.splice(place, 0, { at, run });
  }

  /** Runs everything due up to and including `now`, also what is added meanwhile. */
  runUntil(now: number): void {
    for (let next = this.#entries.at(-1); next !== undefined && next.at <= now; next = this.#entries.at(-1)) {
      this.#entries.pop();
      next.run(next.at);
    }
  }

  get nextAt(): number | undefined {
    return this.#entries.at(-1)?.at;
  }
}
