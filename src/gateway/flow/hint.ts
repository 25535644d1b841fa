// Aircall's own words about a refusal, fit to be shown beside ours: cleaned, short, and without what could be a phone number or
// an address.
import { cleanText } from '../filter/clean-text.ts';
import { PhoneScrubber } from '../filter/phone.ts';

const longest = 200;

export function withoutPersonalData(words: string | undefined): string | null {
  if (words === undefined) return null;
  const cleaned = cleanText(words, longest).replaceAll(/\s+/g, ' ').trim();
  const masked = new PhoneScrubber()
    .scrub(cleaned)
    .replaceAll(/\S*@\S*/g, '•••')
    .replaceAll(/\b[a-z][a-z0-9+.-]*:\/\/\S*/gi, '•••');
  return masked === '' ? null : masked;
}
