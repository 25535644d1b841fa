// Who can do what, at a glance: each agent and each capability, as a decision without arguments would be.
import type { Capability } from '../capabilities/capability.ts';
import { judge } from './decide.ts';
import type { Decision, DecisionRequest } from './decision.ts';
import type { Agent, GrantArea, Policy } from './types.ts';

export type MatrixRow = {
  readonly agent: Pick<Agent, 'id' | 'name' | 'status'>;
  /** By the capability's id. `dry_run`: nothing but a plan of it. */
  readonly effects: Readonly<Record<string, Decision['effect']>>;
  /** Areas where it is limited to certain rows, hours or counts. */
  readonly limited: readonly GrantArea[];
};

/** One row for each agent that is not revoked, by name. What depends on arguments, hours and counts is taken as good. */
export function matrix(policy: Policy, capabilities: readonly Capability[], nowMs: number): readonly MatrixRow[] {
  return Object.values(policy.agents)
    .filter(({ status }) => status !== 'revoked')
    .sort((a, b) => a.name.localeCompare(b.name, 'en'))
    .map(({ id, name, status, constraints }) => ({
      agent: { id, name, status },
      effects: Object.fromEntries(capabilities.map((capability) => [capability.id, reachOf(policy, id, capability, nowMs)])),
      limited: Object.keys(constraints) as GrantArea[], // the type's own keys
    }));
}

/** A plan of an act is more than nothing; a plan of a read is not. */
function reachOf(policy: Policy, agentId: string, capability: Capability, nowMs: number): Decision['effect'] {
  const effect = reach(policy, agentId, capability, nowMs);
  return effect === 'deny' && capability.effect !== 'read' ? reach(policy, agentId, capability, nowMs, { dryRun: true }) : effect;
}

/** What can be done in principle, whatever the arguments, hours and counts are. */
export function reach(
  policy: Policy,
  agentId: string,
  capability: Capability,
  nowMs: number,
  { dryRun = false }: { readonly dryRun?: boolean } = {},
): Decision['effect'] {
  const request: DecisionRequest = {
    agentId,
    capability: capability.id,
    invalid: null,
    arguments: { at: {}, query: {}, body: null },
    dryRun,
    nowMs,
    usage: { requestsToday: 0, rowsToday: 0, writesToday: 0, commentsOnCall: 0 },
    readTextAtMs: null,
    approved: false,
    confirmed: false,
  };
  return judge(policy, capability, request, 'access').effect;
}
