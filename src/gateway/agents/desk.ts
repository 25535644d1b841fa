// Where operators change things. Each change is one transaction: the record that tells about it, with before and after, and the change
// itself. Neither is ever there without the other.
import type { KeyObject } from 'node:crypto';
import { TrunklineError, UsageError } from '../../base/index.ts';
import type { Clock, Json } from '../../base/index.ts';
import type { AgentStore, StoredKey } from '../../store/index.ts';
import type { AuditFacts } from '../audit/record.ts';
import type { AuditLog } from '../flow/parts.ts';
import type { Agent, Policy } from '../policy/types.ts';
import type { Secret } from '../secrets/secret.ts';
import { makePolicy } from '../policy/policy.ts';
import { issueKey } from './agent-key.ts';
import type { KeyEnvironment } from './agent-key.ts';
import { combinationOf } from './combination.ts';
import { acceptCombination, addAgent, forgetCombination, setStatus } from './edits.ts';
import type { Edited, NewAgent } from './edits.ts';
import type { PolicyStore } from './policy-store.ts';

export type DeskParts = {
  readonly store: AgentStore;
  readonly policies: PolicyStore;
  readonly audit: AuditLog;
  readonly pepper: KeyObject;
  readonly environment: KeyEnvironment;
  /** The person who makes the changes. */
  readonly operator: string;
  readonly clock: Clock;
  /** Gives so many random bytes. */
  readonly random: (size: number) => Buffer;
};

export type KeyTerms = {
  /** ISO-8601 moment; null: no end. */
  readonly expiresAt: string | null;
  /** Null: from anywhere. */
  readonly addresses: readonly string[] | null;
};

export type NewKey = { readonly keyId: string; readonly key: Secret; readonly expiresAt: string | null };

export type Changed = {
  readonly policy: Policy;
  /** The sentence in the log. */
  readonly sentence: string;
  readonly seq: number;
};

/** An agent would be able to carry private data out on the word of a stranger. Not done until somebody accepts it. */
export class DangerousCombination extends UsageError {
  constructor(agent: string, why: string) {
    super({
      code: 'dangerous_combination',
      message: `${agent} could then be told by a stranger to give private data away: ${why}`,
      hint: 'Take one of the three away, or accept it with --accept-combination; who accepted it is recorded.',
    });
  }
}

/** Another process changed the policy in between: the change is looked at again. */
class PolicyMoved extends TrunklineError {
  constructor() {
    super({ code: 'policy_moved', message: 'The policy was changed by another process at the same moment.', retryable: true });
  }
}

/** Never used again: 60 random bits. */
export function newAgentId(random: (size: number) => Buffer): string {
  return `ag_${Array.from(random(12), (byte) => 'abcdefghjkmnpqrstvwxyz0123456789'[byte % 32]).join('')}`;
}

export class AgentDesk {
  readonly #parts: DeskParts;

  constructor(parts: DeskParts) {
    this.#parts = parts;
  }

  /** Adds an agent that may do nothing yet, with its first key. */
  async add(facts: Omit<NewAgent, 'id'>, terms: KeyTerms): Promise<Changed & { readonly agent: Agent; readonly key: NewKey }> {
    const { random } = this.#parts;
    const id = newAgentId(random);
    const key = this.#draftKey(id, terms);
    const changed = await this.change((policy) => addAgent(policy, { ...facts, id }), { also: () => key.store() });
    const agent = changed.policy.agents[id];
    if (agent === undefined) throw new TypeError('the agent that was just added is missing');
    return { ...changed, agent, key };
  }

  /**
   * Makes one change to the policy. `edit` is given the policy as it is at that moment, and is asked again when another process changed
   * it in between. Throws what `edit` throws, {@link DangerousCombination}, and `AuditUnavailable`; in each case nothing has changed.
   */
  async change(
    edit: (policy: Policy) => Edited,
    options: { readonly acceptsCombination?: boolean; readonly also?: () => void } = {},
  ): Promise<Changed> {
    const { store, policies, audit, operator, clock } = this.#parts;
    for (;;) {
      const { number, policy } = policies.numbered();
      const edited = this.#guarded(policy, edit(policy), options.acceptsCombination ?? false);
      const next = edited.policy === null ? null : makePolicy(edited.policy);
      const at = new Date(clock.now()).toISOString();
      const sentence = `${operator} ${edited.deed}.`;
      const also = (): void => {
        if (store.policyNumber() !== number) throw new PolicyMoved();
        if (next !== null) {
          const text = JSON.stringify(next);
          store.insertPolicy({ number: number + 1, version: next.version, policy: text, at, by: operator, sentence });
        }
        for (const id of next === null ? [] : newlyRevoked(policy, next)) {
          for (const key of store.keys(id)) store.revokeKey(key.keyId, { at, by: operator });
        }
        options.also?.();
      };
      try {
        const { seq } = await audit.append(this.#facts(edited, sentence, next ?? policy), { durability: 'power', also });
        return { policy: next ?? policy, sentence, seq };
      } catch (error) {
        if (!(error instanceof PolicyMoved)) throw error;
      }
    }
  }

  /** Stops an agent and revokes its keys, for good. */
  revoke(agentId: string): Promise<Changed> {
    return this.change((policy) => setStatus(policy, agentOf(policy, agentId), 'revoked'));
  }

  /** Another key for an agent. The others go on working for `overlapMs`; null: as long as they would have. */
  async issueKey(
    agentId: string,
    options: { readonly terms: KeyTerms; readonly overlapMs: number | null },
  ): Promise<Changed & { readonly key: NewKey }> {
    const { store, clock } = this.#parts;
    const { terms, overlapMs } = options;
    const key = this.#draftKey(agentId, terms);
    const endsAt = overlapMs === null ? null : new Date(clock.now() + overlapMs).toISOString();
    const others = store.keys(agentId).filter((each) => each.revokedAt === null);
    const until = endsAt === null ? '' : `. Its other keys end on ${endsAt.slice(0, 16).replace('T', ' ')} UTC`;
    const changed = await this.change(
      (policy) => {
        const agent = agentOf(policy, agentId);
        if (agent.status === 'revoked') {
          throw new UsageError({
            code: 'agent_revoked',
            message: `${agent.name} is revoked, and that is for good: it gets no key.`,
            hint: 'Add a new agent with trunkline agents add.',
          });
        }
        return {
          policy: null,
          deed: `gave ${agent.name} the key ${key.keyId}${until}`,
          agent,
          before: { keys: others.map(keyFacts) },
          after: { key: { keyId: key.keyId, expiresAt: terms.expiresAt, addresses: terms.addresses }, othersEndAt: endsAt },
        };
      },
      {
        also: () => {
          if (endsAt !== null) for (const each of others) store.shortenKey(each.keyId, endsAt);
          key.store();
        },
      },
    );
    return { ...changed, key };
  }

  /** Revokes one key. */
  async revokeKey(keyId: string): Promise<Changed> {
    const { store, operator, clock } = this.#parts;
    const key = store.key(keyId);
    if (key === null) {
      throw new UsageError({ code: 'key_missing', message: `There is no key ${keyId}.`, hint: 'trunkline agents show NAME lists keys.' });
    }
    if (key.revokedAt !== null) {
      throw new UsageError({
        code: 'key_revoked',
        message: `The key ${keyId} was revoked on ${key.revokedAt.slice(0, 10)} already.`,
        hint: 'There is nothing to do.',
      });
    }
    const at = new Date(clock.now()).toISOString();
    return this.change(
      (policy) => {
        const agent = policy.agents[key.agentId] ?? null;
        return {
          policy: null,
          deed: `revoked the key ${keyId} of ${agent?.name ?? key.agentId}`,
          agent,
          before: { key: keyFacts(key) },
          after: { key: { ...keyFacts(key), revokedAt: at } },
        };
      },
      { also: () => store.revokeKey(keyId, { at, by: operator }) },
    );
  }

  #draftKey(agentId: string, terms: KeyTerms): NewKey & { readonly store: () => void } {
    const { store, pepper, environment, random, operator, clock } = this.#parts;
    const { keyId, key, hash } = issueKey({ environment, pepper, random });
    const { expiresAt, addresses } = terms;
    const madeAt = new Date(clock.now()).toISOString();
    const row = {
      keyId,
      agentId,
      hash,
      madeAt,
      madeBy: operator,
      expiresAt,
      addresses,
      revokedAt: null,
      revokedBy: null,
      lastUsedAt: null,
    };
    return { keyId, key, expiresAt, store: () => store.insertKey(row) };
  }

  /** Refuses a change that makes a dangerous combination which nobody has accepted. */
  #guarded(before: Policy, edited: Edited, accepts: boolean): Edited {
    const { operator, clock } = this.#parts;
    if (edited.policy === null) return edited;
    const { policy } = edited;
    const nowMs = clock.now();
    const over: Agent[] = [];
    const fresh: Agent[] = [];
    for (const agent of Object.values(policy.agents)) {
      const why = combinationOf(policy, agent.id, nowMs);
      if (why === null) {
        if (agent.combinationAccepted !== null) over.push(agent);
      } else if (agent.combinationAccepted === null && combinationOf(before, agent.id, nowMs) === null) {
        if (!accepts) throw new DangerousCombination(agent.name, why);
        fresh.push(agent);
      }
    }
    return acceptCombination(forgetCombination(edited, over), fresh, { by: operator, at: new Date(nowMs).toISOString() });
  }

  #facts(edited: Edited, sentence: string, policy: Policy): AuditFacts {
    const { operator, random } = this.#parts;
    const { agent, before, after } = edited;
    return {
      callId: `adm_${random(12).toString('hex')}`,
      phase: 'admin',
      who: {
        agent: agent === null ? null : { id: agent.id, name: agent.name },
        keyId: null,
        owner: agent?.owner ?? null,
        operator,
        client: null,
        ip: null,
      },
      what: { capability: null, area: null, effect: null, arguments: null, argumentsDigest: null },
      where: { surface: 'cli', method: null, route: null, protocol: null, tool: null, traceId: null },
      decision: null,
      outcome: null,
      sentence,
      change: { before, after: withVersion(after, policy.version) },
    };
  }
}

function agentOf(policy: Policy, id: string): Agent {
  const agent = policy.agents[id];
  if (agent !== undefined) return agent;
  throw new UsageError({ code: 'agent_missing', message: `There is no agent ${id}.`, hint: 'trunkline agents list shows all.' });
}

/** Agents that were not revoked before: with them end their keys, however it came. */
function newlyRevoked(before: Policy, after: Policy): readonly string[] {
  return Object.values(after.agents)
    .filter(({ id, status }) => status === 'revoked' && before.agents[id]?.status !== 'revoked')
    .map(({ id }) => id);
}

function keyFacts(key: StoredKey): { readonly [name: string]: Json } {
  const { keyId, expiresAt, revokedAt, addresses } = key;
  return { keyId, expiresAt, revokedAt, addresses };
}

function withVersion(after: Json, policyVersion: string): Json {
  return { value: after, policyVersion };
}
