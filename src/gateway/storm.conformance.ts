// Random policies and random requests, through the REST surface of a whole gateway to a simulated Aircall, and a judge who knows
// nothing of how the gateway decides: only what reached Aircall, what the log says, and what the policy grants.
import fc from 'fast-check';
import { stringify } from 'json-custom-numbers';
import { endpoints } from '../aircall/index.ts';
import type { Endpoint } from '../aircall/index.ts';
import { planRequest } from '../client/index.ts';
import type { AuditRecord } from './audit/record.ts';
import type { Agent, Constraint, Policy } from './policy/types.ts';
import { anyArguments } from '../../test/support/any-arguments.ts';
import type { AnyArguments } from '../../test/support/any-arguments.ts';
import { anyPolicy } from './policy/random-policies.conformance.ts';
import { forbidden } from './storm-judge.conformance.ts';
import type { Judged } from './storm-judge.conformance.ts';
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

type Facts = {
  readonly gust: Gust;
  readonly reached: readonly Reached[];
  readonly records: readonly AuditRecord[];
  /** Calls as they were before. */
  readonly rows: ReadonlyMap<string, Judged>;
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
