/** How far unknown data may change the tables, and what the destination can hold. */
export type Limits = {
  /** Bytes of a column's or a table's name. Default 63, so that names are the same everywhere. */
  readonly identifierLength: number;
  /** Names in a row that unknown groups may have, as in `a__b__c`; a deeper group becomes one JSON column. Default 4. */
  readonly nesting: number;
  /** Unknown fields a table may gain, groups included. What comes after is set aside. Default 500. */
  readonly foundFields: number;
  /** Child tables a stream may gain. Lists that come after become JSON columns. Default 50. */
  readonly foundTables: number;
  /** Characters the destination cannot hold, such as U+0000. Lone surrogates are never stored. Default none. */
  readonly refusedCharacters: readonly string[];
};

export const defaultLimits: Limits = { identifierLength: 63, nesting: 4, foundFields: 500, foundTables: 50, refusedCharacters: [] };
