// What is noticed while one record is worked on: values set aside, and how much was left out.
import { quarantineText } from './json-text.ts';
import { nothingDropped } from './secrets.ts';
import type { Dropped } from './secrets.ts';
import type { TablePlan } from './plan.ts';
import type { Quarantined } from './schema.ts';

export class Findings {
  /** The record's key as text, once it is known. */
  readonly key: string | null;
  readonly quarantined: Quarantined[] = [];
  readonly dropped: Dropped = nothingDropped();
  /** Where we are in a list, and in a list inside it; -1 outside. */
  outer = -1;
  inner = -1;

  constructor(key: string | null) {
    this.key = key;
  }

  /** Into an element of a list, or out of it again (-1). */
  enter(isInner: boolean, index: number): void {
    if (isInner) this.inner = index;
    else this.outer = index;
  }

  setAside(table: TablePlan, column: string | null, reason: string, value: unknown): void {
    this.quarantined.push({
      table: table.name,
      key: this.key,
      column,
      reason,
      value: quarantineText(value),
      ...(this.outer < 0 ? {} : { position: this.inner < 0 ? String(this.outer) : `${this.outer}/${this.inner}` }),
    });
  }
}
