// Tokens of the company's identity provider in place of a key of ours: who shows one that the provider made for this gateway, for a
// subject that an operator has written down as an agent, is that agent. What a token says beyond that grants nothing.
//
// RFC 9068 and RFC 7519 say what stands in such a token, RFC 8725 what has gone wrong with them elsewhere.
import { createHmac } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, errors, jwtVerify } from 'jose';
import type { JWTPayload, ProtectedHeaderParameters } from 'jose';
import type { Clock, Log } from '../../base/index.ts';
import { derive } from '../filter/tokens.ts';
import type { PresentedKey } from '../flow/call.ts';
import type { KeyBook, KeyFinding, PolicySource, TokenProblem } from '../flow/parts.ts';
import type { Policy } from '../policy/types.ts';
import { IssuerKeys, KeysUnavailable } from './issuer-keys.ts';

/** None where whoever can check a signature can also make one, and never `none`. */
export type TokenAlgorithm = `${'RS' | 'PS' | 'ES'}${'256' | '384' | '512'}` | 'EdDSA';

export type TokenTerms = {
  /** As it stands in `iss`, to the letter. */
  readonly issuer: string;
  /** What must stand in `aud`: this gateway, and nobody else that the provider makes tokens for. */
  readonly audience: string;
  readonly algorithms: readonly TokenAlgorithm[];
  /** The claim that says whose token it is, such as `client_id`. */
  readonly claim: string;
};

export type TokenBookParts = {
  readonly terms: TokenTerms;
  /** See `IssuerKeysParts`. */
  readonly load: () => Promise<unknown>;
  readonly policies: PolicySource;
  /** Makes names for the log of what identifies a token. */
  readonly key: KeyObject;
  readonly clock: Clock;
  readonly log: Log;
};

/** In characters, which are bytes here. */
const longestToken = 8 * 1024;
/** By how much the clock of the provider may be off. */
const toleranceSeconds = 60;

/** `own`, and beside it tokens. A key of ours is never asked about at the provider. */
export function acceptTokens(own: KeyBook, parts: TokenBookParts): KeyBook {
  const { policies } = parts;
  const keys = new IssuerKeys(parts);
  const nameKey = derive(parts.key, 'tokens of the identity provider');

  const find = async (presented: PresentedKey, nowMs: number): Promise<KeyFinding> => {
    try {
      const payload = await verify(presented, { terms: parts.terms, keys, nowMs });
      // A signature can be written in more than one way.
      const signed = presented.key.slice(0, presented.key.lastIndexOf('.'));
      const identifier = `${parts.terms.issuer}\n${typeof payload.jti === 'string' ? payload.jti : signed}`;
      const keyId = `jwt:${createHmac('sha256', nameKey).update(identifier).digest('hex').slice(0, 24)}`;
      return { kind: 'known', keyId, agentId: agentOf(policies.current(), payload, parts.terms.claim) };
    } catch (error) {
      const { reason, text } = problemOf(error, nowMs);
      // Without the name of the token: refusals of all that somebody can make are alike, and counted together.
      return { kind: 'refused', keyId: null, agentId: null, reason, text };
    }
  };
  return {
    find: (presented, from) => (presented.key.includes('.') ? find(presented, from.nowMs) : own.find(presented, from)),
  };
}

/** The claims of a token that is good. Rejects with what {@link problemOf} understands. */
async function verify(
  { key: token, agentId }: PresentedKey,
  { terms, keys, nowMs }: { readonly terms: TokenTerms; readonly keys: IssuerKeys; readonly nowMs: number },
): Promise<JWTPayload> {
  if (token.length > longestToken) throw new BadToken('token_form', 'The token is longer than 8 KiB.');
  if (agentId !== null) throw new BadToken('token_form', 'A token goes in as bearer token, not as a password.');
  const { header, claims } = read(token);
  const { alg, typ } = header;
  if (header.crit !== undefined) throw new BadToken('token_form', 'The token demands an extension that is not known.');
  const algorithms: readonly string[] = terms.algorithms;
  if (alg === undefined || !algorithms.includes(alg)) {
    throw new BadToken('token_algorithm', 'The token is signed in a way that is not on the list.');
  }
  // Not yet proven, only said: whose it would be anyhow need not be asked for keys.
  if (claims.iss !== terms.issuer) throw new BadToken('token_issuer', 'The token was made by another issuer.');
  if (!isAccessToken(typ, claims)) throw new BadToken('token_kind', 'The token was not made to open something, but for another purpose.');
  const { payload } = await jwtVerify(token, keys.keyFor, {
    algorithms: [...terms.algorithms],
    issuer: terms.issuer,
    audience: terms.audience,
    clockTolerance: toleranceSeconds,
    currentDate: new Date(nowMs),
  }).catch((error: unknown) => {
    if (error instanceof errors.JOSEError || error instanceof KeysUnavailable) throw error;
    // Too short, or no point of its curve: the words of whoever looked at it.
    throw new BadToken('token_key', 'The key that signed the token is not one that can be relied on.');
  });
  if (!Number.isFinite(payload.exp)) throw new BadToken('token_time', 'The token does not say when it ends.');
  if (payload.iat !== undefined && payload.iat > nowMs / 1000 + toleranceSeconds) throw new BadToken('token_time', tooEarly);
  if (payload['cnf'] !== undefined) {
    throw new BadToken('token_kind', 'The token counts only together with a key of its holder, which is not asked for here.');
  }
  return payload;
}

/** Whoever shows a token says what is in it; nothing of that is proven. */
function read(token: string): { readonly header: ProtectedHeaderParameters; readonly claims: JWTPayload } {
  if (token.split('.').length === 5)
    throw new BadToken('token_form', 'The token is encrypted, and only its issuer’s signature is understood here.');
  try {
    return { header: decodeProtectedHeader(token), claims: decodeJwt(token) };
  } catch {
    throw new BadToken('token_form', 'What was given is neither a key of this gateway nor a token that can be read.');
  }
}

/**
 * RFC 9068 gives access tokens a type of their own. Many providers write `JWT` or nothing; then what only ID tokens, and notices of
 * the provider, hold tells them apart.
 */
function isAccessToken(typ: unknown, claims: JWTPayload): boolean {
  const type = typeof typ === 'string' ? typ.toLowerCase().replace(/^application\//, '') : typ;
  if (type === 'at+jwt') return true;
  if (type !== undefined && type !== 'jwt') return false;
  const isOther = ['nonce', 'at_hash', 'c_hash', 's_hash', 'events'].some((name) => Object.hasOwn(claims, name));
  return !isOther && claims['typ'] !== 'ID' && claims['token_use'] !== 'id';
}

function agentOf(policy: Policy, payload: JWTPayload, claim: string): string {
  const subject = Object.hasOwn(payload, claim) ? payload[claim] : undefined;
  if (typeof subject !== 'string' || subject === '') {
    throw new BadToken('token_subject', `The token does not say in ${claim} whose it is.`);
  }
  const agents = Object.values(policy.agents).filter(
    ({ status, subjects }) => status !== 'revoked' && subjects?.includes(subject) === true,
  );
  const [agent] = agents;
  if (agent === undefined || agents.length > 1) throw new BadToken('token_subject', `The token is good, and its ${claim} is no agent’s.`);
  return agent.id;
}

const tooEarly = 'The token counts only from a later moment on.';

class BadToken extends Error {
  readonly reason: TokenProblem;

  constructor(reason: TokenProblem, text: string) {
    super(text);
    this.reason = reason;
  }
}

/** In our words. Throws what is no fault of the token. */
function problemOf(error: unknown, nowMs: number): { readonly reason: TokenProblem; readonly text: string } {
  if (error instanceof BadToken) return { reason: error.reason, text: error.message };
  if (error instanceof KeysUnavailable) {
    return {
      reason: 'token_unverifiable',
      text: 'The keys of the identity provider could not be fetched, so the token could not be checked.',
    };
  }
  if (error instanceof errors.JWTExpired) return { reason: 'token_time', text: expired(error.payload.exp, nowMs) };
  if (error instanceof errors.JWTClaimValidationFailed) {
    switch (error.claim) {
      case 'aud':
        return { reason: 'token_audience', text: 'The token was made for another audience.' };
      case 'exp':
        return { reason: 'token_time', text: 'The token does not say when it ends.' };
      case 'nbf':
      case 'iat':
        return { reason: 'token_time', text: error.reason === 'invalid' ? 'The times in the token cannot be read.' : tooEarly };
    }
  }
  if (error instanceof errors.JWKSNoMatchingKey) return { reason: 'token_key', text: 'The token names no key that its issuer has now.' };
  if (error instanceof errors.JWKSMultipleMatchingKeys) {
    return { reason: 'token_key', text: 'The token does not say which of its issuer’s keys signed it.' };
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) {
    return { reason: 'token_signature', text: 'The signature of the token is not its issuer’s.' };
  }
  if (error instanceof errors.JOSEError) return { reason: 'token_form', text: 'The token is not in the form that tokens have.' };
  throw error;
}

function expired(exp: unknown, nowMs: number): string {
  const at = new Date(typeof exp === 'number' && Number.isFinite(exp) ? exp * 1000 : nowMs);
  return Number.isNaN(at.getTime())
    ? 'The token has expired.'
    : `The token expired on ${at.toISOString().slice(0, 16).replace('T', ' at ')} UTC.`;
}
