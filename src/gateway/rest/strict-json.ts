// Reads the JSON of a request body in the one way nobody can read differently: no name twice in an object, no deep nesting,
// no number that loses digits, no half characters. RFC 8259; whole numbers beyond 2^53 become `bigint`.
import type { ExactJson } from '../../base/index.ts';

export type ReadJson = { readonly value: ExactJson } | { readonly problem: string };

const deepest = 12;
const mostValues = 20_000;

/** Never throws. What is wrong is said in our words; nothing of the text is in it. */
export function readStrictJson(text: string): ReadJson {
  try {
    const reader = new Reader(text);
    return { value: reader.document() };
  } catch (error) {
    if (error instanceof Unreadable) return { problem: error.message };
    throw error;
  }
}

class Unreadable extends Error {}

const space = /[ \t\n\r]*/y;
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
// Controls must be escaped in JSON.
// oxlint-disable-next-line no-control-regex
const string = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*"/y;

class Reader {
  readonly #text: string;
  #at = 0;
  #values = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): ExactJson {
    const value = this.#value(0);
    this.#match(space);
    if (this.#at !== this.#text.length) throw new Unreadable('The body is not JSON.');
    return value;
  }

  #value(depth: number): ExactJson {
    this.#values += 1;
    if (depth > deepest) throw new Unreadable('The body is nested too deeply.');
    if (this.#values > mostValues) throw new Unreadable('The body holds too many values.');
    this.#match(space);
    switch (this.#text[this.#at]) {
      case '{':
        return this.#object(depth);
      case '[':
        return this.#list(depth);
      case '"':
        return this.#string();
      case 't':
        return this.#word('true', true);
      case 'f':
        return this.#word('false', false);
      case 'n':
        return this.#word('null', null);
      default:
        return this.#number();
    }
  }

  #object(depth: number): ExactJson {
    const entries = new Map<string, ExactJson>();
    this.#at += 1;
    if (!this.#takes('}')) {
      do {
        this.#match(space);
        const name = this.#string();
        if (entries.has(name)) throw new Unreadable('The body holds a name twice in one object.');
        if (name === '__proto__') throw new Unreadable('The body holds a name that is not used here.');
        if (!this.#takes(':')) throw new Unreadable('The body is not JSON.');
        entries.set(name, this.#value(depth + 1));
      } while (this.#takes(','));
      if (!this.#takes('}')) throw new Unreadable('The body is not JSON.');
    }
    return Object.fromEntries(entries);
  }

  #list(depth: number): ExactJson {
    const values: ExactJson[] = [];
    this.#at += 1;
    if (this.#takes(']')) return values;
    do values.push(this.#value(depth + 1));
    while (this.#takes(','));
    if (!this.#takes(']')) throw new Unreadable('The body is not JSON.');
    return values;
  }

  #string(): string {
    const literal = this.#match(string);
    if (literal === null) throw new Unreadable('The body is not JSON.');
    const text: unknown = JSON.parse(literal);
    if (typeof text !== 'string' || /\p{Surrogate}/u.test(text)) throw new Unreadable('The body holds half a character.');
    return text;
  }

  #number(): number | bigint {
    const literal = this.#match(number);
    if (literal === null || literal === '') throw new Unreadable('The body is not JSON.');
    const value = Number(literal);
    if (!Number.isFinite(value) || literal.length > 40) throw new Unreadable('The body holds a number that is too large.');
    return Number.isSafeInteger(value) || !/^-?\d+$/.test(literal) ? value : BigInt(literal);
  }

  #word<T extends ExactJson>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) throw new Unreadable('The body is not JSON.');
    this.#at += word.length;
    return value;
  }

  #takes(character: string): boolean {
    this.#match(space);
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found === undefined) return null;
    this.#at += found.length;
    return found;
  }
}
