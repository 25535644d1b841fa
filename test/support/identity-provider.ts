// A small identity provider for tests: it describes itself, publishes its keys and makes tokens, good ones and such as it never should.
// Tokens are put together by hand, so that nothing keeps a test from making a bad one.
import { constants, createHmac, createSecretKey, generateKeyPairSync, randomBytes, randomUUID, sign } from 'node:crypto';
import type { JsonWebKey, KeyObject } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { acceptTokens } from '../../src/gateway/index.ts';
import { silentLog } from '../../src/base/index.ts';
import type { Log } from '../../src/base/index.ts';
import { createLoadKeys } from '../../src/serve/index.ts';
import { openGatewayLab } from './gateway-lab.ts';
import type { GatewayLab, LabOptions } from './gateway-lab.ts';
import { json, serve } from './http-server.ts';
import type { Received } from './http-server.ts';

export type Algorithm = 'RS256' | 'PS256' | 'ES256' | 'EdDSA';

export type SigningKey = { readonly kid: string; readonly alg: Algorithm; readonly privateKey: KeyObject; readonly publicKey: KeyObject };

export type Claims = Readonly<Record<string, unknown>>;

export type IdentityProvider = {
  readonly issuer: string;
  readonly received: readonly Received[];
  /** Its first key, RS256, published. */
  readonly key: SigningKey;
  /** What it publishes; may be changed. */
  keys: readonly object[];
  /** Answers instead of it, where set. */
  instead: ((response: ServerResponse, received: Received) => void) | null;
  /** What a token of it says, for this audience and client. */
  readonly claims: (nowMs: number, changes?: Claims) => Claims;
};

let made = 0;

export function makeSigningKey(alg: Algorithm = 'RS256', kid = `key-${(made += 1)}`): SigningKey {
  const pair =
    alg === 'ES256'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : alg === 'EdDSA'
        ? generateKeyPairSync('ed25519')
        : generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { kid, alg, ...pair };
}

/** As it is published. */
export function jwkOf({ kid, alg, publicKey }: SigningKey, changes: object = {}): JsonWebKey {
  return { ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig', ...changes };
}

/** A signed token. What `header` sets to undefined is left out. */
export function tokenOf(key: SigningKey, claims: Claims | string, header: Claims = {}): string {
  const body = bodyOf({ alg: key.alg, typ: 'at+jwt', kid: key.kid, ...header }, claims);
  return `${body}.${signature(key, body).toString('base64url')}`;
}

/** The text that is signed. */
export function bodyOf(header: Claims, claims: Claims | string): string {
  return [JSON.stringify(header), typeof claims === 'string' ? claims : JSON.stringify(claims)]
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.');
}

/** Signed with a secret that both sides have, as nothing should be. */
export function sharedSecretToken(secret: string | Buffer, claims: Claims, header: Claims = {}): string {
  const body = bodyOf({ alg: 'HS256', typ: 'at+jwt', ...header }, claims);
  return `${body}.${createHmac('sha256', secret).update(body).digest('base64url')}`;
}

function signature({ alg, privateKey: key }: SigningKey, body: string): Buffer {
  const data = Buffer.from(body);
  switch (alg) {
    case 'EdDSA':
      return sign(null, data, key);
    case 'ES256':
      return sign('sha256', data, { key, dsaEncoding: 'ieee-p1363' });
    case 'PS256':
      return sign('sha256', data, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 });
    case 'RS256':
      return sign('sha256', data, key);
  }
}

export const audience = 'https://gateway.example.com/mcp';

/** Runs until the test ends. Its issuer has a path, as those of many providers. */
export async function startIdentityProvider(): Promise<IdentityProvider> {
  const key = makeSigningKey();
  const server = await serve((asked, response) => {
    if (provider.instead !== null) return provider.instead(response, asked);
    if (asked.path === '/tenant/.well-known/openid-configuration') return json(response, 200, descriptionOf(provider.issuer));
    if (asked.path === '/tenant/token') return json(response, 200, granted(provider, asked));
    return asked.path === '/tenant/keys' ? json(response, 200, { keys: provider.keys }) : json(response, 404, {});
  });
  const provider: IdentityProvider = {
    issuer: `${server.url}/tenant`,
    received: server.received,
    key,
    keys: [jwkOf(key)],
    instead: null,
    claims: (nowMs, changes = {}) => {
      const now = Math.floor(nowMs / 1000);
      const whose = { sub: 'support-bot', client_id: 'support-bot' };
      return { iss: provider.issuer, aud: audience, ...whose, iat: now, exp: now + 300, jti: randomUUID(), ...changes };
    },
  };
  return provider;
}

function descriptionOf(issuer: string): object {
  return {
    issuer,
    jwks_uri: `${issuer}/keys`,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    grant_types_supported: ['client_credentials'],
    token_endpoint_auth_methods_supported: ['client_secret_basic'],
  };
}

/** To whatever client asks: a token for the resource it names (RFC 8707). */
function granted(provider: IdentityProvider, { headers, body }: Received): object {
  const [client_id = ''] = Buffer.from((headers.authorization ?? '').slice('Basic '.length), 'base64')
    .toString()
    .split(':');
  const aud = new URLSearchParams(body).get('resource');
  const token = tokenOf(provider.key, provider.claims(Date.now(), { aud, client_id, sub: client_id }));
  return { access_token: token, token_type: 'Bearer', expires_in: 300 };
}

export type IdentityLab = GatewayLab & {
  readonly provider: IdentityProvider;
  /** As if the provider had taken too long. */
  readonly giveUp: () => void;
  /** A token of the provider's, good but for these changes. */
  readonly token: (claims?: Claims, header?: Claims, key?: SigningKey) => string;
};

/** A gateway that takes tokens of a provider of its own. */
export async function openIdentityLab(options: LabOptions & { readonly log?: Log } = {}): Promise<IdentityLab> {
  const provider = await startIdentityProvider();
  const { issuer } = provider;
  let late = new AbortController();
  const deadline = () => {
    late = new AbortController();
    return late.signal;
  };
  const lab = await openGatewayLab({
    ...options,
    // Few of them: nothing here is about what stands in the data.
    simulator: { calls: 3, contacts: 3 },
    mcp: { issuer },
    over: (parts) => ({
      ...parts,
      keys: acceptTokens(parts.keys, {
        terms: { issuer, audience, algorithms: ['RS256', 'PS256', 'ES256', 'EdDSA'], claim: 'client_id' },
        load: createLoadKeys({ issuer, place: null, deadline }),
        policies: parts.policies,
        key: createSecretKey(randomBytes(32)),
        clock: parts.clock,
        log: options.log ?? silentLog,
      }),
    }),
  });
  return {
    ...lab,
    provider,
    giveUp: () => late.abort(),
    token: (claims = {}, header = {}, key = provider.key) => tokenOf(key, provider.claims(lab.clock.now(), claims), header),
  };
}
