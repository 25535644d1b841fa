// The part of a list that is not rows: how many there are, which page this is, and where the next one is. Written here from
// what the agent asked, so that no link of Aircall's and no count of hidden rows gets out.
import { isObject } from '../../base/index.ts';
import type { ExactJson } from '../../base/index.ts';
import { planRequest } from '../../client/index.ts';
import type { Capability } from '../capabilities/capability.ts';
import type { CallArguments } from '../policy/decision.ts';

export type PageFacts = {
  readonly capability: Capability;
  /** As the agent sent them: without what was put in to narrow the list. */
  readonly asked: CallArguments;
  /** As Aircall sent it. */
  readonly raw: ExactJson | undefined;
  /** What the filter left of it. */
  readonly filtered: ExactJson | undefined;
  readonly rowsReturned: number | null;
  /** Rows may have been left out, here or on other pages: then their total says nothing true. */
  readonly mayHideRows: boolean;
  /** Where the gateway is reached, without a slash at the end. */
  readonly publicUrl: string;
};

/** The filtered answer with the gateway's own account of its pages. Anything that is no list of pages stays as it is. */
export function withPages(facts: PageFacts): ExactJson | undefined {
  const { capability, filtered } = facts;
  const { pagination } = capability.endpoint;
  if (pagination === undefined || !isBody(filtered)) return filtered;
  if (pagination.by === 'token') {
    const { [pagination.at]: _theirs, ...rest } = filtered;
    return { ...rest, [pagination.at]: tokenPages(facts) };
  }
  const { meta: _theirs, ...rest } = filtered;
  const meta = numberedPages(facts);
  return pagination.metaFirst ? { meta, ...rest } : { ...rest, meta };
}

function numberedPages({ capability, asked, raw, rowsReturned, mayHideRows, publicUrl }: PageFacts): ExactJson {
  const { endpoint } = capability;
  const { pagination } = endpoint;
  if (pagination?.by !== 'page') return {};
  const theirs = isBody(raw) && isBody(raw['meta']) ? raw['meta'] : {};
  const page = wholeNumber(asked.query['page']) ?? 1;
  const perPage = wholeNumber(theirs['per_page']) ?? wholeNumber(asked.query['per_page']) ?? pagination.defaultPerPage;
  const total = wholeNumber(theirs['total']);
  const linkTo = (wanted: number): string => publicUrl + planRequest(endpoint, { ...asked, query: { ...asked.query, page: wanted } }).path;
  const hasNext = typeof theirs['next_page_link'] === 'string' && theirs['next_page_link'] !== '';
  return {
    ...(rowsReturned === null ? {} : { count: rowsReturned }),
    ...(mayHideRows || total === undefined ? {} : { total }),
    current_page: page,
    per_page: perPage,
    ...(pagination.links
      ? { next_page_link: hasNext ? linkTo(page + 1) : null, previous_page_link: page > 1 ? linkTo(page - 1) : null }
      : {}),
  };
}

function tokenPages({ capability, raw, mayHideRows }: PageFacts): ExactJson {
  const { pagination } = capability.endpoint;
  if (pagination?.by !== 'token') return {};
  const theirs = isBody(raw) && isBody(raw[pagination.at]) ? raw[pagination.at] : {};
  if (!isBody(theirs)) return {};
  const next = theirs[pagination.next];
  const total = wholeNumber(theirs[pagination.total]);
  return {
    // Opaque, and good for nothing but the same question.
    [pagination.next]: typeof next === 'string' && /^[\x21-\x7e]{1,1024}$/.test(next) ? next : null,
    ...(mayHideRows || total === undefined ? {} : { [pagination.total]: total }),
  };
}

function isBody(value: ExactJson | undefined): value is { readonly [name: string]: ExactJson } {
  return value !== undefined && isObject(value);
}

function wholeNumber(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
