// The whole gateway for a test: a simulated company, the real client, a real gateway.db with its log, policies, keys and
// friction, the flow and the REST surface on a port of its own. Time stands still until the test moves it.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, request as httpRequest } from 'node:http';
import type { IncomingMessage, RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { silentLog } from '../../src/base/index.ts';
import { createRawClient } from '../../src/client/index.ts';
import type { ClientOptions, RawClient } from '../../src/client/index.ts';
import {
  AgentDesk,
  createApprovals,
  createFilter,
  createFriction,
  createGateway,
  createMcpSurface,
  createRestHandler,
  createUpstream,
  createWireErrorHandler,
  draftOf,
  grantAreas,
  makeGatewayKeys,
  openAuditLog,
  openKeyBook,
  PolicyStore,
  recordDecision,
  replacePolicy,
  restServerOptions,
} from '../../src/gateway/index.ts';
import type {
  Agent,
  Approvals,
  AuditLog,
  AuditRecord,
  Gateway,
  GatewayCall,
  GatewayKeys,
  GatewayNote,
  GatewayParts,
  GatewayReply,
  GatewaySettings,
  Level,
  McpOptions,
  McpSurface,
  OpenGateway,
  Policy,
  RestOptions,
} from '../../src/gateway/index.ts';
import { startSimulator } from '../../src/simulator/index.ts';
import type { Simulator, SimulatorOptions } from '../../src/simulator/index.ts';
import { AgentStore, AuditStore, FrictionStore, openGatewayDatabase } from '../../src/store/index.ts';
import type { Database } from '../../src/store/index.ts';
import { FakeClock } from './fake-clock.ts';
import { noonMs } from './simulated.ts';
import type { Loose } from './simulated.ts';

export type LabOptions = {
  /** Default: one of its own, that stands still. */
  readonly clock?: FakeClock;
  readonly simulator?: SimulatorOptions;
  readonly client?: Partial<ClientOptions>;
  readonly settings?: Partial<GatewaySettings>;
  readonly rest?: Partial<RestOptions>;
  readonly mcp?: Partial<McpOptions>;
  /** Lays something over a part: a disk that is full, a store that cannot be read. */
  readonly over?: (parts: GatewayParts) => GatewayParts;
  readonly approvalMinutes?: number;
  /** What the REST surface speaks to instead: the same gateway, measured. */
  readonly around?: (gateway: Gateway) => Gateway;
};

export type LabAgent = { readonly id: string; readonly key: string };

export type Answer = { readonly status: number; readonly headers: IncomingMessage['headers']; readonly text: string; readonly body: Loose };

export type AskOptions = {
  /** Null: none. Default: the agent's, as Basic. */
  readonly authorization?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON, a text as it is. */
  readonly body?: unknown;
  readonly signal?: AbortSignal;
};

export type GatewayLab = {
  readonly home: string;
  readonly simulator: Simulator;
  readonly clock: FakeClock;
  readonly database: Database;
  readonly keys: GatewayKeys;
  readonly gateway: OpenGateway;
  readonly audit: AuditLog;
  readonly desk: AgentDesk;
  readonly policies: PolicyStore;
  readonly approvals: Approvals;
  readonly client: RawClient;
  readonly notes: readonly GatewayNote[];
  /** Where the REST surface listens, and under /mcp the one for MCP clients. */
  readonly url: string;
  readonly port: number;
  readonly addAgent: (name: string, changes?: Partial<Agent>) => Promise<LabAgent>;
  /** Changes the policy as an operator's file would. */
  readonly changePolicy: (change: (policy: Policy) => Partial<Omit<Policy, 'version'>>) => Promise<void>;
  readonly ask: (agent: LabAgent | null, method: string, path: string, options?: AskOptions) => Promise<Answer>;
  /** As an agent does that follows what it is told: confirms what must be confirmed, and waits for a person who says yes. */
  readonly insist: (agent: LabAgent, method: string, path: string, options?: AskOptions) => Promise<Answer>;
  /** What another process makes of the same files. */
  readonly restart: () => Promise<{ readonly gateway: OpenGateway }>;
  /** A person says yes, or no, to what waits. */
  readonly decide: (approvalId: string, verdict?: 'approve' | 'refuse') => Promise<void>;
  /** Straight to the flow. */
  readonly call: (facts: Partial<GatewayCall>) => Promise<GatewayReply>;
  /** Of the log behind that place in it, oldest first; what operators did is left out. */
  readonly records: (after?: number) => readonly AuditRecord[];
  /** Requests that reached the simulated Aircall. */
  readonly upstream: () => readonly string[];
};

const company = 'acme';

/** Every level there is, in every area. */
export function everything(level: Level = 'full'): Agent['grants'] {
  return Object.fromEntries(grantAreas.map((area) => [area, level]));
}

/** Everything is closed, and the folder gone, when the test ends. */
export async function openGatewayLab(options: LabOptions = {}): Promise<GatewayLab> {
  const clock = options.clock ?? new FakeClock({ startMs: noonMs });
  const home = mkdtempSync(join(tmpdir(), 'trunkline-gateway-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const simulator = await startSimulator({
    seed: 5,
    calls: 60,
    contacts: 40,
    requestsPerMinute: 'off',
    clock,
    searchLagMs: 0,
    ...options.simulator,
  });
  onTestFinished(() => simulator.close());
  const database = await openGatewayDatabase({ home });
  const keys = makeGatewayKeys();
  const audit = await openAuditLog({ database, company, keys, clock, random: randomBytes, mayBegin: true });
  onTestFinished(async () => {
    await audit.close();
    database.close();
  });
  const store = new AgentStore({ database, company });
  const policies = new PolicyStore({ store, company });
  const deskParts = { store, policies, audit, pepper: keys.agentKey, environment: 'test', clock, random: randomBytes } as const;
  const desk = new AgentDesk({ ...deskParts, operator: 'Olga' });
  const frictionParts = { store: new FrictionStore({ database, company }), company, keys, clock };
  const client = createRawClient({
    credential: { apiId: simulator.apiId, apiToken: simulator.apiToken },
    baseUrl: simulator.baseUrl,
    budget: 'off',
    clock,
    random: () => 0,
    ...options.client,
  });
  onTestFinished(() => client.close());

  let made = 0;
  const parts: GatewayParts = {
    policies,
    keys: openKeyBook({ store, pepper: keys.agentKey }),
    audit,
    friction: createFriction({
      ...frictionParts,
      random: randomBytes,
      ...(options.approvalMinutes === undefined ? {} : { approvalMinutes: options.approvalMinutes }),
    }),
    upstream: createUpstream(client),
    filter: createFilter({ company, keys, media: null }),
    clock,
    newCallId: () => `call-${(made += 1)}`,
    log: silentLog,
  };
  // The port is known only once the surface listens, and the surface needs the gateway.
  const handlers: { handle: ReturnType<typeof createRestHandler> | null; mcp: McpSurface | null } = { handle: null, mcp: null };
  const answer: RequestListener = (incoming, outgoing) => {
    if (/^\/mcp(?:[/?]|$)/.test(incoming.url ?? '')) void handlers.mcp?.handle(incoming, outgoing);
    else void handlers.handle?.(incoming, outgoing);
  };
  const server = createServer({ ...restServerOptions }, answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  // The port of a listening TCP server is in such an object.
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const notes: GatewayNote[] = [];
  const gateway = createGateway(options.over?.(parts) ?? parts, { publicUrl: url, ...options.settings }, (note) => notes.push(note));
  const wireError = createWireErrorHandler({ gateway });
  server.on('clientError', wireError);
  server.on('connect', wireError);
  server.on('checkExpectation', answer);
  handlers.handle = createRestHandler({
    gateway: options.around?.(gateway) ?? gateway,
    clock,
    hosts: [`127.0.0.1:${port}`],
    ...options.rest,
  });
  const mcp = createMcpSurface({
    gateway: options.around?.(gateway) ?? gateway,
    policies,
    key: keys.confirm,
    clock,
    log: silentLog,
    version: '1.0.0',
    publicUrl: url,
    hosts: [`127.0.0.1:${port}`],
    ...options.mcp,
  });
  handlers.mcp = mcp;
  onTestFinished(async () => {
    await mcp.close();
    await gateway.close().catch(() => {});
  });

  const changePolicy: GatewayLab['changePolicy'] = async (change) => {
    await desk.change((policy) => replacePolicy(policy, { ...draftOf(policy), ...change(policy) }, ['by a test']), {
      acceptsCombination: true,
    });
  };
  const approvals = createApprovals({ ...frictionParts, policyVersion: () => policies.current().version });
  const decide: GatewayLab['decide'] = async (id, verdict = 'approve') => {
    await recordDecision(
      id,
      { verdict, by: 'Otto', fourEyes: null, areas: 'all', policy: policies.current() },
      { approvals, audit, random: randomBytes, surface: 'cli' },
    );
  };
  const auditStore = new AuditStore({ database, company });
  return {
    home,
    simulator,
    clock,
    database,
    keys,
    gateway,
    audit,
    desk,
    policies,
    approvals,
    decide,
    client,
    notes,
    url,
    port,
    changePolicy,
    addAgent: async (name, changes = {}) => {
      const facts = { name, owner: 'olga', purpose: 'A test.', expiresAt: null };
      const { agent, key } = await desk.add(facts, { expiresAt: null, addresses: null });
      await changePolicy((policy) => ({ agents: { ...policy.agents, [agent.id]: { ...agent, ...changes } } }));
      return { id: agent.id, key: key.key.reveal() };
    },
    ask: (agent, method, path, asked = {}) => ask({ port, agent, method, path, ...asked }),
    restart: async () => {
      const next = await openAuditLog({ database, company, keys, clock, random: randomBytes, mayBegin: false });
      onTestFinished(() => next.close());
      return { gateway: createGateway({ ...parts, audit: next }, { publicUrl: url, ...options.settings }) };
    },
    insist: async (agent, method, path, asked = {}) => {
      const first = await ask({ port, agent, method, path, ...asked });
      if (first.body?.code === 'confirm_required') {
        return ask({ port, agent, method, path, ...asked, headers: { ...asked.headers, 'x-confirm-token': first.body.confirm_token } });
      }
      if (first.body?.code !== 'approval_required') return first;
      await decide(first.body.approval_id);
      return ask({ port, agent, method, path, ...asked, headers: { ...asked.headers, 'x-approval-id': first.body.approval_id } });
    },
    call: (facts) => gateway.handle({ ...plainCall, signal: new AbortController().signal, ...facts }),
    records: (after = 0) =>
      auditStore
        .records({ after, limit: 100_000 })
        .map(({ bytes }) => JSON.parse(bytes) as AuditRecord) // as written
        .filter(({ phase }) => phase !== 'admin'),
    upstream: () => simulator.requests.entries.map(({ method, path }) => `${method} ${path}`),
  };
}

const plainCall: Omit<GatewayCall, 'signal'> = {
  surface: 'mcp',
  key: null,
  endpoint: null,
  badOrigin: false,
  malformed: null,
  arguments: { at: {}, query: {}, body: null },
  dryRun: false,
  confirmToken: null,
  approvalId: null,
  idempotencyKey: null,
  method: null,
  tool: null,
  protocol: null,
  client: null,
  ip: '192.0.2.7',
  traceId: null,
};

function ask(
  asked: AskOptions & { readonly port: number; readonly agent: LabAgent | null; readonly method: string; readonly path: string },
): Promise<Answer> {
  const { port, agent, method, path, body, headers = {}, signal } = asked;
  const own = agent === null ? null : `Basic ${Buffer.from(`${agent.id}:${agent.key}`).toString('base64')}`;
  const authorization = asked.authorization === undefined ? own : asked.authorization;
  const payload = body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(
      {
        host: '127.0.0.1',
        port,
        method,
        path,
        agent: false,
        signal,
        headers: {
          ...(authorization === null ? {} : { authorization }),
          ...(payload === null ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
          ...headers,
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, body: parsed(text) });
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(payload ?? undefined);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
