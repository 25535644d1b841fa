// Values that records have been known to carry, or might: what a reader meets once in a million and must not trip over.
import type { Overrides } from './company/state.ts';
import { rawJson } from './raw-json.ts';

/** Fields to lay over records, by what is odd about them. Use them as overrides or as drift. */
export const oddities = {
  'a new field': { sentiment_hint: 'calm' },
  'a new nested object': { routing: { queue: 'gold', attempts: { first: 1, second: null } } },
  'a new nested list': {
    hops: [
      { at: 1, by: ['a', 'b'] },
      { at: 2, by: [] },
    ],
  },
  'a field that became text': { duration: 'ninety seconds', archived: 'no' },
  'a field that became an object': { cost: { amount: '3.0', currency: 'USD' } },
  'a field that became a list': { direction: ['inbound'] },
  'a field that vanished': { raw_digits: undefined },
  'an integer beyond 2^53': { serial: rawJson('9007199254740993') },
  'an integer beyond 64 bits': { serial: rawJson('123456789012345678901234567890') },
  'a number with many digits': { serial: rawJson('0.1234567890123456789012345') },
  'a NUL character': { note: 'before\u0000after' },
  'a lone surrogate': { note: 'before\ud800after' },
  'a text of a megabyte': { note: 'Ünïcödé '.repeat(131_072) },
  'an empty text': { note: '' },
  'the word NULL': { note: 'NULL' },
  'a backslash N': { note: String.raw`\N` },
  'text from right to left': { note: 'שלום \u202eעולם\u202c مرحبا' },
  'characters without a width': { note: 'zero\u200bwidth\u200djoined\ufeff' },
} as const satisfies Readonly<Record<string, Overrides>>;
