import { UsageError } from '../base/index.ts';

/** How to prove who is asking: the key pair of a company, or the token of an OAuth integration. */
export type Credential =
  | { readonly apiId: string; readonly apiToken: string }
  /** Never expires; works until the integration is removed. */
  | { readonly accessToken: string };

/** Whether Aircall has carried out a request with the credential: then a later refusal may be about what was asked for. */
export type Standing = { accepted: boolean };

/** The `Authorization` header. Throws a `UsageError` for what cannot be a credential. */
export function authorizationHeader(credential: Credential): string {
  if ('accessToken' in credential) {
    return `Bearer ${checked('accessToken', credential.accessToken)}`;
  }
  const apiId = checked('apiId', credential.apiId);
  if (apiId.includes(':')) throw badCredential('apiId', 'holds a colon');
  return `Basic ${Buffer.from(`${apiId}:${checked('apiToken', credential.apiToken)}`).toString('base64')}`;
}

function checked(name: string, value: unknown): string {
  if (typeof value !== 'string' || value === '') throw badCredential(name, 'is empty');
  if (!/^[\x21-\x7e]+$/.test(value)) throw badCredential(name, 'holds spaces, line breaks or characters no key has');
  return value;
}

function badCredential(name: string, what: string): UsageError {
  return new UsageError({
    code: 'bad_credential',
    message: `The credential cannot be used: \`${name}\` ${what}.`,
    hint: 'Aircall shows key pairs in its dashboard under Integrations & API; check what was copied.',
  });
}
