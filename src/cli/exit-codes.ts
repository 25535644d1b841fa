// Exit codes, and which error ends as which. Permanent: scripts compare them.
import { EnvironmentError, Interrupted, isTrunklineError, UsageError } from '../base/index.ts';

export const exitCodes = {
  done: 0,
  /** A stream or package failed or stayed incomplete; the others are committed. */
  incomplete: 1,
  /** Usage or settings. */
  usage: 2,
  credentialRefused: 3,
  /** Unreachable, locked, or leased by another run. */
  destination: 4,
  /** A mistake in Trunkline. */
  internal: 70,
  interrupted: 130,
} as const;

const byCode: Readonly<Record<string, number>> = {
  credential_refused: exitCodes.credentialRefused,
  oauth_consent_refused: exitCodes.credentialRefused,
  disk_full: exitCodes.incomplete,
  destination_unreachable: exitCodes.destination,
  destination_locked: exitCodes.destination,
  lease_held: exitCodes.destination,
  lease_lost: exitCodes.destination,
};

/** The exit code of an error, whatever was thrown. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof Interrupted) return exitCodes.interrupted;
  if (!isTrunklineError(error)) return exitCodes.internal;
  const wantsRepair = error instanceof UsageError || error instanceof EnvironmentError;
  return byCode[error.code] ?? (wantsRepair ? exitCodes.usage : exitCodes.incomplete);
}

/** The exit code of an error known by its code only, such as a stream's. */
export function exitCodeOfCode(code: string): number {
  return byCode[code] ?? exitCodes.incomplete;
}
