// What the protocol costs around the gateway: over HTTP, on one connection, with an agent that may use every tool. The flow behind it
// answers at once, so that what is measured is reading the request, the protocol's library, and writing the answer.
//
// Server and measuring client are two processes of one machine.
import { Agent, request } from 'node:http';
import { atMost, bench } from './support/bench.mjs';
import { startChild } from './support/processes.mjs';

await bench({ name: 'mcp', does: 'answering MCP clients' }, async ({ quick, figure }) => {
  const { ready, close } = await startChild(new URL('./support/mcp-process.mjs', import.meta.url), {});
  const { port } = /** @type {{ readonly port: number }} */ (ready);
  const connection = new Agent({ keepAlive: true, maxSockets: 1 });
  for (const [name, method, params] of /** @type {const} */ ([
    ['a list of all tools', 'tools/list', {}],
    ['a call', 'tools/call', { name: 'gateway_whoami', arguments: {} }],
  ])) {
    /** @type {number[]} */
    const times = [];
    // The first requests pay for what is compiled then.
    for (let round = 0; round < (quick ? 50 : 1000); round += 1) await ask({ port, connection, method, params });
    for (let round = 0; round < (quick ? 200 : 2000); round += 1) {
      const startedAt = performance.now();
      await ask({ port, connection, method, params });
      times.push(performance.now() - startedAt);
    }
    times.sort((a, b) => a - b);
    figure({ name: `${name}, half of them`, runs: [at(times, 0.5)], unit: 'ms', digits: 2 });
    figure({
      name: `${name}, 99 of 100`,
      runs: [at(times, 0.99)],
      unit: 'ms',
      digits: 2,
      ...(method === 'tools/list' ? { goal: atMost(2, ' ms') } : {}),
    });
  }
  connection.destroy();
  await close();
});

/** @param {{ port: number, connection: Agent, method: string, params: object }} asked */
function ask({ port, connection, method, params }) {
  const meta = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28', 'io.modelcontextprotocol/clientCapabilities': {} };
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { ...params, _meta: meta } });
  const headers = {
    accept: 'application/json, text/event-stream',
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': method,
    ...('name' in params ? { 'mcp-name': String(params.name) } : {}),
  };
  return new Promise((/** @type {(value?: unknown) => void} */ resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path: '/mcp', method: 'POST', agent: connection, headers }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`status ${response.statusCode}`));
      response.resume().on('end', () => resolve());
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/**
 * @param {readonly number[]} times
 * @param {number} share
 */
function at(times, share) {
  return times[Math.floor((times.length - 1) * share)] ?? 0;
}
