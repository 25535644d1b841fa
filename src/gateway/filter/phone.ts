// Phone numbers, as they are written anywhere: read, masked, and found inside text. No list of numbering plans is needed: what
// is masked is masked by its digits, and the one thing that must be known is how long a country code is.

export type Phone = {
  /** Without `+`, leading `00` and trunk zeros in parentheses. */
  readonly digits: string;
  /** It was written with its country code, said so by `+` or `00`. */
  readonly international: boolean;
};

const bullets = '••• •• ••';

/** Reads a phone number in any spelling, `tel:` links and digits of other scripts too. Null where there is none. */
export function readPhone(value: string): Phone | null {
  const folded = foldDigits(value.length > 200 ? value.slice(0, 200) : value)
    .trim()
    .replace(/^tel:/i, '');
  const written = /^[^\p{L};]*/u.exec(folded)?.[0] ?? '';
  const hasPlus = /^[^\d]*\+/.test(written);
  const digits = (hasPlus ? written.replace(/\(\s*0\s*\)/, '') : written).replaceAll(/\D/g, '');
  if (digits === '') return null;
  if (!hasPlus && digits.startsWith('00') && digits.length > 8) return { digits: digits.slice(2), international: true };
  return { digits, international: hasPlus };
}

/**
 * The one spelling of a number that is the same for all its spellings: E.164 where it has a country code. A number without
 * `+` counts as international unless it begins with a trunk zero or is too short, because that is how Aircall leaves it out.
 */
export function normalPhone({ digits, international }: Phone): string {
  return international || (digits.length >= 8 && digits.length <= 15 && !digits.startsWith('0')) ? `+${digits}` : digits;
}

/** `+33 ••• •• •• 89`; a number too short to hide anything behind its ends is hidden whole. Says nothing about its length. */
export function maskPhone({ digits, international }: Phone): string {
  const country = international ? digits.slice(0, countryCodeLength(digits)) : '';
  if (digits.length - country.length < (international ? 6 : 8)) return '•••';
  return `${country === '' ? '' : `+${country} `}${bullets} ${digits.slice(-2)}`;
}

/** Country codes of two digits; +1 and +7 have one, all others three. ITU-T E.164, list of assigned country codes. */
const twoDigitCodes = new Set(
  '20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98'.split(
    ' ',
  ),
);

function countryCodeLength(digits: string): number {
  if (digits.startsWith('1') || digits.startsWith('7')) return 1;
  return twoDigitCodes.has(digits.slice(0, 2)) ? 2 : 3;
}

/** So many digits in a row are part of a known number when they are part of it anywhere. */
const windowLength = 6;
/** So many digits, separated as phone numbers are, are taken for one. */
const shortestInText = 7;
const widestGap = 4;

/** Finds phone numbers in text. It knows those that stand in fields of the same answer, and finds them in any grouping. */
export class PhoneScrubber {
  readonly #windows = new Set<string>();
  readonly #short = new Set<string>();

  /** A number that must not be seen in any text. */
  learn(phone: Phone): void {
    const { digits } = phone;
    if (digits.length < windowLength) {
      if (digits.length >= 3) this.#short.add(digits);
      return;
    }
    for (let start = 0; start + windowLength <= digits.length; start += 1) this.#windows.add(digits.slice(start, start + windowLength));
  }

  /** Whether a whole number, such as a JSON number, is or holds a known one. */
  knows(digits: string): boolean {
    if (this.#short.has(digits)) return true;
    for (let start = 0; start + windowLength <= digits.length; start += 1) {
      if (this.#windows.has(digits.slice(start, start + windowLength))) return true;
    }
    return false;
  }

  /**
   * The text with every phone number in it masked: known ones however they are grouped, and everything else that looks like
   * one. Dates written 2024-11-25 stay.
   */
  scrub(text: string): string {
    if (!mayHoldNumber(text)) return text;
    let result = '';
    let copied = 0;
    for (const run of digitRuns(text)) {
      for (const piece of this.#pieces(run)) {
        result += text.slice(copied, piece.start) + piece.text;
        copied = piece.end;
      }
    }
    return copied === 0 ? text : result + text.slice(copied);
  }

  #pieces(run: readonly Digit[]): readonly Piece[] {
    const pieces: Piece[] = [];
    const known = this.#knownPlaces(run);
    for (const group of phoneGroups(run)) {
      const first = group[0];
      const last = group.at(-1);
      if (first === undefined || last === undefined) continue;
      const digits = group.map((digit) => digit.value).join('');
      if (group.length >= shortestInText && !isDate(group)) {
        const phone = readPhone((first.plus === null ? '' : '+') + digits);
        pieces.push({ start: first.plus ?? first.start, end: last.end, text: phone === null ? '•••' : maskPhone(phone) });
      } else {
        const isShortKnown = this.#short.has(digits);
        for (const digit of group) if (isShortKnown || known.has(digit)) pieces.push({ start: digit.start, end: digit.end, text: '•' });
      }
    }
    return pieces;
  }

  #knownPlaces(run: readonly Digit[]): ReadonlySet<Digit> {
    const places = new Set<Digit>();
    if (this.#windows.size === 0 || run.length < windowLength) return places;
    const digits = run.map((digit) => digit.value).join('');
    for (let start = 0; start + windowLength <= digits.length; start += 1) {
      if (!this.#windows.has(digits.slice(start, start + windowLength))) continue;
      for (const digit of run.slice(start, start + windowLength)) places.add(digit);
    }
    return places;
  }
}

type Piece = { readonly start: number; readonly end: number; readonly text: string };

type Digit = {
  readonly value: string;
  readonly start: number;
  readonly end: number;
  /** What stands between the digit before it and this one. */
  readonly gap: string;
  /** Where a `+` stands before it that nothing but phone separators part from it. */
  readonly plus: number | null;
};

const phoneGap = /^[\s.\-‐‑‒–—―−/()[\]·•*_]*$/u;

function mayHoldNumber(text: string): boolean {
  let digits = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code >= 0x30 && code <= 0x39) digits += 1;
    else if (code > 0x7f && code !== 0x2022) return true;
    if (digits >= 3) return true;
  }
  return false;
}

/** Digits with no letter, and not too much else, between them. */
function* digitRuns(text: string): Generator<readonly Digit[]> {
  let run: Digit[] = [];
  let gap = '';
  let plus: number | null = null;
  let index = 0;
  for (const character of text) {
    const start = index;
    index += character.length;
    const value = digitOf(character);
    if (value !== null) {
      run.push({ value, start, end: index, gap, plus });
      gap = '';
      plus = null;
      continue;
    }
    gap += character;
    if (character === '+' || character === '＋' || character === '﹢') plus = start;
    else if (!phoneGap.test(character)) plus = null;
    if (run.length > 0 && (gap.length > widestGap || letter.test(character))) {
      yield run;
      run = [];
    }
    if (gap.length > widestGap) {
      gap = gap.slice(-widestGap);
      if (plus !== null && plus < start - widestGap) plus = null;
    }
  }
  if (run.length > 0) yield run;
}

const letter = /\p{L}/u;

/** Parts a run where something stands that no phone number has inside, where a new `+` begins, and around dates. */
function phoneGroups(run: readonly Digit[]): readonly (readonly Digit[])[] {
  const groups: Digit[][] = [];
  let group: Digit[] = [];
  const next = () => {
    if (group.length > 0) groups.push(group);
    group = [];
  };
  for (let place = 0; place < run.length; place += 1) {
    const digit = run[place];
    if (digit === undefined) break;
    if (group.length > 0 && (digit.plus !== null || !phoneGap.test(digit.gap))) next();
    const date = digit.gap === '' && group.length > 0 ? [] : run.slice(place, place + 8);
    if (isDate(date) && run[place + 8]?.gap !== '') {
      next();
      groups.push(date);
      place += 7;
    } else {
      group.push(digit);
    }
  }
  next();
  return groups;
}

/** `2024-11-25`, with `-`, `/` or `.`. */
function isDate(group: readonly Digit[]): boolean {
  if (group.length !== 8) return false;
  const separator = group[4]?.gap ?? '';
  if (separator !== '-' && separator !== '/' && separator !== '.') return false;
  if (!group.every((digit, place) => place === 0 || digit.gap === (place === 4 || place === 6 ? separator : ''))) return false;
  return /^(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])$/.test(group.map((digit) => digit.value).join(''));
}

/** The text with digits of all scripts, full-width ones too, as 0 to 9. Other characters stay. */
function foldDigits(text: string): string {
  // oxlint-disable-next-line no-control-regex
  if (/^[\x00-\x7f]*$/.test(text)) return text;
  let folded = '';
  for (const character of text) folded += digitOf(character) ?? (character === '＋' || character === '﹢' ? '+' : character);
  return folded;
}

const number = /\p{N}/u;
const decimalDigit = /\p{Nd}/u;

/** `0` to `9` for a decimal digit of any script, also circled, raised or full-width; null for all else. */
function digitOf(character: string): string | null {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x80) return code >= 0x30 && code <= 0x39 ? character : null;
  if (!number.test(character)) return null;
  const plain = character.normalize('NFKC');
  if (/^\d$/.test(plain)) return plain;
  if (!decimalDigit.test(character)) return null;
  // Every script's ten digits stand in a row that begins at U+…0 or U+…6 (Unicode's list of Nd).
  const low = code & 0xf;
  const startsAtZero = low < 6 || decimalDigit.test(String.fromCodePoint(code - low));
  return String(startsAtZero ? low : low - 6);
}
