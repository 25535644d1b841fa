// Policies and requests for tests of the gateway: plain ones to start from, and random ones for fast-check.
import * as fc from 'fast-check';
import { capabilities, capabilityOf } from '../capabilities/capabilities.ts';
import type { Capability } from '../capabilities/capability.ts';
import type { DecisionRequest } from './decision.ts';
import { makePolicy } from './policy.ts';
import { fieldTreatments, levels } from './types.ts';
import type { Agent, Constraint, Guardrail, MethodRule, Policy } from './types.ts';
import { grantAreas, ruledClasses } from './words.ts';

/** Wednesday, 10:00 UTC. */
export const wednesdayMs = Date.UTC(2026, 10, 18, 10);

export function agentOf(changes: Partial<Agent> = {}): Agent {
  return {
    id: 'ag_support',
    name: 'Support Agent',
    owner: 'olga@acme.example',
    purpose: 'Answers questions about calls',
    status: 'active',
    expiresAt: null,
    grants: {},
    rules: [],
    constraints: {},
    fields: [],
    taint: null,
    text: 'apart',
    combinationAccepted: null,
    ...changes,
  };
}

/** A policy with these agents, by default the one of {@link agentOf}. */
export function policyOf(
  agents: readonly Agent[] = [agentOf()],
  rest: { readonly guardrails?: readonly Guardrail[]; readonly webhookHosts?: readonly string[] } = {},
): Policy {
  return makePolicy({
    company: 'acme',
    agents: Object.fromEntries(agents.map((agent) => [agent.id, agent])),
    guardrails: rest.guardrails ?? [],
    webhookHosts: rest.webhookHosts ?? [],
  });
}

/** A capability of the catalogue. */
export function can(id: string): Capability {
  const capability = capabilityOf(id);
  if (capability === undefined) throw new Error(`There is no capability ${id}.`);
  return capability;
}

/** A request of the agent of {@link agentOf}, with every parameter of the path given as 7. */
export function requestOf(
  capability: Capability,
  changes: Partial<Omit<DecisionRequest, 'arguments'>> & { readonly arguments?: Partial<DecisionRequest['arguments']> } = {},
): DecisionRequest {
  return {
    agentId: 'ag_support',
    capability: capability.id,
    invalid: null,
    dryRun: false,
    nowMs: wednesdayMs,
    usage: { requestsToday: 0, rowsToday: 0, writesToday: 0, commentsOnCall: 0 },
    readTextAtMs: null,
    approved: false,
    confirmed: false,
    ...changes,
    arguments: {
      at: Object.fromEntries(Object.keys(capability.endpoint.at ?? {}).map((name) => [name, '7'])),
      query: {},
      body: null,
      ...changes.arguments,
    },
  };
}

const moment = fc.constantFrom(null, '2026-11-18T09:59:59Z', '2026-11-18T10:00:00Z', '2027-01-01T00:00:00Z');
const ids = fc.uniqueArray(fc.constantFrom('1', '2', '7'), { minLength: 1 });
const hours = fc.constantFrom(
  { days: [3], from: '09:00', to: '12:00', timeZone: 'UTC' },
  { days: [1, 2, 3], from: '22:00', to: '06:00', timeZone: 'Europe/Paris' },
);

/** Only what is given is there: no key is undefined. */
export const anyConstraint: fc.Arbitrary<Constraint> = fc.record(
  {
    teams: ids,
    numbers: ids,
    users: ids,
    tags: ids,
    directions: fc.uniqueArray(fc.constantFrom('inbound' as const, 'outbound' as const), { minLength: 1 }),
    newerThanSeconds: fc.constantFrom(60, 86_400),
    hours,
    maximumRowsPerDay: fc.constantFrom(0, 10),
    maximumWritesPerDay: fc.constantFrom(0, 10),
  },
  { requiredKeys: [] },
);

export const anyCapability: fc.Arbitrary<Capability> = fc.constantFrom(...capabilities);

export const anyRule: fc.Arbitrary<MethodRule> = fc.record({
  id: fc.uuid().map((id) => `r-${id}`),
  capability: anyCapability.map(({ id }) => id),
  effect: fc.constantFrom('deny' as const, 'approve' as const, 'allow' as const),
  reason: fc.constantFrom('', 'Asked for by Olga.'),
  expiresAt: moment,
});

export const anyGuardrail: fc.Arbitrary<Guardrail> = fc
  .tuple(
    fc.uuid(),
    fc.oneof(
      fc.record({ capability: anyCapability.map(({ id }) => id) }),
      fc.record({ area: fc.constantFrom(...grantAreas), effect: fc.constantFrom('read', 'add', 'change', 'delete', 'live', 'egress') }),
      fc.record({ effect: fc.constantFrom('delete', 'egress') }),
    ),
  )
  .map(([id, forbids]) => ({ id: `g-${id}`, forbids, text: 'Not for agents' }));

function some<K extends string, V>(keys: readonly K[], value: fc.Arbitrary<V>): fc.Arbitrary<Partial<Record<K, V>>> {
  return fc.dictionary(fc.constantFrom(...keys), value, { noNullPrototype: true }) as fc.Arbitrary<Partial<Record<K, V>>>; // the keys are K
}

/** An agent whose id and name follow from the number. */
export function anyAgent(number = 0): fc.Arbitrary<Agent> {
  const facts = fc.record({
    id: fc.constant(number === 0 ? 'ag_support' : `ag_other${number}`),
    name: fc.constant(number === 0 ? 'Support Agent' : `Agent ${number}`),
    owner: fc.constant('olga@acme.example'),
    purpose: fc.constantFrom('', 'Answers questions'),
    status: fc.oneof({ weight: 8, arbitrary: fc.constant('active' as const) }, fc.constantFrom('paused' as const, 'revoked' as const)),
    expiresAt: fc.oneof({ weight: 4, arbitrary: fc.constant(null) }, moment),
    grants: fc.oneof(
      some(grantAreas, fc.constantFrom(...levels)),
      fc.constant(Object.fromEntries(grantAreas.map((area) => [area, 'full' as const]))),
    ),
    rules: fc.array(anyRule, { maxLength: 6 }),
    constraints: fc.oneof(fc.constant({}), some(grantAreas, anyConstraint)),
    fields: fc.array(
      fc.record({
        area: fc.constantFrom(null, ...grantAreas),
        class: fc.constantFrom(...ruledClasses),
        treatment: fc.constantFrom(...fieldTreatments),
      }),
      { maxLength: 4 },
    ),
    taint: fc.constantFrom(null, true, false),
    text: fc.constantFrom('apart' as const, 'in_place' as const),
    combinationAccepted: fc.constantFrom(null, { by: 'olga', at: '2026-11-01T00:00:00Z' }),
  });
  const budget = fc.record({
    weight: fc.integer({ min: 2, max: 100 }),
    burst: fc.integer({ min: 0, max: 100 }),
    maximumRequestsPerDay: fc.constantFrom(null, 0, 10),
  });
  return fc
    .tuple(facts, fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, fc.record({ budget })))
    .map(([agent, share]) => ({ ...agent, ...share }));
}

export const anyPolicy: fc.Arbitrary<Policy> = fc
  .tuple(
    anyAgent(0),
    anyAgent(1),
    fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, fc.array(anyGuardrail, { maxLength: 2 })),
    fc.constantFrom([], ['hooks.acme.example'], ['*.acme.example']),
  )
  .map(([first, second, guardrails, webhookHosts]) => policyOf([first, second], { guardrails, webhookHosts }));

const anyId = fc.constantFrom('1', '2', '3', '7', '90');

/** Arguments of the kind that the schema lets through: some optional ones left out, ids of a few. */
function anyArguments({ endpoint }: Capability): fc.Arbitrary<DecisionRequest['arguments']> {
  const valueOf = (parameter: (typeof endpoint.at & object)[string]): fc.Arbitrary<unknown> => {
    if (parameter.type === 'id') return anyId;
    if (parameter.type === 'id[]') return fc.array(anyId, { minLength: 1, maxLength: 3 });
    if (parameter.type === 'integer') {
      return parameter.format === 'unix-seconds'
        ? fc.constantFrom(-100_000, -3600, -30, 0).map((by) => wednesdayMs / 1000 + by)
        : fc.nat({ max: 50 });
    }
    if (parameter.type === 'boolean') return fc.boolean();
    if (parameter.values !== undefined) return fc.constantFrom(...parameter.values);
    if (parameter.format === 'https-url') return fc.constantFrom('https://hooks.acme.example/a', 'https://evil.example/');
    if (parameter.format === 'id-or-email') return fc.oneof(anyId, fc.constant('ann@acme.example'));
    if (parameter.fields !== undefined) {
      const inner = fc.record(Object.fromEntries(Object.entries(parameter.fields).map(([name, each]) => [name, valueOf(each)])), {
        requiredKeys: [],
        noNullPrototype: true,
      });
      return parameter.type === 'object[]' ? fc.array(inner, { maxLength: 2 }) : inner;
    }
    if (parameter.type === 'object') return fc.constant({});
    return parameter.type.endsWith('[]') ? fc.constant(['text']) : fc.constant('text');
  };
  const group = (parameters: typeof endpoint.at) =>
    fc.record(Object.fromEntries(Object.entries(parameters ?? {}).map(([name, parameter]) => [name, valueOf(parameter)])), {
      requiredKeys: Object.keys(parameters ?? {}).filter((name) => parameters?.[name]?.required === true),
      noNullPrototype: true,
    });
  return fc.record({
    at: group(endpoint.at) as fc.Arbitrary<Record<string, string>>, // path parameters are ids and text
    query: group(endpoint.query),
    body: endpoint.body === undefined ? fc.constant(null) : group(endpoint.body),
  });
}

export function anyRequest(capability: Capability): fc.Arbitrary<DecisionRequest> {
  return fc.record({
    agentId: fc.constant('ag_support'),
    capability: fc.constant(capability.id),
    invalid: fc.oneof({ weight: 9, arbitrary: fc.constant(null) }, fc.constant('`id` is required.')),
    arguments: anyArguments(capability),
    dryRun: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, fc.constant(true)),
    nowMs: fc.constantFrom(wednesdayMs, wednesdayMs - 1, wednesdayMs + 12 * 3_600_000),
    usage: fc.record({
      requestsToday: fc.constantFrom(0, 10),
      rowsToday: fc.constantFrom(0, 10),
      writesToday: fc.constantFrom(0, 10),
      commentsOnCall: fc.constantFrom(0, 1, 5),
    }),
    readTextAtMs: fc.constantFrom(null, wednesdayMs - 60_000, wednesdayMs - 86_400_000),
    approved: fc.boolean(),
    confirmed: fc.boolean(),
  });
}

/** A capability of the catalogue and a request for it. */
export const anyAsk: fc.Arbitrary<{ readonly capability: Capability; readonly request: DecisionRequest }> = anyCapability.chain(
  (capability) => anyRequest(capability).map((request) => ({ capability, request })),
);

/** A policy and a request that have to do with one another: rules for that capability, limits in its area. */
export const anyCase: fc.Arbitrary<{ readonly policy: Policy; readonly capability: Capability; readonly request: DecisionRequest }> = fc
  .tuple(
    anyPolicy,
    anyAsk,
    fc.array(anyRule, { maxLength: 2 }),
    fc.option(anyConstraint, { freq: 2 }),
    fc.option(fc.constantFrom(...levels)),
  )
  .map(([policy, { capability, request }, rules, constraint, level]) => {
    const { id, area } = capability;
    const agents = Object.values(policy.agents).map((agent) =>
      agent.id === request.agentId
        ? {
            ...agent,
            grants: level === null ? agent.grants : { ...agent.grants, [area]: level },
            rules: [...agent.rules, ...rules.map((rule) => ({ ...rule, capability: id }))],
            constraints: constraint === null ? agent.constraints : { ...agent.constraints, [area]: constraint },
          }
        : agent,
    );
    return { policy: policyOf(agents, policy), capability, request };
  });
