// Query parameters the way the real server reads them: unknown ones are ignored, and what is no number counts as one.

export class Query {
  readonly #values: ReadonlyMap<string, readonly string[]>;

  constructor(text: string) {
    const values = new Map<string, string[]>();
    for (const [name, value] of new URLSearchParams(text)) {
      const known = values.get(name);
      if (known === undefined) values.set(name, [value]);
      else known.push(value);
    }
    this.#values = values;
  }

  /** The last value when a name is repeated. */
  text(name: string): string | undefined {
    return this.#values.get(name)?.at(-1);
  }

  all(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }

  /** The digits at the start, 0 when there are none: an ISO date becomes its year. */
  seconds(name: string): number | undefined {
    const text = this.text(name);
    return text === undefined || text === '' ? undefined : leadingInteger(text);
  }

  /** A whole number of at least 1; `fallback` when it is not sent; 0 when it is anything else. */
  count(name: string, fallback: number): number {
    const text = this.text(name);
    return text === undefined ? fallback : Math.max(0, leadingInteger(text));
  }

  /** How `false` is read is not known: as off, or as on because it is there. */
  flag(name: string, falseMeans: 'off' | 'on'): boolean {
    const text = this.text(name);
    return text === 'true' || (text !== undefined && falseMeans === 'on');
  }
}

function leadingInteger(text: string): number {
  const digits = /^\s*[+-]?\d{1,15}/.exec(text);
  return digits === null ? 0 : Number(digits[0]);
}
