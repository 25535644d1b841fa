// The gateway on Aircall's own paths: an Aircall client works against it by another base URL and an agent's key. This surface
// only reads requests and writes answers; whether anything is done is decided in the flow, and recorded there too.
import type { IncomingMessage, ServerOptions, ServerResponse } from 'node:http';
import type { Clock } from '../../base/index.ts';
import type { Endpoint, Parameter, Parameters } from '../../aircall/index.ts';
import { matchRoute } from '../capabilities/route.ts';
import type { Gateway, GatewayCall } from '../flow/call.ts';
import { readBody } from './body.ts';
import type { Body } from './body.ts';
import { readHeaders } from './headers.ts';
import { readOwn } from './own-routes.ts';
import { render } from './render.ts';
import type { Rendered } from './render.ts';
import { readTarget } from './target.ts';

export type RestOptions = {
  readonly gateway: Gateway;
  readonly clock: Clock;
  /** What the `Host` header may say, with the port where it is not the usual one: `gateway.example`, `127.0.0.1:4242`. */
  readonly hosts: readonly string[];
  /** Web pages whose scripts may send requests: `https://app.example`. Default: none. */
  readonly origins?: readonly string[];
  /** Who is on the other side, where something stands in between. Default: the address of the connection. */
  readonly addressOf?: (request: IncomingMessage) => string | null;
  /** Default: 256 KiB. */
  readonly maximumBodyBytes?: number;
  /** How long a body may take to arrive. Default: 10,000. */
  readonly bodyTimeoutMs?: number;
};

/** For `createServer`: small headers, and no patience with those who send them slowly. */
export const restServerOptions = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 10_000,
  connectionsCheckingInterval: 5_000,
  // As strict about what ends a request as it can be: what two readers could end in two places must not pass.
  insecureHTTPParser: false,
  // Node would turn such a request away by itself, without a trace; the surface refuses and records it.
  requireHostHeader: false,
} as const satisfies ServerOptions;

export type RestHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Never rejects. Every request is handed to the flow, also one that cannot be read, so that it is recorded. */
export function createRestHandler(options: RestOptions): RestHandler {
  const hosts = new Set(options.hosts.map((host) => host.toLowerCase()));
  const origins = new Set(options.origins ?? []);
  const limits = {
    maximumBytes: options.maximumBodyBytes ?? 256 * 1024,
    timeoutMs: options.bodyTimeoutMs ?? 10_000,
    clock: options.clock,
  };
  const addressOf = options.addressOf ?? ((request: IncomingMessage) => request.socket.remoteAddress ?? null);

  return async (request, response) => {
    const gone = new AbortController();
    response.once('close', () => {
      if (!response.writableFinished) gone.abort();
    });
    // A connection that breaks is no error of ours.
    response.on('error', () => {});
    request.on('error', () => {});
    const headers = readHeaders(request);
    const target = readTarget(request.url ?? '');
    const body: Body = await readBody(request, limits);
    const { origin, host } = request.headers;
    const method = request.method ?? '';
    const match = 'problem' in target ? null : matchRoute(method, target.segments);
    const query = 'problem' in target ? {} : queryOf(target.query, match?.capability.endpoint);
    const given = { at: match?.at ?? {}, query: query ?? {}, body: 'problem' in body ? null : body.body };
    const own = 'problem' in target ? null : readOwn(method, target.segments, given);
    const malformed =
      headers.problem ??
      ('problem' in target ? target.problem : null) ??
      (query === null ? 'The query holds a parameter twice.' : null) ??
      ('problem' in body ? body.problem : null) ??
      (own !== null && 'problem' in own ? own.problem : null);
    const call: GatewayCall = {
      surface: 'rest',
      key: headers.key,
      endpoint: match?.capability.endpoint ?? null,
      own: own === null || 'problem' in own ? null : own,
      badOrigin: !hosts.has((host ?? '').toLowerCase()) || (origin !== undefined && !origins.has(origin)),
      malformed,
      arguments: given,
      dryRun: headers.dryRun,
      confirmToken: headers.confirmToken,
      approvalId: headers.approvalId,
      idempotencyKey: headers.idempotencyKey,
      method: knownMethods.has(method) ? method : null,
      tool: null,
      protocol: null,
      client: headers.client,
      ip: addressOf(request),
      traceId: headers.traceId,
      traceparent: headers.traceparent,
      signal: gone.signal,
    };
    const reply = await options.gateway.handle(call);
    write(response, render(reply), { closes: 'problem' in body && body.unread });
  };
}

const knownMethods: ReadonlySet<string> = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS']);

/** Asked for also where there are no pages: Airbyte's source for Aircall reads /v1/company so. Aircall passes it over, and so is it here. */
const paging: ReadonlySet<string> = new Set(['page', 'per_page']);

/** Null where a parameter that takes one value is given more than once. */
function queryOf(given: ReadonlyMap<string, readonly string[]>, endpoint: Endpoint | undefined): Readonly<Record<string, unknown>> | null {
  const described: Parameters = endpoint?.query ?? {};
  const hasNoPages = endpoint?.method === 'GET' && endpoint.pagination === undefined;
  const lists = new Set(
    Object.entries(described).flatMap(([name, { type, wire }]) =>
      type.endsWith('[]') ? [name, ...(wire === undefined ? [] : [wire])] : [],
    ),
  );
  const query: [string, unknown][] = [];
  for (const [key, values] of given) {
    if (hasNoPages && paging.has(key) && !Object.hasOwn(described, key)) continue;
    if (values.length > 1 && !lists.has(key)) return null;
    query.push([key, lists.has(key) ? values : clamped(values[0], Object.hasOwn(described, key) ? described[key] : undefined)]);
  }
  return Object.fromEntries(query);
}

/** Longer pages than there are: Aircall gives its longest and says so in `meta`, and clients of it ask for a hundred. */
function clamped(value: string | undefined, parameter: Parameter | undefined): string | undefined {
  const maximum = parameter?.clamped === true ? parameter.maximum : undefined;
  const isTooMuch = value !== undefined && maximum !== undefined && /^[1-9]\d{0,8}$/.test(value) && Number(value) > maximum;
  return isTooMuch ? String(maximum) : value;
}

function write(response: ServerResponse, { status, headers, body }: Rendered, { closes }: { readonly closes: boolean }): void {
  if (response.destroyed || response.headersSent) return;
  const length = body === null ? (status === 204 ? {} : { 'Content-Length': '0' }) : { 'Content-Length': String(Buffer.byteLength(body)) };
  response.writeHead(status, { ...headers, ...length, ...(closes ? { Connection: 'close' } : {}) });
  response.end(body ?? undefined);
}
