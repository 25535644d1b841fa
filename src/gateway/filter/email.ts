// E-mail addresses: read, masked, and found inside text.

/** In lower case and one Unicode spelling; null where it is no address. */
export function normalEmail(value: string): string | null {
  const text = value
    .normalize('NFKC')
    .trim()
    .replace(/^mailto:/i, '')
    .toLowerCase();
  return text.length <= 254 && /^[^\s@<>"(),;:\\[\]]{1,64}@[^\s@<>"(),;:\\[\]]{1,190}$/u.test(text) ? text : null;
}

/** `j•••@•••.com`: the first letter, and the end of the domain where it is a plain one. */
export function maskEmail(value: string): string {
  const address = normalEmail(value);
  if (address === null) return '•••';
  const first = /^[a-z0-9]/.exec(address)?.[0] ?? '';
  const end = /\.[a-z]{2,24}$/.exec(address)?.[0] ?? '';
  return `${first}•••@•••${end}`;
}

const at = /@|＠|﹫|%40/g;
/** What may stand in an address on either side of the sign. Generous: too much hidden is better than a half-shown address. */
const inside = /[\p{L}\p{N}\p{M}.!#$%&'*+/=?^_`{|}~-]/u;
const longestSide = 254;

/** The text with every e-mail address in it masked. */
export function scrubEmails(text: string): string {
  let result = '';
  let copied = 0;
  for (const { index, 0: sign } of text.matchAll(at)) {
    if (index < copied) continue;
    if (index === copied && copied > 0) {
      // A second sign right behind an address: what follows it goes with that address.
      copied = sideEnd(text, index + sign.length);
      continue;
    }
    const start = sideStart(text, index, copied);
    const end = sideEnd(text, index + sign.length);
    if (start === index || end === index + sign.length) continue;
    result += `${text.slice(copied, start)}${maskEmail(`${text.slice(start, index).trim()}@${text.slice(index + sign.length, end).trim()}`)}`;
    copied = end;
  }
  return copied === 0 ? text : result + text.slice(copied);
}

function sideStart(text: string, from: number, floor: number): number {
  let start = skipSpace(text, from, -1, floor);
  const edge = start;
  const lowest = Math.max(floor, start - longestSide);
  while (start > lowest && inside.test(text[start - 1] ?? '')) start -= 1;
  return start === edge ? from : start;
}

function sideEnd(text: string, from: number): number {
  let end = skipSpace(text, from, 1, text.length);
  const edge = end;
  const highest = Math.min(text.length, end + longestSide);
  while (end < highest && inside.test(text[end] ?? '')) end += 1;
  return end === edge ? from : end;
}

/** One space beside the sign is part of an address that someone spelt out. */
function skipSpace(text: string, from: number, step: 1 | -1, limit: number): number {
  if (from === limit) return from;
  return text[step === 1 ? from : from - 1] === ' ' ? from + step : from;
}
