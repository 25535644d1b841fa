// Whoever speaks to the gateway byte by byte: whatever is sent, Aircall hears nothing that was not decided, and the log hears of it.
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { everything, openGatewayLab } from './support/gateway-lab.ts';
import type { GatewayLab, LabAgent } from './support/gateway-lab.ts';

type Open = { readonly lab: GatewayLab; readonly agent: LabAgent; readonly auth: string; readonly host: string };

async function open(): Promise<Open> {
  const lab = await openGatewayLab();
  const agent = await lab.addAgent('Worker', { grants: everything(), taint: false });
  return { lab, agent, auth: `Authorization: Bearer ${agent.key}\r\n`, host: `Host: 127.0.0.1:${lab.port}\r\n` };
}

/** Everything that comes back until the other side closes. */
function exchange(port: number, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes, 'latin1'));
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', () => {}); // cut off is an answer too; `close` follows
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')));
  });
}

const statuses = (text: string) => [...text.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => Number(status));

const get = ({ auth, host }: Open, more: string, line = 'GET /v1/tags HTTP/1.1') =>
  `${line}\r\n${host}${auth}Connection: close\r\n${more}\r\n`;
const post = ({ auth, host }: Open, more: string, body: string) =>
  `POST /v1/tags HTTP/1.1\r\n${host}${auth}Connection: close\r\nContent-Type: application/json\r\n${more}\r\n${body}`;

const refusedAndTold: readonly (readonly [string, (given: Open) => string])[] = [
  ['an expectation nobody knows', (it) => get(it, 'Expect: the-impossible\r\n')],
  ['an expectation of 100', (it) => get(it, 'Expect: 100-continue\r\n')],
  ['no host', ({ auth }) => `GET /v1/tags HTTP/1.1\r\n${auth}Connection: close\r\n\r\n`],
  ['an empty host', ({ auth }) => `GET /v1/tags HTTP/1.1\r\nHost:\r\n${auth}Connection: close\r\n\r\n`],
  ['a tunnel', ({ auth, host }) => `CONNECT evil.example:443 HTTP/1.1\r\n${host}${auth}\r\n`],
  ['an upgrade', (it) => get(it, 'Upgrade: websocket\r\nConnection: upgrade\r\n')],
  ['the start of HTTP/2', () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['a TLS greeting', () => '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003'.padEnd(64, 'x')],
  ['the first line of a proxy', ({ auth, host }) => `PROXY TCP4 1.1.1.1 2.2.2.2 1 2\r\nGET /v1/tags HTTP/1.1\r\n${host}${auth}\r\n`],
  ['an address beyond this host', (it) => get(it, '', 'GET http://api.aircall.io/v1/tags HTTP/1.1')],
  ['an asterisk for an address', (it) => get(it, '', 'OPTIONS * HTTP/1.1')],
  ['a method in small letters', (it) => get(it, '', 'get /v1/tags HTTP/1.1')],
  ['two slashes at the start', (it) => get(it, '', 'GET //v1/tags HTTP/1.1')],
  ['a slash that is escaped', (it) => get(it, '', 'GET /v1%2ftags HTTP/1.1')],
  ['letters that are escaped twice', (it) => get(it, '', 'GET /v1/%2574ags HTTP/1.1')],
  ['a step upwards', (it) => get(it, '', 'GET /v1/calls/../tags HTTP/1.1')],
  ['a step upwards that is escaped', (it) => get(it, '', 'GET /v1/calls/%2e%2e/tags HTTP/1.1')],
  ['a fragment', (it) => get(it, '', 'GET /v1/tags#/../webhooks HTTP/1.1')],
  ['a zero byte that is escaped', (it) => get(it, '', 'GET /v1/tags%00 HTTP/1.1')],
  ['an overlong slash', (it) => get(it, '', 'GET /v1/tags%c0%af HTTP/1.1')],
  ['parameters of a part', (it) => get(it, '', 'GET /v1/tags;a=b HTTP/1.1')],
  ['another method in a header', (it) => get(it, 'X-HTTP-Method-Override: DELETE\r\n')],
  ['another method in the query', (it) => get(it, '', 'GET /v1/tags?_method=DELETE HTTP/1.1')],
  ['a key in the query', (it) => get(it, '', 'GET /v1/tags?api_token=1 HTTP/1.1')],
  ['a name of the prototype in the query', (it) => get(it, '', 'GET /v1/tags?constructor=1 HTTP/1.1')],
  ['a body where one only reads', (it) => get(it, 'Content-Length: 2\r\nContent-Type: application/json\r\n\r\n{}')],
  ['a name twice', (it) => post(it, 'Content-Length: 45\r\n', '{"name":"a","name":"b","color":"#ffffff"}     ')],
  ['a byte order mark', (it) => post(it, 'Content-Length: 34\r\n', '\u00ef\u00bb\u00bf{"name":"a","color":"#ffffff"}  ')],
  ['a prototype', (it) => post(it, 'Content-Length: 45\r\n', '{"__proto__":{"name":"a"},"color":"#ffffff"} '.padEnd(45))],
  ['half a character', (it) => post(it, 'Content-Length: 40\r\n', '{"name":"\\ud800","color":"#ffffff"}'.padEnd(40))],
  [
    'a body of another type',
    (it) => post(it, 'Content-Length: 6\r\n', 'name=a').replace('application/json', 'application/x-www-form-urlencoded'),
  ],
  ['a charset', (it) => post(it, 'Content-Length: 2\r\n', '{}').replace('application/json', 'application/json; charset=utf-7')],
  ['a compressed body', (it) => post(it, 'Content-Encoding: gzip\r\nContent-Length: 2\r\n', '{}')],
  [
    'a key that is hidden behind very many headers',
    ({ auth, host }) => `GET /v1/tags HTTP/1.1\r\n${host}${'a:\r\n'.repeat(2500)}${auth}Connection: close\r\n\r\n`,
  ],
  [
    'a dry run that is hidden behind very many headers',
    (it) => get(it, `${'a:\r\n'.repeat(2500)}X-Dry-Run: 1\r\n`, `PUT /v1/calls/1/archive HTTP/1.1`),
  ],
];

test.each(refusedAndTold)('%s is refused, reaches nothing, and is in the log', async (_name, bytes) => {
  const it = await open();
  const answered = statuses(await exchange(it.lab.port, bytes(it))).filter((status) => status !== 100);
  expect(answered.length).toBeLessThanOrEqual(1);
  for (const status of answered) expect([400, 401, 403, 404, 417, 431]).toContain(status);
  expect(it.lab.upstream()).toEqual([]);
  expect(it.lab.records().length).toBeGreaterThanOrEqual(1);
  expect(it.lab.records().every(({ decision }) => decision?.effect === 'deny')).toBe(true);
});
