// The rows of one page, table by table, as text that goes into a package.
import type { NormalisedLines, Quarantined } from '../rows/index.ts';

export class Batch {
  readonly tables = new Map<string, { text: string; rows: number }>();
  readonly quarantined: Quarantined[] = [];
  secretsDropped = 0;

  add(lines: NormalisedLines): void {
    for (const { table, text, rows } of lines.tables) {
      const before = this.tables.get(table);
      if (before === undefined) this.tables.set(table, { text, rows });
      else {
        before.text += text;
        before.rows += rows;
      }
    }
    if (lines.quarantined.length > 0) this.quarantined.push(...lines.quarantined);
    this.secretsDropped += lines.dropped.secrets + lines.dropped.links;
  }
}
