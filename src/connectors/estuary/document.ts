// A clean record as the text of a document. What is to be known of it stands in `_meta`, a name that the platform reserves.
import type { JsonObject } from '../../base/index.ts';
import { type Cleaned, type CleanRecord, exactJson, type Quarantined } from '../../rows/index.ts';

/** Where a field goes that is called `_meta` at Aircall. */
const metaOfAircall = 'aircall_meta';

/** The record as it is now: created or updated, nobody can tell. */
export function documentText(record: CleanRecord, quarantined: Cleaned['quarantined']): string {
  const fields = '_meta' in record ? withoutMeta(record) : record;
  const meta = quarantined.length === 0 ? '{"op":"u"}' : JSON.stringify({ op: 'u', set_aside: quarantined.map(setAside) });
  return `${jsonOf(fields).slice(0, -1)},"_meta":${meta}}`; // a record holds its key at least
}

/** The fast way, which cannot write integers beyond 2^53: such records are few. */
function jsonOf(record: CleanRecord): string {
  try {
    return JSON.stringify(record);
  } catch {
    return exactJson(record);
  }
}

/** The record is gone. `key` is text; where it is a whole number it is written as one, with all its digits. */
export function tombstoneText(key: { readonly name: string; readonly type: 'string' | 'integer' }, value: string): string {
  const text = key.type === 'integer' ? BigInt(value).toString() : JSON.stringify(value);
  return `{${JSON.stringify(key.name)}:${text},"_meta":{"op":"d"}}`;
}

function setAside({ table, column, reason, value, position }: Quarantined): JsonObject {
  return { field: column === null ? table : `${table}.${column}`, reason, value, ...(position === undefined ? {} : { position }) };
}

function withoutMeta(record: CleanRecord): CleanRecord {
  const { _meta: meta, ...rest } = record;
  return { ...rest, [metaOfAircall]: meta ?? null };
}
