// Phone numbers that belong to nobody, and the two ways Aircall writes them: E.164 and the display form with spaces.
import type { Random } from '../random.ts';

export type PhoneNumber = { readonly e164: string; readonly country: string };

/** A number from ranges set aside for fiction: mostly American, some French and British. */
export function drawPhoneNumber(random: Random): PhoneNumber {
  const draw = random.below(10);
  if (draw < 7) return { e164: `+155501${padded(random, 5)}`, country: 'US' };
  if (draw < 9) return { e164: `+3319900${padded(random, 4)}`, country: 'FR' };
  return { e164: `+447700900${padded(random, 3)}`, country: 'GB' };
}

/** `+15550100123` becomes `+1 555-010-0123`. */
export function displayNumber(e164: string): string {
  if (e164.startsWith('+1') && e164.length === 12) return `+1 ${e164.slice(2, 5)}-${e164.slice(5, 8)}-${e164.slice(8)}`;
  if (e164.startsWith('+33') && e164.length === 12) {
    return `+33 ${e164.slice(3, 4)} ${e164.slice(4, 6)} ${e164.slice(6, 8)} ${e164.slice(8, 10)} ${e164.slice(10)}`;
  }
  if (e164.startsWith('+44') && e164.length === 13) return `+44 ${e164.slice(3, 7)} ${e164.slice(7)}`;
  return e164;
}

/** The country of a number by its prefix; null when it is none the simulator knows. */
export function countryOf(e164: string): string | null {
  if (e164.startsWith('+1')) return 'US';
  if (e164.startsWith('+33')) return 'FR';
  if (e164.startsWith('+44')) return 'GB';
  return null;
}

function padded(random: Random, digits: number): string {
  return random
    .below(10 ** digits)
    .toString()
    .padStart(digits, '0');
}
