import { createHash } from 'node:crypto';
import { encodeText, exactJson } from './json-text.ts';
import type { CleanRecord } from './clean.ts';

/**
 * What a clean record says, as a SHA-256 in hex: equal for records that differ only in the order of their keys, or in whether an
 * empty field is null or absent. Two records with one hash make the same rows.
 */
export function hashRecord(record: CleanRecord): string {
  const present = Object.entries(record).filter(([, value]) => value !== null);
  return createHash('sha256').update(canonicalMembers(present)).digest('hex');
}

function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return exactJson(value);
  return canonicalMembers(Object.entries(value));
}

function canonicalMembers(members: [string, unknown][]): string {
  const sorted = members.toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${sorted.map(([name, value]) => `${encodeText(name)}:${canonicalJson(value)}`).join(',')}}`;
}
