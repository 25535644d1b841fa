import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkExposure, createAddressOf, hostsOf } from './exposure.ts';
import { isPublicAddress } from './public-address.ts';

const at = (host: string) => ({ host, port: 4242 });

test.each(['127.0.0.1', '127.0.0.2', 'localhost', '::1'])('on %s a server starts without more ado', (host) => {
  expect(() => checkExposure({ listen: at(host), publicUrl: null, sealed: false })).not.toThrow();
  expect(() => checkExposure({ listen: at(host), publicUrl: 'http://127.0.0.1:4242', sealed: false })).not.toThrow();
});

test.each(['0.0.0.0', '::', '192.168.1.5', '203.0.113.9', 'gateway.internal', '127.0.0.1.example.com', '::ffff:127.0.0.1', '1.127.0.0'])(
  'on %s it starts only with TLS in front and sealed keys',
  (host) => {
    const listen = at(host);
    expect(() => checkExposure({ listen, publicUrl: null, sealed: true })).toThrow(
      expect.objectContaining({ code: 'public_without_tls' }) as Error,
    );
    expect(() => checkExposure({ listen, publicUrl: 'http://localhost:1', sealed: true })).toThrow(
      expect.objectContaining({ code: 'public_without_tls' }) as Error,
    );
    expect(() => checkExposure({ listen, publicUrl: 'https://gateway.example.com', sealed: false })).toThrow(
      expect.objectContaining({ code: 'public_without_kek' }) as Error,
    );
    expect(() => checkExposure({ listen, publicUrl: 'https://gateway.example.com', sealed: true })).not.toThrow();
  },
);

test('a server on this machine that others reach through a proxy needs sealed keys too', () => {
  expect(() => checkExposure({ listen: at('127.0.0.1'), publicUrl: 'https://gateway.example.com', sealed: false })).toThrow(
    /TRUNKLINE_KEK/,
  );
});

test('the Host header may say what the server is called, and nothing else', () => {
  expect(hostsOf({ listen: at('0.0.0.0'), publicUrl: 'https://gateway.example.com' }, 4242)).toEqual([
    '127.0.0.1:4242',
    'localhost:4242',
    '[::1]:4242',
    'gateway.example.com',
  ]);
  expect(hostsOf({ listen: at('192.168.1.5'), publicUrl: 'https://gateway.example.com:8443' }, 9)).toContain('gateway.example.com:8443');
  expect(hostsOf({ listen: at('fd00::5'), publicUrl: null }, 9)).toContain('[fd00::5]:9');
});

test('who asks is who connects, whatever a header says', () => {
  const addressOf = createAddressOf([]);
  expect(addressOf(from('203.0.113.9', '198.51.100.1'))).toBe('203.0.113.9');
  expect(addressOf(from('::ffff:203.0.113.9'))).toBe('203.0.113.9');
  expect(addressOf({ socket: {}, headers: {} })).toBeNull();
});

test('behind trusted proxies it is the last address they did not write themselves', () => {
  const addressOf = createAddressOf(['127.0.0.1', '10.0.0.0/8', '2001:db8::/32']);
  expect(addressOf(from('127.0.0.1'))).toBe('127.0.0.1');
  expect(addressOf(from('127.0.0.1', '198.51.100.1'))).toBe('198.51.100.1');
  expect(addressOf(from('127.0.0.1', 'made-up, 1.2.3.4, 198.51.100.1, 10.0.0.7'))).toBe('198.51.100.1');
  expect(addressOf(from('2001:db8::5', '::ffff:198.51.100.1'))).toBe('198.51.100.1');
  expect(addressOf(from('127.0.0.1', '10.0.0.1, 10.0.0.2'))).toBe('10.0.0.1');
  expect(addressOf(from('203.0.113.9', '198.51.100.1'))).toBe('203.0.113.9');
  expect(addressOf(from('127.0.0.1', 'unknown'))).toBeNull();
  expect(addressOf(from('127.0.0.1', '198.51.100.1, '))).toBeNull();
});

test('a client cannot choose its address: what it writes stands left of what the proxy adds', () => {
  const addressOf = createAddressOf(['127.0.0.1']);
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.ipV4(), fc.ipV6(), fc.string()), { maxLength: 4 }), (forged) => {
      const header = [...forged.map((each) => each.replaceAll(',', ' ')), '198.51.100.1'].join(', ');
      expect(addressOf(from('127.0.0.1', header))).toBe('198.51.100.1');
    }),
  );
});

test.each([
  '0.0.0.0',
  '10.1.2.3',
  '100.64.0.1',
  '127.0.0.1',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.0.1',
  '198.18.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::ffff:8.8.8.8',
  '::ffff:7f00:1',
  '64:ff9b::7f00:1',
  'fc00::1',
  'fd12::1',
  'fe80::1',
  'fe80::1%eth0',
  'fec0::1',
  'ff02::1',
  '2001:db8::1',
  '2002:7f00:1::',
  '2001::1',
  'localhost',
  '',
  '0x7f.1',
  '8.8.8.8/32',
])('%s is not on the open internet', (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

test.each(['8.8.8.8', '1.1.1.1', '172.32.0.1', '52.94.28.1', '2606:4700::1111', '2a00:1450:4001::1'])('%s is', (address) => {
  expect(isPublicAddress(address)).toBe(true);
});

function from(remoteAddress: string, forwarded?: string) {
  return { socket: { remoteAddress }, headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded } };
}
