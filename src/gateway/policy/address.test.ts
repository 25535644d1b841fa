import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { normaliseHost, refuseAddress } from './address.ts';

const hosts = ['hooks.acme.example', '*.partner.example', 'bücher.example'];

describe('an address', () => {
  test.each([
    'https://hooks.acme.example',
    'https://hooks.acme.example/path?query=1#part',
    'HTTPS://Hooks.ACME.Example/',
    'https://hooks.acme.example./',
    'https://hooks.acme.example:443/',
    'https://a.partner.example/',
    'https://a.b.partner.example/',
    'https://xn--bcher-kva.example/',
  ])('%s may be used', (address) => {
    expect(refuseAddress(address, hosts)).toBeNull();
  });

  test.each([
    ['another host', 'https://evil.example/'],
    ['the bare name under a star', 'https://partner.example/'],
    ['a name that only ends alike', 'https://evilpartner.example/'],
    ['a listed host as a part of another', 'https://hooks.acme.example.evil.example/'],
    ['a listed host in the path', 'https://evil.example/hooks.acme.example'],
    ['a host below an exact name', 'https://a.hooks.acme.example/'],
    ['plain http', 'http://hooks.acme.example/'],
    ['another protocol', 'ftp://hooks.acme.example/'],
    ['script', 'javascript:alert(1)//hooks.acme.example'],
    ['user and password', 'https://user:password@hooks.acme.example/'],
    ['a user that looks like the host', 'https://hooks.acme.example@evil.example/'],
    ['an empty user', 'https://@hooks.acme.example/'],
    ['a backslash', 'https://hooks.acme.example\\@evil.example/'],
    ['a backslash before the path', 'https://evil.example\\.hooks.acme.example/'],
    ['a backslash behind a listed host', 'https://hooks.acme.example\\.evil.example/'],
    ['a port of its own', 'https://hooks.acme.example:8443/'],
    ['an encoded host', 'https://hooks%2eacme.example/'],
    ['an encoded slash in the host', 'https://evil.example%2f.hooks.acme.example/'],
    ['letters beyond ASCII', 'https://hooks.acme。example/'],
    ['a soft hyphen', 'https://hooks.ac\u00ADme.example/'],
    ['a line break', 'https://hooks.acme.example/\nx'],
    ['a tab in the scheme', 'ht\ttps://hooks.acme.example/'],
    ['a space in front', ' https://hooks.acme.example/'],
    ['one slash', 'https:/hooks.acme.example/'],
    ['no slashes', 'https:hooks.acme.example'],
    ['no scheme', '//hooks.acme.example/'],
    ['two dots at the end', 'https://hooks.acme.example../'],
    ['no host', 'https:///hooks.acme.example'],
    ['nothing', ''],
    ['no text', 7],
    ['a list', ['https://hooks.acme.example/']],
  ])('with %s may not', (_what, address) => {
    expect(refuseAddress(address, hosts)).not.toBeNull();
  });

  test.each([
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://017700000001/',
    'https://127.1/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://169.254.169.254/latest',
    'https://localhost/',
    'https://a.localhost/',
    'https://printer.local/',
    'https://metadata.google.internal/',
  ])('%s may not, even if it were listed', (address) => {
    const host = new URL(address).hostname;
    expect(refuseAddress(address, [host, `*.${host}`, host.replace(/^[^.]*/, '*')])).not.toBeNull();
  });

  test('nothing may be used when nothing is listed', () => {
    fc.assert(
      fc.property(fc.oneof(fc.webUrl({ validSchemes: ['https', 'http'] }), fc.string(), fc.anything()), (address) => {
        expect(refuseAddress(address, [])).not.toBeNull();
      }),
    );
  });

  test('what stands on the list and is no host allows nothing', () => {
    const list = ['*', '', 'a b', '*.example', 'https://evil.example', 7, null] as string[]; // not what the file lets through
    expect(refuseAddress('https://evil.example/', list)).not.toBeNull();
  });

  test('one that may be used leads to a listed host, as the browser reads it', () => {
    const part = fc.constantFrom(
      'hooks.acme.example',
      'evil.example',
      '@',
      '\\',
      '/',
      '.',
      '%2e',
      ':443',
      ':80',
      '#',
      '?',
      'a',
      '\t',
      '[',
      ']',
      '*',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
        const address = `https://${parts.join('')}`;
        if (refuseAddress(address, ['hooks.acme.example']) !== null) return;
        const { hostname, username, protocol } = new URL(address);
        expect([hostname.replace(/\.$/, ''), username, protocol]).toEqual(['hooks.acme.example', '', 'https:']);
      }),
      { numRuns: 2000 },
    );
  });

  test('is not told in the reason', () => {
    expect(refuseAddress('https://secret-name.example/', hosts)).not.toContain('secret-name');
  });
});

describe('a host on the list', () => {
  test.each([
    ['Hooks.ACME.example', 'hooks.acme.example'],
    ['hooks.acme.example.', 'hooks.acme.example'],
    ['*.Partner.example', '*.partner.example'],
    ['bücher.example', 'xn--bcher-kva.example'],
  ])('%s is kept as %s', (written, kept) => {
    expect(normaliseHost(written)).toBe(kept);
  });

  test.each([
    '*',
    '*.',
    '*.com',
    'com',
    'localhost',
    '*.localhost',
    'printer.local',
    'metadata.google.internal',
    '10.0.0.1',
    '[::1]',
    'a/b.example',
    'a@b.example',
    'a.*.example',
    '**.example.com',
    'a.example:443',
    'a b.example',
    '',
    7,
    null,
  ])('%j cannot be one', (written) => {
    expect(normaliseHost(written)).toBeNull();
  });

  test('stays as it is when it is read again', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.domain(),
          fc.domain().map((name) => `*.${name}`),
        ),
        (written) => {
          const kept = normaliseHost(written);
          if (kept !== null) expect(normaliseHost(kept)).toBe(kept);
        },
      ),
    );
  });
});
