// What lists have in common: the parameters that turn pages, order rows and cut by time, and the `meta` beside the rows.
import type { PagePagination, Parameters } from '../endpoint.ts';
import { entity, field, pick } from '../field.ts';
import { limits } from '../limits.ts';

export const pageParameters = {
  page: { type: 'integer', minimum: 1, default: 1, meaning: 'Which page, counted from 1.' },
  per_page: {
    type: 'integer',
    minimum: 1,
    maximum: limits.lists.maximumPerPage,
    clamped: true,
    default: limits.lists.defaultPerPage,
    meaning: 'Rows on a page.',
  },
} as const satisfies Parameters;

export const orderParameter = {
  order: { type: 'text', values: ['asc', 'desc'], default: 'asc', meaning: 'Oldest first or newest first.' },
} as const satisfies Parameters;

export const periodParameters = {
  from: { type: 'integer', format: 'unix-seconds', meaning: 'Start of the period.' },
  to: { type: 'integer', format: 'unix-seconds', meaning: 'End of the period.' },
} as const satisfies Parameters;

/** How nearly every list is turned. */
export const pages = {
  by: 'page',
  defaultPerPage: limits.lists.defaultPerPage,
  maximumPerPage: limits.lists.maximumPerPage,
  positionalCap: limits.lists.positionalCap,
  links: true,
  metaFirst: false,
} as const satisfies PagePagination;

const metaFields = {
  count: field.integer('Rows on this page.'),
  total: field.integer('Rows that match the filters, over all pages.'),
  current_page: field.integer('The page served, counted from 1.'),
  per_page: field.integer('Rows a page may hold, after clamping.'),
  next_page_link: field.text('Absolute address of the next page, or null on the last.', { nullable: true }),
  previous_page_link: field.text('Absolute address of the previous page, or null on the first.', { nullable: true }),
};

/** @public */
export const pageMeta = entity({ name: 'page_meta', meaning: 'What stands beside the rows of a list.', fields: metaFields });

/** @public */
export const pageMetaWithoutLinks = entity({
  name: 'page_meta_without_links',
  meaning: 'What stands beside the rows of a list that has no links between its pages.',
  fields: pick(metaFields, 'count', 'total', 'current_page', 'per_page'),
});
