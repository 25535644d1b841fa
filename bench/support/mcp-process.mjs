// A process that serves MCP clients, as `trunkline serve` does, in front of a flow that answers at once.
import { createSecretKey, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { silentLog, systemClock } from '../../dist/base/index.js';
import { createMcpSurface, grantAreas, makePolicy } from '../../dist/gateway/index.js';

process.on('message', () => void serve().then((port) => process.send?.({ port })));
process.once('disconnect', () => process.exit());

const agent = {
  id: 'ag_bench',
  name: 'Bench',
  owner: 'olga',
  purpose: '',
  status: /** @type {const} */ ('active'),
  expiresAt: null,
  rules: [],
  constraints: {},
  fields: [],
  taint: null,
  text: /** @type {const} */ ('apart'),
  combinationAccepted: null,
};

async function serve() {
  const policy = makePolicy({
    company: 'bench',
    agents: { ag_bench: { ...agent, grants: Object.fromEntries(grantAreas.map((area) => [area, 'full'])) } },
    guardrails: [],
    webhookHosts: [],
  });
  const answer = /** @type {const} */ ({
    kind: 'answer',
    status: 200,
    body: { ok: true },
    untrustedText: null,
    filtered: false,
    source: { from: 'live', ageMs: 0 },
    replayed: false,
  });
  const server = createServer();
  await new Promise((/** @type {(value?: unknown) => void} */ resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('it listens on no port');
  const { port } = address;
  const surface = createMcpSurface({
    gateway: {
      admit: async () => ({ kind: 'admitted', agentId: 'ag_bench', policy }),
      handle: async () => ({ decisionId: 'req_1', decision: null, result: answer, budget: null }),
    },
    policies: { current: () => policy },
    key: createSecretKey(randomBytes(32)),
    clock: systemClock,
    log: silentLog,
    version: '1.0.0',
    publicUrl: `http://127.0.0.1:${port}`,
    hosts: [`127.0.0.1:${port}`],
  });
  server.on('request', (incoming, outgoing) => void surface.handle(incoming, outgoing));
  return port;
}
