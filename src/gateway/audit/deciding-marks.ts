// Marks of the rows that decide what agents may do, for the end of the log. Each is an HMAC, so that nobody without the key can make
// the one that fits other rows, or learn from it what a row says.
import { createHmac } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { canonicalJson } from '../../base/index.ts';

type Rows = Readonly<Record<string, string>>;

export class DecidingMarks {
  readonly #parts: { readonly key: KeyObject; readonly company: string };
  /** The last mark of each kind of rows: most of them stay as they were from one record to the next. */
  readonly #known = new Map<string, { readonly text: string; readonly mark: string }>();

  constructor(parts: { readonly key: KeyObject; readonly company: string }) {
    this.#parts = parts;
  }

  /** JSON, a mark for each kind of rows of which there are any. */
  of(rows: Rows): string {
    const marks = Object.entries(rows).filter(([, text]) => text !== '');
    return canonicalJson(Object.fromEntries(marks.map(([kind, text]) => [kind, this.#mark(kind, text)])));
  }

  #mark(kind: string, text: string): string {
    const known = this.#known.get(kind);
    if (known?.text === text) return known.mark;
    const { key, company } = this.#parts;
    // Differs from every text that records and the end are hashed by.
    const mark = createHmac('sha256', key)
      .update(`rows${canonicalJson([company, kind, text])}`)
      .digest('hex');
    this.#known.set(kind, { text, mark });
    return mark;
  }
}

/** The kinds of rows of which two texts of marks differ. */
export function differingMarks(one: string, other: string): readonly string[] {
  const [left, right] = [JSON.parse(one) as Rows, JSON.parse(other) as Rows]; // both written by DecidingMarks, under an HMAC
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].filter((kind) => left[kind] !== right[kind]).sort();
}

/** A sentence for people. */
export function alteredRowsText(kinds: readonly string[]): string {
  return `Rows in gateway.db are not as Trunkline left them (${kinds.join(', ')}): somebody has changed, added or removed some.`;
}
