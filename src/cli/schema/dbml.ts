import type { DescribedTable } from './describe.ts';

/** DBML (dbml.dbdiagram.io), read by dbdiagram.io, dbdocs.io and others. */
export function writeDbml(tables: readonly DescribedTable[], dataset: string): string {
  const blocks = tables.map((table) => {
    const columns = table.columns.map(({ name, type, meaning, nullable }) => {
      const facts = [
        ...(table.key.length === 1 && table.key[0] === name ? ['pk'] : []),
        ...(nullable ? [] : ['not null']),
        ...(meaning === null ? [] : [`note: ${text(meaning)}`]),
      ];
      return `  "${name}" ${type}${facts.length === 0 ? '' : ` [${facts.join(', ')}]`}`;
    });
    const index = table.key.length > 1 ? ['', '  indexes {', `    (${table.key.map((name) => `"${name}"`).join(', ')}) [pk]`, '  }'] : [];
    return `Table "${dataset}"."${table.name}" {\n${[...columns, ...index].join('\n')}\n}\n`;
  });
  const references = tables.flatMap(({ name, parent }) => {
    if (parent === null) return [];
    const side = (table: string, columns: readonly string[]) =>
      `"${dataset}"."${table}".(${columns.map((column) => `"${column}"`).join(', ')})`;
    const own = parent.columns.map((pair) => pair.own);
    const parents = parent.columns.map((pair) => pair.parents);
    return [`Ref: ${side(name, own)} > ${side(parent.table, parents)}`];
  });
  return `${[...blocks, references.join('\n')].join('\n')}\n`;
}

function text(meaning: string): string {
  return `'${meaning.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replace(/\s+/g, ' ')}'`;
}
