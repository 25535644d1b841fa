// The shell: sockets in, plain requests and answers out. Everything Aircall-like happens in the core.
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../../base/index.ts';
import type { Delivery } from './delivery.ts';
import { deliver } from './delivery.ts';
import type { ApiRequest } from './message.ts';

export type Listener = { readonly origin: string; close(): Promise<void> };

export type ShellOptions = {
  readonly host: string;
  readonly port: number;
  readonly clock: Clock;
  /** Milliseconds every answer is held back. */
  readonly latencyMs: number;
  readonly answer: (request: ApiRequest) => Delivery;
};

/** Listens on loopback or wherever told. Rejects when the port is taken. */
export async function listen(options: ShellOptions): Promise<Listener> {
  const closing = new AbortController();
  const server = createServer({ keepAliveTimeout: 60_000, requestTimeout: 0 }, (incoming, outgoing) => {
    void serve(incoming, outgoing, options, closing.signal).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const { port } = server.address() as AddressInfo;
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  return {
    origin: `http://${host}:${port}`,
    async close() {
      closing.abort();
      if (!server.listening) return;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function serve(incoming: IncomingMessage, outgoing: ServerResponse, options: ShellOptions, signal: AbortSignal): Promise<void> {
  const body = incoming.method === 'GET' ? '' : await readBody(incoming);
  const url = incoming.url ?? '/';
  const mark = url.indexOf('?');
  const delivery = options.answer({
    method: incoming.method ?? 'GET',
    path: mark === -1 ? url : url.slice(0, mark),
    query: mark === -1 ? '' : url.slice(mark + 1),
    headers: incoming.headers as ApiRequest['headers'],
    body,
  });
  if (options.latencyMs > 0) await options.clock.sleep(options.latencyMs, signal);
  await deliver(delivery, outgoing, options.clock, signal);
}

async function readBody(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
