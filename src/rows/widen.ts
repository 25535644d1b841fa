// How the type of a found column grows. The final type does not depend on the order in which values arrive:
//
//   boolean ─────────────────────────┐
//   bigint ──► double ───────────────┼──► text
//      └─ (with integers beyond 2^53)┘
import type { Scalar } from './convert.ts';
import { fits64 } from './convert.ts';
import { numberText } from './json-text.ts';

/** Types that found columns take from their values. */
export type FoundType = 'boolean' | 'bigint' | 'double' | 'text';
export type Kind = { readonly type: FoundType; readonly wide: boolean };

/** The type a value asks for; null for an integer beyond 64 bits, which is set aside. */
export function kindOfScalar(value: Scalar): Kind | null {
  switch (typeof value) {
    case 'string':
      return kinds.text;
    case 'boolean':
      return kinds.boolean;
    case 'bigint':
      if (!fits64(value)) return null;
      return Number.isSafeInteger(Number(value)) ? kinds.bigint : kinds.wide;
    default:
      return Number.isSafeInteger(value) && !Object.is(value, -0) ? kinds.bigint : kinds.double;
  }
}

const kinds = {
  text: { type: 'text', wide: false },
  boolean: { type: 'boolean', wide: false },
  bigint: { type: 'bigint', wide: false },
  wide: { type: 'bigint', wide: true },
  double: { type: 'double', wide: false },
} as const satisfies Record<string, Kind>;

/** The narrowest kind that holds both. */
export function join(a: Kind, b: Kind): Kind {
  const wide = a.wide || b.wide;
  if (a.type === b.type) return { type: a.type, wide: a.type === 'bigint' && wide };
  const isNumeric = a.type !== 'boolean' && a.type !== 'text' && b.type !== 'boolean' && b.type !== 'text';
  // A double holds integers up to 2^53 exactly, and no further.
  return isNumeric && !wide ? kinds.double : kinds.text;
}

/** A value as a cell of a column whose type holds it. */
export function asFound(value: Scalar, type: FoundType): Scalar {
  if (type !== 'text' || typeof value === 'string') return value;
  return typeof value === 'number' ? numberText(value) : String(value);
}
