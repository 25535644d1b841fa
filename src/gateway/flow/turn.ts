// One request on its way through the phases, and what each of them adds to it: who asks, for what, and that it may.
import type { Json } from '../../base/index.ts';
import type { Capability } from '../capabilities/capability.ts';
import type { CallArguments, Decision } from '../policy/decision.ts';
import type { Agent, Policy } from '../policy/types.ts';
import type { GatewayCall, GatewayReply } from './call.ts';
import { refusalOf } from './failure.ts';
import type { BoundRequest, Examined } from './parts.ts';
import type { Presented, Who } from './record.ts';
import type { Told } from './sentence.ts';

export type Turn = {
  readonly id: string;
  readonly call: GatewayCall;
  readonly startedMs: number;
  readonly nowMs: number;
};

/** A turn of an agent that has shown its key. */
export type Known = Turn & {
  readonly who: Who;
  readonly agentId: string;
  readonly policy: Policy;
  readonly agent: Agent | undefined;
};

/** A turn that asks for a capability with arguments that fit. */
export type Asked = Known & {
  readonly capability: Capability;
  /** Real values, as the schema writes them. */
  readonly given: CallArguments;
  /** As the agent wrote them: its tokens where it sent tokens. */
  readonly asked: CallArguments;
  readonly revealed: boolean;
  readonly redacted: Json;
  readonly digest: string;
  readonly bound: BoundRequest;
  readonly examined: Examined;
};

/** What was decided about a turn; `asked` is null where what it asks for could not be read. */
export type Judged = { readonly capability: Capability | null; readonly asked: Asked | null; readonly decision: Decision };

/** A turn that was not denied: it is carried out, or waits for a confirmation or a person. */
export type Allowed = Asked & { readonly decision: Decision; readonly meter: Meter };

/** What is measured while Aircall is asked. */
type Meter = { requests: number; sent: boolean; queueMs: number; upstreamMs: number };

/** How a turn ends. */
export type Reply = Pick<GatewayReply, 'result' | 'decision'>;

/** A refusal before, or beside, any decision. */
export function undecided(facts: Parameters<typeof refusalOf>[0]): Reply {
  return { result: refusalOf(facts), decision: null };
}

export function startMeter(): Meter {
  return { requests: 0, sent: false, queueMs: 0, upstreamMs: 0 };
}

export function nameOf({ who, agentId }: Known): string {
  return who.agent?.name ?? agentId;
}

/** A turn in the words of the log. */
export function toldOf({ capability, given, ...known }: Asked): Told {
  return { agent: nameOf(known), capability, at: given.at };
}

/** What came with the request to get it through. */
export function presentedIn({ examined, call, capability }: Asked): Presented {
  const { approvalId, approver, confirmed, stored } = examined;
  const isKeyed = call.idempotencyKey !== null && capability.effect !== 'read';
  return { approvalId, approver, confirmed, idempotency: isKeyed ? (stored === null ? 'new' : 'replay') : null };
}
