// How an approval stands: the store knows what people and requests made of it, and not what the time and the rules have.
import type { StoredApproval } from '../../store/index.ts';

/** `outdated`: it waits or was approved, and is worth nothing, as the rules have changed since it was asked for. */
export type Standing = StoredApproval['state'] | 'outdated';

export function standingOf(
  { state, expiresMs, policyVersion }: StoredApproval,
  now: { readonly nowMs: number; readonly policyVersion: string },
): Standing {
  if (state !== 'pending' && state !== 'approved') return state;
  if (expiresMs <= now.nowMs) return 'expired';
  return policyVersion === now.policyVersion ? state : 'outdated';
}
