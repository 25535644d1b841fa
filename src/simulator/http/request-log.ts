/** One request as it was answered. `atMs` and `endMs` are the company's time, in milliseconds since 1970. */
export type LoggedRequest = {
  readonly atMs: number;
  /** When the answer was handed to the socket; null while it is being worked on, and for ever when it never was. */
  endMs: number | null;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  /** The endpoint's id, or null for an unknown route. */
  readonly endpoint: string | null;
  /** 0 when a fault broke the connection instead. */
  status: number;
  /** Whether the company's request budget paid for it. */
  counted: boolean;
};

/** Everything that was asked, in order. */
export class RequestLog {
  readonly #entries: LoggedRequest[] = [];

  get entries(): readonly LoggedRequest[] {
    return this.#entries;
  }

  get count(): number {
    return this.#entries.length;
  }

  add(entry: LoggedRequest): LoggedRequest {
    this.#entries.push(entry);
    return entry;
  }

  clear(): void {
    this.#entries.length = 0;
  }

  /** The most requests that arrived in any 60 seconds: proof that a budget was kept. */
  busiestMinute(): number {
    const times = this.#entries.filter((entry) => entry.counted).map((entry) => entry.atMs);
    times.sort((a, b) => a - b);
    let busiest = 0;
    let first = 0;
    for (const [last, time] of times.entries()) {
      while (time - (times[first] ?? time) >= 60_000) first += 1;
      busiest = Math.max(busiest, last - first + 1);
    }
    return busiest;
  }

  countOf(status: number): number {
    return this.#entries.filter((entry) => entry.status === status).length;
  }
}
