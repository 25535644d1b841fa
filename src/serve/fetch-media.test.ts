import { request as httpRequest } from 'node:http';
import type { RequestOptions } from 'node:https';
import { expect, test } from 'vitest';
import { serve } from '../../test/support/http-server.ts';
import type { Answer } from '../../test/support/http-server.ts';
import { createFetchMedia } from './fetch-media.ts';
import type { FetchMediaOptions } from './fetch-media.ts';

const url = 'https://recordings.example.com/call-1.mp3?signature=secret';
const never = new AbortController().signal;

test('a file is fetched from the address its name leads to, without a header of anybody else', async () => {
  const { fetch, received } = await host((_received, response) => {
    response.writeHead(200, { 'content-type': 'audio/mpeg; charset=x', 'content-length': '5' });
    response.end('sound');
  });
  const file = await fetch(url, never);
  expect(file).toMatchObject({ contentType: 'audio/mpeg', sizeBytes: 5 });
  expect(await textOf(file.body)).toBe('sound');
  expect(received[0]).toMatchObject({ method: 'GET', path: '/call-1.mp3?signature=secret' });
  expect(Object.keys(received[0]!.headers).toSorted()).toEqual(['accept', 'accept-encoding', 'connection', 'host']);
});

test('no connection is made where the name leads to this machine or a network behind it, not even when only one address does', async () => {
  for (const addresses of [['127.0.0.1'], ['169.254.169.254'], ['::1'], ['::ffff:10.0.0.1'], ['8.8.8.8', '10.0.0.1'], []]) {
    const { received, options } = await host((_received, response) => response.end('secret'));
    await expect(
      createFetchMedia({ ...withoutCheck(options), ...lookingUp(addresses) })(url, never),
      String(addresses),
    ).rejects.toMatchObject({
      code: 'media_unavailable',
    });
    expect(received.length).toBe(0);
  }
});

test('a redirect is not followed', async () => {
  const { fetch, received } = await host((_received, response) => {
    response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data' });
    response.end();
  });
  await expect(fetch(url, never)).rejects.toMatchObject({ code: 'media_unavailable' });
  expect(received.length).toBe(1);
});

test.each(['http://recordings.example.com/a', 'https://recordings.example.com:8443/a', 'file:///etc/passwd'])(
  '%s is not asked',
  async (other) => {
    const { fetch, received } = await host((_received, response) => response.end());
    await expect(fetch(other, never)).rejects.toMatchObject({ code: 'media_unavailable' });
    expect(received.length).toBe(0);
  },
);

test('a file that is too large ends, whether or not it says so', async () => {
  const announced = await host((_received, response) => void response.writeHead(200, { 'content-length': '1000' }).write('x'), {
    maximumBytes: 10,
  });
  await expect(announced.fetch(url, never)).rejects.toMatchObject({ code: 'media_unavailable' });
  const silent = await host(
    (_received, response) => {
      response.write('x'.repeat(1000));
      response.end();
    },
    { maximumBytes: 10 },
  );
  const file = await silent.fetch(url, never);
  await expect(textOf(file.body)).rejects.toMatchObject({ code: 'media_unavailable' });
});

test('what is no sound is passed on as bytes, never as a page; what came compressed not at all', async () => {
  const page = await host((_received, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<script>'));
  expect(await page.fetch(url, never)).toMatchObject({ contentType: 'application/octet-stream' });
  const packed = await host((_received, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end('x'));
  await expect(packed.fetch(url, never)).rejects.toMatchObject({ code: 'media_unavailable' });
});

test('an error never holds the address, which is a credential', async () => {
  const { fetch } = await host((_received, response) => void response.destroy());
  const error: unknown = await fetch(url, never).catch((reason: unknown) => reason);
  expect((error as Error).message).not.toMatch(/signature|recordings\.example/);
});

test('whoever goes away takes the connection along', async () => {
  const gone = new AbortController();
  const { fetch } = await host(() => gone.abort());
  await expect(fetch(url, gone.signal)).rejects.toMatchObject({ code: 'media_unavailable' });
});

/** A host on this machine that stands in for one on the internet: plain http on a port of its own. */
async function host(answer: Answer, more: FetchMediaOptions = {}) {
  const server = await serve(answer);
  const port = new URL(server.url).port;
  const request: FetchMediaOptions['request'] = (wanted: RequestOptions, done) => httpRequest({ ...wanted, protocol: 'http:', port }, done);
  const options: FetchMediaOptions = { request, isAllowedAddress: () => true, ...lookingUp(['127.0.0.1']), ...more };
  return { received: server.received, options, fetch: createFetchMedia(options) };
}

function withoutCheck({ isAllowedAddress: _given, ...options }: FetchMediaOptions): FetchMediaOptions {
  return options;
}

function lookingUp(addresses: readonly string[]): Pick<FetchMediaOptions, 'lookup'> {
  return {
    lookup: (_host, _options, done) =>
      done(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      ),
  };
}

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
