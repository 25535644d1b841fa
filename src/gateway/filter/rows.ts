// Whether a row lies within a constraint. The row is looked at as Aircall sent it, before anything is masked. What a row does
// not say, it does not satisfy.
import { isObject } from '../../base/index.ts';
import type { Path, RowBinding } from '../capabilities/capability.ts';
import type { Constraint } from '../policy/types.ts';

/** Limits that are about rows; the others (hours, daily caps) are about requests. */
const lists = ['teams', 'numbers', 'users', 'tags'] as const;

export function limitsRows(constraint: Constraint): boolean {
  return (
    lists.some((name) => constraint[name] !== undefined) || constraint.directions !== undefined || constraint.newerThanSeconds !== undefined
  );
}

/** The limits that rows bound like this can be held to; the others are left out. */
export function tellable(constraint: Constraint, binding: RowBinding): Constraint {
  const { directions, newerThanSeconds } = constraint;
  return {
    ...Object.fromEntries(
      lists.flatMap((name) => (constraint[name] === undefined || binding[name] === undefined ? [] : [[name, constraint[name]]])),
    ),
    ...(directions === undefined || binding.direction === undefined ? {} : { directions }),
    ...(newerThanSeconds === undefined || binding.startedAt === undefined ? {} : { newerThanSeconds }),
  };
}

/** True only when the row itself shows that every limit holds. */
export function isWithin(row: unknown, constraint: Constraint, binding: RowBinding, nowMs: number): boolean {
  for (const name of lists) {
    const allowed = constraint[name];
    if (allowed === undefined) continue;
    if (!valuesAt(row, binding[name]).some((value) => isListed(value, allowed))) return false;
  }
  if (constraint.directions !== undefined) {
    const allowed: readonly unknown[] = constraint.directions;
    const [direction] = valuesAt(row, binding.direction);
    if (!allowed.includes(direction)) return false;
  }
  if (constraint.newerThanSeconds !== undefined) {
    const [startedAt] = valuesAt(row, binding.startedAt);
    if (typeof startedAt !== 'number' || !(startedAt * 1000 >= nowMs - constraint.newerThanSeconds * 1000)) return false;
  }
  return true;
}

function isListed(value: unknown, allowed: readonly string[]): boolean {
  const id = idText(value);
  return id !== null && allowed.includes(id);
}

/** An id as digits; null for what is none. */
export function idText(value: unknown): string | null {
  if (typeof value === 'bigint') return value >= 0n ? value.toString() : null;
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? String(value) : null;
  return typeof value === 'string' && /^\d{1,20}$/.test(value) ? value : null;
}

/** All values at a path; none where the row does not go that far. */
function valuesAt(row: unknown, path: Path | undefined): readonly unknown[] {
  if (path === undefined) return [];
  let values: unknown[] = [row];
  for (const step of path) {
    values = values.flatMap((value): unknown[] => {
      if (step === '*') return Array.isArray(value) ? value : [];
      return isObject(value) && Object.hasOwn(value, step) ? [value[step]] : [];
    });
  }
  return values;
}
