// Reads the headers the gateway knows. Each may stand once; those by which a request pretends to be another one are refused.
import type { IncomingMessage } from 'node:http';
import type { PresentedKey } from '../flow/call.ts';

export type ReadHeaders = {
  readonly key: PresentedKey | null;
  readonly dryRun: boolean;
  readonly confirmToken: string | null;
  readonly approvalId: string | null;
  readonly idempotencyKey: string | null;
  readonly client: string | null;
  readonly traceId: string | null;
  readonly traceparent: string | null;
  /** What is wrong with them, in our words. */
  readonly problem: string | null;
};

/** They name another method or address than the first line does, switch protocols, or hide what the body is. */
const refused: ReadonlySet<string> = new Set([
  'x-http-method-override',
  'x-http-method',
  'x-method-override',
  'x-original-url',
  'x-original-uri',
  'x-original-method',
  'x-rewrite-url',
  'x-override-url',
  'x-forwarded-uri',
  'x-forwarded-prefix',
  'expect',
  'upgrade',
  'http2-settings',
  'content-encoding',
  'trailer',
]);

/** Node leaves out what comes after its two thousandth header: what was sent there would be asked for and not seen. */
const mostHeaders = 100;

const once: ReadonlySet<string> = new Set([
  'authorization',
  'content-length',
  'content-type',
  'host',
  'idempotency-key',
  'origin',
  'traceparent',
  'transfer-encoding',
  'user-agent',
  'x-approval-id',
  'x-confirm-token',
  'x-dry-run',
]);

export function readHeaders({ headers, rawHeaders }: IncomingMessage): ReadHeaders {
  return {
    key: readKey(headers.authorization),
    dryRun: headers['x-dry-run'] !== undefined,
    confirmToken: only(headers['x-confirm-token']),
    approvalId: only(headers['x-approval-id']),
    idempotencyKey: only(headers['idempotency-key']),
    client: headers['user-agent'] ?? null,
    traceId: traceOf(only(headers['traceparent'])),
    traceparent: only(headers['traceparent']),
    problem: problemOf(rawHeaders),
  };
}

function problemOf(rawHeaders: readonly string[]): string | null {
  if (rawHeaders.length > 2 * mostHeaders) return `A request has at most ${mostHeaders} headers.`;
  const seen = new Set<string>();
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]?.toLowerCase() ?? '';
    const value = rawHeaders[index + 1] ?? '';
    if (refused.has(name)) return `The header ${name} is not taken.`;
    if (!once.has(name)) continue;
    if (seen.has(name)) return `The header ${name} must stand once.`;
    seen.add(name);
    if (name === 'transfer-encoding' && value.toLowerCase() !== 'chunked')
      return 'The header transfer-encoding must be chunked, or left out.';
    // Whoever asks for a dry run must never get a real one for having spelt it otherwise.
    if (name === 'x-dry-run' && value !== '1' && value.toLowerCase() !== 'true') return 'The header x-dry-run must be 1.';
    const isToken = name === 'idempotency-key' || name === 'x-approval-id' || name === 'x-confirm-token';
    if (isToken && !/^[\x21-\x7e]{1,1024}$/.test(value)) return `The header ${name} must be 1 to 1024 plain characters.`;
  }
  if (seen.has('transfer-encoding') && seen.has('content-length')) return 'A body has a length or comes in chunks, not both.';
  return null;
}

/** What cannot be read is handed on as it is not, so that it is refused and recorded as such. */
const unreadable: PresentedKey = { key: 'unreadable', agentId: null };

function readKey(authorization: string | undefined): PresentedKey | null {
  if (authorization === undefined) return null;
  const [, scheme = '', given = ''] = /^([A-Za-z]+) +([\x21-\x7e]+)$/.exec(authorization) ?? [];
  if (scheme.toLowerCase() === 'bearer') return { key: given, agentId: null };
  if (scheme.toLowerCase() !== 'basic' || !/^[A-Za-z0-9+/]*={0,2}$/.test(given)) return unreadable;
  const pair = Buffer.from(given, 'base64').toString('latin1');
  const colon = pair.indexOf(':');
  return colon === -1 ? unreadable : { key: pair.slice(colon + 1), agentId: pair.slice(0, colon) };
}

/** The trace of a W3C traceparent: w3.org/TR/trace-context. Null where there is none. */
export function traceOf(traceparent: string | null): string | null {
  const trace = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}/.exec(traceparent ?? '')?.[1];
  return trace === undefined || /^0+$/.test(trace) ? null : trace;
}

function only(value: string | readonly string[] | undefined): string | null {
  return typeof value === 'string' ? value : null;
}
