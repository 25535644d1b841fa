// A capability for people to read: everything about it in plain values and sentences, for the command line and the documentation.
import type { Parameter, Parameters } from '../../aircall/index.ts';
import { agentClassOf } from './capability.ts';
import type { Capability } from './capability.ts';

export type CapabilityFacts = {
  readonly id: string;
  readonly does: string;
  readonly area: string;
  readonly method: string;
  readonly path: string;
  /** Of Aircall's API. */
  readonly version: 'v1' | 'v2';
  readonly kind: 'resource' | 'action';
  readonly effect: string;
  /** The lowest level of the area that permits it. */
  readonly access: 'read' | 'write' | 'full';
  readonly friction: 'none' | 'confirm' | 'approve';
  /** Requests to Aircall at most, with the look-up before it. */
  readonly cost: number;
  /** The webhook event it causes, or that announces what it reads; null where there is none. */
  readonly event: string | null;
  /** What Aircall, or the gateway, limits; each a sentence. */
  readonly limits: readonly string[];
  /** The product or plan without which Aircall refuses it; null: any. */
  readonly product: string | null;
  /** ISO date from which Aircall refuses it; null: no end is known. */
  readonly endsOn: string | null;
  /** Areas whose objects can stand in the answer; each is shown only to agents that may read it. */
  readonly embeds: readonly string[];
  /** What the answer can hold, as `<area> <class>`. */
  readonly holds: readonly string[];
  /** Parameters by which values of a class can be searched for. */
  readonly searches: readonly string[];
};

export function factsOf(capability: Capability): CapabilityFacts {
  const { id, endpoint, area, kind, effect, need, friction, cost, embeds, classes, searches } = capability;
  return {
    id,
    does: endpoint.title,
    area,
    method: endpoint.method,
    path: endpoint.path,
    version: endpoint.path.startsWith('/v2/') ? 'v2' : 'v1',
    kind,
    effect,
    access: need,
    friction,
    cost,
    event: endpoint.event ?? null,
    limits: limitsOf(capability),
    product: endpoint.product ?? null,
    endsOn: endpoint.removedOn ?? null,
    embeds,
    holds: classes.map((held) => `${held.area} ${held.class}`),
    searches: searches.map(({ parameter }) => parameter),
  };
}

function limitsOf({ endpoint, mostPerObject, rows }: Capability): string[] {
  const { pagination, maximumBodyBytes, query = {}, body = {} } = endpoint;
  const parameters = [...inside(query), ...inside(body)];
  const kept = parameters.flatMap(([name, { agents }]) =>
    agents === undefined
      ? []
      : 'never' in agents
        ? [`Agents may not send \`${name}\`: ${agents.never}.`]
        : [`Agents must send \`${name}\`: ${agents.always}.`],
  );
  const hidden = Object.entries(rows?.of.fields ?? {}).filter(([, field]) => agentClassOf(field) === 'secret');
  return [
    ...(mostPerObject === null ? [] : [`At most ${mostPerObject} by one agent on the same object.`]),
    ...(pagination?.by === 'page'
      ? [`At most ${pagination.maximumPerPage} rows a page, and ${grouped(pagination.positionalCap)} rows of one list.`]
      : []),
    ...parameters.flatMap(([name, { maximumItems, maximumLength }]) => [
      ...(maximumItems === undefined ? [] : [`At most ${maximumItems} in \`${name}\`.`]),
      ...(maximumLength === undefined ? [] : [`At most ${grouped(maximumLength)} characters in \`${name}\`.`]),
    ]),
    ...(maximumBodyBytes === undefined ? [] : [`A body under ${grouped(maximumBodyBytes)} bytes.`]),
    ...kept,
    ...hidden.map(([name]) => `Agents never see \`${name}\`.`),
  ];
}

function inside(parameters: Parameters, prefix = ''): readonly (readonly [string, Parameter])[] {
  return Object.entries(parameters).flatMap(([name, parameter]) => [
    [prefix + name, parameter] as const,
    ...inside(parameter.fields ?? {}, `${prefix}${name}.`),
  ]);
}

function grouped(count: number): string {
  return count.toLocaleString('en-US');
}
