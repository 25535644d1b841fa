import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { json, serve, text } from '../../test/support/http-server.ts';
import { createLoadKeys } from './load-keys.ts';

const keys = { keys: [{ kty: 'RSA' }] };

test.each([
  ['/.well-known/oauth-authorization-server/tenant', 1],
  ['/.well-known/openid-configuration/tenant', 2],
  ['/tenant/.well-known/openid-configuration', 3],
])('a description is found at %s', async (place, requests) => {
  const server = await serve(({ path }, response) => {
    if (path === place) json(response, 200, { issuer: `${server.url}/tenant`, jwks_uri: `${server.url}/keys` });
    else if (path === '/keys') json(response, 200, keys);
    else text(response, 404, 'no');
  });
  expect(await createLoadKeys({ issuer: `${server.url}/tenant`, place: null })()).toEqual(keys);
  expect(server.received.length).toBe(requests + 1);
});

test('an issuer without a path, with or without its slash, is described at its root', async () => {
  const server = await serve(({ path }, response) => {
    if (path === '/.well-known/openid-configuration') json(response, 200, { issuer: `${server.url}/`, jwks_uri: `${server.url}/keys` });
    else if (path === '/keys') json(response, 200, keys);
    else text(response, 404, 'no');
  });
  expect(await createLoadKeys({ issuer: `${server.url}/`, place: null })()).toEqual(keys);
  // To the letter: that is another issuer.
  await expect(createLoadKeys({ issuer: server.url, place: null })()).rejects.toThrow('another issuer');
});

test.each([
  ['http://keys.example.com/', 'not one of https'],
  ['file:///etc/passwd', 'not one of https'],
  ['https://user:secret@keys.example.com/', 'not one of https'],
  ['//', 'not one of https'],
  [7, 'names no keys'],
])('a description that sends us to %s is not followed', async (address, why) => {
  const server = await serve((_asked, response) => json(response, 200, { issuer: server.url, jwks_uri: address }));
  await expect(createLoadKeys({ issuer: server.url, place: null })()).rejects.toThrow(why);
});

test('with an address given nobody is asked for a description', async () => {
  const server = await serve((_asked, response) => json(response, 200, keys));
  expect(await createLoadKeys({ issuer: 'https://login.example.com', place: { kind: 'url', url: `${server.url}/jwks` } })()).toEqual(keys);
  expect(server.received.map(({ path }) => path)).toEqual(['/jwks']);
});

test('a redirect is not followed, and neither time nor size is without end', async () => {
  const other = await serve((_asked, response) => json(response, 200, keys));
  let late = new AbortController();
  const server = await serve(({ path }, response) => {
    if (path === '/moved') response.writeHead(307, { location: other.url }).end();
    else if (path === '/large') response.end(' '.repeat(2_000));
    else if (path === '/slow') response.write('{', () => late.abort());
    else late.abort();
  });
  const load = (path: string) => {
    late = new AbortController();
    const place = { kind: 'url', url: server.url + path } as const;
    return createLoadKeys({ issuer: server.url, place, deadline: () => late.signal, maximumBytes: 1_000 })();
  };
  await expect(load('/moved')).rejects.toThrow('led elsewhere');
  await expect(load('/large')).rejects.toThrow('too large');
  await expect(load('/slow')).rejects.toThrow('in time');
  await expect(load('/silent')).rejects.toThrow('in time');
  expect(other.received).toEqual([]);
});

test('a file is read each time, and what is wrong with it is said without its words', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'trunkline-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'jwks.json');
  const load = createLoadKeys({ issuer: 'https://login.example.com', place: { kind: 'file', path } });
  await expect(load()).rejects.toThrow('the file cannot be read');
  writeFileSync(path, 'hunter2');
  await expect(load()).rejects.toThrow(/^It was not fetched: it is not JSON\.$/);
  writeFileSync(path, JSON.stringify(keys));
  expect(await load()).toEqual(keys);
});
