import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyArguments } from '../../../test/support/any-arguments.ts';
import { endpoints } from '../../aircall/index.ts';
import { capabilities } from './capabilities.ts';
import type { Capability } from './capability.ts';
import { createRouteMatcher, matchRoute } from './route.ts';

const each = capabilities.map((capability) => [capability.id, capability] as const);

const partsOf = (path: string) => path.split('/').slice(1);

/** The path with its parameters filled in. */
function segmentsOf(path: string, at: Readonly<Record<string, string>>): string[] {
  return partsOf(path).map((part) => (part.startsWith(':') ? (at[part.slice(1)] ?? '') : part));
}

describe.each(each)('%s', (id, capability) => {
  const { method, path } = capability.endpoint;

  test('is found by its path, whatever stands in it, and nothing else is', () => {
    fc.assert(
      fc.property(anyArguments(capability), ({ at }) => {
        const found = matchRoute(method, segmentsOf(path, at));
        expect(found?.capability.id).toBe(id);
        expect(Object.keys(found?.at ?? {})).toEqual(Object.keys(capability.endpoint.at ?? {}));
      }),
      { numRuns: 20 },
    );
  });

  test('is not found with another method, another version, one part more or one less', () => {
    fc.assert(
      fc.property(anyArguments(capability), ({ at }) => {
        const segments = segmentsOf(path, at);
        for (const other of ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'TRACE', '', method.toLowerCase()]) {
          if (other !== method) expect(matchRoute(other, segments)?.capability.id).not.toBe(id);
        }
        expect(matchRoute(method, ['v3', ...segments.slice(1)])).toBeNull();
        expect(matchRoute(method, ['V1', ...segments.slice(1)])).toBeNull();
        expect(matchRoute(method, segments.slice(0, -1))?.capability.id).not.toBe(id);
        for (const more of ['', '.', '..', 'x']) expect(matchRoute(method, [...segments, more])?.capability.id).not.toBe(id);
      }),
      { numRuns: 5 },
    );
  });
});

test('words go before parameters', () => {
  expect(matchRoute('GET', ['v1', 'calls', 'search'])?.capability.id).toBe('calls.search');
  expect(matchRoute('GET', ['v1', 'contacts', 'search'])?.capability.id).toBe('contacts.search');
  expect(matchRoute('GET', ['v1', 'users', 'availabilities'])?.capability.id).toBe('users.availabilities');
  expect(matchRoute('GET', ['v1', 'users', 'a@b.example'])).toMatchObject({
    capability: { id: 'users.retrieveV1' },
    at: { id: 'a@b.example' },
  });
});

test('words go before parameters also where a parameter could be that word, whatever the order of the capabilities', () => {
  const [first] = capabilities;
  if (first === undefined) throw new Error('There are no capabilities.');
  const at = { name: { type: 'text', format: 'token', required: true, meaning: 'A name.' } } as const;
  const byName: Capability = { ...first, id: 'things.byName', endpoint: { ...first.endpoint, path: '/v1/things/:name', at } };
  const byWord: Capability = { ...first, id: 'things.search', endpoint: { ...first.endpoint, path: '/v1/things/search' } };
  for (const among of [
    [byName, byWord],
    [byWord, byName],
  ]) {
    const match = createRouteMatcher(among);
    expect(match('GET', ['v1', 'things', 'search'])?.capability.id).toBe('things.search');
    expect(match('GET', ['v1', 'things', 'other'])).toMatchObject({ capability: { id: 'things.byName' }, at: { name: 'other' } });
  }
});

test('what no agent ever gets is no route', () => {
  const never = endpoints.filter(({ agents }) => 'never' in agents);
  expect(never.map(({ path }) => path)).toEqual([
    '/v1/integrations/me',
    '/v1/integrations/enable',
    '/v1/integrations/disable',
    '/v1/oauth/token',
  ]);
  for (const { method, path } of never) expect(matchRoute(method, partsOf(path))).toBeNull();
});

test('no path is two capabilities: of random segments at most one fits, by the types of its parameters alone', () => {
  const words = [...new Set(endpoints.flatMap(({ path }) => partsOf(path).filter((part) => !part.startsWith(':'))))];
  const segment = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...words) },
    { weight: 3, arbitrary: fc.constantFrom('1', '812345', 'a@b.example', '0a1b2c3d-0000-4000-8000-000000000001', 'agent-7') },
    { weight: 1, arbitrary: fc.string({ maxLength: 12 }) },
  );
  const version = fc.constantFrom('v1', 'v2');
  fc.assert(
    fc.property(
      fc.constantFrom('GET', 'POST', 'PUT', 'DELETE'),
      version,
      fc.array(segment, { minLength: 1, maxLength: 6 }),
      (method, v, rest) => {
        const segments = [v, ...rest];
        const found = matchRoute(method, segments);
        const fitting = capabilities.filter(({ endpoint }) => {
          const parts = partsOf(endpoint.path);
          return (
            endpoint.method === method &&
            parts.length === segments.length &&
            parts.every(
              (part, index) => part === segments[index] || (part.startsWith(':') && couldBe(endpoint.at?.[part.slice(1)], segments[index])),
            )
          );
        });
        expect(fitting.map(({ id }) => id)).toEqual(found === null ? [] : [found.capability.id]);
      },
    ),
    { numRuns: 3000 },
  );
});

/** The types of parameters in paths, told once more and otherwise. */
function couldBe(parameter: { readonly type: string; readonly format?: string } | undefined, text = ''): boolean {
  const digits = /^[1-9]\d*$/.test(text) && BigInt(text) < 2n ** 63n;
  if (parameter?.type === 'id') return digits;
  if (parameter?.format === 'id-or-email') return digits || /^[^@/\s]+@[a-z.]+$/.test(text);
  if (parameter?.format === 'uuid-or-id') return digits || /^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(text);
  return /^[\w:-][\w.:-]*$/.test(text);
}

test('segments that only look like a path in disguise are no route', () => {
  for (const disguised of ['1%2F', '1/..', '1;x=1', '1\\', '1\u0000', '１', '1 ', '..', '.', '']) {
    expect(matchRoute('GET', ['v1', 'calls', disguised]), disguised).toBeNull();
    expect(matchRoute('DELETE', ['v1', 'contacts', disguised]), disguised).toBeNull();
    expect(matchRoute('POST', ['v1', 'outbound-calls', 'agents', disguised === '1 ' ? disguised : `${disguised}/`]), disguised).toBeNull();
  }
  expect(matchRoute('GET', [])).toBeNull();
  expect(matchRoute('GET', ['v1'])).toBeNull();
  expect(matchRoute('constructor', ['__proto__'])).toBeNull();
});
