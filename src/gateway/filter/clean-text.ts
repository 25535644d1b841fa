// Makes text that others wrote harmless to show: nothing in it moves a cursor, turns the direction of writing, or is read by
// a machine and not seen by a person. What the words say is not judged.

/** The longest text of one field that is given to an agent, in UTF-16 code units. */
export const maximumTextLength = 4_000;

/** What is cut before anything else looks at it: no work is done on what will not be shown. */
const maximumRawLength = 4 * maximumTextLength;

/** Printable ASCII, tabs and line feeds: nothing to clean. */
const plain = /^[\t\n\x20-\x7e]*$/;

/**
 * In one pass, so that taking one thing out never puts two halves of another together:
 * - escape sequences of terminals (ECMA-48: control sequences, and strings such as those that set a window's title);
 * - control characters but tab and line feed;
 * - what Unicode calls default ignorable (unicode.org/reports/tr44/#Default_Ignorable_Code_Point): zero-width and
 *   direction-turning characters, variation selectors, the tag characters U+E0000–E007F;
 * - the other direction controls, interlinear annotations and code points that are no characters;
 * - private characters, which mean whatever the reader's font says;
 * - halves of surrogate pairs.
 */
const unwanted =
  // Control characters are what it looks for.
  // oxlint-disable-next-line no-control-regex
  /\x1b\[[0-?]*[ -/]*[@-~]|\x9b[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b\x9c]{0,256}(?:\x07|\x1b\\|\x9c)|\x1b[ -/]*[0-~]|\r\n?|[\u2028\u2029\x85]|(?![\t\n])\p{Cc}|\p{Default_Ignorable_Code_Point}|[\p{Bidi_Control}\ufff9-\ufffb]|\p{Noncharacter_Code_Point}|\p{Co}|\p{Surrogate}/gu;

/** The text without anything invisible, at most `maximumLength` long; what is cut ends in `…`. Cleaning twice changes nothing. */
export function cleanText(text: string, maximumLength: number = maximumTextLength): string {
  const raw = text.length > maximumRawLength ? text.slice(0, maximumRawLength) : text;
  const cleaned = plain.test(raw) ? raw : raw.replace(unwanted, replacement);
  return shorten(cleaned, maximumLength);
}

/** Cut between characters, never inside a surrogate pair. */
export function shorten(text: string, maximumLength: number): string {
  if (text.length <= maximumLength) return text;
  const end = maximumLength - 1;
  const last = text.charCodeAt(end - 1);
  return `${text.slice(0, last >= 0xd800 && last <= 0xdbff ? end - 1 : end)}…`;
}

function replacement(found: string): string {
  const code = found.charCodeAt(0);
  if (code === 0x0d || code === 0x85 || code === 0x2028 || code === 0x2029) return '\n';
  return found.length === 1 && code >= 0xd800 && code <= 0xdfff ? '\ufffd' : '';
}
