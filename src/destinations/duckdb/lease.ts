// The writer's lease: one row per pipeline that says who may write and until when. The fence counts how often it changed
// hands; a commit checks it inside its transaction, so that a writer who was overtaken cannot write.
import { hostname } from 'node:os';
import { hasEnded, type Lease, LeaseHeld, type LeaseHolder, LeaseLost } from '../../load/index.ts';
import type { Bookkeeping } from './bookkeeping.ts';
import type { Database } from './database.ts';
import { isoText, momentText } from './types.ts';

type Stored = { readonly holder: LeaseHolder | null; readonly fence: number; readonly expiresAt: string };
type Times = { readonly now: () => Date; readonly leaseMs: number };

/** Takes the lease, at once when its holder has ended. Throws `LeaseHeld`. Runs inside a transaction. */
export async function claimLease(
  database: Database,
  books: Bookkeeping,
  facts: Times & { readonly pipeline: string; readonly holder: LeaseHolder },
): Promise<Lease> {
  const stored = await storedLease(database, books, facts.pipeline);
  if (stored?.holder != null && stored.holder.run !== facts.holder.run && isLive(stored.holder, stored.expiresAt, facts)) {
    throw new LeaseHeld({ pipeline: facts.pipeline, holder: describe(stored.holder), until: stored.expiresAt });
  }
  const lease: Lease = {
    pipeline: facts.pipeline,
    holder: JSON.stringify(facts.holder),
    fence: (stored?.fence ?? 0) + 1,
    expiresAt: expiry(facts),
  };
  const table = books.table('_trunkline_lease');
  await database.run(`DELETE FROM ${table} WHERE pipeline = $1`, [facts.pipeline]);
  await database.run(`INSERT INTO ${table} VALUES ($1, $2, $3, $4::TIMESTAMPTZ)`, [
    lease.pipeline,
    lease.holder,
    BigInt(lease.fence),
    lease.expiresAt,
  ]);
  return lease;
}

/** Prolongs a lease that nobody took in the meantime, even when its time was over. Throws `LeaseLost`. */
export async function prolongLease(database: Database, books: Bookkeeping, facts: Times & { readonly lease: Lease }): Promise<Lease> {
  const { lease } = facts;
  const stored = await storedLease(database, books, lease.pipeline);
  if (stored === null || stored.fence !== lease.fence || stored.holder === null) {
    throw new LeaseLost({ pipeline: lease.pipeline, holder: stored?.holder ? describe(stored.holder) : null });
  }
  const expiresAt = expiry(facts);
  await database.run(`UPDATE ${books.table('_trunkline_lease')} SET expires_at = $2::TIMESTAMPTZ WHERE pipeline = $1`, [
    lease.pipeline,
    expiresAt,
  ]);
  return { ...lease, expiresAt };
}

/** Gives the lease back. The row stays, so that the fence goes on counting. Does nothing when somebody else has it. */
export async function releaseLease(database: Database, books: Bookkeeping, lease: Lease): Promise<void> {
  await database.run(`UPDATE ${books.table('_trunkline_lease')} SET holder = NULL WHERE pipeline = $1 AND fence = $2`, [
    lease.pipeline,
    BigInt(lease.fence),
  ]);
}

async function storedLease(database: Database, books: Bookkeeping, pipeline: string): Promise<Stored | null> {
  const rows = await database.rows(
    `SELECT holder::VARCHAR, fence, ${isoText('expires_at')} FROM ${books.table('_trunkline_lease')} WHERE pipeline = $1`,
    [pipeline],
  );
  const found = rows[0];
  if (found === undefined) return null;
  return {
    holder: found[0] === null ? null : (JSON.parse(String(found[0])) as LeaseHolder),
    fence: Number(found[1]),
    expiresAt: String(found[2]),
  };
}

/**
 * A lease that reaches much further than leases do was written before somebody set the clock back. It is believed only of
 * a process that can be seen to live.
 */
function isLive(holder: LeaseHolder, expiresAt: string, { now, leaseMs }: Times): boolean {
  const leftMs = Date.parse(expiresAt) - now().getTime();
  return leftMs > 0 && !hasEnded(holder) && (leftMs <= 2 * leaseMs || holder.host === hostname());
}

function describe(holder: LeaseHolder): string {
  return `process ${holder.pid} on ${holder.host} (Trunkline ${holder.version})`;
}

function expiry({ now, leaseMs }: Times): string {
  return momentText(new Date(now().getTime() + leaseMs));
}
