// What a proposed policy would have done: the requests of the log, decided anew.
import { isObject } from '../../base/index.ts';
import type { AuditRecord } from '../audit/record.ts';
import type { Capability } from '../capabilities/capability.ts';
import { judge } from './decide.ts';
import type { CallArguments, Decision, DecisionCode, Usage } from './decision.ts';
import type { GrantArea, Policy } from './types.ts';

/** As much of a record as is looked at. */
export type PastRecord = Pick<AuditRecord, 'callId' | 'time' | 'phase' | 'who' | 'what' | 'decision' | 'outcome'>;

export type Flip = {
  readonly callId: string;
  readonly time: string;
  readonly agent: { readonly id: string; readonly name: string };
  readonly capability: string;
  readonly before: Decision['effect'];
  readonly after: Decision['effect'];
  /** Why, by the proposed policy. */
  readonly text: string;
  /** How many identical requests it stands for. */
  readonly times: number;
};

export type Replay = {
  /** How many requests were decided anew. */
  readonly requests: number;
  /** Those that would end otherwise, oldest first. */
  readonly flips: readonly Flip[];
};

/**
 * Decides the requests of the log by another policy. Records come oldest first. Confirmations and approvals count as they
 * were given, rows and writes of a day and text that was read as far as the records tell of them. The log holds no
 * addresses of webhooks and no e-mail addresses: the former are taken as good, the latter only as the search they are. Which rows an answer would have held is not
 * said.
 */
export async function replay(
  records: AsyncIterable<PastRecord> | Iterable<PastRecord>,
  policy: Policy,
  capabilityOf: (id: string) => Capability | undefined,
): Promise<Replay> {
  const flips: Flip[] = [];
  const past = new Past();
  let requests = 0;
  for await (const record of records) {
    const { callId, time, phase, who, what, decision } = record;
    const capability = what.capability === null ? undefined : capabilityOf(what.capability);
    if (phase === 'outcome') past.note(record);
    if (phase !== 'intent' || decision === null || who.agent === null || capability === undefined || !isPolicys(decision)) continue;
    requests += 1;
    const { agent } = who;
    const before = decision.effect as Decision['effect']; // no error: isPolicys
    const after = judge(
      policy,
      capability,
      {
        agentId: agent.id,
        capability: capability.id,
        invalid: decision.code === 'invalid_request' ? 'It did not fit then.' : null,
        arguments: argumentsOf(what.arguments),
        dryRun: before === 'dry_run',
        nowMs: Date.parse(time),
        usage: past.usage(agent.id, capability.area, time),
        readTextAtMs: past.readTextAtMs(agent.id),
        approved: decision.approvalId !== null && before === 'allow',
        confirmed: decision.confirmed,
      },
      'replay',
    );
    if (before === 'allow') past.asked(agent.id, time);
    if (before === 'allow' && capability.effect !== 'read') past.wrote(agent.id, capability.area, time);
    if (after.effect !== before) {
      flips.push({
        callId,
        time,
        agent,
        capability: capability.id,
        before,
        after: after.effect,
        text: after.rule.text,
        times: decision.times,
      });
    }
  }
  return { requests, flips };
}

/** What was counted at that time. */
class Past {
  readonly #requests = new Map<string, number>();
  readonly #rows = new Map<string, number>();
  readonly #writes = new Map<string, number>();
  readonly #read = new Map<string, number>();

  note({ who, what, outcome, time }: PastRecord): void {
    if (who.agent === null || outcome === null) return;
    if (outcome.textGiven) this.#read.set(who.agent.id, Date.parse(time));
    if (what.area !== null && what.effect === 'read') add(this.#rows, keyOf(who.agent.id, what.area, time), outcome.rowsReturned ?? 0);
  }

  asked(agentId: string, time: string): void {
    add(this.#requests, keyOf(agentId, '', time), 1);
  }

  wrote(agentId: string, area: GrantArea, time: string): void {
    add(this.#writes, keyOf(agentId, area, time), 1);
  }

  usage(agentId: string, area: GrantArea, time: string): Usage {
    const key = keyOf(agentId, area, time);
    const requestsToday = this.#requests.get(keyOf(agentId, '', time)) ?? 0;
    return { requestsToday, rowsToday: this.#rows.get(key) ?? 0, writesToday: this.#writes.get(key) ?? 0, commentsOnCall: 0 };
  }

  readTextAtMs(agentId: string): number | null {
    return this.#read.get(agentId) ?? null;
  }
}

function add(counts: Map<string, number>, key: string, count: number): void {
  counts.set(key, (counts.get(key) ?? 0) + count);
}

/** Of a day in UTC. */
function keyOf(agentId: string, area: string, time: string): string {
  return `${agentId} ${area} ${time.slice(0, 10)}`;
}

const policyCodes: ReadonlySet<string> = new Set<DecisionCode>([
  'agent_inactive',
  'invalid_request',
  'forbidden_by_guardrail',
  'forbidden_by_rule',
  'not_granted',
  'outside_constraint',
  'outside_hours',
  'filter_not_allowed',
  'quota_exhausted',
  'approval_required',
  'confirm_required',
]);

/** Whether the policy decided, and not a full budget, a token that was worth nothing, or a fault. */
function isPolicys({ effect, code }: NonNullable<PastRecord['decision']>): boolean {
  return effect !== 'error' && (code === null || policyCodes.has(code));
}

function argumentsOf(json: unknown): CallArguments {
  const group = (key: string) => (isObject(json) && isObject(json[key]) ? json[key] : {});
  const body = isObject(json) && isObject(json['body']) ? json['body'] : null;
  return { at: group('at') as CallArguments['at'], query: group('query'), body }; // paths are stored as text
}
