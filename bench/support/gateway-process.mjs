// A process that serves agents in front of an Aircall that it is given, as `trunkline serve` does, and tells what it uses.
import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { systemClock, silentLog } from '../../dist/base/index.js';
import { createRawClient } from '../../dist/client/index.js';
import {
  AgentDesk,
  createFilter,
  createFriction,
  createGateway,
  createRestHandler,
  createUpstream,
  grantAreas,
  makeGatewayKeys,
  openAuditLog,
  openKeyBook,
  PolicyStore,
  restServerOptions,
} from '../../dist/gateway/index.js';
import { AgentStore, checkpointAside, FrictionStore, openGatewayDatabase } from '../../dist/store/index.js';
import { usage } from './usage.mjs';

/**
 * @typedef {{
 *   readonly home: string,
 *   readonly address: import('./processes.mjs').Address,
 *   readonly readDurability: 'process' | 'power',
 *   readonly agents: number,
 * }} GatewayJob
 */

process.on('message', (/** @type {Partial<GatewayJob>} */ job) => {
  if (job.address === undefined) process.send?.({ ...usage(), residentMegabytes: residentMegabytes() });
  else void serve(/** @type {GatewayJob} */ (job)).then((reply) => process.send?.(reply));
});
process.once('disconnect', () => process.exit());

/** @param {GatewayJob} job */
async function serve({ home, address: { baseUrl, ...credential }, readDurability, agents }) {
  const company = 'bench';
  const clock = systemClock;
  const random = randomBytes;
  const keys = makeGatewayKeys();
  const database = await openGatewayDatabase({ home });
  checkpointAside(database, silentLog);
  const audit = await openAuditLog({ database, company, keys, clock, random, mayBegin: true });
  const store = new AgentStore({ database, company });
  const policies = new PolicyStore({ store, company });
  const pepper = keys.agentKey;
  const desk = new AgentDesk({ store, policies, audit, pepper, environment: 'test', operator: 'Olga', clock, random });
  /** @type {string[]} */
  const shown = [];
  for (let number = 0; number < agents; number += 1) {
    const terms = { expiresAt: null, addresses: null };
    const { agent, key } = await desk.add({ name: `Agent ${number}`, owner: 'olga', purpose: '', expiresAt: null }, terms);
    // Everything but users, and phone numbers masked.
    const grants = Object.fromEntries(grantAreas.filter((area) => area !== 'users').map((area) => [area, /** @type {const} */ ('full')]));
    await desk.change(
      (policy) => ({
        policy: {
          ...policy,
          agents: {
            ...policy.agents,
            [agent.id]: { ...agent, grants, taint: false, fields: [{ area: null, class: 'phone', treatment: 'mask' }] },
          },
        },
        deed: 'set a bench agent',
        agent,
        before: null,
        after: null,
      }),
      { acceptsCombination: true },
    );
    shown.push(key.key.reveal());
  }
  const client = createRawClient({ credential, baseUrl, budget: 'off', clock });
  const parts = {
    policies,
    keys: openKeyBook({ store, pepper }),
    audit,
    friction: createFriction({ store: new FrictionStore({ database, company }), company, keys, clock, random }),
    upstream: createUpstream(client),
    filter: createFilter({ company, keys, media: null }),
    clock,
    newCallId: () => `req_${randomUUID().replaceAll('-', '')}`,
    log: silentLog,
  };
  /** @type {ReturnType<typeof createRestHandler> | null} */
  let handle = null;
  const server = createServer(restServerOptions, (request, response) => void handle?.(request, response));
  await /** @type {Promise<void>} */ (new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve())));
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  const gateway = createGateway(parts, { publicUrl: `http://127.0.0.1:${port}`, readDurability });
  handle = createRestHandler({ gateway, clock, hosts: [`127.0.0.1:${port}`] });
  return { port, keys: shown };
}

/** What the process holds now; the most it ever held where the system does not say. */
function residentMegabytes() {
  try {
    return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024;
  } catch {
    return process.memoryUsage().rss / 1_048_576;
  }
}
