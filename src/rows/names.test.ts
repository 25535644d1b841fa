import fc from 'fast-check';
import { expect, test } from 'vitest';
import { snakeCase, uniqueName } from './names.ts';

test.each([
  ['callDuration', 'call_duration'],
  ['HTTPServer', 'http_server'],
  ['UserID', 'user_id'],
  ['Call Duration', 'call_duration'],
  ['call__duration', 'call_duration'],
  ['_load_id', 'load_id'],
  ['__proto__', 'proto'],
  ['2fa', '_2fa'],
  ['', '_empty'],
  ['名前', '_empty'],
  ['é', '_empty'],
  ['a-b.c', 'a_b_c'],
])('%s is named %s', (name, expected) => expect(snakeCase(name)).toBe(expected));

test('a name is one lower-case part that needs no quotes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (name) => {
      expect(snakeCase(name)).toMatch(/^_?[a-z0-9]+(?:_[a-z0-9]+)*$/);
    }),
  );
});

test('a taken name gets a suffix that depends on where it came from and on nothing else', () => {
  const options = { origin: '["calls","callDuration"]', limit: 63 };
  const name = uniqueName('call_duration', new Set(['call_duration']), options);
  expect(name).toMatch(/^call_duration_[a-z0-9]{6}$/);
  expect(uniqueName('call_duration', new Set(['call_duration', 'other']), options)).toBe(name);
  expect(uniqueName('call_duration', new Set(['call_duration']), { ...options, origin: 'elsewhere' })).not.toBe(name);
  expect(uniqueName('call_duration', new Set(['call_duration', name]), options)).not.toBe(name);
});

test('a long name keeps its beginning and its end', () => {
  const long = `first_${'x'.repeat(100)}_last`;
  const name = uniqueName(long, new Set(), { origin: long, limit: 63 });
  expect(name).toMatch(/^first_x+_[a-z0-9]{6}_x+_last$/);
  expect(name.length).toBeLessThanOrEqual(63);
});
