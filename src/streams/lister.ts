// One way to list records by time: what the window reader needs to know of an endpoint, and nothing more.
import type { Window } from './window.ts';

export type Order = 'asc' | 'desc';

export interface Lister {
  /** One page of the records whose moment lies in the window. Pages count from 1. */
  page(request: PageRequest): Promise<ListedPage>;
  /** The moment by which the list is filtered and ordered, UNIX seconds; null when the record lacks it. */
  moment(record: unknown): number | null;
  /** What identifies a record; null when it lacks it. */
  key(record: unknown): string | null;
  /** `page * perPage` beyond this is refused. */
  readonly positionalCap: number;
  /** Pages of old windows asked for ahead of time. */
  readonly concurrency: number;
  /**
   * Other ways to list one overfull second, each of which lists a part of it; together they list all of it.
   * Names are passed back in `PageRequest.part`.
   */
  readonly parts: readonly string[];
}

export type PageRequest = { readonly window: Window; readonly page: number; readonly order: Order; readonly part?: string | undefined };

export type ListedPage = {
  readonly records: readonly unknown[];
  /** `meta.total` as sent. */
  readonly total: number;
  /** The page size the server really used. */
  readonly perPage: number;
  readonly sentAtMs: number;
};
