// One use of a capability: the values that its arguments hold in a place, and the words for what it does.
import { isObject } from '../../base/index.ts';
import type { CallArguments } from '../policy/decision.ts';
import type { Capability, Path } from './capability.ts';

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
