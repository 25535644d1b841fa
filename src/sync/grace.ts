// What an interruption does to the destination: before there is anything to lose, everything is called off at once; later,
// what was read gets a little time to be loaded and the lease to be given back.

const graceMs = 10_000;

export class Grace {
  readonly #hard = new AbortController();
  readonly #operator: AbortSignal | undefined;
  #begun = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(operator: AbortSignal | undefined) {
    this.#operator = operator;
    operator?.addEventListener('abort', this.#onAbort, { once: true });
    if (operator?.aborted === true) this.#onAbort();
  }

  /** The signal of the destination. */
  get signal(): AbortSignal {
    return this.#hard.signal;
  }

  /** From here on an interruption leaves time to finish. */
  begin(): void {
    this.#begun = true;
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#operator?.removeEventListener('abort', this.#onAbort);
  }

  readonly #onAbort = () => {
    const abort = () => this.#hard.abort(this.#operator?.reason);
    if (this.#begun) this.#timer = setTimeout(abort, graceMs);
    else abort();
  };
}
