import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { maskPhone, normalPhone, PhoneScrubber, readPhone } from './phone.ts';

const spelt = [
  '+33 1 23 45 67 89',
  '+33123456789',
  '0033 1.23.45.67.89',
  'tel:+33-1-23-45-67-89',
  '+33 (0)1 23 45 67 89',
  '＋３３ １２３４５６７８９',
  '+٣٣ ١٢٣٤٥٦٧٨٩',
  '33123456789',
  '+33 1 23 45 67 89;ext=5',
  '+33 1 23 45 67 89 ext. 5',
];

test('all spellings of a number are one number', () => {
  for (const text of spelt) {
    const phone = readPhone(text);
    expect(phone === null ? null : normalPhone(phone), text).toBe('+33123456789');
  }
});

test('what has no digits is no number', () => {
  for (const text of ['anonymous', '', '+', 'tel:', 'Jane', '•••']) expect(readPhone(text)).toBeNull();
});

test.each([
  ['+33 1 23 45 67 89', '+33 ••• •• •• 89'],
  ['+1 555-010-9004', '+1 ••• •• •• 04'],
  ['+7 495 123 45 67', '+7 ••• •• •• 67'],
  ['+420 123 456 789', '+420 ••• •• •• 89'],
  ['+353 1 234 5678', '+353 ••• •• •• 78'],
  ['+44 20 7946 0018', '+44 ••• •• •• 18'],
  ['01 23 45 67 89', '••• •• •• 89'],
  ['33123456789', '••• •• •• 89'],
  ['+33 12345', '•••'],
  ['1234567', '•••'],
  ['112', '•••'],
  ['1-800-FLOWERS', '•••'],
])('%s is masked as %s', (text, masked) => {
  const phone = readPhone(text);
  expect(phone === null ? null : maskPhone(phone)).toBe(masked);
});

test.each([
  ['Call from +33 1 23 45 67 89', 'Call from +33 ••• •• •• 89'],
  ['tel:+33123456789', 'tel:+33 ••• •• •• 89'],
  ['(+33) 1.23.45.67.89!', '(+33 ••• •• •• 89!'],
  ['0123456789', '••• •• •• 89'],
  ['０１２３４５６７８９', '••• •• •• 89'],
  ['a01-23-45-67-89b', 'a••• •• •• 89b'],
  ['+33123456789,+442079460018', '+33 ••• •• •• 89,+44 ••• •• •• 18'],
  ['1 2 3 4 5 6 7 8', '••• •• •• 78'],
  ['0(1)2/3_4*5·6789', '••• •• •• 89'],
  ['On 2024-11-25 at 10:30, room 12', 'On 2024-11-25 at 10:30, room 12'],
  ['2024-11-25', '2024-11-25'],
  ['2024-11-251', '••• •• •• 51'],
  ['2024-13-25', '••• •• •• 25'],
  ['order 12345', 'order 12345'],
  ['no digits', 'no digits'],
])('in text, %s becomes %s', (text, scrubbed) => {
  expect(new PhoneScrubber().scrub(text)).toBe(scrubbed);
});

test('a known number is found however its digits are grouped, and parts of it too', () => {
  const scrubber = new PhoneScrubber();
  for (const text of ['+33123456789', '2024']) {
    const phone = readPhone(text);
    if (phone !== null) scrubber.learn(phone);
  }
  for (const text of ['123, 456', '1:2:3:4:5:6', '12;34\n56', '１２３４５６', '1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣', '①②③④⑤⑥', '¹²³⁴⁵⁶']) {
    expect(scrubber.scrub(`at ${text}!`), text).toMatch(/^at [^\p{N}]*!$/u);
  }
  // Too short to be part of a number, or a short number that is known whole.
  expect(scrubber.scrub('12345')).toBe('12345');
  expect(scrubber.scrub('code 2024.')).toBe('code ••••.');
  expect(scrubber.knows('00123456')).toBe(true);
  expect(scrubber.knows('654321')).toBe(false);
});

test('no six digits of a known number are left in a row, whatever stands between and around them', () => {
  const digits = fc.stringMatching(/^[1-9]\d{8,13}$/);
  const separators = fc.array(fc.constantFrom('', '', ' ', '-', '.', ', ', ' / ', ':', '\n', ') ', '–', '·'), {
    minLength: 14,
    maxLength: 14,
  });
  const around = fc.constantFrom('', 'at ', '7 ', '+', '00', 'x', '12', '+44 20 ', '2024-11-25 ');
  fc.assert(
    fc.property(digits, separators, around, around, (number, between, before, after) => {
      const phone = readPhone(`+${number}`);
      if (phone === null) return;
      const scrubber = new PhoneScrubber();
      scrubber.learn(phone);
      const text =
        before +
        Array.from(number)
          .map((digit, place) => digit + (between[place] ?? ''))
          .join('') +
        after;
      const left = scrubber.scrub(text).split(/[•\p{L}]+/u);
      for (const piece of left) {
        const kept = piece.replaceAll(/\D/g, '');
        for (let start = 0; start + 6 <= number.length; start += 1) expect(kept).not.toContain(number.slice(start, start + 6));
      }
      expect(scrubber.scrub(scrubber.scrub(text))).toBe(scrubber.scrub(text));
    }),
    { numRuns: 500 },
  );
});

test('scrubbing never throws, and takes its time from the length of the text alone', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 50 }), (text) => typeof new PhoneScrubber().scrub(text) === 'string'));
  // In proportion: what goes back and forth over a text takes a hundred times as long for ten times as much.
  for (const unit of ['1', '1 ', '+1', '+', '- ', '1-----', '2024-11-25', '１']) {
    const [short = 0, long = 0] = [400, 8_000].map((length) => scrubbingTimeMs(unit.repeat(length).slice(0, length)));
    expect(long, unit).toBeLessThan(20 * 5 * Math.max(short, 1));
  }
});

function scrubbingTimeMs(text: string): number {
  const times = Array.from({ length: 5 }, () => {
    const startedAt = performance.now();
    new PhoneScrubber().scrub(text);
    return performance.now() - startedAt;
  });
  return Math.min(...times);
}
