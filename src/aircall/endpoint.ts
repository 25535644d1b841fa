// How an endpoint of Aircall's HTTP API is described. The client's methods, the simulator's routes, the agent
// capabilities and the documentation are all derived from these descriptions; none of them repeats a fact.
import type { Entity } from './field.ts';

/** What a request does to Aircall. A write is any effect but `read`. */
export const effects = ['read', 'add', 'change', 'delete', 'live', 'egress'] as const;
export type Effect = (typeof effects)[number];

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** The parts of Aircall that differ in risk; access is granted area by area. */
export const areas = [
  'calls',
  'recordings',
  'conversation',
  'contacts',
  'messages',
  'users',
  'teams',
  'numbers',
  'tags',
  'webhooks',
  'dialer',
  'ai_voice',
  'analytics',
  'company',
  'integrations',
  'oauth',
] as const;
export type Area = (typeof areas)[number];

/**
 * One parameter of a request: in the path, the query or the body.
 *
 * Aircall ignores parameters of a query that it does not know: a misspelt filter lists everything.
 * A boolean in a query is sent as `true` or left out: how Aircall reads `false` is not documented. A list in a query
 * repeats its key.
 */
export type Parameter = {
  /** `id` is an Aircall id: digits, possibly beyond 2^53. */
  readonly type: 'id' | 'integer' | 'text' | 'boolean' | 'id[]' | 'text[]' | 'object' | 'object[]';
  readonly meaning: string;
  readonly required?: true;
  /** Null is a value of its own here. */
  readonly nullable?: true;
  /** Written with this name on the wire when it differs, such as `tags[]`. */
  readonly wire?: string;
  readonly format?:
    | 'unix-seconds'
    | 'e164'
    | 'email'
    | 'https-url'
    | 'hex-color'
    | 'iana-time-zone'
    | 'id-or-email'
    | 'uuid-or-id'
    | 'language'
    | 'iso-date'
    /** An id or a machine name: no spaces, nobody's words. */
    | 'token'
    | 'page-token';
  readonly values?: readonly (string | number)[];
  readonly minimum?: number;
  readonly maximum?: number;
  /** Aircall silently takes more than the maximum as the maximum. */
  readonly clamped?: true;
  readonly maximumLength?: number;
  readonly maximumItems?: number;
  readonly default?: string | number | boolean;
  /** Exactly one parameter of the same group must be given. */
  readonly oneOf?: string;
  /** Refused unless the parameter of this name is given too. */
  readonly onlyWith?: string;
  /** What is inside an `object`, or inside each of an `object[]`. Without it the object is free-form. */
  readonly fields?: Parameters;
  /** The fields of the answer that stay null or absent unless this flag is sent. */
  readonly fills?: readonly string[];
  /** The documentation is contradictory or silent about it. */
  readonly unconfirmed?: true;
  /** What the value is for a person's privacy, where it is any of it. */
  readonly class?: 'phone' | 'email' | 'person' | 'freetext' | 'media' | 'secret';
  /** Of ids: what it is the id of, by the entity's name. */
  readonly names?: string;
  /**
   * Of agents more is asked than of others: they may never send it, whatever they are granted, or must always. Why, as the end
   * of “because …”.
   */
  readonly agents?: { readonly never: string } | { readonly always: string };
};
export type Parameters = { readonly [name: string]: Parameter };

/** What the body of a successful answer looks like. */
export type Answer =
  /** `{"<key>": [...], "meta": {...}}`, or `pageInfo` instead of `meta` where a token leads to the next page. */
  | { readonly envelope: 'list'; readonly key: string; readonly of: Entity }
  /** `{"<key>": {...}}` */
  | { readonly envelope: 'one'; readonly key: string; readonly of: Entity }
  /** The object itself. */
  | { readonly envelope: 'bare'; readonly of: Entity }
  /** No body. */
  | { readonly envelope: 'none' };

/** How the rest of a list is reached. */
export type Pagination = PagePagination | TokenPagination;

/** By `page` and `per_page`, with `meta` beside the rows. */
export type PagePagination = {
  readonly by: 'page';
  readonly defaultPerPage: number;
  readonly maximumPerPage: number;
  /** `page * per_page` beyond this is answered with 400, whatever the data. */
  readonly positionalCap: number;
  /** Whether `meta` carries `next_page_link` and `previous_page_link`. */
  readonly links: boolean;
  /** Whether `meta` comes before the rows in the body. */
  readonly metaFirst: boolean;
};

/** By an opaque token, with `pageInfo` beside the rows. */
export type TokenPagination = {
  readonly by: 'token';
  /** The query parameter that takes the token of the wanted page. */
  readonly token: string;
  /** The query parameter that takes the number of rows. */
  readonly limit: string;
  /** The object beside the rows. */
  readonly at: string;
  /** The key in it that holds the next page's token; null or absent on the last page. */
  readonly next: string;
  /** The key in it that holds the number of rows over all pages. */
  readonly total: string;
};

/** What `from` and `to` act on. Bounds are in UNIX seconds. */
export type TimeFilter = {
  readonly field: string;
  readonly from: 'inclusive' | 'exclusive';
  readonly to: 'inclusive' | 'exclusive';
  readonly unconfirmed?: true;
};

/** A refusal worth knowing in advance. Statuses common to all endpoints (400, 401, 403, 404, 429, 500) are not repeated. */
export type Refusal = {
  readonly status: number;
  readonly when: string;
  /** Says how things stand at Aircall, not that the request is wrong. */
  readonly business?: true;
  readonly unconfirmed?: true;
};

/**
 * What a use by an AI agent means. Only what does not follow from the rest of the description: the level of access it needs,
 * what the answer holds, what can be searched for and what it costs are derived.
 */
export type AgentUse = {
  /** A `resource` reads or changes what Aircall stores; an `action` makes something happen in the world. */
  readonly kind: 'resource' | 'action';
  /**
   * Who does it comes before: “… tried to {present}”, “… {past}”. `{id}` and the like stand for parameters of the path,
   * `{rows}` for the number of rows given; the noun after it is a plural in -s.
   */
  readonly deed: { readonly present: string; readonly past: string };
  /**
   * What stands between an agent that may and the act. Left out, the effect says it: none for what reads, adds or changes,
   * `confirm` for delete and live, `approve` for egress.
   */
  readonly friction?: 'none' | 'confirm' | 'approve';
  /** The most uses by one agent on one and the same object of the path, ever: for what cannot be taken back and runs out. */
  readonly mostPerObject?: number;
};

export type Endpoint = {
  /** `<group>.<method>`: the client's method, for example `calls.list`. */
  readonly id: string;
  readonly title: string;
  readonly area: Area;
  readonly method: Method;
  /** With `:name` for path parameters. */
  readonly path: `/v${1 | 2}/${string}`;
  readonly effect: Effect;
  /** What it means in the hands of an AI agent; or why no agent ever gets it, as the end of “because …”. */
  readonly agents: AgentUse | { readonly never: string };
  /** Among the endpoints every integration needs. */
  readonly core?: true;
  /** Cannot be undone, costs money, or rings a phone. */
  readonly destructive?: true;
  /** Path parameters in the order of the path. */
  readonly at?: Parameters;
  readonly query?: Parameters;
  readonly body?: Parameters;
  /** The whole body must stay under so many bytes. */
  readonly maximumBodyBytes?: number;
  readonly answer: Answer;
  readonly status: number;
  /** The success status is an assumption; accept any 2xx. */
  readonly statusUnconfirmed?: true;
  /** The shape of the answer is an assumption; read it leniently. */
  readonly answerUnconfirmed?: true;
  readonly pagination?: Pagination;
  readonly timeFilter?: TimeFilter;
  readonly refusals?: readonly Refusal[];
  /** The webhook event this write causes, or that announces the artefact this read returns. */
  readonly event?: string;
  /** Of a write: known to change nothing more when sent again. */
  readonly idempotent?: true;
  /** The body parameter by which Aircall recognises a request it has already carried out. */
  readonly idempotencyKey?: string;
  /** Works only with these credentials. */
  readonly credentials?: 'oauth' | 'none';
  /** The product or plan without which Aircall answers 403. */
  readonly product?: string;
  /**
   * The id of the endpoint that does the same where Aircall refuses this one altogether: a version not open to the
   * account yet, or one that has ended. It takes the same parameters; its records may lack fields.
   */
  readonly standIn?: string;
  /** Announced or carried-out end of the endpoint, ISO date. */
  readonly removedOn?: string;
  readonly quirks?: readonly string[];
};

/** Returns its argument, keeping every literal for type inference. */
export function endpoint<const E extends Endpoint>(description: E): E {
  return description;
}
