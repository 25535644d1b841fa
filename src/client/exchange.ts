// One HTTP exchange: a request out, a complete answer back, or an error that says how far it got. No retries here.
import type { Dispatcher } from 'undici';
import { Interrupted } from '../base/index.ts';
import type { Clock } from '../base/index.ts';
import { onAbort } from './abort.ts';
import { answerTooLarge, connectionFailure, timeout } from './exchange-failure.ts';
import type { OutgoingRequest } from './outgoing-request.ts';

export type ExchangeOptions = {
  readonly dispatcher: Dispatcher;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** From asking for a connection to the last byte of the answer. Counted in real time: sockets know no other. */
  readonly timeoutMs: number;
  readonly maximumResponseBytes: number;
};

export type Answered = {
  readonly status: number;
  readonly header: (name: string) => string | undefined;
  readonly body: Buffer;
  /** Right before the request's bytes went out, by our clock. */
  readonly sentAtMs: number;
  /** From the `Date` header, which counts whole seconds; null without one. */
  readonly serverTimeMs: number | null;
};

/** Rejects with `ConnectionFailed`, `TimedOut`, `AnswerTooLarge` or `Interrupted`. Every status is an answer. */
export function exchange(request: OutgoingRequest, options: ExchangeOptions): Promise<Answered> {
  const { dispatcher, clock, signal, timeoutMs, maximumResponseBytes } = options;
  const { method, origin, path, headers, body, repeatable } = request;

  return new Promise((resolve, reject) => {
    let controller: Dispatcher.DispatchController | undefined;
    let sentAtMs: number | null = null;
    let status: number | null = null;
    let answerHeaders: AnswerHeaders = {};
    const chunks: Buffer[] = [];
    let receivedBytes = 0;
    let over: Error | true | undefined;

    const settle = (how: Error | true) => {
      over = how;
      clearTimeout(timer);
      stopListening();
    };
    const fail = (error: Error) => {
      if (over !== undefined) return;
      settle(error);
      controller?.abort(error);
      reject(error);
    };
    const succeed = () => {
      if (over !== undefined || status === null || sentAtMs === null) return;
      settle(true);
      resolve({
        status,
        header: (name) => first(answerHeaders[name.toLowerCase()]),
        body: chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks),
        sentAtMs,
        serverTimeMs: parseDate(first(answerHeaders['date'])),
      });
    };
    /** The answer broke off. Of a refusal the status is enough. */
    const breakOff = (error: Error) => {
      if (status === null || status < 400) return fail(error);
      succeed();
      controller?.abort(error);
    };
    const tooLarge = () => breakOff(answerTooLarge(request, { status, maximumResponseBytes }));

    const timer = setTimeout(() => breakOff(timeout({ request, sent: sentAtMs !== null, status, timeoutMs })), timeoutMs);
    const stopListening = onAbort(signal, () => fail(new Interrupted({ cause: signal.reason })));
    if (signal.aborted) {
      fail(new Interrupted({ cause: signal.reason }));
      return;
    }

    const handler: Dispatcher.DispatchHandler = {
      onRequestStart(started) {
        controller = started;
        // Given up while it waited for a connection.
        if (over instanceof Error) started.abort(over);
        else sentAtMs = clock.now();
      },
      onResponseStart(_controller, statusCode, received) {
        if (statusCode < 200) return;
        status = statusCode;
        answerHeaders = received;
        if (Number(received['content-length'] ?? 0) > maximumResponseBytes) tooLarge();
      },
      onResponseData(_controller, chunk) {
        receivedBytes += chunk.length;
        if (receivedBytes > maximumResponseBytes) tooLarge();
        else chunks.push(chunk);
      },
      onResponseEnd: succeed,
      onResponseError(_controller, error) {
        breakOff(connectionFailure({ request, sent: sentAtMs !== null, status, error }));
      },
    };
    try {
      dispatcher.dispatch({ origin, path, method, headers, body, idempotent: repeatable, headersTimeout: 0, bodyTimeout: 0 }, handler);
    } catch (error) {
      fail(connectionFailure({ request, sent: sentAtMs !== null, status, error }));
    }
  });
}

type AnswerHeaders = Readonly<Record<string, string | string[] | undefined>>;

function first(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

function parseDate(text: string | undefined): number | null {
  const timeMs = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(timeMs) ? null : timeMs;
}
