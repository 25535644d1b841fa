// A list that turns its own pages. It counts; it never follows the links beside the rows: some lists have none, and a
// link could lead anywhere.
import type { Endpoint, PagePagination, TokenPagination } from '../aircall/index.ts';
import { isObject } from '../base/index.ts';
import { BeyondTheCap } from './errors.ts';
import { malformed } from './malformed.ts';
import type { AnswerOrigin } from './malformed.ts';

/** The rows of a list, over all its pages. Nothing is requested before it is iterated; iterating twice requests twice. */
export interface Listing<Row> extends AsyncIterable<Row> {
  /**
   * The pages from the first to the last. Throws `BeyondTheCap` after the last page Aircall serves when rows are left:
   * then cut the list by time.
   */
  pages(): AsyncIterable<Page<Row>>;
  /** One page, counted from 1. A page past the end has no rows. */
  page(number: number): Promise<Page<Row>>;
}

export type Page<Row> = {
  /** As Aircall sent them, unknown fields included. */
  readonly rows: readonly Row[];
  readonly meta: PageMeta;
  /** The page asked for, counted from 1. */
  readonly number: number;
  /** The endpoint that answered: the one asked for, or the one that stands in for it. */
  readonly endpoint: string;
  /** When the answered attempt was sent, by our clock, in milliseconds since 1970. */
  readonly sentAtMs: number;
  /** From the `Date` header, which counts whole seconds; null without one. */
  readonly serverTimeMs: number | null;
};

export type PageMeta = {
  /** Rows on this page. */
  readonly count: number;
  /** Rows that match, over all pages. */
  readonly total: number;
  readonly currentPage: number;
  /** The size Aircall really used: it silently lowers what is too large. */
  readonly perPage: number;
};

/** A list whose pages are reached by tokens, one after the other. */
export interface TokenListing<Row> extends AsyncIterable<Row> {
  pages(): AsyncIterable<TokenPage<Row>>;
}

export type TokenPage<Row> = Omit<Page<Row>, 'meta' | 'number'> & {
  /** Rows over all pages, where Aircall says. */
  readonly total: number | null;
};

/** A parsed answer and where it came from. */
export type ListAnswer = { readonly body: unknown; readonly answer: AnswerOrigin };

type Turning = Readonly<Record<string, string | number>>;

export type ListingOptions<P> = {
  readonly endpoint: Endpoint;
  readonly pagination: P;
  /** Requests one page. What `understand` throws of an answer may be retried. */
  readonly request: <T>(turning: Turning, understand: (got: ListAnswer) => T) => Promise<T>;
};

export function createListing<Row>(options: ListingOptions<PagePagination> & { readonly perPage: number }): Listing<Row> {
  const { endpoint, pagination, request, perPage } = options;

  const fetchPage = (number: number, previous: Page<Row> | null): Promise<Page<Row>> =>
    request({ page: number }, (got) => {
      const page = understandPage<Row>(endpoint, got, { number, perPage });
      if (previous !== null && repeats(endpoint, previous, page)) {
        throw malformed(got.answer, `page ${number} is page ${previous.number} once more`);
      }
      return page;
    });

  async function* pages(): AsyncGenerator<Page<Row>, void> {
    let previous: Page<Row> | null = null;
    for (let number = 1; ; number += 1) {
      const page: Page<Row> = await fetchPage(number, previous);
      yield page;
      const size = Math.max(page.rows.length, Math.min(page.meta.perPage, pagination.maximumPerPage));
      // A total of exactly the cap may be a total that is cut off there.
      const capped = (number + 1) * size > pagination.positionalCap;
      if (isLast(page, size) && !(capped && page.meta.total >= pagination.positionalCap)) return;
      if (capped) throw beyondTheCap(endpoint, pagination.positionalCap);
      previous = page;
    }
  }

  return {
    pages,
    page: (number) => fetchPage(number, null),
    [Symbol.asyncIterator]: () => rowsOf(pages()),
  };
}

export function createTokenListing<Row>(options: ListingOptions<TokenPagination>): TokenListing<Row> {
  const { endpoint, pagination, request } = options;

  async function* pages(): AsyncGenerator<TokenPage<Row>, void> {
    const used = new Set<string>();
    let token: string | null = null;
    do {
      const turning: Turning = token === null ? {} : { [pagination.token]: token };
      const { page, next }: { page: TokenPage<Row>; next: string | null } = await request(turning, (got) => {
        const understood = understandTokenPage<Row>(endpoint, pagination, got);
        if (understood.next !== null && used.has(understood.next)) throw malformed(got.answer, 'the next page is one that was read before');
        return understood;
      });
      yield page;
      if (page.rows.length === 0) return;
      if (next !== null) used.add(next);
      token = next;
    } while (token !== null);
  }

  return { pages, [Symbol.asyncIterator]: () => rowsOf(pages()) };
}

/** The rows of a list's answer. Throws `MalformedAnswer` when there are none to be found. */
export function rowsIn(endpoint: Endpoint, { body, answer }: ListAnswer): readonly unknown[] {
  const key = endpoint.answer.envelope === 'list' ? endpoint.answer.key : '';
  if (!isObject(body)) throw malformed(answer, 'it is not an object');
  // Where the documentation leaves the key open, the only list in the answer is meant.
  const rows = body[key] ?? (endpoint.answerUnconfirmed ? Object.values(body).find(Array.isArray) : undefined);
  if (!Array.isArray(rows)) throw malformed(answer, `it has no list \`${key}\``);
  return rows;
}

function isLast({ rows, meta, number }: Page<unknown>, size: number): boolean {
  if (rows.length === 0) return true;
  // More rows than there are: the total is wrong, so only a page that is not full ends the list.
  if ((number - 1) * size + rows.length > meta.total) return rows.length < size;
  return number * size >= meta.total;
}

async function* rowsOf<Row>(pages: AsyncIterable<{ readonly rows: readonly Row[] }>): AsyncGenerator<Row, void> {
  for await (const { rows } of pages) yield* rows;
}

type Asked = { readonly number: number; readonly perPage: number };

function understandPage<Row>(endpoint: Endpoint, got: ListAnswer, { number, perPage }: Asked): Page<Row> {
  const { body, answer } = got;
  // Rows are passed on as they are; their type says what Aircall's documentation promises.
  const rows = rowsIn(endpoint, got) as readonly Row[];
  const meta = isObject(body) && isObject(body['meta']) ? body['meta'] : {};
  const currentPage = wholeNumber(meta['current_page']) ?? number;
  if (currentPage !== number) throw malformed(answer, `it is page ${currentPage} instead of page ${number}`);
  const usedPerPage = wholeNumber(meta['per_page']) || perPage;
  const total = wholeNumber(meta['total']);
  // Without a total nobody could tell whether the list is complete, so it is only done without where nobody promised one.
  if (total === undefined && !endpoint.answerUnconfirmed) throw malformed(answer, 'it has no `meta.total`');
  const before = (number - 1) * usedPerPage;
  const more = rows.length >= usedPerPage ? 1 : 0;
  return {
    rows,
    meta: {
      count: wholeNumber(meta['count']) ?? rows.length,
      total: total ?? before + rows.length + more,
      currentPage,
      perPage: usedPerPage,
    },
    number,
    endpoint: answer.endpoint,
    sentAtMs: answer.sentAtMs,
    serverTimeMs: answer.serverTimeMs,
  };
}

function understandTokenPage<Row>(
  endpoint: Endpoint,
  pagination: TokenPagination,
  got: ListAnswer,
): { readonly page: TokenPage<Row>; readonly next: string | null } {
  const { body, answer } = got;
  // Rows are passed on as they are; their type says what Aircall's documentation promises.
  const rows = rowsIn(endpoint, got) as readonly Row[];
  const about = isObject(body) && isObject(body[pagination.at]) ? body[pagination.at] : {};
  const next = isObject(about) ? about[pagination.next] : undefined;
  const total = isObject(about) ? wholeNumber(about[pagination.total]) : undefined;
  return {
    page: { rows, total: total ?? null, endpoint: answer.endpoint, sentAtMs: answer.sentAtMs, serverTimeMs: answer.serverTimeMs },
    next: typeof next === 'string' && next !== '' ? next : null,
  };
}

/** Whether a server that ignores `page` sent the same rows again. Full pages only: short ones end the list anyway. */
function repeats<Row>(endpoint: Endpoint, previous: Page<Row>, page: Page<Row>): boolean {
  const key = endpoint.answer.envelope === 'list' ? endpoint.answer.of.key : undefined;
  if (key === undefined || page.rows.length === 0 || page.rows.length !== previous.rows.length) return false;
  return page.rows.every((row, index) => {
    const before: unknown = previous.rows[index];
    return isObject(row) && isObject(before) && row[key] !== undefined && row[key] === before[key];
  });
}

function wholeNumber(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/** Also what becomes of Aircall's own refusal of such a page. */
export function beyondTheCap(endpoint: Endpoint, positionalCap: number, status: number | null = null): BeyondTheCap {
  return new BeyondTheCap({
    code: 'beyond_the_cap',
    message: `${endpoint.id}: Aircall lists no more than ${positionalCap} rows of one query, and this one has, or may have, more.`,
    hint: endpoint.timeFilter
      ? `Cut the list by \`from\` and \`to\` (they act on ${endpoint.timeFilter.field}) into parts below that.`
      : 'Narrow the query.',
    endpoint: endpoint.id,
    status,
    outcome: 'refused',
  });
}
