// Who can reach the port of trunkline serve and has no key, or a bad disk or clock under it: connections that never end, headers
// without end, names and addresses that are made up, paths that are none, and a folder that can no longer be written.
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startSimulator } from '../src/simulator/index.ts';
import { openShell } from './support/cli.ts';
import { serveAsProcess } from './support/serve-process.ts';

test('connections that never finish what they say do not keep others waiting, and there are never more than a thousand', async () => {
  const { port, key } = await serving();
  const open = (count: number) =>
    Array.from({ length: count }, () => send(port, 'GET /v1/tags HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ', { keepOpen: true }));
  const slow = open(60);
  await Promise.all(slow.map(({ opened }) => opened));
  expect((await get(port, '/v1/tags', key)).status).toBe(200);
  const more = open(950);
  await Promise.race(more.map(({ answer }) => answer));
  // Turned away at the door: those that came first, whose time is over first, are still there.
  expect(slow.filter(({ socket }) => socket.readableEnded || socket.destroyed)).toEqual([]);
  for (const { socket } of [...slow, ...more]) socket.destroy();
  await expect.poll(async () => (await get(port, '/v1/tags', key)).status, { timeout: 5000 }).toBe(200);
});

test.each([
  ['headers without end', `GET /v1/tags HTTP/1.1\r\nHost: x\r\n${'X-A: b\r\n'.repeat(3000)}\r\n`, [400, 403, 431]],
  ['one header without end', `GET /v1/tags HTTP/1.1\r\nHost: x\r\nX-A: ${'b'.repeat(40_000)}\r\n\r\n`, [400, 403, 431]],
  ['a path without end', `GET /v1/tags?${'a'.repeat(60_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, [400, 403, 414, 431]],
  ['two bodies in one', 'POST /v1/tags HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', [400]],
  ['two lengths', 'POST /v1/tags HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello', [400]],
  ['two hosts', 'GET /v1/tags HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\n\r\n', [400, 403]],
  ['no host', 'GET /v1/tags HTTP/1.1\r\n\r\n', [400, 403]],
  ['a header that breaks the line', 'GET /v1/tags HTTP/1.1\r\nHost: x\r\nX-A: b\rX-Forwarded-For: 127.0.0.1\r\n\r\n', [400]],
  ['an upgrade', 'GET /v1/tags HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n', [400, 403]],
  ['a tunnel', 'CONNECT api.aircall.io:443 HTTP/1.1\r\nHost: api.aircall.io:443\r\n\r\n', [400, 403, 404, 405]],
  ['another origin in the line', 'GET http://api.aircall.io/v1/tags HTTP/1.1\r\nHost: api.aircall.io\r\n\r\n', [400, 403]],
  ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', [400]],
])('%s gets a refusal or nothing, and nothing of ours', async (_what, text, statuses) => {
  const { port, key, simulator } = await serving();
  const before = simulator.requests.count;
  const answer = await send(port, text).answer;
  if (answer !== '') expect(statuses).toContain(Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]));
  expect(answer).not.toMatch(/node:|\.js|at \w+ \(|stack|evil\.example|aircall\.io/i);
  expect(simulator.requests.count).toBe(before);
  expect((await get(port, '/v1/tags', key)).status).toBe(200);
});

test('metrics are for this machine: no header makes somebody else look like it', async () => {
  const { port } = await serving();
  expect((await get(port, '/metrics')).status).toBe(200);
  for (const headers of [
    'X-Forwarded-For: 127.0.0.1',
    'Forwarded: for=127.0.0.1',
    'X-Real-IP: 127.0.0.1',
    'Via: 1.1 proxy',
    'X-Forwarded-Host: localhost',
  ]) {
    expect((await get(port, '/metrics', null, headers)).status, headers).toBe(404);
  }
  for (const path of ['/metrics/', '//metrics', '/metrics%00', '/x/../metrics', '/%6detrics/..', '/METRICS']) {
    expect((await get(port, path)).status, path).toBeGreaterThanOrEqual(400);
  }
});

test.each([
  '/media/',
  '/media/..',
  '/media/%2e%2e%2fetc%2fpasswd',
  '/media/x/../../v1/tags',
  `/media/${'a'.repeat(5000)}`,
  '/media/a%00b',
  '/media/😀',
  '/media/https://evil.example/',
])('no link of its own, %s opens nothing and asks nobody', async (path) => {
  const { port, key, simulator } = await serving();
  const before = simulator.requests.count;
  const { status, text } = await get(port, encodeURI(path).replaceAll('%25', '%'), key);
  expect(status).toBeGreaterThanOrEqual(400);
  expect(status).toBeLessThan(500);
  expect(text).not.toMatch(/root:|tags|passwd/);
  expect(simulator.requests.count).toBe(before);
});

test('when the log is tampered with while it serves, it is not ready, says why to the operator alone, and lets nothing out', async () => {
  const { port, key, simulator, shell, output } = await serving();
  const { openGatewayDatabase } = await import('../src/store/index.ts');
  const database = await openGatewayDatabase({ home: join(shell.cwd, '.trunkline') });
  database.prepare(`UPDATE agent_keys SET expires_at = '2099-01-01T00:00:00.000Z'`).run();
  database.close();
  const before = simulator.requests.count;
  const denied = await get(port, '/v1/tags', key);
  expect([denied.status, denied.text]).toEqual([503, expect.stringContaining('audit_unavailable')]);
  expect(denied.text).not.toContain('keys of agents');
  const ready = await get(port, '/readyz');
  expect([ready.status, ready.text]).toEqual([503, expect.stringContaining('"audit":"failed"')]);
  expect(ready.text).not.toContain('keys of agents');
  expect(simulator.requests.count).toBe(before);
  expect(output()).toContain('not as Trunkline left them (the keys of agents)');
  const verified = await shell.run('audit', 'verify');
  expect([verified.code, verified.stdout + verified.stderr]).toEqual([1, expect.stringContaining('the keys of agents')]);
  expect(await shell.run('agents', 'list')).toMatchObject({ stderr: expect.stringContaining('the keys of agents') as string });
});

test.skipIf(process.platform === 'win32')(
  'a server whose disk is full lets nothing out, lives on, and goes on when there is room',
  async () => {
    const { shell, simulator, key } = await company();
    // Files may not grow beyond 600 KB: a request more, and the log finds no room.
    const full = await serveAsProcess(shell, 'ulimit -f 1200; ');
    let asked = 0;
    for (; asked < 300; asked += 1) if ((await get(full.port, `/v1/tags?per_page=${(asked % 50) + 1}`, key)).status !== 200) break;
    expect(asked).toBeGreaterThan(0);
    const before = simulator.requests.count;
    for (let more = 0; more < 3; more += 1) {
      const { status, text } = await get(full.port, `/v1/tags?per_page=${more + 1}&order=desc`, key);
      expect([status, text]).toEqual([503, expect.stringMatching(/audit_unavailable|outcome_unrecorded/)]);
      expect(text).not.toMatch(/"tags":|gateway\.db|SQLITE|disk I/i);
    }
    expect(simulator.requests.count).toBe(before);
    expect((await get(full.port, '/healthz')).status).toBe(200);
    expect((await get(full.port, '/readyz')).status).toBe(503);
    full.kill('SIGKILL');
    await full.ended;
    const roomy = await serveAsProcess(shell);
    expect((await get(roomy.port, '/v1/tags', key)).status).toBe(200);
    roomy.kill('SIGTERM');
    expect(await roomy.ended).toBe(0);
    expect(await shell.run('audit', 'verify')).toMatchObject({ code: 0 });
  },
);

test.skipIf(process.platform === 'win32')(
  'while the clock is set back no key and no login counts, also after a restart, until an operator says that it is right',
  async () => {
    const { shell, simulator, key } = await company();
    const moved = join(shell.cwd, 'moved-by-ms');
    const preload = join(shell.cwd, 'move-the-clock.cjs');
    const read = `Number(require('node:fs').readFileSync(${JSON.stringify(moved)}, 'utf8'))`;
    writeFileSync(preload, `const real = Date.now;\nDate.now = () => real() + ${read};\n`);
    const hour = 3_600_000;
    writeFileSync(moved, '0');
    const serving = await serveAsProcess(shell, `export NODE_OPTIONS='--require ${preload}'; `);
    expect((await get(serving.port, '/v1/tags', key)).status).toBe(200);
    writeFileSync(moved, String(30 * hour));
    expect((await get(serving.port, '/v1/tags?per_page=2', key)).status).toBe(200);
    const before = simulator.requests.count;
    writeFileSync(moved, '0');
    const refused = await get(serving.port, '/v1/tags?per_page=3', key);
    expect([refused.status, refused.text]).toEqual([503, expect.stringContaining('"code":"store_unavailable"')]);
    expect(refused.text).toContain('cannot tell what time it is');
    const ready = await get(serving.port, '/readyz');
    expect([ready.status, ready.text]).toEqual([503, expect.stringContaining('"clock":"failed"')]);
    const page = await get(serving.port, '/approvals', null, 'Cookie: trunkline=whatever');
    expect([page.status, page.text]).toEqual([503, expect.stringContaining('was set back')]);
    expect(serving.said()).toContain('it is 1800 minutes behind');
    serving.kill('SIGTERM');
    expect(await serving.ended).toBe(0);
    const again = await serveAsProcess(shell);
    expect((await get(again.port, '/v1/tags?per_page=4', key)).status).toBe(503);
    expect(again.said()).toContain('behind what it has shown before');
    expect(simulator.requests.count).toBe(before);
    again.kill('SIGTERM');
    await again.ended;
    const trusting = await serveAsProcess(shell, '', '--trust-clock');
    expect((await get(trusting.port, '/v1/tags?per_page=3', key)).status).toBe(200);
    const told = (await shell.run('audit', 'tail')).stdout;
    expect(told).toContain('A caller whose key was not looked at tried GET /v1/tags. Denied: The clock of this machine was set back');
    expect(told).toContain('The operator says that the clock is right, though it is 1800 minutes behind the last record.');
    expect(await shell.run('audit', 'verify')).toMatchObject({ code: 0 });
  },
);

test('a home folder that everybody may write is refused', async () => {
  const { shell } = await serving();
  chmodSync(join(shell.cwd, '.trunkline'), 0o777);
  if (process.platform === 'win32') return;
  const refused = await shell.run('agents', 'list');
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('chmod 700') as string });
});

async function company() {
  const simulator = await startSimulator({ calls: 5, contacts: 5, requestsPerMinute: 'off' });
  onTestFinished(() => simulator.close());
  const { baseUrl, apiId, apiToken } = simulator;
  const env = { AIRCALL_BASE_URL: baseUrl, AIRCALL_API_ID: apiId, AIRCALL_API_TOKEN: apiToken };
  const shell = openShell({ env });
  const added = await shell.run('agents', 'add', 'Bot', '--owner', 'olga', '--by', 'Olga', '--json');
  const { key } = JSON.parse(added.stdout) as { key: { key: string } };
  await shell.run('agents', 'grant', 'Bot', 'tags=read', 'recordings=read', '--by', 'Olga', '--accept-combination');
  return { shell, simulator, key: key.key };
}

async function serving() {
  const { shell, simulator, key } = await company();
  const stopping = new AbortController();
  const server = openShell({ signal: stopping.signal });
  Object.assign(server.env, shell.env);
  const home = join(shell.cwd, '.trunkline');
  const ended = server.run('serve', '--listen', '127.0.0.1:0', '--home', home);
  const output = () => Object.values(server.shown()).join('\n');
  await expect.poll(output, { timeout: 10_000 }).toMatch(/until Ctrl-C/);
  onTestFinished(async () => {
    stopping.abort();
    await ended;
    // Whatever was sent, no key lies in the folder.
    const file = join(home, 'gateway.db');
    if (existsSync(file)) expect(readFileSync(file).includes(key.slice(26, 69))).toBe(false);
  });
  const port = Number(/127\.0\.0\.1:(\d+) until/.exec(output())?.[1]);
  return { shell, simulator, port, key, output };
}

type Sent = { readonly socket: Socket; readonly opened: Promise<void>; readonly answer: Promise<string> };

/** Bytes as they are; the answer is what comes until the other side closes. */
function send(port: number, text: string, { keepOpen = false } = {}): Sent {
  const socket = connect(port, '127.0.0.1');
  const opened = new Promise<void>((resolve) => {
    socket.once('connect', () => {
      socket.write(Buffer.from(text, 'latin1'));
      if (!keepOpen) socket.end();
      resolve();
    });
  });
  const answer = new Promise<string>((resolve) => {
    let all = '';
    socket.on('data', (chunk: Buffer) => (all += chunk.toString('latin1')));
    socket.on('error', () => resolve(all));
    socket.on('close', () => resolve(all));
  });
  onTestFinished(() => void socket.destroy());
  return { socket, opened, answer };
}

async function get(port: number, path: string, key: string | null = null, header = 'X-None: x') {
  const authorization = key === null ? '' : `Authorization: Bearer ${key}\r\n`;
  const text = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${authorization}${header}\r\nConnection: close\r\n\r\n`;
  const answer = await send(port, text, { keepOpen: true }).answer;
  return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]), text: answer };
}
