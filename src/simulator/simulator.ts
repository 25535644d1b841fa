import { systemClock } from '../base/index.ts';
import { Company } from './company/company.ts';
import { Texts } from './company/texts.ts';
import { truthOf } from './company/truth.ts';
import type { Truth, TruthOptions } from './company/truth.ts';
import { Core } from './http/core.ts';
import type { Delivery } from './http/delivery.ts';
import { withHeaders } from './http/message.ts';
import type { ApiRequest } from './http/message.ts';
import { RateLimit } from './http/rate-limit.ts';
import { RequestLog } from './http/request-log.ts';
import { listen } from './http/server.ts';
import { checkOptions, defaultOptions } from './options.ts';
import type { SimulatorOptions } from './options.ts';
import { Random, seedOf } from './random.ts';

/** A running simulated Aircall. */
export interface Simulator {
  /** `http://127.0.0.1:PORT`, without a path. */
  readonly baseUrl: string;
  readonly apiId: string;
  readonly apiToken: string;
  /** A token of an OAuth integration. */
  readonly accessToken: string;
  /** The company behind the API, to look at and to change. */
  readonly company: Company;
  readonly requests: RequestLog;
  /** Every record of every stream, as the API would serve it now. */
  truth(options?: TruthOptions): Truth;
  /** Stops listening and drops open connections. Safe to call twice. */
  close(): Promise<void>;
}

/**
 * Starts a simulated Aircall and resolves once it listens. Rejects with `UsageError` for an option it cannot use, and with
 * the system's error when the port is taken.
 */
export async function startSimulator(given: SimulatorOptions = {}): Promise<Simulator> {
  checkOptions(given);
  const options = { ...defaultOptions, ...given };
  const clock = given.clock ?? systemClock;
  const company = new Company(options, clock);
  const texts = new Texts(company);
  const secrets = new Random(seedOf(options.seed, 31));
  const apiId = secrets.hex(32);
  const apiToken = secrets.hex(32);
  const accessToken = secrets.hex(48);
  const requests = new RequestLog();
  let origin = '';
  const core = new Core({
    company,
    texts,
    keys: { apiId, apiToken, isTokenValid: (token) => token === accessToken },
    rateLimit: new RateLimit({ requestsPerMinute: options.requestsPerMinute, window: 'fixed', blocks: false }),
    origin: () => origin,
    afterCount: () => {},
  });

  const listener = await listen({ host: options.host, port: options.port, clock, latencyMs: options.latencyMs, answer });
  origin = listener.origin;
  return {
    baseUrl: origin,
    apiId,
    apiToken,
    accessToken,
    company,
    requests,
    truth: (wanted) => {
      company.tick();
      return truthOf(company, texts, wanted);
    },
    close: () => listener.close(),
  };

  function answer(request: ApiRequest): Delivery {
    company.tick();
    const { response, route, counted } = core.handle(request);
    const entry = requests.add({
      atMs: company.nowMs(),
      endMs: null,
      method: request.method,
      path: request.path,
      query: request.query,
      endpoint: route?.endpoint.id ?? null,
      status: response.status,
      counted,
    });
    return {
      response: withHeaders(response, { date: new Date(company.nowMs()).toUTCString() }),
      wire: { kind: 'whole' },
      onEnd: () => {
        entry.endMs = company.nowMs();
      },
    };
  }
}
