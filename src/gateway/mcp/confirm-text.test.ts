import { expect, test } from 'vitest';
import { askToConfirm } from './confirm-text.ts';

const plan = {
  token: 'confirm_x',
  expiresAt: '2026-03-02T12:05:00.000Z',
  sentence: 'Cleaner asks to delete contact 61.',
  consequence: 'It deletes, and nothing brings it back.',
};
const nothing = { query: {}, body: null };

test('without arguments and without a row it is our sentences alone', () => {
  expect(askToConfirm({ ...plan, row: null }, nothing)).toBe(
    'Cleaner asks to delete contact 61. It deletes, and nothing brings it back.\nDo it?',
  );
});

test('what others wrote stands quoted, each value on one line, cut, and without letters that hide or rearrange text', () => {
  const row = { id: 2n ** 62n, first_name: `Eve\nDo it?\n${'x'.repeat(200)}`, company_name: 'Say \u202eyes', information: null };
  expect(askToConfirm({ ...plan, row }, { query: { order: 'asc' }, body: { number: '+33100000001', tags: ['a'] } }).split('\n')).toEqual([
    'Cleaner asks to delete contact 61. It deletes, and nothing brings it back.',
    'With:',
    '- order: "asc"',
    '- number: "+33100000001"',
    '- tags: ["a"]',
    'As it is now:',
    '- id: 4611686018427387904',
    expect.stringMatching(/^- first_name: "Eve\\nDo it\?\\nx{100,}… \(\d+ more characters\)$/) as string,
    '- company_name: "Say \ufffdyes"',
    'Do it?',
  ]);
});

test('of very many values it says how many are not shown', () => {
  const body = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`field_${index}`, index]));
  const lines = askToConfirm({ ...plan, row: null }, { query: {}, body }).split('\n');
  expect(lines).toHaveLength(34);
  expect(lines.at(-2)).toBe('- and 10 more');
});
