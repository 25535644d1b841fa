// Walks the pages of one window once and keeps the evidence: which ids were seen at which second, what totals Aircall
// claimed, and at which page borders a row may have slipped through.
import type { ListedPage, Lister, Order } from './lister.ts';
import type { Window } from './window.ts';

export type Batch = { readonly kind: 'records'; readonly records: readonly unknown[]; readonly sentAtMs: number };

export type Walk = {
  /** Second by key. Of a record without a key: a name made of its position. */
  readonly seen: Map<string, number>;
  /** The last claimed total. */
  readonly total: number;
  /** Every page claimed the same total. */
  readonly steady: boolean;
  /**
   * Seconds whose rows stood on both sides of a border between two pages, and of which one came twice because their order
   * had changed in between: then another one did not come at all.
   */
  readonly torn: readonly number[];
  /** Rows are left beyond the last page that may be asked for. */
  readonly capped: boolean;
  /** The moment of the last row listed, in listing order. */
  readonly lastSecond: number | null;
  readonly firstSecond: number | null;
};

export type WalkOptions = { readonly order: Order; readonly parallel?: boolean; readonly part?: string | undefined };

export async function* walk(lister: Lister, window: Window, options: WalkOptions): AsyncGenerator<Batch, Walk> {
  const { order, parallel = false, part } = options;
  const ask = (page: number) => lister.page({ window, page, order, part });

  const seen = new Map<string, number>();
  const torn: number[] = [];
  let run = new Run(null);
  let previous: ListedPage | null = null;
  let lastSecond: number | null = null;
  let firstSecond: number | null = null;
  let steady = true;
  let total = 0;
  let listed = 0;
  let capped = false;

  const ahead: Promise<ListedPage>[] = [];
  let asked = 0;
  let lastPage = 1;
  const askNext = () => {
    asked += 1;
    const answer = ask(asked);
    answer.catch(() => {}); // Awaited later, or given up together with the walk.
    ahead.push(answer);
  };

  for (let number = 1; number <= lastPage; number += 1) {
    const depth = parallel && number > 1 ? lister.concurrency : 1;
    while (ahead.length < depth && asked < lastPage) askNext();
    const page: ListedPage = await ahead.shift()!;
    const { records } = page;

    for (const [index, record] of records.entries()) {
      const second: number = lister.moment(record) ?? lastSecond ?? window.from;
      const key = lister.key(record) ?? `#${number}.${index}`;
      seen.set(key, second);
      if (run.second !== second) {
        if (run.isTorn) torn.push(run.second!);
        run = new Run(second);
      }
      run.add(key, number);
      firstSecond ??= second;
      lastSecond = second;
    }
    if (previous !== null && previous.total !== page.total) steady = false;
    total = page.total;
    listed += records.length;
    previous = page;
    if (records.length > 0) yield { kind: 'records', records, sentAtMs: page.sentAtMs };

    if (records.length === 0) break;
    const perPage = Math.max(1, page.perPage);
    const lastAllowed = Math.max(1, Math.floor(lister.positionalCap / perPage));
    const full = records.length >= perPage;
    const wanted = Math.max(Math.ceil(total / perPage), full && listed > total ? number + 1 : number);
    lastPage = Math.min(lastAllowed, Math.max(lastPage, wanted));
    // A total of exactly the cap may be a total that is cut off there.
    if (number === lastAllowed && full && total >= lister.positionalCap) capped = true;
  }
  if (run.isTorn) torn.push(run.second!);
  return { seen, total, steady, torn, capped, lastSecond, firstSecond };
}

/** Rows of one second, as they follow each other. */
class Run {
  readonly second: number | null;
  readonly #keys = new Set<string>();
  #rows = 0;
  #firstPage = 0;
  #lastPage = 0;

  constructor(second: number | null) {
    this.second = second;
  }

  add(key: string, page: number): void {
    this.#keys.add(key);
    if (this.#rows === 0) this.#firstPage = page;
    this.#lastPage = page;
    this.#rows += 1;
  }

  get isTorn(): boolean {
    return this.#lastPage > this.#firstPage && this.#keys.size < this.#rows;
  }
}

/** How many of the seen records lie in the window. */
export function countIn(seen: ReadonlyMap<string, number>, window: Window): number {
  let count = 0;
  for (const second of seen.values()) if (second >= window.from && second <= window.to) count += 1;
  return count;
}
