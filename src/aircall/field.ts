// How a field of an Aircall object is described, and the TypeScript types that follow from a description.
// A description says what the field means, how it travels, and what kind of personal or secret data it holds.
import type { ExactJson } from '../base/index.ts';

/** An Aircall id: a `number` while it is exact, a `bigint` beyond 2^53. */
export type Id = number | bigint;

/** What a value is for a person's privacy. `secret` never leaves the process, `media` is a signed link that dies within hours. */
export type FieldClass = 'phone' | 'email' | 'person' | 'freetext' | 'media' | 'secret';

/** How a moment travels: seconds, milliseconds, ISO-8601 text, or whichever of them Aircall likes that day. */
export type MomentWire = 'seconds' | 'milliseconds' | 'iso' | 'any';

/**
 * Text of a fixed form, which nobody's words fit into: ids and machine names, two-letter countries, IANA time zones, IETF
 * languages, `#RRGGBB`, decimal numbers, and addresses of objects in the API.
 */
export type TextForm = 'token' | 'country' | 'time-zone' | 'language' | 'color' | 'decimal' | 'api-link';

type Traits = {
  /** What the field holds, in words; becomes documentation and column comments. */
  readonly meaning: string;
  /** The key is there with the value null. */
  readonly nullable?: true;
  /** The key itself may be missing. */
  readonly optional?: true;
  readonly class?: FieldClass;
  /**
   * What it is to agents where that is stricter than `class`: a link that only works for people who are signed in is kept in
   * tables, and is yet a recording's.
   */
  readonly agentClass?: FieldClass;
  /** The area whose access shows it to agents, where that is not the area of the object it stands in. */
  readonly area?: 'recordings';
  readonly deprecated?: true;
  /** The documentation is contradictory or silent about it. */
  readonly unconfirmed?: true;
};

export type ScalarField = Traits &
  (
    | { readonly kind: 'id' }
    /** A whole number that fits 32 bits: counts, seconds. */
    | { readonly kind: 'integer' }
    | { readonly kind: 'double' }
    | { readonly kind: 'boolean' }
    /**
     * Text; `values` lists what has been seen, Aircall may add more. With `orInteger` it may also arrive as a JSON number.
     * Without `values`, `form` or a class it may hold anyone's words.
     */
    | { readonly kind: 'text'; readonly values?: readonly string[]; readonly orInteger?: true; readonly form?: TextForm }
    | { readonly kind: 'moment'; readonly wire: MomentWire }
  );

/** Free-form: whatever JSON Aircall sends, kept as one value. `keys` lists those known to appear inside. */
export type JsonField = Traits & { readonly kind: 'json'; readonly keys?: readonly string[] };

export type ObjectField = Traits & {
  readonly kind: 'object';
  readonly fields: Fields;
  /** The resource this is an abridged copy of. An embedded copy is never a source for that resource's own table. */
  readonly embeds?: string;
};

export type ListField = Traits & { readonly kind: 'list'; readonly of: ScalarField | ObjectField; readonly embeds?: string };

export type Field = ScalarField | JsonField | ObjectField | ListField;
export type Fields = { readonly [name: string]: Field };

/** A record of Aircall's: a resource, a part of one, or the answer of one endpoint. */
export type Entity = {
  readonly name: string;
  /** The name of the entity it is a variant of, as one endpoint shows it. */
  readonly variantOf?: string;
  readonly meaning: string;
  /** The field that identifies it, where it has one. */
  readonly key?: string;
  readonly fields: Fields;
};

/** What text of a form looks like; anything else in its place is anyone's words. */
export const textForms: Readonly<Record<TextForm, RegExp>> = {
  token: /^[\w.:-]{1,128}$/,
  country: /^[A-Za-z]{2}$/,
  'time-zone': /^[A-Za-z][\w+-]{0,31}(?:\/[\w+-]{1,32}){0,2}$/,
  language: /^[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,3}$/,
  color: /^#[0-9A-Fa-f]{6}$/,
  decimal: /^-?\d{1,15}(?:\.\d{1,15})?$/,
  'api-link': /^https:\/\/api\.aircall\.io\/v\d\/[\w/-]{1,200}$/,
};

/** Returns its argument, keeping every literal for type inference. */
export function entity<const E extends Entity>(description: E): E {
  return description;
}

type Options = Omit<Traits, 'meaning'>;

/** Short constructors for the tables of fields in `resources/`. */
export const field = {
  id: <const O extends Options = {}>(meaning: string, options?: O) => make({ kind: 'id', meaning }, options),
  integer: <const O extends Options = {}>(meaning: string, options?: O) => make({ kind: 'integer', meaning }, options),
  double: <const O extends Options = {}>(meaning: string, options?: O) => make({ kind: 'double', meaning }, options),
  boolean: <const O extends Options = {}>(meaning: string, options?: O) => make({ kind: 'boolean', meaning }, options),
  text: <const O extends Options & { readonly values?: readonly string[]; readonly orInteger?: true; readonly form?: TextForm } = {}>(
    meaning: string,
    options?: O,
  ) => make({ kind: 'text', meaning }, options),
  moment: <const W extends MomentWire, const O extends Options = {}>(wire: W, meaning: string, options?: O) =>
    make({ kind: 'moment', wire, meaning }, options),
  json: <const O extends Options & { readonly keys?: readonly string[] } = {}>(meaning: string, options?: O) =>
    make({ kind: 'json', meaning }, options),
  object: <const F extends Fields, const O extends Options & { readonly embeds?: string } = {}>(meaning: string, fields: F, options?: O) =>
    make({ kind: 'object', meaning, fields }, options),
  list: <const I extends ScalarField | ObjectField, const O extends Options & { readonly embeds?: string } = {}>(
    meaning: string,
    of: I,
    options?: O,
  ) => make({ kind: 'list', meaning, of }, options),
};

/** The same field under a condition: its key may be missing. */
export function optional<const F extends Field>(described: F): F & { readonly optional: true } {
  return { ...described, optional: true };
}

/** The same fields, each of which may be missing. */
export function allOptional<const F extends Fields>(fields: F): { readonly [K in keyof F]: F[K] & { readonly optional: true } } {
  // Object.fromEntries forgets which key had which field; the entries are the very keys of `fields`.
  return Object.fromEntries(Object.entries(fields).map(([name, described]) => [name, optional(described)])) as {
    [K in keyof F]: F[K] & { readonly optional: true };
  };
}

/** Some of the fields, in the order asked for: the order in which that place writes them. */
export function pick<const F extends Fields, const N extends keyof F & string>(
  fields: F,
  ...names: readonly N[]
): { readonly [K in N]: F[K] } {
  // As in allOptional.
  return Object.fromEntries(names.map((name) => [name, fields[name]])) as { [K in N]: F[K] };
}

function make<const B extends { readonly kind: string; readonly meaning: string }, O extends object>(
  base: B,
  options: O | undefined,
): B & O {
  return { ...base, ...options } as B & O;
}

// ---- types that follow from descriptions ---------------------------------------------------------------------------

/** The TypeScript shape of a record described by `F`, as it comes over the wire. */
export type RecordOf<F extends Fields> = Flat<
  { readonly [K in RequiredKeys<F>]: ValueOf<F[K]> } & { readonly [K in Exclude<keyof F, RequiredKeys<F>>]?: ValueOf<F[K]> }
>;

/** The record type of an entity: `EntityOf<typeof call>`. */
export type EntityOf<E extends { readonly fields: Fields }> = RecordOf<E['fields']>;

/** A type under another name: an interface may extend it, and is then referred to by its name. */
export type Named<T> = T;

export type ValueOf<F extends Field> = BareValue<F> | (F extends { readonly nullable: true } ? null : never);

type RequiredKeys<F extends Fields> = { [K in keyof F]: F[K] extends { readonly optional: true } ? never : K }[keyof F];

type BareValue<F extends Field> = F extends { readonly kind: 'id' }
  ? Id
  : F extends { readonly kind: 'integer' | 'double' }
    ? number
    : F extends { readonly kind: 'boolean' }
      ? boolean
      : F extends { readonly kind: 'text' }
        ? TextValue<F>
        : F extends { readonly kind: 'moment'; readonly wire: infer W }
          ? MomentValue<W>
          : F extends { readonly kind: 'object'; readonly fields: infer G extends Fields }
            ? RecordOf<G>
            : F extends { readonly kind: 'list'; readonly of: infer I extends Field }
              ? readonly BareValue<I>[]
              : ExactJson;

type TextValue<F> =
  | (F extends { readonly values: readonly (infer V)[] } ? V | (string & {}) : string)
  | (F extends { readonly orInteger: true } ? Id : never);

type MomentValue<W> = W extends 'iso' ? string : W extends 'any' ? number | string : number;

type Flat<T> = { [K in keyof T]: T[K] } & {};
