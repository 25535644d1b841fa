// Commits a package although a line of it is poisoned, or its rows are wider than the working memory allows for.
import { type Receipt, siftPackage } from '../../load/index.ts';
import { capabilities } from './capabilities.ts';
import { commit, type CommitFacts } from './commit.ts';
import type { Database } from './database.ts';
import { isBadInput, isOutOfMemory } from './duckdb-errors.ts';
import { literal } from './names.ts';

/** The working memory is doubled so often. */
const doublings = 2;

/** Every attempt is a transaction of its own; a failed one leaves nothing. */
export async function commitPatiently(database: Database, facts: CommitFacts): Promise<Receipt> {
  try {
    return await withEnoughMemory(database, () => commit(database, facts));
  } catch (error) {
    if (!isBadInput(error)) throw error;
    const sifted = await siftPackage(facts.sealed, capabilities);
    try {
      if (sifted.found === 0) throw error;
      return await withEnoughMemory(database, () => commit(database, { ...facts, sealed: sifted.sealed }));
    } finally {
      await sifted.remove();
    }
  }
}

async function withEnoughMemory<T>(database: Database, work: () => Promise<T>): Promise<T> {
  for (let left = doublings; ; left -= 1) {
    try {
      return await work();
    } catch (error) {
      if (!isOutOfMemory(error) || left === 0) throw error;
      await doubleMemory(database);
    }
  }
}

async function doubleMemory(database: Database): Promise<void> {
  const [row] = await database.rows("SELECT current_setting('memory_limit')");
  const [, amount, unit] = /^([\d.]+) (\w+)$/.exec(String(row?.[0])) ?? [];
  if (amount !== undefined && unit !== undefined) await database.run(`SET memory_limit = ${literal(`${2 * Number(amount)}${unit}`)}`);
}
