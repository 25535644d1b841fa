// Which users, teams, numbers, tags and directions the arguments of a request name, so that limits can be held against them.
import { isObject } from '../../base/index.ts';
import type { Capability, Path, Place } from '../capabilities/capability.ts';
import { valuesAt } from '../capabilities/use.ts';
import type { CallArguments } from './decision.ts';
import type { Axis } from './limits.ts';

type Naming = {
  readonly place: Place;
  readonly path: Path;
  /** Null: something that no limit speaks of. */
  readonly axis: Axis | null;
  /** An e-mail address may stand there, which names nothing that can be compared. */
  readonly orEmail: boolean;
};

/** An argument that was given. Values as text; null where one is no id, nor a direction. */
export type Named = Omit<Naming, 'orEmail'> & { readonly values: readonly (string | null)[]; readonly byEmail: boolean };

const axisOf: Readonly<Record<string, Axis>> = { user: 'users', team: 'teams', number: 'numbers', tag: 'tags' };

const known = new WeakMap<Capability, readonly Naming[]>();

/** Takes any arguments. */
export function namedBy(capability: Capability, given: CallArguments): readonly Named[] {
  const found: Named[] = [];
  for (const { place, path, axis, orEmail } of namingsOf(capability)) {
    const values = valuesAt(given[place], path)
      .filter((value) => value !== undefined)
      .map((value) => (axis === 'directions' ? textOf(value) : idOf(value)));
    if (values.length > 0) found.push({ place, path, axis, values, byEmail: orEmail && values.every((value) => value === null) });
  }
  return found;
}

/** The value of an argument; undefined when it was not given. Only own keys count. */
export function argument(given: CallArguments, place: Place, name: string): unknown {
  const holder: unknown = given[place];
  return isObject(holder) && Object.hasOwn(holder, name) ? holder[name] : undefined;
}

function namingsOf(capability: Capability): readonly Naming[] {
  let list = known.get(capability);
  if (list === undefined) {
    const { references, searches, narrows } = capability;
    list = [
      ...references.map(({ place, path, names }) => ({
        place,
        path,
        axis: Object.hasOwn(axisOf, names) ? (axisOf[names] ?? null) : null,
        orEmail: place === 'at' && searches.some((search) => search.place === place && search.parameter === path[0] && search.orId),
      })),
      ...(narrows.directions === undefined
        ? []
        : [{ place: 'query' as const, path: [narrows.directions], axis: 'directions' as const, orEmail: false }]),
    ];
    known.set(capability, list);
  }
  return list;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function idOf(value: unknown): string | null {
  if (typeof value === 'bigint') return value >= 0n ? String(value) : null;
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? String(value) : null;
  return typeof value === 'string' && /^(?:0|[1-9]\d*)$/.test(value) ? value : null;
}
