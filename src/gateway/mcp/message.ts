// The JSON-RPC message of a request: one, with a method. What the library behind would answer without our knowing is sorted out
// here, so that every request has its record.
import { isObject } from '../../base/index.ts';
import type { UnknownRecord } from '../../base/index.ts';

export type Message = {
  readonly method: string;
  /** Null: a notification. */
  readonly id: string | number | null;
  /** What the sender does with it, for the log: “asked for its list of tools”. Null: no part of the protocol that is offered. */
  readonly step: string | null;
  /** What the client says of itself. */
  readonly client: string | null;
  readonly version: unknown;
  /** Of the trace it is part of; beside the message, or in a header. */
  readonly traceparent: string | null;
};

const steps: Readonly<Record<string, string>> = {
  initialize: 'connected to the gateway',
  'server/discover': 'connected to the gateway',
  ping: 'asked whether the gateway is there',
  'tools/list': 'asked for its list of tools',
  'tools/call': 'called a tool',
  'subscriptions/listen': 'asked to be told when its tools change',
};

export function readMessage(body: UnknownRecord | null): Message | { readonly problem: string } {
  if (body === null) return { problem: 'The request holds no message.' };
  const { jsonrpc, method, id, params } = body;
  if (jsonrpc !== '2.0' || typeof method !== 'string' || method.length > 128)
    return { problem: 'The body is not a request of JSON-RPC 2.0.' };
  if (id !== undefined && !isId(id)) return { problem: 'The id of a request must be a short text or a number.' };
  const known = id === undefined ? (method.startsWith('notifications/') ? 'sent a notice of the protocol' : undefined) : steps[method];
  const meta = isObject(params) && isObject(params['_meta']) ? params['_meta'] : {};
  const info: unknown = meta['io.modelcontextprotocol/clientInfo'] ?? (isObject(params) ? params['clientInfo'] : undefined);
  const { name, version } = isObject(info) ? info : {};
  return {
    method,
    id: id === undefined ? null : id,
    step: Object.hasOwn(steps, method) || id === undefined ? (known ?? null) : null,
    client: typeof name === 'string' ? `${name}${typeof version === 'string' ? ` ${version}` : ''}` : null,
    traceparent: typeof meta['traceparent'] === 'string' ? meta['traceparent'] : null,
    version: meta['io.modelcontextprotocol/protocolVersion'] ?? (isObject(params) ? params['protocolVersion'] : undefined),
  };
}

function isId(id: unknown): id is string | number {
  return (typeof id === 'string' && id.length <= 200) || (typeof id === 'number' && Number.isSafeInteger(id));
}
