import { expect, test } from 'vitest';
import { networkOf } from './network.ts';

test.each([
  ['192.0.2.7', '192.0.2'],
  ['::ffff:192.0.2.7', '192.0.2'],
  ['2001:db8:1::5', '2001:db8:1'],
  ['2001:0db8:0001:0002::', '2001:db8:1'],
  ['::1', '0:0:0'],
  ['fe80::1%eth0', 'fe80:0:0'],
  ['hello', null],
  ['', null],
  [null, null],
])('%s is in %s', (ip, network) => {
  expect(networkOf(ip)).toBe(network);
});
