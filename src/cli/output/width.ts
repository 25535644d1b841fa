// How many cells of a terminal a text takes, and text made safe to show there: data may hold control characters that
// would move the cursor or recolour the screen.

// eslint-disable-next-line no-control-regex -- finding control characters is the purpose
const control = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/gu;
const wide = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303f\uff01-\uff60]/u;
const zero = /[\p{M}\p{Cf}]/u;
// eslint-disable-next-line no-control-regex -- as above
const colours = /\u001b\[[0-9;]*m/g;

/** Control characters written out: `\n` as `\n`, others as `\x1b`. */
export function visible(text: string): string {
  return text.replace(control, (found) => {
    if (found === '\n') return '\\n';
    if (found === '\t') return '\\t';
    if (found === '\r') return '\\r';
    const code = found.charCodeAt(0);
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

/** Cells the text takes on a terminal, colours not counted. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text.replace(colours, '')) width += cellsOf(character);
  return width;
}

/** The text cut to at most `width` cells, with `…` where something was cut. For text without colours. */
export function truncate(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let kept = '';
  let cells = 0;
  for (const character of text) {
    const next = cells + cellsOf(character);
    if (next > width - 1) break;
    kept += character;
    cells = next;
  }
  return `${kept}…`;
}

export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

export function padStart(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - widthOf(text))) + text;
}

/** Text broken at spaces into lines of at most `width` cells. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && widthOf(line) + 1 + widthOf(word) > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  lines.push(line);
  return lines;
}

function cellsOf(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x300) return 1;
  if (zero.test(character)) return 0;
  return wide.test(character) ? 2 : 1;
}
