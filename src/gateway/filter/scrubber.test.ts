import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { maskEmail, normalEmail, scrubEmails } from './email.ts';
import { maskedPerson, maskedPhone, Scrubber } from './scrubber.ts';

test.each([
  ['jane.roe@acme.com', 'j•••@•••.com'],
  ['Jane@Acme.CO.UK', 'j•••@•••.uk'],
  ['mailto:jane@acme.com', 'j•••@•••.com'],
  ['ÿ@acme.com', '•••@•••.com'],
  ['jane@localhost', 'j•••@•••'],
  ['no address', '•••'],
  ['a@b@c', '•••'],
  ['', '•••'],
])('the address %s is masked as %s', (address, masked) => {
  expect(maskEmail(address)).toBe(masked);
});

test.each([
  ['Write to jane.roe@acme.com, please.', 'Write to j•••@•••.com, please.'],
  ['<jane@acme.com>', '<j•••@•••.com>'],
  ['a@x.com;b@y.org', 'a•••@•••.com;b•••@•••.org'],
  ['jane＠acme.com', 'j•••@•••.com'],
  ['mailto:jane%40acme.com?x=1', 'mailto:j•••@•••'],
  ['jane @ acme.com', 'j•••@•••.com'],
  ['a@x.com@y.org', 'a•••@•••.com'],
  ['@home', '@home'],
  ['5 @ ', '5 @ '],
  ['@', '@'],
  ['no address', 'no address'],
])('in text, %s becomes %s', (text, scrubbed) => {
  expect(scrubEmails(text)).toBe(scrubbed);
});

test('no address is left in any text, and scrubbing twice changes nothing', () => {
  const around = fc.constantFrom('', ' ', ', ', '(', ')', 'x ', '. ', '@', '\n');
  fc.assert(
    fc.property(fc.emailAddress(), fc.emailAddress(), around, around, around, (one, other, before, between, after) => {
      const scrubbed = scrubEmails(before + one + between + other + after);
      // A side of one letter is shown as it is masked.
      for (const side of [one, other].flatMap((address) => address.split('@')).filter(({ length }) => length > 8)) {
        expect(scrubbed.toLowerCase()).not.toContain(side.toLowerCase());
      }
      expect(scrubEmails(scrubbed)).toBe(scrubbed);
    }),
  );
});

test('an address has one normal spelling', () => {
  expect(['Jane@Acme.com', ' jane@acme.com ', 'MAILTO:jane@ACME.com', 'ｊａｎｅ@acme.com'].map(normalEmail)).toEqual(
    Array(4).fill('jane@acme.com'),
  );
  expect(['jane', '@acme.com', 'jane@', 'a b@c.d', `${'a'.repeat(300)}@b.c`].map(normalEmail)).toEqual(Array(5).fill(null));
});

test.each([
  ['Jane Roe', 'J. R.'],
  ['jane', 'J.'],
  ['Jean-Luc de la Tour', 'J. L. D.'],
  ['Ólafur Þór', 'Ó. Þ.'],
  ['王小明', '王.'],
  ['O’Neill', 'O.'],
  ['+33 1 23 45 67 89', 'Person'],
  ['Call from +33 1 23', 'C. F.'],
  ['\u202e\u0007!', 'Person'],
])('the name %s is masked as %s', (name, masked) => {
  expect(maskedPerson(name)).toBe(masked);
});

test('a number that is not there is called so, and what is no number is hidden whole', () => {
  expect(['anonymous', 'Jane', ''].map(maskedPhone)).toEqual(['anonymous', '•••', '•••']);
});

test('a text is scrubbed of what must not be seen in it, and of nothing else', () => {
  const text = 'jane@acme.com, +33 1 23 45 67 89';
  expect(new Scrubber({ phones: false, emails: false }).scrub(text)).toBe(text);
  expect(new Scrubber({ phones: true, emails: false }).scrub(text)).toBe('jane@acme.com, +33 ••• •• •• 89');
  expect(new Scrubber({ phones: false, emails: true }).scrub(text)).toBe('j•••@•••.com, +33 1 23 45 67 89');
  expect(new Scrubber({ phones: true, emails: true }).scrub(text, 'phone')).toBe('j•••@•••.com, +33 1 23 45 67 89');
});
