import type { ApiRequest } from './message.ts';

/** What a request's credentials amount to. A header that is neither Basic nor Bearer counts as a wrong key. */
export type Identity = 'basic' | 'oauth' | 'none' | 'wrong key' | 'wrong token';

export type Keys = { readonly apiId: string; readonly apiToken: string; isTokenValid(token: string): boolean };

export function identify({ headers }: ApiRequest, keys: Keys): Identity {
  const header = headers['authorization'];
  if (header === undefined || header === '') return 'none';
  const space = header.indexOf(' ');
  const scheme = header.slice(0, space).toLowerCase();
  const value = header.slice(space + 1).trim();
  if (scheme === 'bearer') return keys.isTokenValid(value) ? 'oauth' : 'wrong token';
  if (scheme !== 'basic') return 'wrong key';
  return Buffer.from(value, 'base64').toString('utf8') === `${keys.apiId}:${keys.apiToken}` ? 'basic' : 'wrong key';
}
