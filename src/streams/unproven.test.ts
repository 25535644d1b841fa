import { expect, test } from 'vitest';
import { formatUnproven, noteProven, noteUnproven, parseUnproven, postpone } from './unproven.ts';

const second = { from: 500, to: 500 };
const gaps = [{ from: 100, to: 900 }];

test('a window that stays unproven is tried again at once, then once a day, and what lies around it every time', () => {
  const once = noteUnproven([], second, 'too many', 1000);
  expect(postpone(gaps, once, 1001)).toEqual({ read: gaps, later: [] });
  const twice = noteUnproven(once, second, 'too many', 1001);
  expect(postpone(gaps, twice, 1002)).toEqual({
    read: [
      { from: 100, to: 499 },
      { from: 501, to: 900 },
    ],
    later: twice,
  });
  expect(postpone(gaps, twice, 1001 + 86_400).read).toEqual(gaps);
});

test('a clock that was set back does not postpone for ever', () => {
  const twice = noteUnproven(noteUnproven([], second, 'too many', 9000), second, 'too many', 9001);
  expect(postpone(gaps, twice, 5000).read).toEqual(gaps);
});

test('a proof forgets the windows inside it, and the list survives its way through state', () => {
  const list = noteUnproven(noteUnproven([], second, 'too many', 1), { from: 950, to: 990 }, 'moved', 1);
  expect(parseUnproven(structuredClone(formatUnproven(list)))).toEqual(list);
  expect(noteProven(list, { from: 400, to: 600 }).map(({ window }) => window)).toEqual([{ from: 950, to: 990 }]);
});
