// How Aircall says no. Four families of bodies are known, from two tiers: the application, and the edge in front of it,
// which turns away what never reaches the application. Which tier spoke tells a bad credential from a missing product.
//
//   documented   {"error": "Bad Request", "troubleshoot": "…"}
//   coded        {"error": "Bad Request", "data": null, "message": "BAD_REQUEST", "errors": "…", "troubleshoot": "BAD_REQUEST", …}
//   stated       {"error": "Unprocessable Entity", "success": false, "errors": {"dialer_campaign": ["…"]}}
//   edge         {"message": "Forbidden"}
//   oauth        {"error": "invalid_grant", "error_description": "…"}: assumed, by the standard
import { isObject } from '../base/index.ts';

export const errorFamilies = ['documented', 'coded', 'stated', 'edge', 'oauth', 'unknown'] as const;
export type ErrorFamily = (typeof errorFamilies)[number];

export type ParsedError = {
  readonly family: ErrorFamily;
  /** Who spoke. `unknown` is whatever stands between us and Aircall, or a body nobody has described. */
  readonly tier: 'application' | 'edge' | 'unknown';
  /** Aircall's words, or null when there are none. They may repeat what was sent: never log them, put them into no message. */
  readonly message: string | null;
  /** Every sentence of `errors`. The same caution holds. */
  readonly details: readonly string[];
  /** The names that `errors` complains about, where it has names. */
  readonly fields: readonly string[];
};

/** Reads the body of a refusal, already parsed as JSON (or not parsable: pass anything). Never throws. */
export function parseErrorBody(body: unknown): ParsedError {
  if (!isObject(body)) return nothing;
  const family = familyOf(body);
  const details = sentencesOf(body['errors'], 0);
  const message =
    plainWords(body['troubleshoot']) ??
    details[0] ??
    plainWords(body['error_description']) ??
    words(body['error']) ??
    words(body['message']) ??
    words(body['verbose']) ??
    null;
  const fields = isObject(body['errors']) ? Object.keys(body['errors']).slice(0, mostDetails) : [];
  return { family, tier: tiers[family], message, details, fields };
}

export const refusalMeanings = [
  'credential',
  'not_in_plan',
  'blocked',
  'not_found',
  'gone',
  'state',
  'beyond_cap',
  'invalid',
  'rate_limited',
  'server',
  'other',
] as const;

/**
 * What a refusal means:
 * `credential` the key or token is missing, wrong or revoked · `not_in_plan` the credential is good, the product is not in
 * the plan · `blocked` a 403 that neither of Aircall's tiers is known to write · `not_found` unknown id or route, or an AI
 * artefact that does not exist (yet) · `gone` the endpoint was removed · `state` fine in itself, but not as things stand ·
 * `beyond_cap` a page past the positional cap · `invalid` values Aircall does not accept · `rate_limited` · `server` their fault.
 */
export type RefusalMeaning = (typeof refusalMeanings)[number];

/** Names the meaning of a status of 400 or more together with its parsed body. */
export function meaningOf(status: number, error: ParsedError): RefusalMeaning {
  if (status === 403) return forbidden[error.tier];
  if (status === 400 && [error.message, ...error.details].some((sentence) => capWords.test(sentence ?? ''))) return 'beyond_cap';
  if (status >= 500) return 'server';
  return meanings[status] ?? 'other';
}

/** Headers by which Aircall's support finds an exchange again, most telling first. */
export const exchangeIdHeaders = ['apigw-requestid', 'x-request-id', 'x-amz-cf-id'] as const;

/** What Aircall writes when a page lies beyond the cap. */
export const beyondCapMessage =
  'Your query is limited to 10k results and pagination is out of bound, please use timestamps or other filters.';

const nothing: ParsedError = { family: 'unknown', tier: 'unknown', message: null, details: [], fields: [] };

const tiers = {
  documented: 'application',
  coded: 'application',
  stated: 'application',
  oauth: 'application',
  edge: 'edge',
  unknown: 'unknown',
} as const satisfies Record<ErrorFamily, ParsedError['tier']>;

// ping and the other endpoints of every plan can only be refused for the credential; whoever sends them knows that.
const forbidden = { application: 'not_in_plan', edge: 'credential', unknown: 'blocked' } as const satisfies Record<
  ParsedError['tier'],
  RefusalMeaning
>;

const meanings: Readonly<Record<number, RefusalMeaning>> = {
  400: 'invalid',
  401: 'credential',
  404: 'not_found',
  405: 'state',
  408: 'server',
  409: 'state',
  410: 'gone',
  415: 'invalid',
  422: 'invalid',
  429: 'rate_limited',
};

const capWords = /limited to 10k results|pagination is out of bound/i;

const mostDetails = 100;
const deepestDetail = 4;
const longestSentence = 2000;

function familyOf(body: Readonly<Record<string, unknown>>): ErrorFamily {
  if (typeof body['error'] !== 'string') return typeof body['message'] === 'string' && body['success'] === undefined ? 'edge' : 'unknown';
  if (typeof body['error_description'] === 'string' || oauthCode.test(body['error'])) return 'oauth';
  if ('data' in body || isCode(body['message'])) return 'coded';
  return 'success' in body || isObject(body['errors']) || Array.isArray(body['errors']) ? 'stated' : 'documented';
}

const oauthCode = /^(?:invalid_[a-z]+|unauthorized_client|unsupported_grant_type|access_denied)$/;

/** A code such as BAD_REQUEST where a sentence could stand. */
function isCode(value: unknown): boolean {
  return typeof value === 'string' && /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*$/.test(value);
}

function words(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const trimmed = value.trim();
  return trimmed === '' ? undefined : trimmed.slice(0, longestSentence);
}

function plainWords(value: unknown): string | undefined {
  return isCode(value) ? undefined : words(value);
}

/** The sentences of `errors`, which is one sentence, a list of them, or lists of them by name. */
function sentencesOf(value: unknown, depth: number): readonly string[] {
  const sentence = words(value);
  if (sentence !== undefined) return [sentence];
  if (typeof value !== 'object' || value === null || depth === deepestDetail) return [];
  const found: string[] = [];
  for (const inner of Object.values(value)) {
    found.push(...sentencesOf(inner, depth + 1));
    if (found.length >= mostDetails) return found.slice(0, mostDetails);
  }
  return found;
}
