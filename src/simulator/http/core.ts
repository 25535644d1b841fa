// The simulated API as a function from a request to an answer. Sockets, faults and latency are laid around it.
import type { Endpoint } from '../../aircall/index.ts';
import { isObject } from '../../base/index.ts';
import type { UnknownRecord } from '../../base/index.ts';
import type { Company } from '../company/company.ts';
import type { OauthDesk } from '../oauth-desk.ts';
import { seedOf } from '../random.ts';
import { handlers } from '../routes/handlers.ts';
import { absence, routeEntries } from './availability.ts';
import { checkBody } from './check-body.ts';
import { identify } from './credentials.ts';
import type { Identity, Keys } from './credentials.ts';
import type { Exchange } from './exchange.ts';
import type { ApiRequest, ApiResponse } from './message.ts';
import { Query } from './query.ts';
import type { RateLimit } from './rate-limit.ts';
import { refused, refusedAtEdge, refusedByState } from './refusals.ts';
import { Router } from './router.ts';
import type { Route } from './router.ts';

export type CoreOptions = {
  readonly company: Company;
  readonly oauth: OauthDesk;
  readonly keys: Keys;
  readonly rateLimit: RateLimit;
  /** Products the company has not bought. */
  readonly missingProducts: ReadonlySet<string>;
  /** Asked for late: the port is known only once the shell listens. */
  readonly origin: () => string;
  readonly afterCount: () => void;
};

/** `counted`: whether the request took a share of the company's budget. */
export type CoreAnswer = { readonly response: ApiResponse; readonly counted: boolean };

/** Decides what becomes of a request that may be answered: `apply` carries it out, or another in its place. */
export type Treatment = (apply: (request?: ApiRequest) => ApiResponse) => ApiResponse;

/** What a request is, before anything was done about it. */
export type Arrival = { readonly request: ApiRequest; readonly route: Route | 'verb' | undefined; readonly seed: number };

export class Core {
  readonly #options: CoreOptions;
  readonly #router: Router;
  #requests = 0;

  constructor(options: CoreOptions) {
    this.#options = options;
    this.#router = new Router(routeEntries(options.company.switches));
  }

  /** Takes note of a request. Each arrival draws its own order of rows that have none. */
  arrive(request: ApiRequest): Arrival {
    this.#requests += 1;
    const seed = seedOf(this.#options.company.seed, 19, this.#requests);
    return { request, route: this.#router.find(request.method, request.path), seed };
  }

  /**
   * Answers one request. The treatment is asked for behind the edge and the rate limit.
   */
  answer({ request, route, seed }: Arrival, treatment: Treatment): CoreAnswer {
    const { company, keys, rateLimit } = this.#options;
    if (route === undefined) return { response: refusedAtEdge(404, seed), counted: false };
    const isOpen = route !== 'verb' && route.endpoint.credentials === 'none';
    const identity = isOpen ? 'none' : identify(request, keys);
    const refusal = isOpen ? undefined : this.#refusalOf(identity, seed);
    if (refusal !== undefined) return { response: refusal, counted: false };

    const nowMs = company.nowMs();
    const verdict = rateLimit.take(nowMs);
    if (!verdict.isGranted) return { response: rateLimit.label(rateLimit.refusal(verdict, nowMs, seed), verdict, nowMs), counted: true };
    const apply = (other = request) => this.#apply({ request: other, route, seed }, identity);
    const response = treatment(apply);
    rateLimit.answered(response.status);
    return { response: rateLimit.label(response, verdict, nowMs), counted: true };
  }

  #refusalOf(identity: Identity, seed: number): ApiResponse | undefined {
    const { wrongKeyAnswer, revokedTokenAnswer } = this.#options.company.switches;
    switch (identity) {
      case 'none':
        return refusedAtEdge(401, seed);
      case 'wrong key':
        return wrongKeyAnswer === 'edge403' ? refusedAtEdge(403, seed) : refused(401, 'Check your API key');
      case 'wrong token':
        if (revokedTokenAnswer === 'application403') return refused(403, 'Check your access token');
        return refusedAtEdge(revokedTokenAnswer === 'edge401' ? 401 : 403, seed);
      default:
        return undefined;
    }
  }

  #apply({ request, route, seed }: Arrival, identity: Identity): ApiResponse {
    const { company, oauth, missingProducts } = this.#options;
    const { switches } = company;
    if (route === undefined || route === 'verb') {
      return switches.wrongMethodBody === 'edge' ? refusedAtEdge(405, seed) : refused(405, 'This method is not supported here');
    }
    const { endpoint } = route;
    const gone = absence(endpoint, switches, seed);
    if (gone !== undefined) return gone;
    if (endpoint.credentials === 'oauth' && identity !== 'oauth') {
      return refusedByState(403, 'This endpoint is for integrations that use OAuth');
    }
    if (endpoint.product !== undefined && missingProducts.has(endpoint.product)) {
      return refusedByState(403, `${endpoint.product} is not included in your plan`);
    }
    if (endpoint.method !== 'GET' && request.headers['content-type'] === undefined && switches.missingContentType === 'refused') {
      return refused(400, 'Content-Type must be application/json');
    }
    const given = parseBody(request.body);
    if (given === undefined) return refused(400, 'The body is not valid JSON');
    const checked = checkBody(bodyOf(endpoint, switches.messageAuthorField), given, switches);
    if ('problem' in checked) return refused(400, checked.problem);

    const handler = handlers.get(endpoint.id);
    if (handler === undefined) throw new TypeError(`No handler for ${endpoint.id}.`);
    const exchange: Exchange = {
      request,
      endpoint,
      at: route.at,
      query: new Query(request.query),
      body: checked.body,
      company,
      texts: company.texts,
      oauth,
      switches,
      seed,
      credential: identity === 'oauth' ? 'oauth' : 'basic',
      origin: this.#options.origin(),
      afterCount: this.#options.afterCount,
    };
    const response = handler(exchange);
    if (response.status === 404 && switches.notFoundBody === 'edge') return refusedAtEdge(404, seed);
    return response.status === 201 && switches.createStatus === 'status200' ? { ...response, status: 200 } : response;
  }
}

/**
 * What the body may hold. The author of a message goes by the name this account knows, and where a code was sent is
 * compared with where it may go, so that a partner's own machine will do.
 */
function bodyOf({ body }: Endpoint, author: string): Endpoint['body'] {
  const { agentId, redirect_uri: redirectUri } = body ?? {};
  if (agentId !== undefined && author !== 'agentId') return { ...body, agentId: { ...agentId, wire: author } };
  if (redirectUri === undefined) return body;
  const { format: _, ...anyAddress } = redirectUri;
  return { ...body, redirect_uri: anyAddress };
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
