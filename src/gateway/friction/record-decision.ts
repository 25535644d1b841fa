// A person's yes or no, and the record that tells about it: one transaction, so that neither is ever there without the other.
import { UsageError } from '../../base/index.ts';
import { capabilityOf } from '../capabilities/capabilities.ts';
import type { Also, AuditLog } from '../flow/parts.ts';
import type { Surface } from '../policy/decision.ts';
import { isLine } from '../policy/names.ts';
import type { Approval, Approvals, DecideOptions } from './approvals.ts';

export type DecisionParts = {
  readonly approvals: Approvals;
  readonly audit: Pick<AuditLog, 'append'>;
  /** Gives so many random bytes. */
  readonly random: (size: number) => Buffer;
  readonly surface: Surface;
  /** Why, in the person's words, on one line; absent or empty: not said. */
  readonly reason?: string | undefined;
  /** Run in the same transaction; what it throws undoes the decision. */
  readonly also?: Also | undefined;
};

export type RecordedDecision = {
  readonly approval: Approval;
  /** As it stands in the log. */
  readonly sentence: string;
  readonly seq: number;
};

export const longestReason = 200;

/** A reason as it may stand in the log: one line. Throws `UsageError` for one that is too long, or hides characters. */
export function readReason(text: string): string {
  const line = text
    .normalize('NFC')
    .replaceAll(/[\r\n\t]+/g, ' ')
    .trim();
  if (line.length <= longestReason && isLine(line)) return line;
  throw new UsageError({
    code: 'reason',
    message:
      line.length > longestReason
        ? `The reason is longer than ${longestReason} characters.`
        : 'The reason has characters that cannot be seen.',
    hint: 'Say it in a sentence, without names and numbers of customers: the log keeps it.',
  });
}

/**
 * Approves or refuses. Throws `ApprovalImpossible` and `AuditUnavailable`; then nothing has changed.
 */
export async function recordDecision(id: string, options: DecideOptions, parts: DecisionParts): Promise<RecordedDecision> {
  const { approvals, audit, random, surface, reason = '' } = parts;
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
        after: {
          approval: approval.id,
          state,
          expiresAt: approval.expiresAt,
          policyVersion: approval.policyVersion,
          ...(reason === '' ? {} : { reason }),
        },
      },
    },
    {
      durability: 'power',
      also: () => {
        parts.also?.();
        store();
      },
    },
  );
  return { approval: approvals.find(id) ?? approval, sentence, seq };
}
