import type { DescribedTable } from './describe.ts';

/** An entity-relationship diagram (mermaid.js.org), drawn by GitHub, GitLab and most Markdown viewers. */
export function writeMermaid(tables: readonly DescribedTable[], _dataset: string): string {
  const entities = tables.map((table) => {
    const columns = table.columns.map(({ name, type }) => {
      const marks = [...(table.key.includes(name) ? ['PK'] : []), ...(table.parent?.columns.some(({ own }) => own === name) ? ['FK'] : [])];
      return `    ${type} ${name}${marks.length === 0 ? '' : ` ${marks.join(', ')}`}`;
    });
    return `  ${table.name} {\n${columns.join('\n')}\n  }`;
  });
  const references = tables.flatMap(({ name, parent }) => (parent === null ? [] : [`  ${parent.table} ||--o{ ${name} : has`]));
  return `erDiagram\n${[...entities, ...references].join('\n')}\n`;
}
