// Names of tables and columns for fields that nobody declared. Data is never lost to a name: what collides or is too long
// gets a short hash of where it came from.
import { shortHash } from './json-text.ts';

/**
 * A field's name as one part of a column name: lower snake case, never holding `__`, never empty, never starting with a digit.
 * `HTTPServer` → `http_server`, `UserID` → `user_id`, `_load_id` → `load_id`.
 */
export function snakeCase(name: string): string {
  const parts = name
    .slice(0, 512)
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .replace(/^_|_$/g, '')
    .toLowerCase();
  if (parts === '') return '_empty';
  return /^\d/.test(parts) ? `_${parts}` : parts;
}

/** Joins the parts of a path; nothing in front of the first. */
export function joinNames(prefix: string, name: string): string {
  return prefix === '' ? name : `${prefix}__${name}`;
}

/**
 * The name, or where it is taken or longer than `limit` bytes, a variant of it with a hash of `origin`: the full path it stands
 * for, so that the same field gets the same name in every run. Taken names are compared in lower case.
 */
export function uniqueName(name: string, taken: ReadonlySet<string>, options: { readonly origin: string; readonly limit: number }): string {
  if (name.length <= options.limit && !taken.has(name.toLowerCase())) return name;
  for (let attempt = 0; ; attempt++) {
    const tag = shortHash(attempt === 0 ? options.origin : `${options.origin}\n${attempt}`);
    const candidate = withTag(name, tag, options.limit);
    if (!taken.has(candidate)) return candidate;
  }
}

function withTag(name: string, tag: string, limit: number): string {
  if (name.length + 1 + tag.length <= limit) return `${name}_${tag}`;
  const kept = limit - tag.length - 2;
  const head = name.slice(0, Math.ceil(kept / 2)).replace(/_+$/, '');
  const tail = name.slice(name.length - Math.floor(kept / 2)).replace(/^_+/, '');
  return `${head}_${tag}_${tail}`;
}
