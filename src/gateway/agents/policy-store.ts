// The policy in force, as the store has it. Each request asks for its number anew: a change by another process counts at the next
// request. Whatever cannot be read throws, and then nothing is allowed.
import { EnvironmentError, isObject } from '../../base/index.ts';
import type { AgentStore, StoredPolicy } from '../../store/index.ts';
import type { PolicySource } from '../flow/parts.ts';
import type { Policy } from '../policy/types.ts';
import { makePolicy } from '../policy/policy.ts';
import type { PolicyParts } from '../policy/policy.ts';

export class PolicyStore implements PolicySource {
  readonly #store: AgentStore;
  readonly #company: string;
  #known: { readonly number: number; readonly policy: Policy };

  constructor(parts: { readonly store: AgentStore; readonly company: string }) {
    this.#store = parts.store;
    this.#company = parts.company;
    // Before anything was set: a policy without agents, which allows nothing.
    const nothing = { company: parts.company, agents: {}, guardrails: [], webhookHosts: [] };
    this.#known = { number: 0, policy: makePolicy(nothing) };
  }

  current(): Policy {
    return this.numbered().policy;
  }

  /** The policy in force and its number, which says whether it still is. */
  numbered(): { readonly number: number; readonly policy: Policy } {
    const number = this.#store.policyNumber();
    if (number === this.#known.number) return this.#known;
    // Numbers only ever grow: a smaller one means that the file was replaced under us, by an older copy or an empty one.
    if (number < this.#known.number) throw unreadable('the policy went back to an older one');
    const stored = this.#store.policy(number);
    if (stored === null) throw unreadable('the policy in force is missing');
    this.#known = { number, policy: this.#read(stored) };
    return this.#known;
  }

  /** A policy that was in force once; null when no such version was. */
  ofVersion(version: string): Policy | null {
    const stored = this.#store.policyOfVersion(version);
    return stored === null ? null : this.#read(stored);
  }

  #read(stored: StoredPolicy): Policy {
    let policy: Policy;
    try {
      policy = understand(JSON.parse(stored.policy));
    } catch (cause) {
      throw unreadable('the policy in force cannot be understood', cause);
    }
    if (policy.company !== this.#company || policy.version !== stored.version) throw unreadable('the policy in force was altered');
    return policy;
  }
}

function understand(json: unknown): Policy {
  if (!isObject(json) || !isObject(json['agents']) || !Array.isArray(json['guardrails']) || !Array.isArray(json['webhookHosts'])) {
    throw new TypeError('not a policy');
  }
  const policy = makePolicy(json as PolicyParts); // its version, a hash of all of it, shows that it is what was stored
  if (policy.version !== json['version']) throw new TypeError('not the policy of that version');
  return policy;
}

function unreadable(what: string, cause?: unknown): EnvironmentError {
  return new EnvironmentError(
    {
      code: 'policy_unreadable',
      message: `No agent may do anything: in gateway.db, ${what}.`,
      hint: 'Restore gateway.db from a backup, with its -wal and -shm companions, while no Trunkline process is running.',
    },
    { cause },
  );
}
