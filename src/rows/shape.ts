// What a stream tells the normaliser about its records: the declared fields, which of them are not stored, and what is
// worked out from the record. Plain declarations; the normaliser compiles them once.
import type { Fields } from '../aircall/index.ts';
import type { UnknownRecord } from '../base/index.ts';

export type Shape = {
  /** The stream's table: `calls`. Child tables are named after it: `calls__tags`. */
  readonly table: string;
  /** The field that identifies a record. A record without it is quarantined whole. */
  readonly key: string;
  readonly fields: Fields;
  /** Declared paths that are never stored, such as `number.messages`. Fields of class `media` and `secret` never are. */
  readonly omit?: readonly string[];
  /** Paths of which only these fields are stored: `{ contact: ['id', 'first_name'] }`. Unknown fields inside are dropped too. */
  readonly only?: Readonly<Record<string, readonly string[]>>;
  /**
   * Lists of the record itself whose absence says nothing: Aircall stops sending them after a while, or was not asked for them.
   * What was stored of them stays until a record brings the list again.
   */
  readonly lasting?: readonly string[];
  /** Fields worked out from the record before anything is dropped; they are stored like declared ones. */
  readonly derived?: {
    readonly fields: Fields;
    readonly from: (record: UnknownRecord, context: { readonly observedAtMs: number }) => UnknownRecord;
  };
};

/** What to do when a found (not declared) field changes its type. Declared fields always quarantine the odd value. */
export type OnTypeChange = 'widen' | 'quarantine' | 'stop';
/** What to do with fields nobody declared. */
export type Contract = 'evolve' | 'ignore' | 'stop';

/** The operator's settings for one stream. Paths are dotted: `user.email`, `tags.name`. */
export type FieldSettings = {
  readonly drop?: readonly string[];
  /** Replaced by a salted SHA-256, so that equal values stay joinable. */
  readonly hash?: readonly string[];
  /** Keeps what would be dropped by default, except secrets and signed links. */
  readonly keep?: readonly string[];
  readonly types?: Readonly<Record<string, 'text' | 'bigint' | 'integer' | 'double' | 'boolean' | 'timestamp' | 'json'>>;
  readonly onTypeChange?: OnTypeChange;
  readonly newColumns?: Contract;
  /** Secret text mixed into hashes. Without one, `hash` is refused. */
  readonly salt?: string;
};
