// What can be sent that no HTTP library would send: over a raw socket, byte by byte.
import { connect } from 'node:net';
import { expect, test, vi } from 'vitest';
import { everything, openGatewayLab } from '../../../test/support/gateway-lab.ts';
import type { GatewayLab, LabAgent } from '../../../test/support/gateway-lab.ts';

async function open(): Promise<{ lab: GatewayLab; agent: LabAgent; auth: string; host: string }> {
  const lab = await openGatewayLab();
  const agent = await lab.addAgent('Worker', { grants: everything(), taint: false });
  return { lab, agent, auth: `Authorization: Bearer ${agent.key}\r\n`, host: `Host: 127.0.0.1:${lab.port}\r\n` };
}

/** Everything that comes back until the other side closes. */
function exchange(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes, 'latin1'));
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', reject);
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')));
  });
}

const statuses = (text: string) => [...text.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => Number(status));
const hidden = 'DELETE /v1/tags/1 HTTP/1.1\r\n';

const smuggled: readonly (readonly [string, (given: { auth: string; host: string }) => string])[] = [
  [
    'a length and chunks',
    ({ auth, host }) =>
      `POST /v1/tags HTTP/1.1\r\n${host}${auth}Content-Type: application/json\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}${host}${auth}\r\n`,
  ],
  [
    'two lengths',
    ({ auth, host }) =>
      `POST /v1/tags HTTP/1.1\r\n${host}${auth}Content-Type: application/json\r\nContent-Length: 2\r\nContent-Length: 60\r\n\r\n{}${hidden}${host}${auth}\r\n`,
  ],
  [
    'chunks under a disguise',
    ({ auth, host }) =>
      `POST /v1/tags HTTP/1.1\r\n${host}${auth}Content-Type: application/json\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${hidden}${host}${auth}\r\n`,
  ],
  [
    'a space before a colon',
    ({ auth, host }) => `POST /v1/tags HTTP/1.1\r\n${host}${auth}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${hidden}${host}${auth}\r\n`,
  ],
  ['a folded header', ({ auth, host }) => `GET /v1/tags HTTP/1.1\r\n${host}${auth}X-A: b\r\n Transfer-Encoding: chunked\r\n\r\n`],
  ['a bare line feed in a header', ({ auth, host }) => `GET /v1/tags HTTP/1.1\r\n${host}${auth}X-A: b\nX-Original-Url: /v1/calls\r\n\r\n`],
  ['a negative length', ({ auth, host }) => `POST /v1/tags HTTP/1.1\r\n${host}${auth}Content-Length: -1\r\n\r\n`],
  ['a chunk of no size', ({ auth, host }) => `POST /v1/tags HTTP/1.1\r\n${host}${auth}Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n`],
  ['two hosts', ({ auth, host }) => `GET /v1/tags HTTP/1.1\r\n${host}${host}${auth}Connection: close\r\n\r\n`],
  ['no host', ({ auth }) => `GET /v1/tags HTTP/1.1\r\n${auth}Connection: close\r\n\r\n`],
  ['a control character in a header', ({ auth, host }) => `GET /v1/tags HTTP/1.1\r\n${host}${auth}X-A: \u0001\r\n\r\n`],
  ['a space in the address', ({ auth, host }) => `GET /v1/tags /v1/calls HTTP/1.1\r\n${host}${auth}\r\n`],
  ['a byte beyond ASCII in the address', ({ auth, host }) => `GET /v1/tags/\u00e9 HTTP/1.1\r\n${host}${auth}Connection: close\r\n\r\n`],
  ['headers without end', ({ auth, host }) => `GET /v1/tags HTTP/1.1\r\n${host}${auth}X-A: ${'a'.repeat(20_000)}\r\n\r\n`],
  ['an absolute address', ({ auth, host }) => `GET http://evil.example/v1/tags HTTP/1.1\r\n${host}${auth}Connection: close\r\n\r\n`],
  ['two keys', ({ auth, host }) => `GET /v1/tags HTTP/1.1\r\n${host}${auth}${auth}Connection: close\r\n\r\n`],
  ['an expectation', ({ auth, host }) => `GET /v1/tags HTTP/1.1\r\n${host}${auth}Expect: 100-continue\r\nConnection: close\r\n\r\n`],
  ['a tunnel', ({ auth, host }) => `CONNECT evil.example:443 HTTP/1.1\r\n${host}${auth}\r\n`],
];

test.each(smuggled)('with %s nothing reaches Aircall, and no second request is found inside the first', async (_name, bytes) => {
  const { lab, auth, host } = await open();
  const answered = statuses(await exchange(lab.port, bytes({ auth, host }))).filter((status) => status !== 100);
  expect(answered.length).toBeLessThanOrEqual(1);
  for (const status of answered) expect([400, 403, 404, 417, 431]).toContain(status);
  expect(lab.upstream()).toEqual([]);
  expect(lab.records().every(({ decision }) => decision?.effect === 'deny')).toBe(true);
});

test('a body that trickles in is not waited for', async () => {
  const { lab, auth, host } = await open();
  const asked = exchange(
    lab.port,
    `POST /v1/tags HTTP/1.1\r\n${host}${auth}Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"name"`,
  );
  await vi.waitUntil(() => lab.clock.sleeps.includes(10_000));
  await lab.clock.advance(10_000);
  expect(statuses(await asked)).toEqual([400]);
  expect(lab.upstream()).toEqual([]);
});

test('a body that is announced too large is refused without being read', async () => {
  const { lab, auth, host } = await open();
  const answer = await exchange(
    lab.port,
    `POST /v1/tags HTTP/1.1\r\n${host}${auth}Content-Type: application/json\r\nContent-Length: 999999999\r\n\r\n`,
  );
  expect(statuses(answer)).toEqual([400]);
});

test('a body in chunks may not be larger either', async () => {
  const { lab, auth, host } = await open();
  // Good but for its size: blanks mean nothing in JSON.
  const piece = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;
  const chunks = [
    piece('{"name":"Big","color":"#00B388"'),
    ...Array.from({ length: 5 }, () => piece(' '.repeat(0x10000))),
    piece('}'),
    piece(''),
  ];
  const answer = await exchange(
    lab.port,
    `POST /v1/tags HTTP/1.1\r\n${host}${auth}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n${chunks.join('')}`,
  ).catch(() => 'HTTP/1.1 400 ');
  expect(statuses(answer)).toEqual([400]);
  expect(lab.upstream()).toEqual([]);
});

test('no header of the agent reaches Aircall, and none of Aircall’s reaches the agent', async () => {
  const { lab, agent } = await open();
  const answer = await lab.ask(agent, 'GET', '/v1/tags', {
    headers: { 'x-forwarded-for': '10.0.0.1', cookie: 'a=b', 'user-agent': 'odd' },
  });
  expect(answer.status).toBe(200);
  expect(Object.keys(answer.headers).sort()).toEqual([
    'age',
    'cache-control',
    'connection',
    'content-length',
    'content-security-policy',
    'content-type',
    'date',
    'x-content-type-options',
    'x-gateway-decision',
    'x-gateway-source',
  ]);
  expect(lab.records()[0]!.who.client).toBe('odd');
});
