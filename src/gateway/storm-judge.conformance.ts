// What a policy grants, said once more by somebody who has not read how the gateway decides: from the words of the policy and the
// description of the endpoint alone. For the storms, whose judge it is.
import type { Effect, Endpoint, Parameters } from '../aircall/index.ts';
import type { AnyArguments } from '../../test/support/any-arguments.ts';
import type { Agent, Constraint, Policy } from './policy/types.ts';

/** What constraints ask of a row. */
export type Judged = {
  readonly teamIds: readonly number[];
  readonly numberId: number | null;
  readonly userId: number | null;
  readonly tags: readonly { readonly id: number }[];
  readonly direction: string;
  /** UNIX seconds. */
  readonly startedAt: number;
};

const needs: Readonly<Record<Effect, number>> = { read: 1, add: 2, change: 2, delete: 3, live: 3, egress: 3 };
const ranks: Readonly<Record<string, number>> = { off: 0, read: 1, write: 2, full: 3 };
const axes: Readonly<Record<string, 'users' | 'teams' | 'numbers' | 'tags'>> = {
  user: 'users',
  team: 'teams',
  number: 'numbers',
  tag: 'tags',
};

/** Everything that speaks against this request of this agent under this policy; empty when nothing does. */
export function forbidden(
  policy: Policy,
  agent: Agent,
  { endpoint, given }: { readonly endpoint: Endpoint; readonly given: AnyArguments },
  /** Calls as they are, by id. */
  { rows, nowMs }: { readonly rows: ReadonlyMap<string, Judged>; readonly nowMs: number },
): readonly string[] {
  const { id, area, effect, at, query, body } = endpoint;
  const rules = rulesFor(agent, id, nowMs);
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
    ...(isOpen(limits[area]?.hours, nowMs) ? [] : ['outside the hours']),
    ...addressesIn(body, given.body).flatMap((address) =>
      isListed(address, policy.webhookHosts) ? [] : ['an address that is not listed'],
    ),
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

export function isWithin(call: Judged, limit: Constraint, nowMs: number): boolean {
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
    (limit.directions === undefined || (limit.directions as readonly string[]).includes(call.direction)) &&
    (limit.newerThanSeconds === undefined || call.startedAt * 1000 >= nowMs - limit.newerThanSeconds * 1000)
  );
}

/** Rules for an endpoint that have not ended. */
export function rulesFor(agent: Agent, id: string, nowMs: number): Agent['rules'] {
  return agent.rules.filter(({ capability, expiresAt }) => capability === id && (expiresAt === null || nowMs < Date.parse(expiresAt)));
}

/** By the clock on the wall of the time zone; hours that end before they begin end on the next day. */
function isOpen(hours: Constraint['hours'], nowMs: number): boolean {
  if (hours === undefined) return true;
  const { days, from, to, timeZone } = hours;
  const [weekday = '', time = ''] = wallClock(timeZone).format(nowMs).split(' ');
  const day = 1 + ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'].indexOf(weekday);
  if (from < to) return days.includes(day) && time >= from && time < to;
  return (days.includes(day) && time >= from) || (days.includes(day === 1 ? 7 : day - 1) && time < to);
}

const wallClocks = new Map<string, Intl.DateTimeFormat>();

function wallClock(timeZone: string): Intl.DateTimeFormat {
  const known = wallClocks.get(timeZone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-US', { timeZone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  wallClocks.set(timeZone, made);
  return made;
}

function addressesIn(described: Parameters = {}, given: unknown): readonly string[] {
  if (typeof given !== 'object' || given === null) return [];
  return Object.entries(given as Readonly<Record<string, unknown>>).flatMap(([name, value]) => {
    const { format, fields } = described[name] ?? {};
    if (fields !== undefined) return [value].flat().flatMap((each) => addressesIn(fields, each));
    return format === 'https-url' ? [value].flat().filter((each) => typeof each === 'string') : [];
  });
}

function isListed(address: string, hosts: readonly string[]): boolean {
  const { hostname } = new URL(address);
  return hosts.some((host) => (host.startsWith('*.') ? hostname.endsWith(host.slice(1)) : hostname === host));
}
