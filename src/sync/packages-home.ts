import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { openPackages, type Destination, type SealedPackage } from '../load/index.ts';
import { pipeline } from './pipeline.ts';

type Place = { readonly home: string; readonly destination: Destination };

/** The local folder of a destination: packages of one must never be taken for those of another. */
export function packagesHome({ home, destination }: Place): string {
  return join(home, `${destination.name}-${createHash('sha256').update(destination.label).digest('hex').slice(0, 10)}`);
}

/** Packages that were sealed and that the destination has not confirmed yet; the next sync loads them first. */
export async function pendingPackages(place: Place): Promise<readonly SealedPackage[]> {
  return (await openPackages({ home: packagesHome(place), pipeline })).pending();
}
