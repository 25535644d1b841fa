// OAuth for technology partners: an admin's consent becomes a token that works until the integration is removed.
// Source: developer.aircall.io/tutorials/how-aircall-oauth-flow-works.
//
//   authorizeUrl({ …, state })  →  the admin's browser  →  redirect with code and state
//   readCallback(url, { state })  →  code  →  exchangeCode({ code, … })  →  token
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Dispatcher } from 'undici';
import { api, credentials, limits } from '../aircall/index.ts';
import { isObject, silentLog, systemClock, TrunklineError } from '../base/index.ts';
import type { UnknownRecord } from '../base/index.ts';
import { createInProcessBudget } from './in-process-budget.ts';
import { malformed } from './malformed.ts';
import { buildRequest } from './request.ts';
import { noRetry } from './retry.ts';
import { send } from './send.ts';
import { createDispatcher, parseBaseUrl } from './transport.ts';

/** Consent was refused, or what came back is not the answer to what was asked. */
export class OauthRefused extends TrunklineError {}

export type AuthorizeOptions = {
  readonly clientId: string;
  /** As registered with Aircall. https, or http to this machine. */
  readonly redirectUri: string;
  /** From `createState`, kept until the redirect comes back. */
  readonly state: string;
};

/** Where to send the admin's browser. */
export function authorizeUrl({ clientId, redirectUri, state }: AuthorizeOptions): string {
  const { oauth } = credentials;
  const url = new URL(oauth.authorizeUrl);
  url.searchParams.set('client_id', clientId);
  url.searchParams.set('redirect_uri', redirectUri);
  url.searchParams.set('response_type', oauth.responseType);
  url.searchParams.set('scope', oauth.scope);
  url.searchParams.set('state', state);
  return url.href;
}

/** 256 random bits, to recognise the redirect that answers this very request. */
export function createState(): string {
  return randomBytes(32).toString('base64url');
}

/** Compares in constant time: how long it takes tells nothing about where the two differ. */
export function isSameState(expected: string, received: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return expected !== '' && timingSafeEqual(digest(expected), digest(received));
}

/**
 * Takes the code out of the redirect. Throws `OauthRefused` when the admin refused, when the state is not the one that was
 * sent, or when there is no code.
 */
export function readCallback(url: string | URL, { state }: { readonly state: string }): string {
  const { searchParams } = new URL(url);
  if (!isSameState(state, searchParams.get('state') ?? '')) {
    throw new OauthRefused({
      code: 'oauth_state_mismatch',
      message: 'The redirect does not answer the request that was made: its state is missing or another one.',
      hint: 'Start again, and finish in the same browser within a few minutes.',
    });
  }
  if (searchParams.has('error')) {
    throw new OauthRefused({
      code: 'oauth_consent_refused',
      message: 'The admin did not allow the integration.',
      hint: 'Only an admin of the Aircall account can, and has to press "Authorize".',
    });
  }
  const code = searchParams.get('code');
  if (code === null || code === '') {
    throw new OauthRefused({ code: 'oauth_code_missing', message: 'The redirect holds no code.', hint: 'Paste the whole address.' });
  }
  return code;
}

export type ExchangeCodeOptions = {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly code: string;
  /** The very one that was sent to `authorizeUrl`. */
  readonly redirectUri: string;
  readonly baseUrl?: string;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly dispatcher?: Dispatcher;
};

export type OauthGrant = {
  /** Goes into `createClient({ credential: { accessToken } })`. Never expires. */
  readonly accessToken: string;
  /** Everything Aircall answered besides the token itself. */
  readonly extra: UnknownRecord;
};

/** Exchanges the code for a token. It is sent once: a code works once. Throws what any method of the client throws. */
export async function exchangeCode(options: ExchangeCodeOptions): Promise<OauthGrant> {
  const { clientId, clientSecret, code, redirectUri, baseUrl = limits.origin, timeoutMs = 60_000, signal } = options;
  const { origin, prefix } = parseBaseUrl(baseUrl);
  const dispatcher = options.dispatcher ?? createDispatcher(origin);
  const endpoint = api.oauth.exchangeCode;
  const { grantType } = credentials.oauth;
  const wire = buildRequest(endpoint, { at: [], input: { grantType, code, redirectUri, clientId, clientSecret } });
  try {
    return await send(
      {
        origin,
        prefix,
        authorization: null,
        userAgent: 'trunkline',
        dispatcher,
        budget: createInProcessBudget({ requestsPerMinute: Number.POSITIVE_INFINITY }),
        clock: systemClock,
        random: Math.random,
        retry: noRetry,
        timeoutMs,
        maximumResponseBytes: 1024 * 1024,
        priority: 'live',
        log: silentLog,
        standing: { accepted: false },
        signal,
      },
      endpoint,
      wire,
      (body, answer): OauthGrant => {
        if (!isObject(body) || typeof body['access_token'] !== 'string') throw malformed(answer, 'it has no `access_token`');
        const { access_token: accessToken, ...extra } = body;
        return { accessToken, extra };
      },
    );
  } finally {
    if (options.dispatcher === undefined) await dispatcher.close();
  }
}
