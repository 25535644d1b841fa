// trunkline serve over real HTTP, with the simulator behind it: what it answers, when it refuses to start, how it stops, and that no
// key or credential is left anywhere.
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Client, ClientCredentialsProvider, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { expect, onTestFinished, test } from 'vitest';
import { startSimulator } from '../src/simulator/index.ts';
import type { SimulatorOptions } from '../src/simulator/index.ts';
import { openShell } from './support/cli.ts';
import type { Shell } from './support/cli.ts';
import { serveAsProcess } from './support/serve-process.ts';
import { startIdentityProvider, tokenOf } from './support/identity-provider.ts';
import { connect as connectMcp } from './support/mcp.ts';

type Body = { readonly [name: string]: unknown };

test('an agent does what it was granted, and nothing else; the log tells, and verifies', async () => {
  const { shell, server, simulator } = await company();
  const { key, id } = await addAgent(shell, 'Bot', 'calls=read', 'contacts=read');
  const { url, stop } = await server();
  const bearer = { authorization: `Bearer ${key}` };
  const calls = await ask(`${url}/v1/calls?per_page=2`, bearer);
  expect([calls.status, (calls.body['calls'] as unknown[]).length]).toEqual([200, 2]);
  expect(JSON.stringify(calls.body['meta'])).toContain(url);
  const basic = { authorization: `Basic ${Buffer.from(`${id}:${key}`).toString('base64')}` };
  expect((await ask(`${url}/v1/contacts`, basic)).status).toBe(200);
  const before = simulator.requests.count;
  expect((await ask(`${url}/v1/users`, bearer)).body).toMatchObject({ code: 'not_granted' });
  expect((await ask(`${url}/v1/calls`, { authorization: 'Bearer hunter2' })).status).toBe(401);
  expect((await ask(`${url}/v1/calls`, { ...bearer, host: 'evil.example.com' })).status).toBe(403);
  expect(simulator.requests.count).toBe(before);
  expect(await stop()).toBe(0);
  const { stdout } = await shell.run('audit', 'tail');
  expect(stdout).toContain('Bot listed 2 calls');
  expect(stdout).toMatch(/Bot tried to .*Denied/);
  expect((await shell.run('audit', 'verify')).code).toBe(0);
});

test('a change by another process counts at the next request', async () => {
  const { shell, server } = await company();
  const { key } = await addAgent(shell, 'Bot', 'tags=read');
  const { url } = await server();
  const status = async () => (await ask(`${url}/v1/tags`, { authorization: `Bearer ${key}` })).status;
  expect(await status()).toBe(200);
  await shell.run('agents', 'pause', 'Bot');
  expect(await status()).toBe(403);
  await shell.run('agents', 'resume', 'Bot');
  expect(await status()).toBe(200);
  await shell.run('agents', 'grant', 'Bot', 'tags=off');
  expect(await status()).toBe(403);
  await shell.run('agents', 'grant', 'Bot', 'tags=read');
  await shell.run('agents', 'rotate', 'Bot');
  expect(await status()).toBe(401);
});

test('with an identity provider set, its tokens count beside keys for the agents that an operator named', async () => {
  const { shell, server } = await company();
  const { key } = await addAgent(shell, 'Bot', 'tags=read');
  const provider = await startIdentityProvider();
  // As the page says it.
  const page = readFileSync(new URL('../docs/serve.md', import.meta.url), 'utf8');
  const [, issuer = ''] = /^export (TRUNKLINE_IDENTITY_ISSUER)=https:/m.exec(page) ?? [];
  const [, subject = ''] = /^trunkline agents identity "Support Agent" (\S+)$/m.exec(page) ?? [];
  shell.env[issuer] = provider.issuer;
  const { url, output, stop } = await server();
  expect(output()).toContain(`or with tokens of ${provider.issuer}`);
  for (const path of ['/.well-known/oauth-protected-resource', '/.well-known/oauth-protected-resource/mcp']) {
    expect((await ask(url + path)).body).toEqual({
      resource: `${url}/mcp`,
      resource_name: 'Trunkline',
      authorization_servers: [provider.issuer],
      bearer_methods_supported: ['header'],
    });
  }
  const token = (aud: string) => tokenOf(provider.key, provider.claims(Date.now(), { aud, client_id: subject }));
  const good = token(`${url}/mcp`);
  const status = async (bearer: string) => (await ask(`${url}/v1/tags`, { authorization: `Bearer ${bearer}` })).status;
  expect(await status(good)).toBe(401);
  await shell.run('agents', 'identity', 'Bot', subject, '--by', 'Olga');
  expect([await status(good), await status(key), await status(token(url))]).toEqual([200, 200, 401]);
  const client = await connectMcp({ url }, { key: good }, 'modern');
  expect((await client.listTools()).tools.map(({ name }) => name)).toContain('aircall_tags_list');
  await client.close();
  await shell.run('agents', 'identity', 'Bot', 'none', '--by', 'Olga');
  expect([await status(good), await status(key)]).toEqual([401, 200]);
  expect(await stop()).toBe(0);
  const { stdout } = await shell.run('audit', 'tail');
  expect(stdout).toContain('The token was made for another audience.');
  expect(stdout).toContain('Olga changed Bot: tokens of 0oa1b2c3d4 are this agent’s.');
  expect((await shell.run('audit', 'verify')).code).toBe(0);
  for (const path of filesIn(shell.cwd)) expect(readFileSync(path).includes(good.split('.')[1] ?? ''), path).toBe(false);
});

test('an MCP client that knows nothing but the address finds the provider, asks it for a token for this gateway, and is let in', async () => {
  const { shell, server } = await company();
  await addAgent(shell, 'Bot', 'tags=read');
  await shell.run('agents', 'identity', 'Bot', 'support-bot', '--by', 'Olga');
  const provider = await startIdentityProvider();
  shell.env['TRUNKLINE_IDENTITY_ISSUER'] = provider.issuer;
  const { url } = await server();
  const authProvider = new ClientCredentialsProvider({
    clientId: 'support-bot',
    clientSecret: 'hunter2',
    expectedIssuer: provider.issuer,
  });
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp`), { authProvider }));
  expect((await client.listTools()).tools.map(({ name }) => name)).toContain('aircall_tags_list');
  await client.close();
  const asked = provider.received.find(({ path }) => path === '/tenant/token');
  expect(Object.fromEntries(new URLSearchParams(asked?.body))).toEqual({ grant_type: 'client_credentials', resource: `${url}/mcp` });
});

test('an identity provider is set whole, or it does not start', async () => {
  const { shell } = await company();
  const refused = async (env: Readonly<Record<string, string>>) => {
    Object.assign(shell.env, { TRUNKLINE_IDENTITY_ISSUER: undefined, TRUNKLINE_IDENTITY_KEYS: undefined, ...env });
    const { code, stderr } = await shell.run('serve', '--listen', '127.0.0.1:0');
    expect(code).toBe(2);
    return stderr;
  };
  const issuer = { TRUNKLINE_IDENTITY_ISSUER: 'https://login.example.com' };
  expect(await refused({ TRUNKLINE_IDENTITY_KEYS: 'https://login.example.com/keys' })).toContain('not whose they are');
  expect(await refused({ TRUNKLINE_IDENTITY_ISSUER: 'http://login.example.com' })).toContain('plain http');
  expect(await refused({ TRUNKLINE_IDENTITY_ISSUER: 'login.example.com' })).toContain('not an https address');
  expect(await refused({ ...issuer, TRUNKLINE_IDENTITY_KEYS: 'http://login.example.com/keys' })).toContain('plain http');
  expect(await refused({ ...issuer, TRUNKLINE_IDENTITY_KEYS: 'jwks.json' })).toContain('There is no file');
  for (const algorithms of ['HS256', 'none', 'RS256,HS256', 'rs256']) {
    expect(await refused({ ...issuer, TRUNKLINE_IDENTITY_ALGORITHMS: algorithms }), algorithms).toContain('is not a list of RS256');
  }
});

test('the pages of its own: healthy, ready, metrics for this machine only, nothing else', async () => {
  const { shell, server } = await company();
  const { key } = await addAgent(shell, 'Bot', 'tags=read');
  const { url } = await server();
  expect(await ask(`${url}/healthz`)).toMatchObject({ status: 200, body: { status: 'ok' } });
  expect(await ask(`${url}/readyz`)).toMatchObject({ status: 200, body: { checks: { store: 'ok', audit: 'ok', policy: 'ok' } } });
  await ask(`${url}/v1/tags`, { authorization: `Bearer ${key}` });
  const who = await ask(`${url}/gateway/whoami`, { authorization: `Bearer ${key}` });
  expect(who).toMatchObject({ status: 200, body: { agent: { name: 'Bot' } } });
  const metrics = await fetch(`${url}/metrics`);
  expect(metrics.status).toBe(200);
  const text = await metrics.text();
  expect(text).toContain('tags.list');
  expect(text).not.toContain(key);
  expect((await ask(`${url}/metrics`, { 'x-forwarded-for': '203.0.113.9' })).status).toBe(404);
  expect((await ask(`${url}/metrics`, { host: 'gateway.example.com' })).status).toBe(404);
  for (const path of ['/', '/v3/calls', '/healthz/', '/agents', '/%2e%2e/', '/V1x']) {
    expect(await ask(url + path), path).toMatchObject({ status: 404, body: { code: 'unknown_path' } });
  }
});

test('what is no request at all is refused and recorded', async () => {
  const { shell, server } = await company();
  await addAgent(shell, 'Bot', 'tags=read');
  const { url, stop } = await server();
  const answer = await new Promise<string>((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.end('GET /v1/tags HTTP/9.9\r\nx\r\n\r\n'));
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
    socket.on('close', () => resolve(text));
    socket.on('error', reject);
  });
  expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  await stop();
  expect((await shell.run('audit', 'tail')).stdout).toContain('without a valid key');
});

test('what it cannot do its work with, it says: not ready, without a word of why', async () => {
  const { shell, server, damage } = await company();
  await addAgent(shell, 'Bot', 'tags=read');
  const { url } = await server();
  await damage('UPDATE audit_heads SET mac = hash');
  const answer = await ask(`${url}/readyz`);
  expect(answer).toEqual({
    status: 503,
    body: { status: 'not ready', checks: { store: 'ok', audit: 'failed', policy: 'ok', clock: 'ok' } },
  });
});

test('a request under way when it stops is finished and recorded; new ones are turned away', async () => {
  const { shell, server } = await company({ latencyMs: 700 });
  const { key } = await addAgent(shell, 'Bot', 'tags=read');
  const { url, stop, isServing } = await server();
  const running = ask(`${url}/v1/tags`, { authorization: `Bearer ${key}` });
  await expect.poll(isServing('Bot is about to list tags'), { timeout: 5000 }).toBe(true);
  const stopped = stop();
  expect((await running).status).toBe(200);
  expect(await stopped).toBe(0);
  await expect(fetch(`${url}/healthz`)).rejects.toThrow();
  const { stdout } = await shell.run('audit', 'tail');
  expect(stdout).toContain('Bot listed');
});

test('two do not serve the same agents, and the next one may when the first has stopped', async () => {
  const { shell, server } = await company();
  const { stop } = await server();
  const second = await shell.run('serve', '--listen', '127.0.0.1:0');
  expect(second).toMatchObject({ code: 2, stderr: expect.stringContaining('Another process serves these agents already') as string });
  await stop();
  const next = await server();
  expect((await ask(`${next.url}/healthz`)).status).toBe(200);
});

test('it refuses to start where it would be unsafe', async () => {
  const { shell } = await company();
  const kek = randomBytes(32).toString('base64');
  const refused = async (env: Record<string, string>, ...line: string[]) => {
    Object.assign(shell.env, { TRUNKLINE_KEK: undefined, TRUNKLINE_PUBLIC_URL: undefined, ...env });
    const { code, stderr } = await shell.run('serve', ...line);
    expect(code).toBe(2);
    return stderr;
  };
  expect(await refused({ TRUNKLINE_KEK: kek }, '--listen', '0.0.0.0:0')).toContain('travel in the clear');
  expect(await refused({ TRUNKLINE_KEK: kek, TRUNKLINE_PUBLIC_URL: 'http://gateway.example.com' }, '--listen', '0.0.0.0:0')).toContain(
    'plain http',
  );
  const url = { TRUNKLINE_PUBLIC_URL: 'https://gateway.example.com' };
  expect(await refused(url, '--listen', '0.0.0.0:0')).toContain('TRUNKLINE_KEK');
  expect(await refused(url)).toContain('TRUNKLINE_KEK');
  const weak = { ...url, TRUNKLINE_KEK: Buffer.alloc(32, 7).toString('base64') };
  expect(await refused(weak, '--listen', '0.0.0.0:0')).toContain('can be guessed');
  expect(await refused({ ...url, TRUNKLINE_KEK: 'changeme' }, '--listen', '0.0.0.0:0')).toContain('TRUNKLINE_KEK');
});

test('with four eyes it warns of each active agent whose owner is nobody who logs in, and of no other', async () => {
  const { shell, server } = await company();
  for (const name of ['Bot', 'Paused Bot', 'Olafs Bot']) await addAgent(shell, name, 'tags=read');
  await shell.run('agents', 'pause', 'Paused Bot', '--by', 'Otto');
  await shell.run('people', 'add', 'Olaf Berg', '--role', 'approver', '--by', 'Otto');
  await shell.run('agents', 'set', 'Olafs Bot', '--owner', 'olaf berg', '--by', 'Otto');
  const warnings = async () => {
    const { output, stop } = await server();
    await stop();
    return output().match(/Nobody can approve what (.*) asks for/g) ?? [];
  };
  expect(await warnings()).toEqual([]);
  shell.env['TRUNKLINE_APPROVERS'] = 'four-eyes';
  expect(await warnings()).toEqual(['Nobody can approve what Bot asks for']);
});

test('an address that is taken is named, with another to try', async () => {
  const { shell, simulator } = await company();
  const port = new URL(simulator.baseUrl).port;
  expect(await shell.run('serve', '--listen', `127.0.0.1:${port}`)).toMatchObject({ stderr: expect.stringContaining('already') as string });
});

test.each(['file', 'sealed'])(
  'after a whole scenario no key and no credential is in any file, line or answer (keys in: %s)',
  async (kept) => {
    const { shell, server, simulator } = await company();
    const kek = randomBytes(32);
    if (kept === 'sealed') shell.env['TRUNKLINE_KEK'] = kek.toString('base64');
    const { key, id, said } = await addAgent(shell, 'Bot', 'calls=read', 'contacts=read', 'recordings=read');
    const { url, stop, output } = await server('--log', 'debug', '--log-format', 'json');
    const answers: string[] = [];
    for (const [path, headers] of [
      ['/v1/calls', { authorization: `Bearer ${key}` }],
      ['/v1/contacts', { authorization: `Basic ${Buffer.from(`${id}:${key}`).toString('base64')}` }],
      ['/v1/calls', { authorization: `Bearer ${key}x` }],
      [`/v1/calls/${key}`, {}],
      [`/v1/calls?key=${key}`, { authorization: `Bearer ${key}` }],
      [`/media/${key}`, { authorization: `Bearer ${key}` }],
      [`/${key}`, {}],
      ['/metrics', {}],
    ] as const) {
      const response = await fetch(url + path, { headers });
      answers.push(JSON.stringify([...response.headers]), await response.text());
    }
    await stop();
    const ends = [await shell.run('audit', 'tail'), await shell.run('agents', 'list', '--json'), await shell.run('agents', 'show', 'Bot')];
    const secrets = [key.slice(26, 69), simulator.apiToken, simulator.accessToken, kek.toString('base64'), kek.toString('hex')];
    const texts = [...answers, said, output(), ...ends.flatMap(({ stdout, stderr }) => [stdout, stderr])];
    for (const secret of secrets) {
      for (const text of texts) expect(text).not.toContain(secret);
      for (const file of filesIn(shell.cwd)) {
        const bytes = readFileSync(file);
        const forms = [Buffer.from(secret), Buffer.from(secret, 'base64url'), Buffer.from(secret, 'hex')].filter(
          (form) => form.length >= 16,
        );
        for (const form of forms) expect(bytes.includes(form), file).toBe(false);
      }
    }
  },
);

test('a server that stops writes a line that verify takes as a checkpoint kept elsewhere', async () => {
  const { shell, server } = await company();
  const { key } = await addAgent(shell, 'Bot', 'tags=read');
  const { url, stop, output } = await server('--log-format', 'json');
  expect((await ask(`${url}/v1/tags`, { authorization: `Bearer ${key}` })).status).toBe(200);
  await stop();
  const line = output()
    .split('\n')
    .findLast((each) => each.includes('a checkpoint of the audit log'));
  const kept = ['audit', 'verify', '--checkpoint', line ?? 'none'] as const;
  expect(await shell.run(...kept)).toMatchObject({
    code: 0,
    stdout: expect.not.stringContaining('kept elsewhere: --checkpoint') as string,
  });
  const other = (line ?? '').replace(/"head":"[0-9a-f]{64}"/, `"head":"${'0'.repeat(64)}"`);
  expect(await shell.run('audit', 'verify', '--checkpoint', other)).toMatchObject({ code: 1 });
});

test('as a process: it says what it serves, stops at SIGTERM with 0, and a killed one is taken over', async () => {
  const { shell } = await company();
  const { key } = await addAgent(shell, 'Bot', 'tags=read');
  const first = await serveAsProcess(shell);
  expect((await ask(`${first.url}/v1/tags`, { authorization: `Bearer ${key}` })).status).toBe(200);
  first.kill('SIGKILL');
  await first.ended;
  const second = await serveAsProcess(shell);
  expect((await ask(`${second.url}/v1/tags`, { authorization: `Bearer ${key}` })).status).toBe(200);
  second.kill('SIGTERM');
  expect(await second.ended).toBe(0);
  expect((await shell.run('audit', 'verify')).code).toBe(0);
});

async function company(options: SimulatorOptions = {}) {
  const simulator = await startSimulator({ calls: 30, contacts: 20, requestsPerMinute: 'off', ...options });
  onTestFinished(() => simulator.close());
  const { baseUrl, apiId, apiToken } = simulator;
  const env = { AIRCALL_BASE_URL: baseUrl, AIRCALL_API_ID: apiId, AIRCALL_API_TOKEN: apiToken };
  const shell = openShell({ env });
  /** Serves in a shell of its own that shares folder and environment, so that other commands can be run meanwhile. */
  const server = async (...line: readonly string[]) => {
    const stopping = new AbortController();
    const serving = openShell({ signal: stopping.signal });
    Object.assign(serving.env, shell.env);
    const ended = serving.run('serve', '--listen', '127.0.0.1:0', '--home', join(shell.cwd, '.trunkline'), ...line);
    const output = () => Object.values(serving.shown()).join('\n');
    await Promise.race([expect.poll(output, { timeout: 10_000 }).toMatch(/until Ctrl-C/), ended.then(() => undefined)]);
    const url = /at (http:\/\/127\.0\.0\.1:\d+) until/.exec(output())?.[1];
    if (url === undefined) throw new Error(`it does not serve: ${output()}`);
    const stop = async () => {
      stopping.abort();
      return (await ended).code;
    };
    onTestFinished(async () => void (await stop()));
    const isServing = (sentence: string) => async () => (await shell.run('audit', 'search', '--json')).stdout.includes(sentence);
    return { url, stop, output, isServing };
  };
  const damage = async (sql: string) => {
    const { openGatewayDatabase } = await import('../src/store/index.ts');
    const database = await openGatewayDatabase({ home: join(shell.cwd, '.trunkline') });
    database.prepare(sql).run();
    database.close();
  };
  return { shell, simulator, server, damage };
}

async function addAgent(shell: Shell, name: string, ...levels: readonly string[]) {
  const added = await shell.run('agents', 'add', name, '--owner', 'olga', '--by', 'Olga', '--json');
  expect(added).toMatchObject({ code: 0 });
  const { key, agent } = JSON.parse(added.stdout) as { key: { key: string }; agent: { id: string } };
  const granted = await shell.run('agents', 'grant', name, ...levels, '--by', 'Olga', '--accept-combination');
  expect(granted).toMatchObject({ code: 0 });
  return { key: key.key, id: agent.id, said: added.stderr + granted.stdout + granted.stderr };
}

async function ask(url: string, headers: Readonly<Record<string, string>> = {}): Promise<{ status: number; body: Body }> {
  // Node's fetch keeps Host for itself; a plain request does not.
  const { request } = await import('node:http');
  return new Promise((resolve, reject) => {
    const asked = request(url, { headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        resolve({ status: response.statusCode ?? 0, body: (text.startsWith('{') ? JSON.parse(text) : {}) as Body });
      });
    });
    asked.on('error', reject);
    asked.end();
  });
}

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((path) => statSync(path).isFile());
}
