// The HTTP server: agents' requests on Aircall's own paths go to the gateway unread; everything else is a few pages of our own.
//
//   /v1/… /v2/…       the gateway
//   /gateway/…        the gateway, about an agent's own access
//   /mcp              the gateway, for MCP clients
//   /.well-known/…    where MCP clients read how to show a key
//   /approvals         where people decide, in the browser
//   /media/TOKEN      a recording, for the agent the link was made for
//   /healthz          the process runs
//   /readyz           it can do its work: store, log and policy can be used, and the clock goes right
//   /metrics          for Prometheus, from this machine only
import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import type { Duplex } from 'node:stream';
import Fastify from 'fastify';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { EnvironmentError, isTrunklineError } from '../base/index.ts';
import type { Clock, Log } from '../base/index.ts';
import { readHeaders, restServerOptions } from '../gateway/index.ts';
import type { McpSurface, MediaReply, MediaRequest, RestHandler, WireErrorHandler } from '../gateway/index.ts';
import { defineApprovals } from './approvals/door.ts';
import type { ApprovalPages } from './approvals/pages.ts';
import { createAddressOf, isThisMachine } from './exposure.ts';

export type ServerOptions = {
  readonly listen: { readonly host: string; readonly port: number };
  /** Opens the gateway once the port is known: links and what the Host header may say name it. Until then nothing is served. */
  readonly open: (facts: { readonly port: number; readonly addressOf: (request: IncomingMessage) => string | null }) => Promise<Opened>;
  /** Each rejects when that part cannot do its work. */
  readonly checks: Readonly<Record<string, () => Promise<void>>>;
  readonly metrics: { readonly contentType: string; readonly text: () => string };
  /** Proxies in front that may say who asks. */
  readonly trustedProxies: readonly string[];
  readonly clock: Clock;
  readonly log: Log;
};

export type Opened = {
  readonly rest: RestHandler;
  readonly mcp: Pick<McpSurface, 'handle' | 'metadata'>;
  readonly media: (request: MediaRequest) => Promise<MediaReply>;
  readonly approvals: Pick<ApprovalPages, 'answer'>;
  /** For what node finds no request in. */
  readonly wireError: WireErrorHandler;
  /** Ends what is under way and lets nothing new in. */
  readonly drain: () => Promise<void>;
};

export type RunningServer = {
  readonly port: number;
  /**
   * Takes no more connections, lets requests under way end for at most `patienceMs`, and closes. True when all ended by themselves.
   * Safe to call twice.
   */
  readonly stop: (patienceMs: number) => Promise<boolean>;
};

const mostConnections = 1_000;
const gatewayPath = /^(?:https?:\/\/[^/?#]*)?\/(?:v[12]|gateway)(?:[/?#]|$)/i;
const mcpPath = /^(?:https?:\/\/[^/?#]*)?\/mcp(?:[/?#]|$)/i;

/** Throws `EnvironmentError` when it cannot listen there, and what `open` throws. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { listen, open, clock } = options;
  const addressOf = createAddressOf(options.trustedProxies);
  let opened: Opened | null = null;
  const servers: Server[] = [];
  const pages = Fastify({
    logger: false,
    bodyLimit: 1024,
    serverFactory: (page) => {
      const answer: RequestListener = (request, response) => {
        if (opened !== null && gatewayPath.test(request.url ?? '')) void opened.rest(request, response);
        else if (opened !== null && mcpPath.test(request.url ?? '')) void opened.mcp.handle(request, response);
        else page(request, response);
      };
      const server = createServer(restServerOptions, answer);
      const giveUp = (cause: unknown, socket: Duplex): void => {
        if (opened === null) socket.destroy();
        else opened.wireError(cause, socket);
      };
      server.on('clientError', giveUp);
      // Node would answer these two by itself, and nobody would know of them.
      server.on('connect', giveUp);
      server.on('checkExpectation', answer);
      // What is beyond is closed at once: who opens connections without end must not use up the files this process may open.
      server.maxConnections = mostConnections;
      servers.push(server);
      return server;
    },
  });
  definePages(pages, options, {
    addressOf,
    media: async (request) => opened?.media(request) ?? null,
    mcpMetadata: () => opened?.mcp.metadata() ?? null,
  });
  await defineApprovals(pages, { addressOf, answer: async (request) => opened?.approvals.answer(request) ?? null });
  await pages.ready();
  const [server] = servers;
  if (server === undefined) throw new TypeError('fastify made no server');
  await listenOn(server, listen);
  const { port } = server.address() as AddressInfo; // it listens on TCP
  try {
    opened = await open({ port, addressOf });
  } catch (error) {
    server.close();
    server.closeAllConnections();
    await pages.close();
    throw error;
  }
  const { drain } = opened;

  let stopping: Promise<boolean> | null = null;
  const stop = async (patienceMs: number): Promise<boolean> => {
    const closed = new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
    server.closeIdleConnections();
    const late = new AbortController();
    const patience = clock.sleep(patienceMs, late.signal).then(
      () => false,
      () => false,
    );
    const ended = drain().then(
      () => true,
      (error: unknown) => {
        options.log.error('the last records could not be written', { error: error instanceof Error ? error.name : typeof error });
        return false;
      },
    );
    const isDrained = await Promise.race([ended, patience]);
    // Answers are on their way out: a connection that is idle now has had its last one.
    const sweep = setInterval(() => server.closeIdleConnections(), 50);
    const inOrder = isDrained && (await Promise.race([closed.then(() => true), patience]));
    clearInterval(sweep);
    late.abort();
    server.closeAllConnections();
    await closed;
    await pages.close();
    return inOrder;
  };
  return { port, stop: (patienceMs) => (stopping ??= stop(patienceMs)) };
}

type Doors = {
  readonly addressOf: (request: IncomingMessage) => string | null;
  /** Null: not yet. */
  readonly media: (request: MediaRequest) => Promise<MediaReply | null>;
  readonly mcpMetadata: () => Readonly<Record<string, unknown>> | null;
};

function definePages(pages: FastifyInstance, options: ServerOptions, { addressOf, media, mcpMetadata }: Doors): void {
  const { checks, metrics, log } = options;
  pages.addHook('onSend', async (_request, reply) => {
    reply.header('cache-control', 'no-store').header('x-content-type-options', 'nosniff');
  });
  pages.setNotFoundHandler((request, reply) =>
    // Only while the gateway is being opened does a path of its own get here.
    gatewayPath.test(request.raw.url ?? '') || mcpPath.test(request.raw.url ?? '')
      ? starting(reply)
      : refuse(reply, 404, 'unknown_path', 'There is nothing at this path.'),
  );
  // Nothing that was thrown goes out: it may say anything.
  pages.setErrorHandler((error, _request, reply) => {
    const status = statusOf(error);
    if (status >= 500) log.error('a page failed', { error: error instanceof Error ? error.name : typeof error });
    return refuse(
      reply,
      status,
      status >= 500 ? 'internal' : 'invalid_request',
      status >= 500 ? 'Something went wrong.' : 'The request cannot be read.',
    );
  });

  // RFC 9728. The path of what it describes may stand behind it.
  for (const path of ['/.well-known/oauth-protected-resource', '/.well-known/oauth-protected-resource/mcp']) {
    pages.get(path, (_request, reply) => mcpMetadata() ?? starting(reply));
  }

  pages.get('/healthz', () => ({ status: 'ok' }));

  pages.get('/readyz', async (_request, reply) => {
    const results = await Promise.all(
      Object.entries(checks).map(async ([name, check]) => {
        try {
          await check();
          return [name, 'ok'] as const;
        } catch (error) {
          const why = isTrunklineError(error) ? error.message : error instanceof Error ? error.name : typeof error;
          log.error(`not ready: ${name}`, { why });
          return [name, 'failed'] as const;
        }
      }),
    );
    const isReady = results.every(([, result]) => result === 'ok');
    return reply.code(isReady ? 200 : 503).send({ status: isReady ? 'ready' : 'not ready', checks: Object.fromEntries(results) });
  });

  pages.get('/metrics', (request, reply) => {
    if (!isFromHere(request.raw)) return refuse(reply, 404, 'unknown_path', 'There is nothing at this path.');
    return reply.header('content-type', metrics.contentType).send(metrics.text());
  });

  pages.get<{ Params: { token: string } }>('/media/:token', async (request, reply) => {
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    const { key, problem } = readHeaders(request.raw);
    const opened = await media({
      key: problem === null ? key : null,
      token: request.params.token,
      ip: addressOf(request.raw),
      signal: gone.signal,
    });
    if (opened === null) return starting(reply);
    reply.header('x-gateway-decision', opened.decisionId);
    if (opened.kind === 'refusal') {
      if (opened.status === 401) reply.header('www-authenticate', 'Bearer realm="trunkline"');
      return refuse(reply, opened.status, opened.code, opened.message);
    }
    const { contentType, sizeBytes, body, close } = opened.file;
    reply.raw.once('close', close);
    if (reply.raw.destroyed) close();
    if (sizeBytes !== null) reply.header('content-length', sizeBytes);
    return reply.header('content-type', contentType).header('content-disposition', 'attachment').send(Readable.from(body));
  });
}

/** Asked on this machine and under a name of this machine, not handed on by a proxy. */
function isFromHere({ socket, headers }: IncomingMessage): boolean {
  const forwarded = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip'].some((name) => headers[name] !== undefined);
  const peer = (socket.remoteAddress ?? '').replace(/^::ffff:/i, '');
  const host = (headers.host ?? '').replace(/:\d+$/, '');
  return !forwarded && isThisMachine(peer) && isThisMachine(host);
}

function refuse(reply: FastifyReply, status: number, code: string, message: string): FastifyReply {
  return reply.code(status).send({ error: message, code });
}

function starting(reply: FastifyReply): FastifyReply {
  return refuse(reply.header('retry-after', 1), 503, 'starting', 'The gateway is starting. Ask again in a moment.');
}

function statusOf(error: unknown): number {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : 500;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : 500;
}

function listenOn(server: Server, { host, port }: ServerOptions['listen']): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const why =
        cause.code === 'EADDRINUSE' ? 'something listens there already' : `it is not possible (${cause.code ?? 'unknown reason'})`;
      reject(
        new EnvironmentError(
          {
            code: 'listen_failed',
            message: `The server cannot listen on ${host}:${port}: ${why}.`,
            hint: 'Choose another address with --listen or TRUNKLINE_LISTEN, such as 127.0.0.1:4343.',
          },
          { cause },
        ),
      );
    });
    server.listen({ host, port }, resolve);
  });
}
