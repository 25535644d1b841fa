import { expect, test } from 'vitest';
import { parseMoment } from './moment.ts';

test('a date may come with a time, fractions of a second and a zone, or without', () => {
  const moments = {
    '2026-01-31': '2026-01-31T00:00:00Z',
    '2026-01-31T10:20:30Z': '2026-01-31T10:20:30Z',
    '2026-01-31T10:20:30.000Z': '2026-01-31T10:20:30Z',
    '2026-01-31t10:20:30.999999z': '2026-01-31T10:20:30Z',
    '2026-01-31T10:20:30': '2026-01-31T10:20:30Z',
    '2026-01-31 10:20': '2026-01-31T10:20:00Z',
    '2026-01-31T10:20:30+02:00': '2026-01-31T08:20:30Z',
  };
  for (const [text, same] of Object.entries(moments)) expect([text, parseMoment(text)]).toEqual([text, Date.parse(same) / 1000]);
  for (const text of ['', 'yesterday', '2026-02-30', '2026-13-01', '2026-01-31T25:00:00Z', '2026-1-1', '20260131', '2026-01-31T10']) {
    expect([text, parseMoment(text)]).toEqual([text, null]);
  }
});
