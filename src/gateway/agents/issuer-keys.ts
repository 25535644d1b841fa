// The public keys of the identity provider: fetched when a token first needs one, kept, and fetched again when they have grown old
// or a token names one that is not among them.
import { createLocalJWKSet, errors } from 'jose';
import type { JSONWebKeySet, JWTVerifyGetKey } from 'jose';
import { isObject, isTrunklineError, TrunklineError } from '../../base/index.ts';
import type { Clock, Log } from '../../base/index.ts';

export type IssuerKeysParts = {
  /** The key set (RFC 7517) as it is published now. Bounded in time and size; rejects when it cannot be had. */
  readonly load: () => Promise<unknown>;
  readonly clock: Clock;
  readonly log: Log;
};

/** When they are this old, they are fetched again before the next token is checked. */
const refreshAfterMs = 10 * 60_000;
/** For so long they count while they cannot be fetched again. */
const usableForMs = 60 * 60_000;
/** Whoever invents names of keys makes us fetch them no more often than this. */
const pauseMs = 60_000;
const pauseAfterFailureMs = 15_000;

/** Nobody can say now whether a token is good. */
export class KeysUnavailable extends TrunklineError {
  constructor() {
    super({ code: 'issuer_keys_unavailable', message: 'The keys of the identity provider could not be fetched.', retryable: true });
  }
}

export class IssuerKeys {
  readonly #parts: IssuerKeysParts;
  #known: { readonly keyFor: JWTVerifyGetKey; readonly atMs: number } | null = null;
  #pauseUntilMs = -Infinity;
  #hasFailed = false;
  #loading: Promise<'new' | 'failed'> | null = null;

  constructor(parts: IssuerKeysParts) {
    this.#parts = parts;
  }

  /** The key that a token names. Rejects with {@link KeysUnavailable}, or as jose does where there is none or more than one. */
  readonly keyFor: JWTVerifyGetKey = async (header, token) => {
    const { clock } = this.#parts;
    const ageMs = this.#known === null ? Infinity : clock.monotonic() - this.#known.atMs;
    if (ageMs >= refreshAfterMs) {
      const refreshing = this.#refresh();
      // While the provider hangs, tokens do not wait for it as long as the keys at hand count.
      if (!this.#hasFailed || ageMs >= usableForMs) await refreshing;
    }
    try {
      return await this.#usable()(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      // It may be new.
      const refreshed = await this.#refresh();
      if (refreshed === 'kept') throw error;
      if (refreshed === 'failed') throw new KeysUnavailable();
      return this.#usable()(header, token);
    }
  };

  #usable(): JWTVerifyGetKey {
    if (this.#known === null || this.#parts.clock.monotonic() - this.#known.atMs >= usableForMs) throw new KeysUnavailable();
    return this.#known.keyFor;
  }

  #refresh(): Promise<'new' | 'failed' | 'kept'> {
    if (this.#loading === null && this.#parts.clock.monotonic() < this.#pauseUntilMs) {
      return Promise.resolve(this.#hasFailed ? 'failed' : 'kept');
    }
    this.#loading ??= this.#load().finally(() => (this.#loading = null));
    return this.#loading;
  }

  async #load(): Promise<'new' | 'failed'> {
    const { load, clock, log } = this.#parts;
    try {
      const keyFor = createLocalJWKSet(publicKeysIn(await load()));
      this.#known = { keyFor, atMs: clock.monotonic() };
      this.#hasFailed = false;
    } catch (error) {
      this.#hasFailed = true;
      const why = isTrunklineError(error) ? error.message : error instanceof Error ? error.name : typeof error;
      log.warn('the keys of the identity provider could not be fetched', { why });
    }
    this.#pauseUntilMs = clock.monotonic() + (this.#hasFailed ? pauseAfterFailureMs : pauseMs);
    return this.#hasFailed ? 'failed' : 'new';
  }
}

/** Without keys that two share, and private ones: whatever they sign, anybody may have signed. */
function publicKeysIn(document: unknown): JSONWebKeySet {
  const keys: readonly unknown[] = isObject(document) && Array.isArray(document['keys']) ? document['keys'] : [];
  const usable = keys.filter((key) => isObject(key) && ['RSA', 'EC', 'OKP'].includes(String(key['kty'])) && key['d'] === undefined);
  if (usable.length > 0) return { keys: usable as JSONWebKeySet['keys'] }; // what else is in them is checked where one is used
  throw new TrunklineError({ code: 'issuer_keys_none', message: 'What was fetched holds no public key.' });
}
