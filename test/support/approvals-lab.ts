// A gateway that serves, with people who approve and agents that ask, and a browser without a screen: it keeps cookies, reads forms,
// and does nothing else by itself.
import { createHmac, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { request as send } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { silentLog } from '../../src/base/index.ts';
import type { Clock } from '../../src/base/index.ts';
import {
  AgentDesk,
  capabilityOf,
  createApprovals,
  createFriction,
  createLogins,
  makeGatewayKeys,
  openAuditLog,
  PeopleDesk,
  PolicyStore,
} from '../../src/gateway/index.ts';
import type { Agent, Approval, ApproverAreas, AuditFacts, CallArguments } from '../../src/gateway/index.ts';
import { createApprovalPages, startServer } from '../../src/serve/index.ts';
import { AgentStore, FrictionStore, openGatewayDatabase, PeopleStore } from '../../src/store/index.ts';
import { FakeClock } from './fake-clock.ts';

export type LabOptions = {
  readonly clock?: Clock;
  readonly fourEyes?: boolean;
  readonly publicUrl?: string;
};

export type LabRecord = {
  readonly phase: string;
  readonly sentence: string;
  readonly who: { readonly operator: string | null; readonly ip: string | null };
  readonly where: { readonly surface: string };
  readonly change: { readonly after: { readonly [name: string]: unknown } | null } | null;
};

export type ApprovalsLab = Awaited<ReturnType<typeof openApprovalsLab>>;

/** Goes when the test ends. The clock stands at noon of 22 November 2026 unless another one is given. */
export async function openApprovalsLab(options: LabOptions = {}) {
  const { clock = new FakeClock({ startMs: Date.UTC(2026, 10, 22, 12) }), fourEyes = false, publicUrl = null } = options;
  const folder = mkdtempSync(join(tmpdir(), 'trunkline-approvals-'));
  const database = await openGatewayDatabase({ home: folder });
  const company = 'acme';
  const keys = makeGatewayKeys();
  const random = randomBytes;
  const agents = new AgentStore({ database, company });
  const policies = new PolicyStore({ store: agents, company });
  const audit = await openAuditLog({ database, company, keys, clock, random, mayBegin: true });
  const desk = new AgentDesk({
    store: agents,
    policies,
    audit,
    pepper: keys.agentKey,
    environment: 'test',
    operator: 'Otto',
    clock,
    random,
  });
  // One guess at a password takes a moment here, not most of a second.
  const work = { pepper: keys.agentKey, random, cost: { logN: 10, r: 8, p: 1 } };
  const peopleParts = { store: new PeopleStore({ database, company }), audit, work, clock };
  const people = new PeopleDesk(peopleParts);
  const store = new FrictionStore({ database, company });
  const friction = createFriction({ store, company, keys, clock, random });
  const approvals = createApprovals({ store, company, keys, clock, policyVersion: () => policies.current().version });
  const doer = { operator: 'Otto', surface: 'cli' } as const;
  const logins = createLogins(peopleParts);
  let url = '';
  const server = await startServer({
    listen: { host: '127.0.0.1', port: 0 },
    open: async ({ port }) => {
      url = publicUrl ?? `http://127.0.0.1:${port}`;
      const origins = publicUrl === null ? [url, `http://localhost:${port}`] : [publicUrl];
      const pages = createApprovalPages({ approvals, logins, people, policies, audit, fourEyes, origins, clock, random, log: silentLog });
      const nobody = () => Promise.reject(new Error('no agent asks here'));
      return {
        rest: nobody,
        mcp: { handle: nobody, metadata: () => ({}) },
        media: nobody,
        wireError: (_error, socket) => void socket.destroy(),
        approvals: pages,
        drain: () => pages.close(),
      };
    },
    checks: {},
    metrics: { contentType: 'text/plain', text: () => '' },
    trustedProxies: ['127.0.0.1'],
    clock,
    log: silentLog,
  });
  const { port } = server;
  onTestFinished(async () => {
    await server.stop(10_000);
    await audit.close();
    database.close();
    rmSync(folder, { recursive: true, force: true });
  });

  return {
    url,
    port,
    people,
    doer,
    clock,
    logins,
    policy: () => policies.current(),
    /** With a password chosen by the person, unless it says otherwise. */
    async person(name: string, facts: { readonly areas?: ApproverAreas; readonly password?: string } = {}): Promise<string> {
      const password = facts.password ?? `correct horse battery ${name}`;
      await people.add({ name, areas: facts.areas ?? 'all', password, policy: policies.current() }, doer);
      return password;
    },
    async agent(name: string, facts: { readonly owner?: string; readonly purpose?: string } = {}): Promise<Agent> {
      const { owner = 'Olaf Berg', purpose = 'Sends what is owed.' } = facts;
      return (await desk.add({ name, owner, purpose, expiresAt: null }, { expiresAt: null, addresses: null })).agent;
    },
    /** An agent's request that waits. Add all agents first: another policy makes it worth nothing. */
    async asks(agent: Agent, capabilityId: string, given: Partial<CallArguments>, sentence: string): Promise<string> {
      const capability = capabilityOf(capabilityId);
      if (capability === undefined) throw new TypeError(`There is no capability ${capabilityId}.`);
      const { id, store: insert } = friction.draftApproval(
        {
          agentId: agent.id,
          capability,
          arguments: { at: {}, query: {}, body: null, ...given },
          policyVersion: policies.current().version,
          nowMs: clock.now(),
          mostWritesToday: null,
          mostRequestsToday: null,
          mostRowsToday: null,
        },
        { sentence, why: `A rule asks for a person’s approval of “${capability.endpoint.title}” by ${agent.name}.` },
      );
      await audit.append(asking(agent, id), { durability: 'process', also: insert });
      return id;
    },
    approval: (id: string): Approval | null => approvals.find(id),
    records(): readonly LabRecord[] {
      const rows = database.prepare('SELECT bytes FROM audit_records ORDER BY seq').all() as { bytes: string }[];
      return rows.map(({ bytes }) => JSON.parse(bytes) as LabRecord);
    },
    /** All of gateway.db that is text. */
    dump(): string {
      const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all() as { name: string }[];
      return JSON.stringify(tables.map(({ name }) => database.prepare(`SELECT * FROM "${name}"`).all()));
    },
  };
}

function asking({ id, name, owner }: Agent, approval: string): AuditFacts {
  return {
    callId: `req_${approval}`,
    phase: 'system',
    who: { agent: { id, name }, keyId: null, owner, operator: null, client: null, ip: null },
    what: { capability: null, area: null, effect: null, arguments: null, argumentsDigest: null },
    where: { surface: 'rest', method: null, route: null, protocol: null, tool: null, traceId: null },
    decision: null,
    outcome: null,
    sentence: `${name} asks a person.`,
    change: null,
  };
}

export type Got = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly location: string | null;
};

export type Sent = {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: string;
};

/** A browser of somebody at an address. Sends what browsers send with a form, unless a test says otherwise. */
export class Visitor {
  readonly cookies = new Map<string, string>();
  /** Every Set-Cookie so far, as it came. */
  readonly setCookies: string[] = [];
  readonly #lab: Pick<ApprovalsLab, 'port'>;
  readonly #host: string;
  readonly #origin: string;
  readonly #ip: string;

  constructor(lab: Pick<ApprovalsLab, 'port' | 'url'>, { ip = '198.51.100.7', port = lab.port }: { ip?: string; port?: number } = {}) {
    this.#lab = { port };
    this.#host = new URL(lab.url).host;
    this.#origin = new URL(lab.url).origin;
    this.#ip = ip;
  }

  get(path: string, headers: Readonly<Record<string, string | undefined>> = {}): Promise<Got> {
    return this.send(path, { headers });
  }

  /** Sends a form with the token of the page it stands on. `fields` goes over what the page says. */
  async submit(path: string, fields: Readonly<Record<string, string | null>>, sent: Sent & { readonly page?: string } = {}): Promise<Got> {
    const page = await this.get(sent.page ?? path);
    const token = tokenOf(page.body, path);
    return this.post(path, { token, ...fields }, sent);
  }

  post(path: string, fields: Readonly<Record<string, string | null>>, { headers = {}, ...sent }: Sent = {}): Promise<Got> {
    const given = Object.entries(fields).filter((field): field is [string, string] => field[1] !== null);
    return this.send(path, {
      method: 'POST',
      body: new URLSearchParams(given).toString(),
      ...sent,
      headers: { 'content-type': 'application/x-www-form-urlencoded', origin: this.#origin, 'sec-fetch-site': 'same-origin', ...headers },
    });
  }

  async login(name: string, password: string): Promise<Got> {
    return this.submit('/approvals/login', { name, password });
  }

  send(path: string, { method = 'GET', headers = {}, body }: Sent): Promise<Got> {
    const cookie = [...this.cookies].map((pair) => pair.join('=')).join('; ');
    const all = { host: this.#host, 'x-forwarded-for': this.#ip, ...(cookie === '' ? {} : { cookie }), ...headers };
    const given = Object.fromEntries(Object.entries(all).filter((pair): pair is [string, string] => pair[1] !== undefined));
    return new Promise((resolve, reject) => {
      const asked = send({ host: '127.0.0.1', port: this.#lab.port, path, method, headers: given, agent: false }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          for (const text of response.headers['set-cookie'] ?? []) this.#keep(text);
          const { statusCode: status = 0, headers: got } = response;
          resolve({ status, headers: got, body: Buffer.concat(chunks).toString('utf8'), location: got.location ?? null });
        });
      });
      asked.on('error', reject);
      asked.end(body);
    });
  }

  #keep(text: string): void {
    this.setCookies.push(text);
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(text) ?? [];
    if (value === '') this.cookies.delete(name);
    else this.cookies.set(name, value);
  }
}

/** The token of the form on a page that is sent to this path. */
export function tokenOf(page: string, path: string): string {
  const form = page.split('<form').find((part) => part.includes(`action="${path}"`));
  const token = /name="token" value="([^"]*)"/.exec(form ?? '')?.[1];
  if (token === undefined) throw new TypeError(`there is no form for ${path} on: ${page.replace(/<style>.*<\/style>/s, '')}`);
  return token;
}

/** What a page says, without its style. */
export function wordsOf(page: string): string {
  return page
    .replace(/<style>.*?<\/style>/s, '')
    .replaceAll(/<\/?time[^>]*>/g, '')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

/** A form token as only the server should be able to make it, from the cookie a test knows. */
export function forgedToken(held: string, purpose: string): string {
  return createHmac('sha256', held).update(`trunkline form 1\0${purpose}`).digest('base64url');
}
