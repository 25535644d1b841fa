import { parse } from 'node:querystring';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { capabilities } from '../capabilities/capabilities.ts';
import { matchRoute } from '../capabilities/route.ts';
import { readTarget } from './target.ts';
import type { Target } from './target.ts';

const isRead = (read: ReturnType<typeof readTarget>): read is Target => !('problem' in read);

const anything = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc
    .array(
      fc.constantFrom(
        '/',
        '//',
        '.',
        '..',
        '%2e',
        '%2F',
        '%5c',
        '\\',
        ';',
        '?',
        '&',
        '=',
        '+',
        '%20',
        '%25',
        '%00',
        '%0a',
        '%c3%a9',
        '%',
        '%zz',
        '#',
        '@',
        ':',
        'v1',
        'calls',
        'tags[]',
        '%5B',
        '1',
        'http://x',
        '%E2%80%AE',
        'page',
        '_method',
        '__proto__',
        '\u00e9',
        '\t',
        ' ',
        '[',
        ']',
      ),
      { maxLength: 14 },
    )
    .map((parts) => `/${parts.join('')}`),
);

test('whatever is let through means the same to every decoder', () => {
  let read = 0;
  fc.assert(
    fc.property(anything, (target) => {
      const got = readTarget(target);
      if (!isRead(got)) return;
      read += 1;
      const url = new URL(target, 'http://gateway.invalid');
      const [path = '', query = ''] = target.split('?', 2);
      // No decoder moves a part elsewhere, finds another host, or another number of parts.
      expect(url.host).toBe('gateway.invalid');
      expect(url.hash).toBe('');
      expect(url.pathname.slice(1).split('/').map(decodeURIComponent)).toEqual(got.segments);
      expect(path.slice(1).split('/').map(decodeURIComponent)).toEqual(got.segments);
      // Decoding once more changes nothing.
      expect(got.segments.map(decodeURIComponent)).toEqual(got.segments);

      const pairs = [...got.query].flatMap(([key, values]) => values.map((value) => [key, value]));
      const byKey = (all: readonly (readonly string[])[]) => all.map((pair) => pair.join('=')).sort();
      expect(byKey([...url.searchParams])).toEqual(byKey(pairs));
      expect(byKey([...new URLSearchParams(query)])).toEqual(byKey(pairs));
      const plain = query === '' ? [] : query.split('&').map((pair) => pair.split('=').map(decodeURIComponent));
      expect(byKey(plain)).toEqual(byKey(pairs));
      const node = Object.entries(parse(query)).flatMap(([key, value]) => [value ?? ''].flat().map((each) => [key, each]));
      expect(byKey(node)).toEqual(byKey(pairs));
    }),
    { numRuns: 5000 },
  );
  expect(read).toBeGreaterThan(20);
});

test('every path of the catalogue is read back as what it was written as', () => {
  for (const { id, endpoint } of capabilities) {
    const path = endpoint.path.replaceAll(/:(\w+)/g, (_all, name: string) => (endpoint.at?.[name]?.type === 'id' ? '812345' : '7'));
    const got = readTarget(path);
    const match = isRead(got) ? matchRoute(endpoint.method, got.segments) : null;
    // Parameters of another form (a ULID, say) do not fit a 7; then there is no route, never another one.
    expect([id, null]).toContain(match?.capability.id ?? null);
  }
});

test('an e-mail address in a path may be written plainly or escaped', () => {
  for (const path of ['/v2/users/ada@acme.example', '/v2/users/ada%40acme.example']) {
    expect(readTarget(path)).toEqual({ segments: ['v2', 'users', 'ada@acme.example'], query: new Map() });
  }
});

test('lists in a query come together, in their order, with and without escaped brackets', () => {
  expect(readTarget('/v1/calls/search?tags[]=2&tags%5B%5D=1&order=asc')).toEqual({
    segments: ['v1', 'calls', 'search'],
    query: new Map([
      ['tags[]', ['2', '1']],
      ['order', ['asc']],
    ]),
  });
});

test.each([
  'http://evil.example/v1/calls',
  '//evil.example/v1/calls',
  '*',
  '',
  'v1/calls',
  '/v1/calls#x',
  '/v1/calls/%00',
  '/v1/calls/1%0d%0aX: y',
  '/v1/calls/%c3%a9',
  '/v1/calls/é',
  '/v1/calls/%25%32%65',
  '/v1/calls/%2',
  '/v1/calls/./1',
  '/v1/calls?a',
  '/v1/calls?=1',
  '/v1/calls?a=1&&b=2',
  '/v1/calls?a=1+2',
  '/v1/calls?a=%E2%80%AE',
  '/v1/calls?__proto__=1',
  '/v1/calls?a[b]=1',
  '/v1/calls?a=1?b=2',
  '/v1/calls?a=1=2',
  `/v1/calls?a=${'x'.repeat(9000)}`,
  `/v1/calls?${Array.from({ length: 101 }, (_, index) => `a${index}=1`).join('&')}`,
])('%s is refused, and the reason repeats nothing of it', (target) => {
  const got = readTarget(target);
  expect(isRead(got)).toBe(false);
  if (!isRead(got)) expect(got.problem).toMatch(/^[A-Z][\w ,;%.']+\.$/);
});

test.each(['%2F', '%2f', '%5C', '%3B', '%3F', '%23', '%25'])('an escaped %s in a path is refused: others read another path', (escape) => {
  expect(readTarget(`/v1/calls/1${escape}2`)).toHaveProperty('problem');
});

test('a key in an address is refused, in any parameter', () => {
  expect(readTarget('/v1/calls?token=acg_live_x')).toHaveProperty('problem');
  expect(readTarget('/v1/calls?token=ACG_x')).toHaveProperty('problem');
});
