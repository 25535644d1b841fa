// The gateway as `trunkline serve` puts it together, with one thing other than there: behind the front of /mcp stand the suite's own
// tools. The HTTP server, who may come in, what is read of a request and what is recorded of it are the gateway's.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fixtures } from './fixtures.mjs';

const dist = fileURLToPath(new URL('../../dist', import.meta.url));
const company = 'acme';

/**
 * Opens it on a port of its own, with one agent that was granted nothing.
 *
 * @param {(() => unknown)[]} closing takes what ends it
 * @returns {Promise<{ readonly url: string; readonly key: string }>}
 */
export async function openFixtureGateway(closing) {
  /** @type {typeof import('../../src/base/index.ts')} */
  const { silentLog, systemClock: clock } = await import(join(dist, 'base/index.js'));
  /** @type {typeof import('../../src/client/index.ts')} */
  const { createRawClient } = await import(join(dist, 'client/index.js'));
  /** @type {typeof import('../../src/store/index.ts')} */
  const { AgentStore, FrictionStore, openGatewayDatabase } = await import(join(dist, 'store/index.js'));
  /** @type {typeof import('../../src/serve/index.ts')} */
  const { hostsOf, startServer } = await import(join(dist, 'serve/index.js'));
  /** @type {typeof import('../../src/gateway/index.ts')} */
  const gateways = await import(join(dist, 'gateway/index.js'));

  const home = mkdtempSync(join(tmpdir(), 'trunkline-fixtures-'));
  closing.push(() => rmSync(home, { recursive: true, force: true }));
  const database = await openGatewayDatabase({ home });
  closing.push(() => database.close());
  const keys = gateways.makeGatewayKeys();
  const audit = await gateways.openAuditLog({ database, company, keys, clock, random: randomBytes, mayBegin: true });
  closing.push(() => audit.close());
  const store = new AgentStore({ database, company });
  const policies = new gateways.PolicyStore({ store, company });
  const desk = new gateways.AgentDesk({
    store,
    policies,
    audit,
    pepper: keys.agentKey,
    environment: 'test',
    operator: 'Olga',
    clock,
    random: randomBytes,
  });
  const { key } = await desk.add(
    { name: 'Conformance', owner: 'olga', purpose: 'A test.', expiresAt: null },
    { expiresAt: null, addresses: null },
  );
  // None of the suite's tools asks Aircall.
  const client = createRawClient({ credential: { apiId: 'none', apiToken: 'none' }, baseUrl: 'http://127.0.0.1:9', budget: 'off' });
  closing.push(() => client.close());

  const listen = { host: '127.0.0.1', port: 0 };
  const server = await startServer({
    listen,
    open: async ({ port, addressOf }) => {
      const publicUrl = `http://127.0.0.1:${port}`;
      const hosts = hostsOf({ listen, publicUrl: null }, port);
      const gateway = gateways.createGateway(
        {
          policies,
          keys: gateways.openKeyBook({ store, pepper: keys.agentKey }),
          audit,
          friction: gateways.createFriction({
            store: new FrictionStore({ database, company }),
            company,
            keys,
            clock,
            random: randomBytes,
          }),
          upstream: gateways.createUpstream(client),
          filter: gateways.createFilter({ company, keys, media: null }),
          clock,
          newCallId: () => `req_${randomBytes(12).toString('hex')}`,
          log: silentLog,
        },
        { publicUrl },
      );
      const mcp = gateways.createMcpSurface({
        gateway,
        policies,
        key: keys.confirm,
        clock,
        log: silentLog,
        version: '1.0.0',
        publicUrl,
        hosts,
        addressOf,
        servers: fixtures,
      });
      return {
        rest: gateways.createRestHandler({ gateway, clock, hosts, addressOf }),
        mcp,
        media: () => Promise.reject(new Error('no recordings here')),
        approvals: { answer: () => Promise.reject(new Error('no pages here')) },
        wireError: gateways.createWireErrorHandler({ gateway }),
        drain: async () => {
          await mcp.close();
          await gateway.close();
        },
      };
    },
    checks: {},
    metrics: { contentType: 'text/plain', text: () => '' },
    trustedProxies: [],
    clock,
    log: silentLog,
  });
  closing.push(() => server.stop(5_000));
  return { url: `http://127.0.0.1:${server.port}`, key: key.key.reveal() };
}
