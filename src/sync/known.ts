// What the destination holds, as streams may ask for it.
import type { Receipt, Recalled, Session } from '../load/index.ts';
import type { Known, Stream } from '../streams/index.ts';
import { goneTables } from './damage.ts';

export type KnownRowsOptions = {
  readonly session: Session;
  readonly recalled: Recalled;
  readonly stream: Stream;
  /** Commits everything handed over so far. */
  readonly settle: () => Promise<void>;
  /** Packages committed in this run. */
  readonly loaded: () => readonly Receipt[];
};

export class KnownRows implements Known {
  readonly #options: KnownRowsOptions;

  constructor(options: KnownRowsOptions) {
    this.#options = options;
  }

  has(table: string): boolean {
    const { recalled, loaded } = this.#options;
    return (table in recalled.tables && !goneTables(recalled).has(table)) || loaded().some(({ tables }) => table in tables);
  }

  async *keys(between?: { readonly column: string; readonly from: number; readonly to: number }): AsyncIterable<string> {
    const { session, stream } = this.#options;
    if (!this.has(stream.shape.table)) return;
    const limits = between && { column: between.column, from: isoOf(between.from), to: isoOf(between.to) };
    yield* session.liveKeys(stream.shape.table, limits);
  }

  async *query(sql: string): AsyncIterable<readonly unknown[]> {
    const { rows } = await this.#options.session.query(sql);
    yield* rows;
  }

  settle(): Promise<void> {
    return this.#options.settle();
  }
}

function isoOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
