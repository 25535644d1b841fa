// What stands between agents and acts, for a test: a real gateway.db, keys, a clock that stands still, and requests.
import { createSecretKey, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { capabilityOf, createApprovals, createFriction } from '../../src/gateway/index.ts';
import type { Approvals, BoundRequest, CallArguments, Friction, FrictionKeys, Policy, Verdict } from '../../src/gateway/index.ts';
import { FrictionStore, openGatewayDatabase } from '../../src/store/index.ts';
import type { Database } from '../../src/store/index.ts';

export type RequestFacts = Partial<CallArguments> & {
  readonly agentId?: string;
  readonly policyVersion?: string;
  readonly mostWritesToday?: number | null;
  readonly mostRequestsToday?: number | null;
  readonly mostRowsToday?: number | null;
};

export class FrictionDesk {
  readonly folder: string;
  readonly database: Database;
  readonly keys: FrictionKeys;
  readonly company: string;
  readonly friction: Friction;
  readonly approvals: Approvals;
  nowMs: number;
  /** Of the policy in force. */
  policyVersion = 'v1';

  constructor(parts: {
    readonly folder: string;
    readonly database: Database;
    readonly keys: FrictionKeys;
    readonly company: string;
    readonly nowMs: number;
  }) {
    const { database, keys, company } = parts;
    this.folder = parts.folder;
    this.database = database;
    this.keys = keys;
    this.company = company;
    this.nowMs = parts.nowMs;
    const store = new FrictionStore({ database, company });
    const clock = { now: () => this.nowMs };
    this.friction = createFriction({ store, company, keys, clock, random: randomBytes });
    this.approvals = createApprovals({ store, company, keys, clock, policyVersion: () => this.policyVersion });
  }

  request(capability: string, facts: RequestFacts): BoundRequest {
    const {
      at = {},
      query = {},
      body = null,
      agentId = 'ag_billing',
      policyVersion = 'v1',
      mostWritesToday = null,
      mostRequestsToday = null,
      mostRowsToday = null,
    } = facts;
    const found = capabilityOf(capability);
    if (found === undefined) throw new TypeError(`There is no capability ${capability}.`);
    return {
      agentId,
      capability: found,
      arguments: { at, query, body },
      policyVersion,
      nowMs: this.nowMs,
      mostWritesToday,
      mostRequestsToday,
      mostRowsToday,
    };
  }

  wait(delayMs: number): void {
    this.nowMs += delayMs;
  }

  /** As the log does: all of it in one transaction, or nothing. */
  async write(also: () => void): Promise<void> {
    await this.database.write(() => {
      also();
      return {};
    });
  }

  async decide(id: string, verdict: Verdict, by: string, options: { readonly policyVersion?: string } = {}): Promise<void> {
    const { policyVersion = 'v1' } = options;
    await this.write(this.approvals.decide(id, { verdict, by, fourEyes: null, areas: 'all', policy: policyOf(policyVersion) }).store);
  }
}

/** Goes when the test ends. With a folder: another process's view of the same file. */
export async function openFrictionDesk(
  options: { readonly folder?: string; readonly keys?: FrictionKeys; readonly company?: string; readonly now?: string } = {},
): Promise<FrictionDesk> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'trunkline-friction-'));
  const database = await openGatewayDatabase({ home: folder });
  onTestFinished(() => {
    database.close();
    if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
  });
  const keys = options.keys ?? { confirm: createSecretKey(randomBytes(32)), idempotency: createSecretKey(randomBytes(32)) };
  const nowMs = Date.parse(options.now ?? '2026-11-22T12:00:00.000Z');
  return new FrictionDesk({ folder, database, keys, company: options.company ?? 'acme', nowMs });
}

export function policyOf(version: string): Policy {
  const agent = (id: string, name: string) => ({
    id,
    name,
    owner: 'Olaf Berg',
    purpose: '',
    status: 'active' as const,
    expiresAt: null,
    grants: {},
    rules: [],
    constraints: {},
    fields: [],
    taint: null,
    text: 'apart' as const,
    combinationAccepted: null,
  });
  const agents = { ag_billing: agent('ag_billing', 'Billing Bot'), ag_other: agent('ag_other', 'Other Bot') };
  return { version, company: 'acme', agents, guardrails: [], webhookHosts: [] };
}
