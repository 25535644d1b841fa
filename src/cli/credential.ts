// Which credential is used: what the settings say, else the one that `connect` keeps.
import { resolve } from 'node:path';
import { TrunklineError, UsageError } from '../base/index.ts';
import { CredentialRefused } from '../client/index.ts';
import type { Credential } from '../client/index.ts';
import { readKeptCredential } from './credential-file.ts';
import type { Origins, Settings } from './settings/resolve.ts';
import type { Origin } from './settings/sources.ts';

export const credentialSettings = ['apiId', 'apiToken', 'accessToken', 'kek', 'kekPrevious', 'home', 'baseUrl'] as const;

export type ChosenCredential = { readonly credential: Credential; readonly from: string };

const strength: readonly Origin['layer'][] = ['flag', 'environment', '.env', 'file', 'connection', 'default'];

/** Rejects with `UsageError` when there is none, half of one, or two of equal standing. */
export async function chooseCredential(facts: {
  readonly cwd: string;
  readonly settings: Settings<(typeof credentialSettings)[number]>;
  readonly origins: Origins;
}): Promise<ChosenCredential> {
  const { settings, origins, cwd } = facts;
  const { apiId, apiToken, accessToken, kek, kekPrevious, home, baseUrl } = settings;
  const pair = apiId === null && apiToken === null ? null : weaker(origins.apiId ?? null, origins.apiToken ?? null);
  const token = origins.accessToken ?? null;
  if (pair !== null && token !== null && pair.layer === token.layer) {
    throw new UsageError({
      code: 'credential_twice',
      message: `Both an API key and an access token are set (${pair.name} and ${token.name}).`,
      hint: 'Remove one of them: the key pair for your own account, the token for an integration of a technology partner.',
    });
  }
  const useToken =
    accessToken !== null && token !== null && (pair === null || strength.indexOf(token.layer) < strength.indexOf(pair.layer));
  if (useToken) return { credential: { accessToken }, from: token.name };
  if (apiId !== null && apiToken !== null)
    return { credential: { apiId, apiToken }, from: [origins.apiId, origins.apiToken].map((origin) => origin?.name ?? '').join(' and ') };
  if (pair !== null) {
    const [missing, given] = apiId === null ? ['AIRCALL_API_ID', 'AIRCALL_API_TOKEN'] : ['AIRCALL_API_TOKEN', 'AIRCALL_API_ID'];
    throw new UsageError({
      code: 'credential_half',
      message: `${given} is set, ${missing} is not; an API key needs both.`,
      hint: `Set ${missing} too. Aircall shows the token once, when the key is made; without it, make a new key.`,
    });
  }
  const kept = await readKeptCredential(resolve(cwd, home), { kek, previousKek: kekPrevious });
  if (kept === null) throw noCredential();
  if (kept.baseUrl !== baseUrl) {
    throw new UsageError({
      code: 'credential_elsewhere',
      message: `The kept token is for ${kept.baseUrl}, and AIRCALL_BASE_URL is ${baseUrl}.`,
      hint: 'Run trunkline connect for this address, or unset AIRCALL_BASE_URL.',
    });
  }
  return { credential: { accessToken: kept.accessToken }, from: 'trunkline connect' };
}

/** Says which credential was refused and where to get another; any other error is passed on as it is. */
export function explainRefusal(error: unknown, from: string): unknown {
  if (!(error instanceof CredentialRefused)) return error;
  const status = error.status === null ? '' : ` (status ${error.status})`;
  return new TrunklineError(
    {
      code: error.code,
      message: `Aircall refused the credential from ${from}${status}.`,
      hint:
        'It may be mistyped, deleted, or of another company. In the Aircall Dashboard, under Integrations & API, API keys, an admin sees the ' +
        'keys and can make a new one.',
    },
    { cause: error },
  );
}

function noCredential(): UsageError {
  return new UsageError({
    code: 'no_credential',
    message: 'There is no credential for Aircall.',
    hint:
      'In the Aircall Dashboard, under Integrations & API, API keys, make a key; then set AIRCALL_API_ID and AIRCALL_API_TOKEN, ' +
      'or run trunkline init. Without an account, trunkline demo shows everything.',
  });
}

/** Of the origins of two halves the one that stands lower: a pair is only as strong as its weaker half. */
function weaker(a: Origin | null, b: Origin | null): Origin | null {
  if (a === null || b === null) return a ?? b;
  return strength.indexOf(a.layer) > strength.indexOf(b.layer) ? a : b;
}
