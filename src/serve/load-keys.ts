// The identity provider's public keys, as it publishes them: at the address that was given, at the one its own description names, or in
// a file for machines that reach no provider.
import { readFile } from 'node:fs/promises';
import { isObject, TrunklineError } from '../base/index.ts';
import { isThisMachine } from './exposure.ts';

export type KeysPlace = { readonly kind: 'url'; readonly url: string } | { readonly kind: 'file'; readonly path: string };

export type LoadKeysOptions = {
  readonly issuer: string;
  /** Null: where the issuer says they are. */
  readonly place: KeysPlace | null;
  /** Ends a load that takes too long, made anew for each. Default: after five seconds. */
  readonly deadline?: () => AbortSignal;
  /** Default: 256 KiB. */
  readonly maximumBytes?: number;
};

class NotFetched extends TrunklineError {
  constructor(why: string, options?: { cause?: unknown }) {
    super({ code: 'not_fetched', message: `It was not fetched: ${why}.`, retryable: true }, options);
  }
}

/** For `acceptTokens`. What it resolves to is not looked at here. */
export function createLoadKeys(options: LoadKeysOptions): () => Promise<unknown> {
  const { issuer, place, deadline = () => AbortSignal.timeout(5_000), maximumBytes = 256 * 1024 } = options;
  if (place?.kind === 'file') {
    const { path } = place;
    return async () => {
      const text = await readFile(path, 'utf8').catch((cause: unknown) => {
        throw new NotFetched('the file cannot be read', { cause });
      });
      return parsed(text);
    };
  }
  return async () => {
    const limits = { signal: deadline(), maximumBytes };
    return fetchJson(place?.url ?? (await findKeys(issuer, limits)), limits);
  };
}

type Limits = { readonly signal: AbortSignal; readonly maximumBytes: number };

/** Where RFC 8414 and OpenID Connect Discovery put the description of an issuer, in the order that MCP's authorization asks for. */
function descriptionsOf(issuer: string): readonly string[] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  return [
    ...new Set([
      `${origin}/.well-known/oauth-authorization-server${path}`,
      `${origin}/.well-known/openid-configuration${path}`,
      `${origin}${path}/.well-known/openid-configuration`,
    ]),
  ];
}

async function findKeys(issuer: string, limits: Limits): Promise<string> {
  let last: unknown = null;
  for (const url of descriptionsOf(issuer)) {
    try {
      const description = await fetchJson(url, limits);
      // Whoever describes somebody else describes nobody: RFC 8414, section 3.3.
      if (!isObject(description) || description['issuer'] !== issuer) throw new NotFetched('the description is of another issuer');
      const address = description['jwks_uri'];
      if (typeof address !== 'string') throw new NotFetched('the description names no keys');
      // An issuer elsewhere has no keys on this machine.
      if (new URL(issuer).protocol === 'https:' && !address.startsWith('https:'))
        throw new NotFetched('the address of the keys is not one of https');
      return address;
    } catch (error) {
      last = error;
      if (limits.signal.aborted) break;
    }
  }
  throw last;
}

async function fetchJson(address: string, { signal, maximumBytes }: Limits): Promise<unknown> {
  if (!isFetchable(address)) throw new NotFetched('its address is not one of https');
  let response: Response;
  try {
    // No redirects: another address would be another decision.
    response = await fetch(address, { redirect: 'error', signal, headers: { accept: 'application/json, application/jwk-set+json' } });
  } catch (cause) {
    throw new NotFetched(signal.aborted ? 'no answer came in time' : 'the connection failed, or led elsewhere', { cause });
  }
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new NotFetched(`the answer has status ${response.status}`);
  }
  return parsed(await textOf(response, { signal, maximumBytes }));
}

/** Https, or this very machine. */
function isFetchable(address: string): boolean {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url === null || url.username !== '' || url.password !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isThisMachine(url.hostname));
}

async function textOf(response: Response, { signal, maximumBytes }: Limits): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const piece of response.body ?? []) {
      const chunk = piece as Uint8Array; // the body of a response gives bytes
      size += chunk.byteLength;
      if (size > maximumBytes) throw new NotFetched('it is too large');
      chunks.push(chunk);
    }
  } catch (cause) {
    if (cause instanceof NotFetched) throw cause;
    throw new NotFetched(signal.aborted ? 'it did not come in time' : 'the connection broke', { cause });
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new NotFetched('it is not JSON');
  }
}
