// Names and literals in SQL text. Values never go into SQL as text, except paths of our own files, which DuckDB takes no
// other way.

/** A name, always quoted: field names may be reserved words. */
export function name(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

export function list(names: readonly string[], prefix = ''): string {
  return names.map((text) => prefix + name(text)).join(', ');
}
