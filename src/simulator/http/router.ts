import type { Endpoint } from '../../aircall/index.ts';
import type { RouteEntry } from './availability.ts';

export type Route = {
  readonly endpoint: Endpoint;
  /** Path parameters, decoded. */
  readonly at: Readonly<Record<string, string>>;
};

type Branch = {
  readonly literal: Map<string, Branch>;
  parameter: Branch | undefined;
  readonly endpoints: Map<string, { readonly endpoint: Endpoint; readonly names: readonly string[] }>;
};

/** Finds the endpoint of a method and path. A literal segment wins over a parameter. */
export class Router {
  readonly #root = emptyBranch();

  constructor(entries: Iterable<RouteEntry>) {
    for (const { method, path, endpoint } of entries) {
      const names: string[] = [];
      let branch = this.#root;
      for (const segment of segmentsOf(path)) {
        if (segment.startsWith(':')) {
          names.push(segment.slice(1));
          branch = branch.parameter ??= emptyBranch();
        } else {
          let next = branch.literal.get(segment);
          if (next === undefined) branch.literal.set(segment, (next = emptyBranch()));
          branch = next;
        }
      }
      branch.endpoints.set(method, { endpoint, names });
    }
  }

  /** The route; `'verb'` when the path exists but not with this method; undefined when there is no such path. */
  find(method: string, path: string): Route | 'verb' | undefined {
    const values: string[] = [];
    const branch = descend(this.#root, segmentsOf(path), 0, values);
    if (branch === undefined) return undefined;
    const found = branch.endpoints.get(method);
    if (found === undefined) return 'verb';
    return { endpoint: found.endpoint, at: Object.fromEntries(found.names.map((name, place) => [name, values[place] ?? ''])) };
  }
}

function descend(branch: Branch, segments: readonly string[], depth: number, values: string[]): Branch | undefined {
  const segment = segments[depth];
  if (segment === undefined) return branch.endpoints.size > 0 ? branch : undefined;
  const literal = branch.literal.get(segment);
  const found = literal === undefined ? undefined : descend(literal, segments, depth + 1, values);
  if (found !== undefined || branch.parameter === undefined || segment === '') return found;
  values.push(decoded(segment));
  const below = descend(branch.parameter, segments, depth + 1, values);
  if (below === undefined) values.pop();
  return below;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function segmentsOf(path: string): string[] {
  return path.split('/').slice(1);
}

function emptyBranch(): Branch {
  return { literal: new Map(), parameter: undefined, endpoints: new Map() };
}
