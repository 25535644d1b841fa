import type { PagePagination } from '../../aircall/index.ts';
import type { Exchange } from './exchange.ts';
import { jsonAnswer } from './message.ts';
import type { ApiResponse } from './message.ts';
import { refusedByQuery } from './refusals.ts';

/** The rows of a list. Counted first, read after: what changes in between shows. */
export type Rows = {
  count(): number;
  /** JSON texts of `limit` rows from the `offset`-th. */
  page(offset: number, limit: number): readonly string[];
};

/** One page of a list with its `meta`, or the refusal of a page too far. */
export function listAnswer(exchange: Exchange, rows: Rows): ApiResponse {
  const { endpoint, query } = exchange;
  const { answer, pagination } = endpoint;
  if (answer.envelope !== 'list' || pagination?.by !== 'page') throw new TypeError(`${endpoint.id} is not a list with pages.`);
  const page = query.positive('page', 1);
  const perPage = Math.min(query.positive('per_page', pagination.defaultPerPage), pagination.maximumPerPage);
  if (page * perPage > pagination.positionalCap) return refusedByQuery(tooFar);

  const total = rows.count();
  exchange.afterCount();
  const texts = rows.page((page - 1) * perPage, perPage);
  const meta = metaText(exchange, pagination, { page, perPage, total, count: texts.length });
  const list = `"${answer.key}":[${texts.join(',')}]`;
  return jsonAnswer(200, pagination.metaFirst ? `{"meta":${meta},${list}}` : `{${list},"meta":${meta}}`);
}

/** Rows that are all at hand. */
export function rowsOf(texts: readonly string[]): Rows {
  return { count: () => texts.length, page: (offset, limit) => texts.slice(offset, offset + limit) };
}

const tooFar = 'Your query is limited to 10k results and pagination is out of bound, please use timestamps or other filters.';

type PageFacts = { readonly page: number; readonly perPage: number; readonly total: number; readonly count: number };

function metaText(exchange: Exchange, pagination: PagePagination, { page, perPage, total, count }: PageFacts): string {
  const head = `"count":${count},"total":${total},"current_page":${page},"per_page":${perPage}`;
  if (!pagination.links) return `{${head}}`;
  const hasNext = page * perPage < total && (page + 1) * perPage <= pagination.positionalCap;
  const next = hasNext ? pageLink(exchange, page + 1, perPage) : null;
  const previous = page > 1 ? pageLink(exchange, page - 1, perPage) : null;
  return `{${head},"next_page_link":${JSON.stringify(next)},"previous_page_link":${JSON.stringify(previous)}}`;
}

/** With the filters that were sent and the defaults that apply, whether sent or not. */
function pageLink({ endpoint, request, query, origin }: Exchange, page: number, perPage: number): string {
  const values = new Map<string, readonly string[]>();
  for (const [name, parameter] of Object.entries(endpoint.query ?? {})) {
    const wire = parameter.wire ?? name;
    const sent = query.all(wire);
    if (sent.length > 0) values.set(wire, sent);
  }
  const hasOrderBy = endpoint.query?.['order_by'] !== undefined;
  values.set('order', [query.text('order') === 'desc' ? 'desc' : 'asc']);
  if (hasOrderBy) values.set('order_by', [query.text('order_by') === 'updated_at' ? 'updated_at' : 'created_at']);
  values.set('page', [String(page)]);
  values.set('per_page', [String(perPage)]);
  const names = [...values.keys()].sort((a, b) => place(a, hasOrderBy) - place(b, hasOrderBy) || (a < b ? -1 : 1));
  const text = names.flatMap((name) => (values.get(name) ?? []).map((value) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`));
  return `${origin}${request.path}?${text.join('&')}`;
}

/** Parameters stand in alphabetical order, except that contacts end with `per_page`, `page`. */
function place(name: string, isContacts: boolean): number {
  return isContacts && name === 'page' ? 1 : 0;
}
