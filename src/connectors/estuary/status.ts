// What the connector does, as one short sentence that the platform shows. Told when it changes, and not too often.
import type { Clock, Log } from '../../base/index.ts';

const tellProgressEveryMs = 60_000;

export class Status {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #resources: number;
  readonly #backfilling: Set<string>;
  readonly #troubled = new Map<string, string>();
  #told = '';
  #toldAtMs = Number.NEGATIVE_INFINITY;

  constructor(
    { log, clock }: { readonly log: Log; readonly clock: Clock },
    facts: { readonly resources: number; readonly backfilling: readonly string[] },
  ) {
    this.#log = log;
    this.#clock = clock;
    this.#resources = facts.resources;
    this.#backfilling = new Set(facts.backfilling);
  }

  tell(): void {
    const text = this.#sentence();
    const isProgress = this.#backfilling.size > 0 && this.#troubled.size === 0;
    if (text === this.#told || (isProgress && this.#clock.monotonic() - this.#toldAtMs < tellProgressEveryMs)) return;
    this.#told = text;
    this.#toldAtMs = this.#clock.monotonic();
    this.#log.info(text, { eventType: 'connectorStatus' });
  }

  backfilled(name: string): void {
    if (this.#backfilling.delete(name)) this.tell();
  }

  /** `reason`: why it makes no progress; null: it does again. */
  trouble(name: string, reason: string | null): void {
    if (reason === null) this.#troubled.delete(name);
    else this.#troubled.set(name, reason);
    this.tell();
  }

  #sentence(): string {
    const [trouble] = this.#troubled;
    if (trouble !== undefined) return `${trouble[0]} waits to be read again: ${trouble[1]}`;
    if (this.#resources === 0) return 'No resource is enabled';
    const all = `${this.#resources} ${this.#resources === 1 ? 'resource' : 'resources'}`;
    if (this.#backfilling.size > 0) return `Backfilling ${this.#backfilling.size} of ${all}`;
    return `Capturing changes of ${all}`;
  }
}
