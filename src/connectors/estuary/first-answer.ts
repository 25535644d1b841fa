// Until Aircall has answered once, nobody knows its time, and each stream that needs it would have to ask. So one binding
// begins, and the others wait for its first answer.

export class FirstAnswer {
  #came: () => void = () => {};
  readonly #waiting = new Promise<void>((resolve) => {
    this.#came = resolve;
  });

  came(): void {
    this.#came();
  }

  /** Resolves after the first answer, or when the signal aborts. */
  async wait(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    let onAbort = () => {};
    const aborted = new Promise<void>((resolve) => {
      onAbort = resolve;
      signal.addEventListener('abort', onAbort, { once: true });
    });
    await Promise.race([this.#waiting, aborted]);
    signal.removeEventListener('abort', onAbort);
  }
}
