// trunkline mcp as the real program that MCP clients start, with the official client on the other end of its stdin and stdout.
import { spawn, spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import type { StdioServerParameters } from '@modelcontextprotocol/client/stdio';
import { expect, onTestFinished, test } from 'vitest';
import { startSimulator } from '../src/simulator/index.ts';
import type { SimulatorOptions } from '../src/simulator/index.ts';
import { openShell } from './support/cli.ts';
import type { Shell } from './support/cli.ts';
import { eras, versions } from './support/mcp.ts';
import type { Era } from './support/mcp.ts';

const program = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));

test.each(eras)('a client of the %s era works through the program, without any other process', { timeout: 60_000 }, async (era) => {
  const { shell } = await company();
  const agent = await addAgent(shell, 'Bot', 'calls=read', 'tags=full');
  const { client, said } = await connect(shell, agent, era);
  expect(client.getNegotiatedProtocolVersion()).toBe(versions[era]);
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toContain('aircall_calls_list');
  expect(tools.map(({ name }) => name)).not.toContain('aircall_contacts_list');
  expect((await client.callTool({ name: 'aircall_calls_list', arguments: { per_page: 1 } })).structuredContent).toMatchObject({
    data: { calls: [{}] },
  });
  const made = await client.callTool({ name: 'aircall_tags_create', arguments: { name: 'Urgent', color: '#ff0000' } });
  expect(made.isError).not.toBe(true);
  const denied = await client.callTool({ name: 'aircall_contacts_list', arguments: {} });
  expect(denied).toMatchObject({ isError: true, structuredContent: { code: 'not_granted' } });
  await client.close();
  expect(said()).not.toContain(agent.key);
  const { stdout } = await shell.run('audit', 'tail');
  expect(stdout).toContain('Bot created');
  expect((await shell.run('audit', 'verify')).code).toBe(0);
});

test('two programs are one gateway: only the first one serves, and when it ends the other takes over', { timeout: 120_000 }, async () => {
  const { shell } = await company();
  const agent = await addAgent(shell, 'Bot', 'calls=read');
  // A client that tries out the era starts the program once more for that, and might meet itself.
  const first = await connect(shell, agent, 'legacy');
  const second = await connect(shell, agent, 'legacy');
  const list = async ({ client }: { client: Client }) =>
    (await client.callTool({ name: 'aircall_calls_list', arguments: {} })).isError ?? false;
  expect([await list(first), await list(second)]).toEqual([false, false]);
  await expect.poll(first.said, { timeout: 20_000 }).toContain('serving');
  expect(second.said()).not.toContain('serving');
  await first.client.close();
  await expect.poll(() => list(second), { timeout: 30_000 }).toBe(false);
  await expect.poll(second.said, { timeout: 20_000 }).toContain('serving');
  await second.client.close();
  // Nothing that another process was about to do was taken for lost.
  expect(/unknown outcome/.test((await shell.run('audit', 'search', '--json')).stdout)).toBe(false);
  expect((await shell.run('audit', 'verify')).code).toBe(0);
});

test('what agents connect prints for a client that starts a program works in any folder', { timeout: 60_000 }, async () => {
  const { shell, serve } = await company();
  const agent = await addAgent(shell, 'Bot', 'calls=read');
  await serve();
  const line = [program, 'agents', 'connect', 'Bot', '--client', 'claude-desktop', '--json'];
  const printed = spawnSync(process.execPath, line, { cwd: shell.cwd, env: environmentOf(shell), encoding: 'utf8' });
  const { clients } = JSON.parse(printed.stdout) as { clients: { text: string }[] };
  const settings = JSON.parse(clients[0]?.text ?? '') as {
    mcpServers: { aircall: Pick<StdioServerParameters, 'command' | 'args' | 'env'> };
  };
  const { env, ...command } = settings.mcpServers.aircall;
  const client = new Client({ name: 'test', version: '1' });
  // Nothing of this process's environment, and none of the company's folders.
  await client.connect(new StdioClientTransport({ ...command, env: { ...env, TRUNKLINE_AGENT_KEY: agent.key }, cwd: tmpdir() }));
  onTestFinished(() => client.close());
  expect(await client.callTool({ name: 'aircall_calls_list', arguments: { per_page: 1 } })).toMatchObject({
    structuredContent: { data: { calls: [{}] } },
  });
});

test('where trunkline serve runs, everything goes there, and its write is not taken for lost', { timeout: 60_000 }, async () => {
  const { shell, serve } = await company({ latencyMs: 1500 });
  const agent = await addAgent(shell, 'Bot', 'tags=full');
  const { ended, kill } = await serve();
  const { client, said } = await connect(shell, agent, 'modern');
  const writing = client.callTool({ name: 'aircall_tags_create', arguments: { name: 'Slow', color: '#00ff00' } });
  await expect
    .poll(async () => (await shell.run('audit', 'search', '--json')).stdout, { timeout: 20_000 })
    .toContain('Bot is about to create');
  // Another program comes up in the middle of it.
  const other = await connect(shell, agent, 'legacy');
  await other.client.listTools();
  expect((await writing).isError).not.toBe(true);
  expect(said() + other.said()).not.toContain('serving');
  const { stdout } = await shell.run('audit', 'search', '--json');
  expect(/unknown outcome/.test(stdout)).toBe(false);
  kill();
  expect(await ended).toBe(0);
});

test(
  'what was asked before the client closed its end is answered, as a script asks that writes all at once',
  { timeout: 60_000 },
  async () => {
    const { shell } = await company({ latencyMs: 700 });
    const agent = await addAgent(shell, 'Bot', 'tags=full');
    const raw = start(shell, agent.key);
    const meta = { 'io.modelcontextprotocol/protocolVersion': versions.modern, 'io.modelcontextprotocol/clientCapabilities': {} };
    const messages = [
      {
        id: 1,
        method: 'initialize',
        params: { protocolVersion: versions.legacy, capabilities: {}, clientInfo: { name: 't', version: '1' } },
      },
      { method: 'notifications/initialized' },
      { id: 2, method: 'tools/call', params: { name: 'aircall_tags_create', arguments: { name: 'Late', color: '#00ff00' } } },
      { id: 3, method: 'tools/call', params: { name: 'aircall_tags_list', arguments: {}, _meta: meta } },
      // Has no end of its own.
      { id: 4, method: 'subscriptions/listen', params: { notifications: { toolsListChanged: true }, _meta: meta } },
    ];
    raw.stdin.end(messages.map((message) => `${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`).join(''));
    expect(await raw.ended).toBe(0);
    const answers = raw.lines().map((line) => JSON.parse(line) as { id?: number; result?: { isError?: boolean } });
    expect(answers.filter(({ result }) => result !== undefined && result.isError !== true).map(({ id }) => id)).toEqual(
      expect.arrayContaining([1, 2, 3]),
    );
  },
);

test('the last message needs no line end', { timeout: 60_000 }, async () => {
  const { shell } = await company();
  const agent = await addAgent(shell, 'Bot', 'calls=read');
  const raw = start(shell, agent.key);
  raw.stdin.end('{"jsonrpc":"2.0","id":1,"method":"tools/list"}');
  expect(await raw.ended).toBe(0);
  expect(raw.lines().map((line) => JSON.parse(line) as object)).toMatchObject([{ id: 1, result: {} }]);
});

test('a client that reads no answers cannot hold the program', { timeout: 60_000 }, async () => {
  const { shell } = await company();
  const agent = await addAgent(shell, 'Bot', 'calls=full', 'contacts=full', 'users=full', 'messages=full');
  const lists = '{"jsonrpc":"2.0","id":1,"method":"tools/list"}\n'.repeat(40);
  const leaving = start(shell, agent.key, { isRead: false });
  leaving.stdin.end(lists);
  const stopped = start(shell, agent.key, { isRead: false });
  stopped.stdin.write(lists);
  // Both hold more than pipes do when the one is stopped and the other has been left.
  expect(await leaving.ended).toBe(1);
  expect(leaving.said()).toContain('does not read');
  stopped.kill();
  expect(await stopped.ended).toBe(0);
});

test('stdout carries messages of the protocol and nothing else, whatever is sent', { timeout: 60_000 }, async () => {
  const { shell } = await company();
  const agent = await addAgent(shell, 'Bot', 'calls=read');
  const raw = start(shell, agent.key);
  const ask = (text: string) => raw.stdin.write(`${text}\n`);
  ask(
    '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}',
  );
  await expect.poll(() => raw.lines().length, { timeout: 30_000 }).toBe(1);
  ask('this is no JSON');
  ask('[{"jsonrpc":"2.0","id":2,"method":"tools/list"}]');
  ask('{"jsonrpc":"2.0","id":3,"method":"no/such/thing"}');
  ask(
    `{"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"aircall_calls_list","arguments":{"x":${'['.repeat(40)}${']'.repeat(40)}}}}`,
  );
  ask(`{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"${'x'.repeat(300_000)}"}}`);
  await expect.poll(() => raw.lines().length, { timeout: 30_000 }).toBe(6);
  const answers = raw
    .lines()
    .map((line) => JSON.parse(line) as { jsonrpc: string; id: unknown; error?: { code: number; message: string } });
  expect(answers.every(({ jsonrpc }) => jsonrpc === '2.0')).toBe(true);
  expect(new Set(answers.map(({ id }) => id))).toEqual(new Set([1, null, 3, 4, 5]));
  expect(answers.filter(({ error }) => error !== undefined)).toHaveLength(5);
  raw.stdin.end();
  expect(await raw.ended).toBe(0);
});

test('without a key, or for nobody, it says so on stderr and does nothing', { timeout: 60_000 }, async () => {
  const { shell, simulator } = await company();
  const one = await addAgent(shell, 'One', 'calls=read');
  expect(await shell.run('mcp', '--agent', 'One')).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining('TRUNKLINE_AGENT_KEY') as string,
  });
  shell.env['TRUNKLINE_AGENT_KEY'] = one.key;
  expect(await shell.run('mcp')).toMatchObject({ code: 2, stdout: '' });
  const nobody = await shell.run('mcp', '--agent', 'Three');
  expect(nobody).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('no agent') as string });
  expect(simulator.requests.count).toBe(0);
});

test('a key that is none of the agent’s is told while the program starts, and stands in the log', { timeout: 60_000 }, async () => {
  const { shell, simulator, serve } = await company();
  const one = await addAgent(shell, 'One', 'calls=read');
  await addAgent(shell, 'Two', 'calls=read');
  const refused = { code: 2, stdout: '', stderr: expect.stringMatching(/no valid key of Two.*\n.*agents rotate "Two"/) as string };
  shell.env['TRUNKLINE_AGENT_KEY'] = one.key;
  expect(await shell.run('mcp', '--agent', 'Two')).toMatchObject(refused);
  expect((await shell.run('audit', 'tail')).stdout).toContain('together with the id of another agent');
  shell.env['TRUNKLINE_AGENT_KEY'] = 'nonsense';
  expect(await shell.run('mcp', '--agent', 'Two')).toMatchObject(refused);
  expect((await shell.run('audit', 'tail')).stdout).toContain('is not a key of this gateway');
  // The same where another process serves.
  await serve();
  shell.env['TRUNKLINE_AGENT_KEY'] = `${one.key.slice(0, -1)}${one.key.endsWith('0') ? '1' : '0'}`;
  expect(await shell.run('mcp', '--agent', 'Two')).toMatchObject(refused);
  expect(simulator.requests.count).toBe(0);
});

test('a token of an identity provider in place of the key is told as what it is, and goes nowhere', { timeout: 60_000 }, async () => {
  const { shell } = await company();
  await addAgent(shell, 'One', 'calls=read');
  shell.env['TRUNKLINE_AGENT_KEY'] = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJvbmUifQ.c2lnbmF0dXJl';
  const refused = await shell.run('mcp', '--agent', 'One');
  expect(refused).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('a key of the gateway is needed') as string });
  expect(refused.stderr).not.toContain('eyJ');
  expect((await shell.run('audit', 'tail')).stdout).not.toContain('without a valid key');
});

async function company(options: SimulatorOptions = {}) {
  const simulator = await startSimulator({ calls: 30, contacts: 20, requestsPerMinute: 'off', ...options });
  onTestFinished(() => simulator.close());
  const { baseUrl, apiId, apiToken } = simulator;
  const shell = openShell({ env: { AIRCALL_BASE_URL: baseUrl, AIRCALL_API_ID: apiId, AIRCALL_API_TOKEN: apiToken } });
  shell.env['TRUNKLINE_HOME'] = join(shell.cwd, '.trunkline');
  const serve = async () => {
    const stopping = new AbortController();
    const serving = openShell({ signal: stopping.signal });
    Object.assign(serving.env, shell.env);
    const ended = serving.run('serve', '--listen', '127.0.0.1:0').then(({ code }) => code);
    await expect.poll(() => serving.shown().stdout, { timeout: 20_000 }).toMatch(/until Ctrl-C/);
    onTestFinished(async () => {
      stopping.abort();
      await ended;
    });
    return { ended, kill: () => stopping.abort() };
  };
  return { shell, simulator, serve };
}

async function addAgent(shell: Shell, name: string, ...levels: readonly string[]) {
  const added = await shell.run('agents', 'add', name, '--owner', 'olga', '--by', 'Olga', '--json');
  expect(added).toMatchObject({ code: 0 });
  const { key } = JSON.parse(added.stdout) as { key: { key: string } };
  expect(await shell.run('agents', 'grant', name, ...levels, '--by', 'Olga', '--accept-combination')).toMatchObject({ code: 0 });
  return { key: key.key };
}

async function connect(shell: Shell, agent: { readonly key: string }, era: Era) {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [program, 'mcp', '--agent', 'Bot', '--log', 'info'],
    cwd: shell.cwd,
    env: { ...(environmentOf(shell) as Record<string, string>), TRUNKLINE_AGENT_KEY: agent.key },
    stderr: 'pipe',
  });
  let said = '';
  transport.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));
  const client = new Client({ name: 'test', version: '1' }, era === 'modern' ? { versionNegotiation: { mode: 'auto' } } : {});
  await client.connect(transport);
  onTestFinished(() => client.close());
  return { client, said: () => said };
}

function start(shell: Shell, key: string, { agent = 'Bot', isRead = true } = {}) {
  const child = spawn(process.execPath, [program, 'mcp', '--agent', agent], {
    cwd: shell.cwd,
    env: { ...environmentOf(shell), TRUNKLINE_AGENT_KEY: key },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let written = '';
  if (isRead) child.stdout.on('data', (chunk: Buffer) => (written += chunk.toString('utf8')));
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return {
    stdin: child.stdin,
    ended,
    kill: () => child.kill('SIGTERM'),
    lines: () => written.split('\n').filter((line) => line !== ''),
    said: () => said,
  };
}

function environmentOf(shell: Shell): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], ...shell.env };
}
