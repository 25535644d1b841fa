// What is so broken that node finds no request in it, or that asks for a tunnel. It gets 400 and a closed connection, and is
// recorded like any caller without a key.
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Gateway } from '../flow/call.ts';

export type WireErrorHandler = (cause: unknown, socket: Duplex) => void;

/** For the server's `clientError` and `connect`. Never throws. */
export function createWireErrorHandler({ gateway }: { readonly gateway: Gateway }): WireErrorHandler {
  return (_cause, socket) => {
    socket.on('error', () => {}); // it is being given up
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    else socket.destroy();
    void gateway.handle({
      surface: 'rest',
      key: null,
      endpoint: null,
      badOrigin: false,
      malformed: 'The request is not HTTP.',
      arguments: { at: {}, query: {}, body: null },
      dryRun: false,
      confirmToken: null,
      approvalId: null,
      idempotencyKey: null,
      method: null,
      tool: null,
      protocol: null,
      client: null,
      ip: addressOf(socket),
      traceId: null,
      signal: new AbortController().signal,
    });
  };
}

function addressOf(socket: Duplex): string | null {
  // A server's sockets are network sockets; the event's type does not say so.
  return (socket as IncomingMessage['socket']).remoteAddress ?? null;
}
