// Which error an unhappy answer becomes. What Aircall writes beside the status is only ever read to tell the cases apart;
// the sentences are ours, made from the endpoint's description, because Aircall's may repeat what was sent.
import { exchangeIdHeaders, meaningOf, parseErrorBody } from '../aircall/index.ts';
import type { Endpoint, ParsedError } from '../aircall/index.ts';
import type { Standing } from './credential.ts';
import {
  AircallError,
  Blocked,
  CredentialRefused,
  InvalidRequest,
  NotFound,
  NotInPlan,
  RateLimited,
  ServerFailed,
  StateRefused,
} from './errors.ts';
import type { AircallErrorFacts } from './errors.ts';
import type { Answered } from './exchange.ts';
import { beyondTheCap } from './listing.ts';
import type { OutgoingRequest } from './outgoing-request.ts';

/** The error for an answer whose status is not 2xx. */
export function refusal(endpoint: Endpoint, request: OutgoingRequest, answered: Answered, standing: Standing): AircallError {
  const { status, header } = answered;
  const parsed = parseErrorBody(parseJson(answered.body));
  const describe: Describe = (code, message, more = {}) => ({
    code,
    message: `${endpoint.id}: ${message} (status ${status}).`,
    endpoint: endpoint.id,
    status,
    outcome: 'refused',
    reason: parsed.message ?? undefined,
    requestId: exchangeIdHeaders.map((name) => header(name)).find((id) => id !== undefined),
    ...more,
  });

  if (status < 400) return redirected(describe);
  const meaning = meaningOf(status, parsed);
  switch (meaning) {
    case 'rate_limited':
      return rateLimited(describe);
    case 'server':
      return serverFailed(describe, request);
    case 'credential':
      return credentialRefused(endpoint, describe);
    case 'not_in_plan':
      // What every plan has is refused for the credential, unless Aircall has just accepted it elsewhere.
      return endpoint.product === undefined && endpoint.standIn === undefined && (endpoint.credentials === 'oauth' || !standing.accepted)
        ? credentialRefused(endpoint, describe)
        : notInPlan(endpoint, describe);
    case 'blocked':
      return blocked(describe);
    case 'not_found':
    case 'gone':
      return notFound({ route: meaning === 'gone' || parsed.tier !== 'application' }, describe);
    case 'state':
      return stateRefused(endpoint, describe);
    case 'beyond_cap':
      return endpoint.pagination?.by === 'page'
        ? beyondTheCap(endpoint, endpoint.pagination.positionalCap, status)
        : invalidRequest(endpoint, parsed, describe);
    case 'invalid':
      return invalidRequest(endpoint, parsed, describe);
    case 'other':
      return new AircallError(describe('unexpected_status', 'Aircall refused the request for a reason it does not document'));
  }
}

type Describe = (code: string, message: string, more?: Partial<AircallErrorFacts>) => AircallErrorFacts;

function rateLimited(describe: Describe): RateLimited {
  return new RateLimited(
    describe('rate_limited', 'the company’s requests of this minute are used up, and nothing was carried out', {
      hint: 'Every key and integration of the company shares 120 requests a minute. Wait, or leave more to others.',
      // Refused is refused: a write was not carried out either.
      retryable: true,
    }),
  );
}

function serverFailed(describe: Describe, { repeatable }: OutgoingRequest): ServerFailed {
  return new ServerFailed(
    describe('server_failed', 'Aircall failed', {
      hint: repeatable
        ? 'See https://status.aircall.com.'
        : 'The request may have been carried out: look before sending it again. See https://status.aircall.com.',
      retryable: repeatable,
      outcome: 'unknown',
    }),
  );
}

function credentialRefused(endpoint: Endpoint, describe: Describe): CredentialRefused {
  return new CredentialRefused(
    describe('credential_refused', 'Aircall refused the credential', {
      hint:
        endpoint.credentials === 'oauth'
          ? 'This endpoint works only with the token of an OAuth integration, not with a key pair.'
          : 'Check the API id and token, or the access token: it may be mistyped, deleted, or its integration removed.',
    }),
  );
}

function notInPlan({ product, standIn }: Endpoint, describe: Describe): NotInPlan {
  const refused = product ?? (standIn === undefined ? 'this endpoint' : 'this version of the endpoint');
  return new NotInPlan(
    describe('not_in_plan', `Aircall does not grant this account ${refused}`, {
      hint: product === undefined ? undefined : `Ask Aircall for ${product}, or go without.`,
    }),
  );
}

function blocked(describe: Describe): Blocked {
  return new Blocked(
    describe('blocked', 'something that is not Aircall’s API refused the request', {
      hint: 'A proxy or firewall on the way may block it.',
    }),
  );
}

function redirected(describe: Describe): Blocked {
  return new Blocked(
    describe('redirected', 'the answer points to another address, which is not followed: the credential is for Aircall only', {
      hint: 'Check the base URL and the proxy settings.',
    }),
  );
}

function notFound({ route }: { readonly route: boolean }, describe: Describe): NotFound {
  return new NotFound({
    ...describe('not_found', route ? 'Aircall has no such endpoint' : 'Aircall has no such thing', {
      hint: route
        ? undefined
        : 'It was deleted, is too old to be served, or was never there. Artefacts of AI products may not be made yet.',
    }),
    route,
  });
}

function stateRefused(endpoint: Endpoint, describe: Describe): StateRefused {
  return new StateRefused(
    describe('state_refused', 'Aircall cannot do this as things stand', { hint: knownReasons(endpoint, [405, 409]) }),
  );
}

function invalidRequest(endpoint: Endpoint, parsed: ParsedError, describe: Describe): InvalidRequest {
  // Aircall names fields; a name of any other form may be what was sent.
  const fields = parsed.fields.filter((field) => /^[A-Za-z_][\w.]{0,60}$/.test(field));
  const named = fields.length > 0 ? ` in ${fields.map((field) => `\`${field}\``).join(', ')}` : '';
  return new InvalidRequest({
    ...describe('invalid_request', `Aircall does not accept the values sent${named}`, { hint: knownReasons(endpoint, [400, 422]) }),
    fields,
  });
}

/** The refusals of this endpoint that are known in advance. */
function knownReasons({ refusals = [] }: Endpoint, statuses: readonly number[]): string | undefined {
  const reasons = refusals.filter(({ status }) => statuses.includes(status)).map(({ when }) => when);
  return reasons.length > 0 ? `Known reasons: ${reasons.join(' ')}` : undefined;
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
