// A person's yes or no, and the record that tells about it: one transaction, so that neither is ever there without the other.
import { capabilityOf } from '../capabilities/capabilities.ts';
import type { AuditLog } from '../flow/parts.ts';
import type { Surface } from '../policy/decision.ts';
import type { Approval, Approvals, DecideOptions } from './approvals.ts';

export type DecisionParts = {
  readonly approvals: Approvals;
  readonly audit: Pick<AuditLog, 'append'>;
  /** Gives so many random bytes. */
  readonly random: (size: number) => Buffer;
  readonly surface: Surface;
};

export type RecordedDecision = {
  readonly approval: Approval;
  /** As it stands in the log. */
  readonly sentence: string;
  readonly seq: number;
};

/**
 * Approves or refuses. Throws `ApprovalImpossible` and `AuditUnavailable`; then nothing has changed.
 */
export async function recordDecision(id: string, options: DecideOptions, parts: DecisionParts): Promise<RecordedDecision> {
  const { approvals, audit, random, surface } = parts;
  const { approval, by, store } = approvals.decide(id, options);
  const { policy, verdict } = options;
  const agent = Object.hasOwn(policy.agents, approval.agentId) ? (policy.agents[approval.agentId] ?? null) : null;
  const capability = capabilityOf(approval.capability);
  const state = verdict === 'approve' ? 'approved' : 'refused';
  // Titles are ours; what the agent has sent stands in no sentence.
  const what = capability === undefined ? approval.capability : capability.endpoint.title;
  const sentence = `${by} ${state} request ${approval.id} of ${agent?.name ?? approval.agentId}: ${what}.`;
  const { seq } = await audit.append(
    {
      callId: `adm_${random(12).toString('hex')}`,
      phase: 'admin',
      who: {
        agent: agent === null ? null : { id: agent.id, name: agent.name },
        keyId: null,
        owner: agent?.owner ?? null,
        operator: by,
        client: null,
        ip: null,
      },
      what: {
        capability: approval.capability,
        area: capability?.area ?? null,
        effect: capability?.effect ?? null,
        arguments: null,
        argumentsDigest: null,
      },
      where: { surface, method: null, route: null, protocol: null, tool: null, traceId: null },
      decision: null,
      outcome: null,
      sentence,
      change: {
        before: { approval: approval.id, state: approval.state },
        after: { approval: approval.id, state, expiresAt: approval.expiresAt, policyVersion: approval.policyVersion },
      },
    },
    { durability: 'power', also: store },
  );
  return { approval: approvals.find(id) ?? approval, sentence, seq };
}
