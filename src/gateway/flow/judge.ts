// Whether a request may be made: which capability it asks for, whether its arguments fit, what its tokens are worth, and what the
// policy says of all that. Nothing is changed and nothing recorded here.
import { capabilityOf } from '../capabilities/capabilities.ts';
import type { Capability } from '../capabilities/capability.ts';
import { parseArguments } from '../capabilities/arguments.ts';
import { decide } from '../policy/decide.ts';
import type { CallArguments, Decision, Usage } from '../policy/decision.ts';
import type { FlowContext } from './context.ts';
import type { BoundRequest, Examined } from './parts.ts';
import type { Asked, Judged, Known } from './turn.ts';

export function judge(flow: FlowContext, known: Known): Judged {
  const { call, agentId } = known;
  const capability = call.endpoint === null ? null : (capabilityOf(call.endpoint.id) ?? null);
  if (capability === null) return judgeAgent(flow, known);
  const { arguments: raw, revealed } = flow.filter.reveal(capability, agentId, call.arguments);
  const parsed = parseArguments(capability, raw, { areOne: call.surface === 'mcp' });
  if (!parsed.ok) return { capability, asked: null, decision: decideOn(flow, known, capability, { invalid: parsed.text }) };
  const asked = examine(flow, known, capability, { given: parsed.arguments, revealed });
  return { capability, asked, decision: decideOn(flow, known, capability, asked) };
}

/** What is decided of an agent that asks for nothing the gateway knows: whether it may do anything at all. */
export function judgeAgent(flow: FlowContext, known: Known): Judged {
  return { capability: null, asked: null, decision: decideOn(flow, known, null, {}) };
}

export function isInactive({ decision }: Judged): boolean {
  return decision.code === 'agent_inactive';
}

/** `invalid` where the arguments do not fit, else `given` and `bound`; `examined` where what came with the request counts. */
export function decideOn(
  { friction }: FlowContext,
  { agentId, policy, call, nowMs }: Known,
  capability: Capability | null,
  facts: {
    readonly given?: CallArguments;
    readonly invalid?: string;
    readonly bound?: BoundRequest;
    readonly examined?: Examined;
  },
): Decision {
  const { given = noArguments, invalid = null, bound, examined } = facts;
  return decide(policy, capability, {
    agentId,
    capability: capability?.id ?? null,
    invalid,
    arguments: given,
    dryRun: call.dryRun,
    nowMs,
    usage: bound === undefined ? noUsage : friction.usage(bound),
    readTextAtMs: friction.readTextAtMs(agentId),
    approved: examined?.approved ?? false,
    confirmed: examined?.confirmed ?? false,
  });
}

function examine(
  { filter, friction }: FlowContext,
  known: Known,
  capability: Capability,
  { given, revealed }: { readonly given: CallArguments; readonly revealed: boolean },
): Asked {
  const { call, agentId, policy, agent, nowMs } = known;
  const bound: BoundRequest = {
    agentId,
    capability,
    arguments: given,
    policyVersion: policy.version,
    nowMs,
    mostWritesToday: agent?.constraints[capability.area]?.maximumWritesPerDay ?? null,
    mostRequestsToday: agent?.budget?.maximumRequestsPerDay ?? null,
    mostRowsToday: agent?.constraints[capability.area]?.maximumRowsPerDay ?? null,
  };
  const { confirmToken, approvalId, idempotencyKey } = call;
  return {
    ...known,
    capability,
    given,
    asked: revealed ? call.arguments : given,
    revealed,
    redacted: filter.redact(capability, given),
    digest: filter.digest(given),
    bound,
    examined: friction.examine(bound, {
      confirmToken,
      approvalId,
      idempotencyKey: capability.effect === 'read' ? null : idempotencyKey,
    }),
  };
}

const noArguments: CallArguments = { at: {}, query: {}, body: null };

const noUsage: Usage = { requestsToday: 0, rowsToday: 0, writesToday: 0, commentsOnCall: 0 };
