// What a policy says of one agent, and of that agent and one capability, looked up once and kept as long as the policy lives.
// Only policies that nothing can change any more are kept; any other is looked up anew each time.
import { effects, endpoints } from '../../aircall/index.ts';
import { isObject } from '../../base/index.ts';
import type { Capability, Subject } from '../capabilities/capability.ts';
import type { Obligation } from './decision.ts';
import { axes, isBound, noLimits, readLimits, rowConstraint } from './limits.ts';
import type { Limits, RowLimit } from './limits.ts';
import { isMade } from './policy.ts';
import { treatmentOf } from './treatment.ts';
import type { Agent, FieldRule, FieldTreatment, GrantArea, Guardrail, Level, MethodRule, Policy, RuledClass } from './types.ts';
import { grantAreas, ruledClasses } from './words.ts';

export type AgentAccess = {
  readonly agent: Agent;
  /** Its lists are lists. Else a rule that denies could have been missed, and nothing is allowed. */
  readonly sound: boolean;
  /** Null: no end. NaN: it cannot be read, and then the agent has expired. */
  readonly expiresAtMs: number | null;
  readonly level: (area: GrantArea) => Level;
  readonly rules: (capability: string) => readonly TimedRule[];
  readonly limits: (area: GrantArea) => Limits;
  readonly treatment: (area: GrantArea, ofClass: RuledClass) => FieldTreatment;
  /** Whether reading third-party text has consequences, for those capabilities where it can. */
  readonly taint: (nowMs: number) => boolean;
  readonly to: (capability: Capability) => CapabilityAccess;
};

export type TimedRule = {
  readonly rule: MethodRule;
  /** Whether it counts at that moment. What narrows counts when its end cannot be read; what widens does not. */
  readonly counts: (nowMs: number) => boolean;
};

export type CapabilityAccess = {
  /** The first that forbids it. */
  readonly guardrail: Guardrail | null;
  /** Limits that rows must meet here, those of the area and those of what the path names. */
  readonly rowLimits: readonly RowLimit[];
  /** Those limits together let no row through. */
  readonly impossible: boolean;
  /** Those limits, as far as they are met by looking at a row before. */
  readonly firstConstraint: (only: (limit: RowLimit) => boolean) => ReturnType<typeof rowConstraint>;
  /** Limits that filtering the answer makes sure of. */
  readonly filtered: (limit: RowLimit) => boolean;
  /** Whether a value of this class may not be searched for. */
  readonly mayNotSearch: (ofClass: RuledClass) => boolean;
  /** What holds whatever the arguments are. */
  readonly obligations: readonly Obligation[];
};

const kept = new WeakMap<Policy, Map<string, AgentAccess | null>>();

/** Null: the policy knows no such agent. */
export function accessOf(policy: Policy, agentId: string): AgentAccess | null {
  let agents = kept.get(policy);
  if (agents === undefined) {
    agents = new Map();
    if (isMade(policy)) kept.set(policy, agents);
  }
  // Only ids that are in the policy are kept, or any caller could fill the memory with names.
  if (typeof agentId !== 'string' || !isObject(policy.agents) || !Object.hasOwn(policy.agents, agentId)) return null;
  let access = agents.get(agentId);
  if (access === undefined) {
    const agent: unknown = policy.agents[agentId];
    access = isObject(agent) && agent['id'] === agentId ? agentAccess(policy, agent as unknown as Agent) : null; // each part is checked when it is used
    agents.set(agentId, access);
  }
  return access;
}

function agentAccess(policy: Policy, agent: Agent): AgentAccess {
  const grants: unknown = agent.grants;
  const levels = new Map(grantAreas.map((area) => [area, levelIn(grants, area)]));
  const constraints: unknown = agent.constraints;
  const limits = new Map(
    grantAreas.map((area) => [area, isObject(constraints) ? readLimits(own(constraints, area)) : readLimits(null)] as const),
  );
  const rules = new Map<string, TimedRule[]>();
  for (const rule of objectsOf(agent.rules) as readonly MethodRule[]) {
    // its parts are checked when used
    rules.set(rule.capability, [...(rules.get(rule.capability) ?? []), timed(rule)]);
  }
  const level = (area: GrantArea): Level => levels.get(area) ?? 'off';
  const fieldRules = { rules: objectsOf(agent.fields) as readonly FieldRule[], recordings: level('recordings') !== 'off' };
  const treatments = new Map(
    grantAreas.flatMap((area) => ruledClasses.map((ofClass) => [`${area} ${ofClass}`, treatmentOf(fieldRules, area, ofClass)] as const)),
  );
  const perCapability = new WeakMap<Capability, CapabilityAccess>();
  const access: AgentAccess = {
    agent,
    sound: isListOfObjects(agent.rules) && isListOfObjects(agent.fields) && isObject(agent.grants) && isObject(agent.constraints),
    expiresAtMs: agent.expiresAt === null ? null : momentMs(agent.expiresAt),
    level,
    rules: (capability) => rules.get(capability) ?? [],
    limits: (area) => limits.get(area) ?? noLimits,
    treatment: (area, ofClass) => treatments.get(`${area} ${ofClass}`) ?? 'hide',
    taint: taintOf(agent, levels, rules),
    to: (capability) => {
      let found = perCapability.get(capability);
      if (found === undefined) {
        found = capabilityAccess(policy, access, capability);
        perCapability.set(capability, found);
      }
      return found;
    },
  };
  return access;
}

function capabilityAccess(policy: Policy, agent: AgentAccess, capability: Capability): CapabilityAccess {
  const { area, rows, subject } = capability;
  const readable = (other: GrantArea): boolean =>
    other === area || (agent.level(other) !== 'off' && !agent.limits(other).broken && !isImpossible(rowConstraint([agent.limits(other)])));
  const both = [agent.limits(area), ...(subject === null || subject.area === area ? [] : [agent.limits(subject.area)])];
  const all = rowConstraint(both) ?? {};
  const inAnswer = rows !== null && capability.effect === 'read' && (subject === null || isItself(capability, subject));
  // What an object in the answer cannot be looked up by: those are the limits of other areas than the answer's.
  const answered = inAnswer ? agent.limits(rows.area) : noLimits;
  return {
    guardrail: guardrailsOf(policy).find((guardrail) => forbids(guardrail, capability)) ?? null,
    rowLimits: [...axes, 'newerThanSeconds' as const].filter((limit) => all[limit] !== undefined),
    impossible: isImpossible(all),
    firstConstraint: (only) => rowConstraint(both, only),
    filtered: (limit) =>
      inAnswer &&
      isBound(rows.binding, limit) &&
      // Another area's limit is not held against the rows of the answer.
      both.every((limits) => limits === answered || !asks(limits, limit)),
    mayNotSearch: (ofClass) =>
      [ofClass, 'phone' as const, 'email' as const, 'person' as const].some((each) => agent.treatment(area, each) !== 'show'),
    obligations: Object.freeze(answerObligations(agent, capability, readable).map((each) => Object.freeze(each))),
  };
}

function answerObligations(agent: AgentAccess, capability: Capability, readable: (area: GrantArea) => boolean): Obligation[] {
  const { area, rows, embeds, classes } = capability;
  const embedded = [...new Set(embeds)].filter((each) => each !== area);
  const limited = new Set<GrantArea>([...(rows === null ? [] : [rows.area]), ...embedded.filter(readable)]);
  const media = classes.some((each) => each.class === 'media') || embedded.includes('recordings');
  const without = embedded.filter((each) => !readable(each));
  if (media && agent.level('recordings') === 'off' && !without.includes('recordings')) without.push('recordings');
  return [
    ...[...limited].flatMap((each): Obligation[] => {
      const constraint = rowConstraint([agent.limits(each)]);
      return constraint === null ? [] : [{ kind: 'rows', area: each, constraint: Object.freeze(constraint) }];
    }),
    ...without.map((each): Obligation => ({ kind: 'without', area: each })),
    ...classes.map((each): Obligation => ({
      kind: 'fields',
      area: each.area,
      class: each.class,
      treatment: readable(each.area) ? agent.treatment(each.area, each.class) : 'hide',
    })),
    ...(agent.agent.text === 'in_place' ? [] : [{ kind: 'text_apart' } as const]),
  ];
}

/** Whether the answer is the very row that the path names, so that filtering it is enough. */
function isItself({ id, rows, area }: Capability, subject: Subject): boolean {
  return rows !== null && !rows.many && rows.area === area && subject.area === area && subject.lookUp === id;
}

function isImpossible(constraint: ReturnType<typeof rowConstraint>): boolean {
  return constraint !== null && axes.some((axis) => constraint[axis]?.length === 0);
}

function asks(limits: Limits, limit: RowLimit): boolean {
  return limit === 'newerThanSeconds' ? limits.newerThanSeconds !== null : limits.sets.has(limit);
}

/** Something in the list that is no guardrail was meant to be one. */
function guardrailsOf(policy: Policy): readonly Guardrail[] {
  const list: unknown = policy.guardrails;
  const unreadable: Guardrail = { id: 'unreadable', forbids: {}, text: 'The guardrails of the company cannot be read' };
  return Array.isArray(list) ? list.map((each: unknown) => (isObject(each) ? (each as unknown as Guardrail) : unreadable)) : [unreadable]; // its parts are checked when used
}

/** A guardrail that names something we do not know, or nothing at all, forbids everything: it was meant to forbid something. */
function forbids(guardrail: Guardrail, capability: Capability): boolean {
  const what: unknown = guardrail.forbids;
  if (!isObject(what)) return true;
  const { capability: id, area, effect } = what;
  if (area !== undefined && !grantAreas.some((each) => each === area)) return true;
  if (effect !== undefined && !effects.some((each) => each === effect)) return true;
  return (
    (id === undefined || id === capability.id) &&
    (area === undefined || area === capability.area) &&
    (effect === undefined || effect === capability.effect)
  );
}

function timed(rule: MethodRule): TimedRule {
  const endMs = rule.expiresAt === null ? Infinity : momentMs(rule.expiresAt);
  const widens = rule.effect === 'allow';
  return { rule, counts: (nowMs) => (Number.isNaN(endMs) ? !widens : nowMs < endMs) };
}

/** On, off, or on while the agent may use something that acts outside. */
function taintOf(agent: Agent, levels: ReadonlyMap<GrantArea, Level>, rules: ReadonlyMap<string, readonly TimedRule[]>) {
  if (agent.taint === false) return () => false;
  if (agent.taint !== null) return () => true;
  if ([...wayOutAreas].some((area) => levels.get(area as GrantArea) === 'full')) return () => true;
  const widening = [...rules].flatMap(([id, list]) =>
    wayOutCapabilities.has(id) ? list.filter(({ rule }) => rule.effect === 'allow') : [],
  );
  return (nowMs: number) => widening.some((rule) => rule.counts(nowMs));
}

const wayOut = endpoints.filter(({ effect }) => effect === 'egress' || effect === 'live');
const wayOutAreas: ReadonlySet<string> = new Set(wayOut.map(({ area }) => area));
const wayOutCapabilities: ReadonlySet<string> = new Set(wayOut.map(({ id }) => id));

function levelIn(grants: unknown, area: GrantArea): Level {
  const level = isObject(grants) ? own(grants, area) : undefined;
  return level === 'read' || level === 'write' || level === 'full' ? level : 'off';
}

function own(record: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

function isListOfObjects(value: unknown): boolean {
  return Array.isArray(value) && value.every(isObject);
}

/** The objects of a list; what is no list, or no object, is none. */
function objectsOf(value: unknown): readonly object[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function momentMs(text: unknown): number {
  return typeof text === 'string' ? Date.parse(text) : Number.NaN;
}
