// What had to be left out of a record, as the protocol tells it: `meta.changes`.
import { isObject } from '../../base/index.ts';
import type { Cleaned } from '../../rows/index.ts';

export type FieldChange = {
  readonly field: string;
  readonly change: 'NULLED' | 'TRUNCATED';
  readonly reason: 'SOURCE_SERIALIZATION_ERROR';
};

export function changesOf({ record, quarantined }: Cleaned, table: string): readonly FieldChange[] {
  return quarantined.flatMap((odd) => {
    if (odd.column === null) return [];
    const inside = odd.table === table ? [] : odd.table.slice(table.length + 2).split('__');
    const path = [...inside, ...odd.column.split('__')];
    const isKept = odd.position === undefined && isPresent(record, path);
    return [{ field: path.join('.'), change: isKept ? 'TRUNCATED' : 'NULLED', reason: 'SOURCE_SERIALIZATION_ERROR' } as const];
  });
}

function isPresent(record: unknown, [name, ...rest]: readonly string[]): boolean {
  if (name === undefined) return record !== null && record !== undefined;
  return isObject(record) && isPresent(record[name], rest);
}
