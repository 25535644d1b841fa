// Turns at one thing: alone or together with others, first come, first served, so that neither kind starves the other.
import { Interrupted } from '../../base/index.ts';

export type Company = 'alone' | 'together';

type Waiter = { readonly company: Company; readonly begin: () => void };

export class Turns {
  #inside: { readonly company: Company; count: number } | null = null;
  readonly #queue: Waiter[] = [];

  /** What keeps newcomers out now. */
  get inside(): Company | null {
    return this.#inside?.company ?? null;
  }

  get idle(): boolean {
    return this.#inside === null && this.#queue.length === 0;
  }

  /** Resolves with the function that ends the turn (safe to call twice); rejects with `Interrupted` on abort. */
  enter(company: Company, signal?: AbortSignal): Promise<() => void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(new Interrupted({ cause: signal.reason }));
        return;
      }
      const waiter: Waiter = {
        company,
        begin: () => {
          signal?.removeEventListener('abort', giveUp);
          let over = false;
          resolve(() => {
            if (over) return;
            over = true;
            this.#leave();
          });
        },
      };
      const giveUp = () => {
        this.#queue.splice(this.#queue.indexOf(waiter), 1);
        this.#admit();
        reject(new Interrupted({ cause: signal?.reason }));
      };
      signal?.addEventListener('abort', giveUp, { once: true });
      this.#queue.push(waiter);
      this.#admit();
    });
  }

  #leave(): void {
    if (this.#inside === null) return;
    this.#inside.count -= 1;
    if (this.#inside.count > 0) return;
    this.#inside = null;
    this.#admit();
  }

  #admit(): void {
    for (let next = this.#queue[0]; next !== undefined; next = this.#queue[0]) {
      if (this.#inside !== null && (this.#inside.company === 'alone' || next.company === 'alone')) return;
      this.#queue.shift();
      this.#inside ??= { company: next.company, count: 0 };
      this.#inside.count += 1;
      next.begin();
    }
  }
}
