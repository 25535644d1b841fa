// The vocabulary of the invented company. Family names are words for "example", so that nobody real is meant.
import type { Random } from '../random.ts';

const firstNames = [
  'Ada', 'Grace', 'Alan', 'Edsger', 'Barbara', 'Donald', 'Margaret', 'Dennis', 'Frances', 'Ken', 'Hedy', 'Niklaus', 'Radia', 'Leslie', 'Adele',
  'Zoë', 'José', 'Søren', 'Łucja', 'Renée', 'Jürgen', 'Anaïs', 'Ömer', 'Þóra', 'Siân', 'O’Neil', "D'Arcy", 'Jean-Luc',
  '美咲', '伟', '지우', 'محمد', 'רות', 'Ольга', 'Ελένη', 'नेहा', 'สมชาย',
]; // prettier-ignore
const familyNames = [
  'Example', 'Sample', 'Specimen', 'Beispiel', 'Ejemplo', 'Exemple', 'Esempio', 'Voorbeeld', 'Exemplo', 'Przykład', 'Örnek', 'Muster', 'Pavyzdys',
  '例子', 'مثال', 'דוגמה', 'Пример', 'Παράδειγμα', 'उदाहरण',
]; // prettier-ignore
const companyWords = [
  'Blue',
  'North',
  'River',
  'Copper',
  'Maple',
  'Granite',
  'Harbour',
  'Cedar',
  'Summit',
  'Lantern',
  'Meadow',
  'Orchard',
  'Été',
  'Über',
];
const companyThings = [
  'Paper',
  'Bakery',
  'Tools',
  'Logistics',
  'Optics',
  'Bicycles',
  'Hotels',
  'Farms',
  'Print',
  'Software',
  'Garden',
  'Café',
];
const companyForms = ['Ltd', 'GmbH', 'Inc.', 'SARL', 'S.A.', 'LLC', '& Co', 'AG'];

const remarks = [
  'Asked for an invoice', 'Wants a call back on Monday', 'Order arrived damaged', 'Will pay by transfer', 'Left a message with the front desk',
  'Asked about opening hours', 'Upgrade to the larger plan', 'Password reset done', 'Not interested', 'Spoke to the accounting team',
  'Said "next week at the latest"', 'Line 1\nLine 2', 'Préfère être rappelé après 18 h', 'Möchte ein Angebot für 20 Stück', 'お世話になっております',
  'العميل يريد الاتصال غداً', 'Tab\there, backslash \\ there', 'Ticket #4521 / ref. A&B <urgent>', 'שלום, נא לחזור', 'Zero\u200bwidth and no-break\u00a0space',
]; // prettier-ignore

export const labels = ['Work', 'Home', 'Mobile', 'Office', 'Main'] as const;

export type PersonName = { readonly first: string; readonly last: string };

/** Plain Latin names nine times out of ten, the rest of the world in the tenth. */
export function drawName(random: Random): PersonName {
  const plain = random.chance(0.9);
  return {
    first: plain ? (firstNames[random.below(15)] ?? 'Ada') : random.pick(firstNames),
    last: plain ? (familyNames[random.below(9)] ?? 'Example') : random.pick(familyNames),
  };
}

export function drawCompanyName(random: Random): string {
  return `${random.pick(companyWords)} ${random.pick(companyThings)} ${random.pick(companyForms)}`;
}

export function drawRemark(random: Random): string {
  // The first ten are plain; odd ones are the long tail.
  return random.chance(0.85) ? (remarks[random.below(10)] ?? '') : random.pick(remarks);
}

/** An address below example.com that is unique by its `index`. */
export function emailAddress(name: PersonName, index: number): string {
  const local = `${name.first}.${name.last}`
    .normalize('NFKD')
    .replaceAll(/[^A-Za-z.]/g, '')
    .toLowerCase();
  return `${local.length > 1 ? local : 'person'}.${index}@example.com`;
}
