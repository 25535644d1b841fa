import { events, unconfirmedEvents } from '../../aircall/index.ts';

/** Something that happened, as a webhook would be told. */
export type CompanyEvent = {
  readonly name: string;
  readonly resource: string;
  /** UNIX seconds. */
  readonly timestamp: number;
  /** The `data` of a delivery, as JSON text. */
  readonly data: string;
};

const resources = new Map([...events, ...unconfirmedEvents].map(({ name, resource }) => [name, resource]));

/** How many events are remembered. */
const memory = 10_000;

export class EventLog {
  readonly #now: () => number;
  readonly #listeners = new Set<(event: CompanyEvent) => void>();
  #entries: CompanyEvent[] = [];

  constructor(now: () => number) {
    this.#now = now;
  }

  /** The latest, oldest first. */
  get entries(): readonly CompanyEvent[] {
    return this.#entries;
  }

  announce(name: string, data: string): void {
    const resource = resources.get(name);
    if (resource === undefined) throw new TypeError(`There is no event ${name}.`);
    const event: CompanyEvent = { name, resource, timestamp: this.#now(), data };
    this.#entries.push(event);
    if (this.#entries.length > memory * 2) this.#entries = this.#entries.slice(-memory);
    for (const listener of this.#listeners) listener(event);
  }

  /** Tells every event from here on; the returned function ends it. */
  listen(listener: (event: CompanyEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
