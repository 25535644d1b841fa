// The connections to Aircall: one pool, kept alive, through the proxy of the environment where there is one.
import { Agent, EnvHttpProxyAgent } from 'undici';
import type { Dispatcher } from 'undici';
import { UsageError } from '../base/index.ts';

const connections = 10;
const connectTimeoutMs = 10_000;

/** HTTP(S)_PROXY and NO_PROXY are honoured, except towards this very machine. */
export function createDispatcher(origin: string): Dispatcher {
  // One request at a time on a connection: pipelining gains nothing with Aircall and would mix up fates.
  const options = { connections, pipelining: 1, connect: { timeout: connectTimeoutMs } };
  return isLoopback(new URL(origin).hostname) ? new Agent(options) : new EnvHttpProxyAgent(options);
}

/** Takes a base URL apart. Throws a `UsageError` unless it is https, or plain http to this machine. */
export function parseBaseUrl(text: string): { readonly origin: string; readonly prefix: string } {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw badBaseUrl('is not an address');
  }
  const plainToSelf = url.protocol === 'http:' && isLoopback(url.hostname);
  if (url.protocol !== 'https:' && !plainToSelf) {
    throw badBaseUrl('must begin with https://: the credential would travel in clear. Plain http is for this machine only');
  }
  if (url.username !== '' || url.password !== '') throw badBaseUrl('must not hold a credential: give it as `credential`');
  if (url.search !== '' || url.hash !== '') throw badBaseUrl('must end with its path');
  return { origin: url.origin, prefix: url.pathname.replace(/\/+$/, '') };
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname.endsWith('.localhost') || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

function badBaseUrl(what: string): UsageError {
  return new UsageError({
    code: 'bad_base_url',
    message: `The base URL of Aircall ${what}.`,
    hint: 'Leave it out for https://api.aircall.io.',
  });
}
