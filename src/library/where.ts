// Conditions on columns as SQL. Values become literals of their own type, names are quoted: nothing a caller passes is read
// as SQL.
import { UsageError } from '../base/index.ts';

type Scalar = string | number | bigint | boolean | Date;

/** What may stand for a value of a column: ids also as numbers. */
type Given<V> = NonNullable<V> extends bigint ? bigint | number : NonNullable<V>;

/** What a column must be: a value, null, one of a list, or within bounds. */
export type Condition<V> =
  | Given<V>
  | Extract<V, null>
  | readonly Given<V>[]
  | {
      /** At least. */
      readonly from?: Given<V>;
      /** At most. */
      readonly to?: Given<V>;
      /** More than. */
      readonly after?: Given<V>;
      /** Less than. */
      readonly before?: Given<V>;
      /** Anything else. `not: null` is any value at all. Rows without a value count as different from every value. */
      readonly not?: Given<V> | readonly Given<V>[] | null;
    };

/** Conditions by column; a row has to meet all of them. */
export type Where<Row> = { readonly [C in keyof Row]?: Condition<Row[C]> };

/** The SQL of the conditions, joined by AND; empty when there are none. Throws `UsageError` for a value that is none. */
export function conditionsSql(where: object): string {
  return Object.entries(where)
    .filter(([, condition]) => condition !== undefined)
    .map(([column, condition]) => conditionSql(column, condition))
    .join(' AND ');
}

/** A name as SQL. */
export function nameSql(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

const comparisons = { from: '>=', to: '<=', after: '>', before: '<' } as const;

function conditionSql(column: string, condition: unknown): string {
  const name = nameSql(column);
  if (condition === null) return `${name} IS NULL`;
  if (Array.isArray(condition)) return isOneOf(name, column, condition);
  if (isScalar(condition)) return `${name} = ${literalSql(column, condition)}`;
  const parts = Object.entries(condition as object)
    .filter(([, value]) => value !== undefined)
    .map(([kind, value]: [string, unknown]) => {
      if (kind === 'not') {
        if (value === null) return `${name} IS NOT NULL`;
        return `(${name} IS NULL OR NOT ${Array.isArray(value) ? isOneOf(name, column, value) : `${name} = ${literalSql(column, value)}`})`;
      }
      if (!(kind in comparisons)) throw notUsable(column, `"${kind}" is none of from, to, after, before, not`);
      return `${name} ${comparisons[kind as keyof typeof comparisons]} ${literalSql(column, value)}`; // `in` has just shown it
    });
  if (parts.length === 0) throw notUsable(column, 'the condition is empty');
  return parts.join(' AND ');
}

function isOneOf(name: string, column: string, values: readonly unknown[]): string {
  if (values.length === 0) return 'FALSE';
  return `${name} IN (${values.map((value) => literalSql(column, value)).join(', ')})`;
}

function isScalar(value: unknown): value is Scalar {
  return ['string', 'number', 'bigint', 'boolean'].includes(typeof value) || value instanceof Date;
}

function literalSql(column: string, value: unknown): string {
  switch (typeof value) {
    case 'string':
      // SQL text ends at a NUL character, so it cannot stand in a literal.
      return value
        .split('\0')
        .map((part) => `'${part.replaceAll("'", "''")}'`)
        .join(' || chr(0) || ');
    case 'bigint':
      return value.toString();
    case 'boolean':
      return value ? 'TRUE' : 'FALSE';
    case 'number':
      if (Number.isFinite(value)) return String(value);
      throw notUsable(column, 'a number must be finite');
    default:
      if (value instanceof Date && !Number.isNaN(value.getTime())) return `TIMESTAMPTZ '${value.toISOString()}'`;
      throw notUsable(column, 'a value must be text, a number, a boolean or a date');
  }
}

function notUsable(column: string, why: string): UsageError {
  return new UsageError({
    code: 'where',
    message: `The condition on "${column}" cannot be used: ${why}.`,
    hint: "Write it like { direction: 'inbound', started_at: { from: new Date('2026-01-01') } }.",
  });
}
