// Characters that text may hold and a destination may not: lone surrogates, which have no UTF-8, and what it names itself.

/** Which texts can be stored as they are, and what becomes of the others. */
export type Characters = {
  readonly storable: (text: string) => boolean;
  /** The text with U+FFFD in place of each character that cannot be stored. */
  readonly replace: (text: string) => string;
};

const loneSurrogate = /\p{Surrogate}/u;

/** `refused` are the characters the destination cannot hold, such as U+0000. Lone surrogates are always refused. */
export function createCharacters(refused: readonly string[]): Characters {
  if (refused.length === 0) return { storable: isWellFormed, replace: (text) => text.replaceAll(/\p{Surrogate}/gu, '\ufffd') };
  const codes = refused.map((character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`).join('');
  const first = new RegExp(`[${codes}]`, 'u');
  const all = new RegExp(`[\\p{Surrogate}${codes}]`, 'gu');
  return { storable: (text) => isWellFormed(text) && !first.test(text), replace: (text) => text.replaceAll(all, '\ufffd') };
}

type WellFormedText = { isWellFormed?: () => boolean };

// Native since Node 20; the type library of ES2023 does not know it yet.
function isWellFormed(text: string): boolean {
  return (text as WellFormedText).isWellFormed?.() ?? !loneSurrogate.test(text);
}
