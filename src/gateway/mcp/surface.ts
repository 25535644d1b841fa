// The gateway for MCP clients, over HTTP at one path. In front of the protocol stand the same checks as everywhere: which host and
// page, which key, how large, is it JSON that nobody reads differently. Behind it every call goes through the same flow as REST.
//
//   host, origin ─► key ─► body ─► JSON-RPC ─► the protocol's library ─► flow ─► result
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { KeyObject } from 'node:crypto';
import { createMcpHandler } from '@modelcontextprotocol/server';
import type { McpServerFactory, ServerEventBus } from '@modelcontextprotocol/server';
import type { Clock, Log } from '../../base/index.ts';
import type { Gateway, GatewayReply } from '../flow/call.ts';
import type { PolicySource } from '../flow/parts.ts';
import { readBody } from '../rest/body.ts';
import type { BodyProblem } from '../rest/body.ts';
import { readHeaders, traceOf } from '../rest/headers.ts';
import { createAskPerson } from './ask-person.ts';
import { callOf, Exchange } from './exchange.ts';
import type { Asked, CallFacts } from './exchange.ts';
import { Listeners, mostListening } from './listeners.ts';
import { readMessage } from './message.ts';
import type { Message } from './message.ts';
import { authInfoOf, createServerFactory } from './server.ts';
import { writtenTools } from './tools.ts';

export type McpOptions = {
  readonly gateway: Gateway;
  readonly policies: PolicySource;
  /** Signs what clients hold between two rounds of one call. */
  readonly key: KeyObject;
  readonly clock: Clock;
  readonly log: Log;
  /** Of this program, as clients show it. */
  readonly version: string;
  /** Where agents reach the gateway; without a slash at the end. */
  readonly publicUrl: string;
  /** As for REST. */
  readonly hosts: readonly string[];
  readonly origins?: readonly string[];
  readonly addressOf?: (request: IncomingMessage) => string | null;
  /** Whose tokens are taken beside keys; null, the default: nobody’s. */
  readonly issuer?: string | null;
  /** Where a person approves a request. Null, the default: there is no such page. */
  readonly approvalUrl?: ((approvalId: string) => string) | null;
  /** Default: 256 KiB. */
  readonly maximumBodyBytes?: number;
  /** How long a body may take to arrive. Default: 10,000. */
  readonly bodyTimeoutMs?: number;
  /** How many streams may wait for news at once. Default: 256. */
  readonly maximumListeners?: number;
  /** What answers behind the checks. Left out: Aircall’s tools, the only thing that is served. Others are for tests of the protocol. */
  readonly servers?: { readonly factory: McpServerFactory; readonly bus: ServerEventBus };
};

export type McpSurface = {
  /** Never rejects. Every request is handed to the flow, also one that cannot be read, so that it is recorded. */
  readonly handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  /** RFC 9728: which resource this is, and how a token is sent to it. Open to everybody. */
  readonly metadata: () => Readonly<Record<string, unknown>>;
  /** Ends the streams that wait for news. Requests under way are not touched. Safe to call twice. */
  readonly close: () => Promise<void>;
};

export function createMcpSurface(options: McpOptions): McpSurface {
  const { gateway, policies, clock, log, version, publicUrl } = options;
  const hosts = new Set(options.hosts.map((host) => host.toLowerCase()));
  const origins = new Set(options.origins ?? []);
  const limits = { maximumBytes: options.maximumBodyBytes ?? 256 * 1024, timeoutMs: options.bodyTimeoutMs ?? 10_000, clock };
  const addressOf = options.addressOf ?? ((request: IncomingMessage) => request.socket.remoteAddress ?? null);
  const askPerson = createAskPerson({ key: options.key, approvalUrl: options.approvalUrl ?? null });
  const { factory, ...events } = options.servers ?? { factory: createServerFactory({ askPerson, version, clock, log }) };
  const protocol = createMcpHandler(factory, {
    ...events,
    legacy: 'stateless',
    responseMode: 'auto',
    maxRequestBodySize: limits.maximumBytes,
    maxSubscriptions: options.maximumListeners ?? 256,
    onerror: (error) => log.debug('the protocol refused a request', { error: error.name }),
  });
  const listeners = new Listeners({ gateway, policies, clock, log, notify: () => protocol.notify.toolsChanged() });
  const metadataUrl = `${publicUrl}/.well-known/oauth-protected-resource/mcp`;

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const gone = new AbortController();
    response.once('close', () => {
      if (!response.writableFinished) gone.abort();
    });
    // A connection that breaks is no error of ours.
    response.on('error', () => {});
    request.on('error', () => {});
    const headers = readHeaders(request);
    const { origin, host } = request.headers;
    const facts: CallFacts = {
      surface: 'mcp',
      key: headers.key,
      badOrigin: !hosts.has((host ?? '').toLowerCase()) || (origin !== undefined && !origins.has(origin)),
      method: request.method === 'POST' ? 'POST' : null,
      protocol: versionOf(request.headers['mcp-protocol-version']),
      client: headers.client,
      ip: addressOf(request),
      traceId: headers.traceId,
      traceparent: headers.traceparent,
      signal: gone.signal,
    };
    const refuse = (reply: GatewayReply, problem: Problem) => answerProblem(response, reply, { ...problem, metadataUrl });
    const record = (asked: Asked, problem: Problem) => gateway.handle(callOf(facts, asked)).then((reply) => refuse(reply, problem));

    const admission = await gateway.admit(callOf(facts, {}));
    if (admission.kind === 'refused') return refuse(admission.reply, { ...invalidRequest, closes: true });
    if (headers.problem !== null) return record({ malformed: headers.problem }, { ...invalidRequest, closes: true });
    if (request.url !== '/mcp') {
      return record({ malformed: 'The address of the protocol is /mcp and nothing more.' }, { ...invalidRequest, closes: true });
    }
    if (request.method !== 'POST') {
      const did = 'asked for a session or its stream, which there is none of';
      const reply = await gateway.handle(callOf(facts, { own: { kind: 'protocol', did } }));
      return reply.result.kind === 'refusal' ? refuse(reply, { ...invalidRequest, closes: true }) : answerNotAllowed(response);
    }
    const body = await readBody(request, limits);
    if ('problem' in body) return record({ malformed: body.problem }, { ...bodyProblems[body.kind], closes: body.unread });
    const message = readMessage(body.body);
    if ('problem' in message) return record({ malformed: message.problem }, invalidRequest);

    const said: CallFacts = {
      ...facts,
      client: message.client ?? facts.client,
      protocol: facts.protocol ?? versionOf(message.version),
      ...(message.traceparent === null ? {} : { traceparent: message.traceparent, traceId: traceOf(message.traceparent) }),
    };
    const isListening = message.method === 'subscriptions/listen';
    if (isListening && listeners.isFull(admission.agentId)) {
      return record({ malformed: `At most ${mostListening} streams of one agent wait for news at once.` }, { ...tooMany, id: message.id });
    }
    const exchange = new Exchange(gateway, said, { ...admission, method: message.method });
    // A call is recorded by the flow when it gets there; everything else here, before it is answered.
    if (message.method !== 'tools/call') {
      const reply = await exchange.handle(
        message.step === null ? { malformed: notOffered } : { own: { kind: 'protocol', did: message.step } },
      );
      const isOffered = message.step !== null;
      if (reply.result.kind === 'refusal' && (isOffered || reply.result.code !== 'invalid_request')) {
        return refuse(reply, { ...invalidRequest, id: message.id });
      }
    }
    const release = isListening
      ? listeners.enter({ agentId: admission.agentId, call: callOf(said, {}), end: () => response.destroy() })
      : null;
    try {
      const answer = await protocol.fetch(requestOf(request), { authInfo: authInfoOf(exchange), parsedBody: body.body });
      if (message.method === 'tools/list') await sendList(response, answer, exchange);
      else await send(response, answer);
      if (!exchange.isRecorded && !gone.signal.aborted)
        await exchange.handle({ malformed: 'The call of a tool is not in the form of the protocol.' });
    } catch (error) {
      log.error('a request of the protocol failed', { error: error instanceof Error ? error.name : typeof error });
      answerJson(response, 500, { jsonrpc: '2.0', id: message.id, error: { code: -32603, message: 'Internal error' } });
    } finally {
      release?.();
    }
  };

  return {
    handle,
    metadata: () => ({
      resource: `${publicUrl}/mcp`,
      resource_name: 'Trunkline',
      // Clients ask an issuer for all scopes that stand here. None is needed: what an agent may do is in the policy.
      ...(options.issuer == null ? { scopes_supported: ['mcp'] } : { authorization_servers: [options.issuer] }),
      bearer_methods_supported: ['header'],
    }),
    close: async () => {
      listeners.close();
      await protocol.close();
    },
  };
}

const notOffered = 'The gateway does not offer that part of the protocol.';

type Problem = { readonly status: number; readonly code: number; readonly id?: Message['id']; readonly closes?: boolean };

const invalidRequest: Problem = { status: 400, code: -32600 };
const tooMany: Problem = { status: 429, code: -32000 };

const bodyProblems: Readonly<Record<BodyProblem, Problem>> = {
  unreadable: { status: 400, code: -32700 },
  late: { status: 408, code: -32600 },
  too_large: { status: 413, code: -32600 },
  wrong_type: { status: 415, code: -32600 },
};

/** A refusal on the line. Which it is depends on what the flow said; `problem` is for what the front itself found wrong. */
function answerProblem(
  response: ServerResponse,
  { decisionId, result }: GatewayReply,
  problem: Problem & { readonly metadataUrl: string },
): void {
  if (result.kind !== 'refusal')
    return answerJson(response, 500, { jsonrpc: '2.0', id: null, error: { code: -32603, message: 'Internal error' } });
  const { code, message, fix, retryAfterSeconds } = result;
  const status = statusOf(code, problem.status);
  const headers = {
    ...(retryAfterSeconds === null ? {} : { 'Retry-After': String(retryAfterSeconds) }),
    ...(status === 401
      ? { 'WWW-Authenticate': `Bearer realm="gateway", error="invalid_token", resource_metadata="${problem.metadataUrl}"` }
      : {}),
    ...(problem.closes === true ? { Connection: 'close' } : {}),
  };
  const error = {
    code: status === 500 ? -32603 : code === 'invalid_request' ? problem.code : -32000,
    message: status === 500 ? 'Internal error' : message,
    data: status === 500 ? { decision_id: decisionId } : { code, decision_id: decisionId, fix },
  };
  answerJson(response, status, { jsonrpc: '2.0', id: problem.id ?? null, error }, headers);
}

/** Every request stands alone: there is nothing to listen to, or to end. */
function answerNotAllowed(response: ServerResponse): void {
  const error = { code: -32000, message: 'Method not allowed' };
  answerJson(response, 405, { jsonrpc: '2.0', id: null, error }, { Allow: 'POST', Connection: 'close' });
}

function statusOf(code: string, otherwise: number): number {
  switch (code) {
    case 'unauthenticated':
    case 'agent_inactive':
      return 401;
    case 'bad_origin':
      return 403;
    case 'quota_exhausted':
      return 429;
    case 'audit_unavailable':
    case 'store_unavailable':
    case 'shutting_down':
      return 503;
    case 'invalid_request':
      return otherwise;
    default:
      return 500;
  }
}

function answerJson(response: ServerResponse, status: number, body: object, headers: Readonly<Record<string, string>> = {}): void {
  if (response.destroyed || response.headersSent) return;
  const text = JSON.stringify(body);
  response.writeHead(status, {
    ...ownHeaders,
    'Content-Type': 'application/json',
    'Content-Length': String(Buffer.byteLength(text)),
    ...headers,
  });
  response.end(text);
}

const ownHeaders = { 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' } as const;

/** The headers the library compares with the body; the body goes beside, already read. */
function requestOf({ headers: sent, method = 'POST' }: IncomingMessage): Request {
  const headers = new Headers();
  for (const name of ['accept', 'content-type', 'mcp-protocol-version', 'mcp-method', 'mcp-name', 'mcp-session-id']) {
    const value = sent[name];
    if (value !== undefined) headers.set(name, typeof value === 'string' ? value : value.join(', '));
  }
  return new Request('http://gateway.invalid/mcp', { method, headers });
}

async function send(response: ServerResponse, answer: Response): Promise<void> {
  if (response.destroyed || response.headersSent) {
    await answer.body?.cancel();
    return;
  }
  response.writeHead(answer.status, { ...Object.fromEntries(answer.headers), ...ownHeaders });
  if (answer.body === null) {
    response.end();
    return;
  }
  const reader = answer.body.getReader();
  const left = new Promise<'left'>((resolve) => {
    response.once('close', () => resolve('left'));
  });
  for (;;) {
    const next = await Promise.race([reader.read(), left]);
    if (next === 'left') return void reader.cancel().catch(() => {});
    if (next.done) break;
    if (!response.write(next.value)) {
      await Promise.race([new Promise<void>((resolve) => response.once('drain', () => resolve())), left]);
    }
  }
  response.end();
}

/** The answer with the list in the place that was left empty for it. */
async function sendList(response: ServerResponse, answer: Response, exchange: Exchange): Promise<void> {
  const text = await answer.text();
  if (response.destroyed || response.headersSent) return;
  const { tools } = exchange;
  // Inside a text of the client's, such as the id, the quotes would be escaped.
  const at = tools === null ? -1 : text.indexOf(emptyList);
  const body =
    at === -1 || tools === null
      ? Buffer.from(text)
      : Buffer.concat([Buffer.from(`${text.slice(0, at)}"tools":`), writtenTools(tools), Buffer.from(text.slice(at + emptyList.length))]);
  response.writeHead(answer.status, { ...Object.fromEntries(answer.headers), ...ownHeaders, 'Content-Length': String(body.length) });
  response.end(body);
}

const emptyList = '"tools":[]';

function versionOf(value: unknown): string | null {
  return typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value) ? value : null;
}
