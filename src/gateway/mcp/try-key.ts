// Whether a key opens the door, asked before anything else is: the process that serves knows, and writes down a refusal.
import { isObject } from '../../base/index.ts';

/**
 * False only where the gateway at `url` says that the key is none of this agent's. What else may be wrong, or get better, is for
 * the requests that follow. Rejects when the signal comes.
 */
export async function tryKey(options: {
  readonly url: string;
  /** The value of the header that shows the key. */
  readonly authorization: string;
  readonly fetch: typeof globalThis.fetch;
  readonly signal: AbortSignal;
}): Promise<boolean> {
  const { url, authorization, fetch, signal } = options;
  const headers = { authorization, 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' });
  try {
    const response = await fetch(`${url}/mcp`, { method: 'POST', headers, body, signal, redirect: 'error' });
    if (response.status !== 401) {
      await response.body?.cancel();
      return true;
    }
    const answer: unknown = await response.json();
    const error = isObject(answer) ? answer['error'] : undefined;
    const data = isObject(error) ? error['data'] : undefined;
    return !(isObject(data) && data['code'] === 'unauthenticated');
  } catch {
    signal.throwIfAborted();
    return true;
  }
}
