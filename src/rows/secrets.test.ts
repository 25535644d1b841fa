import { describe, expect, test } from 'vitest';
import { createCharacters } from './characters.ts';
import { looksSecret, looksSigned, nothingDropped, scrub } from './secrets.ts';

describe('names that hold secrets', () => {
  test.each([
    'token',
    'access_token',
    'authenticationToken',
    'client_secret',
    'Password',
    'Authorization',
    'api_key',
    'apiKey',
    'intercom_hash',
    'session_cookie',
    'private_key',
  ])('%s', (name) => expect(looksSecret(name, 'abc')).toBe(true));
  test.each(['author', 'tokenised_text', 'key', 'hashtag', 'keyboard', 'secretary'])('but not %s', (name) =>
    expect(looksSecret(name, 'abc')).toBe(false),
  );
  test('flags and counts beside a secret are no secrets', () => {
    expect(looksSecret('has_password', true)).toBe(false);
    expect(looksSecret('tokens_used', 12)).toBe(false);
    expect(looksSecret('token', 123456)).toBe(true);
  });
});

describe('links that open a door', () => {
  test.each([
    'https://storage.example.com/a.mp3?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=abc',
    'https://cdn.example.com/a?Expires=1&Signature=abc&Key-Pair-Id=k',
    'https://blob.example.com/a?sv=2024&sig=abc',
    'https://user:word@example.com/feed',
    'listen: https://example.com/a?token=abc',
  ])('%s', (link) => expect(looksSigned(link)).toBe(true));
  test.each([
    'https://assets.aircall.io/calls/1/recording',
    'https://example.com/a?page=2&order=asc',
    'sig=abc',
    'https://example.com:8080/a@b',
  ])('but not %s', (link) => expect(looksSigned(link)).toBe(false));
});

test('secrets and links are taken out of an unknown value at any depth, and counted', () => {
  const dropped = nothingDropped();
  const value = { a: [{ token: 't', kept: 1 }, 'https://x.example.com/?sig=1'], b: { c: { secret: { deep: 1 } } } };
  expect(scrub('field', value, { dropped, characters: createCharacters([]) }).value).toEqual({ a: [{ kept: 1 }, null], b: { c: {} } });
  expect(dropped).toEqual({ secrets: 2, links: 1, omitted: 0, ignored: 0 });
});

test('what lies too deep to be walked is kept as text, or dropped whole when it may hold a secret', () => {
  const deep = (leaf: unknown): unknown => {
    let value = leaf;
    for (let level = 0; level < 5000; level++) value = [value];
    return value;
  };
  const dropped = nothingDropped();
  const plain = scrub('field', deep('leaf'), { dropped, characters: null });
  expect(plain.tooDeep).toBe(true);
  expect(JSON.stringify(plain.value)).toContain('leaf');
  const secret = scrub('field', deep({ token: 'leaf' }), { dropped, characters: null });
  expect(JSON.stringify(secret.value)).not.toContain('leaf');
  expect(dropped.secrets).toBe(1);
});
