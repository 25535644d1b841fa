import { systemClock } from '../base/index.ts';
import { Churn } from './churn.ts';
import type { ChurnOptions } from './churn.ts';
import { startCall } from './company/change-calls.ts';
import { Company } from './company/company.ts';
import { truthOf } from './company/truth.ts';
import type { Truth, TruthOptions } from './company/truth.ts';
import { createControls } from './controls.ts';
import type { SimulatedCompany } from './controls.ts';
import { Faults } from './faults.ts';
import { Core } from './http/core.ts';
import type { Delivery, Wire } from './http/delivery.ts';
import { emptyAnswer, withHeaders } from './http/message.ts';
import type { ApiRequest } from './http/message.ts';
import { RateLimit } from './http/rate-limit.ts';
import { refused } from './http/refusals.ts';
import { RequestLog } from './http/request-log.ts';
import { listen } from './http/server.ts';
import { OauthDesk } from './oauth-desk.ts';
import { checkOptions, defaultOptions } from './options.ts';
import type { SimulatorOptions } from './options.ts';
import { Random, seedOf } from './random.ts';
import { startStorm } from './storm.ts';
import type { StormOptions } from './storm.ts';
import { WebhookDelivery } from './webhook-delivery.ts';
import type { DeliveryAttempt } from './webhook-delivery.ts';

/** A running simulated Aircall. */
export interface Simulator {
  /** `http://127.0.0.1:PORT`, without a path. */
  readonly baseUrl: string;
  readonly apiId: string;
  readonly apiToken: string;
  /** A token of an OAuth integration that is installed already. */
  readonly accessToken: string;
  readonly oauth: OauthDesk;
  /** Where an admin's browser is sent to consent. */
  readonly authorizeUrl: string;
  /** The company behind the API, to look at and to change. */
  readonly company: SimulatedCompany;
  readonly faults: Faults;
  readonly requests: RequestLog;
  /** Every attempt to deliver an event, when `delivers` is on. */
  readonly deliveries: readonly DeliveryAttempt[];
  /** Every record of every stream, as the API would serve it now. */
  truth(options?: TruthOptions): Truth;
  /** Lets the company live on while it is read. Several churns add up. */
  churn(options: ChurnOptions): Churn;
  /** Many faults at random; the returned function ends them. */
  storm(options: StormOptions): () => void;
  /** Resolves once no attempt to deliver is on its way. Those that wait for another try do not count. */
  delivered(): Promise<void>;
  /** Stops listening and drops open connections. Safe to call twice. */
  close(): Promise<void>;
}

/**
 * Starts a simulated Aircall and resolves once it listens. Rejects with `UsageError` for an option it cannot use, and with
 * the system's error when the port is taken.
 */
export async function startSimulator(given: SimulatorOptions = {}): Promise<Simulator> {
  const switches = checkOptions(given);
  const options = { ...defaultOptions, ...given };
  const clock = given.clock ?? systemClock;
  const company = new Company(options, clock, switches);
  for (let open = 0; open < options.openCalls; open += 1) startCall(company, { startedAt: company.now() - 2 * open });
  const secrets = new Random(seedOf(options.seed, 31));
  const apiId = secrets.hex(32);
  const apiToken = secrets.hex(32);
  const oauth = new OauthDesk(options.seed, given.redirectUris ?? [], switches);
  const accessToken = oauth.issueToken();
  const requests = new RequestLog();
  const faults = new Faults(() => company.nowMs());
  const churns: Churn[] = [];
  const delivery = options.delivers ? new WebhookDelivery(company, clock) : undefined;
  let origin = '';
  const core = new Core({
    company,
    oauth,
    keys: { apiId, apiToken, isTokenValid: (token) => oauth.isTokenValid(token) },
    rateLimit: new RateLimit(given.requestsPerMinute, switches),
    missingProducts: new Set(given.missingProducts),
    origin: () => origin,
    afterCount: () => {
      for (const churn of churns) churn.withinPage();
    },
  });

  const listener = await listen({ host: options.host, port: options.port, clock, latencyMs: options.latencyMs, answer });
  origin = listener.origin;
  return {
    baseUrl: origin,
    apiId,
    apiToken,
    accessToken,
    oauth,
    authorizeUrl: `${origin}${authorizePath}`,
    company: createControls(company),
    faults,
    requests,
    deliveries: delivery?.attempts ?? [],
    truth: (wanted) => {
      company.tick();
      return truthOf(company, wanted);
    },
    churn: (wanted) => {
      const churn = new Churn(company, wanted);
      churns.push(churn);
      return churn;
    },
    storm: (wanted) => startStorm(faults, wanted),
    delivered: async () => delivery?.quiet(),
    async close() {
      await delivery?.close();
      await listener.close();
    },
  };

  function answer(request: ApiRequest): Delivery {
    company.tick();
    if (request.path === authorizePath) return { response: consent(request), wire: { kind: 'whole' }, onEnd: () => {} };
    for (const churn of churns) churn.beforeRequest();
    const arrival = core.arrive(request);
    const endpoint = arrival.route === undefined || arrival.route === 'verb' ? null : arrival.route.endpoint.id;
    const nowMs = company.nowMs();
    let wire: Wire = { kind: 'whole' };
    const { response, counted } = core.answer(arrival, (apply) => {
      const treatment = faults.treat({ request, endpoint, nowMs });
      wire = treatment?.wire ?? wire;
      return treatment === undefined ? apply() : treatment.answer(apply);
    });
    const isAnswered = isEverAnswered(wire);
    const entry = requests.add({
      atMs: nowMs,
      endMs: null,
      method: request.method,
      path: request.path,
      query: request.query,
      endpoint,
      status: isAnswered ? response.status : 0,
      counted,
    });
    return {
      response: withHeaders(response, { date: new Date(nowMs).toUTCString() }),
      wire,
      onEnd: () => {
        entry.endMs = company.nowMs();
      },
    };
  }

  /** The dashboard's part of OAuth: the admin decides at once. */
  function consent(request: ApiRequest) {
    const query = new URLSearchParams(request.query);
    const text = (name: string) => query.get(name) ?? '';
    const location = oauth.authorize(
      {
        clientId: text('client_id'),
        redirectUri: text('redirect_uri'),
        responseType: text('response_type'),
        scope: text('scope'),
        state: query.get('state') ?? undefined,
      },
      company.nowMs(),
    );
    if (location === undefined) return refused(400, 'The authorization request is invalid');
    return withHeaders(emptyAnswer(302), { location });
  }
}

const authorizePath = '/oauth/authorize';

function isEverAnswered(wire: Wire): boolean {
  return wire.kind !== 'reset' && (wire.kind !== 'hang' || wire.forMs !== undefined);
}
