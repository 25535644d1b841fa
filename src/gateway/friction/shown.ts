// What a person is shown before saying yes. Our sentence stands as it is; everything an agent or a third party wrote stands in
// quotation marks, on one line, without characters that hide or rearrange text, and says when it was cut.
import type { CallArguments } from '../policy/decision.ts';

export type ShownRequest = {
  /** Made of our words, names that operators set, and ids. */
  readonly sentence: string;
  /** Why it needs a person, by the rule that says so. Null where that was not kept. */
  readonly why: string | null;
  /** By their names in Aircall's API, `body.content`. */
  readonly arguments: readonly ShownArgument[];
};

export type ShownArgument = {
  readonly name: string;
  /** Digits, `true`, `false` and `null` in clear; all else as JSON, so quoted. */
  readonly value: string;
  /** The characters of the value that are not shown; 0: nothing is hidden. */
  readonly cutCharacters: number;
};

/** More than Aircall takes in any text of a request. */
const longestValue = 4_000;
const mostArguments = 200;
const plainName = /^[A-Za-z][\w[\].-]{0,60}$/;

export function showRequest(told: Pick<ShownRequest, 'sentence' | 'why'>, { at, query, body }: CallArguments): ShownRequest {
  const given = [...named('path', at), ...named('query', query), ...named('body', body ?? {})];
  const shown = given.slice(0, mostArguments).map(([name, value]) => ({ name, ...showValue(value) }));
  const left = given.length - shown.length;
  if (left > 0) shown.push({ name: 'more', value: `${left} arguments are not shown`, cutCharacters: left });
  return { sentence: told.sentence, why: told.why, arguments: shown };
}

/** Value as JSON, on one line. */
export function showValue(value: unknown, longest = longestValue): Omit<ShownArgument, 'name'> {
  if (typeof value === 'bigint') return { value: String(value), cutCharacters: 0 };
  if (typeof value === 'string' && /^\d{1,20}$/.test(value)) return { value, cutCharacters: 0 };
  const text = oneLine(value);
  if (text.length <= longest) return { value: text, cutCharacters: 0 };
  // Cut between characters, not inside one.
  const head = text.slice(0, longest).replace(/[\ud800-\udbff]$/, '');
  return { value: `${head}…`, cutCharacters: text.length - head.length };
}

function* named(place: string, values: Readonly<Record<string, unknown>>): Iterable<[string, unknown]> {
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined) yield [`${place}.${plainName.test(name) ? name : oneLine(name)}`, value];
  }
}

function oneLine(value: unknown): string {
  const text = JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? String(inner) : inner)) ?? 'null';
  return text.replace(unseen, '\ufffd');
}

/**
 * Controls, invisible and bidirectional formatting, tags, private and unassigned characters, separators of lines, and the
 * variation selectors that can carry text nobody sees. JSON has already written line breaks and half surrogates as escapes.
 */
const unseen = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}\u{fe00}-\u{fe0f}\u{e0100}-\u{e01ef}]/gu;
