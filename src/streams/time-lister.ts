// Lists the rows of an endpoint by time, as its description says its filters work.
import { type Endpoint, limits } from '../aircall/index.ts';
import { isObject } from '../base/index.ts';
import type { Listing } from '../client/index.ts';
import type { Lister } from './lister.ts';

export type TimeListerOptions = {
  readonly endpoint: Endpoint;
  /** Makes the request; the bounds are as the endpoint wants them, in UNIX seconds. */
  readonly list: (query: ListQuery, part: string | undefined) => Listing<unknown>;
  /** The field that holds the moment the list is ordered by. */
  readonly orderedBy: string;
  readonly key: string;
  /** Windows that begin before this are asked for without a lower bound: there is nothing older to leave out. */
  readonly openBefore?: number;
  readonly parts?: readonly string[];
};

export type ListQuery = { readonly from?: number; readonly to?: number; readonly order: 'asc' | 'desc'; readonly perPage: number };

/** Pages of settled windows on their way at one time. Enough to keep both ends busy, few enough to be polite. */
const concurrency = 6;
const pagesOtherwise = { maximumPerPage: limits.lists.maximumPerPage, positionalCap: limits.lists.positionalCap };

export function timeLister(options: TimeListerOptions): Lister {
  const { endpoint, list, orderedBy, key, openBefore = 0, parts = [] } = options;
  const pages = endpoint.pagination?.by === 'page' ? endpoint.pagination : pagesOtherwise;
  const perPage = pages.maximumPerPage;
  const fromShift = endpoint.timeFilter?.from === 'exclusive' ? 1 : 0;
  const toShift = endpoint.timeFilter?.to === 'exclusive' ? 1 : 0;

  return {
    positionalCap: pages.positionalCap,
    concurrency,
    parts,
    async page({ window, page: number, order, part }) {
      const query = {
        ...(window.from > openBefore ? { from: window.from - fromShift } : {}),
        to: window.to + toShift,
        order,
        perPage,
      };
      const page = await list(query, part).page(number);
      return { records: page.rows, total: page.meta.total, perPage: page.meta.perPage, sentAtMs: page.sentAtMs };
    },
    moment: (record) => secondsOf(fieldOf(record, orderedBy)),
    key: (record) => keyOf(fieldOf(record, key)),
  };
}

/** A field of a record that has not been checked yet. */
export function fieldOf(record: unknown, name: string): unknown {
  return isObject(record) ? record[name] : undefined;
}

/** A key as text, or null when it cannot be one. */
export function keyOf(value: unknown): string | null {
  return typeof value === 'number' || typeof value === 'bigint' || (typeof value === 'string' && value !== '') ? String(value) : null;
}

/** UNIX seconds of a moment as Aircall sends it in listings. */
export function secondsOf(value: unknown): number | null {
  if (typeof value === 'number' && Number.isFinite(value)) return Math.floor(value >= 1e11 ? value / 1000 : value);
  if (typeof value !== 'string') return null;
  const parsed = /^\d+$/.test(value) ? Number(value) : Date.parse(value) / 1000;
  return Number.isFinite(parsed) ? Math.floor(parsed) : null;
}
