// Takes phone numbers and e-mail addresses out of text. What stands in fields is learnt first, from the whole answer, so that
// the same number is found in any text beside it.
import { maskEmail, scrubEmails } from './email.ts';
import { maskPhone, PhoneScrubber, readPhone } from './phone.ts';

export type Scrubbing = { readonly phones: boolean; readonly emails: boolean };

export class Scrubber {
  readonly #phones = new PhoneScrubber();
  readonly #scrubbing: Scrubbing;

  constructor(scrubbing: Scrubbing) {
    this.#scrubbing = scrubbing;
  }

  learnPhone(value: string): void {
    if (!this.#scrubbing.phones) return;
    const phone = readPhone(value);
    if (phone !== null) this.#phones.learn(phone);
  }

  /**
   * The text as it may be shown. Give it cleaned text: invisible characters part digits. In a field of the class itself, where
   * the class is shown, its values stay.
   */
  scrub(text: string, shownClass?: string): string {
    // Addresses first: digits inside them go with them.
    const withoutEmails = this.#scrubbing.emails && shownClass !== 'email' ? scrubEmails(text) : text;
    return this.#scrubbing.phones && shownClass !== 'phone' ? this.#phones.scrub(withoutEmails) : withoutEmails;
  }

  /** Whether a number, or a machine name made of digits, must not be shown because it is or holds a known phone number. */
  isKnownPhone(digits: string): boolean {
    return this.#scrubbing.phones && this.#phones.knows(digits);
  }
}

/** What stands for a phone number where it is masked. `anonymous` is Aircall's word for a number that is not there. */
export function maskedPhone(value: string): string {
  if (value === 'anonymous') return value;
  const phone = readPhone(value);
  return phone === null ? '•••' : maskPhone(phone);
}

export { maskEmail as maskedEmail };

/** The initials, three at most: `J. D.`; `Person` where there is no letter to begin with. */
export function maskedPerson(value: string): string {
  const initials = [
    ...value
      .normalize('NFC')
      .slice(0, 200)
      .matchAll(/(?<![\p{L}\p{M}\p{N}'’])\p{L}/gu),
  ].slice(0, 3);
  return initials.length === 0 ? 'Person' : initials.map(([letter]) => `${letter.toUpperCase()}.`).join(' ');
}
