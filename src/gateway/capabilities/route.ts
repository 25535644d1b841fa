// From a method and the parts of a path to a capability. A known path with another method, and a parameter that does not fit
// its type, are no route: what does not fit does not exist.
import type { Capability } from './capability.ts';
import { capabilities } from './capabilities.ts';
import { parseSegment } from './arguments.ts';

export type RouteMatch = {
  readonly capability: Capability;
  /** The parameters of the path in their one way of writing. */
  readonly at: Readonly<Record<string, string>>;
};

type Route = { readonly capability: Capability; readonly parts: readonly string[] };

export type RouteMatcher = (method: string, segments: readonly string[]) => RouteMatch | null;

/**
 * The capability behind a request; null where there is none. `segments` are the parts of the path between slashes, decoded
 * once: `['v1', 'calls', '812345']`.
 */
export const matchRoute: RouteMatcher = createRouteMatcher(capabilities);

/** Finds among these only. Words go before parameters, so that `search` is never taken for an id. */
export function createRouteMatcher(among: readonly Capability[]): RouteMatcher {
  const routes = routesByLength(among);
  return (method, segments) => {
    for (const { capability, parts } of routes.get(`${method} ${segments.length}`) ?? []) {
      const at = parametersOf(capability, parts, segments);
      if (at !== null) return { capability, at };
    }
    return null;
  };
}

function parametersOf(
  { endpoint }: Capability,
  parts: readonly string[],
  segments: readonly string[],
): Readonly<Record<string, string>> | null {
  const at: Record<string, string> = {};
  for (const [index, part] of parts.entries()) {
    const segment = segments[index];
    if (segment === undefined) return null;
    if (!part.startsWith(':')) {
      if (segment !== part) return null;
      continue;
    }
    const name = part.slice(1);
    const parameter = endpoint.at?.[name];
    const value = parameter === undefined ? null : parseSegment(parameter, segment);
    if (value === null) return null;
    at[name] = value;
  }
  return at;
}

/** By method and number of parts; those with words in earlier places first. */
function routesByLength(among: readonly Capability[]): ReadonlyMap<string, readonly Route[]> {
  const grouped = new Map<string, Route[]>();
  for (const capability of among) {
    const { method, path } = capability.endpoint;
    const parts = path.split('/').slice(1);
    const key = `${method} ${parts.length}`;
    grouped.set(key, [...(grouped.get(key) ?? []), { capability, parts }]);
  }
  for (const routes of grouped.values()) routes.sort(wordsFirst);
  return grouped;
}

function wordsFirst(a: Route, b: Route): number {
  for (const [index, part] of a.parts.entries()) {
    const difference = Number(part.startsWith(':')) - Number(b.parts[index]?.startsWith(':') ?? false);
    if (difference !== 0) return difference;
  }
  return 0;
}
