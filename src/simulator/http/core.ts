// The simulated API as a function from a request to an answer. Sockets, faults and latency are laid around it.
import { endpoints } from '../../aircall/index.ts';
import { isObject } from '../../base/index.ts';
import type { UnknownRecord } from '../../base/index.ts';
import type { Company } from '../company/company.ts';
import type { Texts } from '../company/texts.ts';
import { seedOf } from '../random.ts';
import { handlers } from '../routes/handlers.ts';
import { identify } from './credentials.ts';
import type { Keys } from './credentials.ts';
import type { Exchange } from './exchange.ts';
import { withHeaders } from './message.ts';
import type { ApiRequest, ApiResponse } from './message.ts';
import { Query } from './query.ts';
import type { RateLimit, Verdict } from './rate-limit.ts';
import { refused, refusedAtEdge, refusedByState } from './refusals.ts';
import { Router } from './router.ts';
import type { Route } from './router.ts';

export type CoreOptions = {
  readonly company: Company;
  readonly texts: Texts;
  readonly keys: Keys;
  readonly rateLimit: RateLimit;
  /** Asked for late: the port is known only once the shell listens. */
  readonly origin: () => string;
  readonly afterCount: () => void;
};

export type CoreAnswer = { readonly response: ApiResponse; readonly route: Route | null; readonly counted: boolean };

export class Core {
  readonly #options: CoreOptions;
  readonly #router = new Router(endpoints);
  #requests = 0;

  constructor(options: CoreOptions) {
    this.#options = options;
  }

  route(request: ApiRequest): Route | 'verb' | undefined {
    return this.#router.find(request.method, request.path);
  }

  handle(request: ApiRequest): CoreAnswer {
    const { company, keys, rateLimit } = this.#options;
    const seed = seedOf(company.seed, 19, (this.#requests += 1));
    const route = this.route(request);
    if (route === undefined) return answered(refusedAtEdge(404, seed), null, false);
    const isOpen = route !== 'verb' && route.endpoint.credentials === 'none';
    const identity = isOpen ? 'none' : identify(request, keys);
    if (!isOpen && identity === 'none') return answered(refusedAtEdge(401, seed), null, false);
    if (identity === 'wrong') return answered(refusedAtEdge(403, seed), null, false);
    const verdict = rateLimit.take(company.nowMs());
    if (!verdict.isGranted) return answered(tooMany(verdict), route === 'verb' ? null : route, true);
    if (route === 'verb') return answered(refused(405, 'This method is not supported here'), null, true);

    const body = parseBody(request.body);
    if (body === undefined) return answered(refused(400, 'The body is not valid JSON'), route, true);
    const handler = handlers.get(route.endpoint.id);
    if (handler === undefined) throw new TypeError(`No handler for ${route.endpoint.id}.`);
    const exchange: Exchange = {
      request,
      endpoint: route.endpoint,
      at: route.at,
      query: new Query(request.query),
      body,
      company,
      texts: this.#options.texts,
      seed,
      credential: identity,
      origin: this.#options.origin(),
      afterCount: this.#options.afterCount,
    };
    if (route.endpoint.credentials === 'oauth' && identity !== 'oauth') {
      return answered(refusedByState(403, 'This endpoint is for integrations that use OAuth'), route, true);
    }
    return answered(handler(exchange), route, true);
  }
}

function answered(response: ApiResponse, route: Route | null, counted: boolean): CoreAnswer {
  return { response, route, counted };
}

function tooMany({ limit, remaining, resetAtMs }: Verdict): ApiResponse {
  return withHeaders(refused(429, `API rate limit of ${limit} requests per minute reached`), {
    'X-AircallApi-Limit': String(limit),
    'X-AircallApi-Remaining': String(remaining),
    'X-AircallApi-Reset': String(Math.ceil(resetAtMs / 1000)),
  });
}

/** An empty body counts as an empty object. */
function parseBody(text: string): UnknownRecord | undefined {
  if (text.trim() === '') return {};
  try {
    const body: unknown = JSON.parse(text);
    return isObject(body) ? body : undefined;
  } catch {
    return undefined;
  }
}
