import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { silentLog } from '../../base/index.ts';
import { IssuerKeys, KeysUnavailable } from './issuer-keys.ts';

const minuteMs = 60_000;
const token = { payload: '', signature: '' };

test('keys are fetched when one is first needed, once for all who need one at that moment', async () => {
  const { keys, published, loads, ask } = open();
  expect(loads()).toBe(0);
  published.push(jwk('a'));
  await Promise.all(Array.from({ length: 20 }, () => ask('a')));
  expect(loads()).toBe(1);
  expect(await keys.keyFor({ alg: 'EdDSA', kid: 'a' }, token)).toMatchObject({ type: 'public' });
});

test('they are fetched again when they have grown old, so that a key that was taken back counts no more', async () => {
  const { clock, published, loads, ask } = open(jwk('a'), jwk('b'));
  await ask('a');
  published.shift();
  await clock.advance(10 * minuteMs - 1);
  await ask('a');
  expect(loads()).toBe(1);
  await clock.advance(1);
  await expect(ask('a')).rejects.toMatchObject({ code: 'ERR_JWKS_NO_MATCHING_KEY' });
  await ask('b');
  expect(loads()).toBe(2);
});

test('a name nobody knows has them fetched again, once a minute at most', async () => {
  const { clock, published, loads, ask } = open(jwk('a'));
  await ask('a');
  await clock.advance(minuteMs);
  await Promise.all(Array.from({ length: 20 }, (_, index) => expect(ask(`x${index}`)).rejects.toThrow()));
  expect(loads()).toBe(2);
  published.push(jwk('b'));
  await clock.advance(minuteMs - 1);
  await expect(ask('b')).rejects.toThrow();
  expect(loads()).toBe(2);
  await clock.advance(1);
  await ask('b');
  expect(loads()).toBe(3);
});

test('while they cannot be fetched, those at hand count for an hour and no longer, and a new one can be neither known nor refused', async () => {
  const { clock, fail, loads, ask } = open(jwk('a'));
  await ask('a');
  fail(true);
  await clock.advance(60 * minuteMs - 1);
  await ask('a');
  await expect(ask('b')).rejects.toBeInstanceOf(KeysUnavailable);
  await clock.advance(1);
  await expect(ask('a')).rejects.toBeInstanceOf(KeysUnavailable);
  const before = loads();
  // It is tried again after a moment, not with each request.
  await clock.advance(15_000);
  await Promise.all(Array.from({ length: 20 }, () => expect(ask('a')).rejects.toBeInstanceOf(KeysUnavailable)));
  expect(loads()).toBe(before + 1);
  fail(false);
  await clock.advance(15_000);
  await ask('a');
});

function jwk(kid: string): object {
  return { ...generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }), kid };
}

function open(...published: object[]) {
  const clock = new FakeClock();
  let isFailing = false;
  let loads = 0;
  const load = async (): Promise<unknown> => {
    loads += 1;
    if (isFailing) throw new Error('down');
    return { keys: [...published] };
  };
  const keys = new IssuerKeys({ load, clock, log: silentLog });
  return {
    clock,
    keys,
    published,
    loads: () => loads,
    fail: (fails: boolean) => void (isFailing = fails),
    ask: async (kid: string) => keys.keyFor({ alg: 'EdDSA', kid }, token),
  };
}
