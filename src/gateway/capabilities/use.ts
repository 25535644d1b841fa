// What one use of a capability names, searches for and points to, read from its parsed arguments; and the words for it.
import { isObject } from '../../base/index.ts';
import type { CallArguments } from '../policy/decision.ts';
import type { RuledClass } from '../policy/types.ts';
import type { Capability, Path, Reference } from './capability.ts';
import { canonicalId } from './formats.ts';

/** The searches by personal data or text that these arguments make; a user found by id is none. */
export function searchesIn(
  capability: Capability,
  given: CallArguments,
): readonly { readonly parameter: string; readonly class: RuledClass }[] {
  return capability.searches.flatMap(({ place, parameter, class: searched, orId }) => {
    const value = given[place][parameter];
    const isId = orId && typeof value === 'string' && canonicalId(value) !== null;
    return value === undefined || isId ? [] : [{ parameter, class: searched }];
  });
}

/**
 * The objects that these arguments name, in digits or whatever their ids are made of. A user named by e-mail address is among
 * them with `byEmail`: which user that is, only a look-up tells.
 */
export function referencesIn(
  capability: Capability,
  given: CallArguments,
): readonly (Pick<Reference, 'place' | 'names' | 'area'> & { readonly id: string; readonly byEmail: boolean })[] {
  return capability.references.flatMap(({ place, path, names, area }) =>
    valuesAt(given[place], path).flatMap((id) => (typeof id === 'string' ? [{ place, names, area, id, byEmail: id.includes('@') }] : [])),
  );
}

/** The addresses in the body that Aircall, or a person, will call. */
export function addressesIn(capability: Capability, { body }: CallArguments): readonly string[] {
  return capability.addresses.flatMap((path) => valuesAt(body, path).filter((value) => typeof value === 'string'));
}

/** All values that a path leads to, in order; none where it leads nowhere. `*` is every element of a list. */
export function valuesAt(value: unknown, [key, ...rest]: Path): readonly unknown[] {
  if (key === undefined) return [value];
  if (key === '*') return Array.isArray(value) ? (value as readonly unknown[]).flatMap((each) => valuesAt(each, rest)) : [];
  return isObject(value) && Object.hasOwn(value, key) ? valuesAt(value[key], rest) : [];
}

/**
 * The deed in words that are ours alone: “comment on call 812345”, “listed 20 calls”. Parameters that are no ids are left
 * out, so that no e-mail address gets in; `rows` null: how many is not known.
 */
export function tellDeed(
  { deed }: Capability,
  tense: keyof Capability['deed'],
  { at, rows }: { readonly at: CallArguments['at']; readonly rows: number | null },
): string {
  return deed[tense]
    .replace(/\{rows\} ((?:phone )?\w+)s\b/, (_all, noun: string) =>
      rows === null ? `${noun}s` : `${rows} ${noun}${rows === 1 ? '' : 's'}`,
    )
    .replace(/\{(\w+)\}/g, (_all, name: string) => {
      const value = Object.hasOwn(at, name) ? at[name] : undefined;
      return value !== undefined && /^[\w:-]{1,64}$/.test(value) ? value : '(named by e-mail address)';
    });
}
