// What the gateway answers by itself, to every active agent: its access in words, what would be decided, its share of the budget,
// how an approval stands. Made of the policy and our own words; nothing of Aircall's is in it.
import type { Endpoint } from '../../aircall/index.ts';
import type { ExactJson, JsonObject } from '../../base/index.ts';
import { capabilities } from '../capabilities/capabilities.ts';
import { accessOf } from '../policy/access.ts';
import type { Decision } from '../policy/decision.ts';
import { reach } from '../policy/matrix.ts';
import { counted, forbidText, limitsText } from '../policy/limit-words.ts';
import { defaultBudget } from '../policy/types.ts';
import type { Agent, AgentBudget, Constraint, GrantArea, Policy } from '../policy/types.ts';
import { areaNames, classNames, grantAreas, levelNames, listed, ruledClasses, treatmentNames } from '../policy/words.ts';
import { shareOf } from './agent-share.ts';
import type { GatewayReply, OwnRequest } from './call.ts';
import type { FlowContext } from './context.ts';
import { isInactive, judge, judgeAgent } from './judge.ts';
import type { ApprovalStanding } from './parts.ts';
import { noOutcome, ownAllowance, recordOf } from './record.ts';
import { askAnew, refuse } from './refuse.ts';
import * as tell from './sentence.ts';
import { nameOf } from './turn.ts';
import type { Known, Reply } from './turn.ts';

export async function answerOwn(flow: FlowContext, known: Known, own: OwnRequest): Promise<Reply> {
  const first = judgeAgent(flow, known);
  if (isInactive(first) || known.agent === undefined) return refuse(flow, known, first);
  const body = tellOwn(flow, { ...known, agent: known.agent }, own);
  const did = ownWords(own);
  const facts = recordOf(known, {
    phase: 'intent',
    decision: ownAllowance(known.policy.version),
    outcome: { ...noOutcome, durationMs: { total: Math.round(flow.clock.monotonic() - known.startedMs), queue: 0, upstream: 0 } },
    sentence: tell.toldOwn(nameOf(known), did),
  });
  // A tool of the gateway's own; its name is not the agent's words.
  const named = { ...facts, where: { ...facts.where, tool: known.call.tool } };
  const result = {
    kind: 'answer',
    status: 200,
    body,
    untrustedText: null,
    filtered: false,
    source: { from: 'live', ageMs: 0 },
    replayed: false,
  } as const;
  return flow.recorder.give(`${known.agentId}|own|${did}`, named, { result, decision: null });
}

function tellOwn(flow: FlowContext, known: Known & { readonly agent: Agent }, own: OwnRequest): ExactJson {
  const { policy, agent, agentId, nowMs } = known;
  switch (own.kind) {
    case 'whoami':
      return tellAccess(policy, agent, nowMs);
    case 'explain':
      return tellDecision(own.endpoint, foresee(flow, known, own));
    case 'budget':
      return tellBudget(shareOf(flow, known), agent.budget ?? defaultBudget, flow.upstream.waiting(agentId).all);
    case 'approval_status':
      return tellStanding(flow.friction.standing(agentId, own.approvalId, { nowMs, policyVersion: policy.version }));
    case 'protocol':
      return {};
  }
}

/** The decision about a request that is not made. */
function foresee(flow: FlowContext, known: Known, asked: Extract<OwnRequest, { readonly kind: 'explain' }>): Decision {
  const call = { ...known.call, own: null, ...asked, confirmToken: null, approvalId: null, idempotencyKey: null };
  return judge(flow, { ...known, call }).decision;
}

/** What the agent did, for the log: “asked what it may do”. */
function ownWords(own: OwnRequest): string {
  switch (own.kind) {
    case 'whoami':
      return 'asked what it may do';
    case 'explain':
      return own.endpoint === null
        ? 'asked whether it may do something that the gateway does not offer'
        : `asked whether it may do “${own.endpoint.title}”`;
    case 'budget':
      return 'asked for its share of the budget';
    case 'approval_status':
      return 'asked how an approval stands';
    case 'protocol':
      return own.did;
  }
}

/** The agent's access, in words and as data. */
function tellAccess(policy: Policy, agent: Agent, nowMs: number): JsonObject {
  const access = accessOf(policy, agent.id);
  const areas = grantAreas.map((area) => ({ area, level: access?.level(area) ?? 'off' }));
  const granted = areas.filter(({ level }) => level !== 'off');
  const rules = agent.rules.filter(({ expiresAt }) => expiresAt === null || !(nowMs >= Date.parse(expiresAt)));
  const hidden = ruledClasses.flatMap((ofClass) => {
    const treatments = granted.map(({ area }) => ({ area, treatment: access?.treatment(area, ofClass) ?? 'hide' }));
    const kinds = [...new Set(treatments.map(({ treatment }) => treatment))].filter((treatment) => treatment !== 'show');
    return kinds.map((kind) => {
      const where = treatments.filter(({ treatment }) => treatment === kind).map(({ area }) => areaNames[area]);
      return `${capital(classNames[ofClass])} are ${treatmentNames[kind]} in ${listed(where)}.`;
    });
  });
  const sentences = [
    `You are ${agent.name}, and ${agent.owner} answers for you.`,
    granted.length === 0
      ? 'No area is granted to you.'
      : `You have ${listed(granted.map(({ area, level }) => `${levelNames[level]} on ${areaNames[area]}`))}.`,
    ...(granted.length === areas.length
      ? []
      : [`Off: ${listed(areas.flatMap(({ area, level }) => (level === 'off' ? [areaNames[area]] : [])))}.`]),
    ...grantAreas.flatMap((area) => tellLimits(area, agent.constraints[area])),
    ...rules.map(({ capability, effect }) => {
      const title = capabilities.find(({ id }) => id === capability)?.endpoint.title ?? capability;
      return {
        deny: `“${title}” is denied to you.`,
        approve: `“${title}” needs a person’s approval.`,
        allow: `“${title}” is allowed to you.`,
      }[effect];
    }),
    ...policy.guardrails.map(({ text, forbids }) => `Company rule: ${text.replace(/\.$/, '')} (${forbidText(forbids)}).`),
    ...hidden,
    agent.text === 'apart'
      ? 'Text that third parties wrote or spoke comes apart, under untrusted_text.'
      : 'Text of third parties stands in place.',
    ...(agent.budget?.maximumRequestsPerDay == null
      ? []
      : [`You may send at most ${counted(agent.budget.maximumRequestsPerDay, 'request')} a day (UTC).`]),
    ...(agent.expiresAt === null ? [] : [`Your access ends at ${agent.expiresAt}.`]),
  ];
  return {
    agent: { id: agent.id, name: agent.name, owner: agent.owner, purpose: agent.purpose, expires_at: agent.expiresAt },
    summary: sentences.join(' '),
    areas: areas.map(({ area, level }) => ({ area, level })),
    may_use: capabilities.flatMap((capability) => {
      const effect = reach(policy, agent.id, capability, nowMs);
      return effect === 'deny' || effect === 'dry_run' ? [] : [{ capability: capability.id, effect }];
    }),
    policy_version: policy.version,
  };
}

/** A decision for the agent it is about. */
function tellDecision(endpoint: Endpoint | null, decision: Decision): JsonObject {
  const { effect, code, rule, fix, trace, policyVersion } = decision;
  return {
    capability: endpoint?.id ?? null,
    effect,
    verdict: tell.toldVerdict(decision),
    code,
    why: rule.text,
    rule: { id: rule.id, kind: rule.kind },
    fix,
    steps: trace.map(({ step, outcome, text }) => ({ step, outcome, text })),
    policy_version: policyVersion,
  };
}

/** `line`: how many requests of all agents wait for their turn. */
function tellBudget(budget: GatewayReply['budget'], { weight, burst }: AgentBudget, line: number): JsonObject {
  const share = budget?.share ?? null;
  const today = budget?.today ?? null;
  return {
    limited: share !== null,
    limit: share?.limit ?? null,
    remaining: share?.remaining ?? null,
    resets_at: share === null ? null : new Date(share.resetAtMs).toISOString(),
    weight,
    burst,
    waiting: budget?.waiting ?? 0,
    waiting_of_all: line,
    today: today === null ? null : { limit: today.limit, remaining: today.remaining, resets_at: new Date(today.resetAtMs).toISOString() },
  };
}

const standings: Readonly<Record<ApprovalStanding['state'], string>> = {
  pending: 'It waits for a person. Ask again in half a minute.',
  approved: 'A person has approved it: send the very same request again with this approval_id.',
  refused: 'A person has refused it.',
  used: 'It was approved and has been used. It works once.',
  expired: 'It has expired.',
  outdated: 'The rules have changed since it was asked for, so it is worth nothing, whether or not a person has approved it.',
};

function tellStanding(standing: ApprovalStanding | null): JsonObject {
  if (standing === null)
    return {
      approval_id: null,
      state: 'unknown',
      text: 'There is no approval of that id for you.',
      fix: null,
      capability: null,
      expires_at: null,
    };
  const { id, state, capability, expiresAt } = standing;
  const isOver = state === 'expired' || state === 'outdated' || state === 'used';
  return { approval_id: id, state, text: standings[state], fix: isOver ? askAnew : null, capability, expires_at: expiresAt };
}

function tellLimits(area: GrantArea, constraint: Constraint | undefined): readonly string[] {
  const limits = constraint === undefined ? '' : limitsText(constraint);
  return limits === '' ? [] : [`In ${areaNames[area]}: ${limits}.`];
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
