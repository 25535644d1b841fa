// Values of a query as text, in the forms that query can write.

/** JSON with every digit of 64-bit integers, which JSON allows and JavaScript's own writer refuses. */
export function asJson(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : 'null';
  if (Array.isArray(value)) return `[${value.map(asJson).join(',')}]`;
  if (typeof value === 'object') {
    return `{${Object.entries(value)
      .map(([name, each]) => `${JSON.stringify(name)}:${asJson(each)}`)
      .join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
}

/** One cell of a table for people. */
export function asCell(value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  if (typeof value === 'string') return value;
  return typeof value === 'boolean' || typeof value === 'number' || typeof value === 'bigint' ? String(value) : asJson(value);
}

/**
 * One field of a CSV record (RFC 4180). Null is an empty field and the empty string a quoted one, so that they stay apart.
 */
export function asCsv(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = asCell(value);
  return text === '' || /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
