// OAuth on Aircall's side: an admin consents, a code travels to the partner, and a token comes back that never expires.
import type { SwitchSettings } from '../aircall/index.ts';
import { Random, seedOf } from './random.ts';

export type OauthClient = {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Where codes may be sent. Empty: anywhere. */
  readonly redirectUris: readonly string[];
};

export type AuthorizeRequest = {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly responseType: string;
  readonly scope: string;
  readonly state?: string | undefined;
};

export type ExchangeRequest = {
  readonly grantType: string;
  readonly code: string;
  readonly redirectUri: string;
  readonly clientId: string;
  readonly clientSecret: string;
};

export type ExchangeResult =
  | { readonly token: string }
  | { readonly refusal: 'invalid_grant' | 'invalid_client' | 'unsupported_grant_type' };

type Code = { readonly redirectUri: string; readonly expiresAtMs: number };

export class OauthDesk {
  readonly client: OauthClient;
  /** Whether the admin says yes. */
  consents = true;
  readonly #switches: SwitchSettings;
  readonly #random: Random;
  readonly #codes = new Map<string, Code>();
  readonly #tokens = new Set<string>();

  constructor(seed: number, redirectUris: readonly string[], switches: SwitchSettings) {
    this.#random = new Random(seedOf(seed, 37));
    this.#switches = switches;
    this.client = { clientId: this.#random.hex(40), clientSecret: this.#random.hex(40), redirectUris };
  }

  /** Installs the integration without the dance and returns its token. */
  issueToken(): string {
    const token = this.#random.hex(48);
    this.#tokens.add(token);
    return token;
  }

  isTokenValid(token: string): boolean {
    return this.#tokens.has(token);
  }

  /** The integration was removed. */
  revoke(token: string): void {
    this.#tokens.delete(token);
  }

  /** Where the browser is sent; undefined when the request is not one Aircall would answer with a redirect. */
  authorize({ clientId, redirectUri, responseType, scope, state }: AuthorizeRequest, nowMs: number): string | undefined {
    const { redirectUris } = this.client;
    if (clientId !== this.client.clientId || responseType !== 'code' || scope !== 'public_api') return undefined;
    if (!URL.canParse(redirectUri) || (redirectUris.length > 0 && !redirectUris.includes(redirectUri))) return undefined;
    const target = new URL(redirectUri);
    if (this.consents) {
      const code = this.#random.hex(32);
      const lifeMs = this.#switches.oauthCodeLife === 'tenMinutes' ? 600_000 : 60_000;
      this.#codes.set(code, { redirectUri, expiresAtMs: nowMs + lifeMs });
      target.searchParams.set('code', code);
    } else {
      target.searchParams.set('error', this.#switches.oauthConsentRefused);
    }
    if (state !== undefined) target.searchParams.set('state', state);
    return target.toString();
  }

  /** Takes a code once. */
  exchange({ grantType, code, redirectUri, clientId, clientSecret }: ExchangeRequest, nowMs: number): ExchangeResult {
    if (clientId !== this.client.clientId || clientSecret !== this.client.clientSecret) return { refusal: 'invalid_client' };
    if (grantType !== 'authorization_code') return { refusal: 'unsupported_grant_type' };
    const known = this.#codes.get(code);
    this.#codes.delete(code);
    if (known === undefined || known.redirectUri !== redirectUri || nowMs > known.expiresAtMs) return { refusal: 'invalid_grant' };
    return { token: this.issueToken() };
  }
}
