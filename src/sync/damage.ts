// What somebody did to the tables by hand, and which streams have to make up for it.
import { type Damage, LoadRefused, type Recalled, type SealedPackage } from '../load/index.ts';

/** A stream and its child tables have names that begin alike; so do streams that fill one table. */
export function rootOf(table: string): string {
  return table.split('__')[0]!;
}

/** Whether two streams fill the same tables. */
export function shareTables(stream: string, other: string): boolean {
  return rootOf(stream) === rootOf(other);
}

/** Tables that were committed and are gone. */
export function goneTables({ damage }: Recalled): ReadonlySet<string> {
  return new Set(damage.filter(({ column, found }) => column === null && found === 'missing').map(({ table }) => table));
}

/**
 * Streams that start over: a table or column that somebody removed is filled again by reading everything again. Their
 * committed state says that all is there, so it must not outlive the first package that brings the table back.
 */
export function streamsStartingOver(recalled: Recalled): readonly string[] {
  const roots = damagedRoots(recalled);
  return Object.keys(recalled.states).filter((stream) => roots.has(rootOf(stream)));
}

/** Whether a package would bring back a removed table or column with a state that takes the rest of it for granted. */
export function touchesDamage({ manifest }: SealedPackage, recalled: Recalled): boolean {
  const roots = damagedRoots(recalled);
  return [...Object.keys(manifest.tables), ...Object.keys(manifest.state.after)].some((name) => roots.has(rootOf(name)));
}

export function alteredError(damage: Damage): LoadRefused {
  return new LoadRefused({
    code: 'altered_table',
    message: `${damage.column === null ? damage.table : `${damage.table}.${damage.column}`} was altered in the destination: ${damage.detail}`,
    hint: 'Change it back, or drop the table: it is created again and filled with what Aircall still serves.',
    table: damage.table,
    ...(damage.column === null ? {} : { column: damage.column }),
  });
}

function damagedRoots({ damage }: Recalled): ReadonlySet<string> {
  return new Set(damage.filter(({ found }) => found === 'missing').map(({ table }) => rootOf(table)));
}
