// All capabilities, derived from the endpoints. What agents never get is in none of them: for the gateway it does not exist.
import { endpoints } from '../../aircall/index.ts';
import type { AgentUse, Area, Effect, Endpoint, Entity, Fields, Parameter, Parameters } from '../../aircall/index.ts';
import type { GrantArea, RuledClass } from '../policy/types.ts';
import { agentClassOf } from './capability.ts';
import type { AnswerRows, Capability, Path, Place, Reference, RowBinding, Search, Subject } from './capability.ts';

type Offered = Endpoint & { readonly area: GrantArea; readonly agents: AgentUse };

const needs: Readonly<Record<Effect, Capability['need']>> = {
  read: 'read',
  add: 'write',
  change: 'write',
  delete: 'full',
  live: 'full',
  egress: 'full',
};

const frictions: Readonly<Record<Effect, Capability['friction']>> = {
  read: 'none',
  add: 'none',
  change: 'none',
  delete: 'confirm',
  live: 'confirm',
  egress: 'approve',
};

/** The entities that constraints speak of, and what they are called there. */
const bound = { team: 'teams', number: 'numbers', user: 'users', tag: 'tags' } as const;

const offered = endpoints.filter(isOffered);

/** The endpoints that show one object by its id: by the object's name, the one that stays first. */
const lookUps = findLookUps();

/** All of them, in the order of the endpoints. */
export const capabilities: readonly Capability[] = Object.freeze(offered.map(describe));

const byId: ReadonlyMap<string, Capability> = new Map(capabilities.map((capability) => [capability.id, capability]));

/** By the endpoint's id; undefined for what does not exist and for what agents never get. */
export function capabilityOf(id: string): Capability | undefined {
  return byId.get(id);
}

function isOffered(endpoint: Endpoint): endpoint is Offered {
  const { agents, area } = endpoint;
  return isGrantArea(area) && !('never' in agents);
}

function isGrantArea(area: Area): area is GrantArea {
  return area !== 'oauth' && area !== 'integrations';
}

function describe(endpoint: Offered): Capability {
  const { id, area, effect, agents } = endpoint;
  const references = referencesOf(endpoint);
  const subject = subjectOf(endpoint, references);
  const rows = rowsOf(endpoint);
  const found = rows === null ? { embeds: [], classes: [] } : walk(rows.of.fields, rows.area);
  const described: Capability = {
    id,
    endpoint,
    area,
    kind: agents.kind,
    need: needs[effect],
    effect,
    cost: subject === null || subject.lookUp === null || subject.lookUp === id ? 1 : 2,
    friction: agents.friction ?? frictions[effect],
    mostPerObject: agents.mostPerObject ?? null,
    rows,
    embeds: [...new Set([...(rows === null ? [] : [rows.area]), ...found.embeds])].filter((embedded) => embedded !== area),
    classes: found.classes,
    searches: searchesOf(endpoint),
    subject,
    references,
    narrows: narrowsOf(endpoint, rows),
    addresses: addressesOf(endpoint.body),
    deed: agents.deed,
  };
  return Object.freeze(described);
}

// ---- what parameters name ------------------------------------------------------------------------------------------

function findLookUps(): ReadonlyMap<string, readonly Offered[]> {
  const found = new Map<string, readonly Offered[]>();
  for (const endpoint of offered) {
    const { effect, answer, at, path } = endpoint;
    if (effect !== 'read' || (answer.envelope !== 'one' && answer.envelope !== 'bare')) continue;
    const [only, ...others] = Object.entries<Parameter>(at ?? {});
    if (only === undefined || others.length > 0 || !path.endsWith(`/:${only[0]}`)) continue;
    const name = resourceOf(answer.of);
    if (only[1].names === name) found.set(name, [...(found.get(name) ?? []), endpoint].sort(lastingFirst));
  }
  return found;
}

function lastingFirst(a: Endpoint, b: Endpoint): number {
  return Number(a.removedOn !== undefined) - Number(b.removedOn !== undefined);
}

function resourceOf({ name, variantOf }: Entity): string {
  return variantOf ?? name;
}

function areaOfResource(name: string): GrantArea | null {
  return lookUps.get(name)?.[0]?.area ?? null;
}

function referencesOf({ at, query, body }: Offered): readonly Reference[] {
  return [...namedIn('at', at), ...namedIn('query', query), ...namedIn('body', body)];
}

function namedIn(place: Place, parameters: Parameters = {}): readonly Reference[] {
  return leaves(parameters).flatMap(({ path, parameter: { names } }) =>
    names === undefined ? [] : [{ place, path, names, area: areaOfResource(names) }],
  );
}

function subjectOf({ id }: Offered, references: readonly Reference[]): Subject | null {
  for (const { place, path, names, area } of references) {
    const [parameter] = path;
    if (place !== 'at' || area === null || parameter === undefined) continue;
    const candidates = lookUps.get(names) ?? [];
    return { parameter, area, lookUp: (candidates.find((candidate) => candidate.id === id) ?? candidates[0])?.id ?? null };
  }
  return null;
}

function addressesOf(body: Parameters = {}): readonly Path[] {
  return leaves(body).flatMap(({ path, parameter: { format } }) => (format === 'https-url' ? [path] : []));
}

type Leaf = { readonly path: Path; readonly parameter: Parameter };

/** All parameters that hold a value, with `*` for the elements of lists. */
function leaves(parameters: Parameters, within: Path = []): readonly Leaf[] {
  return Object.entries(parameters).flatMap(([name, parameter]) => {
    const path = [...within, name, ...(parameter.type.endsWith('[]') ? ['*'] : [])];
    return parameter.fields === undefined ? [{ path, parameter }] : leaves(parameter.fields, path);
  });
}

function searchesOf({ at = {}, query = {} }: Offered): readonly Search[] {
  const places = [
    ['at', at],
    ['query', query],
  ] as const;
  return places.flatMap(([place, parameters]) =>
    Object.entries<Parameter>(parameters).flatMap(([parameter, described]) =>
      described.class === undefined || described.class === 'secret'
        ? []
        : [{ place, parameter, class: described.class, orId: described.format === 'id-or-email' }],
    ),
  );
}

// ---- what answers hold ---------------------------------------------------------------------------------------------

function rowsOf({ answer, area }: Offered): AnswerRows | null {
  if (answer.envelope === 'none') return null;
  return {
    many: answer.envelope === 'list',
    key: answer.envelope === 'bare' ? null : answer.key,
    of: answer.of,
    area: areaOfResource(resourceOf(answer.of)) ?? area,
    binding: bindingOf(answer.of),
  };
}

function bindingOf(of: Entity): RowBinding {
  const { fields, key } = of;
  const paths: Partial<Record<'id' | (typeof bound)[keyof typeof bound] | 'direction' | 'startedAt', Path>> = {};
  if (key !== undefined) paths.id = [key];
  for (const [name, plural] of Object.entries(bound)) {
    const [one, many, id] = [fields[name], fields[plural], fields[`${name}_id`]];
    if (resourceOf(of) === name && key !== undefined) paths[plural] = [key];
    else if (one?.kind === 'object' && one.embeds === name) paths[plural] = [name, 'id'];
    else if (many?.kind === 'list' && many.embeds === name) paths[plural] = [plural, '*', 'id'];
    else if (id !== undefined) paths[plural] = [`${name}_id`];
  }
  if (fields['direction'] !== undefined) paths.direction = ['direction'];
  const started = fields['started_at'];
  if (started?.kind === 'moment' && started.wire === 'seconds') paths.startedAt = ['started_at'];
  return paths;
}

function narrowsOf({ query = {}, timeFilter }: Offered, rows: AnswerRows | null): Capability['narrows'] {
  if (rows === null) return {};
  const { binding } = rows;
  const { user_id: user, tags, direction }: Partial<Parameters> = query;
  return {
    ...(user?.names === 'user' && binding.users !== undefined ? { users: 'user_id' } : {}),
    ...(tags?.names === 'tag' && binding.tags !== undefined ? { tags: 'tags' } : {}),
    ...(direction !== undefined && binding.direction !== undefined ? { directions: 'direction' } : {}),
    ...(timeFilter !== undefined && timeFilter.field === binding.startedAt?.[0] ? { newerThan: 'from' } : {}),
  };
}

type Found = { readonly embeds: readonly GrantArea[]; readonly classes: Capability['classes'] };

function walk(fields: Fields, area: GrantArea): Found {
  const embeds = new Set<GrantArea>();
  const classes = new Map<string, { readonly area: GrantArea; readonly class: RuledClass }>();
  for (const { area: own, field } of fieldsWithin(fields, area)) {
    embeds.add(own);
    const found = agentClassOf(field);
    if (found === null || found === undefined || found === 'secret') continue;
    // Words can hold a phone number or an address: how those are shown has to be known there too.
    const held: readonly RuledClass[] = found === 'freetext' || found === 'person' ? [found, 'phone', 'email'] : [found];
    for (const each of held) classes.set(`${own} ${each}`, { area: own, class: each });
  }
  return { embeds: [...embeds], classes: [...classes.values()] };
}

type Placed = { readonly area: GrantArea; readonly field: Fields[string] };

function fieldsWithin(fields: Fields, area: GrantArea): readonly Placed[] {
  return Object.values(fields).flatMap((field): readonly Placed[] => {
    const own = areaOfField(field, area);
    const inner = field.kind === 'list' ? field.of : field;
    if (inner.kind === 'object') return fieldsWithin(inner.fields, own);
    return inner === field
      ? [{ area: own, field }]
      : [
          { area: own, field },
          { area: own, field: inner },
        ];
  });
}

/**
 * Whose access shows a field that stands in an object of the area `around`: its own where it says so, that of the resource
 * it is an abridged copy of, else that of the object.
 */
export function areaOfField(field: Fields[string], around: GrantArea): GrantArea {
  if (field.area !== undefined) return field.area;
  const embeds = field.kind === 'object' || field.kind === 'list' ? field.embeds : undefined;
  return embeds === undefined ? around : (areaOfResource(embeds) ?? around);
}
