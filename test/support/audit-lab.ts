// A log of its own for a test: a database in a folder that goes when the test ends, keys, a clock, and facts to record.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { onTestFinished } from 'vitest';
import { makeGatewayKeys, openAuditLog } from '../../src/gateway/index.ts';
import type { AuditFacts, GatewayKeys, OpenAuditLog } from '../../src/gateway/index.ts';
import { AuditStore, openGatewayDatabase } from '../../src/store/index.ts';
import type { Database } from '../../src/store/index.ts';
import { FakeClock } from './fake-clock.ts';

type AuditLogOptions = Parameters<typeof openAuditLog>[0];

export type AuditLab = {
  readonly home: string;
  readonly company: string;
  readonly database: Database;
  readonly store: AuditStore;
  readonly keys: GatewayKeys;
  readonly clock: FakeClock;
  readonly log: OpenAuditLog;
  /** Another log on the same file, with its own connection. */
  readonly another: (options?: Partial<AuditLogOptions>) => Promise<{ readonly log: OpenAuditLog; readonly database: Database }>;
  /** Appends so many records, in turns of the event loop of `together` each. */
  readonly fill: (count: number, options?: { readonly together?: number }) => Promise<void>;
  /** Runs SQL on the file, as somebody would who has got hold of it. */
  readonly tamper: (sql: string, ...values: (string | number | null)[]) => number;
};

export async function openAuditLab(options: Partial<AuditLogOptions> & { readonly home?: string } = {}): Promise<AuditLab> {
  const home = options.home ?? temporaryHome();
  const clock = new FakeClock();
  const database = await openGatewayDatabase({ home });
  const parts = { company: 'acme', keys: makeGatewayKeys(), clock, random: randomBytes, mayBegin: true };
  const all = { ...parts, database, ...options };
  const log = await openAuditLog(all);
  onTestFinished(async () => {
    await log.close();
    database.close();
  });
  return {
    home,
    company: all.company,
    database,
    store: new AuditStore({ database, company: all.company }),
    keys: parts.keys,
    clock,
    log,
    another: async (other = {}) => {
      const second = await openGatewayDatabase({ home });
      const secondLog = await openAuditLog({ ...all, database: second, ...other });
      onTestFinished(async () => {
        await secondLog.close();
        second.close();
      });
      return { log: secondLog, database: second };
    },
    fill: async (count, { together = 50 } = {}) => {
      for (let done = 0; done < count; done += together) {
        const batch = Array.from({ length: Math.min(together, count - done) }, (_, index) => factsOf({ callId: `c${done + index}` }));
        await Promise.all(batch.map((facts) => log.append(facts, { durability: 'process' })));
      }
    },
    tamper: (sql, ...values) => database.prepare(sql).run(...values),
  };
}

export function temporaryHome(): string {
  const home = mkdtempSync(join(tmpdir(), 'trunkline-audit-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  return home;
}

/** An allowed read, as an intent. */
export function factsOf(given: Partial<AuditFacts> = {}): AuditFacts {
  return {
    callId: 'c1',
    phase: 'intent',
    who: {
      agent: { id: 'ag_support', name: 'Support Agent' },
      keyId: 'k1',
      owner: 'olga@acme.example',
      operator: null,
      client: 'curl/8.5',
      ip: '10.0.0',
    },
    what: { capability: 'calls.list', area: 'calls', effect: 'read', arguments: { per_page: 20 }, argumentsDigest: 'b'.repeat(64) },
    where: { surface: 'rest', method: 'GET', route: '/v1/calls', protocol: null, tool: null, traceId: null },
    decision: {
      effect: 'allow',
      code: null,
      rule: { id: 'calls:read', kind: 'grant', text: 'Calls is set to Read' },
      obligations: [],
      policyVersion: 'a'.repeat(64),
      approvalId: null,
      approver: null,
      confirmed: false,
      idempotency: null,
      times: 1,
    },
    outcome: null,
    sentence: 'Support Agent asked to list calls. Allowed: Calls is set to Read.',
    change: null,
    ...given,
  };
}

/** The outcome of an allowed read. */
export function outcomeOf(given: Partial<AuditFacts> = {}): AuditFacts {
  return factsOf({
    phase: 'outcome',
    outcome: {
      status: 'ok',
      upstreamStatus: 200,
      rowsReturned: 20,
      rowsHidden: 7,
      fieldsMasked: 3,
      textGiven: false,
      source: 'live',
      ageMs: 0,
      requests: 1,
      durationMs: { total: 120.5, queue: 1, upstream: 100 },
    },
    sentence: 'Support Agent listed 20 calls (7 others hidden: outside its teams). Allowed: Calls is set to Read.',
    ...given,
  });
}

const word = fc.stringMatching(/^[A-Za-zé漢😀"\\ .-]{0,12}$/u);
const json = fc
  .jsonValue({ maxDepth: 2 })
  .map((value) => JSON.parse(JSON.stringify(value).replaceAll(/[0-9]{4,}|@|:\/\//g, '1')) as AuditFacts['what']['arguments']);

/** Facts of every form, none of which looks like personal data. */
export const anyFacts: fc.Arbitrary<AuditFacts> = fc
  .record({
    callId: fc.stringMatching(/^[a-z]{1,8}$/),
    phase: fc.constantFrom('intent', 'outcome', 'auth', 'admin', 'system'),
    agent: fc.option(fc.record({ id: fc.stringMatching(/^ag_[a-z]{1,8}$/), name: word })),
    arguments: json,
    effect: fc.constantFrom('allow', 'deny', 'needs_approval', 'error'),
    sentence: word,
    times: fc.integer({ min: 1, max: 1000 }),
    change: fc.option(fc.record({ before: json, after: json })),
    ended: fc.boolean(),
  })
  .map(({ callId, phase, agent, arguments: given, effect, sentence, times, change, ended }) => {
    const facts = ended ? outcomeOf() : factsOf();
    return {
      ...facts,
      callId,
      phase,
      who: { ...facts.who, agent },
      what: { ...facts.what, arguments: given },
      decision: facts.decision === null ? null : { ...facts.decision, effect, times },
      sentence,
      change,
    };
  });
