import { createSecretKey, randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { aircallMediaHosts, createMediaLinks, isAllowedMediaHost, isAllowedMediaUrl, mediaLinkLifetimeMs } from './media-links.ts';

const nowMs = 1_715_000_000_000;
const url = 'https://assets.aircall.io/calls/812/recording?X-Amz-Signature=abcdef';
const facts = { row: '812', field: 'recording' };
const baseUrl = 'https://gateway.example/media/';
const options = { key: createSecretKey(Buffer.alloc(32, 3)), company: 'acme', baseUrl, hosts: aircallMediaHosts, random: randomBytes };
const links = createMediaLinks(options);

function mint(agentId = 'ag_1'): string {
  return (links.mint(url, facts, { agentId, nowMs }) ?? '').slice(baseUrl.length);
}

test('a link opens for the agent it was made for, for ten minutes', () => {
  const token = mint();
  const target = { ...facts, url, expiresAtMs: nowMs + mediaLinkLifetimeMs };
  expect(links.open(token, { agentId: 'ag_1', nowMs })).toEqual(target);
  expect(links.open(token, { agentId: 'ag_1', nowMs: nowMs + mediaLinkLifetimeMs - 1 })).toEqual(target);
  expect(links.open(token, { agentId: 'ag_1', nowMs: nowMs + mediaLinkLifetimeMs })).toBeNull();
  // A clock that was set back gives no link a longer life.
  expect(links.open(token, { agentId: 'ag_1', nowMs: nowMs - 1 })).toBeNull();
});

test('it opens for no other agent, company or key, and not after its host was taken off the list', () => {
  const token = mint();
  expect(links.open(token, { agentId: 'ag_2', nowMs })).toBeNull();
  for (const other of [{ company: 'other' }, { key: createSecretKey(Buffer.alloc(32, 4)) }, { hosts: ['other.example'] }]) {
    expect(createMediaLinks({ ...options, ...other }).open(token, { agentId: 'ag_1', nowMs })).toBeNull();
  }
});

test('nothing of the address can be read in a link, and no two links are alike', () => {
  const token = mint();
  expect(token).not.toBe(mint());
  const bytes = Buffer.from(token, 'base64url').toString('latin1');
  for (const part of ['aircall', 'Amz', '812', 'recording', 'ag_1']) {
    expect(token).not.toContain(part);
    expect(bytes).not.toContain(part);
  }
});

test('a link that was altered in any place does not open', () => {
  const token = mint();
  const bytes = Buffer.from(token, 'base64url');
  for (let place = 0; place < bytes.length; place += 1) {
    const altered = Buffer.from(bytes);
    altered[place] = (altered[place] ?? 0) ^ 1;
    expect(links.open(altered.toString('base64url'), { agentId: 'ag_1', nowMs })).toBeNull();
  }
  fc.assert(fc.property(fc.string({ maxLength: 200 }), (text) => links.open(text, { agentId: 'ag_1', nowMs }) === null));
});

test.each([
  'http://assets.aircall.io/x',
  'https://assets.aircall.io:8443/x',
  'https://user@assets.aircall.io/x',
  'https://assets.aircall.io@evil.example/x',
  'https://evil.example/assets.aircall.io',
  'https://aircall.io.evil.example/x',
  'https://evilaircall.io/x',
  'https://aircall.io/x',
  'https://127.0.0.1/x',
  'https://[::1]/x',
  'https://[::ffff:169.254.169.254]/x',
  'https://2130706433/x',
  'https://0x7f.1/x',
  'https://localhost/x',
  'https://production-pdx-555773567328-web.s3.us-west-2.amazonaws.com.evil.example/x',
  'https://other-bucket.s3.us-west-2.amazonaws.com/x',
  'ftp://assets.aircall.io/x',
  'javascript:alert(1)',
  'file:///etc/passwd',
  'assets.aircall.io/x',
  '',
])('nothing is fetched from %s, and no link is made to it', (address) => {
  expect(isAllowedMediaUrl(address, aircallMediaHosts)).toBe(false);
  expect(links.mint(address, facts, { agentId: 'ag_1', nowMs })).toBeNull();
});

test('hosts are compared by whole names, in any case, and never by address', () => {
  expect(isAllowedMediaHost('ASSETS.aircall.io', aircallMediaHosts)).toBe(true);
  expect(isAllowedMediaHost('a.b.aircall.io.', aircallMediaHosts)).toBe(true);
  expect(isAllowedMediaHost('files.acme.example', ['files.acme.example'])).toBe(true);
  expect(isAllowedMediaHost('x.files.acme.example', ['files.acme.example'])).toBe(false);
  expect(isAllowedMediaHost('10.0.0.1', ['10.0.0.1', '*.0.0.1'])).toBe(false);
  expect(isAllowedMediaHost('anything.example', [])).toBe(false);
});
