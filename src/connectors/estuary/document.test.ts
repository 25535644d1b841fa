import { expect, test } from 'vitest';
import { documentText, tombstoneText } from './document.ts';

test('integers beyond 2^53 keep every digit, in documents and in tombstones', () => {
  expect(documentText({ id: 9_007_199_254_740_993n, name: 'a' }, [])).toBe('{"id":9007199254740993,"name":"a","_meta":{"op":"u"}}');
  expect(tombstoneText({ name: 'id', type: 'integer' }, '9007199254740993')).toBe('{"id":9007199254740993,"_meta":{"op":"d"}}');
  expect(tombstoneText({ name: 'webhook_id', type: 'string' }, '0042')).toBe('{"webhook_id":"0042","_meta":{"op":"d"}}');
});

test('what was set aside stands in _meta, and what Aircall calls _meta moves aside', () => {
  const odd = {
    table: 'calls__tags',
    key: '1',
    column: 'color',
    reason: 'expected text, received an object',
    value: '{"a":1}',
    position: '2',
  };
  expect(JSON.parse(documentText({ id: 1, _meta: 'theirs' }, [odd]))).toEqual({
    id: 1,
    aircall_meta: 'theirs',
    _meta: { op: 'u', set_aside: [{ field: 'calls__tags.color', reason: odd.reason, value: odd.value, position: '2' }] },
  });
});
