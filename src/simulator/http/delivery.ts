// How an answer travels: whole, or the ways in which networks and proxies spoil it.
import type { ServerResponse } from 'node:http';
import type { Clock } from '../../base/index.ts';
import type { ApiResponse } from './message.ts';

export type Wire =
  | { readonly kind: 'whole' }
  /** The connection breaks before a byte, after the headers, or in the middle of the body. */
  | { readonly kind: 'reset'; readonly after: 'nothing' | 'headers' | 'half' }
  /** Headers promise the whole body, half of it comes, and the stream ends as if that were all. */
  | { readonly kind: 'truncated' }
  /** Nothing more comes, and the connection stays open: for ever, or until `forMs` passed and the answer goes out after all. */
  | { readonly kind: 'hang'; readonly after: 'nothing' | 'headers'; readonly forMs?: number }
  /** The body comes in small pieces over `overMs`. */
  | { readonly kind: 'slow'; readonly overMs: number };

export type Delivery = {
  readonly response: ApiResponse;
  readonly wire: Wire;
  /** Called once, when the answer was handed over or the connection broken; never for one that hangs for ever. */
  readonly onEnd: () => void;
};

const slowPieces = 10;

export async function deliver(
  { response, wire, onEnd }: Delivery,
  outgoing: ServerResponse,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  try {
    await send(response, wire, outgoing, clock, signal);
  } finally {
    if (wire.kind !== 'hang' || wire.forMs !== undefined) onEnd();
  }
}

async function send(response: ApiResponse, wire: Wire, outgoing: ServerResponse, clock: Clock, signal: AbortSignal): Promise<void> {
  const body = typeof response.body === 'string' ? Buffer.from(response.body, 'utf8') : response.body;
  switch (wire.kind) {
    case 'whole':
      writeHead(outgoing, response, body?.length);
      outgoing.end(body ?? undefined);
      return;
    case 'reset': {
      if (wire.after === 'nothing' || body === null) {
        outgoing.socket?.resetAndDestroy();
        return;
      }
      writeHead(outgoing, response, body.length);
      outgoing.flushHeaders();
      if (wire.after === 'half') outgoing.write(body.subarray(0, body.length >> 1));
      // The bytes must leave before the connection breaks, or the client would see the break alone.
      await new Promise<void>((resolve) => setImmediate(resolve));
      outgoing.socket?.resetAndDestroy();
      return;
    }
    case 'truncated': {
      const half = body?.subarray(0, body.length >> 1);
      writeHead(outgoing, response, half?.length);
      outgoing.end(half);
      return;
    }
    case 'hang':
      if (wire.after === 'headers' && body !== null) {
        writeHead(outgoing, response, body.length);
        outgoing.flushHeaders();
      }
      if (wire.forMs === undefined) return;
      await clock.sleep(wire.forMs, signal);
      if (outgoing.destroyed) return;
      if (!outgoing.headersSent) writeHead(outgoing, response, body?.length);
      outgoing.end(body ?? undefined);
      return;
    case 'slow': {
      writeHead(outgoing, response, body?.length);
      const size = Math.max(1, Math.ceil((body?.length ?? 0) / slowPieces));
      for (let start = 0; body !== null && start < body.length; start += size) {
        if (outgoing.destroyed) return;
        outgoing.write(body.subarray(start, start + size));
        await clock.sleep(wire.overMs / slowPieces, signal);
      }
      outgoing.end();
    }
  }
}

function writeHead(outgoing: ServerResponse, response: ApiResponse, length: number | undefined): void {
  outgoing.sendDate = false;
  outgoing.writeHead(response.status, { ...response.headers, ...(length === undefined ? {} : { 'content-length': length }) });
}
