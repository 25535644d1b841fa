// A program of its own that drafts, seals and loads packages until it has loaded as many as it was told, or kills itself on
// the way. Started by the conformance suite with its orders as JSON.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { contentOf, drawFrom, seal } from './content.conformance.ts';
import type { Destination } from '../destination.ts';
import { openPackages } from '../package-store.ts';
import { thisProcess } from '../process-identity.ts';

export const boundaries = ['drafted', 'sealed', 'verifying', 'merging', 'committing', 'committed', 'settled', 'done'] as const;
export type Boundary = (typeof boundaries)[number];

export type Orders = {
  readonly home: string;
  readonly seed: number;
  /** The last package to load. */
  readonly until: number;
  readonly sizes: { readonly keys: number; readonly lines: number };
  readonly killAt: { readonly sequence: number; readonly boundary: Boundary } | null;
};

/** @public Called in a process of its own. */
export async function runOrders(orders: Orders, destination: Destination): Promise<void> {
  let sequence = 0;
  const reached = (boundary: Boundary) => {
    const { killAt } = orders;
    if (killAt?.sequence === sequence && killAt.boundary === boundary) process.kill(process.pid, 'SIGKILL');
  };
  await writeFile(join(orders.home, 'begun'), '');
  const packages = await openPackages({ home: orders.home, pipeline: 'main' });
  const session = await destination.open({ onStep: ({ step }) => reached(step) });
  const lease = await session.claim('main', thisProcess('1.0.0'));
  for (;;) {
    const recalled = await session.recall('main');
    const last = recalled.lastPackage?.sequence ?? 0;
    const pending = await packages.pending();
    if (pending.length === 0 && last >= orders.until) break;
    sequence = pending[0]?.manifest.sequence ?? last + 1;
    const content = contentOf(drawFrom(orders.seed + sequence), sequence, orders.sizes);
    const sealed = pending[0] ?? (await seal(packages, sequence, content, () => reached('drafted')));
    reached('sealed');
    const receipt = await session.load(sealed, lease);
    await packages.done(sealed, receipt);
    reached('done');
  }
  await session.release(lease);
}
