// A short fingerprint of a record as received, to notice whether it changed between two listings.
import { createHash } from 'node:crypto';

export function recordHash(record: unknown): string {
  return createHash('sha256').update(stableText(record)).digest('base64url').slice(0, 16);
}

/** JSON text that does not depend on the order of keys. */
function stableText(value: unknown): string {
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return `[${value.map(stableText).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([name, inner]) => `${JSON.stringify(name)}:${stableText(inner)}`).join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
}
