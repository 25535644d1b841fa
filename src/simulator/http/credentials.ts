import type { ApiRequest } from './message.ts';

export type Credential = 'basic' | 'oauth';

/** What a request's credentials amount to: accepted, `none` sent, or `wrong`. */
export type Identity = Credential | 'none' | 'wrong';

export type Keys = { readonly apiId: string; readonly apiToken: string; isTokenValid(token: string): boolean };

export function identify({ headers }: ApiRequest, keys: Keys): Identity {
  const header = headers['authorization'];
  if (header === undefined || header === '') return 'none';
  const space = header.indexOf(' ');
  const scheme = header.slice(0, space).toLowerCase();
  const value = header.slice(space + 1).trim();
  if (scheme === 'bearer') return keys.isTokenValid(value) ? 'oauth' : 'wrong';
  if (scheme !== 'basic') return 'wrong';
  return Buffer.from(value, 'base64').toString('utf8') === `${keys.apiId}:${keys.apiToken}` ? 'basic' : 'wrong';
}
