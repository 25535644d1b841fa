// The identity provider whose tokens agents may show in place of keys, as the settings say.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { UsageError } from '../base/index.ts';
import type { IdentityOptions } from './serving.ts';
import type { Settings } from './settings/resolve.ts';
import type { World } from './world.ts';

export const identitySettings = ['identityIssuer', 'identityAudience', 'identityKeys', 'identityAlgorithms', 'identityClaim'] as const;

/** Null where no provider is set. Throws `UsageError` for what would not work. */
export function identityOf(
  context: Pick<World, 'cwd'> & { readonly settings: Settings<(typeof identitySettings)[number]> },
): IdentityOptions | null {
  const { identityIssuer: issuer, identityAudience: audience, identityKeys: given, identityAlgorithms: algorithms } = context.settings;
  const { identityClaim: claim } = context.settings;
  const place = given?.kind === 'file' ? { ...given, path: resolve(context.cwd, given.path) } : given;
  if (issuer === null) {
    if (audience === null && place === null) return null;
    throw new UsageError({
      code: 'identity_issuer_missing',
      message: 'It is set how tokens of an identity provider are checked, and not whose they are.',
      hint: 'Set TRUNKLINE_IDENTITY_ISSUER to what stands in them as iss, or take the other away.',
    });
  }
  if (place?.kind === 'file' && !existsSync(place.path)) {
    throw new UsageError({
      code: 'identity_keys_missing',
      message: `There is no file ${place.path} with the keys of the identity provider.`,
      hint: 'Put there what the provider publishes as its JWKS.',
    });
  }
  return { issuer, audience, place, algorithms, claim };
}
