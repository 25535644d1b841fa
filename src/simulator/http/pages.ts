import { beyondCapMessage } from '../../aircall/index.ts';
import type { PagePagination } from '../../aircall/index.ts';
import type { Exchange } from './exchange.ts';
import { joinedBytes } from './joined-bytes.ts';
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
  const { endpoint, query, switches } = exchange;
  const { answer, pagination } = endpoint;
  if (answer.envelope !== 'list' || pagination?.by !== 'page') throw new TypeError(`${endpoint.id} is not a list with pages.`);
  const asked = query.count('per_page', pagination.defaultPerPage);
  if (asked === 0 && switches.perPageBelowOne === 'refused') return refusedByQuery('per_page must be at least 1.');
  const wanted = asked === 0 ? (switches.perPageBelowOne === 'one' ? 1 : pagination.defaultPerPage) : asked;
  const isContacts = endpoint.area === 'contacts';
  const perPage = isContacts && switches.contactsPerPageAbove50 === 'asAsked' ? wanted : Math.min(wanted, pagination.maximumPerPage);
  const page = query.count('page', 1) || 1;
  const cap =
    isContacts || endpoint.area === 'calls' || switches.capScope === 'everyList' ? pagination.positionalCap : Number.POSITIVE_INFINITY;
  if (page * perPage > cap) return refusedByQuery(beyondCapMessage);

  const matching = rows.count();
  exchange.afterCount();
  const texts = rows.page((page - 1) * perPage, perPage);
  // Contacts repeat what was asked for, whatever they serve.
  const facts = { page, perPage, shownPerPage: isContacts ? wanted : perPage, matching, count: texts.length, cap };
  const meta = metaText(exchange, pagination, facts);
  const list = `"${listKey(exchange, answer.key)}":[`;
  const separated = texts.map((text, place) => (place === 0 ? text : `,${text}`));
  const parts = pagination.metaFirst ? [`{"meta":${meta},${list}`, ...separated, ']}'] : [`{${list}`, ...separated, `],"meta":${meta}}`];
  return jsonAnswer(200, joinedBytes(parts));
}

/** Draws the order of rows of one second for this request; undefined where they have a stable one. */
export function tieSeed({ seed, switches }: Exchange): number | undefined {
  return switches.sameSecondOrder === 'unstable' ? seed : undefined;
}

/** Rows that are all at hand. */
export function rowsOf(texts: readonly string[]): Rows {
  return { count: () => texts.length, page: (offset, limit) => texts.slice(offset, offset + limit) };
}

type PageFacts = {
  readonly page: number;
  readonly perPage: number;
  readonly shownPerPage: number;
  readonly matching: number;
  readonly count: number;
  readonly cap: number;
};

function metaText(
  exchange: Exchange,
  pagination: PagePagination,
  { page, perPage, shownPerPage, matching, count, cap }: PageFacts,
): string {
  const { switches } = exchange;
  const total = switches.totalAboveCap === 'clamped' ? Math.min(matching, pagination.positionalCap) : matching;
  const head = `"count":${count},"total":${total},"current_page":${page},"per_page":${shownPerPage}`;
  if (!pagination.links) return `{${head}}`;
  const isNextAllowed = (page + 1) * perPage <= cap || switches.nextLinkAtCap === 'present';
  const next = page * perPage < matching && isNextAllowed ? pageLink(exchange, page + 1, shownPerPage) : null;
  const previous = page > 1 ? pageLink(exchange, page - 1, shownPerPage) : null;
  return `{${head},"next_page_link":${JSON.stringify(next)},"previous_page_link":${JSON.stringify(previous)}}`;
}

function listKey({ endpoint, switches }: Exchange, documented: string): string {
  return endpoint.id === 'dialer.listNumbers' ? switches.dialerNumbersKey : documented;
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
