import { expect, test } from 'vitest';
import { treatmentOf } from './treatment.ts';
import type { FieldRule } from './types.ts';

const masked = (ofClass: FieldRule['class']): FieldRule => ({ area: 'contacts', class: ofClass, treatment: 'mask' });

test('links to files are hidden in every area, whatever the rules, unless recordings may be read', () => {
  const rules: FieldRule[] = [{ area: null, class: 'media', treatment: 'show' }];
  expect(treatmentOf({ rules, recordings: false }, 'conversation', 'media')).toBe('hide');
  expect(treatmentOf({ rules, recordings: true }, 'conversation', 'media')).toBe('show');
});

test('numbers, addresses and names that are masked in one area are masked in those without a rule; text is not', () => {
  const elsewhere = (ofClass: FieldRule['class']) => treatmentOf({ rules: [masked(ofClass)], recordings: true }, 'calls', ofClass);
  expect((['phone', 'email', 'person'] as const).map(elsewhere)).toEqual(['mask', 'mask', 'mask']);
  expect(elsewhere('freetext')).toBe('show');
});
