// The way out: whole pieces, one after the other, however many write at once. Whoever writes waits until the reader takes what
// came before, and so does the reading from Aircall behind it.
import { ProtocolBroken } from './errors.ts';

export class Outlet {
  readonly #write: (text: string) => Promise<void>;
  #last: Promise<void> = Promise.resolve();
  /** Checkpoints written and not acknowledged yet. */
  #outstanding = 0;
  #isClosed = false;

  constructor(write: (text: string) => Promise<void>) {
    this.#write = write;
  }

  /** An answer. Resolves when it was taken. */
  answer(text: string): Promise<void> {
    return this.#append(text, 0);
  }

  /** A unit with its one checkpoint. Resolves when it was taken. */
  unit(text: string): Promise<void> {
    return this.#append(text, 1);
  }

  /** So many of the oldest checkpoints are durable. Throws `ProtocolBroken` for a number that cannot be. */
  acknowledge(checkpoints: number): void {
    if (!Number.isSafeInteger(checkpoints) || checkpoints < 1 || checkpoints > this.#outstanding) {
      throw new ProtocolBroken({
        message: `The runtime acknowledges ${checkpoints} checkpoints, while ${this.#outstanding} wait to be acknowledged.`,
      });
    }
    this.#outstanding -= checkpoints;
  }

  /** What has begun to be written is finished; what waits behind it is dropped. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#last;
  }

  #append(text: string, checkpoints: number): Promise<void> {
    const written = this.#last.then(async () => {
      if (this.#isClosed) return;
      // Counted first: the acknowledgement may come in before we are told that the text was taken.
      this.#outstanding += checkpoints;
      await this.#write(text);
    });
    this.#last = written.catch(() => {});
    return written;
  }
}
