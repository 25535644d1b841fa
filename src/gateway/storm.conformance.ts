// Random policies and random requests, through the REST surface of a whole gateway to a simulated Aircall, and a judge who knows
// nothing of how the gateway decides: only what reached Aircall, what the log says, and what the policy grants.
import fc from 'fast-check';
import { stringify } from 'json-custom-numbers';
import { endpoints } from '../aircall/index.ts';
import type { Effect, Endpoint, Parameters } from '../aircall/index.ts';
import { planRequest } from '../client/index.ts';
import type { AuditRecord } from './audit/record.ts';
import type { Agent, Constraint, Policy } from './policy/types.ts';
import { anyArguments } from '../../test/support/any-arguments.ts';
import type { AnyArguments } from '../../test/support/any-arguments.ts';
import { anyPolicy } from './policy/random-policies.conformance.ts';
import { everything, openGatewayLab } from '../../test/support/gateway-lab.ts';
import type { AskOptions, GatewayLab, LabAgent } from '../../test/support/gateway-lab.ts';

export type Gust = {
  readonly endpoint: Endpoint;
  readonly given: AnyArguments;
  /** Ids of the simulated company in place of random ones, so that some requests are about something. */
  readonly real: boolean;
  readonly dryRun: boolean;
  /** Confirms what has to be confirmed, and has a person who approves everything. */
  readonly insists: boolean;
};

const anyGust: fc.Arbitrary<Gust> = fc.constantFrom<Endpoint>(...endpoints).chain((endpoint) =>
  fc.record({
    endpoint: fc.constant(endpoint),
    given: anyArguments({ endpoint }),
    real: fc.nat(3).map((dice) => dice > 0),
    dryRun: fc.nat(9).map((dice) => dice === 0),
    insists: fc.nat(3).map((dice) => dice > 0),
  }),
);

/** A policy for one agent, and what that agent asks for under it. */
export type Storm = { readonly policy: Policy; readonly gusts: readonly Gust[] };

const anyRuling = fc.constantFrom('deny' as const, 'approve' as const, 'allow' as const, null, null, null);

export const anyStorm: fc.Arbitrary<Storm> = fc
  .tuple(anyPolicy, fc.nat(3), fc.array(fc.tuple(anyGust, anyRuling), { minLength: 4, maxLength: 12 }))
  .map(([policy, dice, drawn]) => {
    const agents = dice === 0 ? policy.agents : opened(policy.agents);
    // Rules about what is asked for: of those that are drawn with the policy few would be.
    const rules = drawn.flatMap(([{ endpoint }, effect], place) =>
      effect === null || 'never' in endpoint.agents
        ? []
        : [{ id: `r-${place}`, capability: endpoint.id, effect, reason: '', expiresAt: null } as const],
    );
    return { policy: { ...policy, agents: withRules(agents, rules) }, gusts: drawn.map(([gust]) => gust) };
  });

function withRules(agents: Policy['agents'], rules: Agent['rules']): Policy['agents'] {
  return Object.fromEntries(Object.entries(agents).map(([id, agent]) => [id, { ...agent, rules: [...agent.rules, ...rules] }]));
}

/** With levels everywhere, so that limits and rules get their say. */
function opened(agents: Policy['agents']): Policy['agents'] {
  return Object.fromEntries(
    Object.entries(agents).map(([id, agent]) => [id, { ...agent, status: 'active', expiresAt: null, taint: false, grants: everything() }]),
  );
}

export type StormLab = {
  readonly lab: GatewayLab;
  readonly agent: LabAgent;
  readonly ids: ReadonlyMap<string, string>;
  /** How far the log has been read. */
  readonly read: { seq: number };
};

export async function openStormLab(): Promise<StormLab> {
  const lab = await openGatewayLab({ simulator: { calls: 20, contacts: 10 }, client: { retry: { attempts: 1 } } });
  const agent = await lab.addAgent('Storm');
  const { calls, contacts, users, teams, numbers, tags, webhooks } = lab.simulator.company;
  const first = (rows: Iterable<{ readonly id: number }>) => String([...rows][0]?.id ?? 1);
  const ids = new Map([
    ['call', first(calls.all())],
    ['contact', first(contacts.all())],
    ['user', first(users.all())],
    ['team', first(teams.all())],
    ['number', first(numbers.all())],
    ['tag', first(tags.all())],
    ['webhook', [...webhooks.all()][0]?.webhookId ?? '1'],
  ]);
  return { lab, agent, ids, read: { seq: 0 } };
}

/** Lets it blow; what was wrong, in words, and how many requests reached Aircall. */
export async function blow(
  { lab, agent, ids, read }: StormLab,
  { policy, gusts }: Storm,
): Promise<{ wrong: readonly string[]; reached: number }> {
  const [drawn] = Object.values(policy.agents);
  if (drawn === undefined) throw new TypeError('A storm needs an agent.');
  // Limits of the random policies name small ids; half of them shall be those that there are.
  const constraints = Object.fromEntries(Object.entries(drawn.constraints).map(([area, limits]) => [area, withReal(limits, ids)]));
  const changed: Agent = { ...drawn, constraints, id: agent.id, name: 'Storm' };
  await lab.changePolicy(({ agents }) => ({
    agents: { ...agents, [agent.id]: changed },
    guardrails: policy.guardrails,
    webhookHosts: policy.webhookHosts,
  }));
  const current = lab.policies.current();
  const wrong: string[] = [];
  let reached = 0;
  for (const gust of gusts) {
    const requests = lab.simulator.requests.entries.length;
    const sent = asked(gust, ids);
    const rows = new Map([...lab.simulator.company.calls.all()].map((call) => [String(call.id), call]));
    const options: AskOptions = {
      ...(sent.body === null ? {} : { body: sent.body }),
      headers: gust.dryRun ? { 'x-dry-run': '1' } : {},
    };
    const { endpoint } = gust;
    if (gust.insists && !gust.dryRun) await lab.insist(agent, endpoint.method, sent.path, options);
    else await lab.ask(agent, endpoint.method, sent.path, options);
    const facts = {
      gust: { ...gust, given: sent.given },
      reached: lab.simulator.requests.entries.slice(requests),
      records: lab.records(read.seq),
      rows,
      nowMs: lab.clock.now(),
    };
    reached += facts.reached.length;
    read.seq = facts.records.at(-1)?.seq ?? read.seq;
    wrong.push(...judge(current, changed, facts));
  }
  return { wrong, reached };
}

function withReal(limits: Constraint, ids: ReadonlyMap<string, string>): Constraint {
  const names = { teams: 'team', numbers: 'number', users: 'user', tags: 'tag' } as const;
  return Object.fromEntries(
    Object.entries(limits).map(([name, value]) => {
      const id = ids.get((names as Readonly<Record<string, string>>)[name] ?? '');
      return [name, id !== undefined && Array.isArray(value) && value.includes('1') ? [...(value as string[]), id] : value];
    }),
  );
}

function asked({ endpoint, given, real }: Gust, ids: ReadonlyMap<string, string>) {
  const at = Object.fromEntries(
    Object.entries(given.at).map(([name, value]) => [name, (real ? ids.get(endpoint.at?.[name]?.names ?? '') : undefined) ?? value]),
  );
  const { path, body } = planRequest(endpoint, { ...given, at });
  // Ids beyond 2^53 with all their digits.
  const text = stringify(body, undefined, undefined, (_key, value, type) => (type === 'bigint' ? String(value) : undefined));
  return { given: { ...given, at }, path, body: body === null ? null : text };
}

type Reached = GatewayLab['simulator']['requests']['entries'][number];
type Call = ReturnType<GatewayLab['simulator']['company']['calls']['add']>;

type Facts = {
  readonly gust: Gust;
  readonly reached: readonly Reached[];
  readonly records: readonly AuditRecord[];
  /** Calls as they were before. */
  readonly rows: ReadonlyMap<string, Call>;
  readonly nowMs: number;
};

/** Everything that is wrong with what reached Aircall; empty when nothing is. */
function judge(policy: Policy, agent: Agent, { gust, reached, records, rows, nowMs }: Facts): readonly string[] {
  const intents = records.filter(({ phase }) => phase === 'intent');
  const allowed = intents.filter(({ decision }) => decision?.effect === 'allow');
  const isAsked = intents.some(({ decision }) => decision?.effect === 'needs_confirm');
  const wrong: string[] = [];
  let acts = 0;
  for (const { endpoint: id, method, path } of reached) {
    const what = `${method} ${path}`;
    const { endpoint } = gust;
    if (agent.status !== 'active') wrong.push(`${what}: for an agent that is not active`);
    if ('never' in endpoint.agents) wrong.push(`${what}: not for agents`);
    if (gust.dryRun) wrong.push(`${what}: in a dry run`);
    if (id === endpoint.id && acts < allowed.length) {
      acts += 1;
      if (allowed[0]?.what.capability !== id) wrong.push(`${what}: under the intent of something else`);
      wrong.push(...forbidden(policy, agent, gust, { rows, nowMs }).map((why) => `${what}: ${why}`));
    } else if (method !== 'GET' || (allowed.length === 0 && !isAsked)) wrong.push(`${what}: without an intent`);
  }
  for (const { callId, what } of allowed) {
    const ends = records.filter((record) => record.callId === callId && record.phase === 'outcome').length;
    if (ends !== 1) wrong.push(`${what.capability ?? ''}: ${ends} outcomes`);
  }
  return wrong;
}

const needs: Readonly<Record<Effect, number>> = { read: 1, add: 2, change: 2, delete: 3, live: 3, egress: 3 };
const ranks: Readonly<Record<string, number>> = { off: 0, read: 1, write: 2, full: 3 };
const axes: Readonly<Record<string, 'users' | 'teams' | 'numbers' | 'tags'>> = {
  user: 'users',
  team: 'teams',
  number: 'numbers',
  tag: 'tags',
};

function forbidden(
  policy: Policy,
  agent: Agent,
  { endpoint, given }: Gust,
  { rows, nowMs }: Pick<Facts, 'rows' | 'nowMs'>,
): readonly string[] {
  const { id, area, effect, at, query, body } = endpoint;
  const rules = agent.rules.filter(
    ({ capability, expiresAt }) => capability === id && (expiresAt === null || nowMs < Date.parse(expiresAt)),
  );
  // Names of areas that endpoints for agents never have are in no grant.
  const level = (agent.grants as Readonly<Record<string, string>>)[area] ?? 'off';
  const limits = agent.constraints as Readonly<Record<string, Constraint>>;
  const isWidened = rules.some((rule) => rule.effect === 'allow');
  const named = [...idsIn(at, given.at), ...idsIn(query, given.query), ...idsIn(body, given.body)];
  const outside = named.flatMap(({ names, value }) => {
    const axis = axes[names];
    if (axis === undefined || !/^\d+$/.test(value)) return [];
    return [limits[area]?.[axis], limits[axis]?.[axis]].some((set) => set !== undefined && !set.includes(value))
      ? [`names ${names} ${value}, outside the limits`]
      : [];
  });
  const call = rows.get(named.find(({ names }) => names === 'call')?.value ?? '');
  const held = call === undefined || effect === 'read' ? [] : [limits[area], limits['calls']];
  return [
    ...outside,
    ...held.flatMap((limit) =>
      call === undefined || limit === undefined || isWithin(call, limit, nowMs) ? [] : ['the call is outside the limits'],
    ),
    ...((ranks[level] ?? 0) < needs[effect] && !isWidened ? [`needs more than ${level}`] : []),
    ...(rules.some((rule) => rule.effect === 'deny') ? ['a rule denies it'] : []),
    ...(agent.expiresAt !== null && nowMs >= Date.parse(agent.expiresAt) ? ['the agent has expired'] : []),
    ...policy.guardrails
      .filter(
        ({ forbids }) => (forbids.capability ?? id) === id && (forbids.area ?? area) === area && (forbids.effect ?? effect) === effect,
      )
      .map(() => 'a guardrail forbids it'),
  ];
}

function idsIn(described: Parameters = {}, given: unknown): readonly { readonly names: string; readonly value: string }[] {
  if (typeof given !== 'object' || given === null) return [];
  return Object.entries(given as Readonly<Record<string, unknown>>).flatMap(([name, value]) => {
    const { names, fields } = described[name] ?? {};
    const values = [value].flat();
    if (fields !== undefined) return values.flatMap((each) => idsIn(fields, each));
    return names === undefined
      ? []
      : values.filter((each) => each !== null).map((each) => ({ names, value: JSON.stringify(each).replaceAll('"', '') }));
  });
}

function isWithin(call: Call, limit: Constraint, nowMs: number): boolean {
  const holds = (set: readonly string[] | undefined, ids: readonly (number | null)[]) =>
    set === undefined || ids.some((id) => id !== null && set.includes(String(id)));
  return (
    holds(limit.teams, call.teamIds) &&
    holds(limit.numbers, [call.numberId]) &&
    holds(limit.users, [call.userId]) &&
    holds(
      limit.tags,
      call.tags.map(({ id }) => id),
    ) &&
    (limit.directions === undefined || limit.directions.includes(call.direction)) &&
    (limit.newerThanSeconds === undefined || call.startedAt * 1000 >= nowMs - limit.newerThanSeconds * 1000)
  );
}
