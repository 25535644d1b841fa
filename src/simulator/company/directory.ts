/** A small resource held whole, listed by id. */
export class Directory<K extends number | string, T> {
  readonly #rows = new Map<K, T>();
  readonly #first = new Map<K, T>();
  readonly #keyOf: (row: T) => K;
  #nextId: number;

  constructor(rows: readonly T[], options: { readonly keyOf: (row: T) => K; readonly nextId: number }) {
    this.#keyOf = options.keyOf;
    this.#nextId = options.nextId;
    for (const row of rows) this.put(row);
  }

  get count(): number {
    return this.#rows.size;
  }

  nextId(): number {
    return this.#nextId++;
  }

  get(key: K): T | undefined {
    return this.#rows.get(key);
  }

  /** The row as it was when it was added, also of one removed since. */
  first(key: K): T | undefined {
    return this.#first.get(key);
  }

  /** In the order they were added. */
  list(): T[] {
    return [...this.#rows.values()];
  }

  find(matches: (row: T) => boolean): T | undefined {
    for (const row of this.#rows.values()) if (matches(row)) return row;
    return undefined;
  }

  /** Adds a row, or replaces the one with the same key. */
  put(row: T): void {
    const key = this.#keyOf(row);
    this.#rows.set(key, row);
    if (!this.#first.has(key)) this.#first.set(key, row);
  }

  /** Whether there was such a row. */
  remove(key: K): boolean {
    return this.#rows.delete(key);
  }
}
